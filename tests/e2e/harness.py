"""What the end-to-end tests share: the real daemon and the simulated telecom as child processes on loopback, an
HTTP client, a read-only view of the database, and a factory of dossier events.

Every process is ended by its own id when its test ends. Waiting is always for a condition, never for a time.
"""
import contextlib
import datetime
import http.client
import http.server
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HOIAM_BUILD", ROOT / "build"))
MEMORY_FACTOR = 4 if BUILD.name in ("asan", "tsan") else 1  # sanitizers keep what was freed
HOIAM = BUILD / "hoiam"
TELECOM_SIM = next((p for p in (BUILD / "telecom_sim", BUILD / "tests/sim/telecom_sim") if p.exists()), BUILD / "telecom_sim")

WAIT = 20.0  # seconds; what takes longer on a busy machine is broken
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))

STATES = ["queued", "sending", "retry", "unknown", "accepted", "delivered", "undelivered", "rejected", "expired", "cancelled"]
UYEN_HUNG, TAN_KHANH = "25888", "25891"


def wait_until(condition, what, timeout=WAIT):
    """The first true value of condition(); what was waited for stands in the failure."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain for {what}; last: {value!r}")
        time.sleep(0.02)


_reserved = []  # sockets bound and never listening: they keep a port ours until this process ends


def free_port():
    """A port that nobody else has, below the range from which the system takes ports for outgoing connections.

    It is found without SO_REUSEADDR and then kept with it: the servers we start all set that option and may still listen
    on it, while no other search, here or in a process beside us, finds it free in the meantime."""
    while True:
        probe = socket.socket()
        try:
            probe.bind(("127.0.0.1", random.randint(20000, 32000)))
        except OSError:
            probe.close()
            continue
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _reserved.append(probe)
        return probe.getsockname()[1]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def call(port, method, path, body=None, headers=None, timeout=WAIT):
    """One request over a connection of its own. A str or bytes body goes out as it is, anything else as JSON."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body, ensure_ascii=False)
        headers.setdefault("Content-Type", "application/json")
    if isinstance(body, str):
        body = body.encode("utf-8")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def query(**fields):
    return urllib.parse.urlencode(fields)


def raw_exchange(port, data, timeout=WAIT):
    """Sends bytes as they are and reads until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(data)
        received = b""
        with contextlib.suppress(ConnectionError):
            while chunk := connection.recv(65536):
                received += chunk
        return received


# ----------------------------------------------------------------------------------------------- configuration

def toml_value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def toml(tables):
    """Tables of plain values; a list of tables becomes [[name]]."""
    lines = []
    for name, content in tables.items():
        for table in content if isinstance(content, list) else [content]:
            lines.append(f"[[{name}]]" if isinstance(content, list) else f"[{name}]")
            lines += [f"{key} = {toml_value(value)}" for key, value in table.items()]
            lines.append("")
    return "\n".join(lines)


# What each shipped profile needs, as telecom_sim expects it.
SETTINGS = {
    "esms": {"api_key": "sim", "secret_key": "sim", "brandname": "TAN UYEN", "cpid": "hoiam", "private_key": "sim"},
    "speedsms": {"access_token": "sim", "sender": "TAN UYEN", "hook_token": "sim"},
    "kannel": {"username": "sim", "password": "sim", "sender": "8079", "hook_token": "sim"},
    "generic": {"api_key": "sim", "sender": "TAN UYEN", "hook_token": "sim"},
}


def preloaded(library, **environment):
    """Options of a daemon under a library of tests/sim (LD_PRELOAD); None where this build has none: an address sanitizer wants to be first."""
    found = [p for p in (BUILD / f"lib{library}.so", BUILD / f"tests/sim/lib{library}.so") if p.exists()]
    if not found or "asan" in str(BUILD):
        return None
    return {"env": {**os.environ, "LD_PRELOAD": str(found[0]), **environment}}


def provider(profile, port, **more):
    settings = {**SETTINGS[profile], **more.pop("settings", {})}
    return {"name": profile, "profile": profile, "base_url": f"http://127.0.0.1:{port}", "rate": 1000, "settings": settings, **more}


def configuration(port, providers, **more):
    """Always open, at once, without waiting; `more` adds to or replaces keys of a table."""
    tables = {
        "server": {"listen": f"127.0.0.1:{port}"},
        "storage": {"url": "sqlite:hoiam.db"},
        "organisation": {"name": "UBND thị xã Tân Uyên", "sms_name": "UBND TX Tân Uyên", "units": "units/tan-uyen.csv"},
        "inbound": {"number": "8079", "keyword": "TANUYEN"},
        "survey": {"questionnaire": "sipas", "delay": "0s", "hours": "00:00-24:00", "least_answers": 1},
        "notify": {"coalesce": "0s", "hours": "00:00-24:00"},
    }
    for name, table in more.items():
        tables[name] = {**tables.get(name, {}), **table}
    if providers:
        tables["provider"] = providers
    return toml(tables)


# --------------------------------------------------------------------------------------------------- processes

class Process:
    """A child process whose output goes to files, so that it never blocks on a full pipe."""

    def __init__(self, arguments, folder, name, **options):
        self.name = name
        self.out_file, self.log_file = folder / f"{name}.out", folder / f"{name}.log"
        with open(self.out_file, "ab") as out, open(self.log_file, "ab") as log:
            self.popen = subprocess.Popen(
                [str(each) for each in arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=log, **options
            )

    @property
    def pid(self):
        return self.popen.pid

    def out(self):
        return self.out_file.read_text(encoding="utf-8", errors="replace")

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def alive(self):
        return self.popen.poll() is None

    def kill(self):
        if self.alive():
            self.popen.kill()
        return self.popen.wait(WAIT)

    def terminate(self):
        if self.alive():
            self.popen.terminate()
        return self.popen.wait(WAIT)


class Daemon:
    """hoiam serve in a folder of its own, with its configuration, keys and database."""

    def __init__(self, folder, tables_text, port, arguments=(), **options):
        self.folder, self.port, self.arguments, self.options = pathlib.Path(folder), port, list(arguments), options
        self.config, self.database = self.folder / "hoiam.toml", self.folder / "hoiam.db"
        self.config.write_text(tables_text, encoding="utf-8")
        self.process = None
        self.keys = {}

    # running

    def launch(self):
        self.process = Process([HOIAM, "--config", self.config, "serve", *self.arguments], self.folder, "hoiam", **self.options)

    def start(self):
        self.launch()
        wait_until(self.ready_or_dead, "the daemon to be ready")
        if not self.process.alive():
            raise AssertionError(f"the daemon ended with {self.process.popen.returncode}:\n{self.log()}")
        return self

    def ready_or_dead(self):
        return not self.process.alive() or self.is_ready()

    def is_ready(self):
        try:
            return call(self.port, "GET", "/readyz", timeout=2).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self):
        """SIGTERM; its exit code."""
        return self.process.terminate()

    def kill(self):
        if self.process:
            self.process.kill()

    def log(self):
        return self.process.log()

    # asking it

    def run(self, *arguments, text_in=None, timeout=60, **options):
        """Another hoiam command with this configuration."""
        return run_hoiam("--config", self.config, *arguments, text_in=text_in, cwd=self.folder, timeout=timeout, **options)

    def key(self, role):
        if role not in self.keys:
            done = self.run("key", "add", f"test {role}", "--role", role)
            if done.returncode != 0:
                raise AssertionError(f"key add: {done.stderr}")
            self.keys[role] = done.stdout.strip()
        return self.keys[role]

    def call(self, method, path, body=None, role="admin", headers=None, timeout=WAIT):
        headers = dict(headers or {})
        if role:
            headers["Authorization"] = f"Bearer {self.key(role)}"
        return call(self.port, method, path, body, headers, timeout)

    def get(self, path, role="admin"):
        return self.call("GET", path, role=role)

    def post(self, path, body=None, role="admin", headers=None):
        return self.call("POST", path, body, role, headers)

    def accept(self, *events):
        """Posts events that must all be good; the answer."""
        answer = self.post("/v1/dossier-events", events[0] if len(events) == 1 else list(events), role="dossiers")
        if answer.status != 202 or answer.json()["rejected"]:
            raise AssertionError(f"events were not accepted: {answer}")
        return answer.json()

    def messages(self, **filters):
        answer = self.get("/v1/messages?" + query(limit=1000, **filters))
        if answer.status != 200:
            raise AssertionError(f"messages: {answer}")
        return answer.json()["messages"]

    def message(self, dossier, situation):
        """The one message of a dossier about a situation, or None."""
        found = [m for m in self.messages(dossier=dossier) if m["situation"] == situation]
        if len(found) > 1:
            raise AssertionError(f"{dossier} has {len(found)} messages about {situation}")
        return found[0] if found else None

    def await_state(self, dossier, situation, state, timeout=WAIT):
        def reached():
            message = self.message(dossier, situation)
            return message if message and message["state"] == state else None
        try:
            return wait_until(reached, f"{dossier}/{situation} to be {state}", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {self.messages(dossier=dossier)}\n{self.log()[-2000:]}") from None

    def metrics(self):
        """The samples of /metrics by name and labels."""
        samples = {}
        for line in call(self.port, "GET", "/metrics").text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples

    def metric(self, name, **labels):
        """The sum over all samples of this name that carry these labels."""
        def fits(sample):
            return sample.split("{")[0] == name and all(f'{key}="{value}"' in sample for key, value in labels.items())
        return sum(value for sample, value in self.metrics().items() if fits(sample))

    # the database behind it

    def select(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, values).fetchall()

    def states(self):
        """How many messages are in each state."""
        return {STATES[state]: n for state, n in self.select("SELECT state, count(*) FROM messages GROUP BY state")}


def run_hoiam(*arguments, text_in=None, cwd=None, timeout=60, **options):
    return subprocess.run(
        [str(HOIAM), *map(str, arguments)], input=text_in, cwd=cwd, timeout=timeout, capture_output=True, encoding="utf-8", **options
    )


class Telecom:
    """telecom_sim, told where the daemon is."""

    def __init__(self, folder, daemon_port, *arguments):
        hooks = f"http://127.0.0.1:{daemon_port}/hooks/{{provider}}"
        self.process = Process(
            [TELECOM_SIM, "--port", "0", "--inbound", f"{hooks}/inbound", "--report", f"{hooks}/report",
             "--report-min", "0.01", "--report-max", "0.05", *arguments],
            pathlib.Path(folder), "telecom",
        )
        line = wait_until(lambda: re.search(r"listening on 127\.0\.0\.1:(\d+)", self.process.out()), "telecom_sim to listen")
        self.port = int(line.group(1))

    def kill(self):
        self.process.kill()

    def messages(self, **filters):
        return call(self.port, "GET", "/sim/messages?" + query(**filters)).json()["messages"]

    def to(self, phone, containing=""):
        """The texts a number has received."""
        return [m["text"] for m in self.messages(phone=phone) if containing in m["text"]]

    def stats(self):
        return call(self.port, "GET", "/sim/stats").json()

    def behave(self, **rates):
        answer = call(self.port, "POST", "/sim/behaviour", rates)
        if answer.status != 200:
            raise AssertionError(f"behaviour: {answer}")

    def sms(self, phone, text, provider="esms", **more):
        """A citizen sends an SMS."""
        answer = call(self.port, "POST", "/sim/inbound", {"provider": provider, "from": phone, "text": text, **more})
        if answer.status != 202:
            raise AssertionError(f"inbound: {answer}")
        return answer.json()["id"]


class FakeProvider:
    """A telecom whose answer to every request is whatever `answer(handler, body)` writes."""

    def __init__(self, answer, port=0):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.path, dict(self.headers), body))
                answer(self, body)

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(WAIT)


def answer_with(handler, status, body, content_type="application/json"):
    body = body if isinstance(body, bytes) else body.encode("utf-8")
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    with contextlib.suppress(ConnectionError):
        handler.wfile.write(body)


# ------------------------------------------------------------------------------------------------------ events

_numbers = itertools.count(1)


def rfc3339(when):
    return when.astimezone(VIETNAM).isoformat(timespec="milliseconds")


def now():
    return datetime.datetime.now(VIETNAM)


def tomorrow(hour, minute):
    """An appointment that cannot pass while a test runs."""
    return (now() + datetime.timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def this_month():
    return now().strftime("%Y-%m")


class Citizen:
    """One applicant with one dossier, whose events follow each other in time."""

    def __init__(self, commune=UYEN_HUNG, **fields):
        number = next(_numbers)
        self.dossier = f"000.25.18.H09-{now():%y%m%d}-{number:04}"
        self.national_phone = f"0912{number:06}"
        self.phone = "84" + self.national_phone[1:]
        self.name = f"Nguyễn Văn {number}"
        self.commune, self.fields = commune, fields
        # Events lie in the past, and never in the month before, so that figures fall into one month.
        moment = now()
        self.at = max(moment - datetime.timedelta(minutes=30), moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
        self.steps = itertools.count(1)

    def event(self, status, **fields):
        """The next event. Submitted online and collected at the counter, unless told otherwise."""
        self.at += datetime.timedelta(milliseconds=1000)
        return {
            "event_id": f"{self.dossier}/{next(self.steps)}",
            "dossier": self.dossier,
            "status": status,
            "at": rfc3339(min(self.at, now())),
            "commune": self.commune,
            "procedure": {"code": "1.001193", "name": "Đăng ký khai sinh", "field": "Hộ tịch"},
            "applicant": {"name": self.name, "phone": self.national_phone},
            "submitted_by": "online",
            "return_by": "counter",
            **self.fields,
            **fields,
        }

    def whole_dossier(self):
        """Received, finished, handed over at the counter: after it comes the survey."""
        return [self.event(2), self.event(9), self.event(10)]


# -------------------------------------------------------------------------------------------------------- test

class EndToEnd(unittest.TestCase):
    """A test with a folder of its own; what it starts ends with it."""

    maxDiff = None

    def setUp(self):
        if not HOIAM.exists() or not TELECOM_SIM.exists():
            self.fail(f"build hoiam and telecom_sim first; not found in {BUILD}")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hoiam-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def daemon(self, providers=(), port=None, folder=None, arguments=(), start=True, options=None, **tables):
        port = port or free_port()
        daemon = Daemon(folder or self.folder, configuration(port, list(providers), **tables), port, arguments, **(options or {}))
        self.addCleanup(daemon.kill)
        return daemon.start() if start else daemon

    def telecom(self, daemon_port, *arguments, folder=None):
        telecom = Telecom(folder or self.folder, daemon_port, *arguments)
        self.addCleanup(telecom.kill)
        return telecom

    def fake_provider(self, answer, port=0):
        fake = FakeProvider(answer, port)
        self.addCleanup(fake.close)
        return fake

    def world(self, profile="esms", sim=(), more=None, folder=None, **tables):
        """A telecom and a daemon that sends through it."""
        port = free_port()
        telecom = self.telecom(port, *sim, folder=folder)
        return self.daemon([provider(profile, telecom.port, **(more or {}))], port=port, folder=folder, **tables), telecom

    def survey(self, daemon, telecom, citizen, provider_name="esms"):
        """Takes a dossier to its end and waits until the citizen has the question."""
        daemon.accept(*citizen.whole_dossier())
        return wait_until(lambda: telecom.to(citizen.phone, "TC de tu choi"), f"the question to reach {citizen.phone}")[0]

    def assert_problem(self, answer, status, code):
        self.assertEqual(answer.status, status, answer)
        self.assertTrue(answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers)
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["code"], code, problem)
        self.assertIsInstance(problem["errors"], list)
        return problem
