"""kill -9 at every step of hoiam backup and of hoiam restore, one after the other (tests/sim/killed_at.cpp): a database
is always in its place, whole, either the former or the restored one, and the command repeated does its work."""
import contextlib
import os
import shutil
import signal
import sqlite3
import unittest

from harness import BUILD, Citizen, EndToEnd

KILLED_AT = BUILD / "tests/sim/libkilled_at.so"
MOST_STEPS = 3000


def events(file):
    with contextlib.closing(sqlite3.connect(file)) as db:
        return {event for event, in db.execute("SELECT event_id FROM events")}


@unittest.skipIf(not KILLED_AT.exists() or "asan" in str(BUILD), "no killed_at in this build")
class KilledCopy(EndToEnd):
    def setUp(self):
        super().setUp()
        self.world_of_two = self.folder / "world"
        self.world_of_two.mkdir()
        daemon, _ = self.world(folder=self.world_of_two)
        daemon.accept(Citizen().event(2))
        self.backup = self.folder / "backup.db"
        self.assertEqual(daemon.run("backup", self.backup).returncode, 0)
        self.before = events(self.backup)
        daemon.accept(Citizen().event(2))
        daemon.kill()  # its last words stand in the log beside the file
        self.daemon = daemon
        self.as_it_was = self.folder / "as-it-was"
        shutil.copytree(self.world_of_two, self.as_it_was)
        self.both = events(self.world_of_two / "hoiam.db")
        self.assertEqual((len(self.before), len(self.both)), (1, 2))

    def put_back(self):
        shutil.rmtree(self.world_of_two)
        shutil.copytree(self.as_it_was, self.world_of_two)

    def killed_at_every_step(self, *command):
        """Yields after each kill, in a folder as it was before the command."""
        for number in range(1, MOST_STEPS):
            self.put_back()
            done = self.daemon.run(*command, env={**os.environ, "LD_PRELOAD": str(KILLED_AT), "HOIAM_TEST_KILL_AT": str(number)})
            if done.returncode == 0:
                print(f"\nkilled_copy_test: {command[0]}: {number - 1} kills", flush=True)
                self.assertGreater(number, 20, "the library counted nothing")
                return
            self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)
            yield number
        self.fail(f"{command[0]} takes more than {MOST_STEPS} steps")

    def assert_whole(self, number):
        told = self.daemon.run("check")
        self.assertEqual(told.returncode, 0, f"killed at {number}: {told.stdout}{told.stderr}")

    def test_a_restore_killed_at_any_step_leaves_a_whole_database_and_can_be_repeated(self):
        database, former = self.daemon.database, self.daemon.database.with_name("hoiam.db.before-restore")
        for number in self.killed_at_every_step("restore", self.backup):
            self.assert_whole(number)
            present = events(database)
            self.assertIn(present, (self.before, self.both), number)
            if present == self.before:
                self.assertEqual(events(former), self.both, f"killed at {number}: the former database")
            if former.exists():
                former.rename(self.world_of_two / "moved-away.db")
            again = self.daemon.run("restore", self.backup)
            self.assertEqual(again.returncode, 0, f"killed at {number}: {again.stderr}")
            self.assertEqual(events(database), self.before)
            self.assertEqual(list(self.world_of_two.glob("*.restoring*")), [])

    def test_a_backup_killed_at_any_step_leaves_none_or_a_whole_one_and_can_be_repeated(self):
        copy = self.world_of_two / "copy.db"
        for number in self.killed_at_every_step("backup", copy):
            self.assertEqual(events(self.daemon.database), self.both)
            if copy.exists():
                self.assertEqual(events(copy), self.both, f"killed at {number}")
                copy.unlink()
            again = self.daemon.run("backup", copy)
            self.assertEqual(again.returncode, 0, f"killed at {number}: {again.stderr}")
            self.assertEqual(events(copy), self.both)
            self.assertEqual(list(self.world_of_two.glob("*.partial*")), [])


if __name__ == "__main__":
    unittest.main()
