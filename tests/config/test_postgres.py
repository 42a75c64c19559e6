"""The database backend: a kept connection is asked rarely, and one that the server closed is noticed at once."""

import select

import pytest
from django.db import connection, connections
from django.db.backends.postgresql import base


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_closed_is_not_usable() -> None:
    kept = connections.create_connection("default")
    try:
        with kept.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        assert kept.is_usable()
        assert kept.is_usable()

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))
        gone = select.poll()
        gone.register(kept.connection.pgconn.socket, select.POLLIN)
        assert gone.poll(5_000)

        assert not kept.is_usable()
    finally:
        kept.close()


@pytest.mark.django_db(transaction=True)
def test_a_busy_connection_is_not_asked_again_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda kept: asked.append(kept) or True)
    kept = connections.create_connection("default")
    try:
        kept.ensure_connection()
        assert [kept.is_usable() for _ in range(3)] == [True, True, True]
    finally:
        kept.close()

    assert len(asked) == 1
