"""Goods change places: on the road they belong to nobody's shelf but stay the company's."""

from datetime import date

import pytest
from django.db.models import Sum

from core.errors import Refusal, Refused
from core.models import OutboxEvent
from inventory.models import Location, Movement, Stock, StockTransferLine, TransferArrival
from inventory.operations import cancel_transfers, plan_transfers, receive_stock, receive_transfers, send_transfers, settle_transfers
from inventory.operations.ledger import Moved
from inventory.operations.transfer_rows import insist_moved
from inventory.queries import IncomingKind, incoming
from inventory.rules import ArrivalAsk, Discrepancy, Receipt, SettlementAsk, TransferLineAsk
from tests.factories.inventory import (
    AT,
    WAREHOUSE_STAFF,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    stock_of,
    the_item,
)
from tests.factories.purchasing import a_transfer, a_transfer_ask

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def here(company):
    return a_location(company, "shizuoka")


@pytest.fixture
def there(company):
    return a_location(company, "jimbocho", kind="store")


@pytest.fixture
def tea(company, here):
    item = a_stock_item(company, "TEA")
    stock_of(item, here, 10)
    return item


@pytest.fixture
def on_the_road(here, there, tea):
    transfer = a_transfer(here, there, {tea: 6})
    send_transfers([transfer.pk], **HOW)
    return transfer


def lying():
    return {row.location.code: row.on_hand for row in Stock.objects.select_related("location").order_by("id")}


def codes(results):
    return [result.code if isinstance(result, Refusal) else str(result.status) for result in results]


def arrival(transfer, quantities, once_key="a1"):
    lines = tuple(TransferLineAsk(stock_item_id=item.pk, quantity=quantity) for item, quantity in quantities.items())
    return ArrivalAsk(transfer_id=transfer.pk, lines=lines, once_key=once_key)


def test_planning_moves_nothing_and_happens_once(here, there, tea, ledger):
    before = ledger()
    ask = a_transfer_ask(here, there, {tea: 6})

    planned = plan_transfers([ask, ask], company_id=here.company_id, **HOW) + plan_transfers([ask], company_id=here.company_id, **HOW)

    assert [(p.number, str(p.status), p.repeated) for p in planned] == [
        ("TR2605-00001", "planned", False), ("TR2605-00001", "planned", True), ("TR2605-00001", "planned", True),
    ]  # fmt: skip
    assert StockTransferLine.objects.count() == 1
    assert ledger() == before


def test_goods_on_the_road_stay_the_companys_and_nobody_sells_them(company, there, tea, on_the_road, broken_promises):
    road = Location.objects.get(kind="in_transit")

    assert (lying(), road.can_ship, road.company_id) == ({"shizuoka": 4, "in-transit": 6}, False, company.pk)
    assert Stock.objects.aggregate(all=Sum("on_hand"))["all"] == 10
    [coming] = incoming([tea.pk], company_id=company.pk)
    assert (coming.kind, coming.quantity, coming.location_id, coming.is_firm) == (IncomingKind.TRANSFER, 6, there.pk, True)
    assert OutboxEvent.objects.filter(name="inventory.TransferSent").count() == 1
    assert broken_promises() == []


def test_what_arrives_lies_there_and_the_rest_is_waited_for(company, tea, on_the_road):
    done = receive_transfers([arrival(on_the_road, {tea: 4})], **HOW)
    last = receive_transfers([arrival(on_the_road, {tea: 2}, "a2")], **HOW)

    on_the_road.refresh_from_db()
    assert (codes(done), codes(last), on_the_road.status, on_the_road.closed_at) == (["partly_received"], ["closed"], "closed", AT)
    assert lying() == {"shizuoka": 4, "in-transit": 0, "jimbocho": 6}
    assert incoming([tea.pk], company_id=company.pk) == []


def test_the_same_arrival_counts_once(tea, on_the_road, ledger):
    first = receive_transfers([arrival(on_the_road, {tea: 4})], **HOW)
    before = ledger()

    again = receive_transfers([arrival(on_the_road, {tea: 4})], **HOW)

    assert [r.repeated for r in first + again] == [False, True]
    assert (ledger(), TransferArrival.objects.count()) == (before, 1)


def test_partial_arrivals_under_long_references_each_count(tea, on_the_road, broken_promises):
    keys = [f"partner:{'w' * 40}:{'r' * 58}-{n}" for n in (1, 2)]

    done = receive_transfers([arrival(on_the_road, {tea: 2}, keys[0]), arrival(on_the_road, {tea: 3}, keys[1])], **HOW)

    assert codes(done) == ["partly_received", "partly_received"]
    assert lying() == {"shizuoka": 4, "in-transit": 1, "jimbocho": 5}
    assert broken_promises() == []


def test_a_reference_of_another_transfers_arrival_is_refused(here, there, tea, on_the_road, ledger):
    other = a_transfer(here, there, {tea: 2})
    send_transfers([other.pk], **HOW)
    receive_transfers([arrival(on_the_road, {tea: 4})], **HOW)
    before = ledger()

    results = receive_transfers([arrival(other, {tea: 2}), arrival(on_the_road, {tea: 4})], **HOW)

    assert codes(results) == ["transfer.reference_used", "partly_received"]
    assert (ledger(), TransferArrival.objects.count()) == (before, 1)


def test_an_arrival_that_the_ledger_has_already_is_not_counted():
    with pytest.raises(RuntimeError, match="arrival:1:1"):
        insist_moved([Moved(once_key="arrival:1:1", on_hand=0, is_new=False)])


@pytest.mark.parametrize(
    ("outcome", "lies", "home", "lost"),
    [
        (Discrepancy.COMES_HOME, {"shizuoka": 6, "in-transit": 0, "jimbocho": 4}, 2, 0),
        (Discrepancy.WRITTEN_OFF, {"shizuoka": 4, "in-transit": 0, "jimbocho": 4}, 0, 2),
    ],
)
def test_what_did_not_arrive_comes_home_or_is_written_off(tea, on_the_road, broken_promises, outcome, lies, home, lost):
    receive_transfers([arrival(on_the_road, {tea: 4})], **HOW)

    done = settle_transfers([SettlementAsk(transfer_id=on_the_road.pk, outcome=outcome)], reason="箱つぶれ", **HOW)

    line = on_the_road.lines.get()
    assert codes(done) == ["closed"]
    assert lying() == lies
    assert (line.received_quantity, line.home_quantity, line.lost_quantity) == (4, home, lost)
    assert Movement.objects.order_by("-id").first().reason == "箱つぶれ"
    assert codes(settle_transfers([SettlementAsk(transfer_id=on_the_road.pk, outcome=outcome)], reason="再", **HOW)) == [
        "transfer.not_on_the_road"
    ]
    assert broken_promises() == []


def test_a_transfer_in_transit_is_not_cancelled(on_the_road, ledger):
    before = ledger()

    [refused] = cancel_transfers([on_the_road.pk], reason="誤り", **HOW)

    assert (refused.code, refused.text()) == (
        "transfer.on_the_road",
        f"The goods of {on_the_road.number} are on the road. Settle it instead: the rest comes home, or is written off.",
    )
    assert ledger() == before


def test_a_planned_transfer_is_cancelled_once_and_then_never_leaves(here, there, tea):
    transfer = a_transfer(here, there, {tea: 6})

    results = cancel_transfers([transfer.pk, transfer.pk, 0], reason="誤り", **HOW)

    assert codes(results) == ["cancelled", "cancelled", "transfer.not_found"]
    assert codes(send_transfers([transfer.pk], **HOW)) == ["transfer.not_planned"]
    assert lying() == {"shizuoka": 10}


def test_what_is_promised_to_orders_does_not_leave(company, here, there):
    channel, variant = a_channel(company), a_stocked_variant(company, sku="TEA")
    stock_of(variant, here, 10)
    an_allocation(variant, channel, 7)
    first, second = (a_transfer(here, there, {the_item(variant): quantity}) for quantity in (2, 2))

    results = send_transfers([first.pk, second.pk], **HOW)

    assert codes(results) == ["in_transit", "inventory.promised"]
    assert results[1].text() == f"{second.number} cannot leave: of TEA only 1 are free there, and 2 should go."
    assert lying() == {"shizuoka": 8, "in-transit": 2}


@pytest.mark.parametrize(
    ("_case", "quantity", "code"),
    [
        ("nothing", 0, "inventory.bad_quantity"),
        ("negative", -2, "inventory.bad_quantity"),
        ("absurdly many", 10**308, "inventory.bad_quantity"),
        ("more than was sent", 7, "transfer.more_than_sent"),
    ],
)
def test_an_impossible_arrival_is_refused_and_changes_nothing(tea, on_the_road, ledger, _case, quantity, code):
    before = ledger()

    results = receive_transfers([arrival(on_the_road, {tea: quantity})], **HOW)

    assert codes(results) == [code]
    assert (ledger(), TransferArrival.objects.count()) == (before, 0)


def test_an_arrival_of_something_else_is_refused(company, here, there, tea, on_the_road):
    planned = a_transfer(here, there, {tea: 1})

    results = receive_transfers(
        [arrival(on_the_road, {a_stock_item(company): 1}), arrival(on_the_road, {}), arrival(planned, {tea: 1})], **HOW
    )

    assert codes(results) == ["transfer.not_sent", "transfer.no_lines", "transfer.not_on_the_road"]


def test_an_impossible_plan_is_refused_beside_a_possible_one(company, here, there, tea):
    other = a_trading_company()
    good = a_transfer_ask(here, there, {tea: 1})
    asks = [
        a_transfer_ask(here, here, {tea: 1}),
        a_transfer_ask(here, a_location(other), {tea: 1}),
        a_transfer_ask(here, a_location(company, kind="in_transit"), {tea: 1}),
        a_transfer_ask(here, there, {}),
        a_transfer_ask(here, there, {tea: 0}),
        a_transfer_ask(here, there, {a_stock_item(other): 1}),
        a_transfer_ask(here, there, {}, lines=good.lines * 2),
        a_transfer_ask(here, there, {tea: 1}, note="字" * 501),
        good,
    ]

    results = plan_transfers(asks, company_id=company.pk, **HOW)

    assert codes(results) == [
        "transfer.same_location", "transfer.no_location", "transfer.no_location", "transfer.no_lines", "inventory.bad_quantity",
        "purchase.no_item", "transfer.item_twice", "transfer.note_too_long", "planned",
    ]  # fmt: skip


def test_a_transfer_takes_its_lots_along_and_leaves_no_lot_that_is_not_there(company, here, there, broken_promises):
    sencha = a_stock_item(company, "SENCHA", is_lot_tracked=True)
    lots = [
        Receipt(
            stock_item_id=sencha.pk,
            location_id=here.pk,
            quantity=5,
            once_key=f"r{n}",
            cause="x",
            lot_number=f"L{n}",
            expires_on=date(2027, n, 1),
        )
        for n in (1, 2, 3)
    ]
    receive_stock(lots, company_id=company.pk, **HOW)
    any_lot = a_transfer(here, there, {sencha: 7})
    named, unknown = (
        plan_transfers(
            [a_transfer_ask(here, there, {}, lines=(TransferLineAsk(stock_item_id=sencha.pk, quantity=2, lot_number=lot),))],
            company_id=company.pk,
            **HOW,
        )[0].transfer_id
        for lot in ("L3", "L9")
    )

    with pytest.raises(Refused, match="L9"):
        send_transfers([unknown], **HOW)
    send_transfers([any_lot.pk, named], **HOW)
    receive_transfers([arrival(any_lot, {sencha: 7})], **HOW)
    receive_transfers(
        [ArrivalAsk(transfer_id=named, lines=(TransferLineAsk(stock_item_id=sencha.pk, quantity=2, lot_number="L3"),), once_key="a2")],
        **HOW,
    )

    lying_there = Movement.objects.filter(location=there).order_by("lot__number").values_list("lot__number").annotate(n=Sum("quantity"))
    assert list(lying_there) == [("L1", 5), ("L2", 2), ("L3", 2)]
    assert broken_promises() == []
