"""Every shipped provider profile against telecom_sim, which speaks the provider's protocol, and everything a telecom
may do wrong: refuse, lose its answer, answer nonsense, be away."""
import datetime
import json
import pathlib
import re
import socket
import threading
import unittest

from harness import (
    ROOT, SETTINGS, UYEN_HUNG, Citizen, EndToEnd, answer_with, free_port, now, provider, query, rfc3339, this_month, wait_until,
)

ACCEPTED = json.dumps({"CodeResult": "100", "SMSID": "fake-1"})


def attempts(daemon, message):
    life = daemon.get(f"/v1/messages/{message['id']}").json()
    return [(attempt["outcome"], attempt["code"]) for attempt in life["attempts"]]


class EachProfile(EndToEnd):
    def worlds(self, **rates):
        """One telecom and one daemon for each shipped profile."""
        for profile in SETTINGS:
            folder = self.folder / profile
            folder.mkdir()
            daemon, telecom = self.world(profile, folder=folder)
            telecom.behave(**rates)
            yield profile, daemon, telecom

    def test_sends_and_takes_reports_and_replies(self):
        for profile, daemon, telecom in self.worlds():
            with self.subTest(profile):
                citizen = Citizen()
                question = self.survey(daemon, telecom, citizen)
                message = daemon.await_state(citizen.dossier, "survey_score", "delivered")
                self.assertEqual(message["provider"], profile)
                self.assertEqual(question, message["text"])
                telecom.sms(citizen.phone, "TANUYEN 2", provider=profile)
                wait_until(lambda: telecom.to(citizen.phone, "ly do"), "the question for the reason")
                telecom.sms(citizen.phone, "cho doi lau qua", provider=profile)
                wait_until(lambda: telecom.to(citizen.phone, "khac phuc"), "the thanks")
                period = query(**{"from": this_month(), "to": this_month()})
                row = next(r for r in daemon.get(f"/v1/satisfaction?{period}").json()["rows"] if r["key"] == UYEN_HUNG)
                self.assertEqual((row["delivered"], row["answered"], row["scores"]["2"]), (1, 1, 1))
                row = next(r for r in daemon.get(f"/v1/reasons?{period}").json()["rows"] if r["key"] == UYEN_HUNG)
                self.assertEqual(row["reasons"]["waiting"], 1)
                stats = telecom.stats()
                self.assertEqual((stats["reports_failed"], stats["replies_failed"]), (0, 0), stats)

    def test_keeps_accents_and_signs_on_the_way(self):
        text = "{organisation}: Hồ sơ {dossier} đã có kết quả & \"phí\" 50% + 1 = ? # € ~ 👍."
        for profile, daemon, telecom in self.worlds():
            with self.subTest(profile):
                catalogue = daemon.folder / "messages.toml"
                shipped = (ROOT / "config/messages.toml").read_text(encoding="utf-8").replace("[situation.result_ready]", '[situation.result_ready]\naccents = "always"')
                catalogue.write_text(shipped, encoding="utf-8")
                self.assertEqual(daemon.stop(), 0)
                daemon.config.write_text(daemon.config.read_text().replace("[notify]", "[notify]\ntexts = { result_ready = " + json.dumps(text, ensure_ascii=False) + " }"), encoding="utf-8")
                daemon.start()
                citizen = Citizen()
                daemon.accept(citizen.event(9))
                message = daemon.await_state(citizen.dossier, "result_ready", "delivered")
                self.assertEqual(telecom.to(citizen.phone), [message["text"]])
                self.assertIn("đã có kết quả & \"phí\" 50% + 1 = ? # € ~ 👍.", message["text"])

    def test_sends_again_after_a_throttle_or_a_passing_failure(self):
        worlds = list(self.worlds())
        for rate in ("throttle", "transient"):
            waiting = []
            for profile, daemon, telecom in worlds:
                telecom.behave(**{rate: 1})
                citizen = Citizen()
                daemon.accept(citizen.event(2))
                # Who deduplicates may have taken what it answered with an error page, so that one is unknown.
                state = "unknown" if (profile, rate) == ("esms", "transient") else "retry"
                daemon.await_state(citizen.dossier, "received", state)
                telecom.behave(**{rate: 0})
                waiting.append((profile, daemon, telecom, citizen))
            for profile, daemon, telecom, citizen in waiting:
                with self.subTest(f"{profile} {rate}"):
                    message = daemon.await_state(citizen.dossier, "received", "delivered")
                    self.assertEqual([outcome for outcome, _ in attempts(daemon, message)][-1], "accepted")
                    self.assertEqual(len(telecom.messages(phone=citizen.phone)), 1)

    def test_a_refused_text_or_number_is_a_dead_letter_and_stops_nobody(self):
        for profile, daemon, telecom in self.worlds():
            for rate in ("content", "refuse"):
                with self.subTest(f"{profile} {rate}"):
                    telecom.behave(**{rate: 1})
                    refused = Citizen()
                    daemon.accept(refused.event(2))
                    message = daemon.await_state(refused.dossier, "received", "rejected")
                    telecom.behave(**{rate: 0})
                    self.assertEqual(len(attempts(daemon, message)), 1)
                    self.assertIn(message["id"], [m["id"] for m in daemon.messages(state="rejected")])
                    other = Citizen()
                    daemon.accept(other.event(2))
                    daemon.await_state(other.dossier, "received", "delivered")
                    self.assertEqual(daemon.metric("hoiam_provider_stops_total"), 0)
                    self.assertEqual(telecom.messages(phone=refused.phone), [])
                    self.assertEqual(daemon.post(f"/v1/messages/{message['id']}/replay").status, 202)
                    daemon.await_state(refused.dossier, "received", "delivered")
                    self.assertEqual(len(telecom.messages(phone=refused.phone)), 1)

    def test_a_number_that_never_got_it_and_a_telecom_that_rejected_it_are_told_apart(self):
        for profile, daemon, telecom in self.worlds(undelivered=1):
            with self.subTest(profile):
                citizens = [Citizen() for _ in range(12)]
                daemon.accept(*[c.event(2) for c in citizens])
                wait_until(lambda: set(daemon.states()) <= {"undelivered", "rejected"}, "all reports")
                by_phone = {m["phone"]: m["state"] for m in telecom.messages()}
                for citizen in citizens:
                    state = daemon.message(citizen.dossier, "received")["state"]
                    if profile != "speedsms":  # its reports do not tell the two apart
                        self.assertEqual(state, by_phone[citizen.phone])

    def test_reports_twice_and_out_of_order_change_nothing(self):
        for profile, daemon, telecom in self.worlds(duplicate_report=1, reorder=1):
            with self.subTest(profile):
                citizens = [Citizen() for _ in range(10)]
                daemon.accept(*[c.event(2) for c in citizens])
                each = 2 if profile == "kannel" else 3  # Kannel's mask leaves interim reports out
                wait_until(lambda: telecom.stats()["reports_ok"] == each * len(citizens), "all reports")
                self.assertEqual(daemon.states(), {"delivered": len(citizens)})


class AVirtualDay(EndToEnd):
    """A daemon whose clock the test moves: for what happens minutes later."""

    def virtual(self, profile):
        self.now = now()
        port = free_port()
        telecom = self.telecom(port)
        daemon = self.daemon([provider(profile, telecom.port)], port=port, arguments=["--virtual-clock", rfc3339(self.now)])
        return daemon, telecom

    def forward(self, daemon, **time):
        self.now += datetime.timedelta(**time)
        answer = daemon.post("/v1/clock", {"now": rfc3339(self.now)})
        self.assertEqual(answer.status, 200, answer)

    def test_without_credit_the_lane_stops_and_goes_on_by_itself(self):
        self.stop_and_go_on("credit")

    def test_with_a_wrong_key_the_lane_stops_and_goes_on_by_itself(self):
        self.stop_and_go_on("config")

    def stop_and_go_on(self, rate):
        daemon, telecom = self.virtual("esms")
        telecom.behave(**{rate: 1})
        first, second = Citizen(), Citizen()
        daemon.accept(first.event(2))
        daemon.await_state(first.dossier, "received", "retry")
        self.assertEqual(daemon.metric("hoiam_provider_stops_total", provider="esms"), 1)
        self.assertIn('"event":"provider_stopped"', daemon.log())
        telecom.behave(**{rate: 0})
        daemon.accept(second.event(2))
        self.forward(daemon, minutes=4)
        self.assertEqual(telecom.messages(), [], "nothing is sent while the lane is stopped")
        self.assertEqual(daemon.message(second.dossier, "received")["state"], "queued")
        self.forward(daemon, minutes=1, seconds=1)
        for citizen in (first, second):
            daemon.await_state(citizen.dossier, "received", "delivered")

    def test_a_lost_answer_where_nobody_deduplicates_repeats_a_status_and_never_a_survey(self):
        daemon, telecom = self.virtual("speedsms")
        telecom.behave(lost=1, no_report=1)
        status, survey = Citizen(), Citizen()
        daemon.accept(status.event(2))
        daemon.accept(*survey.whole_dossier())
        daemon.await_state(status.dossier, "received", "unknown")
        daemon.await_state(survey.dossier, "survey_score", "unknown")
        telecom.behave(lost=0, no_report=0)
        self.forward(daemon, minutes=14)
        self.assertEqual(len(telecom.messages(phone=status.phone)), 1)
        self.forward(daemon, minutes=2)
        daemon.await_state(status.dossier, "received", "delivered")
        self.forward(daemon, days=2)
        self.assertEqual(len(telecom.messages(phone=status.phone)), 2)
        self.assertEqual(len(telecom.to(survey.phone, "TC de tu choi")), 1)
        self.assertEqual(daemon.message(survey.dossier, "survey_score")["state"], "unknown")

    def test_what_cannot_be_sent_in_its_time_expires_and_can_be_replayed(self):
        daemon, telecom = self.virtual("esms")
        telecom.behave(throttle=1)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        for _ in range(80):
            self.forward(daemon, hours=1)
        message = daemon.message(citizen.dossier, "received")
        self.assertEqual(message["state"], "expired")
        telecom.behave(throttle=0)
        self.assertEqual(daemon.post(f"/v1/messages/{message['id']}/replay").status, 202)
        daemon.await_state(citizen.dossier, "received", "delivered")


class LostAnswers(EndToEnd):
    def test_esms_is_asked_again_with_the_same_request_id_and_sends_once(self):
        daemon, telecom = self.world()
        telecom.behave(lost=1, no_report=1)
        citizens = [Citizen() for _ in range(5)]
        daemon.accept(*[c.event(2) for c in citizens])
        for citizen in citizens:
            daemon.await_state(citizen.dossier, "received", "unknown")
        telecom.behave(lost=0)
        for citizen in citizens:
            message = daemon.await_state(citizen.dossier, "received", "accepted")
            self.assertEqual(attempts(daemon, message), [("ambiguous", "no_answer"), ("duplicate", "124")])
            sent = telecom.messages(phone=citizen.phone)
            self.assertEqual([(m["accepted"], m["submitted"], m["duplicates_refused"]) for m in sent], [(1, 2, 1)])
            self.assertEqual(message["provider_message_id"], sent[0]["id"])

    def test_a_connection_closed_before_anything_was_taken_is_asked_again(self):
        daemon, telecom = self.world()
        telecom.behave(reset=1)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "unknown")
        self.assertEqual(telecom.messages(), [])
        telecom.behave(reset=0)
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(len(telecom.messages()), 1)

    def test_a_request_whose_kept_connection_breaks_is_not_repeated_behind_our_back(self):
        for profile in SETTINGS:
            folder = self.folder / profile
            folder.mkdir()
            daemon, telecom = self.world(profile, folder=folder)
            first, second = Citizen(), Citizen()
            daemon.accept(first.event(2))
            daemon.await_state(first.dossier, "received", "delivered")
            telecom.behave(lost=1, no_report=1)
            daemon.accept(second.event(2))
            with self.subTest(profile):
                message = daemon.await_state(second.dossier, "received", "unknown")
                self.assertEqual(attempts(daemon, message), [("ambiguous", "no_answer")])
                self.assertEqual([m["submitted"] for m in telecom.messages(phone=second.phone)], [1])

    def test_the_delivery_report_settles_what_the_answer_did_not(self):
        for profile in ("esms", "kannel", "generic"):
            folder = self.folder / profile
            folder.mkdir()
            daemon, telecom = self.world(profile, folder=folder)
            telecom.behave(lost=1)
            citizen = Citizen()
            daemon.accept(citizen.event(2))
            with self.subTest(profile):
                daemon.await_state(citizen.dossier, "received", "delivered")
                self.assertEqual(len(telecom.messages()), 1)

    def test_a_report_that_overtakes_the_answer_is_matched_afterwards(self):
        daemon, telecom = self.world("speedsms", sim=("--report-min", "0", "--report-max", "0"))
        telecom.behave(latency_min=300, latency_max=400)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(daemon.metric("hoiam_delivery_reports_total", result="unmatched"), 1)
        self.assertEqual(daemon.select("SELECT count(*) FROM unmatched_reports"), [(0,)])


class OddAnswers(EndToEnd):
    """A telecom written here, which answers as no document says: first wrongly, then well."""

    def fake_world(self, first, **more):
        answers = [first]

        def answer(handler, body):
            respond = answers.pop(0) if answers else (lambda h: answer_with(h, 200, ACCEPTED))
            respond(handler)
        fake = self.fake_provider(answer)
        daemon = self.daemon([provider("esms", fake.port, **more)])
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        return daemon, fake, citizen

    def assert_settled_by_asking_again(self, daemon, fake, citizen, code):
        message = daemon.await_state(citizen.dossier, "received", "accepted")
        self.assertEqual(attempts(daemon, message), [("ambiguous", code), ("accepted", "100")])
        self.assertEqual(len({json.loads(body)["RequestId"] for _, _, body in fake.requests}), 1)
        self.assertEqual(len(fake.requests), 2)

    def test_a_code_that_no_profile_knows_is_kept_counted_and_not_repeated(self):
        daemon, fake, citizen = self.fake_world(lambda h: answer_with(h, 200, '{"CodeResult":"777","ErrorMessage":"?"}'))
        message = daemon.await_state(citizen.dossier, "received", "unknown")
        self.assertEqual((message["cause"], message["due_at"]), ("777", None))
        self.assertEqual(daemon.metric("hoiam_provider_unknown_codes_total", provider="esms"), 1)
        self.assertIn('"code":"777"', daemon.log())
        other = Citizen()
        daemon.accept(other.event(2))
        daemon.await_state(other.dossier, "received", "accepted")
        self.assertEqual(len(fake.requests), 2)

    def test_an_answer_that_is_no_json_is_no_answer(self):
        pages = ("<html>Bad gateway</html>", "", "{", '{"CodeResult":"100"', "[1,2]" * 3, "\xff")
        for number, body in enumerate(pages):
            with self.subTest(body):
                self.folder_of(number)
                world = self.fake_world(lambda h: answer_with(h, 200, body))
                self.later = getattr(self, "later", []) + [world]
        for world in self.later:
            self.assert_settled_by_asking_again(*world, "unreadable_answer")

    def folder_of(self, name):
        """A folder of its own for the next daemon of this test."""
        base = getattr(self, "base", self.folder)
        self.base, self.folder = base, base / str(name)
        self.folder.mkdir()

    def test_a_server_error_page_and_json_of_another_kind_are_told_apart(self):
        self.folder_of("error")
        failed = self.fake_world(lambda h: answer_with(h, 500, "{}"))
        self.folder_of("array")
        odd = self.fake_world(lambda h: answer_with(h, 200, '{"error":"something"}'))
        self.assert_settled_by_asking_again(*failed, "http_500")
        daemon, fake, citizen = odd
        daemon.await_state(citizen.dossier, "received", "unknown")

    def test_a_huge_answer_is_cut_off(self):
        world = self.fake_world(lambda h: answer_with(h, 200, b" " * 50_000_000))
        self.assert_settled_by_asking_again(*world, "no_answer")
        daemon = world[0]
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        resident = int(re.search(r"VmHWM:\s+(\d+)", status).group(1))
        self.assertLess(resident, 200_000, "kB of memory")

    def test_a_telecom_that_does_not_answer_in_time_is_asked_again(self):
        world = self.fake_world(self.hang, timeout="1s")
        self.assert_settled_by_asking_again(*world, "no_answer")

    def hang(self, handler):
        # Silent until the daemon gives up and closes.
        handler.connection.settimeout(20)
        handler.connection.recv(1)
        handler.close_connection = True

    def test_a_closed_port_is_tried_again_until_somebody_listens(self):
        port = free_port()
        daemon = self.daemon([provider("esms", port)])
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        message = daemon.await_state(citizen.dossier, "received", "retry")
        self.assertEqual(attempts(daemon, message), [("transient", "not_reached")])
        listener = self.fake_provider(lambda handler, body: answer_with(handler, 200, ACCEPTED), port)
        daemon.await_state(citizen.dossier, "received", "accepted")
        self.assertEqual(len(listener.requests), 1)


class SeveralProviders(EndToEnd):
    def test_two_accounts_share_the_load_and_each_takes_its_own_reports(self):
        port = free_port()
        telecom = self.telecom(port)
        names = ("esms-a", "esms-b")
        daemon = self.daemon([{**provider("esms", telecom.port), "name": name, "in_flight": 4} for name in names], port=port)
        telecom.behave(latency_min=20, latency_max=40)
        citizens = [Citizen() for _ in range(60)]
        daemon.accept(*[c.event(2) for c in citizens])
        wait_until(lambda: daemon.states() == {"delivered": 60}, "all to be delivered")
        for name in names:
            self.assertGreater(daemon.metric("hoiam_sms_attempts_total", provider=name), 10)
            # A report may overtake the answer of its message, and is then counted first.
            wait_until(lambda: daemon.metric("hoiam_delivery_reports_total", provider=name, result="recorded")
                       == daemon.metric("hoiam_sms_attempts_total", provider=name, outcome="accepted"), "both to be counted")
        self.assertEqual(len(telecom.messages()), 60)

    def test_what_one_telecom_cannot_have_taken_goes_out_through_the_other(self):
        port = free_port()
        telecom = self.telecom(port)
        daemon = self.daemon([{**provider("esms", free_port()), "name": "away"}, provider("generic", telecom.port)], port=port)
        citizens = [Citizen() for _ in range(10)]
        daemon.accept(*[c.event(2) for c in citizens])
        wait_until(lambda: daemon.states() == {"delivered": 10}, "all to be delivered", 45)
        self.assertEqual({len(telecom.messages(phone=c.phone)) for c in citizens}, {1})

    def test_what_one_telecom_may_have_taken_waits_for_it_and_goes_out_through_no_other(self):
        taken = []

        def lose_the_first_answer(handler, body):
            taken.append(json.loads(body)["RequestId"])
            if len(taken) > 1:
                return answer_with(handler, 200, json.dumps({"CodeResult": "100", "SMSID": "1"}))
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        away, port = self.fake_provider(lose_the_first_answer), free_port()
        other = self.telecom(port)
        daemon = self.daemon([provider("esms", away.port, share=100), provider("generic", other.port, share=1)], port=port)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        wait_until(lambda: taken, "the first attempt")
        away.close()
        attempts = "SELECT count(*) FROM attempts WHERE code = 'not_reached'"
        wait_until(lambda: daemon.select(attempts)[0][0] >= 2, "two repeats in vain", 45)
        self.assertEqual(daemon.message(citizen.dossier, "received")["state"], "unknown")
        self.fake_provider(lose_the_first_answer, away.port)
        daemon.await_state(citizen.dossier, "received", "accepted", 45)
        self.assertEqual(len(set(taken)), 1)
        self.assertEqual(other.messages(), [])

    def test_the_rate_of_a_provider_is_kept(self):
        port = free_port()
        telecom = self.telecom(port)
        daemon = self.daemon([{**provider("speedsms", telecom.port), "rate": 20}], port=port)
        citizens = [Citizen() for _ in range(80)]
        daemon.accept(*[c.event(2) for c in citizens])
        wait_until(lambda: daemon.states() == {"delivered": 80}, "all to be delivered")
        times = sorted(datetime.datetime.fromisoformat(m["at"].replace("Z", "+00:00")) for m in telecom.messages())
        took = (times[-1] - times[0]).total_seconds()
        self.assertGreater(took, (80 - 20) / 20 * 0.9, "faster than the rate and a full bucket allow")


class KeptConnections(EndToEnd):
    def test_a_burst_after_a_lull_needs_no_new_connection(self):
        together, callers = 12, []
        barrier = threading.Barrier(together)

        def answer(handler, body):
            callers.append(handler.client_address)
            if self.burst:
                barrier.wait(20)  # all of them are under way at once
            answer_with(handler, 200, json.dumps({"CodeResult": "100", "SMSID": f"fake-{len(callers)}"}))

        fake = self.fake_provider(answer)
        daemon = self.daemon([provider("esms", fake.port, in_flight=together)])

        def send(count):
            before = len(callers)
            daemon.accept(*[Citizen().event(2) for _ in range(count)])
            wait_until(lambda: daemon.states() == {"accepted": before + count}, "all to be accepted")

        for self.burst, count in ((True, together), (False, 1), (False, 1), (True, together)):
            send(count)
        self.assertEqual(len(set(callers)), together)


if __name__ == "__main__":
    unittest.main()
