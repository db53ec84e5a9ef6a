"""hoiam backup and hoiam restore: copies taken under load and served again, and everything that must be refused and
change nothing."""
import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import stat
import unittest

from bad_input_test import mount_tmpfs
from harness import Citizen, EndToEnd, free_port, provider, wait_until
from oracle import Oracle, a_seed


def content(folder):
    """Every file below a folder with its digest, but for the lock, which is no data."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file() and not p.name.endswith(".lock")}


class UnderLoad(Oracle):
    def test_backups_taken_under_load_are_restored_and_served(self):
        seed = a_seed()
        print(f"\nbackup_test: HOIAM_SEED={seed}", flush=True)
        port = free_port()
        telecom = self.telecom(port, "--seed", str(seed), "--citizens", "--answers", "0.9", "--within", "1")
        daemon = self.daemon([provider("esms", telecom.port)], port=port)
        feeders = self.feeders(daemon, random.Random(seed))
        backups = []
        for number in range(4):
            goal = telecom.stats()["accepted"] + 60
            wait_until(lambda: telecom.stats()["accepted"] >= goal, "more SMS to be sent")
            before = [key for feeder in feeders for key in list(feeder.accepted)]
            file = self.folder / f"backup-{number}.db"
            done = daemon.run("backup", file)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("whole", done.stdout)
            backups.append((file, before))
        accepted = self.finish(feeders)
        self.settle(daemon, telecom)
        self.assertEqual(telecom.stats()["duplicates_refused"], 0)
        self.assert_all_agree(daemon, telecom, accepted)
        telecom.behave(no_report=1)  # it has told all; what follows is about the copies
        for file, before in backups:
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
            self.assertEqual([p.name for p in self.folder.glob(file.name + "?*")], [], "a backup is one file")
            self.serve_again(file, before, telecom)

    def serve_again(self, file, before, telecom):
        folder = self.folder / f"of-{file.stem}"
        folder.mkdir()
        restored = self.daemon([provider("esms", telecom.port)], port=free_port(), folder=folder, start=False)
        done = restored.run("restore", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("may go out a second time", done.stdout)
        for command in ("check", "recount"):
            told = restored.run(command)
            self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        kept = {key for key, in restored.select("SELECT event_id FROM events")}
        self.assertEqual([key for key in before if key not in kept], [], "accepted before the backup began, and not in it")
        waiting = restored.select("SELECT count(*) FROM messages WHERE state IN (0, 1, 2)")[0][0]
        restored.start()
        # What waited in the backup went out meanwhile: the telecom knows it by its request id.
        wait_until(lambda: restored.select("SELECT count(*) FROM messages WHERE state = 1 OR due_at IS NOT NULL") == [(0,)], "the backup's outbox", 40)
        self.assertEqual([m for m in telecom.messages() if m["changed"]], [], "a request id came again with another text")
        citizen = Citizen()
        restored.accept(citizen.event(2))
        wait_until(lambda: len(telecom.messages(phone=citizen.phone)) == 1, "a new SMS to be sent")
        self.assertEqual([m for m in telecom.messages() if m["changed"]], [])
        self.assertEqual(restored.stop(), 0)
        recount = restored.run("recount")
        self.assertEqual((recount.returncode, " 0 differences" in recount.stdout), (0, True), recount.stdout)
        print(f"backup_test: {file.name}: {len(kept)} events, {waiting} SMS waited in it", flush=True)


class AfterARestore(EndToEnd):
    def test_new_sms_never_carry_request_ids_that_the_telecom_knows_from_after_the_backup(self):
        daemon, telecom = self.world()
        daemon.accept(Citizen().event(2))
        wait_until(lambda: daemon.states() == {"delivered": 1}, "the first SMS")
        backup = self.folder / "b.db"
        self.assertEqual(daemon.run("backup", backup).returncode, 0)
        lost = [Citizen() for _ in range(5)]
        daemon.accept(*[c.event(2) for c in lost])
        wait_until(lambda: daemon.states() == {"delivered": 6}, "the SMS after the backup")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.run("restore", backup).returncode, 0)
        daemon.start()
        # Other citizens first: with the ids of the lost ones the telecom would take them for repeats.
        others = [Citizen() for _ in range(5)]
        daemon.accept(*[c.event(2) for c in others])
        for citizen in others:
            wait_until(lambda: len(telecom.messages(phone=citizen.phone)) == 1, "an SMS after the restore")
        self.assertEqual(telecom.stats()["duplicates_refused"], 0)
        # And again: a second restore of the same backup leaves other ids out.
        self.assertEqual(daemon.stop(), 0)
        self.assertNotEqual(daemon.run("restore", backup).returncode, 0)
        (self.folder / "hoiam.db.before-restore").unlink()
        self.assertEqual(daemon.run("restore", backup).returncode, 0)
        daemon.start()
        third = Citizen()
        daemon.accept(third.event(2))
        wait_until(lambda: len(telecom.messages(phone=third.phone)) == 1, "an SMS after the second restore")
        self.assertEqual(telecom.stats()["duplicates_refused"], 0)

    def test_who_opted_out_after_the_backup_stays_so_when_the_former_database_can_be_read(self):
        daemon, telecom = self.world(notify={"coalesce": "1h"})
        citizen = Citizen()
        daemon.accept(citizen.event(2))
        backup = self.folder / "b.db"
        self.assertEqual(daemon.run("backup", backup).returncode, 0)
        telecom.sms(citizen.phone, "TC TANUYEN")
        wait_until(lambda: daemon.select("SELECT count(*) FROM suppressions") == [(1,)], "the opt-out")
        daemon.kill()  # its last words stand in the log beside the file
        done = daemon.run("restore", backup)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Opt-outs taken over from it: 1.", done.stdout)
        self.assertEqual(daemon.select("SELECT count(*) FROM suppressions"), [(1,)])
        self.assertEqual(daemon.select("SELECT state, cause, due_at FROM messages WHERE situation = 'received'"), [(9, "opted_out", None)])
        with contextlib.closing(sqlite3.connect(self.folder / "hoiam.db.before-restore")) as former:
            self.assertEqual(former.execute("SELECT count(*) FROM suppressions").fetchone(), (1,), "the former database lost its log")

    def test_a_damaged_database_gives_way_and_is_kept(self):
        daemon, _ = self.world()
        daemon.accept(Citizen().event(2))
        backup = self.folder / "b.db"
        self.assertEqual(daemon.run("backup", backup).returncode, 0)
        daemon.accept(Citizen().event(2))
        daemon.kill()
        log = (self.folder / "hoiam.db-wal").read_bytes()
        self.assertGreater(len(log), 4096, "the log holds nothing; the test proves nothing")
        damaged = random.Random(3).randbytes(16384)
        daemon.database.write_bytes(damaged)
        (self.folder / "hoiam.db-wal").write_bytes(random.Random(4).randbytes(len(log)))
        done = daemon.run("restore", backup)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "hoiam.db.before-restore").read_bytes(), damaged)
        self.assertEqual(daemon.run("recount").returncode, 0)
        self.assertEqual(daemon.select("SELECT count(*) FROM events"), [(1,)], "the former log was played into the restored file")


class Refused(EndToEnd):
    def setUp(self):
        super().setUp()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.daemon_, _ = self.world(folder=self.home)
        self.daemon_.accept(*[Citizen().event(2) for _ in range(50)])
        self.backup = self.folder / "good.db"
        self.assertEqual(self.daemon_.run("backup", self.backup).returncode, 0)

    def assert_refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(word, lines[0])

    def assert_restore_changes_nothing(self, file, *words):
        before = content(self.home)
        self.assert_refused(self.daemon_.run("restore", file), *words)
        self.assertEqual(content(self.home), before)

    def test_what_is_no_whole_backup_of_a_known_schema_is_refused_and_changes_nothing(self):
        self.assertEqual(self.daemon_.stop(), 0)
        bad = self.folder / "bad.db"
        whole = self.backup.read_bytes()
        for page in range(1, len(whole) // 4096, 7):
            bad.write_bytes(whole[:page * 4096] + random.Random(page).randbytes(4096) + whole[(page + 1) * 4096:])
            with self.subTest(page=page):
                self.assert_restore_changes_nothing(bad, "bad.db", "damaged")
        for name, data in {"cut": whole[:len(whole) // 2 + 100], "empty": b"", "text": b"not a database " * 1000}.items():
            bad.write_bytes(data)
            with self.subTest(name):
                self.assert_restore_changes_nothing(bad, "bad.db")
        bad.unlink()
        with contextlib.closing(sqlite3.connect(bad)) as foreign, foreign:
            foreign.execute("CREATE TABLE meta (key, value)")
        self.assert_restore_changes_nothing(bad, "no database of hoiam's")
        shutil.copy(self.backup, bad)
        with contextlib.closing(sqlite3.connect(bad)) as newer, newer:
            newer.execute("PRAGMA user_version = 999")
        self.assert_restore_changes_nothing(bad, "999", "newer hoiam")
        self.assert_restore_changes_nothing(self.folder / "nowhere.db", "nowhere.db", "no such file")
        self.assert_restore_changes_nothing(self.home / "hoiam.db", "the database itself")

    def test_a_restore_while_a_daemon_or_another_command_uses_the_database_is_refused(self):
        before = self.daemon_.select("SELECT count(*) FROM events")
        self.assert_refused(self.daemon_.run("restore", self.backup), f"process {self.daemon_.process.pid}", "stop it first")
        self.assertEqual(self.daemon_.select("SELECT count(*) FROM events"), before)
        self.assertEqual(self.daemon_.stop(), 0)
        with contextlib.closing(sqlite3.connect(self.home / "hoiam.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            self.assert_refused(self.daemon_.run("restore", self.backup), "another program", "end it first")
        self.assertFalse((self.home / "hoiam.db.before-restore").exists())
        self.assertEqual(self.daemon_.run("restore", self.backup).returncode, 0)
        # The copy of the former database is never overwritten.
        former = content(self.home)["hoiam.db.before-restore"]
        self.assert_restore_changes_nothing(self.backup, "before-restore", "earlier restore")
        self.assertEqual(content(self.home)["hoiam.db.before-restore"], former)

    def test_a_backup_never_overwrites_and_says_when_there_is_nothing_to_copy(self):
        before = self.backup.read_bytes()
        self.assert_refused(self.daemon_.run("backup", self.backup), "exists already")
        self.assertEqual(self.backup.read_bytes(), before)
        self.assert_refused(self.daemon_.run("backup", self.folder / "no" / "folder.db"), "No such file")
        self.assertEqual(self.daemon_.stop(), 0)
        empty = self.folder / "empty"
        empty.mkdir()
        nothing = self.daemon(folder=empty, start=False)
        self.assert_refused(nothing.run("backup", self.folder / "of-nothing.db"), "nothing to copy")
        self.assertEqual(content(empty).keys(), {"hoiam.toml"}, "a backup made a database")

    def test_a_damaged_database_gives_no_backup(self):
        self.assertEqual(self.daemon_.stop(), 0)
        whole = (self.home / "hoiam.db").read_bytes()
        (self.home / "hoiam.db").write_bytes(whole[:20 * 4096] + random.Random(1).randbytes(8 * 4096) + whole[28 * 4096:])
        self.assert_refused(self.daemon_.run("backup", self.folder / "of-damage.db"), "damaged")
        self.assertEqual([p.name for p in self.folder.glob("of-damage*")], [])

    def test_a_full_disk_leaves_no_half_backup_and_no_half_restore(self):
        if os.geteuid() != 0:
            self.skipTest("only root may mount a small disk")
        disk = self.folder / "disk"
        disk.mkdir()
        mount_tmpfs(self, disk, "size=128k")
        self.assert_refused(self.daemon_.run("backup", disk / "b.db"), "b.db", "the disk is full")
        self.assertEqual(list(disk.iterdir()), [])
        target = self.daemon(folder=self.folder / "home", start=False, storage={"url": f"sqlite:{disk}/hoiam.db"})
        self.assert_refused(target.run("restore", self.backup), "the disk is full")
        self.assertEqual([p.name for p in disk.iterdir() if p.suffix != ".lock"], [])


if __name__ == "__main__":
    unittest.main()
