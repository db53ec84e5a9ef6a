"""Time and stops: a wall clock that jumps, the change of day, month and year in the middle of a batch, SIGTERM while
everything is in flight. The wall clock is moved by a preloaded library (tests/sim/shifted_clock.cpp)."""
import datetime
import random
import signal
import socket
import struct
import time
import unittest

from harness import VIETNAM, Citizen, EndToEnd, free_port, preloaded, provider, query, rfc3339, wait_until
from oracle import Oracle, a_seed

class JumpingClock(Oracle):
    may_expire = True

    def jumping(self, telecom_port, port, **tables):
        self.clock = self.folder / "clock"
        options = preloaded("shifted_clock", HOIAM_TEST_CLOCK=str(self.clock))
        if options is None:
            self.skipTest("no shifted_clock in this build")
        self.jump_to(0)
        return self.daemon([provider("esms", telecom_port)], port=port, options=options, **tables)

    def jump_to(self, seconds):
        """The daemon's wall clock from now on: so many seconds off."""
        if not self.clock.exists():
            self.clock.write_bytes(bytes(8))
        with open(self.clock, "r+b") as file:
            file.write(struct.pack("<q", seconds))

    def test_a_clock_that_jumps_under_load_loses_nothing_and_doubles_nothing(self):
        seed = a_seed()
        print(f"\nclock_test: HOIAM_SEED={seed}", flush=True)
        draw = random.Random(seed)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        telecom.behave(lost=0.1, throttle=0.05, no_report=0.2)
        daemon = self.jumping(telecom.port, port)
        feeders = self.feeders(daemon, draw)
        ahead = 0
        for jump in (3600, -4200, 86_400, 600, -86_000, 7200, -900, 5400):
            ahead = max(ahead + jump, -600)  # never so far back that events lie in its future
            goal = telecom.stats()["accepted"] + draw.randint(20, 80)
            self.jump_to(ahead)
            wait_until(lambda: telecom.stats()["accepted"] >= goal, f"SMS to go on at {ahead} s")
        accepted = self.finish(feeders)
        telecom.behave(lost=0, throttle=0, no_report=0)
        # What was put off while the clock was ahead is due again when that time comes.
        self.jump_to(86_400 + 7200)
        daemon.accept(Citizen().event(2))  # rings; else the nap of at most 30 s would notice
        self.settle(daemon, telecom, 60)
        self.assertGreater(len(accepted), 100)
        self.assert_all_agree(daemon, telecom, accepted)

    def test_a_lane_that_stands_still_does_not_stand_longer_because_the_clock_was_set_back(self):
        port, telecom_port = free_port(), free_port()
        daemon = self.jumping(telecom_port, port)
        first, second = Citizen(), Citizen()
        daemon.accept(first.event(2))
        daemon.await_state(first.dossier, "received", "retry")  # nobody listens: the lane pauses for seconds
        telecom = self.telecom(port, "--port", str(telecom_port))
        self.jump_to(-1500)
        daemon.accept(second.event(2))
        # From when the lane first sees the new time, it stands for five minutes at most; without that rule, for 25.
        for offset in range(-1400, -599, 100):
            self.jump_to(offset)
            daemon.accept(Citizen().event(2))  # rings
        daemon.await_state(second.dossier, "received", "delivered")
        self.assertEqual(len(telecom.messages(phone=second.phone)), 1)


class Midnight(EndToEnd):
    def test_a_batch_across_the_change_of_day_month_and_year_counts_on_each_side(self):
        for day in ("2026-03-14", "2026-02-28", "2028-02-28", "2025-12-31"):
            with self.subTest(day):
                self.across(datetime.datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=VIETNAM))

    def across(self, last_second):
        folder = self.folder / last_second.strftime("%Y-%m-%d")
        folder.mkdir()
        port = free_port()
        telecom = self.telecom(port, folder=folder)
        daemon = self.daemon([provider("esms", telecom.port)], port=port, folder=folder, arguments=["--virtual-clock", rfc3339(last_second)],
                             survey={"recontact_days": 0})
        before, after = [Citizen() for _ in range(6)], [Citizen() for _ in range(4)]
        moment = last_second

        def forward(to):
            self.assertEqual(daemon.post("/v1/clock", {"now": rfc3339(to)}).status, 200)
        next_day = last_second + datetime.timedelta(seconds=1)
        batch = []
        for citizens, moment in ((before, last_second), (after, next_day)):
            for number, citizen in enumerate(citizens):
                for status in (2, 9, 10):
                    event = citizen.event(status)
                    event["at"] = rfc3339(moment + datetime.timedelta(milliseconds=number))
                    batch.append(event)
        # Some are taken in before midnight, and their SMS are under way as it strikes; the others come after it, together.
        telecom.behave(latency_min=100, latency_max=100)
        early = 9
        self.assertEqual(daemon.accept(*batch[:early])["accepted"], early)
        forward(next_day + datetime.timedelta(seconds=1))
        telecom.behave(latency_min=0, latency_max=0)
        self.assertEqual(daemon.accept(*batch[early:])["accepted"], len(batch) - early)
        forward(next_day + datetime.timedelta(seconds=2))
        for citizen in before + after:
            wait_until(lambda: telecom.to(citizen.phone, "TC de tu choi"), "the question")
            telecom.sms(citizen.phone, "TANUYEN 5")
        wait_until(lambda: daemon.select("SELECT count(*) FROM answers") == [(10,)], "all answers")
        months = {last_second.strftime("%Y-%m"): 0, next_day.strftime("%Y-%m"): 0}
        months[last_second.strftime("%Y-%m")] += 6
        months[next_day.strftime("%Y-%m")] += 4
        period = query(**{"from": min(months), "to": max(months), "by": "month"})
        rows = {row["key"]: row["answered"] for row in daemon.get(f"/v1/satisfaction?{period}").json()["rows"]}
        self.assertEqual(rows, months)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("recount").returncode, 0)


class Shutdown(Oracle):
    def test_stops_under_load_end_within_seconds_and_lose_nothing(self):
        seed = a_seed()
        print(f"\nclock_test: HOIAM_SEED={seed}", flush=True)
        draw = random.Random(seed)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        telecom.behave(latency_min=50, latency_max=400, no_report=0.1)
        daemon = self.daemon([provider("esms", telecom.port)], port=port)
        feeders = self.feeders(daemon, draw)
        took = []
        for _ in range(6):
            goal = telecom.stats()["accepted"] + draw.randint(20, 60)
            wait_until(lambda: telecom.stats()["accepted"] >= goal, "more SMS to be sent")
            started = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            took.append(time.monotonic() - started)
            # Whoever stops leaves nothing half done: no attempt without its outcome.
            self.assertEqual(daemon.select("SELECT count(*) FROM messages WHERE state = 1"), [(0,)])
            daemon.start()
        accepted = self.finish(feeders)
        self.settle(daemon, telecom)
        print(f"clock_test: stops under load took {', '.join(f'{t:.2f}' for t in sorted(took))} s; {len(accepted)} events", flush=True)
        self.assertLess(max(took), 5)
        self.assertEqual(telecom.stats()["duplicates_refused"], 0, "a stop left an answer unheard")
        self.assert_all_agree(daemon, telecom, accepted)

    def test_half_sent_requests_delay_a_stop_by_seconds_only(self):
        daemon, _ = self.world()
        crowd = [socket.create_connection(("127.0.0.1", daemon.port), timeout=20) for _ in range(50)]
        for connection in crowd:
            self.addCleanup(connection.close)
            connection.sendall(b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        self.assertTrue(daemon.is_ready())  # answered after the bytes above were taken
        started = time.monotonic()
        daemon.process.popen.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.process.popen.wait(20), 0)
        self.assertLess(time.monotonic() - started, 6)


if __name__ == "__main__":
    unittest.main()
