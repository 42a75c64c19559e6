"""A partner system comes from its secret to the goods."""

import pytest

from config.demo.access import PARTNER_ID, PARTNER_SECRET, open_partner
from config.demo.house import open_house
from tests.catalog.test_operations import AT

pytestmark = pytest.mark.django_db


def _token(client, secret, scope):
    asked = {"grant_type": "client_credentials", "scope": scope, "client_id": PARTNER_ID, "client_secret": secret}
    return client.post("/o/token/", asked)


def test_the_printed_secret_opens_the_machine_counter(client):
    open_partner(open_house(since=AT))

    token = _token(client, PARTNER_SECRET, "catalog:read").json()["access_token"]

    assert client.get("/api/v1/products", headers={"authorization": f"Bearer {token}"}).json() == {"data": [], "next_cursor": None}
    assert client.get("/api/v1/orders", headers={"authorization": f"Bearer {token}"}).status_code == 403


def test_another_secret_opens_nothing(client):
    open_partner(open_house(since=AT))

    assert _token(client, "guessed", "catalog:read").status_code == 401
