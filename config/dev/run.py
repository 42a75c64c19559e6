"""`make run`: everything of the shop on one machine, from an empty folder to a page that answers."""

import argparse
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.dev import places
from config.dev.gateway.addresses import environment as of_sandbox
from config.dev.progress import Progress
from config.dev.servers import Servers
from config.dev.supervisor import Child, Supervisor
from config.dev.test_databases import state_of_migrations

STATE = places.VAR / "run"
COMMANDS = places.ROOT / "config" / "management" / "commands"
WEB_WORKERS = os.environ.get("WEB_WORKERS", str(min(4, max(2, os.cpu_count() or 2))))
WEB_THREADS = os.environ.get("WEB_THREADS", "8")  # those who wait are served together (docs/adr/0022)
LONGEST_NAME = 8
HISTORY = "history"
PRINTING = threading.Lock()


class CannotStart(Exception):
    """The message says what is in the way and what to do."""


def say(name: str, line: str) -> None:
    with PRINTING:
        print(f"{name:<{LONGEST_NAME}} | {line}", flush=True)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=8000)
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--prepare-only", action="store_true", help="servers, schema and demo data; start nothing")
    given = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        with only_one(given.host, given.port):
            servers = Servers()
            try:
                prepare(servers)
                if not given.prepare_only:
                    serve(servers, host=given.host, port=given.port)
            finally:
                servers.close()
        print("Daifuku has stopped; its data stays under var/.")
    except (CannotStart, places.NoServer) as problem:
        print(f"Daifuku cannot start: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nDaifuku has stopped before it was up; the next start goes on from here.")
        return 130
    return 0


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def only_one(host: str, port: int) -> Iterator[None]:
    """Nobody else runs from this folder, and the port is free."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("a+") as lock:
        _claim(lock)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as taken:
                raise CannotStart(f"port {port} is in use ({taken.strerror}); `make run PORT={port + 1}` takes another one") from taken
        yield


def _claim(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        who = lock.read().strip() or "unknown"
        raise CannotStart(f"it already runs from this folder (process {who}); stop that one with Ctrl-C or `kill {who}`") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()


def prepare(servers: Servers) -> None:
    """Servers up, schema current, demo company there. What is already so costs nothing."""
    progress = Progress(STATE / "durations.json", steps=4)
    with progress.step("Starting PostgreSQL and Valkey", about=3):
        servers.open()
    state = state_of_migrations()
    marks = servers.marks()
    with progress.step("Bringing the database up to date", about=_about(marks / "schema", state, otherwise=40)):
        _once(marks / "schema", state, lambda: _migrate(servers))
    with progress.step("Loading Japanese postal codes", about=_about(marks / "postal-codes", "loaded", otherwise=8)):
        _once(marks / "postal-codes", "loaded", lambda: _manage(servers, "seed_postal_codes"))
    with progress.step("Opening the demo company", about=_about(marks / "demo", "loaded", otherwise=8)):
        _once(marks / "demo", "loaded", lambda: _manage(servers, "demo"))


def _about(mark: Path, state: str, *, otherwise: float) -> float:
    return 1 if mark.exists() and mark.read_text() == state else otherwise


def _once(mark: Path, state: str, act: Callable[[], bool]) -> None:
    """Act unless the mark says it was done for this state."""
    if mark.exists() and mark.read_text() == state:
        return
    if act():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(state)


def _migrate(servers: Servers) -> bool:
    return _manage(servers, "migrate", "--no-input", "-v", "0", as_owner=True) and _manage(servers, "setup_roles", as_owner=True)


def _manage(servers: Servers, *command: str, as_owner: bool = False) -> bool:
    """The command of the house has run; False when this version has no such command."""
    if command[0] != "migrate" and not list(places.ROOT.glob(f"*/management/commands/{command[0]}.py")):
        say("daifuku", f"no command {command[0]} here; passed over")
        return False
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=places.ROOT,
        env={**os.environ, **servers.environment(as_owner=as_owner), "DAIFUKU_PROCESS": "command"},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise CannotStart(f"`manage.py {' '.join(command)}` failed (see above)")
    return True


def children(servers: Servers, *, host: str, port: int, mail_port: int, gateway_port: int) -> Sequence[Child]:
    """The processes of a running shop. Cards are charged by a sandbox, unless another gateway is named (CARDS)."""
    told = {**servers.environment(), "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}", "PYTHONUNBUFFERED": "1"}
    if "CARDS" not in os.environ:
        told |= of_sandbox(gateway_port)
    told["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    web, relay, worker = ({**told, "DAIFUKU_PROCESS": kind} for kind in ("web", "relay", "worker"))
    web["WEB_THREADS"] = WEB_THREADS
    worker = {"LOG_LEVEL": "WARNING", **worker}  # a line for every look at what is due would bury the others
    python, celery = sys.executable, (sys.executable, "-m", "celery", "-q", "-A", "config")
    granian = (*("--host", host), *("--port", str(port)), *("--workers", WEB_WORKERS), *("--blocking-threads", WEB_THREADS), "--no-ws")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return [
        Child("web", (python, "-m", "granian", "--interface", "wsgi", *granian, "--log-level", "warning", "config.wsgi:application"), web),
        Child("mail", (python, "-m", "config.dev.mailbox", "--port", str(mail_port))),
        Child("gateway", (python, "-m", "config.dev.gateway", "--port", str(gateway_port), "--webhook", _webhook(port))),
        Child("relay", (python, "manage.py", "relay"), relay, delay=3),
        Child("worker", (*celery, "worker", "-l", "info", "-c", "2", *quiet), worker, delay=3),
        Child(
            "webhooks",
            (*celery, "worker", "-n", "webhooks@%h", "-l", "info", "-Q", "daifuku.webhooks", "-P", "threads", "-c", "1", *quiet),
            worker,
            delay=4,
        ),
        _history(servers, {**told, "DAIFUKU_PROCESS": "command"}),
        Child("beat", (*celery, "beat", "-l", "info", "--pidfile", ""), worker, delay=5),
    ]


def _history(servers: Servers, told: dict[str, str]) -> Child:
    """Lives the year behind the demo company, once; Ctrl-C breaks it off and the next start goes on."""
    mark = servers.marks() / "history"

    def note() -> None:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text("lived")

    command = (sys.executable, "manage.py", "demo", "--history", "--gently")
    return Child(HISTORY, command, told, delay=4, once=True, finished=note)


def _is_due(child: Child, servers: Servers) -> bool:
    """A job that was done in an earlier start is not begun again."""
    return not (child.name == HISTORY and (servers.marks() / "history").exists())


def serve(servers: Servers, *, host: str, port: int) -> None:
    """The shop runs until Ctrl-C or SIGTERM."""
    started = time.monotonic()
    wanted = [child for child in _children_of(servers, host=host, port=port) if _exists(child) and _is_due(child, servers)]
    supervisor = Supervisor(wanted, cwd=str(places.ROOT), say=say)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.stopping.set())

    def announce() -> None:
        while not supervisor.stopping.wait(0.2):
            if _answers(host, port):
                _welcome(host, port, seconds=time.monotonic() - started)
                return

    supervisor.run(meanwhile=announce)


def _children_of(servers: Servers, *, host: str, port: int) -> Sequence[Child]:
    return children(servers, host=host, port=port, mail_port=places.free_port(), gateway_port=places.free_port())


def _webhook(port: int) -> str:
    return f"http://127.0.0.1:{port}/gateway/stripe/webhook/"


def _exists(child: Child) -> bool:
    if child.name == "gateway":
        return "CARDS" not in os.environ
    return child.name != "relay" or bool(list(places.ROOT.glob("*/management/commands/relay.py")))


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except OSError:
        return False
    else:
        return True
    finally:
        connection.close()


def _welcome(host: str, port: int, *, seconds: float) -> None:
    lines = [
        "",
        f"Daifuku 大福帳 is open ({seconds:.1f} s).",
        f"  shop          http://{host}:{port}/",
        f"  back office   http://{host}:{port}/admin/",
        f"  API           http://{host}:{port}/api/docs/",
        f"  sent mails    http://{host}:{port}/dev/mail   (kept in var/mail)",
        *(f"  {line}" for line in (places.LOGINS.read_text().splitlines() if places.LOGINS.exists() else [])),
        "  Ctrl-C stops everything; the data stays under var/.",
        "",
    ]
    with PRINTING:
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
