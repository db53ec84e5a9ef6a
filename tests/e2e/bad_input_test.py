"""What the world does wrong: malformed and hostile requests, mistakes of the operator, a full disk, a stop in the
middle of work. The daemon says what is wrong, keeps what it accepted, and stays up."""
import base64
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import time
import unittest

from harness import (
    HOIAM, MEMORY_FACTOR, Citizen, EndToEnd, answer_with, call, free_port, provider, query, raw_exchange, run_hoiam, wait_until,
)


def only_line(text):
    lines = text.splitlines()
    if len(lines) != 1:
        raise AssertionError(f"expected one line, got {text!r}")
    return lines[0]


class BadEvents(EndToEnd):
    def post(self, daemon, body, content_type="application/json"):
        return daemon.post("/v1/dossier-events", body, role="dossiers", headers={"Content-Type": content_type})

    def rejected(self, daemon, event):
        answer = self.post(daemon, event)
        self.assertEqual(answer.status, 202, answer)
        body = answer.json()
        self.assertEqual((body["accepted"], len(body["rejected"])), (0, 1), body)
        return body["rejected"][0]

    def test_a_body_that_is_no_json_is_refused(self):
        daemon, _ = self.world()
        for body in (b"", b"{", b"nonsense", b'{"a":1}}', b'{"event_id":"\xff\xfe"}', b'{"event_id":"\\ud800"}', b"[" * 5000, b'{"a":' * 100):
            with self.subTest(body[:20]):
                self.assert_problem(self.post(daemon, body), 400, "malformed_json")
        for body in (b"5", b'"text"', b"null", b"true"):
            with self.subTest(body):
                self.assert_problem(self.post(daemon, body), 400, "wrong_type")
        self.assertEqual(daemon.select("SELECT count(*) FROM events"), [(0,)])

    def test_all_mistakes_of_an_event_are_told_at_once_with_their_pointers(self):
        daemon, _ = self.world()
        wrong = self.rejected(daemon, {
            "event_id": 5, "dossier": "", "status": "two", "at": "yesterday", "commune": ["25888"],
            "applicant": {"name": "x" * 201, "phone": 912000001}, "procedure": "Khai sinh", "submitted_by": "pigeon", "due_at": "2026-02-31",
        })
        self.assertEqual({e["pointer"]: e["code"] for e in wrong["errors"]}, {
            "/event_id": "wrong_type", "/dossier": "empty", "/status": "wrong_type", "/at": "bad_time", "/commune": "wrong_type",
            "/applicant/name": "too_long", "/applicant/phone": "wrong_type", "/procedure": "wrong_type", "/submitted_by": "unknown_value",
            "/due_at": "bad_time",
        })
        missing = self.rejected(daemon, {})
        self.assertEqual({e["pointer"]: e["code"] for e in missing["errors"]},
                         {"/event_id": "missing", "/dossier": "missing", "/at": "missing", "/status": "missing"})

    def test_a_status_is_a_whole_number_from_1_to_10(self):
        daemon, _ = self.world()
        for status in (0, 11, -1, 2.5, 1e300, 2**63, 2**64, True, "2", [2], {"code": 2}):
            with self.subTest(status=status):
                self.assertEqual(self.rejected(daemon, {**Citizen().event(2), "status": status})["pointer"], "/status")

    def test_an_unknown_or_missing_commune_is_named(self):
        daemon, _ = self.world()
        for commune in ("99999", "Phường Không Có", "25888x", "' OR 1=1"):
            wrong = self.rejected(daemon, Citizen().event(2, commune=commune))
            self.assertEqual((wrong["pointer"], wrong["code"]), ("/commune", "unknown_commune"))
        self.assertEqual(self.rejected(daemon, Citizen().event(2, commune=None))["code"], "missing")
        # A unit that existed only before: the code is good for a dossier of those days.
        old = self.rejected(daemon, Citizen().event(2, commune="25924"))
        self.assertIn("valid on", old["message"])
        daemon.accept(Citizen().event(2, commune="25924", at="2018-03-01T08:00:00+07:00"))

    def test_impossible_dates_are_refused_and_old_ones_stay_silent(self):
        daemon, telecom = self.world()
        cases = [
            ({"at": "2099-01-01T00:00:00+07:00"}, "/at", "in_the_future"),
            ({"received_at": "2099-01-01T00:00:00+07:00"}, "/received_at", "in_the_future"),
            ({"received_at": "2026-01-10", "due_at": "2026-01-09"}, "/due_at", "before_received"),
            ({"received_at": "2026-01-10", "finished_at": "2026-01-09"}, "/finished_at", "before_received"),
            ({"at": "1899-01-01T00:00:00+07:00"}, "/at", "bad_time"),
            ({"at": "2026-13-01T00:00:00+07:00"}, "/at", "bad_time"),
            ({"at": "2026-02-29T00:00:00+07:00"}, "/at", "bad_time"),
            ({"at": "2026-01-01T25:00:00+07:00"}, "/at", "bad_time"),
        ]
        for fields, pointer, code in cases:
            wrong = self.rejected(daemon, Citizen().event(2, **fields))
            with self.subTest(fields):
                self.assertEqual((wrong["pointer"], wrong["code"]), (pointer, code))
        old = Citizen()
        daemon.accept(old.event(9, at="2018-01-03T08:00:00+07:00"))
        self.assertEqual(daemon.metric("hoiam_events_without_sms_total", cause="stale"), 1)
        self.assertEqual((daemon.messages(), telecom.messages()), ([], []))

    def test_a_phone_that_takes_no_sms_is_a_warning_and_the_dossier_is_kept(self):
        daemon, telecom = self.world()
        for phone, code in (("0274 3656 111", "landline"), ("", "empty"), ("8079", "short_code"), ("0912 34", "too_short"), ("+1 202 555 0100", "foreign"), ("khong co", "no_number")):
            citizen = Citizen()
            answer = daemon.accept(citizen.event(9, applicant={"name": "A", "phone": phone}))
            with self.subTest(phone):
                self.assertEqual([(w["pointer"], w["code"]) for w in answer["warnings"]], [("/applicant/phone", code)])
                self.assertEqual(daemon.get(f"/v1/dossiers/{citizen.dossier}").json()["phone_problem"], code)
        self.assertEqual(daemon.metric("hoiam_events_without_sms_total", cause="no_phone"), 6)
        self.assertEqual(telecom.messages(), [])

    def test_odd_characters_are_kept_and_sent_as_text(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        reason = "Thiếu \"chữ ký\" \\ {dossier} ${HOME} %s <b> \u0000 \u202e 👍 ' ; DROP TABLE messages;--"
        daemon.accept(citizen.event(3, reason=reason))
        daemon.await_state(citizen.dossier, "not_accepted", "delivered")
        text = telecom.to(citizen.phone)[0]
        self.assertIn('Thieu "chu ky"', text)
        self.assertIn("{dossier} ${HOME} %s", text)
        self.assertEqual(self.rejected(daemon, Citizen().event(2, dossier="có dấu cách"))["code"], "bad_code")

    def test_too_many_events_are_refused(self):
        daemon, _ = self.world()
        answer = self.post(daemon, "[" + ",".join(["{}"] * 20_001) + "]")
        self.assert_problem(answer, 413, "too_many_events")
        for body, content_type in ((b"1\n" * 4_000_000, "application/x-ndjson"), (b"[" + b"1," * 4_000_000 + b"1]", "application/json")):
            answer = call(daemon.port, "POST", "/v1/dossier-events", body, {"Content-Type": content_type, "Authorization": f"Bearer {daemon.key('dossiers')}"})
            self.assert_problem(answer, 413, "too_many_events")
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
            self.assertLess(int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)), 300_000 * MEMORY_FACTOR, "kB")


class BadRequests(EndToEnd):
    def test_a_body_over_the_limit_is_answered_413(self):
        daemon, _ = self.world(server={"body_limit": 100_000})
        self.assertEqual(daemon.post("/v1/dossier-events", [Citizen().event(2)] * 100, role="dossiers").status, 202)
        for size in (100_001, 1_000_000, 20_000_000):
            with self.subTest(size):
                self.assert_problem(daemon.post("/v1/dossier-events", b" " * size, role="dossiers"), 413, "body_too_large")
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        head = b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertIn(b" 413 ", raw_exchange(daemon.port, head + chunk * 3).split(b"\r\n")[0])

    def test_a_hook_over_64_kib_is_answered_413_and_one_below_is_taken_whole(self):
        port = free_port()
        daemon = self.daemon([provider("generic", self.telecom(port).port)], port=port)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer sim"}
        many = "&".join(f"k{number}=" for number in range(1_000_000)).encode()
        for body in (many, b"id=1&from=84912345678&text=" + b"tc%2B" * 1_000_000):
            self.assert_problem(call(daemon.port, "POST", "/hooks/generic/inbound", body, form), 413, "body_too_large")
        self.assertEqual(call(daemon.port, "POST", "/hooks/generic/inbound", b"id=1&from=84912345678&to=8079&text=TANUYEN+" + b"tc%2B" * 12_000, form).status, 200)
        self.assertEqual(daemon.select("SELECT length(text) FROM inbound"), [(8 + 36_000,)])

    def test_a_transfer_encoding_other_than_chunked_is_refused_and_its_body_is_no_request(self):
        daemon, _ = self.world()
        hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = raw_exchange(daemon.port, b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n" + hidden)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", answer), [b"501"])
        self.assertIn(b"unknown_transfer_encoding", answer)

    def test_a_client_that_asks_before_it_sends_its_body_is_told_to_go_on(self):
        daemon, _ = self.world()
        citizen = Citizen()
        body = json.dumps(citizen.event(2)).encode()
        head = f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nAuthorization: Bearer {daemon.key('dossiers')}\r\nContent-Length: {{}}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
            connection.sendall(head.format(len(body)).encode())
            self.assertEqual(connection.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(body)
            self.assertEqual(connection.recv(4096)[9:12], b"202")
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
            connection.sendall(head.format(100_000_000).encode())
            self.assertEqual(connection.recv(4096)[9:12], b"413")

    def test_a_header_over_the_limit_is_answered_431(self):
        daemon, _ = self.world()
        for size in (17_000, 60_000):
            head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * size + b"\r\n\r\n"
            self.assertIn(b" 431 ", raw_exchange(daemon.port, head).split(b"\r\n")[0])
        self.assertEqual(call(daemon.port, "GET", "/healthz").status, 200)

    def test_what_is_no_http_is_refused_and_hurts_nobody(self):
        daemon, _ = self.world()
        garbage = [
            b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n", b"GET /healthz\r\n\r\n",
            b"GET healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", b"\0" * 1000 + b"\r\n\r\n",
        ]
        for data in garbage:
            answer = raw_exchange(daemon.port, data)
            with self.subTest(data[:60]):
                self.assertRegex(answer.split(b"\r\n")[0], rb"^HTTP/1\.1 400 ")
        self.assertEqual(call(daemon.port, "GET", "/readyz").status, 200)

    def test_unknown_paths_and_methods_have_their_answers(self):
        daemon, _ = self.world()
        for path in ("/", "/v1", "/v1/dossier-events/", "/..%2f..%2fetc/passwd", "/v1/messages/1/2/3", "/hooks/esms"):
            with self.subTest(path):
                self.assertIn(call(daemon.port, "GET", path).status, (200, 404))
        answer = call(daemon.port, "DELETE", "/v1/dossier-events")
        self.assert_problem(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["Allow"], "POST")
        self.assert_problem(call(daemon.port, "PUT", "/hooks/esms/report"), 405, "method_not_allowed")
        self.assert_problem(call(daemon.port, "GET", "/v1/dossier-events"), 405, "method_not_allowed")
        self.assert_problem(call(daemon.port, "GET", "/no/such/thing"), 404, "not_found")
        for asked in ("from=2018-01", "from=x&to=y", "from=2018-02&to=2018-01", "from=2018-01&to=2018-02&by=planet"):
            self.assert_problem(daemon.get(f"/v1/satisfaction?{asked}"), 400, "bad_query")

    def test_a_slow_drip_is_cut_off_after_the_read_timeout(self):
        daemon, _ = self.world(server={"read_timeout": "1s"})
        for request in (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"):
            started = time.monotonic()
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=0.2) as drip:
                drip.sendall(request)
                closed = False
                while not closed and time.monotonic() - started < 10:
                    with contextlib.suppress(TimeoutError):
                        try:
                            closed = drip.recv(4096) == b""
                            drip.sendall(b"a")
                        except ConnectionError:
                            closed = True
                        continue
                    with contextlib.suppress(OSError):
                        drip.sendall(b"a")
            self.assertTrue(closed, "the slow connection was left open")
            self.assertLess(time.monotonic() - started, 5)

    def test_a_chunked_body_is_taken_wherever_its_bytes_are_parted(self):
        daemon, _ = self.world()
        citizen = Citizen()
        body = json.dumps(citizen.event(2)).encode()
        head = f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.key('dossiers')}\r\nTransfer-Encoding: chunked\r\n\r\n"
        for parts, status in (([b"%x\r\n%s\r\n" % (len(body), body), b"0\r\n", b"\r", b"\n"], b" 202 "),
                              ([b"0\r", b"\n", b"\r", b"\n"], b" 400 ")):
            with self.subTest(status), socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
                connection.sendall(head.encode())
                for part in parts:
                    call(daemon.port, "GET", "/healthz")  # answered after the bytes before were taken
                    connection.sendall(part)
                self.assertIn(status, connection.recv(65536).split(b"\r\n")[0])
        daemon.await_state(citizen.dossier, "received", "delivered")

    def test_half_open_and_broken_connections_keep_nobody_else_waiting(self):
        daemon, telecom = self.world(server={"read_timeout": "3s"})
        silent = [socket.create_connection(("127.0.0.1", daemon.port), timeout=5) for _ in range(200)]
        for connection in silent:
            self.addCleanup(connection.close)
        for connection in silent[:100]:
            connection.sendall(b"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        for connection in silent[:50]:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()  # a reset
        started = time.monotonic()
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        self.assertLess(time.monotonic() - started, 3)
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(daemon.stop(), 0)

    def test_no_more_connections_than_configured_are_served_at_once_and_none_is_lost(self):
        daemon, _ = self.world(server={"most_connections": 20, "read_timeout": "1s"})
        half = [socket.create_connection(("127.0.0.1", daemon.port), timeout=5) for _ in range(40)]
        for connection in half:
            self.addCleanup(connection.close)
            connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        self.assertEqual(call(daemon.port, "GET", "/healthz", timeout=15).status, 200)


class BadCallbacks(EndToEnd):
    def sms(self, sign=None, key="sim", **fields):
        fields = {"sender": "84912000001", "content": "TANUYEN 5", "serviceNumber": "8079", "keyword": "TANUYEN", "cpid": "hoiam",
                  "smsid": "mo-1", "receiverTime": "20260101080000", **fields}
        made = base64.b64encode(hashlib.md5("".join(
            ["hoiam", fields["smsid"], fields["content"], fields["receiverTime"], key]).encode("utf-8", "surrogateescape")).digest()).decode()
        return "/hooks/esms/inbound?" + query(**fields, sign=made if sign is None else sign)

    def test_a_wrong_signature_is_refused_and_nothing_is_kept(self):
        daemon, _ = self.world()
        for url in (self.sms(key="other"), self.sms(sign=""), self.sms(sign="AAAA"), self.sms().replace("TANUYEN+5", "TANUYEN+1")):
            self.assert_problem(call(daemon.port, "GET", url), 401, "bad_signature")
        self.assertEqual(daemon.select("SELECT count(*) FROM inbound"), [(0,)])
        self.assertEqual(daemon.metric("hoiam_inbound_sms_total", taken="forged"), 4)
        self.assertEqual(call(daemon.port, "GET", self.sms()).status, 200)

    def test_a_report_without_its_token_is_refused(self):
        daemon, telecom = self.world(more={"settings": {"hook_token": "geheim-token"}})
        telecom.behave(no_report=1)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "accepted")
        report = query(SMSID=telecom.messages()[0]["id"], SendStatus="5", SendSuccess="1", SendFailed="0")
        for token in ("", "&token=", "&token=wrong"):
            self.assert_problem(call(daemon.port, "GET", f"/hooks/esms/report?{report}{token}"), 401, "bad_signature")
        self.assertEqual(daemon.message(citizen.dossier, "received")["state"], "accepted")
        self.assertEqual(call(daemon.port, "GET", f"/hooks/esms/report?{report}&token=geheim-token").status, 200)
        self.assertEqual(daemon.message(citizen.dossier, "received")["state"], "delivered")

    def test_inbound_sms_are_refused_while_the_secret_that_signs_them_is_not_configured(self):
        daemon, _ = self.world(more={"settings": {"private_key": ""}})
        self.assert_problem(call(daemon.port, "GET", self.sms(key="")), 401, "bad_signature")
        self.assertEqual(daemon.select("SELECT count(*) FROM inbound"), [(0,)])
        self.assertIn("warning: provider esms: inbound SMS are all refused, because their signature needs settings.private_key", daemon.run("check").stdout)

    def test_an_unknown_hook_is_not_found(self):
        daemon, _ = self.world()
        for path in ("/hooks/nobody/report", "/hooks/nobody/inbound", "/hooks/esms/somewhere", "/hooks/speedsms/report"):
            self.assert_problem(call(daemon.port, "GET", path), 404, "unknown_provider")

    def test_a_callback_without_its_fields_is_refused(self):
        daemon, _ = self.world()
        self.assert_problem(call(daemon.port, "GET", "/hooks/esms/report?SendStatus=5"), 400, "malformed_report")
        self.assert_problem(call(daemon.port, "POST", "/hooks/esms/report", b"{", {"Content-Type": "application/json"}), 400, "malformed_hook")
        self.assert_problem(call(daemon.port, "GET", self.sms(sender="")), 400, "malformed_inbound")

    def test_a_report_about_nothing_of_ours_changes_nothing(self):
        daemon, _ = self.world()
        for fields in ({"SMSID": "unknown"}, {"RequestId": "ffffffff-1"}, {"RequestId": "x" * 5000}, {"SMSID": "' OR 1=1 --"}):
            answer = call(daemon.port, "GET", "/hooks/esms/report?" + query(SendStatus="5", SendSuccess="1", **fields))
            self.assertEqual(answer.status, 200, answer)
        self.assertEqual(daemon.metric("hoiam_delivery_reports_total", result="unmatched"), 4)

    def test_senders_and_texts_of_any_kind_are_taken_without_harm(self):
        daemon, _ = self.world()
        texts = ["", " ", "TANUYEN", "TANUYEN ", "5" * 2000, "\0", "🤬" * 50, "a\u0301" * 500, "\udcff\udcfe"]
        for number, text in enumerate(texts):
            url = "/hooks/esms/inbound?" + self.sms(content=text, smsid=f"odd-{number}").split("?", 1)[1] if text != "\udcff\udcfe" else None
            if url is None:  # no UTF-8 at all
                sign = base64.b64encode(hashlib.md5(b"hoiamodd-x\xff\xfe20260101080000sim").digest()).decode()
                url = "/hooks/esms/inbound?" + query(sender="84912000001", content=b"\xff\xfe", smsid="odd-x", receiverTime="20260101080000", sign=sign, cpid="hoiam")
            with self.subTest(text[:10]):
                self.assertEqual(call(daemon.port, "GET", url).status, 200)
        self.assertEqual(daemon.select("SELECT text FROM inbound WHERE key = 'odd-x'"), [("\ufffd\ufffd",)])
        for number, sender in enumerate(("8079", "VIETTEL", "842743656111", "+12025550100")):
            self.assertEqual(call(daemon.port, "GET", self.sms(sender=sender, smsid=f"who-{number}")).status, 200)
        self.assertEqual(daemon.metric("hoiam_inbound_sms_total", taken="not_mobile"), 4)
        self.assertEqual(daemon.run("check").returncode, 0)


class OperatorsMistakes(EndToEnd):
    def refused(self, daemon):
        """The one line with which a daemon refuses to start."""
        daemon.launch()
        self.assertEqual(daemon.process.popen.wait(20), 1)
        return only_line(daemon.process.out() + daemon.log())

    def test_a_second_daemon_on_the_same_database_is_refused(self):
        daemon, _ = self.world()
        second = run_hoiam("serve", "--config", daemon.config)
        self.assertEqual(second.returncode, 1)
        line = only_line(second.stderr)
        self.assertIn("another hoiam serve", line)
        self.assertIn(str(daemon.process.pid), line)
        self.assertTrue(daemon.is_ready())
        daemon.kill()
        daemon.start()

    def test_a_port_in_use_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            line = self.refused(self.daemon(port=port, start=False))
        self.assertIn(f"127.0.0.1:{port}", line)

    def test_all_mistakes_of_a_configuration_are_named_with_file_line_and_key(self):
        file = self.folder / "hoiam.toml"
        file.write_text("""[server]
listen = "nowhere"
body_limit = -5
colour = "red"

[storage]
url = "mysql:x"

[organisation]
units = "units/none.csv"

[[provider]]
profile = "esms"
base_url = "ftp://x"
settings = { api_key = "a" }

[[provider]]
profile = "smoke-signals"

[survey]
delay = "soon"
hours = "25:00-26:00"
questionnaire = 5

[notify]
off = ["sunday"]

[nonsense]
""", encoding="utf-8")
        done = run_hoiam("check", "--config", file)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for place in ("2: server.listen", "3: server.body_limit", "4: server.colour", "7: storage.url", "9: organisation.name", "10: organisation.units",
                      "14: provider.base_url", "15: provider.settings", "18: provider.profile", "21: survey.delay", "22: survey.hours",
                      "23: survey.questionnaire", "26: notify.off", "28: nonsense"):
            with self.subTest(place):
                self.assertIn(f"{file}:{place}: ", done.stderr)
        self.assertIn("secret_key is missing", done.stderr)
        self.assertEqual(run_hoiam("serve", "--config", file).returncode, 1)

    def test_a_file_that_is_no_toml_is_told_with_its_line(self):
        file = self.folder / "hoiam.toml"
        file.write_text("[server]\nlisten = \n", encoding="utf-8")
        done = run_hoiam("check", "--config", file)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(only_line(done.stderr).startswith(f"{file}:2: "), done.stderr)

    def test_a_missing_environment_variable_is_named_and_a_set_one_is_used(self):
        port = free_port()
        telecom = self.telecom(port)
        esms = provider("esms", telecom.port, settings={"api_key": "${HOIAM_TEST_KEY}"})
        daemon = self.daemon([esms], port=port, start=False)
        environment = {key: value for key, value in os.environ.items() if key != "HOIAM_TEST_KEY"}
        done = daemon.run("check", env=environment)
        self.assertEqual(done.returncode, 1)
        self.assertIn("HOIAM_TEST_KEY is not set", done.stderr)
        self.assertIn("api_key", done.stderr)
        daemon.options = {"env": {**environment, "HOIAM_TEST_KEY": "sim"}}
        daemon.keys["dossiers"] = daemon.keys["admin"] = daemon.run("key", "add", "x", "--role", "admin", **daemon.options).stdout.strip()
        daemon.start()
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "delivered")

    def test_a_database_from_a_newer_version_is_left_alone(self):
        daemon = self.daemon(start=False)
        self.assertEqual(daemon.run("check").returncode, 0)
        with contextlib.closing(sqlite3.connect(daemon.database)) as database:
            database.execute("PRAGMA user_version = 999")
        self.assertIn("999", self.refused(daemon))
        for command in (["check"], ["recount"], ["key", "add", "x", "--role", "viewer"], ["report", "--from", "2018-01", "--to", "2018-01"]):
            done = daemon.run(*command)
            self.assertEqual(done.returncode, 1, command)
            self.assertIn("999", only_line(done.stderr))

    def test_no_command_takes_the_schema_from_under_an_older_daemon_that_still_runs(self):
        daemon, _ = self.world()
        newest = daemon.select("PRAGMA user_version")[0][0]
        with contextlib.closing(sqlite3.connect(daemon.database)) as database:
            database.execute(f"PRAGMA user_version = {newest - 1}")
        for command in (["recount"], ["key", "add", "x", "--role", "viewer"], ["report", "--from", "2018-01", "--to", "2018-01"]):
            done = daemon.run(*command)
            self.assertEqual(done.returncode, 1, command)
            self.assertIn("stop it first", only_line(done.stderr))
        self.assertIn(f"schema {newest - 1} (hoiam serve will bring it to {newest}), ok", daemon.run("check").stdout)
        self.assertEqual(daemon.select("PRAGMA user_version"), [(newest - 1,)])

    def test_two_programs_may_make_the_database_at_once(self):
        daemon = self.daemon(start=False)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for _ in range(10):
                for file in daemon.database.parent.glob(daemon.database.name + "*"):
                    file.unlink()
                done = list(pool.map(lambda n: daemon.run("key", "add", f"key-{n}", "--role", "viewer"), range(6)))
                self.assertEqual([each.stderr for each in done if each.returncode], [])
                self.assertEqual(daemon.select("SELECT count(*) FROM api_keys WHERE name LIKE 'key-%'"), [(6,)])

    def test_what_nobody_could_read_is_no_success(self):
        daemon = self.daemon(start=False)
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [HOIAM, "--config", daemon.config, "key", "add", "x", "--role", "viewer"], cwd=daemon.folder, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=60
            )
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output cannot be written", only_line(done.stderr))

    def test_a_file_that_is_no_database_is_left_alone(self):
        daemon = self.daemon(start=False)
        daemon.database.write_text("These are not the rows you are looking for.\n" * 100)
        self.assertIn("database", self.refused(daemon))
        self.assertIn("not the rows", daemon.database.read_text())

    def test_a_folder_that_cannot_be_written_is_named(self):
        folder = self.folder / "readonly"
        folder.mkdir()
        daemon = self.daemon(start=False, storage={"url": f"sqlite:{folder}/hoiam.db"})
        if os.geteuid() == 0:
            mount_tmpfs(self, folder, "ro,size=1m")
        else:
            folder.chmod(0o555)
        self.assertIn(str(folder), self.refused(daemon))


def mount_tmpfs(test, folder, options):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True)
    if done.returncode != 0:
        test.skipTest(f"no tmpfs may be mounted here: {done.stderr.strip()}")
    test.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=False)


class AFullDisk(EndToEnd):
    def post(self, daemon, citizen):
        return daemon.post("/v1/dossier-events", citizen.event(2), role="dossiers")

    def fill_and_recover(self, daemon, make_room):
        """Posts until the disk is full, makes room, and checks that what was accepted is there, and only that."""
        accepted, refused = [], []
        while len(refused) < 5:
            citizen = Citizen()
            answer = self.post(daemon, citizen)
            if answer.status == 202:
                accepted.append(citizen)
                self.assertLess(len(accepted), 20_000, "the disk did not become full")
                continue
            self.assert_problem(answer, 503, "store_unavailable")
            self.assertTrue(answer.headers["Retry-After"])
            refused.append(citizen)
        self.assertEqual(call(daemon.port, "GET", "/healthz").status, 200)
        make_room()
        again = Citizen()
        wait_until(lambda: self.post(daemon, again).status == 202, "events to be taken again")
        accepted.append(again)
        kept = {code for code, in daemon.select("SELECT code FROM dossiers")}
        self.assertEqual([c.dossier for c in accepted if c.dossier not in kept], [])
        self.assertEqual([c.dossier for c in refused if c.dossier in kept], [])
        return accepted

    def assert_all_sent_once(self, daemon, telecom, accepted):
        wait_until(lambda: daemon.states().get("delivered") == len(accepted), "every accepted event's SMS", 40)
        self.assertEqual({len(telecom.messages(phone=c.phone)) for c in accepted[:20] + accepted[-20:]}, {1})
        self.assertEqual(len(telecom.messages()), len(accepted))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("recount").returncode, 0)
        self.assertEqual(daemon.run("check").returncode, 0)

    def test_a_full_disk_is_answered_503_and_loses_nothing(self):
        if os.geteuid() != 0:
            self.skipTest("only root may mount a small disk")
        disk = self.folder / "disk"
        disk.mkdir()
        mount_tmpfs(self, disk, "size=3m")
        port = free_port()
        telecom = self.telecom(port)
        daemon = self.daemon([provider("esms", telecom.port)], port=port, start=False, storage={"url": f"sqlite:{disk}/hoiam.db"})
        daemon.database = disk / "hoiam.db"
        daemon.key("dossiers")
        daemon.start()
        filler = disk / "filler"
        room = os.statvfs(disk)
        filler.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - 100_000))
        accepted = self.fill_and_recover(daemon, filler.unlink)
        self.assert_all_sent_once(daemon, telecom, accepted)

    def test_a_file_that_may_not_grow_is_answered_503_and_loses_nothing(self):
        port = free_port()
        telecom = self.telecom(port)
        # Python ignores SIGXFSZ and with restore_signals=False so does its child: writing fails instead of killing.
        daemon = self.daemon([provider("esms", telecom.port)], port=port, start=False, options={"restore_signals": False})
        daemon.key("dossiers")
        daemon.start()
        hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (300_000, hard))
        accepted = self.fill_and_recover(daemon, lambda: resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (hard, hard)))
        self.assert_all_sent_once(daemon, telecom, accepted)


class Stopping(EndToEnd):
    def test_a_stop_with_sends_in_flight_finishes_them_and_loses_nothing(self):
        daemon, telecom = self.world()
        telecom.behave(latency_min=400, latency_max=900)
        citizens = [Citizen() for _ in range(120)]
        daemon.accept(*[c.event(2) for c in citizens])
        wait_until(lambda: daemon.states().get("sending", 0) > 5, "sends in flight")
        self.assertEqual(daemon.stop(), 0)
        self.assertIn('"event":"stopped"', daemon.log())
        states = daemon.states()
        self.assertEqual(states.get("sending", 0) + states.get("unknown", 0), 0, states)
        self.assertGreater(states.get("queued", 0), 0, "all was sent before the stop: the test proves nothing")
        telecom.behave(latency_min=0, latency_max=0)
        daemon.start()
        wait_until(lambda: daemon.states() == {"delivered": 120}, "the others to be sent")
        self.assertEqual([len(telecom.messages(phone=c.phone)) for c in citizens], [1] * 120)
        self.assertEqual(telecom.stats()["duplicates_refused"], 0)

    def test_a_request_under_way_at_the_stop_is_answered(self):
        daemon, _ = self.world()
        citizen = Citizen()
        body = json.dumps(citizen.event(2)).encode()
        head = f"POST /v1/dossier-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.key('dossiers')}\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
            connection.sendall(head.encode() + body[:20])
            call(daemon.port, "GET", "/healthz")  # answered after the bytes above were taken
            daemon.process.popen.terminate()
            wait_until(lambda: '"event":"stopping"' in daemon.log(), "the stop to begin")
            connection.sendall(body[20:])
            self.assertIn(b" 202 ", connection.recv(65536).split(b"\r\n")[0])
        self.assertEqual(daemon.process.popen.wait(20), 0)
        self.assertEqual(daemon.select("SELECT code FROM dossiers"), [(citizen.dossier,)])

    def test_idle_connections_and_an_interrupt_do_not_delay_a_stop(self):
        daemon, _ = self.world()
        idle = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        started = time.monotonic()
        daemon.process.popen.send_signal(signal.SIGINT)
        self.assertEqual(daemon.process.popen.wait(20), 0)
        self.assertLess(time.monotonic() - started, 3)
        idle.close()


class PersonalData(EndToEnd):
    SECRETS = {"api_key": "provider-key-7f3a", "secret_key": "provider-secret-91bc", "private_key": "signing-key-55aa", "hook_token": "hook-token-c0de"}

    def test_neither_log_nor_metrics_hold_numbers_words_or_keys(self):
        port = free_port()
        telecom = self.telecom(port, "--api-key", self.SECRETS["api_key"], "--secret-key", self.SECRETS["secret_key"],
                               "--private-key", self.SECRETS["private_key"])
        daemon = self.daemon([provider("esms", telecom.port, settings=self.SECRETS)], port=port)
        citizens = [Citizen() for _ in range(3)]
        words = ["TANUYEN 1", "cán bộ Hùng ở 12 Lê Lợi đòi tiền", "TC TANUYEN"]
        for citizen in citizens:
            self.survey(daemon, telecom, citizen)
        telecom.sms(citizens[0].phone, words[0])
        wait_until(lambda: telecom.to(citizens[0].phone, "ly do"), "the question for the reason")
        telecom.sms(citizens[0].phone, words[1])
        telecom.sms(citizens[1].phone, words[2])
        telecom.sms(citizens[2].phone, "zzz qqq")
        wait_until(lambda: sum(v for k, v in daemon.metrics().items() if k.startswith("hoiam_inbound_sms_total")) == 4, "all replies")
        # Everything that may go wrong and be logged.
        telecom.behave(credit=1)
        stopped = Citizen()
        daemon.accept(stopped.event(9))
        daemon.await_state(stopped.dossier, "result_ready", "retry")
        for body in (json.dumps(citizens[0].event(2, commune="nowhere")), '{"applicant":{"phone":"' + citizens[0].national_phone):
            daemon.post("/v1/dossier-events", body, role="dossiers")
        call(port, "GET", f"/hooks/esms/inbound?sender={citizens[0].phone}&content=bi-mat&sign=x")
        call(port, "GET", f"/{citizens[0].phone}?token={self.SECRETS['hook_token']}")
        call(port, "GET", "/v1/messages", headers={"Authorization": "Bearer ha_guessed_key_12345"})
        daemon.stop()
        self.assert_clean(daemon, daemon.log() + daemon.process.out(), citizens + [stopped], words)

    def test_an_unknown_answer_of_a_provider_brings_no_number_into_the_log(self):
        def echo(handler, body):
            phone = json.loads(body)["Phone"]
            answer_with(handler, 200, json.dumps({"CodeResult": f"so {phone} bi chan", "ErrorMessage": phone}))
        fake = self.fake_provider(echo)
        daemon = self.daemon([provider("esms", fake.port)])
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "unknown")
        metrics = call(daemon.port, "GET", "/metrics").text
        daemon.stop()
        self.assert_clean(daemon, daemon.log() + metrics, [citizen], [])

    def assert_clean(self, daemon, text, citizens, words):
        forbidden = [each for c in citizens for each in (c.phone[2:], c.name, c.dossier)] + words + ["bi-mat", "ha_guessed"]
        forbidden += list(self.SECRETS.values()) + list(daemon.keys.values())
        self.assertIn('"event":"ready"', text)
        self.assertEqual([each for each in forbidden if each in text], [], text)


if __name__ == "__main__":
    unittest.main()
