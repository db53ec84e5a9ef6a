"""What every fault test feeds and what it compares afterwards: what the daemon accepted (answered 2xx), what the
simulated telecom saw, and what the database says. Nothing accepted may be lost, nothing may reach a deduplicating
telecom twice, and every message rests in one state that its attempts explain.
"""
import collections
import http.client
import os
import random
import threading
import time

from harness import STATES, Citizen, EndToEnd, call, wait_until

AT_REST = {"accepted", "delivered", "undelivered", "rejected", "expired", "cancelled"}


def a_seed():
    return int(os.environ.get("HOIAM_SEED") or random.SystemRandom().randrange(1_000_000))


class Feeder(threading.Thread):
    """A one-stop software: posts the events of its own dossiers in order, and whatever was not answered again."""

    def __init__(self, daemon, seed, pause=0.01):
        super().__init__(daemon=True)
        self.hoiam, self.random, self.pause = daemon, random.Random(seed), pause
        self.headers = {"Authorization": f"Bearer {daemon.key('dossiers')}", "Content-Type": "application/json"}
        self.stopping = threading.Event()
        self.accepted, self.unanswered, self.refused, self.failure = {}, 0, 0, None
        self.waiting = collections.deque()  # events of dossiers that go on

    def run(self):
        try:
            while not self.stopping.wait(self.pause):
                self.feed(self.batch())
        except Exception as error:  # told by the test's thread
            self.failure = error

    def batch(self):
        for _ in range(self.random.randint(1, 4)):
            self.waiting.append(Citizen())
        citizens = [self.waiting.popleft() for _ in range(min(len(self.waiting), self.random.randint(1, 8)))]
        events = []
        for citizen in citizens:
            citizen.statuses = getattr(citizen, "statuses", [2, 9, 10])
            events.append(citizen.event(citizen.statuses.pop(0)))
            if citizen.statuses:
                self.waiting.append(citizen)
        return events

    def feed(self, events):
        while not self.stopping.is_set():
            try:
                answer = self.hoiam_call(events)
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
                self.stopping.wait(0.02)
                continue
            if answer.status == 503:
                self.refused += 1
                self.stopping.wait(0.02)
                continue
            body = answer.json()
            if answer.status != 202 or body["rejected"] or body["accepted"] + body["duplicate"] != len(events):
                raise AssertionError(f"the feeder was answered {answer}")
            self.accepted.update((event["event_id"], event) for event in events)
            return

    def hoiam_call(self, events):
        return call(self.hoiam.port, "POST", "/v1/dossier-events", events, self.headers, timeout=10)

    def finish(self):
        self.stopping.set()
        self.join(20)


class Oracle(EndToEnd):
    """A test that feeds under faults and then compares the three records."""

    may_expire = False  # where time jumps by days, what waited may have become too late

    def feeders(self, daemon, draw, count=3, pause=0.01):
        feeders = [Feeder(daemon, draw.random(), pause) for _ in range(count)]
        for feeder in feeders:
            feeder.start()
            self.addCleanup(feeder.finish)
        return feeders

    def finish(self, feeders):
        """What they had accepted."""
        for feeder in feeders:
            feeder.finish()
        for feeder in feeders:
            self.assertIsNone(feeder.failure)
        return {key: event for feeder in feeders for key, event in feeder.accepted.items()}

    def settle(self, daemon, telecom, timeout=60, at_rest="state <> 1 AND due_at IS NULL"):
        """Until nothing waits in the outbox and the telecom has told everything."""
        told, since = None, time.monotonic()

        def quiet():
            nonlocal told, since
            stats = telecom.stats()
            now_told = (stats["accepted"], stats["reports_ok"], stats["reports_failed"], stats["replies_ok"])
            busy = daemon.select(f"SELECT count(*) FROM messages WHERE NOT ({at_rest})")[0][0]
            busy += daemon.select("SELECT count(*) FROM deferred_reports")[0][0]
            timers = daemon.select("SELECT count(*) FROM timers WHERE kind = 1")[0][0]
            if now_told != told:
                told, since = now_told, time.monotonic()
            # Longer than any report or reply still to come.
            return busy == 0 and timers == 0 and time.monotonic() - since > 2.5
        wait_until(quiet, "the outbox to be empty", timeout)

    def assert_all_agree(self, daemon, telecom, accepted):
        """The whole comparison; ends the daemon."""
        self.assert_nothing_lost(daemon, accepted)
        self.assert_telecom_and_database_agree(daemon, telecom)
        self.assert_attempts_explain_states(daemon, telecom)
        self.assert_what_was_taken_is_kept(daemon, telecom)
        self.assertEqual(daemon.stop(), 0)
        recount = daemon.run("recount")
        self.assertEqual((recount.returncode, " 0 differences" in recount.stdout), (0, True), recount.stdout)
        check = daemon.run("check")
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    def assert_nothing_lost(self, daemon, accepted):
        kept = dict(daemon.select("SELECT event_id, silent_cause FROM events"))
        self.assertEqual([key for key in accepted if key not in kept], [])
        situations = collections.defaultdict(list)
        for dossier, situation in daemon.select("SELECT d.code, m.situation FROM messages m JOIN dossiers d ON d.id = m.dossier_id"):
            situations[dossier].append(situation)
        for key, event in accepted.items():
            expected = {2: "received", 9: "result_ready", 10: None}[event["status"]]
            if expected and kept[key] == "":
                self.assertEqual(situations[event["dossier"]].count(expected), 1, f"{event['dossier']} {expected}")
        self.assert_everybody_was_asked_once(daemon, {e["dossier"] for key, e in accepted.items() if e["status"] == 10 and kept[key] == ""})

    def assert_everybody_was_asked_once(self, daemon, closed):
        """And whose reply was taken for a score has an answer."""
        asked = collections.Counter(code for code, in daemon.select("SELECT d.code FROM sessions s JOIN dossiers d ON d.id = s.dossier_id"))
        questions = collections.Counter(code for code, in daemon.select("SELECT d.code FROM messages m JOIN dossiers d ON d.id = m.dossier_id WHERE m.situation = 'survey_score'"))
        refused = {code for code, in daemon.select("SELECT code FROM dossiers WHERE phone IN (SELECT phone FROM suppressions)")}
        self.assertEqual([code for code in closed - refused if (asked[code], questions[code]) != (1, 1)], [], "not asked, or twice")
        self.assertEqual(daemon.select("SELECT count(*) FROM inbound i WHERE taken = 'score' AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.session_id = i.session_id)"), [(0,)])

    def kept_messages(self, daemon):
        """By request id: id, state, cause, text, attempts, the provider's id."""
        instance = daemon.select("SELECT value FROM meta WHERE key = 'instance'")[0][0]
        rows = daemon.select("SELECT id, state, cause, text, attempts, provider_message_id FROM messages")
        return {f"{instance}-{row[0]}": (row[0], STATES[row[1]], *row[2:]) for row in rows}

    def assert_telecom_and_database_agree(self, daemon, telecom):
        sent = telecom.messages()
        self.assertEqual([r for r, n in collections.Counter(m["request_id"] for m in sent).items() if n > 1], [])
        twice = [key for key, n in collections.Counter((m["phone"], m["text"]) for m in sent).items() if n > 1]
        self.assertEqual(twice, [], "a citizen got the same SMS twice")
        self.assertEqual([m for m in sent if m["changed"]], [], "a request id came again with another text or number")
        kept = self.kept_messages(daemon)
        by_request = {m["request_id"]: m for m in sent}
        self.assertEqual([r for r in by_request if r not in kept], [], "the telecom took what the database does not know")
        for request, (_, state, cause, text, _, provider_id) in kept.items():
            at_telecom = by_request.get(request)
            if state == "unknown" and (self.may_expire or cause == "opted_out"):
                continue
            self.assertIn(state, AT_REST, f"{request}: {cause}")
            if at_telecom is None:
                self.assertIn(state, ("cancelled", "expired") if self.may_expire else ("cancelled",), f"{request}: {cause}, and the telecom never took it")
                continue
            self.assertEqual(text, at_telecom["text"], request)
            if state == "accepted":
                self.assertEqual(provider_id, at_telecom["id"], request)
            else:
                self.assertEqual(state, at_telecom["state"], f"{request}: {cause}")

    def assert_attempts_explain_states(self, daemon, telecom):
        attempts = collections.defaultdict(list)
        for message, number, finished, outcome in daemon.select("SELECT message_id, number, finished_at, outcome FROM attempts ORDER BY 1, 2"):
            attempts[message].append((number, finished, outcome))
        submitted = {m["request_id"]: m["submitted"] for m in telecom.messages()}
        for request, (id, state, cause, _, count, _) in self.kept_messages(daemon).items():
            made = attempts[id]
            # A report may settle a message before the answer does; who dies in between never hears the answer.
            settled = state in ("delivered", "undelivered", "rejected")
            numbers = [number for number, _, _ in made]
            self.assertEqual(numbers, list(range(1, count + 1)), request)
            ended = made[:-1] if settled else made
            self.assertEqual([a for a in ended if a[1] is None or not a[2]], [], f"{request}: an attempt without its end, {state}")
            self.assertLessEqual(submitted.get(request, 0), count, f"{request}: the telecom saw more requests than were written down")

    def assert_what_was_taken_is_kept(self, daemon, telecom):
        """Every report and reply that was answered 2xx."""
        taken = call(telecom.port, "GET", "/sim/taken", timeout=60).json()
        inbound = collections.Counter(key for key, in daemon.select("SELECT key FROM inbound"))
        self.assertEqual([key for key in taken["replies"] if inbound[key] != 1], [], "a reply was lost or counted twice")
        self.assertEqual(len(set(taken["replies"])), len(taken["replies"]))
        kept = self.kept_messages(daemon)
        states = {m["id"]: kept[m["request_id"]][1] for m in telecom.messages()}
        final = [r for r in taken["reports"] if r["kind"] != "pending"]
        self.assertEqual([r for r in final if states.get(r["id"]) != r["kind"]], [], "a report that was taken is not kept")
        self.assertEqual(daemon.select("SELECT session_id, count(*) n FROM answers GROUP BY 1 HAVING n > 1"), [])
