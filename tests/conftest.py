"""The database of the tests: real PostgreSQL, migrated once, cloned per process, emptied quickly between tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import settings as properties
from pytest_django.plugin import DjangoDbBlocker

from config.dev import mailbox, places
from config.dev.test_databases import TestServer
from config.dev.valkey import Valkey

# Properties look for new examples at a desk; a run that decides upon a change looks at the same ones each time. A slow machine
# refutes nothing.
properties.register_profile("desk", deadline=None)
properties.register_profile("ci", deadline=None, derandomize=True)
properties.load_profile("ci" if os.environ.get("CI") else "desk")

# From so many bytes on a table is worth new files, for it, its indexes and all that point at it; below, its few rows are deleted.
LARGE = 2**19

# Django's own tables that describe the models: they are the same after a flush, so a flush leaves them.
DESCRIBING = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Every process (and every xdist worker) works in a database of its own, cloned from the migrated template."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    given = dict(connections["default"].settings_dict) if os.environ.get("DATABASE_URL") else None
    with django_db_blocker.unblock():
        server = TestServer.open(given=given)
        name = server.clone(server.template(lambda half: _migrate(server, half)), worker=worker)
        _point_at(server, name)
        _flush_quickly()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        server.drop(name)
        server.close()


@pytest.fixture
def sent_mail(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A real mail server for this test: the folder that holds what it was sent, one .eml per mail."""
    port = places.free_port()
    server = mailbox.catch(port=port, folder=tmp_path / "mail")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield tmp_path / "mail"
    server.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey of this process."""
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server.url()
    server.stop()


def _migrate(server: TestServer, name: str) -> None:
    _point_at(server, name)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("setup_roles", verbosity=0)
    seed_reference()
    connections.close_all()


def _point_at(server: TestServer, name: str) -> None:
    connections.close_all()
    connections["default"].settings_dict.update({**server.connection, "NAME": name})


def seed_reference() -> None:
    """The facts every installation has (tax classes and rates): an operation puts them in, as in production."""
    from core import operations

    seed = getattr(operations, "seed_reference", None)
    if seed is not None:
        seed()


def _flush_quickly() -> None:
    """Empty only the tables that hold rows, past the guards of append-only tables, and put the reference facts back."""

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
            cursor.execute(
                "SELECT quote_ident(relname), pg_relation_size(oid) > %s FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 AND NOT relname = ANY(%s)",
                [LARGE, list(DESCRIBING)],
            )
            filled = cursor.fetchall()
            cursor.execute("SET session_replication_role = replica")
            if large := [name for name, is_large in filled if is_large]:
                cursor.execute(f"TRUNCATE {', '.join(large)} CASCADE")
            if small := [name for name, is_large in filled if not is_large]:
                cursor.execute(";".join(f"DELETE FROM {name}" for name in small))
            cursor.execute("RESET session_replication_role")
            # The trigger that drops a series' sequence slept. Where ids begin anew, the next series of that id would go on counting.
            cursor.execute(
                "SELECT string_agg(format('DROP SEQUENCE %I', relname), ';') FROM pg_class WHERE relkind = 'S' AND relname ~ '^core_number_[0-9]+$'"
            )
            if drops := cursor.fetchone()[0]:
                cursor.execute(drops)
            cursor.execute("RESET lock_timeout")
        seed_reference()

    flush: Any = execute_sql_flush
    DatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]
