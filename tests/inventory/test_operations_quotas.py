"""Ring-fenced quotas: set aside, drawn on, given back, ended."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Allocation, Reservation, Stock, StockItem, StockQuota
from inventory.operations import (
    Fenced,
    QuotaAsk,
    end_quotas,
    end_reservations,
    expire_quotas,
    release_allocations,
    reserve_stock,
    set_quotas,
)
from inventory.ports import ROUTING_STRATEGY
from inventory.queries import atp, stock_differences, supply_for
from inventory.rules import Take
from tests.factories.inventory import (
    AT,
    SYSTEM,
    a_channel,
    a_demand,
    a_location,
    a_pool,
    a_quota,
    a_stocked_variant,
    a_trading_company,
    allocating,
    keeps_at_least,
    lots_of,
    stock_of,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": SYSTEM, "at": AT}


class Shop:
    """Ten pieces of one tea at one place, seen by two channels."""

    def __init__(self, units: int = 10) -> None:
        self.company = a_trading_company()
        self.web, self.mall = a_channel(self.company), a_channel(self.company)
        self.place, self.tea = a_location(self.company), a_stocked_variant(self.company)
        self.stock = stock_of(self.tea, self.place, units)

    def sees(self) -> tuple[int, int]:
        """What the web and the mall may promise now."""
        return atp([self.tea.pk], channel_id=self.web.pk, at=AT)[self.tea.pk], atp([self.tea.pk], channel_id=self.mall.pk, at=AT)[
            self.tea.pk
        ]

    def reserved(self) -> int:
        return Stock.objects.get(pk=self.stock.pk).reserved


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def test_another_channel_never_gets_pieces_of_a_quota(shop: Shop) -> None:
    a_quota(shop.stock, shop.mall, 4)

    refused = allocating([a_demand(shop.tea, 7)], shop.web)[1]
    served = allocating([a_demand(shop.tea, 6)], shop.web)[1]

    assert (refused.code, refused.params["available"]) == ("inventory.out_of_stock", 6)
    assert isinstance(served, list)
    assert shop.sees() == (0, 4)


def test_the_channel_uses_its_quota_up_before_it_takes_what_everybody_may_have(shop: Shop) -> None:
    quota = a_quota(shop.stock, shop.mall, 4)

    allocating([a_demand(shop.tea, 3)], shop.mall)
    allocating([a_demand(shop.tea, 3), a_demand(shop.tea, 1)], shop.mall)

    assert list(Allocation.objects.order_by("pk").values_list("quantity", "quota_quantity", "quota")) == [
        (3, 3, quota.quota_id),
        (3, 1, quota.quota_id),
        (1, 0, None),
    ]
    assert shop.sees() == (3, 3)
    assert stock_differences() == []


def test_a_cancelled_order_gives_back_to_the_quota_it_drew_on(shop: Shop, broken_promises) -> None:
    a_quota(shop.stock, shop.mall, 4)
    demand = a_demand(shop.tea, 6)
    allocating([demand], shop.mall)
    assert shop.sees() == (4, 4)

    release_allocations([demand.demand_id], **HOW)
    release_allocations([demand.demand_id], **HOW)

    assert shop.sees() == (6, 10)
    assert broken_promises() == []


def test_what_was_drawn_from_a_quota_that_has_ended_is_free_for_everybody(shop: Shop, broken_promises) -> None:
    quota = a_quota(shop.stock, shop.mall, 4)
    demand = a_demand(shop.tea, 3)
    allocating([demand], shop.mall)

    ended = end_quotas([quota.quota_id], **HOW), end_quotas([quota.quota_id], **HOW)
    release_allocations([demand.demand_id], **HOW)

    assert ended == (1, 0)
    assert shop.sees() == (10, 10)
    assert broken_promises() == []


def test_a_checkout_of_the_channel_holds_pieces_of_the_quota_and_gives_them_back(shop: Shop, broken_promises) -> None:
    a_quota(shop.stock, shop.mall, 4)
    holder = uuid4()
    supply = supply_for([shop.tea.pk], company_id=shop.company.pk, channel_id=shop.mall.pk, at=AT)

    reserve_stock([(holder, [a_demand(shop.tea, 5)])], supply=supply, until=AT + timedelta(minutes=15), **HOW)

    assert Reservation.objects.values_list("quantity", "quota_quantity").get() == (5, 4)
    assert shop.sees() == (5, 5)
    end_reservations([holder], **HOW)
    assert shop.sees() == (6, 10)
    assert broken_promises() == []


@pytest.mark.parametrize(("held", "bought"), [(5, 5), (5, 2), (2, 5), (9, 10), (1, 7)])
def test_an_order_takes_what_its_checkout_held_and_whatever_else_it_needs(shop: Shop, broken_promises, held: int, bought: int) -> None:
    a_quota(shop.stock, shop.mall, 4)
    holder = uuid4()
    supply = supply_for([shop.tea.pk], company_id=shop.company.pk, channel_id=shop.mall.pk, at=AT)
    reserve_stock([(holder, [a_demand(shop.tea, held)])], supply=supply, until=AT + timedelta(minutes=15), **HOW)

    result = allocating([a_demand(shop.tea, bought, holder=holder)], shop.mall)[1]

    assert isinstance(result, list)
    assert not Reservation.objects.exists()
    assert StockQuota.objects.get().remaining == max(4 - bought, 0)
    assert sum(shop.sees()) == 2 * (10 - bought) - max(4 - bought, 0)
    assert broken_promises() == []


def test_the_last_piece_that_a_checkout_holds_is_for_its_order_alone(shop: Shop, broken_promises) -> None:
    holder, demand = uuid4(), a_demand(shop.tea, 10)
    supply = supply_for([shop.tea.pk], company_id=shop.company.pk, channel_id=shop.web.pk, at=AT)
    reserve_stock([(holder, [demand])], supply=supply, until=AT + timedelta(minutes=15), **HOW)

    other = allocating([a_demand(shop.tea, 1)], shop.web)[1]
    own = allocating([a_demand(shop.tea, 10, holder=holder)], shop.web)[1]

    assert (other.code, other.params["available"]) == ("inventory.out_of_stock", 0)
    assert [a.quantity for a in own] == [10]
    assert broken_promises() == []


def test_an_order_that_stays_short_leaves_its_checkouts_hold_alone(shop: Shop, broken_promises) -> None:
    holder = uuid4()
    supply = supply_for([shop.tea.pk], company_id=shop.company.pk, channel_id=shop.web.pk, at=AT)
    reserve_stock([(holder, [a_demand(shop.tea, 4)])], supply=supply, until=AT + timedelta(minutes=15), **HOW)

    refused = allocating([a_demand(shop.tea, 11, holder=holder)], shop.web)[1]

    assert (refused.code, refused.params["available"]) == ("inventory.out_of_stock", 10)
    assert Reservation.objects.get().quantity == 4
    assert broken_promises() == []


def test_allocating_again_answers_with_what_the_quota_gave(shop: Shop) -> None:
    a_quota(shop.stock, shop.mall, 4)
    demands = [a_demand(shop.tea, 2), a_demand(shop.tea, 1)]

    first, again = allocating(demands, shop.mall), allocating(demands, shop.mall)

    assert again == first
    assert StockQuota.objects.get().remaining == 1


def test_a_batch_of_which_a_quota_was_eaten_meanwhile_serves_whom_it_can(shop: Shop, broken_promises) -> None:
    from inventory.operations import allocate

    a_quota(shop.stock, shop.mall, 4)
    stale = supply_for([shop.tea.pk], company_id=shop.company.pk, channel_id=shop.mall.pk, at=AT)
    allocating([a_demand(shop.tea, 7)], shop.mall)
    wanted = [a_demand(shop.tea, 2, order=1), a_demand(shop.tea, 2, order=2), a_demand(shop.tea, 1, order=3)]

    result = allocate(wanted, supply=stale, company_id=shop.company.pk, channel_id=shop.mall.pk, **HOW)

    assert {key: isinstance(found, list) for key, found in result.items()} == {1: True, 2: False, 3: True}
    assert broken_promises() == []


def test_a_quota_is_set_to_a_figure_once_and_changed_in_place(shop: Shop) -> None:
    first = a_quota(shop.stock, shop.mall, 4)
    allocating([a_demand(shop.tea, 3)], shop.mall)

    again = a_quota(shop.stock, shop.mall, 4)
    more = a_quota(shop.stock, shop.mall, 6)

    assert again == Fenced(quota_id=first.quota_id, remaining=1)
    assert more == Fenced(quota_id=first.quota_id, remaining=3)
    assert shop.reserved() == 3


@pytest.mark.parametrize(
    ("quantity", "hours", "code"),
    [
        (0, None, "inventory.bad_quota"),
        (-1, None, "inventory.bad_quota"),
        (10**12, None, "inventory.bad_quota"),
        (11, None, "inventory.not_free"),
        (2, 1, "inventory.quota_sold"),
        (4, -1, "inventory.quota_over"),
    ],
)
def test_a_quota_that_cannot_stand_is_refused_and_changes_nothing(shop: Shop, ledger, quantity: int, hours: int | None, code: str) -> None:
    a_quota(shop.stock, shop.mall, 4)
    allocating([a_demand(shop.tea, 3)], shop.mall)
    before = ledger(), list(StockQuota.objects.values())

    until = None if hours is None else AT + timedelta(hours=hours)
    asks = [QuotaAsk(stock_id=shop.stock.pk, channel_id=shop.mall.pk, quantity=quantity, until_at=until)]
    (refused,) = set_quotas(asks, company_id=shop.company.pk, **HOW)

    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert (ledger(), list(StockQuota.objects.values())) == before


def test_quotas_of_one_shelf_are_judged_together(shop: Shop) -> None:
    asks = [QuotaAsk(stock_id=shop.stock.pk, channel_id=channel.pk, quantity=6) for channel in (shop.web, shop.mall)]

    first, second = set_quotas(asks, company_id=shop.company.pk, **HOW)

    assert isinstance(first, Fenced)
    assert (second.code, second.params["free"]) == ("inventory.not_free", 10)
    assert shop.reserved() == 6


def test_a_quota_where_the_channel_cannot_draw_is_refused(shop: Shop) -> None:
    a_pool(shop.company, {a_location(shop.company): 0}, channel=shop.mall)
    asks = [
        QuotaAsk(stock_id=shop.stock.pk, channel_id=shop.mall.pk, quantity=1),
        QuotaAsk(stock_id=shop.stock.pk, channel_id=a_channel(a_trading_company()).pk, quantity=1),
    ]

    found = set_quotas(asks, company_id=shop.company.pk, **HOW)

    assert [refused.code for refused in found] == ["inventory.not_a_source", "inventory.no_such_shelf"]


def test_a_quota_ends_when_its_day_is_over(shop: Shop) -> None:
    a_quota(shop.stock, shop.mall, 10, until_at=AT + timedelta(hours=1))
    soon, later = AT + timedelta(minutes=59), AT + timedelta(hours=1)

    ended = [expire_quotas(actor=SYSTEM, at=at) for at in (soon, later, later)]

    assert ended == [0, 1, 0]
    assert shop.sees() == (10, 10)
    told = OutboxEvent.objects.order_by("pk").values_list("payload__is_available", flat=True)
    assert list(told) == [False, True]


@pytest.fixture
def picky() -> Shop:
    """Ten pieces, six of which keep long enough for the mall."""
    shop = Shop(0)
    StockItem.objects.filter(pk=shop.stock.stock_item_id).update(is_lot_tracked=True)
    Stock.objects.filter(pk=shop.stock.pk).delete()
    keeps_at_least(shop.mall, 30)
    late, soon = (AT + timedelta(days=60)).date(), (AT + timedelta(days=10)).date()
    shop.stock = lots_of(StockItem.objects.get(pk=shop.stock.stock_item_id), shop.place, LATE=(6, late), SOON=(4, soon))
    return shop


def test_a_quota_never_promises_more_than_keeps_long_enough(picky: Shop, broken_promises) -> None:
    a_quota(picky.stock, picky.mall, 8)

    refused = allocating([a_demand(picky.tea, 7)], picky.mall)[1]
    served = allocating([a_demand(picky.tea, 6)], picky.mall)[1]

    assert (refused.code, refused.params["available"]) == ("inventory.out_of_stock", 6)
    assert [part.quantity for part in served] == [6]
    assert Allocation.objects.values_list("quota_quantity", "good_until").get() == (6, AT.date() + timedelta(days=30))
    assert picky.sees() == (2, 0)
    assert broken_promises() == []


@pytest.mark.parametrize(("held", "bought", "fits"), [(6, 6, True), (4, 6, True), (6, 1, True), (4, 7, False)])
def test_what_a_checkout_holds_of_goods_that_keep_is_there_for_its_order(
    picky: Shop, broken_promises, held: int, bought: int, fits: bool
) -> None:
    a_quota(picky.stock, picky.mall, 3)
    holder = uuid4()
    supply = supply_for([picky.tea.pk], company_id=picky.company.pk, channel_id=picky.mall.pk, at=AT)
    reserve_stock([(holder, [a_demand(picky.tea, held)])], supply=supply, until=AT + timedelta(minutes=15), **HOW)

    result = allocating([a_demand(picky.tea, bought, holder=holder)], picky.mall)[1]

    assert isinstance(result, list) == fits
    assert Reservation.objects.exists() != fits
    assert StockQuota.objects.get().remaining == (max(3 - bought, 0) if fits else 0)
    assert broken_promises() == []


def test_another_way_to_route_can_be_wired_and_still_oversells_nothing(shop: Shop) -> None:
    class Boundless:
        """A strategy that plans as if the first shelf never ended."""

        def route(self, demands, supply):
            shelf = next(iter(supply.shelves.values()))[0]
            return {
                d.order_key: (
                    Take(
                        demand_id=d.demand_id, variant_id=d.variant_id, stock_id=shelf.stock_id, stock_item_id=shelf.stock_item_id,
                        location_id=shelf.location_id, quantity=d.quantity, line_quantity=d.quantity,
                    ),
                )
                for d in demands
            }  # fmt: skip

    with ROUTING_STRATEGY.only(Boundless()):
        served, refused = allocating([a_demand(shop.tea, 9)], shop.web)[1], allocating([a_demand(shop.tea, 2)], shop.web)[1]

    assert [part.quantity for part in served] == [9]
    assert refused.code == "inventory.out_of_stock"
    assert Stock.objects.get(pk=shop.stock.pk).allocated == 9
