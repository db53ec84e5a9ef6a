"""The main job, end to end: dossier events in, status SMS out, delivery reports and replies back, figures for the
interior department; and everything an operator types."""
import base64
import csv
import datetime
import hashlib
import http.client
import io
import json
import sqlite3
import unittest

from harness import (
    TAN_KHANH, UYEN_HUNG, VIETNAM, Citizen, EndToEnd, call, now, provider, query, rfc3339, run_hoiam, this_month, tomorrow,
    wait_until,
)


def figures(daemon, kind, role="viewer", by="commune"):
    answer = daemon.get(f"/v1/{kind}?" + query(**{"from": this_month(), "to": this_month(), "by": by}), role=role)
    if answer.status != 200:
        raise AssertionError(f"{kind}: {answer}")
    return answer.json()


def row_of(body, key):
    return next(row for row in body["rows"] if row["key"] == key)


def esms_inbound(phone, text, smsid, private_key="sim", cpid="hoiam"):
    """What eSMS sends for an SMS to the short code, signed as its documents say."""
    at = now().strftime("%Y%m%d%H%M%S")
    sign = base64.b64encode(hashlib.md5((cpid + smsid + text + at + private_key).encode()).digest()).decode()
    return "/hooks/esms/inbound?" + query(
        sender=phone, content=text, serviceNumber="8079", keyword=text.split(" ")[0], sign=sign, cpid=cpid, smsid=smsid, receiverTime=at
    )


class ADossierOnItsWay(EndToEnd):
    def test_an_event_becomes_an_sms_that_is_reported_as_delivered(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        answer = daemon.accept(citizen.event(2, due_at=rfc3339(tomorrow(23, 30))))
        self.assertEqual(answer, {"accepted": 1, "duplicate": 0, "rejected": [], "warnings": []})
        message = daemon.await_state(citizen.dossier, "received", "delivered")
        sent = telecom.messages(phone=citizen.phone)
        self.assertEqual(len(sent), 1)
        self.assertEqual(sent[0]["text"], message["text"])
        self.assertIn(citizen.dossier, message["text"])
        self.assertIn("UBND TX Tan Uyen", message["text"])
        self.assertIn(f"{tomorrow(23, 30):%H:%M %d/%m/%Y}", message["text"])
        self.assertEqual(message["provider_message_id"], sent[0]["id"])

    def test_arrays_and_ndjson_are_taken_like_single_events(self):
        daemon, telecom = self.world()
        several = [Citizen() for _ in range(5)]
        self.assertEqual(daemon.accept(*[c.event(2) for c in several])["accepted"], 5)
        lines = [Citizen() for _ in range(4)]
        body = "\n".join(json.dumps(c.event(2), ensure_ascii=False) for c in lines) + "\n"
        answer = daemon.post("/v1/dossier-events", body, role="dossiers", headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual((answer.status, answer.json()["accepted"]), (202, 4), answer)
        for citizen in several + lines:
            daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(len(telecom.messages()), 9)

    def test_one_bad_event_does_not_hold_back_the_others(self):
        daemon, _ = self.world()
        good, bad = Citizen(), Citizen()
        lines = [json.dumps(good.event(2)), "{not json", json.dumps(bad.event(77))]
        answer = daemon.post("/v1/dossier-events", "\n".join(lines), role="dossiers", headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 202, answer)
        body = answer.json()
        self.assertEqual(body["accepted"], 1)
        self.assertEqual([(r["index"], r["pointer"], r["code"]) for r in body["rejected"]],
                         [(1, "", "malformed_json"), (2, "/status", "unknown_value")])
        daemon.await_state(good.dossier, "received", "delivered")

    def test_the_same_event_again_changes_nothing(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        event = citizen.event(2)
        daemon.accept(event)
        daemon.await_state(citizen.dossier, "received", "delivered")
        for _ in range(3):
            self.assertEqual(daemon.accept(event)["duplicate"], 1)
        daemon.accept(citizen.event(9))
        daemon.await_state(citizen.dossier, "result_ready", "delivered")
        self.assertEqual(len(telecom.messages(phone=citizen.phone)), 2)

    def test_a_counter_dossier_gets_no_sms_about_what_its_slip_says(self):
        daemon, telecom = self.world()
        citizen = Citizen(submitted_by="counter")
        daemon.accept(citizen.event(2))
        daemon.accept(citizen.event(9))
        daemon.await_state(citizen.dossier, "result_ready", "delivered")
        self.assertEqual([m["situation"] for m in daemon.messages(dossier=citizen.dossier)], ["result_ready"])
        self.assertEqual(daemon.metric("hoiam_events_without_sms_total", cause="handed_in_at_counter"), 1)

    def test_every_situation_has_its_text(self):
        daemon, _ = self.world()
        due = rfc3339(tomorrow(23, 0))
        cases = [
            ("registered", 1, {}, "Da nhan dang ky"),
            ("received", 2, {"due_at": due}, "hen tra ket qua 23:00"),
            ("not_accepted", 3, {"reason": "Thiếu chữ ký"}, "Thieu chu ky"),
            ("supplement", 5, {"missing_papers": "Bản sao hộ khẩu"}, "Ban sao ho khau"),
            ("payment_due", 6, {"amount": 1500000}, "1.500.000 dong"),
            ("refused", 8, {"reason": "Không đúng thẩm quyền"}, "Khong dung tham quyen"),
            ("result_ready", 9, {}, "da co ket qua"),
            ("result_posted", 9, {"return_by": "post", "tracking_code": "EA123456789VN"}, "EA123456789VN"),
            ("result_online", 9, {"return_by": "online"}, "ket qua dien tu"),
        ]
        for situation, status, fields, words in cases:
            citizen = Citizen()
            daemon.accept(citizen.event(status, **fields))
            with self.subTest(situation):
                self.assertIn(words, daemon.await_state(citizen.dossier, situation, "delivered")["text"])

    def test_an_appointment_that_passes_or_moves_brings_an_apology(self):
        daemon, _ = self.world()
        passed, moved = Citizen(), Citizen()
        daemon.accept(passed.event(2, received_at=rfc3339(passed.at), due_at=rfc3339(now())))
        late = daemon.await_state(passed.dossier, "late", "delivered")
        self.assertIn("Xin loi", late["text"])
        daemon.accept(moved.event(2, due_at=rfc3339(tomorrow(23, 0))))
        daemon.accept(moved.event(4, new_due_at="2099-01-02T16:30:00+07:00", reason="Chờ xác minh"))
        self.assertIn("16:30 02/01/2099", daemon.await_state(moved.dossier, "late", "delivered")["text"])

    def test_what_a_newer_status_overtakes_is_not_sent(self):
        daemon, telecom = self.world(notify={"coalesce": "1s"})
        citizen = Citizen()
        daemon.accept(*citizen.whole_dossier()[:2])
        daemon.await_state(citizen.dossier, "result_ready", "delivered")
        self.assertEqual(daemon.message(citizen.dossier, "received")["state"], "cancelled")
        self.assertEqual(len(telecom.messages(phone=citizen.phone)), 1)

    def test_a_dossier_can_be_looked_up(self):
        daemon, _ = self.world()
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        found = daemon.get(f"/v1/dossiers/{citizen.dossier}", role="dossiers").json()
        self.assertEqual((found["dossier"], found["status"], found["commune"]), (citizen.dossier, 2, UYEN_HUNG))
        self.assertNotIn(citizen.phone[2:], json.dumps(found))
        self.assert_problem(daemon.get("/v1/dossiers/000.00.00.H09-000000-0000"), 404, "no_such_dossier")


class ACitizenAnswers(EndToEnd):
    def test_scores_and_reasons_are_counted_for_the_commune(self):
        daemon, telecom = self.world()
        replies = {"TANUYEN 5": 5, "4": 4, "binh thuong": 3, "TANUYEN 1": 1, "Rất hài lòng": 5}
        citizens = {text: Citizen() for text in replies}
        for citizen in citizens.values():
            self.survey(daemon, telecom, citizen)
            daemon.await_state(citizen.dossier, "survey_score", "delivered")
        for text, citizen in citizens.items():
            telecom.sms(citizen.phone, text)
        wait_until(lambda: daemon.metric("hoiam_inbound_sms_total", taken="score") == 5, "five scores")
        unhappy = citizens["TANUYEN 1"]
        wait_until(lambda: telecom.to(unhappy.phone, "ly do"), "the question for the reason")
        telecom.sms(unhappy.phone, "TANUYEN trễ hẹn hoài, thái độ hách dịch")
        wait_until(lambda: telecom.to(unhappy.phone, "khac phuc"), "the thanks after the reason")

        body = figures(daemon, "satisfaction")
        self.assertTrue(body["formula"])
        row = row_of(body, UYEN_HUNG)
        self.assertEqual((row["invited"], row["delivered"], row["answered"]), (5, 5, 5))
        self.assertEqual(row["scores"], {"1": 1, "2": 0, "3": 1, "4": 1, "5": 2})
        self.assertEqual((row["satisfied"], row["rate"], row["withheld"]), (3, 0.6, False))
        self.assertLess(row["low"], 0.6)
        self.assertGreater(row["high"], 0.6)
        self.assertEqual(row_of(body, TAN_KHANH)["answered"], 0)
        reasons = row_of(figures(daemon, "reasons"), UYEN_HUNG)
        self.assertEqual(reasons["dissatisfied"], 1)
        self.assertEqual({code: n for code, n in reasons["reasons"].items() if n}, {"late": 1, "attitude": 1})
        self.assertEqual(row_of(figures(daemon, "satisfaction", by="month"), this_month())["answered"], 5)
        self.assertEqual(row_of(figures(daemon, "satisfaction", by="procedure"), "1.001193")["answered"], 5)

    def test_a_signed_esms_webhook_is_an_answer_and_its_repeat_is_not(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        self.survey(daemon, telecom, citizen)
        url = esms_inbound(citizen.phone, "TANUYEN 5", "mo-1")
        for _ in range(3):
            answer = call(daemon.port, "GET", url)
            self.assertEqual(answer.status, 200, answer)
            self.assertIn("<Smsid>mo-1</Smsid>", answer.text)
        self.assertEqual(row_of(figures(daemon, "satisfaction"), UYEN_HUNG)["scores"]["5"], 1)
        self.assertEqual(daemon.metric("hoiam_inbound_sms_total", taken="repeated"), 2)
        wait_until(lambda: telecom.to(citizen.phone, "Cam on"), "the thanks")
        self.assertEqual(len(telecom.to(citizen.phone, "Cam on")), 1)

    def test_a_rate_over_few_answers_is_withheld(self):
        daemon, telecom = self.world(survey={"least_answers": 10})
        citizen = Citizen()
        self.survey(daemon, telecom, citizen)
        telecom.sms(citizen.phone, "5")
        wait_until(lambda: daemon.metric("hoiam_inbound_sms_total", taken="score") == 1, "the score")
        row = row_of(figures(daemon, "satisfaction"), UYEN_HUNG)
        self.assertEqual((row["answered"], row["withheld"], row["rate"], row["low"]), (1, True, None, None))

    def test_what_is_not_understood_is_asked_again_once_and_then_read_by_a_person(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        self.survey(daemon, telecom, citizen)
        telecom.sms(citizen.phone, "asdf qwer")
        wait_until(lambda: telecom.to(citizen.phone, "chua hieu cau tra loi"), "being asked again")
        telecom.sms(citizen.phone, "zxcv hjkl")
        wait_until(lambda: telecom.to(citizen.phone, "Can bo se doc"), "the word that a person reads it")
        row = row_of(figures(daemon, "satisfaction"), UYEN_HUNG)
        self.assertEqual((row["answered"], row["satisfied"]), (0, 0))
        self.assertEqual(daemon.metric("hoiam_queue_depth", queue="inbound_for_person"), 1)

    def test_opting_out_ends_all_sms_and_opting_in_brings_them_back(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        self.survey(daemon, telecom, citizen)
        telecom.sms(citizen.phone, "TC TANUYEN")
        wait_until(lambda: telecom.to(citizen.phone, "khong nhan tin nhan nua"), "the confirmation")
        second = Citizen()
        second.phone, second.national_phone = citizen.phone, citizen.national_phone
        before = len(telecom.messages(phone=citizen.phone))
        daemon.accept(second.event(2))
        self.assertEqual(daemon.metric("hoiam_events_without_sms_total", cause="opted_out"), 1)
        self.assertEqual(daemon.messages(dossier=second.dossier), [])
        telecom.sms(citizen.phone, "TANUYEN DK")
        wait_until(lambda: telecom.to(citizen.phone, "lai nhan tin nhan"), "the confirmation")
        daemon.accept(second.event(9))
        daemon.await_state(second.dossier, "result_ready", "delivered")
        self.assertEqual(len(telecom.messages(phone=citizen.phone)), before + 2)

    def test_a_phone_is_not_asked_again_within_the_pause(self):
        daemon, telecom = self.world()
        first = Citizen()
        self.survey(daemon, telecom, first)
        telecom.sms(first.phone, "5")
        wait_until(lambda: telecom.to(first.phone, "Cam on"), "the thanks")
        second = Citizen()
        second.phone, second.national_phone = first.phone, first.national_phone
        daemon.accept(*second.whole_dossier())
        asking = "SELECT count(*) FROM timers WHERE kind = 1"
        wait_until(lambda: daemon.select(asking)[0][0] == 0, "the timer that would have asked")
        self.assertEqual(len(telecom.to(first.phone, "TC de tu choi")), 1)
        self.assertEqual(row_of(figures(daemon, "satisfaction"), UYEN_HUNG)["invited"], 1)


class Messages(EndToEnd):
    def test_they_are_listed_by_dossier_and_state_and_in_pages(self):
        daemon, _ = self.world()
        citizens = [Citizen() for _ in range(7)]
        daemon.accept(*[c.event(2) for c in citizens])
        for citizen in citizens:
            daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(len(daemon.messages(dossier=citizens[0].dossier)), 1)
        self.assertEqual(len(daemon.messages(state="delivered")), 7)
        self.assertEqual(daemon.messages(state="rejected"), [])
        pages, after = [], 0
        while page := daemon.get(f"/v1/messages?limit=3&after={after}").json()["messages"]:
            pages.append(page)
            after = page[-1]["id"]
        self.assertEqual([len(page) for page in pages], [3, 3, 1])
        self.assertEqual(len({m["id"] for page in pages for m in page}), 7)
        self.assert_problem(daemon.get("/v1/messages?state=flying"), 400, "unknown_state")
        self.assert_problem(daemon.get("/v1/messages?after=abc"), 400, "bad_after")

    def test_how_a_citizen_answered_is_shown_to_an_administrator_only(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        daemon.accept(citizen.event(10))
        wait_until(lambda: telecom.to(citizen.phone, "TC de tu choi"), "the question")
        telecom.sms(citizen.phone, "TANUYEN 1")
        question = wait_until(lambda: daemon.message(citizen.dossier, "survey_reason"), "the question for the reason")
        for role in ("dossiers", "viewer"):
            seen = daemon.get(f"/v1/messages?dossier={citizen.dossier}", role=role).json()["messages"]
            self.assertEqual([m["situation"] for m in seen if m["situation"].startswith("survey")], [])
            self.assert_problem(daemon.get(f"/v1/messages/{question['id']}", role=role), 404, "no_such_message")
        self.assertEqual(daemon.get(f"/v1/messages/{question['id']}").status, 200)

    def test_a_message_tells_its_whole_life_and_hides_the_number(self):
        daemon, telecom = self.world()
        telecom.behave(throttle=1.0)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "retry")
        telecom.behave(throttle=0.0)
        listed = daemon.await_state(citizen.dossier, "received", "delivered")
        life = daemon.get(f"/v1/messages/{listed['id']}", role="viewer").json()
        self.assertEqual([(a["number"], a["provider"], a["outcome"], a["code"]) for a in life["attempts"]],
                         [(1, "esms", "throttle", "160"), (2, "esms", "accepted", "100")])
        for attempt in life["attempts"]:
            self.assertLessEqual(attempt["started_at"], attempt["finished_at"])
        self.assertEqual(life["request_id"], telecom.messages()[0]["request_id"])
        self.assertEqual(life["phone"], f"+84*****{citizen.phone[-3:]}")
        self.assert_problem(daemon.get("/v1/messages/999999"), 404, "no_such_message")
        self.assert_problem(daemon.post(f"/v1/messages/{listed['id']}/replay"), 409, "not_a_dead_letter")


class TheNationalPortal(EndToEnd):
    def item(self, citizen, **fields):
        return {
            "MaHoSo": citizen.dossier, "MaTTHC": "1.001193", "TenTTHC": "Đăng ký khai sinh", "TenLinhVuc": "Hộ tịch",
            "ChuHoSo": citizen.name, "SoDienThoai": citizen.national_phone, "NgayTiepNhan": now().strftime("%Y%m%d%H%M%S"),
            "TrangThaiHoSo": "2", "HinhThuc": "2", "DonViXuLy": UYEN_HUNG, **fields,
        }

    def send(self, daemon, service, body):
        answer = daemon.post(f"/v1/national/{service}", body, role="dossiers")
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def envelope(self, service, *items, updating="False"):
        return {"session": "s", "madonvi": "000.00.00.H09", "service": service, "isUpdating": updating, "data": list(items)}

    def test_a_dossier_comes_in_both_forms_and_three_kinds_of_dates(self):
        daemon, _ = self.world()
        forms = ["%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000+07:00"]
        due = tomorrow(23, 15)
        citizens = [Citizen() for _ in forms]
        items = [self.item(c, NgayTiepNhan=now().strftime(f), NgayHenTra=due.strftime(f)) for c, f in zip(citizens, forms)]
        answer = self.send(daemon, "DongBoHoSoMC", self.envelope("DongBoHoSoMC", *items[:2]))
        self.assertEqual((answer["error_code"], [r["error_code"] for r in answer["result"]]), ("0", ["0", "0"]))
        answer = self.send(daemon, "DongBoHoSoMC?MaDinhDanhDV=000.00.01.H09&isUpdating=False", items[2:])
        self.assertEqual(answer["error_code"], "0")
        for citizen in citizens:
            text = daemon.await_state(citizen.dossier, "received", "delivered")["text"]
            self.assertIn(f"23:15 {due:%d/%m/%Y}", text)

    def test_progress_and_repeats_lead_to_one_sms_per_step(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        item = self.item(citizen)
        for updating in ("False", "True", "True"):
            self.assertEqual(self.send(daemon, "DongBoHoSoMC", self.envelope("DongBoHoSoMC", item, updating=updating))["error_code"], "0")
        daemon.await_state(citizen.dossier, "received", "delivered")
        step = {"MaHoSo": citizen.dossier, "NguoiXuLy": "Lê B", "ThoiDiemXuLy": now().strftime("%Y%m%d%H%M%S"),
                "NoiDungXuLy": "Nộp thêm bản sao hộ khẩu", "TrangThai": "5"}
        for body in (self.envelope("CapNhatTienDoHoSoMC", step), [step], [step]):
            self.assertEqual(self.send(daemon, "CapNhatTienDoHoSoMC", body)["error_code"], "0")
        self.assertIn("ban sao ho khau", daemon.await_state(citizen.dossier, "supplement", "delivered")["text"])
        done = self.item(citizen, TrangThaiHoSo="9", NgayKetThucXuLy=now().strftime("%Y%m%d%H%M%S"))
        self.send(daemon, "DongBoHoSoMC", [done])
        daemon.await_state(citizen.dossier, "result_ready", "delivered")
        self.assertEqual(len(telecom.messages(phone=citizen.phone)), 3)

    def test_mistakes_are_told_for_each_item_in_the_portals_form(self):
        daemon, _ = self.world()
        good, bad = Citizen(), Citizen()
        answer = self.send(daemon, "DongBoHoSoMC", [self.item(good), self.item(bad, TrangThaiHoSo="11", NgayHenTra="31/31/2018")])
        self.assertEqual(answer["error_code"], "1")
        self.assertEqual([r["error_code"] for r in answer["result"]], ["0", "1"])
        self.assertIn("/TrangThaiHoSo", answer["result"][1]["message"])
        self.assertIn("/NgayHenTra", answer["result"][1]["message"])
        daemon.await_state(good.dossier, "received", "delivered")
        self.assertEqual(daemon.post("/v1/national/DongBoHoSoMC", "{", role="dossiers").status, 400)
        self.assertEqual(daemon.post("/v1/national/XoaHoSo", [], role="dossiers").status, 404)


class KeysAndRoles(EndToEnd):
    def test_without_a_key_or_with_a_wrong_one_nothing_is_answered(self):
        daemon, _ = self.world()
        event = Citizen().event(2)
        for headers in ({}, {"Authorization": "Bearer ha_wrong"}, {"Authorization": "Basic c2ltOnNpbQ=="}, {"Authorization": "Bearer"}):
            answer = call(daemon.port, "POST", "/v1/dossier-events", event, headers)
            self.assert_problem(answer, 401, "unauthorized")
            self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(daemon.select("SELECT count(*) FROM events")[0][0], 0)

    def test_each_role_may_do_its_own_and_no_more(self):
        daemon, _ = self.world()
        period = query(**{"from": this_month(), "to": this_month()})
        requests = [
            ("POST", "/v1/dossier-events", {"dossiers", "admin"}),
            ("POST", "/v1/national/DongBoHoSoMC", {"dossiers", "admin"}),
            ("GET", "/v1/messages", {"dossiers", "viewer", "admin"}),
            ("GET", f"/v1/satisfaction?{period}", {"viewer", "admin"}),
            ("GET", f"/v1/reasons?{period}", {"viewer", "admin"}),
            ("POST", "/v1/messages/1/replay", {"admin"}),
        ]
        for method, path, allowed in requests:
            for role in ("dossiers", "viewer", "admin"):
                answer = daemon.call(method, path, [] if method == "POST" else None, role)
                with self.subTest(f"{role} {method} {path}"):
                    if role in allowed:
                        self.assertNotIn(answer.status, (401, 403), answer)
                    else:
                        self.assert_problem(answer, 403, "forbidden")

    def test_a_key_is_not_kept_in_the_clear(self):
        daemon, _ = self.world()
        key = daemon.key("viewer")
        self.assertTrue(key.startswith("ha_"))
        self.assertEqual(daemon.stop(), 0)
        for file in self.folder.glob("hoiam.db*"):
            self.assertNotIn(key.encode(), file.read_bytes(), file)


class HealthAndMetrics(EndToEnd):
    def test_probes_answer_and_metrics_count_what_happened(self):
        daemon, _ = self.world()
        self.assertEqual(call(daemon.port, "GET", "/healthz").json(), {"status": "ok"})
        self.assertEqual(call(daemon.port, "GET", "/readyz").json(), {"status": "ready"})
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(daemon.metric("hoiam_dossier_events_total", result="accepted"), 1)
        self.assertEqual(daemon.metric("hoiam_sms_attempts_total", provider="esms", outcome="accepted"), 1)
        self.assertEqual(daemon.metric("hoiam_delivery_reports_total", provider="esms", result="recorded"), 1)
        self.assertEqual(daemon.metric("hoiam_queue_depth", queue="waiting"), 0)
        self.assertEqual(daemon.metric("hoiam_http_requests_total", route="POST /v1/dossier-events", status="202"), 1)
        self.assertGreater(daemon.metric("hoiam_http_requests_total", route="GET /v1/messages", status="200"), 0)
        call(daemon.port, "GET", f"/{citizen.phone}")
        self.assertEqual(daemon.metric("hoiam_http_requests_total", route="none", status="404"), 1)
        self.assertTrue(call(daemon.port, "GET", "/metrics").headers["Content-Type"].startswith("text/plain"))

    def test_the_interface_describes_itself_and_every_path_in_use(self):
        daemon, _ = self.world()
        described = call(daemon.port, "GET", "/openapi.json").json()
        self.assertTrue(described["openapi"].startswith("3."))
        for path in ("/v1/dossier-events", "/v1/national/{service}", "/v1/dossiers/{code}", "/v1/messages", "/v1/messages/{id}",
                     "/v1/messages/{id}/replay", "/v1/satisfaction", "/v1/reasons", "/healthz", "/readyz", "/metrics"):
            self.assertIn(path, described["paths"])

    def test_head_and_many_requests_on_one_connection_work(self):
        daemon, _ = self.world()
        answer = call(daemon.port, "HEAD", "/healthz")
        self.assertEqual((answer.status, answer.body), (200, b""))
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
        for _ in range(50):
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().read(), b'{"status":"ok"}')
        connection.close()


class Reports(EndToEnd):
    def test_the_report_has_the_same_figures_in_text_csv_and_json(self):
        daemon, telecom = self.world()
        citizens = [Citizen(), Citizen(), Citizen(commune=TAN_KHANH, return_by="post")]
        for citizen, score in zip(citizens, "512"):
            self.survey(daemon, telecom, citizen)
            telecom.sms(citizen.phone, score)
        wait_until(lambda: daemon.metric("hoiam_inbound_sms_total", taken="score") == 3, "three scores")
        telecom.sms(citizens[1].phone, "cho doi lau qua")
        wait_until(lambda: daemon.metric("hoiam_inbound_sms_total", taken="reasons") == 1, "the reason")
        period = ["report", "--from", this_month(), "--to", this_month()]
        as_json = json.loads(daemon.run(*period, "--format", "json").stdout)
        row = row_of(as_json, UYEN_HUNG)
        self.assertEqual((row["answered"], row["satisfied"], row["rate"], row["reasons"]["waiting"], row["resolved"]), (2, 1, 0.5, 1, 2))
        self.assertEqual(as_json["total"]["answered"], 3)
        as_csv = list(csv.DictReader(io.StringIO(daemon.run(*period, "--by", "commune", "--format", "csv").stdout)))
        line = next(each for each in as_csv if each["key"] == UYEN_HUNG)
        self.assertEqual((line["answered"], line["satisfied"], line["rate"], line["reason_waiting"]), ("2", "1", "0.5000", "1"))
        self.assertEqual((as_csv[-1]["answered"], as_csv[-1]["by_post"]), ("3", "1"))
        text = daemon.run(*period).stdout
        self.assertIn("Phường Tân Uyên", text)
        self.assertIn("50,00%", text)
        self.assertIn("Chờ đợi lâu tại quầy 1", text)
        by_month = json.loads(daemon.run(*period, "--by", "month", "--format", "json").stdout)
        self.assertEqual(row_of(by_month, this_month())["answered"], 3)

    def test_a_report_over_the_wrong_period_is_a_usage_error(self):
        daemon = self.daemon(start=False)
        for arguments in (["--from", "2018-13", "--to", "2018-12"], ["--from", "2018-02", "--to", "2018-01"], ["--from", "2018-01"]):
            done = daemon.run("report", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertTrue(done.stderr)

    def test_recount_finds_no_difference_and_names_one_that_was_made(self):
        daemon, telecom = self.world()
        citizen = Citizen()
        self.survey(daemon, telecom, citizen)
        telecom.sms(citizen.phone, "5")
        wait_until(lambda: telecom.to(citizen.phone, "Cam on"), "the thanks")
        done = daemon.run("recount")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(" 0 differences", done.stdout)
        self.assertEqual(daemon.stop(), 0)
        with sqlite3.connect(daemon.database) as database:
            database.execute("UPDATE tallies SET counts = replace(counts, 'score_5=1', 'score_5=2') WHERE dimension = 0")
        database.close()
        done = daemon.run("recount")
        self.assertEqual(done.returncode, 1)
        self.assertIn("score_5: kept 2, counted 1", done.stdout)
        self.assertEqual(daemon.run("recount", "--repair").returncode, 0)
        self.assertEqual(daemon.run("recount").returncode, 0)
        with sqlite3.connect(daemon.database) as database:
            database.execute("INSERT INTO tallies VALUES (1, 24216, 'nobody', 'score_5')")
        database.close()
        done = daemon.run("recount")
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (1, "1 tallies cannot be read"))
        self.assertIn("0 differences, repaired", daemon.run("recount", "--repair").stdout)
        self.assertEqual(daemon.run("recount").returncode, 0)


class Import(EndToEnd):
    ENGLISH = ("code,status,commune,procedure_code,procedure_name,applicant_name,phone,submitted_by,return_by,received_at,due_at,finished_at\n"
               "A-1,10,25888,1.001193,\"Khai sinh, khai tử\",Nguyễn A,0912000001,online,counter,2026-01-05,2026-01-09,2026-01-08\n"
               "A-2,9,25891,1.001193,\"Khai sinh \"\"mới\"\"\",Trần B,0274 3656 111,counter,post,2026-01-05,2026-01-09,2026-01-12\n")

    def file(self, name, text, encoding="utf-8"):
        path = self.folder / name
        path.write_text(text, encoding=encoding)
        return path

    def test_english_headers_and_a_repeated_import(self):
        daemon = self.daemon(start=False)
        path = self.file("a.csv", self.ENGLISH)
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 rows, 2 accepted, 0 already known, 0 rejected", done.stdout)
        self.assertIn("without a mobile number (landline): 1", done.stdout)
        again = daemon.run("import", path)
        self.assertEqual(again.returncode, 0)
        self.assertIn("2 rows, 0 accepted, 2 already known, 0 rejected", again.stdout)
        self.assertEqual(daemon.select("SELECT name FROM procedures"), [('Khai sinh "mới"',)])
        self.assertEqual(daemon.select("SELECT count(*) FROM messages"), [(0,)], "old dossiers must bring no SMS")
        row = json.loads(daemon.run("report", "--from", "2026-01", "--to", "2026-01", "--format", "json").stdout)["total"]
        self.assertEqual((row["received"], row["resolved"], row["early"], row["late"], row["by_post"]), (2, 2, 1, 1, 1))

    def test_vietnamese_headers_semicolons_and_quotes(self):
        daemon = self.daemon(start=False)
        path = self.file("b.csv",
                         "Mã hồ sơ;Trạng thái;Đơn vị;Mã thủ tục;Tên thủ tục;Chủ hồ sơ;Số điện thoại;Hình thức nộp;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc\n"
                         "B-1;Đã trả kết quả;Phường Tân Uyên;1.1;\"Khai sinh; lại\";\"Lê \"\"Tư\"\"\";912000003;Trực tuyến;05/01/2026;09/01/2026;09/01/2026\r\n"
                         "B-2;Đang xử lý;25891;1.1;Khai sinh;Lê C;0912000004;Trực tiếp;05/01/2026 08:30;09/01/2026;\r\n", "utf-8-sig")
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 accepted", done.stdout)
        self.assertEqual(daemon.select("SELECT code, status, applicant_name, phone FROM dossiers ORDER BY code"),
                         [("B-1", 10, 'Lê "Tư"', 912000003), ("B-2", 4, "Lê C", 912000004)])
        row = json.loads(daemon.run("report", "--from", "2026-01", "--to", "2026-01", "--format", "json").stdout)["total"]
        self.assertEqual((row["received"], row["resolved"], row["on_time"]), (2, 1, 1))

    def test_each_mistake_names_its_row_and_column_and_the_good_rows_are_kept(self):
        daemon = self.daemon(start=False)
        path = self.file("c.csv",
                         "Mã hồ sơ,Trạng thái,Đơn vị,Ngày tiếp nhận,Ngày hẹn trả\n"
                         "C-1,2,25888,05/01/2026,09/01/2026\n"
                         ",12,25888,05/01/2026,09/01/2026\n"
                         "C-3,2,00000,05/01/2026,09/01/2026\n"
                         "C-4,2,25888,31/02/2026,01/01/2026\n")
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("4 rows, 1 accepted, 0 already known, 3 rejected", done.stdout)
        for expected in (f"{path}:3: column Mã hồ sơ: ", f"{path}:3: column Trạng thái: ", f"{path}:4: column Đơn vị: ", f"{path}:5: column Ngày tiếp nhận: "):
            self.assertIn(expected, done.stderr)
        self.assertEqual(daemon.select("SELECT code FROM dossiers"), [("C-1",)])

    def test_a_file_without_the_needed_columns_or_none_at_all_is_refused(self):
        daemon = self.daemon(start=False)
        done = daemon.run("import", self.file("d.csv", "foo,bar\n1,2\n"))
        self.assertEqual(done.returncode, 1)
        for column in ("code", "status", "commune", "received_at"):
            self.assertIn(f"no column {column}", done.stderr)
        for path, words in ((self.file("empty.csv", ""), "is empty"), (self.folder / "none.csv", "cannot be read")):
            done = daemon.run("import", path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)

    def test_text_in_another_encoding_is_refused_by_row_and_column(self):
        daemon = self.daemon(start=False)
        path = self.folder / "latin.csv"
        path.write_bytes("code,status,commune,received_at,applicant_name\nL-1,2,25888,2026-01-05,Nguyên\nL-2,2,25888,2026-01-05,Binh\n".encode("latin-1"))
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:2: column applicant_name: ", done.stderr)
        self.assertEqual(daemon.select("SELECT code FROM dossiers"), [("L-2",)])

    def test_what_an_import_brings_is_sent_by_the_daemon_that_sleeps_beside_it(self):
        daemon, _ = self.world()
        today = datetime.datetime.now(VIETNAM).strftime("%Y-%m-%d")
        path = self.file("new.csv", f"code,status,commune,phone,received_at,finished_at\nN-1,9,25888,0913000001,{today},{today}\n")
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        daemon.await_state("N-1", "result_ready", "delivered")

    def test_an_import_beside_the_running_daemon_disturbs_neither(self):
        daemon, _ = self.world()
        rows = [f"D-{i},10,25888,0913{i:06},2026-01-05,2026-01-09,2026-01-08" for i in range(3000)]
        path = self.file("big.csv", "code,status,commune,phone,received_at,due_at,finished_at\n" + "\n".join(rows) + "\n")
        done = daemon.run("import", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3000 accepted", done.stdout)
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(daemon.run("recount").returncode, 0)


class TheCommandLine(EndToEnd):
    def lines(self, command, text):
        done = run_hoiam(*command, text_in=text)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_text_measures_each_line(self):
        lines = [json.loads(line) for line in self.lines(["text"], "abc\nĐã nhận hồ sơ\n" + "a" * 161 + "\n" + "€" * 80 + "\n")]
        self.assertEqual([(x["encoding"], x["units"], x["parts"]) for x in lines],
                         [("gsm7", 3, 1), ("ucs2", 13, 1), ("gsm7", 161, 2), ("gsm7", 160, 1)])
        self.assertEqual(lines[1]["unaccented"], "Da nhan ho so")

    def test_phone_and_read_answer_line_by_line(self):
        phones = [json.loads(line) for line in self.lines(["phone"], "0912 345 678\n01662345678\n0274 3656 111\n\n")]
        self.assertEqual([p.get("e164", p.get("error")) for p in phones], ["+84912345678", "+84362345678", "landline", "empty"])
        self.assertEqual(self.lines(["read", "score"], "5\nrất không hài lòng\nTC\n"), ["5\t", "1\t", "optout\t"])
        self.assertEqual(self.lines(["read", "reason"], "trễ hẹn hoài\n")[0].split("\t")[1], "late")

    def test_help_and_version_are_everywhere_and_exit_codes_tell(self):
        version = run_hoiam("--version")
        self.assertEqual(version.returncode, 0)
        self.assertRegex(version.stdout, r"^hoiam \d+\.\d+")
        for command in ([], ["serve"], ["import"], ["report"], ["recount"], ["key"], ["key", "add"], ["check"], ["text"], ["phone"], ["read"], ["read", "score"]):
            with self.subTest(command):
                done = run_hoiam(*command, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout)
                versioned = run_hoiam(*command, "--version")
                self.assertEqual((versioned.returncode, versioned.stdout), (0, version.stdout), versioned.stderr)
        for wrong in ([], ["fly"], ["serve", "--fly"], ["key", "add", "x", "--role", "king"], ["key", "add"], ["import"]):
            with self.subTest(wrong):
                done = run_hoiam(*wrong)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr)

    def test_the_configuration_may_stand_before_or_after_the_command(self):
        daemon = self.daemon(start=False)
        outputs = []
        for arguments in (["--config", daemon.config, "check"], ["check", "--config", daemon.config], ["check", f"--config={daemon.config}"]):
            done = run_hoiam(*arguments, cwd="/")
            self.assertEqual(done.returncode, 0, done.stderr)
            outputs.append(done.stdout)
        self.assertEqual(len(set(outputs)), 1)
        self.assertTrue(daemon.database.exists(), "the database lies beside the configuration")
        done = run_hoiam("key", "add", "x", "--role", "viewer", "--config", daemon.config)
        self.assertRegex(done.stdout, r"^ha_[\w-]{32}\n$")

    def test_without_a_configuration_the_shipped_one_serves(self):
        done = run_hoiam("check", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("UBND thị xã Tân Uyên", done.stdout)
        self.assertIn("no [[provider]]", done.stdout)
        done = run_hoiam("check", "--config", self.folder / "none.toml")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_messages_wait_when_there_is_no_provider_yet(self):
        daemon = self.daemon()
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        self.assertEqual([m["state"] for m in daemon.messages()], ["queued"])
        self.assertEqual(daemon.stop(), 0)
        telecom = self.telecom(daemon.port)
        again = self.daemon([provider("esms", telecom.port)], port=daemon.port)
        again.keys = daemon.keys
        again.await_state(citizen.dossier, "received", "delivered")


if __name__ == "__main__":
    unittest.main()
