"""Boxes are inspected by scan: what does not belong is refused, and where it is wanted nothing leaves without."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.rules import PaymentMethod
from core.db import rows
from inventory.queries import invariants as stock_promises
from orders.models import Inspection, InspectionScan, ParcelInspected, Shipment
from orders.operations import (
    Inspected,
    Leaving,
    Shipped,
    SplitParcel,
    combine_shipments,
    discard_inspection,
    finish_inspection,
    open_inspection,
    raise_holds,
    scan_piece,
    ship_shipments,
    split_shipments,
    undo_scan,
)
from orders.queries import invariants
from orders.rules import HoldKind
from tests.factories.inventory import a_stock_item, lots_of
from tests.factories.orders import AT, STAFF, a_known_customer, a_shop, an_insert_rule, an_inspection_policy, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)
COUNT = iter(range(10_000))


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def parcel(shop):
    tea, cup = shop.variant(sku="TEA", jan="4901234567894", stock=[10]), shop.variant(sku="CUP", stock=[10])
    return Shipment.objects.get(order=an_order(shop, (tea, 2), (cup, 1), payment_method=PaymentMethod.POINTS))


def opened(parcel) -> Inspected:
    found = open_inspection(parcel.pk, actor=STAFF, at=AT)
    assert isinstance(found, Inspected), found
    return found


def scanned(ref, *codes, lot="", once=None) -> list[str]:
    """What was said to each scan: a code of refusal, or nothing."""
    said = []
    for code in codes:
        answer = scan_piece(ref, code, once_key=once or f"k{next(COUNT)}", lot=lot, company_id=None, actor=STAFF, at=AT)
        fault = answer.fault if isinstance(answer, Inspected) else answer
        said.append(fault.code if fault else "")
    return said


def finished(ref, at=LATER):
    return finish_inspection(ref, company_id=None, actor=STAFF, at=at)


def shipped(parcel):
    (answer,) = ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=LATER)
    return answer


def test_a_box_is_counted_up_and_finished_by_somebody_at_some_time(shop, parcel):
    leaflet = an_insert_rule(shop).stock_item.code
    ref = opened(parcel).view.ref

    assert scanned(ref, "4901234567894", "TEA", "CUP") == ["", "", ""]
    assert finished(ref).code == "order.inspection_incomplete"
    assert scanned(ref, leaflet) == [""]
    done = finished(ref)

    assert isinstance(done, Inspected)
    seen = ParcelInspected.objects.get()
    assert (seen.shipment, seen.pieces, seen.actor_label, seen.at) == (parcel, 4, STAFF.label, LATER)
    parcel.refresh_from_db()
    assert parcel.inspected_at == LATER
    again = finished(ref)
    assert (again.repeated, ParcelInspected.objects.count()) == (True, 1)
    assert open_inspection(parcel.pk, actor=STAFF, at=LATER).code == "order.inspected_already"


def test_wrong_too_many_and_unknown_are_refused_and_written_down_but_count_for_nothing(shop, parcel):
    shop.variant(sku="POT", stock=[3])
    ref = opened(parcel).view.ref

    said = scanned(ref, "POT", "CUP", "CUP", "9999999999994", "tea")

    assert said == ["order.not_in_box", "", "order.too_many_in_box", "order.unknown_code", ""]
    assert [(one.code, one.quantity, one.fault) for one in InspectionScan.objects.order_by("pk")] == [
        ("POT", 0, "order.not_in_box"), ("CUP", 1, ""), ("CUP", 0, "order.too_many_in_box"), ("9999999999994", 0, "order.unknown_code"), ("tea", 1, ""),
    ]  # fmt: skip


def test_the_last_piece_is_taken_back_and_a_scan_sent_twice_counts_once(parcel):
    ref = opened(parcel).view.ref
    scanned(ref, "CUP", "TEA")

    undone = undo_scan(ref, once_key="u1", company_id=None, actor=STAFF, at=AT)
    repeated = undo_scan(ref, once_key="u1", company_id=None, actor=STAFF, at=AT)

    assert (undone.view.done, repeated.view.done, repeated.repeated) == (1, 1, True)
    scanned(ref, "TEA", once="same")
    scanned(ref, "TEA", once="same")
    assert opened(parcel).view.done == 2
    undo_scan(ref, once_key="u2", company_id=None, actor=STAFF, at=AT)
    undo_scan(ref, once_key="u3", company_id=None, actor=STAFF, at=AT)
    assert undo_scan(ref, once_key="u4", company_id=None, actor=STAFF, at=AT).code == "order.nothing_to_undo"


def test_a_lot_that_was_not_picked_is_refused_and_one_of_several_must_be_told(shop):
    item = a_stock_item(shop.company, "MATCHA", is_lot_tracked=True)
    variant = shop.variant(sku="MATCHA-V", stock=[0])
    variant.components = None
    rows("UPDATE inventory_component SET stock_item_id = %s WHERE variant_id = %s RETURNING id", (item.pk, variant.pk))
    lots_of(item, shop.locations[0], A1=(1, date(2026, 9, 1)), B2=(5, date(2026, 12, 1)))
    parcel = Shipment.objects.get(order=an_order(shop, (variant, 3), payment_method=PaymentMethod.POINTS))
    ref = opened(parcel).view.ref

    assert scanned(ref, "MATCHA") == ["order.scan_the_lot"]
    assert scanned(ref, "MATCHA", lot="C3") == ["order.wrong_lot"]
    assert scanned(ref, "MATCHA", lot="A1") == [""]
    assert scanned(ref, "A1") == ["order.too_many_of_lot"]
    assert scanned(ref, "B2", "B2") == ["", ""]
    assert isinstance(finished(ref), Inspected)


def test_where_it_is_wanted_nothing_leaves_before_by_any_way(shop, parcel):
    an_inspection_policy(shop)

    assert shipped(parcel).code == "order.not_inspected"
    with pytest.raises(DatabaseError, match="was not inspected"), transaction.atomic():
        Shipment.objects.filter(pk=parcel.pk).update(status="shipped")
    ref = opened(parcel).view.ref
    scanned(ref, "TEA", "TEA", "CUP")
    finished(ref)
    assert isinstance(shipped(parcel), Shipped)


def test_the_policy_of_a_location_stands_before_that_of_the_company(shop, parcel):
    an_inspection_policy(shop)
    an_inspection_policy(shop, location=shop.locations[0], is_required=False)

    assert isinstance(shipped(parcel), Shipped)


def test_what_changed_since_it_was_inspected_is_inspected_again(shop, parcel):
    an_inspection_policy(shop)
    ref = opened(parcel).view.ref
    scanned(ref, "TEA", "TEA", "CUP")
    finished(ref)
    cup = parcel.lines.get(line__sku="CUP").line
    split_shipments([SplitParcel(shipment_id=parcel.pk, take=((cup.public_id, 1),), once_key="x")], actor=STAFF, at=LATER)

    assert shipped(parcel).code == "order.changed_since_inspected"

    ref = opened(parcel).view.ref
    scanned(ref, "TEA", "TEA")
    finished(ref)
    assert isinstance(shipped(parcel), Shipped)


def test_a_box_is_inspected_as_a_whole(shop):
    an_inspection_policy(shop)
    buyer, tea = a_known_customer(shop), shop.variant(sku="TEA", stock=[10])
    given = {"customer_id": buyer.pk, "payment_method": PaymentMethod.POINTS}
    first, second = (Shipment.objects.get(order=an_order(shop, (tea, n), **given)) for n in (1, 2))
    combine_shipments([[first.pk, second.pk]], actor=STAFF, at=AT)

    ref = opened(second).view.ref
    assert opened(first).view.ref == ref
    assert scanned(ref, "TEA", "TEA", "TEA", "TEA") == ["", "", "", "order.too_many_in_box"]
    finished(ref)

    assert [seen.pieces for seen in ParcelInspected.objects.order_by("shipment")] == [1, 2]
    assert isinstance(shipped(first), Shipped)
    assert Shipment.objects.get(pk=second.pk).status == "shipped"


def test_a_box_that_changed_while_it_was_inspected_is_begun_anew(shop, parcel):
    ref = opened(parcel).view.ref
    scanned(ref, "TEA", "TEA", "CUP")
    cup = parcel.lines.get(line__sku="CUP").line
    split_shipments([SplitParcel(shipment_id=parcel.pk, take=((cup.public_id, 1),), once_key="x")], actor=STAFF, at=LATER)

    assert finished(ref).code == "order.box_changed"
    anew = opened(parcel).view
    assert (anew.ref != ref, anew.done, Inspection.objects.get(public_id=ref).status) == (True, 0, "discarded")


def test_a_held_parcel_is_not_inspected_and_one_that_is_given_up_counts_no_more(parcel):
    ref = opened(parcel).view.ref
    discard_inspection(ref, company_id=None, actor=STAFF, at=AT)
    assert scanned(ref, "TEA") == ["order.inspection_ended"]
    assert finished(ref).code == "order.inspection_ended"

    raise_holds([parcel.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)
    assert open_inspection(parcel.pk, actor=STAFF, at=AT).code == "order.on_hold"
    assert finish_inspection(ref, company_id=-1, actor=STAFF, at=AT).code == "order.no_inspection"


def test_scans_only_grow(parcel):
    scanned(opened(parcel).view.ref, "TEA")

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        InspectionScan.objects.update(quantity=5)


def test_shipping_without_policies_and_inserts_costs_no_statement_more(shop, parcel):
    other = Shipment.objects.get(order=an_order(shop, payment_method=PaymentMethod.POINTS))
    shipped(other)

    with CaptureQueriesContext(connection) as queries:
        shipped(parcel)

    told = [q["sql"] for q in queries]
    assert not [sql for sql in told if "orders_shipmentinsert" in sql or "orders_parcelinspected" in sql]


def test_a_refused_scan_that_is_sent_again_is_refused_again(shop, parcel):
    shop.variant(sku="POT", stock=[3])
    ref = opened(parcel).view.ref

    said = [scanned(ref, code, once=f"lost-{code}") for code in ("POT", "POT", "unknown", "unknown")]

    assert said == [["order.not_in_box"], ["order.not_in_box"], ["order.unknown_code"], ["order.unknown_code"]]
    assert InspectionScan.objects.count() == 2
    assert opened(parcel).view.done == 0


def test_what_was_refused_stays_refused_to_the_same_scan_though_it_would_fit_by_now(shop, parcel):
    ref = opened(parcel).view.ref
    scanned(ref, "CUP")
    assert scanned(ref, "CUP", once="lost") == ["order.too_many_in_box"]
    undo_scan(ref, once_key="u1", company_id=None, actor=STAFF, at=AT)

    assert scanned(ref, "CUP", once="lost") == ["order.too_many_in_box"]
    assert opened(parcel).view.done == 0
    assert scanned(ref, "CUP") == [""]


def test_other_lots_named_at_shipping_than_were_scanned_are_inspected_again(shop):
    an_inspection_policy(shop)
    item = a_stock_item(shop.company, "MATCHA", is_lot_tracked=True)
    variant = shop.variant(sku="MATCHA-V", stock=[0])
    rows("UPDATE inventory_component SET stock_item_id = %s WHERE variant_id = %s RETURNING id", (item.pk, variant.pk))
    lots_of(item, shop.locations[0], A1=(1, date(2026, 9, 1)), B2=(5, date(2026, 12, 1)))
    parcel = Shipment.objects.get(order=an_order(shop, (variant, 1), payment_method=PaymentMethod.POINTS))
    ref = opened(parcel).view.ref
    scanned(ref, "MATCHA", lot="A1")
    finished(ref)
    allocation = parcel.lines.get().allocation_id

    (other,) = ship_shipments([Leaving(shipment_id=parcel.pk, lots={allocation: (("B2", 1),)})], actor=STAFF, at=LATER)
    (same,) = ship_shipments([Leaving(shipment_id=parcel.pk, lots={allocation: (("A1", 1),)})], actor=STAFF, at=LATER)

    assert other.code == "order.changed_since_inspected"
    assert isinstance(same, Shipped), same
