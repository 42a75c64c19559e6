"""The server that is measured on: an own PostgreSQL that writes through to the disk, and the databases on it."""

import os
from pathlib import Path

from config.dev import places, postgres
from config.dev.test_databases import state_of_migrations

FLOOR_FILES = Path(__file__).parent / "floor"
BENCH, FLOOR = "bench", "floor"
PROMISES = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def cluster() -> postgres.Postgres:
    """The measuring server, running and honest about durability."""
    server = postgres.Postgres(places.VAR / "bench-pg")
    server.start()
    server.prepare(FLOOR)
    for setting, wanted in PROMISES.items():
        found = server.sql(f"SHOW {setting}")
        assert found == wanted, f"{setting} is {found}: figures from such a server say nothing"
    return server


def floor_dsn(server: postgres.Postgres) -> str:
    """The floor's database, filled by its own script the first time."""
    if server.sql("SELECT to_regprocedure('place_order(bigint,bigint[],integer[])') IS NULL", database=FLOOR) == "t":
        server.script(FLOOR_FILES / "schema.sql", database=FLOOR)
    return server.url(FLOOR, role=postgres.SUPERUSER)


def floor_tps(server: postgres.Postgres, name: str, *, clients: int, seconds: int = 5) -> float:
    """What PostgreSQL itself does per second: a script of benchmarks/floor, such as `place_stmt`, on the same server."""
    floor_dsn(server)
    return server.pgbench(FLOOR_FILES / f"{name}.sql", database=FLOOR, clients=clients, seconds=seconds)


def bench_url(server: postgres.Postgres) -> str:
    """An empty, migrated database of the house for this state of the migrations; the address is the app role's."""
    name = f"{BENCH}_{state_of_migrations()}"
    if not server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        for old in server.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{BENCH}\\_%'").split():
            server.sql(f"DROP DATABASE {old} WITH (FORCE)")
        server.prepare(name)
    return server.url(name, role=postgres.APP)


def tell_django(server: postgres.Postgres) -> None:
    """Django in this process (and in those it starts) works on the measuring server."""
    url = bench_url(server)
    owner = url.replace(postgres.APP, postgres.OWNER)
    os.environ.update(
        {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner, "DJANGO_SETTINGS_MODULE": "config.settings.local", "LOG_LEVEL": "ERROR"}
    )
