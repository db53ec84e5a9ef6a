"""What the benchmarks measure: the real daemon and a real Kannel 1.4.5, each fresh in a folder of its own on
loopback, and the load driver (build/load) that feeds them. Every process is ended by its own id."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from harness import BUILD, HOIAM, Daemon, Process, call, free_port, toml, wait_until  # noqa: E402

LOAD = BUILD / "load"
BEARERBOX, SMSBOX = (shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin") for name in ("bearerbox", "smsbox"))
TICKS = os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid):
    user, system = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class StolenTime:
    """How much of this machine's time others took while the block ran (/proc/stat: steal), in percent of its cores."""

    def __enter__(self):
        self.before = self.read()
        return self

    def __exit__(self, *_):
        total, stolen = (after - before for after, before in zip(self.read(), self.before))
        self.percent = 100 * stolen / max(total, 1)

    @staticmethod
    def read():
        times = [int(n) for n in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(times), times[7]


class Peer:
    """One fresh program under test; `with` ends it and removes its folder."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hoiam-bench-"))
        self.sink_port = free_port()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def resident_mib(self):
        return sum(resident_mib(pid) for pid in self.pids())

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def load(self, direction, limit=300, **options):
        """Runs the driver against this peer; its figures."""
        arguments = [direction, "--peer", self.name, *self.addresses(), "--sink-port", self.sink_port, "--limit", limit]
        for pid in self.pids():
            arguments += ["--pid", pid]
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-"), value]
        done = subprocess.run([LOAD, *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=limit + 60)
        if done.returncode == 2 or not done.stdout:
            raise RuntimeError(f"load: {done.stderr}")
        return {**json.loads(done.stdout), "complete": done.returncode == 0}


class Hoiam(Peer):
    name = "hoiam"

    def __init__(self, in_flight=256, survey=False, database=None, options=()):
        super().__init__()
        self.port = free_port()
        tables = {
            "server": {"listen": f"127.0.0.1:{self.port}", "most_connections": 2000},
            "storage": {"url": f"sqlite:{database or 'hoiam.db'}"},
            "organisation": {"name": "UBND thị xã Tân Uyên", "units": "units/tan-uyen.csv"},
            "provider": [{
                "profile": "generic", "base_url": f"http://127.0.0.1:{self.sink_port}", "rate": 100_000, "in_flight": in_flight,
                "settings": {"api_key": "bench", "hook_token": "bench", "sender": "8079"},
            }],
            "inbound": {"number": "8079"},
            "notify": {"coalesce": "0s", "hours": "00:00-24:00"},
            "survey": {"on": True, "delay": "0s", "hours": "00:00-24:00"} if survey else {"on": False},
        }
        self.daemon = Daemon(self.folder, toml(tables), self.port)

    def start(self):
        self.key = self.daemon.key("admin")
        self.started_in = self.restart()

    def restart(self):
        """Starts it; the seconds until it is ready."""
        began = time.monotonic()
        self.daemon.launch()
        while not self.daemon.ready_or_dead():
            if time.monotonic() - began > 120:
                raise AssertionError("the daemon is not ready after two minutes")
            time.sleep(0.002)
        if not self.daemon.process.alive():
            raise AssertionError(f"the daemon ended:\n{self.daemon.log()}")
        return time.monotonic() - began

    def wait_until_applied(self):
        """Until no delivery report waits to be applied to its message; the seconds."""
        began = time.monotonic()
        wait_until(lambda: self.daemon.metric("hoiam_queue_depth", queue="reports") == 0, "reports to be applied", timeout=300)
        return time.monotonic() - began

    def end(self):
        if self.daemon.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.daemon.stop()
            self.daemon.kill()

    def pids(self):
        return [self.daemon.process.pid]

    def addresses(self):
        return ["--port", self.port, "--key", self.key]


KANNEL_CONF = """
group = core
admin-port = {admin}
admin-password = bench
admin-allow-ip = "127.0.0.1"
admin-interface = "127.0.0.1"
smsbox-port = {box}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
log-level = 4
sms-outgoing-queue-limit = -1
dlr-storage = internal
{store}

group = smsc
smsc = http
system-type = kannel
smsc-id = bench
port = {smsc}
smsc-username = bench
smsc-password = bench
send-url = "http://127.0.0.1:{sink}/send"
dlr-url = "http://127.0.0.1:{smsc}/?username=bench&password=bench"
connect-allow-ip = 127.0.0.1
max-pending-submits = {in_flight}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"
log-level = 4
{smsbox_more}

group = sendsms-user
username = bench
password = bench
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
get-url = "http://127.0.0.1:{sink}/service?from=%p&text=%b"
"""


class Kannel(Peer):
    """bearerbox and smsbox. The file store appends, the spool store writes a file per message; neither syncs."""

    name = "kannel"

    def __init__(self, store="file", in_flight=256):
        super().__init__()
        self.store, self.in_flight = store, in_flight
        self.ports = {name: free_port() for name in ("admin", "box", "smsc", "sendsms")}
        self.boxes = []

    def start(self):
        location = self.folder / "store"
        if self.store == "spool":
            location.mkdir(exist_ok=True)
        store = "" if self.store == "none" else f'store-type = {self.store}\nstore-location = "{location}"'
        self.conf = self.folder / "kannel.conf"
        self.conf.write_text(KANNEL_CONF.format(store=store, sink=self.sink_port, in_flight=self.in_flight, smsbox_more="", **self.ports))
        self.started_in = self.restart()

    def restart(self):
        """Starts both boxes; the seconds until sendsms answers and bearerbox knows its smsbox."""
        began = time.monotonic()
        self.boxes = [Process([BEARERBOX, self.conf], self.folder, "bearerbox")]
        wait_until(lambda: self.listens("box"), "bearerbox", timeout=300)
        self.boxes.append(Process([SMSBOX, self.conf], self.folder, "smsbox"))
        wait_until(lambda: self.listens("sendsms") and "sms" in self.status(), "smsbox", timeout=300)
        wait_until(lambda: self.listens("smsc"), "the HTTP SMSC", timeout=300)
        return time.monotonic() - began

    def listens(self, name):
        rows = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
        return any(row.split()[3] == "0A" and row.split()[1].endswith(f":{self.ports[name]:04X}") for row in rows)

    def status(self):
        with contextlib.suppress(OSError):
            return call(self.ports["admin"], "GET", "/status.txt?password=bench", timeout=30).text.partition("Box connections")[2]
        return ""

    def end(self):
        for box in reversed(self.boxes):
            if box.alive():
                box.popen.terminate()
        for box in reversed(self.boxes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                box.popen.wait(10)
            box.kill()

    def pids(self):
        return [box.pid for box in self.boxes]

    def addresses(self):
        return ["--port", self.ports["sendsms"], "--hook-port", self.ports["smsc"]]
