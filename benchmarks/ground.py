"""The server that is measured on: an own PostgreSQL that writes through to the disk, and the databases on it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.dev import places, postgres
from config.dev.test_databases import state_of_migrations

FLOOR_FILES = Path(__file__).parent / "floor"
BENCH, FLOOR = "bench", "floor"
PROMISES = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
DEPLOYED = {"shared_buffers": "1GB", "wal_compression": "pglz"}
"""As docker-compose.yml starts it, not as a laptop's `make run` does."""


def cluster() -> postgres.Postgres:
    """The measuring server: as deployed, running, and honest about durability."""
    server = postgres.Postgres(places.VAR / "bench-pg", settings=DEPLOYED)
    server.start()
    server.prepare(FLOOR)
    for setting, wanted in (PROMISES | DEPLOYED).items():
        found = server.sql(f"SHOW {setting}")
        assert found == wanted, f"{setting} is {found}: figures from such a server say nothing"
    return server


def settle(server: postgres.Postgres) -> None:
    """What earlier cases left to the background (vacuuming, statistics, a checkpoint) is done before the clock runs."""
    from django.db import connection

    server.sql("VACUUM (ANALYZE)", database=connection.settings_dict["NAME"])
    server.sql("CHECKPOINT")


def floor_dsn(server: postgres.Postgres) -> str:
    """The floor's database, filled by its own script the first time."""
    if server.sql("SELECT to_regprocedure('place_order(bigint,bigint[],integer[])') IS NULL", database=FLOOR) == "t":
        server.script(FLOOR_FILES / "schema.sql", database=FLOOR)
    return server.url(FLOOR, role=postgres.SUPERUSER)


def floor_tps(server: postgres.Postgres, name: str, *, clients: int, seconds: int = 5) -> float:
    """What PostgreSQL itself does per second: a script of benchmarks/floor, such as `place_stmt`, on the same server."""
    floor_dsn(server)
    return server.pgbench(FLOOR_FILES / f"{name}.sql", database=FLOOR, clients=clients, seconds=seconds)


def bench_url(server: postgres.Postgres, kind: str = "") -> str:
    """An empty, migrated database of the house for this state of the migrations; the address is the app role's.

    A case whose data would get in the way of others has a database of its own, of its ``kind``.
    """
    state = state_of_migrations()
    name = f"{BENCH}_{state}{kind and '_'}{kind}"
    if not server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        for old in server.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{BENCH}\\_%'").split():
            if state not in old:
                server.sql(f"DROP DATABASE {old} WITH (FORCE)")
        server.prepare(name)
    return server.url(name, role=postgres.APP)


def tell_django(server: postgres.Postgres, kind: str = "") -> None:
    """Django in this process (and in those it starts) works on the measuring server."""
    url = bench_url(server, kind)
    owner = url.replace(postgres.APP, postgres.OWNER)
    os.environ.update(
        {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner, "DJANGO_SETTINGS_MODULE": "config.settings.local", "LOG_LEVEL": "ERROR"}
    )


def migrate() -> None:
    """The database Django was told of has the house's tables and roles."""
    owner = {**os.environ, "DATABASE_URL": os.environ["DATABASE_OWNER_URL"]}
    for command in (("migrate", "--no-input", "-v", "0"), ("setup_roles",)):
        if command[0] == "migrate" or list(places.ROOT.glob(f"*/management/commands/{command[0]}.py")):
            subprocess.run([sys.executable, "manage.py", *command], cwd=places.ROOT, env=owner, stdin=subprocess.DEVNULL, check=True)


@contextmanager
def a_database_of_its_own(server: postgres.Postgres, kind: str, *, fresh: bool = False) -> Iterator[str]:
    """While it lasts, Django here and in processes started here works on another database, whose name this gives; ``fresh`` makes it anew."""
    from django.db import connection

    if fresh:
        server.sql(f"DROP DATABASE IF EXISTS {BENCH}_{state_of_migrations()}_{kind} WITH (FORCE)")
    before, kept = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}, connection.settings_dict["NAME"]
    tell_django(server, kind)
    migrate()
    connection.close()
    connection.settings_dict["NAME"] = name = os.environ["DATABASE_URL"].split("@/")[1].split("?")[0]
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = kept
        os.environ.update(before)
