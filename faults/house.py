"""A whole house for one case: own servers and database below var/faults, every process a real one that can be killed."""

import http.client
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.dev import places
from config.dev.postgres import APP, OWNER, Postgres
from config.dev.supervisor import LIBC, PR_SET_PDEATHSIG
from config.dev.test_databases import state_of_migrations
from config.dev.valkey import Valkey

HOME = places.VAR / "faults"
SETTINGS = "config.settings.local"
WEB_THREADS = "4"  # so that orders of one moment share a transaction, and die with it
BROKEN = re.compile(r"^(?:BROKEN|ERROR)\s+(\S+?):?\s+(\d+)?")


class TookTooLong(Exception):
    """What was waited for did not happen in time."""


def until(condition: Callable[[], bool], *, within_s: float, what: str, every_s: float = 0.1) -> float:
    """Seconds until it was so."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within_s:
            raise TookTooLong(f"{what}: not within {within_s:.0f} s")
        time.sleep(every_s)
    return time.monotonic() - began


@dataclass
class House:
    """Servers, a database of its own, and the processes a case starts and kills."""

    name: str
    cluster: Postgres
    redis: Valkey
    mail_port: int
    port: int = field(default_factory=places.free_port)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return HOME / self.name

    @property
    def database(self) -> str:
        return f"faults_{self.name}"

    def environment(self, kind: str = "command") -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "DATABASE_URL": self.cluster.url(self.database, role=APP),
            "DATABASE_OWNER_URL": self.cluster.url(self.database, role=OWNER),
            "REDIS_URL": self.redis.url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "DAIFUKU_PROCESS": kind,
            "WEB_THREADS": WEB_THREADS,
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }

    def web(self) -> "subprocess.Popen[bytes]":
        """The shop answers on `port`."""
        granian = ("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "2")
        process = self._start(
            "web", *granian, "--blocking-threads", WEB_THREADS, "--no-ws", "--log-level", "warning", "config.wsgi:application"
        )
        until(lambda: self.answers() or process.poll() is not None, within_s=60, what="the web process answers")
        return process

    def relay(self) -> "subprocess.Popen[bytes]":
        return self._start("relay", "manage.py", "relay")

    def worker(self) -> "subprocess.Popen[bytes]":
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self._start("worker", "-m", "celery", "-q", "-A", "config", "worker", "-l", "info", "-c", "2", *quiet)

    def webhooks(self) -> "subprocess.Popen[bytes]":
        """The worker that posts to partners, and nothing else."""
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        queue = ("-n", "webhooks@%h", "-Q", "daifuku.webhooks", "-P", "threads", "-c", "1")
        return self._start("webhooks", "-m", "celery", "-q", "-A", "config", "worker", "-l", "info", *queue, *quiet)

    def beat(self) -> "subprocess.Popen[bytes]":
        return self._start("beat", "-m", "celery", "-q", "-A", "config", "beat", "-l", "info", "--pidfile", "")

    def run(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        """Any other process of a case, with the house's environment."""
        return self._start(name, *command)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def broken_promises(self) -> tuple[int, str]:
        """What `manage.py check_invariants` finds: the number of violations, and the names of the promises they break."""
        done = subprocess.run(
            (sys.executable, "manage.py", "check_invariants"),
            cwd=places.ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        (self.folder / "invariants.txt").write_text(done.stdout + done.stderr)
        found = [match for line in done.stdout.splitlines() if (match := BROKEN.match(line))]
        count = sum(int(match[2] or 1) for match in found)
        if done.returncode and not count:
            return 1, f"check_invariants failed, see {self.folder / 'invariants.txt'}"
        return count, ", ".join(match[1] for match in found)

    def _start(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        """Start a process; from the main thread only, whose death ends it."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                (sys.executable, *command),
                cwd=places.ROOT,
                env=self.environment(name if name in ("web", "relay") else "worker"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_the_case,
            )
        self.processes.append(process)
        return process


def _die_with_the_case() -> None:
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 of a process with all it started; no handler runs, nothing is flushed."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def a_house(name: str, *, mail_port: int = 9) -> Iterator[House]:
    """An empty house of this case; Django in this process works on its database."""
    house = House(name, Postgres(HOME / "pg"), Valkey(HOME / "valkey"), mail_port)
    house.folder.mkdir(parents=True, exist_ok=True)
    for old in house.folder.glob("*.log"):
        old.unlink()
    house.cluster.start()
    house.redis.start()
    try:
        _fresh_database(house)
        _tell_django(house)
        yield house
    finally:
        for process in house.processes:
            if process.poll() is None:
                kill(process)
        _let_go()
        house.redis.stop()
        house.cluster.stop()


def _fresh_database(house: House) -> None:
    """A copy of a migrated template; the template is made once per state of the migrations."""
    cluster, template = house.cluster, f"faults_template_{state_of_migrations()}"
    cluster.prepare("daifuku")
    have = set(cluster.sql("SELECT datname FROM pg_database").split())
    for old in have:
        if old == house.database or (old.startswith("faults_template_") and old != template):
            cluster.sql(f'DROP DATABASE "{old}" WITH (FORCE)')
    if template not in have:
        print("     migrating a fresh database, once per state of the migrations (about 30 s)", flush=True)
        half = House("half", cluster, house.redis, 9)
        cluster.sql(f'DROP DATABASE IF EXISTS "{half.database}" WITH (FORCE)')
        cluster.prepare(half.database)
        as_owner = {**half.environment(), "DATABASE_URL": half.environment()["DATABASE_OWNER_URL"]}
        for command in (("migrate", "--no-input", "--skip-checks", "-v", "0"), ("setup_roles",), ("seed_reference",)):
            subprocess.run((sys.executable, "manage.py", *command), cwd=places.ROOT, env=as_owner, stdout=subprocess.DEVNULL, check=True)
        cluster.sql(f'ALTER DATABASE "{half.database}" RENAME TO "{template}"')
    cluster.sql(f'CREATE DATABASE "{house.database}" TEMPLATE "{template}" OWNER {OWNER}')


def _tell_django(house: House) -> None:
    """Django in this process is set up once, and works on the database of the case at hand."""
    os.environ.update({key: value for key, value in house.environment().items() if key in _TOLD})
    import django
    from django.apps import apps
    from django.db import connections

    if not apps.ready:
        django.setup()
        logging.disable(logging.WARNING)  # a line per case is what people read here; the processes log into files
    connections.close_all()
    connections["default"].settings_dict.update({"NAME": house.database, "USER": APP, "HOST": str(house.cluster.sockets)})


_TOLD = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DAIFUKU_PROCESS")


def _let_go() -> None:
    from django.apps import apps
    from django.db import connections

    if apps.ready:
        connections.close_all()


def number(sql: str, parameters: Sequence[Any] = ()) -> int:
    """A count, as of now."""
    from core.db import rows

    return int(rows(sql, parameters, prepare=False)[0][0] or 0)


def undelivered() -> int:
    """Events and handlers' copies of them that no relay has carried to the end."""
    return number(
        "SELECT (SELECT count(*) FROM core_outboxevent WHERE routed_at IS NULL)"
        " + (SELECT count(*) FROM core_outboxdelivery WHERE state <> 'done')"
    )
