"""Databases for the tests: one migrated template per state of the migrations, one clone per pytest process."""

import fcntl
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.dev import places, postgres

TEMPLATES_KEPT = 2
SHAPES = (
    "*/migrations/**/*.py",
    "core/audit.py",
    "core/fields.py",
    "*/management/commands/setup_roles.py",
    "config/settings/*.py",
    "requirements/base.txt",
    "tests/conftest.py",
)


@dataclass
class TestServer:
    """The PostgreSQL the tests use: our own cluster, or the one DATABASE_URL names."""

    __test__ = False

    connection: dict[str, Any]  # Django's DATABASES entry: HOST, PORT, USER, PASSWORD
    users: IO[str] | None = None
    cluster: postgres.Postgres | None = None

    @classmethod
    def open(cls, *, given: dict[str, Any] | None) -> "TestServer":
        """A server that answers; an own one stays up while any pytest process uses it."""
        if given is not None:
            return cls(connection=given)
        home = places.VAR / "test-pg"
        home.mkdir(parents=True, exist_ok=True)
        users = (home / ".users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = postgres.Postgres(home, postgres.FORGETFUL)
        cluster.start()
        cluster.prepare("daifuku")
        entry = {"HOST": str(cluster.sockets), "PORT": "", "USER": postgres.OWNER, "PASSWORD": "", "NAME": "daifuku"}
        return cls(connection=entry, users=users, cluster=cluster)

    def close(self) -> None:
        """The last user stops the own server."""
        if self.users is None or self.cluster is None:
            return
        with suppress(BlockingIOError):
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.cluster.stop()
        self.users.close()

    def template(self, build: Callable[[str], None]) -> str:
        """The name of a migrated template; `build` fills a fresh database the first time a state is seen."""
        name = f"template_{state_of_migrations()}"
        with places.locked(places.VAR / "test-template.lock"):
            if not self._exists(name):
                half = f"{name}_half"
                self.drop(half)
                self._admin("CREATE DATABASE {}", half)
                build(half)
                self._admin("ALTER DATABASE {} RENAME TO {}", half, name)
                self._drop_old_templates(keep=name)
        return name

    def clone(self, template: str, *, worker: str) -> str:
        """A database of this process only, cloned in a fraction of a second."""
        self._drop_orphans()
        name = f"test_{os.getpid()}_{worker}"
        self.drop(name)
        with places.locked(places.VAR / "test-template.lock"):
            self._admin("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Cut who is still connected, then drop. FORCE would stumble over autovacuum, which an owner may not terminate but a plain drop waits out."""
        with self._connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", (name,)
            )
        self._admin("DROP DATABASE IF EXISTS {}", name)

    def _exists(self, name: str) -> bool:
        return name in self._names()

    def _names(self) -> list[str]:
        with self._connect() as connection:
            return [row[0] for row in connection.execute("SELECT datname FROM pg_database ORDER BY oid DESC")]

    def _drop_orphans(self) -> None:
        """Databases of pytest processes that died without tidying up."""
        for name in self._names():
            if name.startswith("test_") and (owner := name.split("_")[1]).isdigit() and not Path(f"/proc/{owner}").exists():
                self.drop(name)

    def _drop_old_templates(self, *, keep: str) -> None:
        old = [name for name in self._names() if name.startswith("template_") and name != keep]
        for name in old[TEMPLATES_KEPT - 1 :]:
            self.drop(name)

    def _admin(self, statement: str, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection[Any]:
        wanted = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
        given = {key: str(self.connection[name]) for key, name in wanted.items() if self.connection.get(name)}
        return psycopg.connect(make_conninfo(**given), autocommit=True)


def state_of_migrations() -> str:
    """A short mark of everything that shapes a migrated database."""
    mark = hashlib.sha256()
    for pattern in SHAPES:
        for path in sorted(places.ROOT.glob(pattern)):
            if path.is_file() and ".venv" not in path.parts:
                mark.update(str(path.relative_to(places.ROOT)).encode())
                mark.update(path.read_bytes())
    return mark.hexdigest()[:12]
