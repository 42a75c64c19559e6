"""Stocktakes at the machine counter: handy terminals count lots, and read what is to be counted."""

from datetime import date

import pytest

from core.actor import Actor, ActorKind
from inventory.models import Lot, Stocktake, StocktakeCount
from inventory.operations import open_stocktake, submit_stocktake
from inventory.rules import StocktakeAsk, Uncounted
from tests.factories.inventory import AT, a_location, a_stock_item, a_stocked_variant, a_trading_company, lots_of, stock_of, the_item
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
BOTH = "inventory:read inventory:write"
COUNTER = Actor(ActorKind.STAFF, "9000012", "棚田 数子")
SOON, LONG = date(2026, 8, 1), date(2027, 8, 1)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def caller(company):
    return as_partner(a_token(a_partner(company, scopes=BOTH), scopes=BOTH))


@pytest.fixture
def place(company):
    place = a_location(company, "east")
    tea = a_stocked_variant(company, sku="TEA", jan="4901234567894")
    type(the_item(tea)).objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True)
    lots_of(tea, place, A=(6, SOON), B=(4, LONG))
    stock_of(a_stock_item(company, "MUG"), place, 3)
    return place


def opened(place, **ask):
    answer = open_stocktake(StocktakeAsk(location_id=place.pk, **ask), company_id=place.company_id, actor=COUNTER, at=AT)
    return Stocktake.objects.get(pk=answer.stocktake_id)


def address(take, end):
    return f"/api/v1/stock/stocktakes/stk_{take.public_id.hex}/{end}"


def post(client, take, counts, caller, *, key="k1"):
    body = {"counts": counts}
    return client.post(address(take, "counts"), body, content_type="application/json", headers={**caller, "idempotency-key": key})


def count(item, quantity, reference, **told):
    return {"item": item, "quantity": quantity, "reference": reference, **told}


def test_lots_are_counted_once_and_shown_with_their_books(client, place, caller):
    take = opened(place)
    counts = [
        count("TEA", 5, "1", lot="A"),
        count("(01)04901234567894(17)270801(10)B", 4, "2"),
        count("TEA", 2, "3", lot="NEW", expires_on="2027-01-31"),
        count("MUG", 3, "4"),
    ]

    first = post(client, take, counts, caller)
    again = post(client, take, counts, caller, key="k2")
    lines = client.get(address(take, "lines"), headers=caller).json()["data"]

    assert first.status_code == 201
    assert first.json()["data"] == [
        {"reference": "1", "item": "TEA", "lot": "A", "counted": 5, "repeated": False},
        {"reference": "2", "item": "TEA", "lot": "B", "counted": 4, "repeated": False},
        {"reference": "3", "item": "TEA", "lot": "NEW", "counted": 2, "repeated": False},
        {"reference": "4", "item": "MUG", "lot": "", "counted": 3, "repeated": False},
    ]
    assert [line["repeated"] for line in again.json()["data"]] == [True] * 4
    assert [(line["item"], line["lot"], line["expires_on"], line["expected"], line["book"], line["counted"], line["is_found"]) for line in lines] == [
        ("TEA", "NEW", "2027-01-31", 0, 0, 2, True), ("MUG", "", None, 3, 3, 3, False), ("TEA", "B", "2027-08-01", 4, 4, 4, False),
        ("TEA", "A", "2026-08-01", 6, 6, 5, False),
    ]  # fmt: skip
    assert set(StocktakeCount.objects.values_list("actor_kind", flat=True)) == {"partner"}


def test_one_wrong_lot_undoes_all_and_is_told_at_its_field(client, place, caller):
    take = opened(place)
    counts = [
        count("TEA", 5, "1", lot="A"),
        count("TEA", 5, "2"),
        count("TEA", 1, "3", lot="X"),
        count("MUG", 1, "4", lot="A"),
        count("NOPE", 1, "5"),
    ]

    answer = post(client, take, counts, caller)

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/counts/1/lot", "inventory.lot_missing"),
        ("/counts/2/expires_on", "inventory.unknown_lot"),
        ("/counts/3/lot", "inventory.lot_not_tracked"),
        ("/counts/4/item", "inventory.unknown_code"),
    ]
    assert not StocktakeCount.objects.exists()
    assert Lot.objects.count() == 2


def test_stocktakes_are_listed_with_how_far_they_are(client, place, caller):
    take = opened(place, name="月次")
    post(client, take, [count("TEA", 6, "1", lot="A")], caller)
    other = a_trading_company()
    elsewhere = a_location(other)
    stock_of(a_stock_item(other), elsewhere, 1)
    foreign = opened(elsewhere)

    [row] = client.get("/api/v1/stock/stocktakes", {"status": "counting", "location": "east"}, headers=caller).json()["data"]

    assert (row["id"], row["number"], row["name"], row["counts_lots"], row["lines"], row["counted"]) == (
        f"stk_{take.public_id.hex}", "ST-000001", "月次", True, 3, 1,
    )  # fmt: skip
    assert client.get("/api/v1/stock/stocktakes", {"status": "closed"}, headers=caller).json()["data"] == []
    assert client.get(address(foreign, "lines"), headers=caller).status_code == 404
    assert post(client, foreign, [count("MUG", 1, "1")], caller, key="k9").status_code == 404


def test_a_blind_count_tells_no_books_before_it_is_handed_in(client, place, caller):
    take = opened(place, is_blind=True)
    post(client, take, [count("TEA", 5, "1", lot="A"), count("TEA", 4, "2", lot="B"), count("MUG", 3, "3")], caller)

    during = client.get(address(take, "lines"), {"item": "TEA"}, headers=caller).json()["data"]
    submit_stocktake(take.pk, uncounted=Uncounted.REFUSE, actor=COUNTER, at=AT)
    after = client.get(address(take, "lines"), {"item": "TEA"}, headers=caller).json()["data"]

    assert [(line["expected"], line["book"], line["difference"]) for line in during] == [(None, None, None)] * 2
    assert [(line["expected"], line["book"], line["difference"]) for line in after] == [(4, 4, 0), (6, 6, -1)]


def test_who_may_only_read_does_not_count(client, company, place):
    reader = as_partner(a_token(a_partner(company, scopes="inventory:read"), scopes="inventory:read"))
    take = opened(place)

    assert post(client, take, [count("MUG", 1, "1")], reader).status_code == 403
    assert client.get(address(take, "lines")).status_code == 401
    assert not StocktakeCount.objects.exists()


def test_pages_and_counts_take_as_many_statements_for_many_lines(client, company, place, caller, django_assert_max_num_queries):
    item = a_stock_item(company, "MISO", is_lot_tracked=True)
    lots_of(item, place, **{f"L{number:02}": (1, LONG) for number in range(50)})
    take = opened(place)

    with django_assert_max_num_queries(8):
        first = client.get(address(take, "lines"), {"limit": 100}, headers=caller).json()
    with django_assert_max_num_queries(30):
        post(client, take, [count("MISO", 1, f"{number}", lot=f"L{number:02}") for number in range(50)], caller)

    assert len(first["data"]) == 53
