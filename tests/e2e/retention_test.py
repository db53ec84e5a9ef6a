"""The daily round of the real daemon that removes what has been kept long enough; years pass by the virtual clock."""
import contextlib
import datetime
import sqlite3
import unittest

from harness import Citizen, EndToEnd, free_port, now, provider, rfc3339, wait_until


class ADailyRound(EndToEnd):
    def test_after_two_years_sms_and_people_are_gone_the_figures_are_not_and_nothing_is_sent_again(self):
        port = free_port()
        telecom = self.telecom(port)
        start = now()
        daemon = self.daemon([provider("esms", telecom.port)], port=port, arguments=["--virtual-clock", rfc3339(start)])

        def forward(**more):
            self.assertEqual(daemon.post("/v1/clock", {"now": rfc3339(start + datetime.timedelta(**more))}).status, 200)
        citizens = [Citizen() for _ in range(20)]
        under_way = Citizen()
        for number, citizen in enumerate([*citizens, under_way]):
            citizen.name = f"Trần Thị Thử {number:03}"
        told = [event for citizen in citizens for event in citizen.whole_dossier()]
        daemon.accept(*told, under_way.event(2))
        forward(seconds=5)
        for citizen in citizens:
            wait_until(lambda: telecom.to(citizen.phone, "TC de tu choi"), "the question")
            telecom.sms(citizen.phone, "TANUYEN 4")
        wait_until(lambda: daemon.select("SELECT count(*) FROM answers") == [(20,)], "the answers")
        wait_until(lambda: set(daemon.states()) <= {"delivered", "cancelled"}, "everything to be delivered")
        forward(days=729)
        self.assertEqual(daemon.select("SELECT count(*) FROM events"), [(61,)], "removed too early")
        forward(days=735)
        people = "SELECT count(*) FROM dossiers WHERE applicant_name <> '' OR phone IS NOT NULL"
        self.assertEqual(daemon.select(people), [(1,)])
        self.assertEqual(daemon.select("SELECT count(*) FROM events"), [(1,)])
        self.assertEqual(daemon.select("SELECT count(*) FROM inbound"), [(0,)])
        self.assertLessEqual(daemon.select("SELECT count(*) FROM messages")[0][0], 1)
        self.assertEqual(daemon.select("SELECT count(*) FROM answers"), [(20,)])
        self.assertIn('"event":"retention"', daemon.log())
        sent = len(telecom.messages())
        daemon.accept(*told)
        forward(days=745)
        self.assertEqual(len(telecom.messages()), sent, "an old fact was told again")
        self.assertEqual(daemon.select(people), [(1,)])
        self.assertEqual(daemon.stop(), 0)
        recount = daemon.run("recount")
        self.assertEqual((recount.returncode, " 0 differences" in recount.stdout), (0, True), recount.stdout)
        with contextlib.closing(sqlite3.connect(daemon.database)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rest = daemon.database.read_bytes()
        self.assertEqual([c.name for c in citizens if c.name.encode() in rest], [], "a removed name can still be read from the file")
        self.assertIn(under_way.name.encode(), rest)

    def test_with_a_short_time_for_people_a_dossier_that_waits_for_its_citizen_is_still_given_two_years(self):
        port = free_port()
        start = now()
        daemon = self.daemon(port=port, arguments=["--virtual-clock", rfc3339(start)], survey={"on": False},
                             retention={"messages": "40d", "personal_data": "40d"})

        def people_after(**more):
            self.assertEqual(daemon.post("/v1/clock", {"now": rfc3339(start + datetime.timedelta(**more))}).status, 200)
            return sorted(row[0] for row in daemon.select("SELECT status FROM dossiers WHERE phone IS NOT NULL"))
        daemon.accept(Citizen().event(10), Citizen().event(5), Citizen().event(4))
        self.assertEqual(people_after(seconds=5), [4, 5, 10])
        self.assertEqual(people_after(days=60), [4, 5], "who has the result is forgotten, who is asked for papers is not")
        self.assertEqual(people_after(days=729), [4, 5])
        self.assertEqual(people_after(days=735), [4], "nobody has come with the papers for two years")


if __name__ == "__main__":
    unittest.main()
