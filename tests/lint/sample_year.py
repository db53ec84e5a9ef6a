#!/usr/bin/env python3
"""Checks the sample year: the generator still writes the committed file, and its totals are the published ones."""

import collections
import csv
import datetime as dt
import gzip
import io
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "deploy/sample/tan-uyen-2018.csv.gz"
COMMUNES = "25888 25891 25912 25915 25920 25921 25924 25930 25933 25936 25937 25939".split()

failures = []


def expect(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {found} instead of {wanted}")


def regenerated():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "year.csv.gz"
        subprocess.run([sys.executable, ROOT / "deploy/sample/generate.py", path], check=True)
        return gzip.decompress(path.read_bytes())


def instant(text):
    return dt.datetime.fromisoformat(text) if text else None


def check_totals(rows):
    resolved = [row for row in rows if row["finished_at"]]
    early = [row for row in resolved if instant(row["finished_at"]).date() < instant(row["due_at"]).date()]
    late = [row for row in resolved if instant(row["finished_at"]) > instant(row["due_at"])]
    expect("received", len(rows), 19705)
    expect("resolved", len(resolved), 18738)
    expect("early", len(early), 2899)
    expect("late", len(late), 935)
    expect("on time", len(resolved) - len(early) - len(late), 14904)
    expect("returned by post", sum(row["return_by"] == "post" for row in resolved), 58)
    expect("unresolved", len(rows) - len(resolved), 967)
    expect("communes", sorted({row["commune"] for row in rows}), COMMUNES)
    expect("different codes", len({row["code"] for row in rows}), len(rows))
    expect("status of the resolved", {row["status"] for row in resolved}, {"9", "10"})


def check_row(row):
    received, due, finished, returned = (instant(row[name]) for name in "received_at due_at finished_at returned_at".split())
    for name, time in (("received", received), ("finished", finished), ("returned", returned)):
        if time is None:
            continue
        expect(f"{row['code']} {name} in 2018", time.year, 2018)
        expect(f"{row['code']} {name} on a weekday", time.weekday() < 5, True)
        expect(f"{row['code']} {name} in office hours", 7 <= time.hour < 17, True)
        expect(f"{row['code']} {name} at Tết", dt.date(2018, 2, 15) <= time.date() <= dt.date(2018, 2, 20), False)
    expect(f"{row['code']} due after reception", due > received, True)
    if finished:
        expect(f"{row['code']} finished after reception", finished > received, True)
    if returned:
        expect(f"{row['code']} returned after the result", finished is not None and returned > finished, True)
    expect(f"{row['code']} returned means status 10", bool(returned), row["status"] == "10")
    if row["status"] in ("3", "5", "7", "8"):
        expect(f"{row['code']} has a reason", bool(row["note"]), True)


def main():
    committed = gzip.decompress(SAMPLE.read_bytes())
    expect("bytes written by generate.py are those committed", regenerated() == committed, True)
    expect("time stamp inside the gzip", SAMPLE.read_bytes()[4:8], bytes(4))
    rows = list(csv.DictReader(io.StringIO(committed.decode())))
    check_totals(rows)
    for row in rows:
        check_row(row)
    if "-v" in sys.argv:
        for name in ("status", "commune", "field", "submitted_by"):
            print(name, dict(collections.Counter(row[name] for row in rows).most_common(12)))
        print("without phone", sum(not row["phone"] for row in rows))
        late = collections.Counter(r["commune"] for r in rows if r["finished_at"] and instant(r["finished_at"]) > instant(r["due_at"]))
        done = collections.Counter(r["commune"] for r in rows if r["finished_at"])
        print("late share", {commune: round(late[commune] / done[commune], 3) for commune in COMMUNES})
    for failure in failures[:20]:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
