"""The relay as a process: called by a commit, seen alive, ended in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from core.actor import SYSTEM, Actor
from core.db import operation, rows
from core.events import Event
from core.outbox import announce

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Rung(Event):
    name = "tests.Rung"
    bell_id: int

    @property
    def stream(self) -> str:
        return f"bell:{self.bell_id}"


@operation
def ring(*, bell_id: int, actor: Actor) -> None:
    announce(Rung(bell_id))


def until(condition: Callable[[], bool], *, within_s: float) -> float:
    """How long it took, in seconds."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < within_s, "it did not happen in time"
        time.sleep(0.01)
    return time.monotonic() - started


def an_address() -> str:
    s = connection.settings_dict
    return f"postgresql://{s['USER']}:{s['PASSWORD']}@/{s['NAME']}?host={quote(str(s['HOST']))}&port={s['PORT']}"


@pytest.fixture
def relay() -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": an_address()}
    process = subprocess.Popen([sys.executable, "manage.py", "relay"], cwd=ROOT, env=environment)
    try:
        until(lambda: rows("SELECT count(*) AS n FROM core_relay WHERE listening")[0].n == 1, within_s=30)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_relay_is_called_by_the_commit_and_leaves_in_order(relay: subprocess.Popen[bytes]) -> None:
    ring(bell_id=1, actor=SYSTEM)
    until(lambda: rows("SELECT count(*) AS n FROM core_outboxevent WHERE routed_at IS NOT NULL")[0].n == 1, within_s=5)

    relay.send_signal(signal.SIGTERM)

    assert relay.wait(timeout=5) == 0
    assert rows("SELECT count(*) AS n FROM core_relay")[0].n == 0


def test_a_relay_whose_database_connections_are_cut_comes_back(relay: subprocess.Popen[bytes]) -> None:
    rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )

    ring(bell_id=2, actor=SYSTEM)

    until(lambda: rows("SELECT count(*) AS n FROM core_outboxevent WHERE routed_at IS NOT NULL")[0].n == 1, within_s=10)
    assert relay.poll() is None
