"""kill -9 under load: what was accepted is never lost, what the telecom took is never sent as a second SMS, and the
figures still agree with the records. HOIAM_SEED repeats a run's draws (not its timing). The long form:

    python3 tests/e2e/crash_test.py --kills 1000 [--seed N]
"""
import argparse
import collections
import os
import random
import statistics
import sys
import time
import unittest

from harness import HOIAM, STATES, Process, call, free_port, provider, wait_until
from oracle import Oracle, a_seed

KILLS = int(os.environ.get("HOIAM_KILLS", 20))
LONGEST_RESTART = 5.0  # seconds; on a busy machine
SHORT_PAUSE, LONG_PAUSE = 0.01, 0.1  # of a feeder between two requests; over 1,000 kills less is enough
RATES = {
    "latency_min": 0, "latency_max": 60, "lost": 0.08, "reset": 0.03, "throttle": 0.02, "transient": 0.02, "undelivered": 0.05, "no_report": 0.1,
    "duplicate_report": 0.2, "late_report": 0.2, "late_min": 0.2, "late_max": 1.5, "reorder": 0.2,
}


class KillNine(Oracle):
    def test_a_daemon_killed_under_load_loses_nothing_and_sends_nothing_twice(self):
        seed = a_seed()
        print(f"\ncrash_test: HOIAM_SEED={seed} HOIAM_KILLS={KILLS}", flush=True)
        draw = random.Random(seed)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        telecom.behave(**RATES)
        daemon = self.daemon([provider("esms", telecom.port)], port=port)
        feeders = self.feeders(daemon, draw, pause=SHORT_PAUSE if KILLS < 100 else LONG_PAUSE)
        began = time.monotonic()
        restarts = []
        for number in range(1, KILLS + 1):
            self.kill_and_restart(daemon, telecom, draw, restarts)
            if number % 100 == 0:
                print(f"crash_test: {number} kills, {time.monotonic() - began:.0f} s", flush=True)
        accepted = self.finish(feeders)
        telecom.behave(lost=0, reset=0, throttle=0, transient=0)
        self.settle(daemon, telecom, 60 + KILLS / 10)
        unanswered = sum(feeder.unanswered for feeder in feeders)
        stats = telecom.stats()
        print(f"crash_test: {KILLS} kills in {time.monotonic() - began:.0f} s ({KILLS - len(restarts)} while starting), {len(accepted)} events, "
              f"{stats['accepted']} SMS, {stats['duplicates_refused']} repeats refused, {stats['reports_ok']} reports, {stats['replies_ok']} replies, "
              f"{unanswered} requests unanswered; ready again after {statistics.median(restarts):.3f} s (median), {max(restarts):.3f} s (slowest)",
              flush=True)
        self.assertGreater(len(accepted), 200)
        self.assertGreater(unanswered, 0, "no kill hit a request; the test proves nothing")
        self.assertGreater(stats["duplicates_refused"], 0, "no kill hit a request to the telecom; the test proves nothing")
        self.assertGreater(stats["replies_ok"], 0)
        self.assertLess(max(restarts), LONGEST_RESTART)
        self.assert_all_agree(daemon, telecom, accepted)

    def test_where_the_telecom_knows_no_repeats_what_a_kill_left_in_doubt_stays_unknown_and_is_not_sent_again(self):
        seed = a_seed()
        print(f"\ncrash_test: HOIAM_SEED={seed}, SpeedSMS", flush=True)
        draw = random.Random(seed)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        telecom.behave(**RATES)
        daemon = self.daemon([provider("speedsms", telecom.port)], port=port)
        feeders = self.feeders(daemon, draw)
        for _ in range(8):
            self.kill_and_restart(daemon, telecom, draw, [])
        accepted = self.finish(feeders)
        telecom.behave(lost=0, reset=0, throttle=0, transient=0)
        self.settle(daemon, telecom, at_rest="state NOT IN (0, 1, 2)")  # a status in doubt is repeated after 15 minutes
        self.assert_nothing_lost(daemon, accepted)
        sent = {(m["phone"], m["text"]): m for m in telecom.messages()}
        self.assertEqual(len(sent), telecom.stats()["accepted"], "a citizen got the same SMS twice")
        # The telecom gives a report up that meets nobody a few times.
        taken = {report["id"] for report in call(telecom.port, "GET", "/sim/taken", timeout=60).json()["reports"] if report["kind"] != "pending"}
        states = collections.Counter()
        for phone, text, state, id in daemon.select("SELECT phone, text, state, provider_message_id FROM messages"):
            message = sent.pop((f"84{phone}", text), None)
            states[STATES[state], message is not None] += 1
            if STATES[state] == "unknown":
                self.assertIsNone(id)
            elif STATES[state] != "cancelled":
                # Its reports know no other failure.
                told = "undelivered" if message["state"] == "rejected" else message["state"]
                self.assertEqual(message["id"], id)
                self.assertIn(STATES[state], {told} if id in taken else {told, "accepted"})
        print(f"crash_test: {len(accepted)} events; state, and whether the telecom has it: {dict(states)}", flush=True)
        self.assertEqual(sent, {}, "the telecom took what the database does not know")
        self.assertGreater(states["unknown", True], 0, "no answer was lost; the test proves nothing")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("recount").returncode, 0)

    def kill_and_restart(self, daemon, telecom, draw, restarts):
        """At a random instant: now and then while it starts, now and then when it has just worked."""
        fate = draw.random()
        if fate < 0.2:
            goal = telecom.stats()["accepted"] + draw.randint(1, 30)
            wait_until(lambda: telecom.stats()["accepted"] >= goal, "more SMS to be sent")
        else:
            time.sleep(draw.uniform(0, 0.35))
        daemon.kill()
        started = time.monotonic()
        if fate > 0.9:
            daemon.launch()
            time.sleep(draw.uniform(0, 0.06))
            return
        daemon.start()
        restarts.append(time.monotonic() - started)

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


def long_form():
    global KILLS
    parser = argparse.ArgumentParser(description="kill -9 under load, many times")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", help="repeats a run's draws")
    options, rest = parser.parse_known_args()
    KILLS = options.kills
    if options.seed:
        os.environ["HOIAM_SEED"] = options.seed
    unittest.main(argv=[sys.argv[0], *(rest or ["KillNine.test_a_daemon_killed_under_load_loses_nothing_and_sends_nothing_twice"])])


if __name__ == "__main__":
    long_form()
