"""Delivery reports of a large backlog in random order: while they come thick they are only kept, and applied to their
messages a little later. The daemon is killed while they wait and while they are applied; each must have told its
message in the end. HOIAM_SEED repeats a run's order (not its timing).
"""
import collections
import contextlib
import json
import pathlib
import random
import socket
import sys
import threading
import unittest

from harness import EndToEnd, wait_until
from oracle import a_seed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from peers import Hoiam  # noqa: E402

MESSAGES = 20_000
KILLED_WITH = (1, 500, 1500)  # reports that wait, at least
CONNECTIONS, PIPELINED = 48, 16


class Flood:
    """The telecom's many threads, each with requests on its connection in advance; what is not answered comes again."""

    def __init__(self, port, ids):
        self.port, self.left = port, collections.deque(ids)
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CONNECTIONS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while self.left:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
                while ids := self.take():
                    try:
                        self.exchange(connection, ids)
                    except OSError:
                        self.left.extend(ids)
                        raise

    def take(self):
        ids = []
        while self.left and len(ids) < PIPELINED:
            try:
                ids.append(self.left.popleft())
            except IndexError:  # another thread had it
                break
        return ids

    def exchange(self, connection, ids):
        bodies = [json.dumps({"message_id": id, "status": "delivered"}) for id in ids]
        connection.sendall("".join(
            f"POST /hooks/generic/report HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bench\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}" for body in bodies).encode())
        answers = b""
        while answers.count(b"HTTP/1.1 ") < len(ids):
            more = connection.recv(65536)
            if not more:
                raise ConnectionError("closed")
            answers += more
        if answers.count(b"HTTP/1.1 200") < len(ids):  # the database is full or busy: 503
            raise ConnectionError("refused")

    def finish(self):
        for thread in self.threads:
            thread.join(60)
        return not any(thread.is_alive() for thread in self.threads)


class ReportFlood(EndToEnd):
    def test_reports_that_wait_to_be_applied_outlive_kills_and_are_all_applied(self):
        seed = a_seed()
        print(f"\nreport_flood_test: HOIAM_SEED={seed}", flush=True)
        with Hoiam() as peer:
            daemon = peer.daemon
            peer.load("out", messages=MESSAGES, limit=120)
            ids = [id for id, in daemon.select("SELECT provider_message_id FROM messages WHERE state = 4")]
            self.assertEqual(len(ids), MESSAGES)
            random.Random(seed).shuffle(ids)
            flood = Flood(peer.port, ids)
            waited = []
            for many in KILLED_WITH:
                wait_until(lambda: self.waiting(daemon) >= many or not flood.left, "reports that wait to be applied")
                daemon.kill()
                waited.append(self.waiting(daemon))
                peer.restart()
            self.assertTrue(flood.finish())
            wait_until(lambda: self.waiting(daemon) == 0, "the reports to be applied")
            print(f"report_flood_test: {waited} reports waited when the daemon was killed", flush=True)
            self.assertGreater(max(waited), 0, "none had to wait; the test proves nothing")
            self.assertEqual(daemon.states(), {"delivered": MESSAGES})
            wait_until(lambda: daemon.metric("hoiam_queue_depth", queue="reports") == 0, "the gauge to fall")
            self.assertEqual(daemon.stop(), 0)
            recount = daemon.run("recount")
            self.assertEqual((recount.returncode, " 0 differences" in recount.stdout), (0, True), recount.stdout)
            check = daemon.run("check")
            self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    def waiting(self, daemon):
        return daemon.select("SELECT count(*) FROM deferred_reports")[0][0]


if __name__ == "__main__":
    unittest.main()
