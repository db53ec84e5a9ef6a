"""kill -9 under load: what was accepted is never lost, what the telecom took is never sent as a second SMS, and the
figures still agree with the records. HOIAM_SEED repeats a run's draws (not its timing)."""
import collections
import http.client
import os
import random
import threading
import time
import unittest

from harness import HOIAM, STATES, Citizen, EndToEnd, Process, call, free_port, provider, wait_until

KILLS = 15
LONGEST_RESTART = 5.0  # seconds; on a busy machine
RATES = {
    "latency_min": 0, "latency_max": 60, "lost": 0.08, "reset": 0.03, "throttle": 0.02, "transient": 0.02, "undelivered": 0.05,
    "duplicate_report": 0.2, "late_report": 0.2, "late_min": 0.2, "late_max": 1.5, "reorder": 0.2,
}


def a_seed():
    return int(os.environ.get("HOIAM_SEED") or random.SystemRandom().randrange(1_000_000))


class Feeder(threading.Thread):
    """A one-stop software: posts the events of its own dossiers in order, and whatever was not answered again."""

    def __init__(self, daemon, seed):
        super().__init__(daemon=True)
        self.hoiam, self.random = daemon, random.Random(seed)
        self.headers = {"Authorization": f"Bearer {daemon.key('dossiers')}", "Content-Type": "application/json"}
        self.stopping = threading.Event()
        self.accepted, self.unanswered, self.failure = {}, 0, None
        self.waiting = collections.deque()  # events of dossiers that go on

    def run(self):
        try:
            while not self.stopping.wait(0.01):
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


class KillNine(EndToEnd):
    def test_a_daemon_killed_under_load_loses_nothing_and_sends_nothing_twice(self):
        seed = a_seed()
        print(f"\ncrash_test: HOIAM_SEED={seed}", flush=True)
        draw = random.Random(seed)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        telecom.behave(**RATES)
        daemon = self.daemon([provider("esms", telecom.port)], port=port)
        feeders = [Feeder(daemon, draw.random()) for _ in range(3)]
        for feeder in feeders:
            feeder.start()
            self.addCleanup(feeder.finish)
        restarts = [self.kill_and_restart(daemon, telecom, draw) for _ in range(KILLS)]
        for feeder in feeders:
            feeder.finish()
            self.assertIsNone(feeder.failure)
        telecom.behave(lost=0, reset=0, throttle=0, transient=0)
        self.settle(daemon, telecom)
        accepted = {key: event for feeder in feeders for key, event in feeder.accepted.items()}
        print(f"crash_test: {KILLS} kills, {len(accepted)} events, {len(telecom.messages())} SMS, "
              f"{sum(f.unanswered for f in feeders)} requests unanswered, slowest restart {max(restarts):.2f} s", flush=True)
        self.assertGreater(len(accepted), 200)
        self.assertGreater(sum(feeder.unanswered for feeder in feeders), 0, "no kill hit a request; the test proves nothing")
        self.assertLess(max(restarts), LONGEST_RESTART)
        self.assert_nothing_lost(daemon, accepted)
        self.assert_telecom_and_database_agree(daemon, telecom)
        self.assert_replies_agree(daemon, telecom)
        self.assertEqual(daemon.stop(), 0)
        recount = daemon.run("recount")
        self.assertEqual((recount.returncode, " 0 differences" in recount.stdout), (0, True), recount.stdout)
        check = daemon.run("check")
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    def kill_and_restart(self, daemon, telecom, draw):
        """Kills after some more SMS were sent; how long until the next daemon is ready."""
        goal = telecom.stats()["accepted"] + draw.randint(5, 80)
        wait_until(lambda: telecom.stats()["accepted"] >= goal, "more SMS to be sent")
        daemon.kill()
        started = time.monotonic()
        daemon.start()
        return time.monotonic() - started

    def settle(self, daemon, telecom):
        def quiet():
            stats = telecom.stats()
            told = (stats["accepted"], stats["reports_ok"], stats["reports_failed"], stats["replies_ok"])
            busy = daemon.select("SELECT count(*) FROM messages WHERE state = 1 OR due_at IS NOT NULL")[0][0]
            timers = daemon.select("SELECT count(*) FROM timers WHERE kind = 1")[0][0]
            calm = told == getattr(self, "told", None) and busy == 0 and timers == 0
            if told != getattr(self, "told", None):
                self.told, self.since = told, time.monotonic()
            return calm and time.monotonic() - self.since > 2.5  # longer than any report or reply still to come
        wait_until(quiet, "the outbox to be empty", timeout=55)

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

    def assert_telecom_and_database_agree(self, daemon, telecom):
        sent = telecom.messages()
        self.assertEqual([r for r, n in collections.Counter(m["request_id"] for m in sent).items() if n > 1], [])
        twice = [key for key, n in collections.Counter((m["phone"], m["text"]) for m in sent).items() if n > 1]
        self.assertEqual(twice, [], "a citizen got the same SMS twice")
        instance = daemon.select("SELECT value FROM meta WHERE key = 'instance'")[0][0]
        kept = {f"{instance}-{id}": (STATES[state], cause) for id, state, cause in daemon.select("SELECT id, state, cause FROM messages")}
        by_request = {m["request_id"]: m for m in sent}
        self.assertEqual([r for r in by_request if r not in kept], [], "the telecom took what the database does not know")
        reports_lost = telecom.stats()["reports_failed"]
        still_accepted = 0
        for request, (state, cause) in kept.items():
            at_telecom = by_request.get(request)
            if at_telecom is None:
                self.assertEqual(state, "cancelled", f"{request}: {cause}, and the telecom never took it")
                continue
            still_accepted += state == "accepted"
            if state != "accepted":
                self.assertEqual(state, at_telecom["state"], f"{request}: {cause}")
        self.assertLessEqual(still_accepted, reports_lost, "a delivery report that was taken is not in the database")

    def assert_replies_agree(self, daemon, telecom):
        stats = telecom.stats()
        self.assertGreater(stats["replies_ok"], 0)
        taken = daemon.select("SELECT count(*) FROM inbound")[0][0]
        self.assertGreaterEqual(taken, stats["replies_ok"])
        self.assertLessEqual(taken, stats["replies_ok"] + stats["replies_failed"])
        for session, answers in daemon.select("SELECT session_id, count(*) FROM answers GROUP BY session_id"):
            self.assertEqual(answers, 1, f"session {session}")

    def test_an_import_killed_midway_is_completed_by_repeating_it(self):
        daemon = self.daemon(start=False)
        rows = [f"I-{i},10,25888,1.1,0913{i:06},2026-01-05,2026-01-09,2026-01-08" for i in range(20_000)]
        path = self.folder / "dossiers.csv"
        path.write_text("code,status,commune,procedure_code,phone,received_at,due_at,finished_at\n" + "\n".join(rows) + "\n")
        daemon.run("check")  # makes the database
        first = Process([HOIAM, "--config", daemon.config, "import", path], self.folder, "import")
        self.addCleanup(first.kill)
        wait_until(lambda: daemon.select("SELECT count(*) FROM dossiers")[0][0] > 2000, "the import to be under way")
        first.kill()
        kept = daemon.select("SELECT count(*) FROM dossiers")[0][0]
        self.assertLess(kept, len(rows), "the import was done before it was killed")
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{len(rows)} rows, {len(rows) - kept} accepted, {kept} already known, 0 rejected", done.stdout)
        self.assertEqual(daemon.select("SELECT count(*) FROM dossiers")[0][0], len(rows))
        self.assertEqual(daemon.run("recount").returncode, 0)


if __name__ == "__main__":
    unittest.main()
