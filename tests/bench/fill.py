"""Fills a database that hoiam has created with as many dossiers as asked, straight in SQL through its own schema:
each closed, told, asked and answered (dossiers, events, messages, attempts, sessions, answers, inbound SMS and their
tallies), or all still open with their appointment. `hoiam recount` must find no difference afterwards.

Indexes are dropped, and made again at the end from their own definitions: the same file, sooner."""
import contextlib
import sqlite3

DAY = 86_400_000
CHUNK = 250_000

# i: the number; at: when it was closed, spread over 36 months before the newest; m: that month's number.
NUMBERS = """WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
row AS (SELECT i, :newest - (:last_of_all - i) * 1095 * 86400000 / :last_of_all AS at,
    '259' || printf('%02d', 60 + i % 12) || '@2004-02-19' AS unit, printf('2.%06d', i % 200) AS procedure,
    930000000 + i % 60000000 AS phone, printf('GROWN-%08d', i) AS code FROM n),
g AS (SELECT *, CAST(strftime('%Y', (at + 25200000) / 1000, 'unixepoch') AS INTEGER) * 12
    + CAST(strftime('%m', (at + 25200000) / 1000, 'unixepoch') AS INTEGER) - 1 AS m FROM row) """

# Of a hundred messages 91 are delivered, 4 accepted, 2 undelivered, one each rejected, expired, cancelled; of ten thousand
# one each unknown, waiting to be sent again, and queued, none of them soon.
STATE = "CASE i % 100 WHEN 0 THEN 6 WHEN 1 THEN 6 WHEN 2 THEN 7 WHEN 3 THEN 8 WHEN 4 THEN 9 WHEN 5 THEN 4 WHEN 6 THEN 4 " \
        "WHEN 7 THEN 4 WHEN 8 THEN 4 WHEN 9 THEN CASE WHEN i % 10000 < 100 THEN 3 ELSE 5 END " \
        "WHEN 10 THEN CASE WHEN i % 10000 < 100 THEN 2 ELSE 5 END WHEN 11 THEN CASE WHEN i % 10000 < 100 THEN 0 ELSE 5 END ELSE 5 END"
WAITING = "i % 100 BETWEEN 9 AND 11 AND i % 10000 < 100"
SCORE = "(CASE WHEN i % 10 < 6 THEN 5 WHEN i % 10 < 8 THEN 4 WHEN i % 10 = 8 THEN 3 ELSE 1 + i / 10 % 2 END)"

CLOSED = [
    """INSERT INTO dossiers (id, code, status, status_at, unit, procedure_code, procedure_name, field, applicant_name, phone, phone_problem,
    submitted_by, return_by, received_at, due_at, promised_at, finished_at, returned_at, note, closed_at)
    SELECT i, code, 10, at, unit, procedure, 'Thủ tục ' || procedure, 'Hộ tịch', 'Nguyễn Văn A', phone, '', 0, 0, at - 3 * 86400000,
    NULL, NULL, at, at, '', at FROM g""",
    "INSERT INTO events (event_id, dossier_id, status, at, accepted_at, silent_cause) SELECT printf('g%08d', i), i, 10, at, at, '' FROM g",
    """INSERT INTO sessions (id, dossier_id, phone, month, unit, procedure_code, state, asked_at, expires_at, unreadable, delivered)
    SELECT i, i, phone, m, unit, procedure, 2, at, at + 3 * 86400000, 0, 1 FROM g""",
    f"""INSERT INTO messages (id, key, dossier_id, session_id, situation, lane, phone, text, ucs2, parts, repeatable, state, due_at, expires_at,
    provider, provider_message_id, attempts, first_sent_at, cause, created_at, updated_at)
    SELECT i, code || '/survey/score', i, i, 'survey_score', 2, phone, 'UBND thi xa Tan Uyen: Ong/Ba danh gia viec giai quyet ho so ' || code ||
    ' the nao? 1=Rat khong hai long 2=Khong hai long 3=Binh thuong 4=Hai long 5=Rat hai long. Tra loi gui 8079 (mien phi). TC de tu choi.',
    0, 2, 0, {STATE}, iif({WAITING}, :newest + 300 * 86400000, NULL), :newest + 301 * 86400000, 'generic', lower(hex(randomblob(8))), 1, at, '',
    at, at FROM g""",
    """INSERT INTO attempts (message_id, number, provider, started_at, finished_at, outcome, code)
    SELECT i, 1, 'generic', at, at + 100, 'accepted', 'accepted' FROM g""",
    f"""INSERT INTO answers (dossier_id, session_id, score, reasons, rule, lexicon_version, answered_at)
    SELECT i, i, {SCORE}, iif({SCORE} < 3, 'late', ''), 'key', 'grown', at + 3600000 FROM g""",
    f"""INSERT INTO inbound (id, provider, key, phone, sender, text, received_at, session_id, taken, rule, for_person)
    SELECT i, 'generic', printf('g%08d', i), phone, '', {SCORE}, at + 3600000, i, 'score', 'key', 0 FROM g""",
]

TALLY = "INSERT INTO one_measure (dimension, month, key, measure, n)"
TALLIES = f"""{TALLY}
    WITH counted(month, unit, procedure, measure) AS (SELECT s.month, s.unit, s.procedure_code, x.measure FROM sessions s
    JOIN answers a ON a.session_id = s.id
    JOIN (SELECT 'invited' AS measure, 0 AS only UNION ALL SELECT 'delivered', 0 UNION ALL SELECT 'answered', 0
          UNION ALL SELECT 'score_1', 1 UNION ALL SELECT 'score_2', 2 UNION ALL SELECT 'score_3', 3 UNION ALL SELECT 'score_4', 4
          UNION ALL SELECT 'score_5', 5 UNION ALL SELECT 'dissatisfied', -1 UNION ALL SELECT 'reason_late', -1) x
    ON x.only = 0 OR x.only = a.score OR (x.only = -1 AND a.score < 3))
    SELECT 0, month, unit, measure, count(*) FROM counted GROUP BY 2, 3, 4
    UNION ALL SELECT 1, month, procedure, measure, count(*) FROM counted GROUP BY 2, 3, 4"""

MONTH = "CAST(strftime('%Y', ({0} + 25200000) / 1000, 'unixepoch') AS INTEGER) * 12 + CAST(strftime('%m', ({0} + 25200000) / 1000, 'unixepoch') AS INTEGER) - 1"
DOSSIER_TALLIES = f"""{TALLY}
    WITH counted(month, unit, procedure, measure) AS (
    SELECT {MONTH.format('received_at')}, unit, procedure_code, 'received' FROM dossiers
    UNION ALL SELECT {MONTH.format('finished_at')}, unit, procedure_code, 'resolved' FROM dossiers WHERE finished_at IS NOT NULL
    UNION ALL SELECT {MONTH.format('finished_at')}, unit, procedure_code, 'no_due_date' FROM dossiers WHERE finished_at IS NOT NULL)
    SELECT 0, month, unit, measure, count(*) FROM counted GROUP BY 2, 3, 4
    UNION ALL SELECT 1, month, procedure, measure, count(*) FROM counted GROUP BY 2, 3, 4"""

OPEN = [
    """INSERT INTO dossiers (id, code, status, status_at, unit, procedure_code, procedure_name, field, applicant_name, phone, phone_problem,
    submitted_by, return_by, received_at, due_at, promised_at, finished_at, returned_at, note, closed_at)
    SELECT i, code, 4, at, unit, procedure, 'Thủ tục ' || procedure, 'Hộ tịch', 'Nguyễn Văn A', phone, '', 0, 0, at,
    :newest + (1 + i % 300) * 86400000, :newest + (1 + i % 300) * 86400000, NULL, NULL, '', NULL FROM g""",
    "INSERT INTO events (event_id, dossier_id, status, at, accepted_at, silent_cause) SELECT printf('g%08d', i), i, 4, at, at, '' FROM g",
    "INSERT INTO timers (kind, subject, due_at) SELECT 0, i, :newest + (1 + i % 300) * 86400000 FROM g",
]


def fill(database, dossiers, newest, still_open=False):
    """`newest`: the time of the last one, in milliseconds since 1970; the others lie before it."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 100000;")
        indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        for first in range(1, dossiers + 1, CHUNK):
            values = {"first": first, "last": min(first + CHUNK - 1, dossiers), "last_of_all": dossiers, "newest": newest}
            db.execute("BEGIN")
            for statement in OPEN if still_open else CLOSED:
                head, _, select = statement.partition("SELECT")
                db.execute(f"{head} {NUMBERS} SELECT {select}", values)
            db.execute("COMMIT")
        db.execute("INSERT INTO procedures SELECT DISTINCT procedure_code, procedure_name FROM dossiers WHERE true ON CONFLICT DO NOTHING")
        db.execute("CREATE TEMP TABLE one_measure (dimension, month, key, measure, n)")
        db.execute(DOSSIER_TALLIES)
        if not still_open:
            db.execute(TALLIES)
        db.execute("INSERT INTO tallies SELECT dimension, month, key, group_concat(measure || '=' || n, ' ') FROM one_measure GROUP BY 1, 2, 3")
        for _, sql in indexes:
            db.execute(sql)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
