"""A picker finds fewer than was planned: the rest comes from elsewhere, or the operator is told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from core.db import acting, rows
from inventory.models import Allocation, Movement, RoutingRule, Stock, StockQuota
from inventory.queries import invariants as stock_promises
from inventory.rules import RoutingKind
from orders.models import Hold, Order, OrderNote, Shipment, ShipmentLine
from orders.operations import Leaving, Resourced, ShortPick, cancel_orders, release_holds, report_short_picks, ship_shipments
from orders.queries import invariants
from orders.rules import HoldKind
from tests.factories.inventory import a_quota, lots_of, the_item
from tests.factories.orders import AT, STAFF, a_shop, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


def told(parcel: Shipment, **found: int):
    (answer,) = report_short_picks(
        [ShortPick(shipment_id=parcel.pk, found=tuple(found.items()))], reason="棚になかった", actor=STAFF, at=AT + timedelta(hours=1)
    )
    return answer


def parcels(order: Order) -> list[tuple[str, str, list[int]]]:
    """Of every parcel where it leaves, its status, and how many of its lines it brings."""
    return [
        (parcel.location.code, parcel.status, list(parcel.lines.order_by("pk").values_list("quantity", flat=True)))
        for parcel in Shipment.objects.filter(order=order).select_related("location").order_by("pk")
    ]


def shelves(item) -> dict[str, tuple[int, ...]]:
    """On hand, sellable, in quarantine and allocated by location."""
    return {
        stock.location.code: (stock.on_hand, stock.sellable, stock.quarantine, stock.allocated)
        for stock in Stock.objects.filter(stock_item=the_item(item)).select_related("location")
    }


def everything() -> tuple[object, ...]:
    return (
        list(Stock.objects.order_by("pk").values()), list(Allocation.objects.order_by("pk").values()), Movement.objects.count(),
        list(ShipmentLine.objects.order_by("pk").values()), list(Shipment.objects.order_by("pk").values("status", "location")),
        Hold.objects.count(), OrderNote.objects.count(),
    )  # fmt: skip


def test_what_the_picker_did_not_find_comes_from_another_location_in_a_parcel_of_its_own():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9, 0])
    east, west = (place.code for place in shop.locations[:2])
    order = an_order(shop, (tea, 4))

    answer = told(Shipment.objects.get(order=order), **{the_item(tea).code: 1})

    assert answer == Resourced(shipment_id=Shipment.objects.order_by("pk").first().pk, order_id=order.pk, elsewhere=3)
    assert parcels(order) == [(east, "planned", [1]), (west, "planned", [3])]
    assert shelves(tea) == {east: (5, 2, 3, 1), west: (9, 9, 0, 3), shop.locations[2].code: (0, 0, 0, 0)}
    assert not Hold.objects.exists()
    assert OrderNote.objects.get().body.startswith(f"{tea.sku} × 3")


def test_saying_it_again_changes_nothing():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    order = an_order(shop, (tea, 4))
    parcel = Shipment.objects.get(order=order)
    for found in (1, 0):
        told(parcel, **{the_item(tea).code: found})
        before = everything()

        again = told(parcel, **{the_item(tea).code: found})

        assert (again.repeated, everything()) == (True, before)


def test_a_parcel_of_which_nothing_was_found_is_cancelled_and_another_takes_its_place():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    order = an_order(shop, (tea, 4))

    told(Shipment.objects.get(order=order), **{the_item(tea).code: 0})

    assert parcels(order) == [(shop.locations[0].code, "cancelled", []), (shop.locations[1].code, "planned", [4])]
    assert list(Allocation.objects.order_by("pk").values_list("quantity", "status")) == [(4, "released"), (4, "open")]


def test_the_operator_is_told_what_is_nowhere_to_be_had_and_the_order_waits():
    shop = a_shop()
    tea, cup = shop.variant(1_080, stock=[5, 2]), shop.variant(500, stock=[5, 5])
    order = an_order(shop, (tea, 4), (cup, 1))

    answer = told(Shipment.objects.get(order=order), **{the_item(tea).code: 1})

    order.refresh_from_db()
    assert (answer.elsewhere, answer.missing) == (0, 3)
    assert parcels(order) == [(shop.locations[0].code, "planned", [1, 1])]
    assert shelves(tea) == {shop.locations[0].code: (5, 2, 3, 1), shop.locations[1].code: (2, 2, 0, 0)}
    assert order.open_holds == 1
    assert Hold.objects.values_list("kind", "reason").get() == ("short", f"{tea.sku} × 3")  # no words: whoever looks reads their own


def test_whoever_looks_at_a_hold_reads_why_in_their_own_language():
    shown = {}
    for language in ("ja", "en"):
        with translation.override(language):
            shown[language] = gettext(HoldKind.labels()[HoldKind.SHORT])

    assert shown == {"ja": "ピッキング時に見つからず、ほかの場所にもない", "en": "Not found when picking, and nowhere else"}


def test_an_order_of_which_units_are_nowhere_is_partly_shipped_when_its_parcel_has_left():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 2])
    order = an_order(shop, (tea, 4))
    parcel = Shipment.objects.get(order=order)
    told(parcel, **{the_item(tea).code: 1})
    release_holds([order.pk], reason="残りは入荷待ち", actor=STAFF, at=AT + timedelta(hours=2))

    ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT + timedelta(hours=3))

    order.refresh_from_db()
    assert (order.status, order.fulfilment_status) == ("confirmed", "partly_shipped")


def test_an_order_of_which_nothing_was_found_anywhere_waits_for_goods():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5])
    order = an_order(shop, (tea, 4))

    told(Shipment.objects.get(order=order), **{the_item(tea).code: 0})
    release_holds([order.pk], reason="入荷待ち", actor=STAFF, at=AT + timedelta(hours=2))

    order.refresh_from_db()
    assert (order.status, order.fulfilment_status) == ("confirmed", "waiting")


def test_an_order_whose_rest_came_from_elsewhere_is_shipped_when_both_parcels_have_left():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    order = an_order(shop, (tea, 4))
    told(Shipment.objects.get(order=order), **{the_item(tea).code: 1})

    leaving = [Leaving(shipment_id=key) for key in Shipment.objects.filter(order=order).values_list("pk", flat=True)]
    ship_shipments(leaving, actor=STAFF, at=AT + timedelta(hours=3))

    order.refresh_from_db()
    assert order.fulfilment_status == "shipped"


def test_a_parcel_named_twice_in_one_report_is_cut_once():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    parcel = Shipment.objects.get(order=an_order(shop, (tea, 4)))
    code = the_item(tea).code

    first, second = report_short_picks(
        [ShortPick(shipment_id=parcel.pk, found=((code, found),)) for found in (1, 2)], reason="棚になかった", actor=STAFF, at=AT
    )

    assert (first.elsewhere, second.code) == (3, "order.parcel_twice")
    assert shelves(tea)[shop.locations[0].code] == (5, 2, 3, 1)
    assert [quantities for _place, _status, quantities in parcels(Order.objects.get())] == [[1], [3]]


def test_an_item_named_twice_is_refused_and_changes_nothing():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    parcel = Shipment.objects.get(order=an_order(shop, (tea, 4)))
    code = the_item(tea).code
    before = everything()

    (refused,) = report_short_picks([ShortPick(shipment_id=parcel.pk, found=((code, 1), (code, 2)))], reason="x", actor=STAFF, at=AT)

    assert (refused.code, everything()) == ("order.item_twice", before)


def test_two_parcels_of_one_line_are_made_good_together():
    shop = a_shop(locations=4)
    tea = shop.variant(1_080, stock=[3, 3, 0, 9])
    with acting(STAFF):
        fourth = RoutingRule.objects.create(company=shop.company, position=1, kind=RoutingKind.EXCLUDE, location=shop.locations[3])
    order = an_order(shop, (tea, 6))
    with acting(STAFF):
        fourth.delete()
    east, west = Shipment.objects.filter(order=order).order_by("pk")
    code = the_item(tea).code

    answers = report_short_picks(
        [ShortPick(shipment_id=east.pk, found=((code, 1),)), ShortPick(shipment_id=west.pk, found=((code, 2),))],
        reason="棚になかった", actor=STAFF, at=AT,
    )  # fmt: skip

    assert [(answer.elsewhere, answer.missing) for answer in answers] == [(2, 0), (1, 0)]
    assert [quantities for _place, _status, quantities in parcels(order)] == [[1], [2], [3]]
    assert OrderNote.objects.get().body.startswith(f"{tea.sku} × 3 → ")


@pytest.mark.parametrize("stock", [[40, 40], [40, 0]], ids=["from elsewhere", "nowhere"])
def test_a_short_pick_of_many_lines_takes_as_many_statements_as_one_of_one_line(stock):
    shop = a_shop()
    counts = []
    for lines in (1, 20):
        teas = [shop.variant(1_080, stock=stock) for _ in range(lines)]
        order = an_order(shop, *((tea, 2) for tea in teas))
        found = tuple((the_item(tea).code, 0) for tea in teas)
        with CaptureQueriesContext(connection) as queries:
            (answer,) = report_short_picks(
                [ShortPick(shipment_id=Shipment.objects.get(order=order).pk, found=found)], reason="棚になかった", actor=STAFF, at=AT
            )
        assert answer.elsewhere + answer.missing == 2 * lines
        counts.append(len(queries))

    assert counts[1] == counts[0] <= 45


def test_the_operators_rules_of_routing_decide_where_the_rest_comes_from():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9, 9])
    with acting(STAFF):
        RoutingRule.objects.create(company=shop.company, position=1, kind=RoutingKind.EXCLUDE, location=shop.locations[1])
    order = an_order(shop, (tea, 4))

    told(Shipment.objects.get(order=order), **{the_item(tea).code: 3})

    assert parcels(order)[1:] == [(shop.locations[2].code, "planned", [1])]


def test_a_cancelled_order_gives_everything_back_wherever_it_came_from():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    order = an_order(shop, (tea, 4))
    told(Shipment.objects.get(order=order), **{the_item(tea).code: 1})

    cancel_orders([order.pk], reason="x", actor=STAFF, at=AT)

    assert shelves(tea) == {shop.locations[0].code: (5, 2, 3, 0), shop.locations[1].code: (9, 9, 0, 0)}


def test_missing_pieces_of_a_quota_make_it_smaller_and_missing_lots_go_into_quarantine_by_name():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[0, 0])
    item = the_item(tea)
    type(item).objects.filter(pk=item.pk).update(is_lot_tracked=True)
    Stock.objects.filter(stock_item=item).update(has_lots=True)
    item.refresh_from_db()
    shelf = lots_of(item, shop.locations[0], OLD=(3, AT.date() + timedelta(days=20)), NEW=(3, AT.date() + timedelta(days=90)))
    lots_of(item, shop.locations[1], ELSE=(9, AT.date() + timedelta(days=90)))
    quota = a_quota(shelf, shop.channel, 5)
    order = an_order(shop, (tea, 4))
    assert Allocation.objects.get().quota_quantity == 4

    told(Shipment.objects.get(order=order), **{item.code: 3})

    assert Stock.objects.get(pk=shelf.pk).quarantine == 1
    assert StockQuota.objects.values_list("quantity", "remaining").get(pk=quota.quota_id) == (4, 1)
    assert list(Allocation.objects.order_by("pk").values_list("quantity", "quota_quantity")) == [(3, 3), (1, 0)]


@pytest.mark.parametrize(
    ("item", "found", "code"), [("NOTHING", 1, "order.not_in_parcel"), (None, -1, "order.not_in_parcel")], ids=["foreign", "negative"]
)
def test_what_cannot_be_so_is_refused_and_changes_nothing(item, found, code):
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    parcel = Shipment.objects.get(order=an_order(shop, (tea, 4)))
    before = everything()

    refused = told(parcel, **{item or the_item(tea).code: found})

    assert (refused.code, everything()) == (code, before)


def test_a_parcel_that_has_left_is_not_picked_any_more():
    from tests.factories.orders import a_shipped_order

    order = a_shipped_order()
    before = everything()

    refused = told(Shipment.objects.filter(order=order).first(), ANY=0)

    assert (refused.code, everything()) == ("order.already_shipped", before)


def test_a_parcel_that_a_warehouse_was_told_to_ship_is_taken_back_first():
    shop = a_shop()
    tea = shop.variant(1_080, stock=[5, 9])
    parcel = Shipment.objects.get(order=an_order(shop, (tea, 4)))
    Shipment.objects.filter(pk=parcel.pk).update(status="instructed")
    before = everything()

    refused = told(parcel, **{the_item(tea).code: 1})

    assert (refused.code, everything()) == ("order.instructed", before)
    Shipment.objects.filter(pk=parcel.pk).update(status="planned")  # nobody was really told
