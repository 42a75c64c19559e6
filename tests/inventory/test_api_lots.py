"""Lots, states and inspections at the machine counter."""

from datetime import timedelta

import pytest

from inventory.models import Movement, Stock, StockLot
from tests.factories.inventory import AT, a_location, a_stock_item, a_trading_company, lots_of, stock_of
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
BOTH = "inventory:read inventory:write"


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def caller(company):
    return as_partner(a_token(a_partner(company, scopes=BOTH), scopes=BOTH))


@pytest.fixture
def tea(company):
    return a_stock_item(company, "TEA", is_lot_tracked=True)


def days(number):
    return AT.date() + timedelta(number)


def post(client, path, body, caller, *, key="k1"):
    return client.post(f"/api/v1/stock/{path}", body, content_type="application/json", headers={**caller, "idempotency-key": key})


def test_lots_are_listed_by_state_page_by_page_and_asked_for_by_what_they_are(client, company, caller, tea):
    east, west = a_location(company, "east"), a_location(company, "west")
    lots_of(tea, east, A=(5, days(9)), B=(7, days(90)))
    lots_of(tea, west, A=(2, days(9)))
    other = a_trading_company()
    lots_of(a_stock_item(other, is_lot_tracked=True), a_location(other), A=(1, days(9)))

    def asked(**filters):
        rows = client.get("/api/v1/stock/lots", filters, headers=caller).json()["data"]
        return [(row["location"], row["lot"], row["on_hand"]) for row in rows]

    first = client.get("/api/v1/stock/lots", {"limit": 2}, headers=caller).json()
    second = client.get("/api/v1/stock/lots", {"limit": 2, "cursor": first["next_cursor"]}, headers=caller).json()
    assert first["data"][0] == {
        "item": "TEA", "name": "TEA", "location": "west", "lot": "A", "expires_on": str(days(9)), "received_on": str(AT.date()), "on_hand": 2,
        "picked": 0, "states": {"available": 2, "quality_check": 0, "damaged": 0, "quarantine": 0, "expired": 0, "in_repair": 0},
    }  # fmt: skip
    assert [(row["location"], row["lot"]) for row in second["data"]] == [("east", "A")]
    assert asked(lot="A", location="east") == [("east", "A", 5)]
    assert asked(expires_before=str(days(10))) == [("west", "A", 2), ("east", "A", 5)]
    assert asked(item="NONE") == []


def test_a_state_is_changed_in_the_lot_named_once_per_reference(client, company, caller, tea):
    lots_of(tea, a_location(company, "east"), A=(5, days(9)), B=(7, days(90)))
    line = {
        "item": "TEA",
        "location": "east",
        "quantity": 3,
        "from_state": "available",
        "to_state": "quarantine",
        "lot": "B",
        "reference": "Q-1",
    }
    body = {"changes": [line], "reason": "回収"}

    first, again = post(client, "state-changes", body, caller), post(client, "state-changes", body, caller, key="k2")
    shelf = client.get("/api/v1/stock", {"item": "TEA"}, headers=caller).json()["data"][0]

    assert (first.status_code, first.json()["data"]) == (201, [{"reference": "Q-1", "on_hand": 12, "repeated": False}])
    assert again.json()["data"] == [{"reference": "Q-1", "on_hand": 12, "repeated": True}]
    assert shelf["states"] == {"available": 9, "quality_check": 0, "damaged": 0, "quarantine": 3, "expired": 0, "in_repair": 0}
    assert {row.lot.number: row.quarantine for row in StockLot.objects.select_related("lot")} == {"A": 0, "B": 3}


def test_states_that_cannot_be_changed_are_refused_by_line_and_none_is(client, company, caller, tea):
    lots_of(tea, a_location(company, "east"), A=(5, days(9)))
    good = {"item": "TEA", "location": "east", "quantity": 1, "from_state": "available", "to_state": "damaged", "reference": "1"}
    before = Movement.objects.count()

    answer = post(
        client, "state-changes", {"changes": [good, {**good, "quantity": 9, "lot": "A", "reference": "2"}], "reason": "x"}, caller
    )
    unknown = post(client, "state-changes", {"changes": [{**good, "to_state": "lost"}], "reason": "x"}, caller, key="k2")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/changes/1/quantity")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (400, "choice.unknown")
    assert Movement.objects.count() == before


def test_an_inspection_says_what_became_of_pieces(client, company, caller):
    second = a_stock_item(company, "JAR-B")
    jar, place = a_stock_item(company, "JAR", b_grade_item=second), a_location(company, "east")
    stock_of(jar, place, 6, sellable=1)
    line = {
        "item": "JAR",
        "location": "east",
        "from_state": "quality_check",
        "restock": 2,
        "b_grade": 1,
        "repair": 1,
        "scrap": 1,
        "reference": "I",
    }

    done = post(client, "inspections", {"inspections": [line], "reason": "返品"}, caller)
    again = post(client, "inspections", {"inspections": [line], "reason": "返品"}, caller, key="k2")

    assert (done.status_code, again.json()["data"][0]["repeated"]) == (201, True)
    assert list(Stock.objects.order_by("pk").values_list("stock_item__code", "on_hand", "sellable", "in_repair")) == [
        ("JAR", 4, 3, 1), ("JAR-B", 1, 1, 0),
    ]  # fmt: skip


def test_an_inspection_without_a_b_grade_item_is_refused_beside_its_field(client, company, caller):
    stock_of(a_stock_item(company, "CUP"), a_location(company, "east"), 6, sellable=1)
    line = {"item": "CUP", "location": "east", "from_state": "quality_check", "b_grade": 1, "reference": "I"}

    answer = post(client, "inspections", {"inspections": [line], "reason": "返品"}, caller)

    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/inspections/0/b_grade", "inventory.no_b_grade")]


@pytest.mark.parametrize("path", ["state-changes", "inspections"])
def test_whoever_may_only_read_changes_nothing(client, company, path):
    reader = as_partner(a_token(a_partner(company, scopes="inventory:read"), scopes="inventory:read"))

    assert post(client, path, {}, reader).status_code == 403
