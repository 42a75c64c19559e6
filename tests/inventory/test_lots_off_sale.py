"""Lots are taken off sale, by hand and by the clock: what is free goes, what is promised stays and is told."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core import clock
from core.errors import Refusal
from inventory.models import Location, Movement, Reservation, ShelfLife, Stock, StockExclusion, StockItem, StockLot
from inventory.operations import PickAsk, expire_lots, pick_lots, reserve_stock, set_lots_aside
from inventory.queries import closed_to, closed_to_channels, expired_promises, expiry_days, explanations, supply_for, too_short_for
from inventory.rules import StockState
from inventory.rules.lots import AVAILABLE, Batch, LotShelf, Promise, may_leave
from inventory.tasks import expire_lots as expire_lots_by_the_clock
from tests.factories.inventory import (
    AT,
    SYSTEM,
    WAREHOUSE_STAFF,
    a_channel,
    a_demand,
    a_location,
    a_pool,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    lots_of,
    the_item,
)

TODAY = AT.date()
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}


def days(number):
    return TODAY + timedelta(number)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def tea(company):
    variant = a_stocked_variant(company)
    StockItem.objects.filter(pk=the_item(variant).pk).update(is_lot_tracked=True)
    return variant


def lot(number):
    return StockLot.objects.get(lot__number=number)


def lying():
    return {row.lot.number: (row.on_hand, row.sellable, row.expired, row.quarantine) for row in StockLot.objects.select_related("lot")}


def aside(*numbers, to_state=StockState.EXPIRED, once="once"):
    ids = [lot(number).pk for number in numbers]
    return set_lots_aside(ids, to_state=to_state, once_key=once, reason="期限", **HOW)


def a_batch(lot_id, pieces, expires_on):
    return Batch(lot_id=lot_id, expires_on=expires_on, pieces={AVAILABLE: pieces})


@pytest.mark.parametrize(
    ("_case", "free", "promises", "answer"),
    [
        ("all_of_it", 20, [], 6),
        ("no_more_than_is_free_on_the_shelf", 4, [], 4),
        ("nothing_where_more_is_promised_than_there_is", -1, [], 0),
        ("not_what_a_promise_needs_to_keep_so_long", 20, [(5, 12)], 2),
        ("promises_for_longer_do_not_need_it", 20, [(50, 8)], 6),
    ],
)
def test_so_many_pieces_of_a_lot_may_leave(_case, free, promises, answer):
    soon, late = a_batch(1, 6, days(9)), a_batch(2, 8, days(90))
    shelf = LotShelf(batches=(soon, late), promises=[Promise(good_until=days(day), quantity=quantity) for day, quantity in promises])

    assert may_leave(soon, shelf, free=free) == answer


@pytest.mark.django_db
def test_the_free_pieces_of_chosen_lots_are_no_longer_sold_and_a_second_press_changes_nothing(company, tea, broken_promises):
    lots_of(tea, a_location(company), OLD=(5, days(-1)), SOON=(7, days(9)), LATE=(9, days(90)))

    first, again = aside("OLD", "SOON", to_state=StockState.QUARANTINE), aside("OLD", "SOON", to_state=StockState.QUARANTINE)

    assert [(one.quantity, one.left, one.repeated) for one in (*first, *again)] == [
        (5, 0, False), (7, 0, False), (5, 0, True), (7, 0, True),
    ]  # fmt: skip
    assert lying() == {"OLD": (5, 0, 0, 5), "SOON": (7, 0, 0, 7), "LATE": (9, 9, 0, 0)}
    assert {m.reason for m in Movement.objects.filter(kind="made_unsellable")} == {"期限"}
    assert broken_promises() == []


@pytest.mark.django_db
def test_pieces_that_orders_need_stay_and_whoever_pressed_is_told_how_many(company, tea, broken_promises):
    channel = a_channel(company)
    lots_of(tea, a_location(company), OLD=(5, days(-1)), LATE=(4, days(90)))
    an_allocation(tea, channel, 6)

    (result,) = aside("OLD")

    assert (result.quantity, result.left) == (3, 2)
    assert (result.refusal.code, result.refusal.params["left"]) == ("inventory.promised", 2)
    assert lying() == {"OLD": (5, 2, 3, 0), "LATE": (4, 4, 0, 0)}
    assert [(shelf.quantity, shelf.item) for shelf in expired_promises(None, today=TODAY, limit=9)] == [(2, the_item(tea).code)]
    assert broken_promises() == []


@pytest.mark.django_db
def test_what_has_been_picked_of_a_lot_stays(company, tea):
    channel = a_channel(company)
    lots_of(tea, a_location(company), SOON=(5, days(9)), LATE=(4, days(90)))
    pick_lots([PickAsk(allocation_id=an_allocation(tea, channel, 2).allocation_id)], **HOW)

    (result,) = aside("SOON")

    assert (result.quantity, result.left) == (3, 2)
    assert lying()["SOON"] == (5, 2, 3, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "to_state", "code"),
    [("nothing_is_free", StockState.EXPIRED, "inventory.promised"), ("they_would_stay_on_sale", AVAILABLE, "inventory.bad_quantity")],
)
def test_a_lot_that_cannot_be_taken_off_sale_is_refused_and_nothing_changes(company, tea, ledger, _case, to_state, code):
    lots_of(tea, a_location(company), OLD=(5, days(-1)))
    an_allocation(tea, a_channel(company), 5)
    before = ledger()

    (result,) = aside("OLD", to_state=to_state)

    assert isinstance(result, Refusal)
    assert result.code == code
    assert ledger() == before


@pytest.mark.django_db
def test_a_lot_that_nobody_named_and_one_that_never_was_are_refused(company, tea):
    stock = lots_of(tea, a_location(company), OLD=(5, days(-1)))
    nameless = StockLot.objects.create(stock=stock)

    results = set_lots_aside([nameless.pk, 0], to_state=StockState.EXPIRED, once_key="x", reason="期限", **HOW)

    assert [result.code for result in results] == ["inventory.lot_missing", "inventory.no_such_shelf"]


@pytest.mark.django_db
def test_the_clock_takes_goods_off_sale_on_the_day_after_their_last_by_the_company_and_once(company, tea, broken_promises):
    place = a_location(company)
    lots_of(tea, place, YESTERDAY=(5, days(-1)), TODAY=(7, TODAY), LATE=(9, days(90)))

    with clock.travel(AT):
        moved, again = expire_lots_by_the_clock(), expire_lots_by_the_clock()

    assert (moved, again) == (5, 0)
    assert lying() == {"YESTERDAY": (5, 0, 5, 0), "TODAY": (7, 7, 0, 0), "LATE": (9, 9, 0, 0)}
    movement = Movement.objects.get(kind="made_unsellable")
    assert (movement.actor_kind, movement.cause, movement.sellable_quantity, movement.lot.number) == ("system", "expiry", -5, "YESTERDAY")
    with clock.travel(AT + timedelta(hours=12, minutes=1)):  # past midnight in Tokyo
        assert expire_lots_by_the_clock() == 7
    assert broken_promises() == []


@pytest.mark.django_db
def test_the_clock_leaves_what_orders_and_carts_need_and_comes_back_for_it(company, tea, broken_promises):
    channel = a_channel(company)
    lots_of(tea, a_location(company), OLD=(5, days(-1)))
    an_allocation(tea, channel, 2)
    supply = supply_for([tea.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
    reserve_stock([(uuid4(), [a_demand(tea, 2)])], supply=supply, until=AT + timedelta(minutes=5), actor=SYSTEM, at=AT)

    with clock.travel(AT):
        first = expire_lots_by_the_clock()
    Reservation.objects.all().delete()
    Stock.objects.update(reserved=0)
    with clock.travel(AT):
        second = expire_lots_by_the_clock()

    assert (first, second) == (1, 2)
    assert lying() == {"OLD": (5, 2, 3, 0)}
    assert [shelf.quantity for shelf in expired_promises(None, today=TODAY, limit=9)] == [2]
    assert broken_promises() == []


@pytest.mark.django_db
def test_a_lot_that_has_not_expired_is_not_expired_by_whoever_asks(company, tea, ledger):
    lots_of(tea, a_location(company), SOON=(5, days(1)))
    before = ledger()

    assert expire_lots([lot("SOON").pk], actor=SYSTEM, at=AT) == []
    assert ledger() == before


@pytest.mark.django_db
def test_what_expires_when_and_what_channels_can_no_longer_sell_are_told_for_the_places_one_sees(company, tea):
    here, there = a_location(company), a_location(company)
    channel = a_channel(company)
    ShelfLife.objects.create(channel=channel, least_days=30)
    lots_of(tea, here, OLD=(5, days(-1)), SOON=(7, days(29)), LATE=(9, days(30)))
    lots_of(tea, there, OTHER=(3, days(29)))

    mine = expiry_days([here.pk], until=days(60))
    (short,) = closed_to_channels([here.pk], today=TODAY)
    (everywhere,) = closed_to_channels(None, today=TODAY)

    assert [(day.on, day.lots, day.pieces, day.sellable) for day in mine] == [
        (days(-1), 1, 5, 5), (days(29), 1, 7, 7), (days(30), 1, 9, 9),
    ]  # fmt: skip
    assert (short.channel_id, short.lots, short.pieces) == (channel.pk, 2, 12)
    assert (everywhere.lots, everywhere.pieces) == (3, 15)


@pytest.mark.django_db
def test_a_channel_is_told_too_short_only_what_lies_on_the_shelves_it_draws_on(company, tea):
    names = ("pool", "other", "barred", "warm", "still", "old")
    fields = {"warm": {"keeps_ambient": False}, "still": {"can_ship": False}}
    places = {name: a_location(company, name, **fields.get(name, {})) for name in names}
    mall, web = a_channel(company), a_channel(company)
    a_pool(company, {place: 0 for name, place in places.items() if name != "other"}, channel=mall)
    for channel in (mall, web):
        ShelfLife.objects.create(channel=channel, least_days=30)
    StockExclusion.objects.create(company=company, channel=mall, stock_item=the_item(tea), location=places["barred"])
    for number, place in enumerate(places.values(), start=1):
        lots_of(tea, place, **{f"LOT{number}": (number, days(29))})
    Location.objects.filter(code="old").update(ended_at=AT)

    counted = {one.channel_id: (one.lots, one.pieces) for one in closed_to_channels(None, today=TODAY)}
    found = {
        channel.pk: sorted(StockLot.objects.filter(pk__in=too_short_for(channel.pk, today=TODAY)).values_list("lot__number", flat=True))
        for channel in (mall, web)
    }
    closed = [len(row.closed_to) for row in StockLot.objects.annotate(closed_to=closed_to(today=TODAY)).order_by("lot__number")]
    told = explanations([tea.pk], channel_id=mall.pk, at=AT)[tea.pk].parts[0].shelves

    assert counted == {mall.pk: (1, 1), web.pk: (3, 6)}  # without a pool every place that ships and keeps it
    assert found == {mall.pk: ["LOT1"], web.pk: ["LOT1", "LOT2", "LOT3"]}
    assert closed == [2, 1, 1, 0, 0, 0]
    assert {shelf.location: shelf.stale for shelf in told} == {"pool": 1, "other": 0, "barred": 0, "warm": 0, "still": 0, "old": 0}
