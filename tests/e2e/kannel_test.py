"""A real Kannel 1.4.5 (bearerbox and smsbox) between the daemon and an SMSC: the profile config/providers/kannel.toml
against the program itself. The SMSC is Kannel's own "fake" type, whose line protocol the test speaks."""
import pathlib
import shutil
import socket
import threading
import unittest
import urllib.parse

from harness import ROOT, UYEN_HUNG, Citizen, EndToEnd, Process, answer_with, call, free_port, provider, query, this_month, wait_until

BEARERBOX, SMSBOX = (shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin") for name in ("bearerbox", "smsbox"))

KANNEL_CONF = """
group = core
admin-port = {admin}
admin-password = test
admin-allow-ip = "127.0.0.1"
admin-interface = "127.0.0.1"
smsbox-port = {box}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
log-level = 1
store-type = file
store-location = "{folder}/kannel.store"

{smsc_group}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"
log-level = 1

group = sendsms-user
username = sim
password = sim
max-messages = 10
black-list-regex = "^\\+84912999"
user-allow-ip = "127.0.0.1"

{service}
"""

FAKE_SMSC = """
group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = {smsc}
connect-allow-ip = 127.0.0.1
"""

# Another Kannel, or whatever speaks its HTTP interface, behind this one.
HTTP_SMSC = """
group = smsc
smsc = http
system-type = kannel
smsc-id = http
port = {smsc}
smsc-username = sim
smsc-password = sim
send-url = "http://127.0.0.1:{upstream}/cgi-bin/sendsms"
dlr-url = "http://127.0.0.1:{smsc}/?username=sim&password=sim"
connect-allow-ip = 127.0.0.1
"""


def service_of_the_profile(daemon_port, token):
    """The sms-service group that the profile's head tells the operator to write."""
    text = (ROOT / "config/providers/kannel.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#   ")]
    service = "\n".join(lines).replace("127.0.0.1:8080", f"127.0.0.1:{daemon_port}")
    assert "group = sms-service" in service and "get-url" in service, service
    return service.replace("&id=%I", f"&id=%I&token={token}")


class FakeSmsc:
    """The SMSC behind Kannel: what it receives, and SMS it sends."""

    def __init__(self, port):
        self.lines = []
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.connection.settimeout(None)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            with self.connection.makefile("rb") as stream:
                for line in stream:
                    self.lines.append(line.rstrip(b"\n").decode("ascii"))
        except (OSError, ValueError):
            pass

    def received(self, phone, containing=""):
        """The texts that went to a phone."""
        texts = []
        for line in list(self.lines):
            _, to, kind, rest = line.split(" ", 3)
            text = urllib.parse.unquote_to_bytes(rest.replace("+", " ")).decode("utf-16-be") if kind == "ucs-2" else rest
            if to == "+" + phone and containing in text:
                texts.append(text)
        return texts

    def send(self, phone, text):
        """In octets, so that every character gets through."""
        line = f"{phone} 8079 data {urllib.parse.quote_plus(text)}\n"
        self.connection.sendall(line.encode("ascii"))

    def close(self):
        self.connection.close()


class KannelTest(EndToEnd):
    """Starts bearerbox and smsbox on ports of their own."""

    def setUp(self):
        if not (BEARERBOX and SMSBOX):
            self.skipTest("Kannel is not installed (deploy/install-packages test)")
        super().setUp()
        self.ports = {name: free_port() for name in ("admin", "box", "smsc", "sendsms")}
        self.daemon_port = free_port()

    def kannel(self, smsc_group=FAKE_SMSC, **values):
        self.bearerbox(smsc_group.format(**self.ports, **values))
        self.smsbox()

    def bearerbox(self, smsc_group):
        self.conf = self.folder / "kannel.conf"
        service = service_of_the_profile(self.daemon_port, "sim")
        text = KANNEL_CONF.format(folder=self.folder, service=service, smsc_group=smsc_group, **self.ports)
        self.conf.write_text(text, encoding="utf-8")
        self.launch(BEARERBOX, "bearerbox")
        for name in ("box", "smsc"):
            wait_until(lambda: self.listening(self.ports[name]), f"bearerbox's {name} port")

    def smsbox(self):
        self.launch(SMSBOX, "smsbox")
        wait_until(lambda: self.listening(self.ports["sendsms"]), "smsbox to listen")
        wait_until(lambda: "sms" in call(self.ports["admin"], "GET", "/status.txt?password=test").text, "bearerbox to know smsbox")

    def launch(self, program, name):
        process = Process([program, self.conf], self.folder, name)
        self.addCleanup(process.kill)
        return process

    def listening(self, port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0 if port != self.ports["smsc"] else self.in_listen_state(port)

    @staticmethod
    def in_listen_state(port):
        # A trial connection would be taken for the SMSC, so the system's table is read instead.
        rows = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
        return any(row.split()[3] == "0A" and row.split()[1].endswith(f":{port:04X}") for row in rows)

    def hoiam(self, **more):
        settings = more.pop("settings", {})
        return self.daemon([provider("kannel", self.ports["sendsms"], settings=settings)], port=self.daemon_port, **more)


class WithItsFakeSmsc(KannelTest):
    def smsc(self):
        smsc = FakeSmsc(self.ports["smsc"])
        self.addCleanup(smsc.close)
        return smsc

    def test_a_status_sms_goes_out_and_its_delivery_report_comes_back(self):
        self.kannel()
        smsc, daemon, citizen = self.smsc(), self.hoiam(), Citizen()
        daemon.accept(citizen.event(2))
        message = daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(smsc.received(citizen.phone), [message["text"]])
        self.assertEqual(daemon.metric("hoiam_delivery_reports_total", provider="kannel", result="recorded"), 1)

    def test_an_accented_text_arrives_with_its_accents(self):
        self.kannel()
        catalogue = (ROOT / "config/messages.toml").read_text(encoding="utf-8")
        (self.folder / "messages.toml").write_text(catalogue.replace("[situation.result_ready]", '[situation.result_ready]\naccents = "always"'), encoding="utf-8")
        smsc, daemon, citizen = self.smsc(), self.hoiam(), Citizen()
        daemon.accept(citizen.event(9))
        message = daemon.await_state(citizen.dossier, "result_ready", "delivered")
        self.assertEqual(message["encoding"], "ucs2")
        self.assertIn("đã có kết quả", message["text"])
        wait_until(lambda: smsc.received(citizen.phone), "the SMS")
        self.assertEqual("".join(smsc.received(citizen.phone)), message["text"])

    def test_replies_through_kannel_are_counted_and_answered(self):
        self.kannel()
        smsc, daemon = self.smsc(), self.hoiam()
        replies = {"TANUYEN 5": "5", "Rất không hài lòng": "1"}
        for text, score in replies.items():
            citizen = Citizen()
            daemon.accept(*citizen.whole_dossier())
            wait_until(lambda: smsc.received(citizen.phone, "TC de tu choi"), "the question")
            daemon.await_state(citizen.dossier, "survey_score", "delivered")
            smsc.send(citizen.phone, text)
            wait_until(lambda: smsc.received(citizen.phone, "Cam on" if score == "5" else "ly do"), f"the answer to {text}")
            if score == "1":
                smsc.send(citizen.phone, "thái độ hách dịch, trễ hẹn")
                wait_until(lambda: smsc.received(citizen.phone, "khac phuc"), "the thanks after the reason")
        period = query(**{"from": this_month(), "to": this_month()})
        row = next(r for r in daemon.get(f"/v1/satisfaction?{period}").json()["rows"] if r["key"] == UYEN_HUNG)
        self.assertEqual((row["scores"]["1"], row["scores"]["5"], row["delivered"]), (1, 1, 2))
        reasons = next(r for r in daemon.get(f"/v1/reasons?{period}").json()["rows"] if r["key"] == UYEN_HUNG)["reasons"]
        self.assertEqual((reasons["late"], reasons["attitude"]), (1, 1))

    def test_a_hundred_sms_arrive_each_once(self):
        self.kannel()
        smsc, daemon = self.smsc(), self.hoiam()
        citizens = [Citizen() for _ in range(100)]
        daemon.accept(*[citizen.event(2) for citizen in citizens])
        wait_until(lambda: daemon.states() == {"delivered": 100}, "all to be delivered")
        self.assertEqual([len(smsc.received(citizen.phone)) for citizen in citizens], [1] * 100)

    def test_an_sms_waits_for_kannel_to_come_up(self):
        daemon, citizen = self.hoiam(), Citizen()
        daemon.accept(citizen.event(2))
        self.assertEqual(daemon.await_state(citizen.dossier, "received", "retry")["cause"], "not_reached")
        self.kannel()
        smsc = self.smsc()
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(len(smsc.received(citizen.phone)), 1)

    def test_while_the_smsc_is_away_an_sms_is_accepted_and_not_called_delivered(self):
        self.kannel()
        daemon, citizen = self.hoiam(), Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "accepted")
        smsc = self.smsc()
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(len(smsc.received(citizen.phone)), 1)

    def test_a_wrong_password_stops_the_lane_and_keeps_the_message(self):
        self.kannel()
        daemon, citizen = self.hoiam(settings={"password": "wrong"}), Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "retry")
        self.assertEqual(daemon.metric("hoiam_provider_stops_total", provider="kannel"), 1)
        self.assertIn("provider_stopped", daemon.log())

    def test_a_number_on_kannels_black_list_is_a_dead_letter_and_stops_nobody(self):
        self.kannel()
        smsc, daemon, blocked, other = self.smsc(), self.hoiam(), Citizen(), Citizen()
        daemon.accept(blocked.event(2, applicant={"name": "A", "phone": "0912999001"}))
        self.assertEqual(daemon.await_state(blocked.dossier, "received", "rejected")["cause"], "Number")
        daemon.accept(other.event(2))
        daemon.await_state(other.dossier, "received", "delivered")
        self.assertEqual(smsc.received("84912999001"), [])

    def test_reports_and_sms_without_the_token_are_refused(self):
        daemon = self.hoiam()
        for path in ("report?id=x-1&status=1", "inbound?from=84912000001&text=5&id=1", "inbound?from=84912000001&text=5&id=1&token=wrong"):
            self.assert_problem(call(daemon.port, "GET", f"/hooks/kannel/{path}"), 401, "bad_signature")
        self.assertEqual(daemon.select("SELECT count(*) FROM inbound"), [(0,)])


class WithAnHttpSmsc(KannelTest):
    def upstream(self):
        """What the SMSC was given; and Kannel is started in front of it."""
        fake = self.fake_provider(lambda handler, body: answer_with(handler, 202, "0: Accepted for delivery", "text/plain"))
        self.kannel(HTTP_SMSC, upstream=fake.port)
        return fake

    @staticmethod
    def submitted(fake):
        return [dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query)) for path, _, _ in list(fake.requests)]

    def report(self, fields, value):
        url = urllib.parse.urlsplit(fields["dlr-url"].replace("%d", str(value)))
        self.assertEqual(call(self.ports["smsc"], "GET", f"{url.path}?{url.query}").status, 202)

    def sms(self, phone, text, **fields):
        """The SMSC hands a citizen's SMS to Kannel."""
        sent = query(username="sim", password="sim", **{"from": phone}, to="8079", text=text, **fields)
        self.assertEqual(call(self.ports["smsc"], "GET", f"/?{sent}").status, 202)

    def test_each_kind_of_final_report_ends_in_its_state(self):
        fake, daemon = self.upstream(), self.hoiam()
        for value, state in ((1, "delivered"), (2, "undelivered"), (16, "rejected")):
            citizen = Citizen()
            daemon.accept(citizen.event(2))
            phone = "+" + citizen.phone
            wait_until(lambda: any(f["to"] == phone for f in self.submitted(fake)), "the SMSC to get it")
            daemon.await_state(citizen.dossier, "received", "accepted")
            fields = next(f for f in self.submitted(fake) if f["to"] == phone)
            self.report(fields, value)
            daemon.await_state(citizen.dossier, "received", state)

    def test_what_a_phone_types_with_accents_arrives_with_them(self):
        self.upstream()
        daemon, citizen = self.hoiam(), Citizen()
        texts = {"Rất không hài lòng, trễ hẹn 👍": "2", "hai  long [ok]": "", "Đồng ý ạ": "2"}
        for number, (text, coding) in enumerate(texts.items(), 1):
            self.sms("+" + citizen.phone, text, **({"coding": coding, "charset": "UTF-8"} if coding else {}))
            wait_until(lambda: daemon.select("SELECT count(*) FROM inbound")[0][0] == number, "the SMS")
        self.assertEqual([row[0] for row in daemon.select("SELECT text FROM inbound ORDER BY id")], list(texts))


if __name__ == "__main__":
    unittest.main()
