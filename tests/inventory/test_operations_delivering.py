"""Deliveries of purchase orders: over and short, with lots and costs, once per delivery note."""

from datetime import date

import pytest

from core.db import acting
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import GoodsReceipt, GoodsReceiptLine, Movement, PurchaseOrder, Stock
from inventory.operations import (
    approve_purchase_orders,
    cancel_purchase_orders,
    close_purchase_orders,
    receive_deliveries,
    send_purchase_orders,
)
from inventory.queries import incoming
from inventory.rules import DeliveredLine, DeliveryAsk
from tests.factories.inventory import AT, SYSTEM, WAREHOUSE_STAFF, a_location, a_stock_item, a_trading_company
from tests.factories.purchasing import a_draft

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def tea(company):
    return a_stock_item(company, "TEA", is_lot_tracked=True)


@pytest.fixture
def can(company):
    return a_stock_item(company, "CAN")


@pytest.fixture
def order(company, tea, can):
    return sent(a_draft(company, {tea: 10, can: 4}, location=a_location(company, "shizuoka")))


def sent(order):
    approve_purchase_orders([order.pk], actor=SYSTEM, at=AT)
    send_purchase_orders([order.pk], actor=SYSTEM, at=AT)
    order.refresh_from_db()
    return order


def delivery(order, quantities, *, note="N-1", once_key="k1", **fields):
    lines = tuple(
        DeliveredLine(stock_item_id=item.pk, quantity=quantity, lot_number="L1" if item.is_lot_tracked else "")
        for item, quantity in quantities.items()
    )
    return DeliveryAsk(**{"purchase_order_id": order.pk, "delivery_note": note, "lines": lines, "once_key": once_key, **fields})


def receiving(order, *asks):
    return receive_deliveries(asks, company_id=order.company_id, **HOW)


def codes(results):
    return [result.code if isinstance(result, Refusal) else str(result.status) for result in results]


def test_a_whole_delivery_closes_the_order(company, order, tea, can, broken_promises):
    line = DeliveredLine(stock_item_id=tea.pk, quantity=10, unsellable_quantity=2, lot_number="L-9", expires_on=date(2027, 5, 1))
    ask = delivery(order, {}, lines=(line, DeliveredLine(stock_item_id=can.pk, quantity=4)))

    [done] = receiving(order, ask)

    order.refresh_from_db()
    assert (done.number, str(done.status), done.missing, done.repeated) == (order.number, "closed", 0, False)
    assert (order.status, order.closed_at) == ("closed", AT)
    assert list(Stock.objects.order_by("id").values_list("stock_item__code", "location__code", "on_hand", "sellable")) == [
        ("TEA", "shizuoka", 10, 8),
        ("CAN", "shizuoka", 4, 4),
    ]
    assert list(Movement.objects.order_by("id").values_list("kind", "quantity", "value", "cause")) == [
        ("receipt", 10, 1000, f"purchase:{order.number}"),
        ("receipt", 4, 400, f"purchase:{order.number}"),
    ]
    assert list(
        GoodsReceiptLine.objects.order_by("id").values_list("quantity", "unsellable_quantity", "lot__number", "lot__expires_on")
    ) == [
        (10, 2, "L-9", date(2027, 5, 1)),
        (4, 0, None, None),
    ]
    assert list(OutboxEvent.objects.filter(name__startswith="inventory.PurchaseOrder").order_by("id").values_list("name", flat=True)) == [
        "inventory.PurchaseOrderSent", "inventory.PurchaseOrderReceived", "inventory.PurchaseOrderEnded",
    ]  # fmt: skip
    assert broken_promises() == []


def test_a_short_delivery_leaves_the_rest_incoming(company, order, tea):
    [done] = receiving(order, delivery(order, {tea: 7}))

    assert (str(done.status), done.missing) == ("partly_received", 7)
    assert [(i.quantity, i.is_firm) for i in incoming([tea.pk], company_id=company.pk)] == [(3, True)]


def test_what_never_came_is_given_up_by_closing(company, order, tea):
    receiving(order, delivery(order, {tea: 7}))

    assert codes(cancel_purchase_orders([order.pk], reason="欠品", **HOW)) == ["purchase.partly_received"]
    assert codes(close_purchase_orders([order.pk], reason="欠品", **HOW)) == ["closed"]

    assert incoming([tea.pk], company_id=company.pk) == []
    assert codes(receiving(order, delivery(order, {tea: 1}, note="N-2", once_key="k2"))) == ["purchase.not_coming"]


def test_more_than_ordered_is_taken_in_on_purpose_only(order, tea, can, ledger):
    ask = delivery(order, {tea: 12, can: 4})
    before = ledger()

    [refused] = receiving(order, ask)
    after = ledger()
    [done] = receiving(order, delivery(order, {tea: 12, can: 4}, takes_more=True))

    assert (refused.code, refused.field, refused.text()) == (
        "purchase.over_delivery",
        "/lines/0/quantity",
        "12 of TEA came, but only 10 are missing. Count again, or take more in on purpose.",
    )
    assert after == before
    assert (str(done.status), done.missing) == ("closed", 0)
    assert list(order.lines.order_by("position").values_list("received_quantity", flat=True)) == [12, 4]


def test_the_same_delivery_is_taken_in_once(order, tea, ledger):
    first = receiving(order, delivery(order, {tea: 3}))
    before = ledger()

    again = receiving(order, delivery(order, {tea: 3}))
    [refused] = receiving(order, delivery(order, {tea: 3}, once_key="another form"))

    assert [r.repeated for r in first + again] == [False, True]
    assert (refused.code, refused.text()) == (
        "purchase.note_received",
        f"Delivery note N-1 of {order.number} was already taken in by 倉庫 花子. Nothing was changed.",
    )
    assert ledger() == before
    assert GoodsReceipt.objects.count() == 1


@pytest.mark.parametrize("note", ["N-1", "N-2"])
def test_a_reference_of_another_delivery_is_refused_and_takes_in_nothing(company, order, tea, ledger, note):
    other = sent(a_draft(company, {tea: 5})) if note == "N-1" else order
    receiving(order, delivery(order, {tea: 3}, note="N-1"))
    before = ledger()

    results = receiving(order, delivery(other, {tea: 3}, note=note), delivery(order, {tea: 3}, note="N-1"))

    assert codes(results) == ["purchase.reference_used", "partly_received"]
    assert (ledger(), GoodsReceipt.objects.count()) == (before, 1)


def test_a_long_delivery_under_a_long_reference_comes_in(company):
    items = [a_stock_item(company) for _n in range(12)]
    order = sent(a_draft(company, dict.fromkeys(items, 2)))
    key = f"partner:{'p' * 40}:{'r' * 60}"

    [done] = receiving(order, delivery(order, dict.fromkeys(items, 2), once_key=key))

    assert (str(done.status), Movement.objects.count()) == ("closed", 12)
    assert [receiving(order, delivery(order, {}, once_key=key))[0].repeated] == [True]


def test_a_note_that_stands_twice_in_a_batch_is_refused_in_words(order, tea):
    _first, refused = receiving(order, delivery(order, {tea: 1}), delivery(order, {tea: 1}, once_key="k2"))

    assert refused.text() == f"Delivery note N-1 of {order.number} was already taken in. Nothing was changed."


def test_two_deliveries_of_one_batch_count_together(order, tea, can):
    results = receiving(
        order,
        delivery(order, {tea: 6}, note="A", once_key="a"),
        delivery(order, {tea: 6}, note="B", once_key="b"),
        delivery(order, {tea: 4, can: 4}, note="A", once_key="c"),
        delivery(order, {tea: 4, can: 4}, note="C", once_key="d"),
        delivery(order, {tea: 1}, note="D", once_key="e"),
    )

    assert codes(results) == [
        "partly_received", "purchase.over_delivery", "purchase.note_received", "closed", "purchase.not_coming",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("_case", "change", "code"),
    [
        ("nothing", {"quantity": 0}, "inventory.bad_quantity"),
        ("negative", {"quantity": -3}, "inventory.bad_quantity"),
        ("absurdly many", {"quantity": 10**308}, "inventory.bad_quantity"),
        ("more unsellable than came", {"quantity": 3, "unsellable_quantity": 4}, "inventory.bad_quantity"),
        ("no lot", {"quantity": 3, "lot_number": " "}, "purchase.no_lot"),
        ("endless lot", {"quantity": 3, "lot_number": "L" * 65}, "purchase.no_lot"),
        ("another item", {"stock_item_id": 0, "quantity": 3}, "purchase.not_ordered"),
    ],
)
def test_an_impossible_line_is_refused_and_changes_nothing(order, tea, ledger, _case, change, code):
    line = DeliveredLine(**{"stock_item_id": tea.pk, "quantity": 1, "lot_number": "L1", **change})
    before = ledger()

    results = receiving(order, delivery(order, {}, lines=(line,), takes_more=True))

    assert codes(results) == [code]
    assert (ledger(), GoodsReceipt.objects.count()) == (before, 0)


def test_only_a_sent_order_of_the_company_takes_deliveries(company, order, tea):
    draft = a_draft(company, {tea: 5})
    foreign = a_trading_company()

    assert codes(receiving(order, delivery(draft, {tea: 5}), delivery(order, {}, note=""), delivery(order, {}))) == [
        "purchase.not_coming", "purchase.no_note", "purchase.no_lines",
    ]  # fmt: skip
    assert codes(receive_deliveries([delivery(order, {tea: 1})], company_id=foreign.pk, **HOW)) == ["purchase.not_found"]
    assert GoodsReceipt.objects.count() == 0


def test_taken_in_deliveries_only_grow(order, tea):
    receiving(order, delivery(order, {tea: 3}))

    with pytest.raises(Exception, match="only grows"), acting(SYSTEM):
        GoodsReceipt.objects.update(delivery_note="X")
    assert PurchaseOrder.objects.count() == 1
