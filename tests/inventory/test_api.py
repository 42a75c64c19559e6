"""Stock at the machine counter."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from inventory.models import Lot, Movement, Stock
from inventory.operations import tell_figures
from tests.factories.inventory import (
    AT,
    a_channel,
    a_demand,
    a_location,
    a_quota,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    allocating,
    stock_of,
)
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
BOTH = "inventory:read inventory:write"


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def caller(company):
    return as_partner(a_token(a_partner(company, scopes=BOTH), scopes=BOTH))


def post(client, path, body, caller, *, key="k1"):
    return client.post(f"/api/v1/stock/{path}", body, content_type="application/json", headers={**caller, "idempotency-key": key})


def a_line(item, place, /, **given):
    return {"item": item.code, "location": place.code, "quantity": 3, "reference": "R-1", **given}


def test_shelves_are_listed_page_by_page_with_their_counters(client, company, caller):
    channel, place, tea = a_channel(company), a_location(company, "east"), a_stocked_variant(company, sku="TEA")
    stock_of(tea, place, 5, sellable=4)
    allocating([a_demand(tea, 1)], channel)
    for _ in range(2):
        stock_of(a_stock_item(company), place, 1)
    stock_of(a_stock_item(a_trading_company()), a_location(a_trading_company()), 9)

    first = client.get("/api/v1/stock", {"limit": 2}, headers=caller).json()
    second = client.get("/api/v1/stock", {"limit": 2, "cursor": first["next_cursor"]}, headers=caller).json()

    assert (len(first["data"]), second["next_cursor"]) == (2, None)
    assert second["data"] == [
        {
            "item": "TEA", "name": "TEA", "condition": "new", "location": "east", "skus": ["TEA"],
            "on_hand": 5, "sellable": 4, "allocated": 1, "reserved": 0, "free": 3,
            "states": {"available": 4, "quality_check": 1, "damaged": 0, "quarantine": 0, "expired": 0, "in_repair": 0},
        }
    ]  # fmt: skip


@pytest.mark.parametrize("filters", [{"sku": "TEA"}, {"item": "TEA"}, {"location": "east"}])
def test_shelves_can_be_asked_for_by_code(client, company, caller, filters):
    stock_of(a_stocked_variant(company, sku="TEA"), a_location(company, "east"), 5)
    stock_of(a_stocked_variant(company), a_location(company), 5)

    assert [row["item"] for row in client.get("/api/v1/stock", filters, headers=caller).json()["data"]] == ["TEA"]


def test_movements_are_listed_newest_first(client, company, caller):
    place = a_location(company, "east")
    for units in (1, 2, 3):
        stock_of(a_stock_item(company), place, units)
    stock_of(a_stock_item(company), a_location(company), 9)

    shown = client.get("/api/v1/stock/movements", {"location": "east"}, headers=caller).json()["data"]

    assert [(row["kind"], row["quantity"]) for row in shown] == [("opening", 3), ("opening", 2), ("opening", 1)]


def test_availability_is_told_in_bulk_in_the_order_asked(client, company, caller):
    channel, place = a_channel(company, "web"), a_location(company)
    tea, cup, wrapping = (a_stocked_variant(company, sku=sku) for sku in ("TEA", "CUP", "ADD"))
    stock_of(tea, place, 5), stock_of(cup, place, 0)
    a_stocked_variant(company, sku="WRAP", parts={})

    with CaptureQueriesContext(connection) as seen:
        told = client.get("/api/v1/availability", {"sku": "CUP,TEA,NONE,WRAP,TEA", "channel": "web"}, headers=caller)

    assert told.json() == {"data": [{"sku": "CUP", "available": 0}, {"sku": "TEA", "available": 5}, {"sku": "WRAP", "available": None}]}
    assert sum("inventory_" in query["sql"] for query in seen.captured_queries) == 1
    assert (channel.code, wrapping.sku) == ("web", "ADD")


def test_receipts_come_in_once_per_key_and_once_per_reference(client, company, caller):
    item, place = a_stock_item(company, is_lot_tracked=True), a_location(company)
    body = {"receipts": [a_line(item, place, lot="L-1", expires_on="2027-01-31", sellable_quantity=2)], "reason": "入荷"}

    first = post(client, "receipts", body, caller)
    replayed = post(client, "receipts", body, caller)
    again = post(client, "receipts", body, caller, key="k2")

    assert (first.status_code, first.json()) == (201, {"data": [{"reference": "R-1", "on_hand": 3, "repeated": False}]})
    assert (replayed.content, replayed.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert again.json() == {"data": [{"reference": "R-1", "on_hand": 3, "repeated": True}]}
    assert list(Stock.objects.values_list("on_hand", "sellable")) == [(3, 2)]
    moved = Movement.objects.get()
    assert (moved.actor_kind, moved.cause, moved.reason, moved.lot) == ("partner", "receipt:R-1", "入荷", Lot.objects.get())


def test_all_lines_are_written_or_none(client, company, caller):
    item, place = a_stock_item(company), a_location(company)
    stock_of(item, place, 1)
    lines = [a_line(item, place, quantity=5, reference="A"), a_line(a_stock_item(company), place, quantity=-2, reference="B")]

    answer = post(client, "adjustments", {"adjustments": lines, "reason": "棚卸"}, caller)

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/adjustments/1/quantity", "inventory.no_such_shelf")
    ]
    assert list(Stock.objects.values_list("on_hand", flat=True)) == [1]


@pytest.mark.parametrize(
    ("_case", "change", "status", "pointer"),
    [
        ("zero", {"quantity": 0}, 400, "/receipts/0/quantity"),
        ("negative", {"quantity": -1}, 400, "/receipts/0/quantity"),
        ("full_width", {"quantity": "３"}, 400, "/receipts/0/quantity"),
        ("huge", {"quantity": 1e308}, 400, "/receipts/0/quantity"),
        ("fraction", {"quantity": 1.5}, 400, "/receipts/0/quantity"),
        ("unknown_item", {"item": "無い"}, 422, "/receipts/0/item"),
        ("unknown_location", {"location": "nowhere"}, 422, "/receipts/0/location"),
        ("more_sellable", {"sellable_quantity": 4}, 422, "/receipts/0/quantity"),
        ("no_reference", {"reference": ""}, 400, "/receipts/0/reference"),
        ("unknown_field", {"price": 1}, 400, "/receipts/0/price"),
        ("bad_day", {"lot": "L", "expires_on": "2027-02-30"}, 400, "/receipts/0/expires_on"),
    ],
)
def test_bad_input_is_refused_with_its_place_and_changes_nothing(client, company, caller, ledger, _case, change, status, pointer):
    line = a_line(a_stock_item(company), a_location(company), **change)
    before = ledger()

    answer = post(client, "receipts", {"receipts": [line]}, caller)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert ledger() == before


def test_another_companys_codes_are_unknown(client, company, caller):
    other = a_trading_company()

    answer = post(client, "receipts", {"receipts": [a_line(a_stock_item(other), a_location(other))]}, caller)

    assert [error["code"] for error in answer.json()["errors"]] == ["inventory.unknown_item", "inventory.unknown_location"]
    assert not Stock.objects.exists()


@pytest.mark.parametrize(
    ("scopes", "read", "write"), [("inventory:read", 200, 403), ("inventory:write", 403, 201), ("orders:read", 403, 403)]
)
def test_scopes_decide_who_reads_and_who_writes(client, company, scopes, read, write):
    caller = as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes))
    body = {"receipts": [a_line(a_stock_item(company), a_location(company))]}

    assert client.get("/api/v1/stock", headers=caller).status_code == read
    assert post(client, "receipts", body, caller).status_code == write
    assert client.get("/api/v1/stock").status_code == 401


@pytest.mark.parametrize("path", ["stock", "stock/movements"])
def test_a_list_takes_the_same_statements_for_1_and_50_rows(client, company, caller, path):
    place = a_location(company)
    stock_of(a_stock_item(company), place, 1)
    client.get(f"/api/v1/{path}", headers=caller)
    with CaptureQueriesContext(connection) as one:
        client.get(f"/api/v1/{path}", headers=caller)
    for _ in range(49):
        stock_of(a_stock_item(company), place, 1)

    with CaptureQueriesContext(connection) as many:
        shown = client.get(f"/api/v1/{path}", headers=caller).json()

    assert len(shown["data"]) == 50
    assert len(many) == len(one)


def test_why_a_channel_sees_so_many_is_told_shelf_by_shelf(client, company, caller):
    web, mall, place, tea = (
        a_channel(company, "web"),
        a_channel(company, "mall"),
        a_location(company, "east"),
        a_stocked_variant(company, sku="TEA"),
    )
    a_quota(stock_of(tea, place, 5), mall, 2)

    told = client.get("/api/v1/availability/explanation", {"sku": "TEA", "channel": "web"}, headers=caller).json()

    assert told == {
        "sku": "TEA", "channel": "web", "pool": "", "units": 3, "is_excluded": False,
        "parts": [
            {
                "item": "TEA", "name": "TEA", "quantity": 1,
                "shelves": [
                    {
                        "location": "east", "sellable": 5, "allocated": 0, "held": 0, "fenced": 2, "buffer": 0, "own": 0, "stale": 0,
                        "pieces": 3, "verdict": "gives",
                    }
                ],
            }
        ],
        "places": [{"location": "east", "units": 3}],
    }  # fmt: skip
    unknown = client.get("/api/v1/availability/explanation", {"sku": "NONE", "channel": "web"}, headers=caller)
    assert unknown.status_code == 404
    assert web.pk != mall.pk


def test_what_a_channel_was_told_is_listed_the_latest_first(client, company, caller):
    mall, place = a_channel(company, "mall"), a_location(company)
    teas = [a_stocked_variant(company, sku=sku) for sku in ("T1", "T2", "T3")]
    for tea in teas:
        stock_of(tea, place, 5)
    tell_figures(mall.pk, actor=SYSTEM, at=AT)
    allocating([a_demand(teas[0], 4)], mall)
    tell_figures(mall.pk, actor=SYSTEM, at=AT + timedelta(minutes=1))

    def page(**given):
        return client.get("/api/v1/availability/figures", {"channel": "mall", **given}, headers=caller).json()

    first = page(limit=2)
    second = page(limit=2, cursor=first["next_cursor"])
    late = page(since=(AT + timedelta(seconds=1)).isoformat())

    assert [(row["sku"], row["available"]) for row in first["data"] + second["data"]] == [("T1", 1), ("T3", 5), ("T2", 5)]
    assert [row["sku"] for row in late["data"]] == ["T1"]


def test_virtual_stock_is_told_to_those_only_who_may_read_stock(client, company):
    a_channel(company, "web")
    caller = as_partner(a_token(a_partner(company, scopes="orders:read"), scopes="orders:read"))

    for path in ("availability/explanation?sku=TEA&channel=web", "availability/figures?channel=web"):
        assert client.get(f"/api/v1/{path}", headers=caller).status_code == 403
