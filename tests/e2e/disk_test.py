"""The database file in bad hands: a damaged page, a lock held by another program, a backup taken under load and
restored; and a slow disk. (Power loss, I/O errors, a disk that is full or stands still: tests/contract, on a faulty VFS, and bad_input_test.)"""
import contextlib
import random
import sqlite3
import time
import unittest

from harness import Citizen, EndToEnd, call, free_port, preloaded, provider, wait_until
from oracle import Oracle, a_seed


class ADamagedFile(EndToEnd):
    def filled(self):
        """A daemon that was stopped, with some hundred messages in a file of one piece."""
        daemon, telecom = self.world()
        citizens = [Citizen() for _ in range(300)]
        daemon.accept(*[c.event(2) for c in citizens])
        daemon.key("admin")
        wait_until(lambda: daemon.states() == {"delivered": 300}, "all to be delivered")
        self.assertEqual(daemon.stop(), 0)
        with contextlib.closing(sqlite3.connect(daemon.database)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages = {name: root for name, root in database.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0")}
            self.page_size = database.execute("PRAGMA page_size").fetchone()[0]
        return daemon, pages

    def damage(self, daemon, page, seed=7):
        with open(daemon.database, "r+b") as file:
            file.seek((page - 1) * self.page_size)
            file.write(random.Random(seed).randbytes(self.page_size))

    def verdict(self, daemon):
        """What it says at the start: refused in one line, not ready and said why, or ready because it does not need that page."""
        logged = len(daemon.log()) if daemon.process else 0

        def said():
            return (daemon.process.out() + daemon.log())[logged:]
        daemon.launch()
        wait_until(lambda: not daemon.process.alive() or daemon.is_ready() or "damaged" in said(), "a verdict")
        if said().startswith("hoiam: "):
            daemon.process.popen.wait(20)  # its last word
        if daemon.process.alive() and daemon.is_ready():
            self.assertEqual(call(daemon.port, "GET", "/healthz").status, 200)
            self.assertEqual(daemon.stop(), 0)
            return "ready"
        if daemon.process.alive():
            self.assert_problem(call(daemon.port, "GET", "/readyz"), 503, "store_unavailable")
            self.assertEqual(daemon.stop(), 0)
            return "not ready"
        self.assertEqual(daemon.process.popen.returncode, 1, "it crashed")
        self.assertEqual(len(said().strip().splitlines()), 1, said())
        self.assertIn("damaged", said())
        return "refused"

    def test_a_damaged_page_is_told_in_one_sentence_and_never_crashes(self):
        daemon, pages = self.filled()
        whole = daemon.database.read_bytes()
        self.assertEqual(daemon.run("check").returncode, 0)
        verdicts = {}
        for name, page in {"the header": 1, **pages}.items():
            with self.subTest(name):
                daemon.database.write_bytes(whole)
                for left in ("-wal", "-shm"):
                    daemon.database.with_name("hoiam.db" + left).unlink(missing_ok=True)
                self.damage(daemon, page)
                checked = daemon.run("check")
                self.assertEqual(checked.returncode, 1, f"check does not see it: {checked.stdout}{checked.stderr}")
                self.assertIn("damaged", checked.stdout + checked.stderr)
                verdicts[name] = self.verdict(daemon)
        counts = {each: list(verdicts.values()).count(each) for each in ("refused", "not ready", "ready")}
        print(f"\ndisk_test: {len(verdicts)} damaged pages, each seen by hoiam check; at the start: {counts}", flush=True)
        self.assertEqual(verdicts["the header"], "refused")


class ALockedDatabase(EndToEnd):
    def test_a_lock_held_by_another_program_is_waited_for_then_answered_503_and_nothing_is_lost(self):
        daemon, telecom = self.world()
        daemon.key("dossiers")
        other = sqlite3.connect(daemon.database, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        citizen = Citizen()
        event = citizen.event(2)
        started = time.monotonic()
        refused = daemon.post("/v1/dossier-events", event, role="dossiers")
        self.assert_problem(refused, 503, "store_unavailable")
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(call(daemon.port, "GET", "/readyz", timeout=2).status, 200, "reading does not wait for the lock")
        other.execute("ROLLBACK")
        self.assertEqual(daemon.select("SELECT count(*) FROM events"), [(0,)])
        daemon.accept(event)
        daemon.await_state(citizen.dossier, "received", "delivered")
        self.assertEqual(len(telecom.messages()), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_a_lock_held_at_the_start_is_named_in_one_sentence(self):
        daemon = self.daemon(start=False)
        self.assertEqual(daemon.run("check").returncode, 0)
        other = sqlite3.connect(daemon.database, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        daemon.launch()
        self.assertEqual(daemon.process.popen.wait(20), 1)
        lines = daemon.log().strip().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("locked", lines[0])

    def test_a_recount_that_only_compares_needs_no_lock_and_one_that_repairs_says_what_it_waits_for(self):
        daemon, _ = self.world()
        other = sqlite3.connect(daemon.database, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        compared = daemon.run("recount")
        self.assertEqual((compared.returncode, compared.stderr), (0, ""))
        repaired = daemon.run("recount", "--repair")
        self.assertNotEqual(repaired.returncode, 0)
        self.assertIn("locked", repaired.stderr)


class ABackup(Oracle):
    def test_a_backup_taken_under_load_is_whole_and_can_be_served(self):
        seed = a_seed()
        print(f"\ndisk_test: HOIAM_SEED={seed}", flush=True)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        daemon = self.daemon([provider("esms", telecom.port)], port=port)
        feeders = self.feeders(daemon, random.Random(seed))
        copies = []
        for number in range(4):
            goal = telecom.stats()["accepted"] + 60
            wait_until(lambda: telecom.stats()["accepted"] >= goal, "more SMS to be sent")
            before = [key for feeder in feeders for key in list(feeder.accepted)]
            folder = self.folder / f"copy-{number}"
            folder.mkdir()
            with contextlib.closing(sqlite3.connect(daemon.database)) as live, contextlib.closing(sqlite3.connect(folder / "hoiam.db")) as copy:
                live.backup(copy, pages=16)
            copies.append((folder, before))
        accepted = self.finish(feeders)
        self.settle(daemon, telecom)
        self.assert_all_agree(daemon, telecom, accepted)
        for folder, before in copies:
            restored = self.daemon([provider("esms", telecom.port)], port=free_port(), folder=folder, start=False)
            self.assertEqual(restored.run("check").returncode, 0)
            recount = restored.run("recount")
            self.assertEqual((recount.returncode, " 0 differences" in recount.stdout), (0, True), recount.stdout)
            kept = {key for key, in restored.select("SELECT event_id FROM events")}
            self.assertEqual([key for key in before if key not in kept], [], "accepted before the backup began, and not in it")
        # Served again, after hoiam restore, which leaves out the ids given since: the telecom knows what the copy thinks
        # unsent, by its request id.
        sent = len(telecom.messages())
        folder = self.folder / "restored"
        folder.mkdir()
        restored = self.daemon([provider("esms", telecom.port)], port=free_port(), folder=folder, start=False)
        self.assertEqual(restored.run("restore", copies[-1][0] / "hoiam.db").returncode, 0)
        restored.start()
        wait_until(lambda: restored.select("SELECT count(*) FROM messages WHERE state = 1 OR due_at IS NOT NULL") == [(0,)], "the copy's outbox", 40)
        doubled = [m for m in telecom.messages() if m["changed"]]
        self.assertEqual(doubled, [])
        self.assertGreaterEqual(len(telecom.messages()), sent)
        self.assertEqual(restored.stop(), 0)


class ASlowDisk(Oracle):
    def test_a_disk_that_takes_a_third_of_a_second_to_sync_delays_what_must_be_kept_and_nothing_and_nobody_else(self):
        seed = a_seed()
        print(f"\ndisk_test: HOIAM_SEED={seed}", flush=True)
        draw = random.Random(seed)
        options = preloaded("slow_disk", HOIAM_TEST_SYNC_MS="300")
        if options is None:
            self.skipTest("no slow_disk in this build")
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        daemon = self.daemon([provider("esms", telecom.port)], port=port, options=options)
        feeders = self.feeders(daemon, draw)
        daemon.key("admin")
        asked = []
        for _ in range(3):
            goal = telecom.stats()["accepted"] + 60
            while telecom.stats()["accepted"] < goal:
                began = time.monotonic()
                self.assertEqual(daemon.get("/v1/messages?state=delivered").status, 200)
                asked.append(time.monotonic() - began)
                time.sleep(0.02)
            for name in range(4):  # the writer, which never rests, leaves commands the lock
                done = daemon.run("key", "add", f"beside it {name}", "--role", "viewer")
                self.assertEqual(done.returncode, 0, done.stderr)
            began = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - began, 20)
            daemon.start()
        accepted = self.finish(feeders)
        self.settle(daemon, telecom)
        print(f"disk_test: {len(accepted)} events, {telecom.stats()['accepted']} SMS; {len(asked)} queries meanwhile, slowest {max(asked):.3f} s", flush=True)
        self.assertLess(sorted(asked)[len(asked) // 2], 0.3, "a query waited for the disk")
        self.assert_all_agree(daemon, telecom, accepted)


if __name__ == "__main__":
    unittest.main()
