"""Alive, ready, degraded; and what a request leaves in the log."""

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core import operations
from core.db import run

pytestmark = pytest.mark.django_db


def test_a_live_process_says_so_without_asking_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/livez")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_with_everything_there_the_process_is_ready(client: Client) -> None:
    operations.heartbeat("r1", listening=True)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "migrations": "ok", "relay": "ok", "redis": "ok"}


@pytest.mark.parametrize(("_case", "seen", "word"), [("never seen", None, "none"), ("silent", "now() - interval '40 seconds'", "silent")])
def test_a_missing_relay_is_told_but_orders_can_be_taken(client: Client, _case: str, seen: str | None, word: str) -> None:
    if seen:
        run(f"INSERT INTO core_relay (name, seen_at) VALUES ('r1', {seen})")

    response = client.get("/readyz")

    assert (response.status_code, response.json()["status"], response.json()["relay"]) == (200, "degraded", word)


@pytest.mark.django_db(transaction=True)
def test_without_database_the_process_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    response = client.get("/readyz")

    monkeypatch.undo()
    connection.close()
    assert (response.status_code, response.json()["status"]) == (503, "not ready")


def test_a_request_is_logged_by_its_route_without_what_people_typed(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        response = client.get("/nothing/山田花子?q=%E5%B1%B1%E7%94%B0&mail=hanako@example.com", headers={"x-request-id": "request-0001"})

    ours = [record for record in caplog.records if record.name == "core.request"]
    assert response.status_code == 404
    assert len(ours) == 1
    said = str(ours[0].msg)
    assert "request-0001" in said
    assert "404" in said
    assert "hanako" not in said
    assert "山田" not in said
