"""Parcels of several orders of one buyer travel in one box: proposed, combined, parted, and sharing their fate from then on."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice
from billing.rules import PaymentMethod
from core.db import rows
from core.errors import Refusal
from inventory.models import ExchangeFile, StockItem
from inventory.queries import invariants as stock_promises
from inventory.rules import FilePlace, FileRow
from orders.models import Hold, Order, Shipment, ShipmentInstruction, ShipmentLabel
from orders.operations import (
    Changed,
    Combined,
    Confirming,
    Leaving,
    Parted,
    Shipped,
    SplitParcel,
    accept_instructions,
    cancel_orders,
    combine_shipments,
    confirm_change,
    instruct_shipments,
    mark_delivered,
    open_change,
    pack_shipments,
    part_shipments,
    raise_holds,
    release_holds,
    return_undelivered,
    ship_shipments,
    split_shipments,
    take_label_numbers,
    withdraw_instructions,
    write_labels,
)
from orders.queries import box_of_shipment, invariants, label_carriers, proposed_boxes
from orders.rules import ChangeItem, ChangeKind, DraftDestination, HoldKind, LineInParcel, lines_meant
from tests.factories.orders import AT, STAFF, a_contract, a_fee, a_known_customer, a_place, a_shop, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop(locations=2)


@pytest.fixture
def buyer(shop):
    return a_known_customer(shop)


def bought(shop, buyer, *, variant=None, place=None, method=PaymentMethod.POINTS, wished_on=None, time_band="", **given) -> Shipment:
    """A parcel of one order."""
    to = DraftDestination(place=place or a_place(), wished_on=wished_on, time_band=time_band)
    order = an_order(
        shop, (variant or shop.variant(1_080, stock=[10]), 1), customer_id=buyer.pk, destinations=(to,), payment_method=method, **given
    )
    return Shipment.objects.get(order=order)


def combined(*parcels) -> Combined:
    (answer,) = combine_shipments([[p.pk for p in parcels]], actor=STAFF, at=AT)
    assert isinstance(answer, Combined), answer
    return answer


def refused(*parcels) -> str:
    (answer,) = combine_shipments([[p.pk for p in parcels]], actor=STAFF, at=AT)
    assert isinstance(answer, Refusal), answer
    return answer.code


def proposed(shop) -> list[list[int]]:
    return [[p.shipment_id for p in one.parcels] for one in proposed_boxes([shop.company.pk])]


def states(*parcels) -> list[str]:
    return [Shipment.objects.get(pk=p.pk).status for p in parcels]


@pytest.fixture
def two(shop, buyer):
    return bought(shop, buyer, method=PaymentMethod.DEFERRED), bought(shop, buyer, method=PaymentMethod.DEFERRED)


@pytest.fixture
def boxed(two):
    combined(*two)
    return two


def test_orders_of_one_buyer_to_one_address_are_proposed_however_it_was_typed(shop, buyer):
    usual = {"method": PaymentMethod.DEFERRED}
    first = bought(shop, buyer, **usual)
    second = bought(shop, buyer, place=a_place(postal_code="１０１００５１", street="神田神保町１－１"), **usual)
    bought(shop, buyer, place=a_place(street="神田神保町1-2"), **usual)
    bought(shop, a_known_customer(shop), **usual)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = proposed(shop)

    assert (found, len(asked)) == ([[first.pk, second.pk]], 1)


@pytest.mark.parametrize("why", ["hold", "apart", "cancelled", "unpaid", "labelled", "location"])
def test_what_may_not_leave_together_is_not_proposed(shop, buyer, why):
    _first, second = bought(shop, buyer, method=PaymentMethod.DEFERRED), None
    if why == "location":
        second = bought(shop, buyer, variant=shop.variant(500, stock=[0, 5]), method=PaymentMethod.DEFERRED)
    else:
        method = PaymentMethod.BANK_TRANSFER if why == "unpaid" else PaymentMethod.DEFERRED
        second = bought(shop, buyer, method=method)
    if why == "hold":
        raise_holds([second.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)
    if why == "apart":
        part_shipments([second.pk], actor=STAFF, at=AT)
    if why == "cancelled":
        cancel_orders([second.order_id], reason="不要", actor=STAFF, at=AT)
    if why == "labelled":
        a_contract(shop)
        write_labels([second.pk], carrier="yamato", actor=STAFF, at=AT)

    assert proposed(shop) == []


def test_combined_parcels_share_a_box_and_the_operator_is_told_what_postage_is_not_needed(shop, buyer):
    a_fee(shop, 600)
    one, other = bought(shop, buyer, method=PaymentMethod.DEFERRED), bought(shop, buyer, method=PaymentMethod.DEFERRED)
    totals = list(Order.objects.order_by("pk").values_list("total", flat=True))
    (proposal,) = proposed_boxes([shop.company.pk])

    answer = combined(one, other)

    assert (proposal.postage, answer.spare_postage, answer.repeated) == (600, 600, False)
    assert [m.number for m in box_of_shipment(other.pk)] == [one.number, other.number]
    assert list(Order.objects.order_by("pk").values_list("total", flat=True)) == totals  # what was agreed stands
    assert proposed(shop) == []


def test_combining_again_changes_nothing_and_a_third_joins(shop, buyer, two):
    first = combined(*two)
    before = list(Shipment.objects.order_by("pk").values())

    again = combined(*reversed(two))

    assert (again.repeated, again.box, list(Shipment.objects.order_by("pk").values())) == (True, first.box, before)
    third = bought(shop, buyer, method=PaymentMethod.DEFERRED)
    assert proposed(shop) == [[*(p.pk for p in two), third.pk]]
    joined = combined(third, two[0])
    assert (joined.box, joined.shipment_ids) == (first.box, (two[0].pk, two[1].pk, third.pk))


def test_what_does_not_fit_in_one_box_is_refused_with_the_reason(shop, buyer):
    usual = {"method": PaymentMethod.DEFERRED}
    day = date(2026, 5, 20)
    one = bought(shop, buyer, wished_on=day, time_band="1416", **usual)

    assert refused(one) == "order.nothing_to_combine"
    assert refused(one, bought(shop, buyer, place=a_place(street="神田神保町9-9"), **usual)) == "order.box_two_addresses"
    assert refused(one, bought(shop, a_known_customer(shop), **usual)) == "order.box_two_buyers"
    assert refused(one, bought(shop, buyer, variant=shop.variant(500, stock=[0, 5]), **usual)) == "order.box_two_locations"
    assert refused(one, bought(shop, buyer, wished_on=day + timedelta(days=1), **usual)) == "order.box_two_days"
    assert refused(one, bought(shop, buyer, time_band="0812", **usual)) == "order.box_two_days"
    cash = [bought(shop, buyer, method=PaymentMethod.CASH_ON_DELIVERY) for _ in range(2)]
    assert refused(*cash) == "order.box_two_sums"
    unpaid = bought(shop, buyer, method=PaymentMethod.BANK_TRANSFER)
    assert refused(one, unpaid) == "order.awaiting_payment"
    held = bought(shop, buyer, **usual)
    raise_holds([held.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)
    assert refused(one, held) == "order.on_hold"
    gone = bought(shop, buyer, **usual)
    ship_shipments([Leaving(shipment_id=gone.pk)], actor=STAFF, at=AT)
    assert refused(one, gone) == "order.not_open"
    frozen = bought(shop, buyer, **usual)
    StockItem.objects.filter(pk=frozen.lines.get().allocation.stock_item_id).update(temperature_zone="frozen")
    assert refused(one, frozen) == "order.box_two_zones"
    assert Shipment.objects.filter(box__isnull=False).count() == 0


def test_shipping_one_ships_the_box_under_one_number_with_an_invoice_for_each_order(boxed):
    one, other = boxed

    answers = ship_shipments([Leaving(shipment_id=other.pk, carrier="yamato", tracking_number="123456789013")], actor=STAFF, at=LATER)

    assert [type(a) for a in answers] == [Shipped]
    assert states(one, other) == ["shipped", "shipped"]
    assert set(Shipment.objects.values_list("carrier", "tracking_number")) == {("yamato", "123456789013")}
    assert Invoice.objects.count() == 2
    assert set(Order.objects.values_list("fulfilment_status", flat=True)) == {"shipped"}
    (again,) = ship_shipments([Leaving(shipment_id=one.pk)], actor=STAFF, at=LATER)
    assert again.repeated
    assert mark_delivered([one.pk], actor=STAFF, at=LATER) == [None]
    assert states(one, other) == ["delivered", "delivered"]


def test_a_box_stays_where_one_of_its_orders_may_not_leave(boxed):
    one, other = boxed
    raise_holds([other.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)

    first, second = ship_shipments([Leaving(shipment_id=one.pk), Leaving(shipment_id=other.pk)], actor=STAFF, at=LATER)

    assert (first.code, second.code, states(one, other)) == ("order.box_stays", "order.on_hold", ["planned", "planned"])
    assert part_shipments([other.pk], actor=STAFF, at=LATER) == [Parted(other.pk)]
    (left,) = ship_shipments([Leaving(shipment_id=one.pk)], actor=STAFF, at=LATER)
    assert (type(left), states(one, other)) == (Shipped, ["shipped", "planned"])


def test_a_box_that_nobody_took_comes_back_whole(boxed):
    ship_shipments([Leaving(shipment_id=boxed[0].pk)], actor=STAFF, at=LATER)

    return_undelivered([boxed[1].pk], reason="不在", actor=STAFF, at=LATER)

    assert states(*boxed) == ["returned", "returned"]


def test_parting_again_changes_nothing_and_nobody_is_asked_again(shop, boxed):
    one, _other = boxed

    (parted,) = part_shipments([one.pk], actor=STAFF, at=AT)
    before = list(Shipment.objects.order_by("pk").values())
    (again,) = part_shipments([one.pk], actor=STAFF, at=AT)

    assert (parted.repeated, again.repeated, list(Shipment.objects.order_by("pk").values())) == (False, True, before)
    assert set(Shipment.objects.values_list("box", flat=True)) == {None}
    assert proposed(shop) == []
    (unknown,) = part_shipments([0], actor=STAFF, at=AT)
    assert unknown.code == "order.not_found"


def test_a_cancelled_order_leaves_its_box(boxed):
    one, other = boxed

    cancel_orders([one.order_id], reason="不要", actor=STAFF, at=AT)

    assert box_of_shipment(other.pk) == []
    (left,) = ship_shipments([Leaving(shipment_id=other.pk)], actor=STAFF, at=LATER)
    assert (type(left), states(one, other)) == (Shipped, ["cancelled", "shipped"])


@pytest.mark.parametrize(
    ("field", "after", "stays"), [("street", "神田神保町9-9", False), ("wished_on", "2026-05-20", False), ("", "2", True)]
)
def test_an_order_that_goes_elsewhere_leaves_its_box_and_one_of_more_pieces_stays(boxed, field, after, stays):
    one, other = boxed
    line = ChangeItem(kind=ChangeKind.QUANTITY, target=str(one.order.lines.get().public_id), after=after)
    item = ChangeItem(kind=ChangeKind.DESTINATION, target="1", field=field, after=after) if field else line

    opened = open_change(one.order_id, items=[item], actor=STAFF, at=LATER)
    done = confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=LATER)

    assert isinstance(done, Changed), done
    assert (box_of_shipment(other.pk) != []) is stays
    ship_shipments([Leaving(shipment_id=other.pk)], actor=STAFF, at=LATER)
    assert states(one, other) == ["shipped" if stays else "planned", "shipped"]


def test_one_label_is_made_for_a_box_and_its_number_is_everybodys(shop, buyer):
    a_contract(shop)
    one = bought(shop, buyer, method=PaymentMethod.DEFERRED)
    other = bought(shop, buyer, method=PaymentMethod.CASH_ON_DELIVERY, wished_on=date(2026, 5, 14), time_band="1416")
    combined(one, other)
    pack_shipments([other.pk], pieces=1, actor=STAFF, at=AT)

    made = write_labels([one.pk, other.pk], carrier="yamato", actor=STAFF, at=AT)

    assert [(f.parcels, f.rows) for f in made.files] == [(1, 1)]
    assert ShipmentLabel.objects.get().shipment == one
    text = bytes(ExchangeFile.objects.get().content).decode("cp932")
    assert all(part in text for part in (one.number, "2026/05/14", "1416", str(other.order.total)))
    assert other.number not in text
    assert set(Shipment.objects.values_list("carrier", flat=True)) == {"yamato"}
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    assert number_told(other, place) == "order.labelled_as_another"
    assert number_told(one, place) == ""
    assert set(Shipment.objects.values_list("tracking_number", flat=True)) == {"123456789013"}
    # Who leaves a labelled box leaves its number behind, and the label is to be made anew: it takes the other's cash.
    part_shipments([other.pk], actor=STAFF, at=AT)
    assert list(Shipment.objects.order_by("pk").values_list("tracking_number", flat=True)) == ["123456789013", ""]
    assert Hold.objects.get().order_id == one.order_id


def number_told(parcel, place) -> str:
    row = FileRow(number=2, values={"number": parcel.number, "tracking": "1234-5678-9013"})
    (said,) = take_label_numbers([row], by=label_carriers()["yamato"], place=place, actor=STAFF, at=LATER)
    return said.refusal.code if said.refusal else ""


def test_a_warehouse_is_told_of_a_box_in_one_file_and_it_is_taken_back_whole(shop, boxed):
    one, other = boxed
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    raise_holds([other.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)
    assert instruct_shipments(place=place, actor=STAFF, at=AT) == []
    release_holds([other.order_id], reason="済", actor=STAFF, at=AT)
    file = ExchangeFile.objects.create(
        company=shop.company, location=shop.locations[0], kind="shipping_instruction", way="out", status="done", name="x.csv", at=AT
    )

    told = instruct_shipments(
        place=FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk, file_id=file.pk), actor=STAFF, at=AT
    )

    assert [(row["box"], row["action"]) for row in told] == [(one.number, "new")] * 2
    assert (states(one, other), refused(one, other)) == (["instructed", "instructed"], "order.instructed")
    (back,) = withdraw_instructions([other.pk], actor=STAFF, at=LATER)
    assert (back.repeated, states(one, other)) == (False, ["planned", "planned"])
    assert set(ShipmentInstruction.objects.values_list("status", flat=True)) == {"withdrawn"}


@pytest.fixture
def labelled(shop, boxed):
    a_contract(shop)
    one, other = boxed
    write_labels([one.pk, other.pk], carrier="yamato", actor=STAFF, at=AT)
    assert number_told(one, FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)) == ""
    return boxed


def numbers() -> list[str]:
    return list(Shipment.objects.order_by("pk").values_list("tracking_number", flat=True))


def test_whoever_is_left_when_the_label_is_cancelled_has_no_number_and_waits_for_one_of_its_own(labelled):
    one, other = labelled

    cancel_orders([one.order_id], reason="不要", actor=STAFF, at=LATER)

    other.refresh_from_db()
    assert (other.tracking_number, other.box, states(one, other)) == ("", None, ["cancelled", "planned"])
    held = Hold.objects.get()
    assert held.order_id == other.order_id
    assert one.number in held.reason


def test_whoever_is_cancelled_leaves_the_copied_number_behind_and_the_label_is_made_anew(labelled):
    one, other = labelled

    cancel_orders([other.order_id], reason="不要", actor=STAFF, at=LATER)

    assert numbers() == ["123456789013", ""]
    assert (Hold.objects.get().order_id, set(Shipment.objects.values_list("box", flat=True))) == (one.order_id, {None})


def test_whoever_goes_elsewhere_leaves_the_copied_number_behind(labelled):
    one, other = labelled
    item = ChangeItem(kind=ChangeKind.DESTINATION, target="1", field="street", after="神田神保町9-9")
    opened = open_change(other.order_id, items=[item], actor=STAFF, at=LATER)

    assert isinstance(confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=LATER), Changed)

    assert numbers() == ["123456789013", ""]
    assert sorted(Hold.objects.values_list("order_id", flat=True)) == sorted([one.order_id, other.order_id])


def test_a_parcel_that_is_left_alone_in_its_box_can_be_split(shop, buyer, boxed):
    one, other = boxed
    cancel_orders([one.order_id], reason="不要", actor=STAFF, at=LATER)

    (answer,) = split_shipments([SplitParcel(shipment_id=other.pk)], actor=STAFF, at=LATER)

    assert not isinstance(answer, Refusal), answer


def an_instructed_box(shop) -> None:
    file = ExchangeFile.objects.create(
        company=shop.company, location=shop.locations[0], kind="shipping_instruction", way="out", status="done", name="x.csv", at=AT
    )
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk, file_id=file.pk)
    assert len(instruct_shipments(place=place, actor=STAFF, at=AT)) == 2


def test_a_box_that_a_warehouse_was_told_of_is_taken_back_whole_when_one_of_its_orders_is_cancelled(shop, boxed):
    one, other = boxed
    an_instructed_box(shop)

    (answer,) = cancel_orders([one.order_id], reason="不要", actor=STAFF, at=LATER)

    assert (isinstance(answer, Refusal), states(one, other)) == (False, ["cancelled", "planned"])
    assert set(ShipmentInstruction.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_nothing_of_a_box_is_cancelled_once_its_warehouse_has_accepted_any_of_it(shop, boxed):
    one, other = boxed
    an_instructed_box(shop)
    accepted = ShipmentInstruction.objects.get(shipment=other)
    accept_instructions(
        [accepted.number], place=FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk), actor=STAFF, at=AT
    )

    (answer,) = cancel_orders([one.order_id], reason="不要", actor=STAFF, at=LATER)

    assert (answer.code, answer.params, states(one, other)) == (
        "order.instruction_accepted", {"number": accepted.number}, ["instructed", "instructed"],
    )  # fmt: skip


def test_a_refusal_names_the_two_parcels_that_contradict_each_other(shop, buyer):
    usual = {"method": PaymentMethod.DEFERRED}
    one, other, third = (bought(shop, buyer, wished_on=day, **usual) for day in (None, date(2026, 5, 20), date(2026, 5, 21)))
    last = bought(shop, buyer, **usual)

    (answer,) = combine_shipments([[one.pk, other.pk, third.pk, last.pk]], actor=STAFF, at=AT)

    assert isinstance(answer, Refusal)
    assert (answer.code, answer.params) == ("order.box_two_days", {"number": other.number, "other": third.number})


def test_articles_are_taken_from_one_line_after_another():
    first, second = uuid4(), uuid4()
    held = [LineInParcel(line_ref=first, sku="TEA", units=2), LineInParcel(line_ref=second, sku="TEA", units=2)]

    assert lines_meant(held, [("tea", 3)]) == [(first, 2), (second, 1)]
    assert lines_meant(held, [("TEA", 1), ("TEA", 4)]) == [(first, 1), (first, 1), (second, 2), (second, 1)]
    unknown = lines_meant(held, [("POT", 1)])
    assert isinstance(unknown, Refusal)
    assert unknown.code == "order.not_in_parcel"
