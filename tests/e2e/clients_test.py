"""Clients that misbehave in numbers: silent and half-open connections, drips, pipelines, floods, cut requests. A good
request is answered within a bounded time meanwhile, bad ones with 4xx, and memory does not grow with them."""
import concurrent.futures
import json
import random
import re
import resource
import socket
import time
import unittest

from harness import MEMORY_FACTOR, Citizen, EndToEnd, call, free_port, provider, raw_exchange, wait_until
from oracle import a_seed

SOON = 3.0  # seconds in which a good request is answered whatever others do; gross, for busy machines


def memory(daemon, field="VmRSS"):
    """In kB."""
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
        return int(re.search(rf"{field}:\s+(\d+)", status.read()).group(1))


class Crowds(EndToEnd):
    def crowd(self, daemon, count, first=b""):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < 2 * count:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * count), hard))
        connections = []
        for _ in range(count):
            connection = socket.socket()
            self.addCleanup(connection.close)
            connection.settimeout(5)
            connection.connect(("127.0.0.1", daemon.port))
            if first:
                connection.sendall(first)
            connections.append(connection)
        return connections

    def assert_served_soon(self, daemon, within=SOON):
        started = time.monotonic()
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        self.assertEqual(call(daemon.port, "GET", "/readyz").status, 200)
        self.assertLess(time.monotonic() - started, within)
        return citizen

    def test_two_thousand_silent_connections_keep_nobody_out(self):
        daemon, _ = self.world()
        before = memory(daemon)
        self.crowd(daemon, 2000)
        citizen = self.assert_served_soon(daemon)
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertLess(memory(daemon) - before, 64_000 * MEMORY_FACTOR, "kB for 2,000 connections")

    def test_two_thousand_half_sent_requests_keep_nobody_out_for_long(self):
        daemon, _ = self.world()
        before = memory(daemon)
        # Opened while nobody looks after them: more than there are places, and the rest waits in the kernel.
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            half = b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
            for done in [pool.submit(self.crowd, daemon, 500, half) for _ in range(4)]:
                done.result()
        self.assert_served_soon(daemon, 12)
        self.assertLess(memory(daemon) - before, 96_000 * MEMORY_FACTOR, "kB for 2,000 connections")

    def test_a_thousand_good_requests_at_once_are_all_answered(self):
        daemon, telecom = self.world()
        citizens = [Citizen() for _ in range(2000)]
        bodies = [json.dumps(c.event(2)).encode() for c in citizens]
        key = daemon.key("dossiers")
        connections = self.crowd(daemon, 1000)
        for connection, body in zip(connections, bodies):
            connection.sendall(f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        statuses = [connection.recv(4096).split(b"\r\n")[0] for connection in connections]
        self.assertEqual(set(statuses), {b"HTTP/1.1 202 Accepted"})
        wait_until(lambda: daemon.states() == {"delivered": 1000}, "every SMS", 60)
        self.assertEqual(len(telecom.messages()), 1000)

    def test_two_hundred_large_bodies_from_strangers_do_not_fill_the_memory(self):
        daemon, _ = self.world(server={"read_timeout": "5s"})
        before = memory(daemon)
        megabyte = b" " * (1 << 20)

        def stranger(_):
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
                try:
                    connection.sendall(b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
                    for _ in range(7):
                        connection.sendall(megabyte)
                    self.peak = max(self.peak, memory(daemon))
                    return connection.recv(100)[9:12]
                except OSError:
                    return b""
        self.peak = before
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(stranger, range(200)))
        print(f"\nclients_test: 200 half-sent bodies of 7 MB: {(self.peak - before) / 1000:.0f} MB; answers {sorted(set(answers))}", flush=True)
        self.assertLess(self.peak - before, 150_000 * MEMORY_FACTOR, "kB")
        self.assertIn(b"503", answers)
        self.assert_served_soon(daemon)

    def test_who_tells_much_and_sends_nothing_takes_no_room_from_others(self):
        daemon, _ = self.world()
        self.crowd(daemon, 100, b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n{")
        self.assertEqual(daemon.accept(*[Citizen().event(2) for _ in range(500)])["accepted"], 500)

    def test_small_chunked_requests_that_hang_take_no_room_from_others(self):
        daemon, _ = self.world()
        half = b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123"
        self.crowd(daemon, 100, half)
        body = json.dumps([Citizen().event(2) for _ in range(500)]).encode()
        self.assertGreater(len(body), 100_000)
        head = f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {daemon.key('dossiers')}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
            connection.sendall(head)
            for at in range(0, len(body), 10_000):
                part = body[at:at + 10_000]
                connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
            self.assertEqual(connection.recv(4096)[9:12], b"202")

    def test_large_chunked_bodies_from_strangers_do_not_fill_the_memory(self):
        daemon, _ = self.world(server={"read_timeout": "5s"})
        before = memory(daemon)
        part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        connections = self.crowd(daemon, 50, b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        answers = set()
        for connection in connections:
            try:
                for _ in range(7):
                    connection.sendall(part)
                connection.settimeout(0.1)
                answers.add(connection.recv(100)[9:12])
            except OSError:
                continue
        self.assertLess(memory(daemon) - before, 150_000 * MEMORY_FACTOR, "kB")
        self.assertIn(b"503", answers)
        self.assert_served_soon(daemon)


class OddRequests(EndToEnd):
    def test_pipelined_requests_are_answered_in_their_order(self):
        daemon, _ = self.world()
        citizens = [Citizen() for _ in range(50)]
        key = daemon.key("admin")
        data = b""
        for citizen in citizens:
            body = json.dumps(citizen.event(2)).encode()
            data += f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            data += f"GET /v1/dossiers/{citizen.dossier} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        data += b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = raw_exchange(daemon.port, data)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", answer), [b"202", b"200"] * 50 + [b"200"])
        self.assertEqual(re.findall(rb'"code":"(000[^"]+)"', answer) or re.findall(rb'"dossier":"(000[^"]+)"', answer),
                         [c.dossier.encode() for c in citizens])

    def test_a_request_cut_anywhere_is_refused_or_dropped_and_keeps_nothing(self):
        seed = a_seed()
        print(f"\nclients_test: HOIAM_SEED={seed}", flush=True)
        draw = random.Random(seed)
        daemon, _ = self.world()
        citizen = Citizen()
        body = json.dumps(citizen.event(2)).encode()
        whole = f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.key('dossiers')}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        for cut in sorted(draw.sample(range(1, len(whole)), 150)):
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
                connection.sendall(whole[:cut])
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(4096)
            self.assertIn(answer[9:10], (b"", b"4"), f"cut at {cut}: {answer[:80]}")
        self.assertEqual(daemon.select("SELECT count(*) FROM events"), [(0,)])
        self.assertEqual(raw_exchange(daemon.port, whole.replace(b"Host: x", b"Host: x\r\nConnection: close"))[9:12], b"202")

    def test_requests_with_bytes_changed_at_random_are_answered_and_hurt_nobody(self):
        seed = a_seed()
        print(f"\nclients_test: HOIAM_SEED={seed}", flush=True)
        draw = random.Random(seed)
        daemon, _ = self.world(server={"read_timeout": "1s"})
        key = daemon.key("dossiers")
        statuses = {}
        for _ in range(400):
            body = json.dumps(Citizen().event(2)).encode()
            data = bytearray(f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            for _ in range(draw.randint(1, 6)):
                data[draw.randrange(len(data))] = draw.randrange(256)
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                status = connection.recv(4096)[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
        print(f"clients_test: {statuses}", flush=True)
        self.assertEqual([s for s in statuses if s not in ("", "202") and not s.startswith("4")], [], statuses)
        self.assertTrue(daemon.is_ready())
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("check").returncode, 0)


class Floods(EndToEnd):
    def test_a_flood_of_sms_from_one_number_is_kept_and_answered_sparingly(self):
        port = free_port()
        telecom = self.telecom(port)
        daemon = self.daemon([provider("generic", telecom.port)], port=port)
        citizen, other = Citizen(), Citizen()
        self.survey(daemon, telecom, citizen)
        self.survey(daemon, telecom, other)
        headers = {"Authorization": "Bearer sim", "Content-Type": "application/json"}
        before = memory(daemon)

        def send(number):
            return call(daemon.port, "POST", "/hooks/generic/inbound", {"id": f"flood-{number}", "from": "+" + citizen.phone, "to": "8079",
                                                                        "text": f"TANUYEN xyz {number}"}, headers).status
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(send, range(3000)))
            started = time.monotonic()
            telecom.sms(other.phone, "TANUYEN 5", provider="generic")
        self.assertEqual(set(statuses), {200})
        wait_until(lambda: daemon.select("SELECT count(*) FROM inbound WHERE key NOT LIKE 'flood%'") == [(1,)], "the other's answer")
        self.assertLess(time.monotonic() - started, SOON)
        self.assertEqual(daemon.select("SELECT count(*) FROM inbound WHERE key LIKE 'flood%'"), [(3000,)])
        wait_until(lambda: telecom.to(other.phone, "Cam on"), "the other's thanks")
        wait_until(lambda: daemon.select("SELECT count(*) FROM messages WHERE state = 1 OR due_at IS NOT NULL") == [(0,)], "the outbox to be empty")
        answered = len(telecom.messages(phone=citizen.phone))
        print(f"\nclients_test: 3,000 SMS of one number were answered by {answered - 3}", flush=True)
        self.assertLess(answered, 20, "a flood must not be answered SMS by SMS: each costs")
        self.assertLess(memory(daemon) - before, 40_000 * MEMORY_FACTOR, "kB")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("recount").returncode, 0)


if __name__ == "__main__":
    unittest.main()
