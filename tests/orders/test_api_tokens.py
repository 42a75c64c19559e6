"""The busiest door remembers for a moment who knocks, and no longer."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import get_access_token_model

from core.api.partners import REMEMBERED_S
from tests.factories.orders import a_shop
from tests.factories.partners import a_partner, a_token, as_partner
from tests.orders.test_api import ALL, URL, an_order_said, post

pytestmark = pytest.mark.django_db


def test_who_sends_orders_is_remembered_for_a_moment_and_a_token_ends_when_it_ends(client: Client) -> None:
    shop = a_shop()
    variant = shop.variant(1_000)
    partner = a_partner(shop.company, scopes=ALL)
    short, withdrawn = a_token(partner, scopes=ALL, seconds=1.5), a_token(partner, scopes=ALL)

    def sent(token: str, number: int) -> int:
        return post(client, as_partner(token), an_order_said(shop, (variant, 1)), key=f"key-{token}-{number}").status_code

    assert (sent(short, 1), sent(withdrawn, 1)) == (201, 201)
    get_access_token_model().objects.filter(token=withdrawn).delete()
    with CaptureQueriesContext(connection) as spent:
        assert sent(withdrawn, 2) == 201
    assert not [q for q in spent.captured_queries if "oauth2_provider" in q["sql"]]
    assert client.get(URL, headers=as_partner(withdrawn)).status_code == 401
    time.sleep(1.6)
    assert sent(short, 2) == 401
    assert REMEMBERED_S <= 5
