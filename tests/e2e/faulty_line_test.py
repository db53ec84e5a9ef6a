"""The line to the telecom: fault_proxy does to requests and answers what bad lines and load balancers do; names that
do not resolve, certificates that are not good, a telecom that comes back after an hour, reports that are late, unknown
or forged. Whatever happens, nothing is lost and nothing reaches the telecom twice."""
import datetime
import os
import pathlib
import random
import re
import ssl
import subprocess
import threading
import unittest

from harness import BUILD, Citizen, EndToEnd, FakeProvider, Process, answer_with, call, free_port, now, provider, query, rfc3339, wait_until
from oracle import Oracle, a_seed

# By whether the telecom has taken the SMS when the daemon learns that something is wrong.
NOT_TAKEN = {"reset_at_once": "no_answer", "reset_in_request": "no_answer", "error_500": "unreadable_answer", "busy_503": "unreadable_answer", "throttle_429": "http_429"}
TAKEN = {"reset_after_request": "no_answer", "cut": "no_answer", "late": "no_answer", "drip": "no_answer", "taken_500": "unreadable_answer",
         "wrong_json": "unreadable_answer", "wrong_type": "unreadable_answer", "huge": "no_answer", "endless": "no_answer"}


class Proxy:
    def __init__(self, folder, telecom_port, seed=1):
        self.process = Process([BUILD / "fault_proxy", "--to", telecom_port, "--seed", seed], pathlib.Path(folder), "proxy")
        line = wait_until(lambda: re.search(r"listening on 127\.0\.0\.1:(\d+)", self.process.out()), "fault_proxy to listen")
        self.port = int(line.group(1))

    def rates(self, **rates):
        """Sets the rates; how often each fault was done so far."""
        answer = call(self.port, "POST", "/proxy/rates", rates)
        if answer.status != 200:
            raise AssertionError(f"rates: {answer}")
        return answer.json()


class AFaultyLine(Oracle):
    def line(self, seed=1, **more):
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        proxy = Proxy(self.folder, telecom.port, seed)
        self.addCleanup(proxy.process.kill)
        daemon = self.daemon([provider("esms", proxy.port, timeout="1s", **more)], port=port)
        return daemon, telecom, proxy

    def test_every_fault_is_told_apart_and_settled_by_asking_again(self):
        daemon, telecom, proxy = self.line()
        telecom.behave(no_report=1)  # only the answer can settle a message
        hit = {}
        for fault, code in {**NOT_TAKEN, **TAKEN}.items():
            proxy.rates(**{fault: 1})
            citizen = hit[fault] = Citizen()
            daemon.accept(citizen.event(2))
            wait_until(lambda: (m := daemon.message(citizen.dossier, "received")) and m["state"] in ("retry", "unknown"), f"{fault} to be noticed")
            self.assertEqual(daemon.message(citizen.dossier, "received")["cause"], code, fault)
            self.assertEqual(len(telecom.messages(phone=citizen.phone)), fault in TAKEN, fault)
        done = proxy.rates()
        self.assertEqual([fault for fault in hit if fault not in done], [])
        wait_until(lambda: daemon.states() == {"accepted": len(hit)}, "all to be settled", 90)
        self.settle(daemon, telecom)
        self.assertEqual({len(telecom.messages(phone=c.phone)) for c in hit.values()}, {1})
        self.assert_all_agree(daemon, telecom, {})

    def test_a_storm_of_all_faults_loses_nothing_and_doubles_nothing(self):
        seed = a_seed()
        print(f"\nfaulty_line_test: HOIAM_SEED={seed}", flush=True)
        daemon, telecom, proxy = self.line(seed)
        telecom.behave(no_report=0.5, duplicate_report=0.2, late_report=0.2, late_min=0.2, late_max=1.5, reorder=0.2, undelivered=0.05)
        proxy.rates(**{fault: 0.05 for fault in (*NOT_TAKEN, *TAKEN)})
        feeders = self.feeders(daemon, random.Random(seed), pause=0.1)
        wait_until(lambda: sum(n for fault, n in proxy.rates(**{f: 0.05 for f in (*NOT_TAKEN, *TAKEN)}).items() if fault != "none") > 150, "150 faults", 60)
        accepted = self.finish(feeders)
        done = proxy.rates()
        self.settle(daemon, telecom, 90)
        stats = telecom.stats()
        print(f"faulty_line_test: {sum(n for f, n in done.items() if f != 'none')} faults of {len(done) - 1} kinds, {len(accepted)} events, "
              f"{stats['accepted']} SMS, {stats['duplicates_refused']} repeats refused", flush=True)
        self.assertGreater(stats["duplicates_refused"], 5, "hardly anything had to be asked again")
        self.assert_all_agree(daemon, telecom, accepted)


class NotThere(EndToEnd):
    def test_a_name_that_does_not_resolve_is_tried_again_and_blocks_nothing(self):
        port = free_port()
        telecom = self.telecom(port)
        lost = {**provider("esms", 1), "name": "lost", "base_url": "http://telecom.invalid"}
        daemon = self.daemon([lost], port=port)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        # The resolver takes its time where there is no name server; nobody else waits for it.
        self.assertEqual(call(daemon.port, "GET", "/readyz", timeout=2).status, 200)
        message = daemon.await_state(citizen.dossier, "received", "retry", 40)
        self.assertEqual(message["cause"], "not_reached")
        self.assertEqual(daemon.stop(), 0)
        daemon.config.write_text(daemon.config.read_text().replace("http://telecom.invalid", f"http://127.0.0.1:{telecom.port}"))
        daemon.start()
        daemon.await_state(citizen.dossier, "received", "delivered", 40)
        self.assertEqual(len(telecom.messages()), 1)

    def test_a_telecom_that_comes_back_after_an_hour_gets_everything_once(self):
        port, moment = free_port(), now()
        telecom_port = free_port()
        daemon = self.daemon([provider("esms", telecom_port)], port=port, arguments=["--virtual-clock", rfc3339(moment)])
        citizens = [Citizen() for _ in range(200)]
        daemon.accept(*[c.event(2) for c in citizens])
        for minute in range(1, 61):
            self.assertEqual(daemon.post("/v1/clock", {"now": rfc3339(moment + datetime.timedelta(minutes=minute))}).status, 200)
        self.assertEqual(set(daemon.states()) - {"retry", "queued"}, set(), daemon.states())
        attempts = daemon.select("SELECT count(*) FROM attempts")[0][0]
        self.assertLess(attempts, 800, "an hour of knocking at a closed door")
        telecom = self.telecom(port, "--port", str(telecom_port))
        for second in range(1, 40):
            daemon.post("/v1/clock", {"now": rfc3339(moment + datetime.timedelta(minutes=60, seconds=4 * second))})
        wait_until(lambda: daemon.states() == {"delivered": 200}, "all to be delivered")
        self.assertEqual({(m["submitted"], m["changed"]) for m in telecom.messages()}, {(1, 0)})
        self.assertEqual(len(telecom.messages()), 200)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("recount").returncode, 0)


def make_certificates(folder):
    """A small authority, and three servers of it: good, for another name, of yesteryear; and one of its own making."""
    def openssl(*arguments):
        done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"openssl {arguments}: {done.stderr}")

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Test authority")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "self.key", "-out", "self.pem", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    for name, address, days in (("good", "IP:127.0.0.1", "2"), ("other", "DNS:other.example", "2"), ("expired", "IP:127.0.0.1", "-1")):
        (folder / f"{name}.ext").write_text(f"subjectAltName={address}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=telecom")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem", "-days", days,
                "-extfile", f"{name}.ext")


class TlsFailures(EndToEnd):
    def tls_telecom(self, name):
        fake = FakeProvider(lambda handler, body: answer_with(handler, 200, '{"CodeResult":"100","SMSID":"tls-1"}'))
        self.addCleanup(fake.close)
        fake.server.handle_error = lambda *arguments: None  # the handshakes that are to fail
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        fake.server.socket = context.wrap_socket(fake.server.socket, server_side=True, do_handshake_on_connect=False)
        return fake

    def test_a_certificate_that_is_not_good_gets_no_sms_and_no_secret(self):
        make_certificates(self.folder)
        bundle = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        # In a namespace of its own the daemon trusts the test's authority; without root only the self-made one is tried.
        trusted = os.geteuid() == 0 and bundle.exists() and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0
        names = ("self", "other", "expired") if trusted else ("self",)
        fakes = {name: self.tls_telecom(name) for name in (*names, *(("good",) if trusted else ()))}
        for name, fake in fakes.items():
            with self.subTest(name):
                folder = self.folder / f"daemon-{name}"
                folder.mkdir()
                tls = {**provider("esms", fake.port), "base_url": f"https://127.0.0.1:{fake.port}"}
                daemon = self.daemon([tls], folder=folder, start=False)
                if trusted:
                    self.trust(daemon, bundle)
                daemon.start()
                citizen = Citizen()
                daemon.accept(citizen.event(2))
                expected = "accepted" if name == "good" else "retry"
                message = daemon.await_state(citizen.dossier, "received", expected)
                if name != "good":
                    self.assertEqual(message["cause"], "not_reached")
                    self.assertEqual(fake.requests, [])
                self.assertEqual(daemon.stop(), 0)

    def trust(self, daemon, bundle):
        script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'

        def launch():
            daemon.process = Process(["unshare", "-m", "sh", "-c", script, "sh", self.folder / "ca.pem", bundle, BUILD / "hoiam",
                                      "--config", daemon.config, "serve"], daemon.folder, "hoiam")
        daemon.launch = launch

    def test_a_server_that_speaks_no_tls_or_breaks_the_handshake_is_tried_again(self):
        plain = self.fake_provider(lambda handler, body: answer_with(handler, 200, "{}"))
        tls = {**provider("esms", plain.port), "base_url": f"https://127.0.0.1:{plain.port}"}
        daemon = self.daemon([tls])
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        self.assertEqual(daemon.await_state(citizen.dossier, "received", "retry")["cause"], "not_reached")
        self.assertEqual(plain.requests, [])


class Reports(EndToEnd):
    def report(self, daemon, token="sim", **fields):
        return call(daemon.port, "GET", f"/hooks/esms/report?{query(SendSuccess='1', SendFailed='0', SendStatus='5', **fields)}&token={token}")

    def test_a_flood_of_unknown_and_forged_reports_moves_nothing_and_does_not_grow_without_end(self):
        daemon, telecom = self.world(more={"settings": {"hook_token": "sim"}})
        telecom.behave(no_report=1)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        message = daemon.await_state(citizen.dossier, "received", "accepted")
        own = telecom.messages()[0]

        def flood(first):
            for number in range(first, first + 250):
                forged = self.report(daemon, token="wrong", SMSID=own["id"], RequestId=own["request_id"])
                self.forged.append(forged.status)
                self.unknown.append(self.report(daemon, SMSID=f"unknown-{number}", RequestId=f"nobody-{number}").status)
        self.forged, self.unknown = [], []
        threads = [threading.Thread(target=flood, args=(n * 1000,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual((set(self.forged), set(self.unknown), len(self.forged)), ({401}, {200}, 1000))
        self.assertEqual(daemon.message(citizen.dossier, "received")["state"], message["state"])
        self.assertEqual(daemon.select("SELECT count(*) FROM unmatched_reports"), [(1000,)])
        self.assertEqual(self.report(daemon, SMSID=own["id"]).status, 200)
        daemon.await_state(citizen.dossier, "received", "delivered")

    def test_a_report_a_month_late_still_counts_and_an_undelivered_one_after_it_does_not(self):
        port, moment = free_port(), now()
        telecom = self.telecom(port)
        telecom.behave(no_report=1)
        daemon = self.daemon([provider("esms", telecom.port)], port=port, arguments=["--virtual-clock", rfc3339(moment)])
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "accepted")
        self.assertEqual(daemon.post("/v1/clock", {"now": rfc3339(moment + datetime.timedelta(days=30))}).status, 200)
        sent = telecom.messages()[0]
        self.assertEqual(self.report(daemon, SMSID=sent["id"]).status, 200)
        daemon.await_state(citizen.dossier, "received", "delivered")
        failed = f"/hooks/esms/report?{query(SMSID=sent['id'], SendStatus='5', SendSuccess='0', SendFailed='1')}&token=sim"
        self.assertEqual(call(daemon.port, "GET", failed).status, 200)
        self.assertEqual(daemon.message(citizen.dossier, "received")["state"], "delivered")


if __name__ == "__main__":
    unittest.main()
