"""The ledger: receipts, corrections, transfers and what may no longer be sold."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.db import acting
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Lot, Movement, Stock
from inventory.operations import Moved, adjust_stock, receive_stock, transfer_stock, turn_stock
from inventory.rules import Adjustment, MovementKind, Receipt, StockState, Transfer, Turn
from tests.factories.inventory import (
    AT,
    SYSTEM,
    WAREHOUSE_STAFF,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    stock_of,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}
CHECK, FREE = StockState.QUALITY_CHECK, StockState.AVAILABLE


@pytest.fixture
def company():
    return a_trading_company()


def counters(stock):
    stock.refresh_from_db()
    return stock.on_hand, stock.sellable, stock.allocated


def codes(results):
    return [result.code if isinstance(result, Refusal) else "ok" for result in results]


def test_a_receipt_opens_the_shelf_and_is_told(company, broken_promises):
    item, place = a_stock_item(company), a_location(company)
    receipt = Receipt(
        stock_item_id=item.pk, location_id=place.pk, quantity=12, sellable_quantity=10, once_key="r1", cause="po:7", value=2400
    )

    result = receive_stock([receipt], company_id=company.pk, reason="納品", **HOW)

    assert result == [Moved(once_key="r1", on_hand=12)]
    moved = Movement.objects.get()
    assert (moved.kind, moved.quantity, moved.sellable_quantity, moved.value, moved.cause, moved.reason) == (
        MovementKind.RECEIPT, 12, 10, 2400, "po:7", "納品",
    )  # fmt: skip
    assert counters(Stock.objects.get()) == (12, 10, 0)
    assert list(OutboxEvent.objects.order_by("id").values_list("name", flat=True)) == [
        "inventory.StockReceived",
        "inventory.AvailabilityChanged",
    ]
    assert broken_promises() == []


def test_a_receipt_with_a_lot_makes_the_lot_once(company):
    item, place = a_stock_item(company, is_lot_tracked=True), a_location(company)
    receipts = [
        Receipt(
            stock_item_id=item.pk,
            location_id=place.pk,
            quantity=1,
            once_key=key,
            cause="po",
            lot_number="L-1",
            expires_on=date(2027, 1, 31),
        )
        for key in ("r1", "r2")
    ]

    receive_stock(receipts, company_id=company.pk, **HOW)

    assert list(Lot.objects.values_list("number", "expires_on", "received_on")) == [("L-1", date(2027, 1, 31), date(2026, 5, 11))]
    assert set(Movement.objects.values_list("lot__number", flat=True)) == {"L-1"}


def test_every_movement_happens_once_per_key(company, ledger):
    item, here, there = a_stock_item(company), a_location(company), a_location(company)
    shelf = {"stock_item_id": item.pk, "location_id": here.pk}

    def everything():
        return [
            *receive_stock([Receipt(**shelf, quantity=9, once_key="r", cause="po")], company_id=company.pk, **HOW),
            *adjust_stock([Adjustment(**shelf, quantity=-2, once_key="a")], company_id=company.pk, reason="破損", **HOW),
            *turn_stock([Turn(**shelf, quantity=1, once_key="t")], company_id=company.pk, reason="検品", **HOW),
            *transfer_stock(
                [Transfer(stock_item_id=item.pk, from_location_id=here.pk, to_location_id=there.pk, quantity=3, once_key="x")],
                company_id=company.pk, **HOW,
            ),
        ]  # fmt: skip

    first = everything()
    before = ledger()
    again = everything()

    assert [(result.is_new, result.on_hand) for result in first] == [(True, 9), (True, 7), (True, 7), (True, 4)]
    assert [result.is_new for result in again] == [False] * 4
    assert ledger() == before


def test_stock_cannot_fall_below_what_is_promised(company, ledger):
    channel, place, tea = a_channel(company), a_location(company, name="東倉庫"), a_stocked_variant(company, sku="TEA")
    stock = stock_of(tea, place, 5)
    an_allocation(tea, channel, 4)
    before = ledger()

    result = adjust_stock(
        [Adjustment(stock_item_id=stock.stock_item_id, location_id=place.pk, quantity=-2, once_key="a")],
        company_id=company.pk, reason="棚卸", **HOW,
    )  # fmt: skip

    assert codes(result) == ["inventory.promised"]
    assert result[0].text() == "At most 1 of TEA can leave 東倉庫: 4 of 5 are promised to orders."
    assert ledger() == before


@pytest.mark.parametrize(
    ("_case", "quantity", "sellable", "code"),
    [
        ("nothing", 0, None, "inventory.bad_quantity"),
        ("absurdly_many", 10**9, None, "inventory.bad_quantity"),
        ("more_sellable_than_there_is", 1, 2, "inventory.bad_quantity"),
        ("more_unsellable_than_there_is", -3, 0, "inventory.not_that_many"),
        ("more_than_there_is", -9, None, "inventory.promised"),
    ],
)
def test_an_impossible_correction_is_refused_and_changes_nothing(company, ledger, _case, quantity, sellable, code):
    stock = stock_of(a_stock_item(company), a_location(company), 5, sellable=3)
    before = ledger()

    result = adjust_stock(
        [
            Adjustment(
                stock_item_id=stock.stock_item_id, location_id=stock.location_id, quantity=quantity, sellable_quantity=sellable, once_key="a"
            )
        ],
        company_id=company.pk, reason="訂正", **HOW,
    )  # fmt: skip

    assert codes(result) == [code]
    assert ledger() == before


def test_unsellable_pieces_can_be_written_off(company):
    stock = stock_of(a_stock_item(company), a_location(company), 5, sellable=3)

    adjust_stock(
        [Adjustment(stock_item_id=stock.stock_item_id, location_id=stock.location_id, quantity=-2, sellable_quantity=0, once_key="a")],
        company_id=company.pk, reason="廃棄", **HOW,
    )  # fmt: skip

    assert counters(stock) == (3, 3, 0)


def test_pieces_become_unsellable_and_sellable_again(company):
    stock = stock_of(a_stock_item(company), a_location(company), 5)
    shelf = {"stock_item_id": stock.stock_item_id, "location_id": stock.location_id}

    turn_stock([Turn(**shelf, quantity=2, once_key="1")], company_id=company.pk, reason="検品", **HOW)
    after = counters(stock)
    turn_stock([Turn(**shelf, quantity=1, from_state=CHECK, to_state=FREE, once_key="2")], company_id=company.pk, reason="良品", **HOW)

    assert (after, counters(stock)) == ((5, 3, 0), (5, 4, 0))
    assert list(Movement.objects.order_by("id").values_list("kind", flat=True))[1:] == ["made_unsellable", "made_sellable"]


def test_more_cannot_become_sellable_than_lies_there(company, ledger):
    stock = stock_of(a_stock_item(company), a_location(company), 5, sellable=4)
    before = ledger()

    result = turn_stock(
        [Turn(stock_item_id=stock.stock_item_id, location_id=stock.location_id, quantity=2, from_state=CHECK, to_state=FREE, once_key="1")],
        company_id=company.pk, reason="良品", **HOW,
    )  # fmt: skip

    assert codes(result) == ["inventory.not_that_many"]
    assert ledger() == before


def test_a_transfer_moves_both_ends_or_neither(company, ledger, broken_promises):
    item, here, there = a_stock_item(company), a_location(company), a_location(company)
    stock = stock_of(item, here, 5)
    move = {"stock_item_id": item.pk, "from_location_id": here.pk}

    done = transfer_stock([Transfer(**move, to_location_id=there.pk, quantity=2, once_key="1")], company_id=company.pk, **HOW)
    before = ledger()
    refused = transfer_stock(
        [
            Transfer(**move, to_location_id=there.pk, quantity=4, once_key="2"),
            Transfer(**move, to_location_id=here.pk, quantity=1, once_key="3"),
            Transfer(**move, to_location_id=there.pk, quantity=-1, once_key="4"),
            Transfer(**move, to_location_id=a_location(a_trading_company()).pk, quantity=1, once_key="5"),
        ],
        company_id=company.pk, **HOW,
    )  # fmt: skip

    assert codes(done) == ["ok"]
    assert counters(stock) == (3, 3, 0)
    assert codes(refused) == ["inventory.promised", "inventory.bad_quantity", "inventory.bad_quantity", "inventory.no_such_shelf"]
    assert {key: rows for key, rows in ledger().items() if key != "inventory_stock"} == {
        key: rows for key, rows in before.items() if key != "inventory_stock"
    }
    assert broken_promises() == []


@pytest.mark.parametrize("foreign", ["item", "location"])
def test_nothing_of_another_company_is_touched(company, ledger, foreign):
    other = a_trading_company()
    item, place = a_stock_item(other if foreign == "item" else company), a_location(other if foreign == "location" else company)
    before = ledger()

    result = receive_stock(
        [Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=1, once_key="r", cause="po")], company_id=company.pk, **HOW
    )

    assert codes(result) == ["inventory.no_such_shelf"]
    assert ledger() == before


def test_a_refused_ask_does_not_hold_up_the_others(company):
    item, place, other = a_stock_item(company), a_location(company), a_location(company)
    stock_of(item, place, 1), stock_of(item, other, 5)

    result = adjust_stock(
        [Adjustment(stock_item_id=item.pk, location_id=spot.pk, quantity=-2, once_key=str(spot.pk)) for spot in (place, other)],
        company_id=company.pk, reason="棚卸", **HOW,
    )  # fmt: skip

    assert codes(result) == ["inventory.promised", "ok"]
    assert list(Stock.objects.order_by("id").values_list("on_hand", flat=True)) == [1, 3]


def test_a_batch_takes_as_many_statements_as_one(company):
    items, place = [a_stock_item(company) for _ in range(50)], a_location(company)

    counts = []
    for some in (items[:1], items[1:]):
        receipts = [Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=1, once_key=f"r{item.pk}", cause="po") for item in some]
        with CaptureQueriesContext(connection) as seen:
            receive_stock(receipts, company_id=company.pk, **HOW)
        counts.append(sum("inventory_" in query["sql"] or "outbox" in query["sql"] for query in seen.captured_queries))

    assert counts == [3, 3]


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_ledger_only_grows(company, verb):
    stock_of(a_stock_item(company), a_location(company), 5)

    with pytest.raises(IntegrityError, match="only grows"), acting(SYSTEM), transaction.atomic():
        Movement.objects.update(quantity=1) if verb == "update" else Movement.objects.all().delete()
