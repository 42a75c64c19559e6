"""A planned parcel is made two, by hand or by temperature; its stock goes along, and nothing is promised twice."""

from datetime import timedelta

import pytest

from billing.models import Invoice
from core.db import rows
from core.errors import Refusal
from inventory.models import Allocation, Component, Movement, Pick, Stock, StockItem, StockQuota
from inventory.queries import invariants as stock_promises
from orders.models import Hold, Order, Shipment, ShipmentLine
from orders.operations import (
    Leaving,
    ShortPick,
    Split,
    SplitParcel,
    cancel_orders,
    combine_shipments,
    pick_shipments,
    report_short_picks,
    ship_shipments,
    split_shipments,
    write_labels,
)
from orders.queries import invariants
from tests.factories.inventory import a_quota, a_stock_item, the_item
from tests.factories.orders import AT, STAFF, a_contract, a_shop, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop(locations=2)


def split(order: Order, *wanted: tuple[int, int], key: str = "a", number: int = 1):
    """So many units of the lines at these positions leave the order's parcel by themselves; without any, by temperature."""
    lines = dict(order.lines.values_list("position", "public_id"))
    parcel = Shipment.objects.filter(order=order).order_by("pk")[number - 1]
    ask = SplitParcel(shipment_id=parcel.pk, take=tuple((lines[at], units) for at, units in wanted), once_key=key)
    (answer,) = split_shipments([ask], actor=STAFF, at=AT)
    return answer


def parcels(order: Order) -> dict[str, list[tuple[str, int, int]]]:
    """By parcel its lines, units and pieces."""
    found: dict[str, list[tuple[str, int, int]]] = {p.number: [] for p in Shipment.objects.filter(order=order).order_by("pk")}
    for line in (
        ShipmentLine.objects.filter(shipment__order=order).select_related("line", "shipment", "allocation").order_by("line__position", "pk")
    ):
        found[line.shipment.number].append((line.line.sku, line.quantity, line.allocation.quantity))
    return found


def everything():
    return [list(m.objects.order_by("pk").values()) for m in (Order, Shipment, ShipmentLine, Allocation, Stock, StockQuota, Movement)]


def test_lines_and_quantities_leave_in_a_parcel_of_their_own(shop):
    tea, cup = shop.variant(1_080, stock=[9]), shop.variant(500, stock=[9])
    order = an_order(shop, (tea, 5), (cup, 1))
    shelves = list(Stock.objects.order_by("pk").values("on_hand", "sellable", "allocated"))

    answer = split(order, (1, 2), (2, 1))

    first, second = f"{order.number}-1", f"{order.number}-2"
    assert isinstance(answer, Split)
    assert (answer.made, answer.repeated) == ((second,), False)
    assert parcels(order) == {first: [(tea.sku, 3, 3)], second: [(tea.sku, 2, 2), (cup.sku, 1, 1)]}
    assert list(Stock.objects.order_by("pk").values("on_hand", "sellable", "allocated")) == shelves
    order.refresh_from_db()
    assert (order.status, order.fulfilment_status) == ("confirmed", "planned")


def test_each_part_is_shipped_and_invoiced_at_its_share_to_the_yen(shop):
    order = an_order(shop, (shop.variant(333, stock=[9]), 3))
    split(order, (1, 1))
    one, other = Shipment.objects.order_by("pk").values_list("pk", flat=True)

    ship_shipments([Leaving(shipment_id=other)], actor=STAFF, at=AT)
    order.refresh_from_db()
    assert order.fulfilment_status == "partly_shipped"
    ship_shipments([Leaving(shipment_id=one)], actor=STAFF, at=AT)

    order.refresh_from_db()
    assert (order.fulfilment_status, sum(Invoice.objects.values_list("total", flat=True))) == ("shipped", order.total)
    assert Stock.objects.filter(allocated__gt=0).count() == 0


def test_the_same_wish_again_changes_nothing_and_another_splits_once_more(shop):
    order = an_order(shop, (shop.variant(1_080, stock=[9]), 5))
    first = split(order, (1, 2))
    before = everything()

    again = split(order, (1, 2))

    assert (again.made, again.repeated, everything()) == (first.made, True, before)
    third = split(order, (1, 2), key="b")
    assert [lines[0][1] for lines in parcels(order).values()] == [1, 2, 2]
    assert third.made == (f"{order.number}-3",)
    assert sorted(Allocation.objects.values_list("part", "quantity")) == [(0, 1), (1, 2), (2, 2)]


def test_what_cannot_be_split_is_refused_and_nothing_changes(shop):
    order = an_order(shop, (shop.variant(1_080, stock=[9]), 5))
    parcel = Shipment.objects.get()
    before = everything()

    assert split(order, (1, 6)).code == "order.line_not_in_parcel"
    assert split(order, (1, 5)).code == "order.nothing_stays"
    assert split(order, (1, 3), (1, 3)).code == "order.line_not_in_parcel"
    (unknown,) = split_shipments([SplitParcel(shipment_id=0)], actor=STAFF, at=AT)
    assert unknown.code == "order.not_found"
    assert everything() == before
    other = an_order(shop, (shop.variant(500, stock=[9]), 2), customer_id=order.customer_id, payment_method="deferred")
    (box,) = combine_shipments([[parcel.pk, Shipment.objects.get(order=other).pk]], actor=STAFF, at=AT)
    assert not isinstance(box, Refusal), box
    assert split(order, (1, 1)).code == "order.in_a_box"
    cancel_orders([order.pk], reason="不要", actor=STAFF, at=AT)
    assert split(order, (1, 1)).code == "order.cancelled"
    ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=other).pk)], actor=STAFF, at=AT)
    assert split(other, (1, 1)).code == "order.already_shipped"


def test_goods_of_other_temperatures_leave_by_themselves(shop):
    tea, cake, ice, cup = (shop.variant(price, stock=[9]) for price in (1_080, 800, 700, 500))
    for variant, zone in ((tea, "ambient"), (cake, "chilled"), (ice, "frozen"), (cup, "ambient")):
        StockItem.objects.filter(pk=the_item(variant).pk).update(temperature_zone=zone)
    order = an_order(shop, (tea, 1), (cake, 2), (ice, 3), (cup, 1))

    answer = split(order)
    before = everything()
    again = split(order)

    assert len(answer.made) == 2
    assert [[line[0] for line in lines] for lines in parcels(order).values()] == [[tea.sku, cup.sku], [cake.sku], [ice.sku]]
    assert (again.made, again.repeated, everything()) == ((), True, before)


def test_a_set_goes_by_whole_sets_and_never_in_two_temperatures(shop):
    gift = shop.variant(3_000, stock=[20])
    extra = a_stock_item(shop.company, "EXTRA")
    from tests.factories.inventory import stock_of

    stock_of(extra, shop.locations[0], 20)
    Component.objects.create(variant=gift, stock_item=extra, quantity=2)
    order = an_order(shop, (gift, 4))

    split(order, (1, 1))

    assert [sorted(line[1:] for line in lines) for lines in parcels(order).values()] == [[(3, 3), (3, 6)], [(1, 1), (1, 2)]]
    StockItem.objects.filter(pk=extra.pk).update(temperature_zone="chilled")
    assert split(order).code == "order.set_of_two_zones"


def test_what_was_drawn_from_a_quota_stays_drawn(shop):
    tea = shop.variant(1_080, stock=[9])
    quota = a_quota(Stock.objects.get(stock_item=the_item(tea), location=shop.locations[0]), shop.channel, 3)
    order = an_order(shop, (tea, 5))
    drawn = list(Allocation.objects.values_list("quota_quantity", flat=True))

    split(order, (1, 3))

    assert drawn == [3]
    assert sorted(Allocation.objects.values_list("quantity", "quota_quantity")) == [(2, 2), (3, 1)]
    assert quota is not None


def test_a_part_of_which_too_few_are_found_is_sourced_like_any_parcel(shop):
    tea = shop.variant(1_080, stock=[5, 5])
    order = an_order(shop, (tea, 4))
    split(order, (1, 2))
    second = Shipment.objects.order_by("pk").last()

    (answer,) = report_short_picks(
        [ShortPick(shipment_id=second.pk, found=((the_item(tea).code, 1),))], reason="なし", actor=STAFF, at=AT + timedelta(hours=1)
    )

    assert (answer.elsewhere, answer.missing) == (1, 0)
    assert [line[0][1] for line in parcels(order).values()] == [2, 1, 1]


def test_a_label_that_was_made_before_is_to_be_made_anew(shop):
    a_contract(shop)
    order = an_order(shop, (shop.variant(1_080, stock=[9]), 5))
    write_labels([Shipment.objects.get().pk], carrier="yamato", actor=STAFF, at=AT)

    split(order, (1, 2))

    assert Hold.objects.get().order_id == order.pk
    assert pick_shipments([Shipment.objects.order_by("pk").first().pk], actor=STAFF, at=AT)
    assert Pick.objects.count() == 0
