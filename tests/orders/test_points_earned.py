"""Orders earn points for what left and was kept, by the programme they were placed under."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.rules import PaymentMethod
from catalog.models import Variant
from core.actor import SYSTEM
from core.db import acting
from core.models import OutboxEvent, SalesChannel
from core.operations import carry
from customers.models import CustomerRank, PointEntry, PointLot, PointProgramme, RankAssignment
from customers.operations import spend_points
from customers.rules import Spend
from orders.models import Line, Order, PointsDue, ReturnCase, Shipment
from orders.operations import (
    Leaving,
    cancel_orders,
    earn_due_points,
    earn_points,
    mark_delivered,
    reship_undelivered,
    return_undelivered,
    ship_shipments,
)
from orders.queries import OrderPoints, points_of_orders, points_to_come
from orders.rules import DraftDiscount, DraftLine, Placed
from tests.factories.customers import a_brand, a_customer, a_programme, a_rank
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_fee, a_shop, an_order, placed
from tests.factories.returns import DELIVERED, NOW, a_settled_case, an_exchange, asked, broken_promises
from tests.orders.test_changes import changed
from tests.orders.test_changes import quantity as of_quantity

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=2)


@pytest.fixture
def tea(shop: Shop) -> Variant:
    return shop.variant(5_000)


def time_passes(at: datetime = NOW) -> None:
    while not carry(at=lambda: at).idle:
        pass


def parcels(order: Order) -> list[int]:
    return list(Shipment.objects.filter(order=order).exclude(status="cancelled").order_by("id").values_list("id", flat=True))


def left(order: Order, *which: int, at: datetime = AT) -> None:
    """These parcels of the order, or all, leave and arrive, and whatever hears of it does its part."""
    ids = [parcels(order)[n] for n in which] if which else parcels(order)
    results = ship_shipments([Leaving(shipment_id=i) for i in ids], actor=STAFF, at=at)
    assert all(hasattr(r, "shipment_id") for r in results), results
    time_passes(at)
    mark_delivered(ids, actor=STAFF, at=at + (DELIVERED - AT))


def came_back(order: Order, *quantities: int, **given: Any) -> ReturnCase:
    case = a_settled_case(asked(order, *quantities, **given))
    time_passes()
    return case


def lots() -> list[tuple[int, int]]:
    return list(PointLot.objects.order_by("pk").values_list("granted", "remaining"))


def in_two_parcels(shop: Shop, **given: Any) -> Order:
    """Goods worth 5,000 from each of two places."""
    here, there = shop.variant(5_000, stock=[100]), shop.variant(5_000, stock=[0, 100])
    order = an_order(shop, (here, 1), (there, 1), **given)
    assert len(parcels(order)) == 2
    return order


def test_an_order_earns_when_it_leaves_not_before_and_once(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100, expires_days=365)
    a_fee(shop, 800)
    order = an_order(shop, (tea, 2))
    time_passes()
    assert lots() == []

    left(order)
    earn_points([order.pk, order.pk], actor=SYSTEM, at=AT + timedelta(days=9))

    lot = PointLot.objects.get()
    assert (lot.granted, lot.remaining, lot.rate_bp, lot.customer_id) == (100, 100, 100, order.customer_id)
    assert (lot.granted_at, lot.expires_at) == (AT, datetime(2027, 5, 11, 15, 0, tzinfo=UTC))
    entry = PointEntry.objects.get()
    assert (entry.reference, entry.once_key) == (order.number, f"earned:{order.public_id}:1")
    assert OutboxEvent.objects.filter(name="customers.PointsGranted").count() == 1
    assert broken_promises() == []


def test_parcels_earn_their_part_and_all_of_them_exactly_the_whole(shop: Shop) -> None:
    a_programme(shop.company, 100)
    here, there = shop.variant(150, stock=[100]), shop.variant(150, stock=[0, 100])
    order = an_order(shop, (here, 1), (there, 1))

    left(order, 0)
    first = lots()
    left(order, 1)

    assert (first, lots()) == ([(1, 1)], [(1, 1), (2, 2)])
    assert broken_promises() == []


def test_half_comes_back_of_two_parcels_and_then_the_rest(shop: Shop) -> None:
    a_programme(shop.company, 100)
    order = in_two_parcels(shop)
    left(order, 0)
    left(order, 1)
    assert lots() == [(50, 50), (50, 50)]

    came_back(order, 1, 0)
    after_half = lots()
    came_back(order, 0, 1)

    assert (after_half, lots()) == ([(50, 50), (50, 0)], [(50, 0), (50, 0)])
    assert broken_promises() == []


def test_the_rest_is_cancelled_after_one_parcel_left_and_came_back(shop: Shop) -> None:
    a_programme(shop.company, 100)
    order = in_two_parcels(shop)
    left(order, 0)
    foreseen = points_of_orders([order.pk], at=AT)[order.pk]

    changed(order, of_quantity(order.lines.get(shipped_quantity=0), 0))
    time_passes()
    after_cancelling = lots()
    came_back(order, 1)

    assert foreseen == OrderPoints(earned=50, to_come=50, after_days=0)
    assert points_of_orders([order.pk], at=AT)[order.pk] == OrderPoints(earned=0, to_come=0, after_days=0)
    assert (after_cancelling, lots()) == ([(50, 50)], [(50, 0)])
    assert broken_promises() == []


def test_what_was_spent_meanwhile_is_not_claimed(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100)
    order = an_order(shop, (tea, 2))
    left(order)
    spend_points([Spend(customer_id=order.customer_id, points=80, reference="other", once_key="other")], actor=STAFF, at=NOW)

    came_back(order, 1)
    assert lots() == [(100, 0)]
    came_back(order, 1)

    assert lots() == [(100, 0)]
    assert broken_promises() == []


def test_discounts_earn_nothing_and_tax_only_where_the_programme_says_so(shop: Shop, tea: Variant) -> None:
    brand = a_brand(shop.company)
    a_programme(shop.company, 1_000, with_tax=True)
    a_programme(shop.company, 1_000, brand=brand, with_tax=False)
    line = DraftLine(variant_id=tea.pk, quantity=1, discounts=(DraftDiscount(amount=600, source="coupon:A"),))
    plain, branded = (Order.objects.get(pk=one.order_id) for one in placed(a_draft(shop, lines=(line,)), a_draft(shop, lines=(line,))))
    Order.objects.filter(pk=branded.pk).update(brand=brand)

    left(plain)
    left(branded)

    assert [(lot.granted, lot.brand_id) for lot in PointLot.objects.order_by("pk")] == [(440, None), (400, brand.pk)]
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("_case", "given", "earned"),
    [
        ("in force", {}, [(50, 50)]),
        ("begins at that moment", {"from_at": AT}, [(50, 50)]),
        ("ends at that moment", {"until_at": AT}, []),
        ("begins later", {"from_at": AT + timedelta(seconds=1)}, []),
        ("was ended before", {"ended_at": AT}, []),
        ("ends before the parcel leaves", {"until_at": AT + timedelta(seconds=1)}, [(50, 50)]),
    ],
)
def test_the_moment_of_placing_decides(shop: Shop, tea: Variant, _case: str, given: dict[str, Any], earned: list[Any]) -> None:
    a_programme(shop.company, 100, **given)
    order = an_order(shop, (tea, 1))

    left(order, at=AT + timedelta(days=1))

    assert lots() == earned
    assert broken_promises() == []


def test_a_rank_has_a_rate_of_its_own_and_an_order_keeps_what_it_began_with(shop: Shop) -> None:
    gold, silver = a_rank(shop.company), a_rank(shop.company, code="silver", level=1)
    programme = a_programme(shop.company, 100, ranks={gold: 300})
    customer = a_customer(shop.company)
    held = _rank(customer, gold)
    order = in_two_parcels(shop, customer_id=customer.pk)
    left(order, 0)

    with acting(SYSTEM):
        RankAssignment.objects.filter(pk=held.pk).delete()
        PointProgramme.objects.filter(pk=programme.pk).update(ended_at=datetime(2020, 1, 2, tzinfo=UTC))
        _rank(customer, silver)
    left(order, 1)

    assert list(PointLot.objects.order_by("pk").values_list("granted", "rate_bp")) == [(150, 300), (150, 300)]
    assert broken_promises() == []


def _rank(customer: Any, rank: CustomerRank) -> RankAssignment:
    with acting(SYSTEM):
        return RankAssignment.objects.create(
            customer=customer, rank=rank, from_at=datetime(2026, 1, 1, tzinfo=UTC), actor_kind="system", actor_id="-", actor_label="-"
        )


def test_the_terms_by_which_points_were_earned_stay(shop: Shop, tea: Variant) -> None:
    programme = a_programme(shop.company, 100, ranks={a_rank(shop.company): 200})
    with acting(SYSTEM):
        PointProgramme.objects.filter(pk=programme.pk).update(rate_bp=150)
    left(an_order(shop, (tea, 2)))
    assert lots() == [(150, 150)]

    for change in ({"rate_bp": 100}, {"with_tax": False}, {"after_days": 3}):
        with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM):
            PointProgramme.objects.filter(pk=programme.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM):
        programme.rates.update(rate_bp=900)
    with acting(SYSTEM):
        PointProgramme.objects.filter(pk=programme.pk).update(until_at=NOW)

    programme.refresh_from_db()
    assert (programme.rate_bp, programme.until_at, programme.version) == (150, NOW, 3)


def test_what_a_marketplace_settles_earns_only_where_its_channel_says_so(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100)
    market = {"payment_method": PaymentMethod.MARKETPLACE}
    left(an_order(shop, (tea, 1), **market))
    assert lots() == []

    with acting(SYSTEM):
        SalesChannel.objects.filter(pk=shop.channel.pk).update(earns_points=True)
    left(an_order(shop, (tea, 1), **market))

    assert lots() == [(50, 50)]


def test_points_come_days_after_the_parcel_left(shop: Shop) -> None:
    a_programme(shop.company, 100, after_days=14)
    order = in_two_parcels(shop)
    left(order, 0)
    left(order, 1, at=AT + timedelta(days=3))
    due = PointsDue.objects.get()
    first, second = AT + timedelta(days=14), AT + timedelta(days=17)

    assert (lots(), due.order_id, due.due_at) == ([], order.pk, first)
    assert earn_due_points(actor=SYSTEM, at=first - timedelta(seconds=1)) == 0
    assert (earn_due_points(actor=SYSTEM, at=first), earn_due_points(actor=SYSTEM, at=first)) == (1, 0)
    assert (lots(), PointsDue.objects.get().due_at) == ([(50, 50)], second)
    assert (earn_due_points(actor=SYSTEM, at=second), earn_due_points(actor=SYSTEM, at=second)) == (1, 0)

    assert (lots(), PointsDue.objects.count()) == ([(50, 50), (50, 50)], 0)
    assert broken_promises() == []


def test_what_came_back_before_its_day_never_earns(shop: Shop) -> None:
    a_programme(shop.company, 100, after_days=14)
    order = in_two_parcels(shop)
    left(order)
    came_back(order, 1, 0)
    assert points_to_come([order.customer_id], at=AT) == 50

    earn_due_points(actor=SYSTEM, at=AT + timedelta(days=30))

    assert lots() == [(50, 50)]
    assert points_to_come([order.customer_id], at=AT + timedelta(days=30)) == 0


def test_an_exchange_keeps_the_points_and_a_dearer_one_adds_to_them(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100)
    order = an_order(shop, (tea, 1))
    left(order)

    case = came_back(order, 1, **_for(order, shop.variant(8_000)))
    assert case.exchange_order is not None
    before = lots()
    left(case.exchange_order)
    after = lots()
    came_back(case.exchange_order, 1)

    assert (before, after, lots()) == ([(50, 50)], [(50, 50), (30, 30)], [(50, 0), (30, 0)])
    assert broken_promises() == []


def _for(order: Order, variant: Variant) -> dict[str, Any]:
    ask = an_exchange(order, variant)
    return {"kind": ask.kind, "exchanges": ask.exchanges}


def test_an_exchange_that_is_cancelled_keeps_nothing(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100)
    order = an_order(shop, (tea, 1))
    left(order)
    case = came_back(order, 1, **_for(order, tea))
    assert case.exchange_order is not None
    assert lots() == [(50, 50)]

    cancel_orders([case.exchange_order.pk], actor=STAFF, at=NOW, reason="sold out")
    time_passes()

    assert lots() == [(50, 0)]


def test_a_parcel_nobody_took_earns_nothing_until_it_goes_once_more(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100)
    order = an_order(shop, (tea, 2))
    ship_shipments([Leaving(shipment_id=i) for i in parcels(order)], actor=STAFF, at=AT)
    time_passes()
    assert lots() == [(100, 100)]

    return_undelivered(parcels(order), reason="absent", actor=STAFF, at=NOW)
    time_passes()
    assert lots() == [(100, 0)]
    reship_undelivered([ReturnCase.objects.get().pk], actor=STAFF, at=NOW)
    again = ReturnCase.objects.get().exchange_order
    assert again is not None
    left(again, at=NOW)

    assert lots() == [(100, 0), (100, 100)]
    assert broken_promises() == []


def test_a_company_without_a_programme_costs_two_statements(shop: Shop, tea: Variant) -> None:
    order = an_order(shop, (tea, 1))
    left(order)

    with CaptureQueriesContext(connection) as spent:
        assert earn_points([order.pk], actor=SYSTEM, at=AT) == 0

    assert len([q for q in spent if "orders_" in q["sql"] or "customers_" in q["sql"]]) == 2
    assert points_of_orders([order.pk], at=AT) == {}


def test_fifty_orders_earn_by_as_many_statements_as_two(shop: Shop, tea: Variant) -> None:
    a_programme(shop.company, 100)

    def statements(count: int) -> int:
        orders = placed(*(a_draft(shop, (tea, 1)) for _ in range(count)))
        ids = [one.order_id for one in orders]
        ship_shipments(
            [Leaving(shipment_id=i) for i in Shipment.objects.filter(order__in=ids).values_list("id", flat=True)], actor=STAFF, at=AT
        )
        with CaptureQueriesContext(connection) as spent:
            assert earn_points(ids, actor=SYSTEM, at=AT) == count
        return len(spent)

    assert statements(2) == statements(50) <= 16
    assert PointLot.objects.count() == 52


@pytest.mark.parametrize("seed", range(10))
def test_whatever_leaves_and_comes_back_the_points_are_those_of_what_was_kept_less_what_was_spent(seed: int) -> None:
    chance = random.Random(seed)
    shop = a_shop(locations=3)
    rate = chance.choice([33, 100, 777])
    a_programme(shop.company, rate)
    a_fee(shop, 550)
    goods = [shop.variant(chance.randrange(1, 9_999), stock=[50 if n == at else 0 for n in range(3)]) for at in (0, 1, 2)]
    lines = [DraftLine(variant_id=one.pk, quantity=chance.randrange(1, 5)) for one in goods]
    off = (DraftDiscount(amount=chance.randrange(1, 200), source="coupon:A"),) if chance.random() < 0.5 else ()
    (done,) = placed(a_draft(shop, lines=tuple(lines), discounts=off) if off else a_draft(shop, lines=tuple(lines)))
    assert isinstance(done, Placed)
    order, spent = Order.objects.get(pk=done.order_id), 0

    for step in range(9):
        deed = chance.choice(["ship", "return", "spend", "again"])
        waiting = list(Shipment.objects.filter(order=order, status="planned").values_list("id", flat=True))
        there = list(Line.objects.filter(order=order).order_by("position"))
        free = [chance.randrange(0, line.shipped_quantity - line.returning_quantity + 1) for line in there]
        balance = sum(remaining for _granted, remaining in lots())
        if deed == "ship" and waiting:
            one = chance.choice(waiting)
            ship_shipments([Leaving(shipment_id=one)], actor=STAFF, at=AT)
            mark_delivered([one], actor=STAFF, at=DELIVERED)
            earn_points([order.pk], actor=SYSTEM, at=AT)
        elif deed == "return" and any(free):
            a_settled_case(asked(order, *free))
            earn_points([order.pk], actor=SYSTEM, at=AT)
        elif deed == "spend" and balance:
            points = chance.randrange(1, balance + 1)
            spend_points([Spend(customer_id=order.customer_id, points=points, reference="other", once_key=f"{step}")], actor=STAFF, at=NOW)
            spent += points
        else:
            earn_points([order.pk], actor=SYSTEM, at=AT)

        kept = sum(
            line.total * line.shipped_quantity // line.quantity - sum(line.return_lines.values_list("credited", flat=True))
            for line in Line.objects.filter(order=order)
        )
        assert sum(remaining for _granted, remaining in lots()) == max(0, kept * rate // 10_000 - spent)
    assert broken_promises() == []
