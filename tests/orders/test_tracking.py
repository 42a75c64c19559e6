"""What carriers say of parcels: kept once, in whatever order it comes, and where a parcel is follows from all of it."""

from datetime import timedelta

import pytest

from core.db import rows
from core.errors import Refusal
from core.models import OutboxEvent
from orders.models import DeliveryAlert, Order, ParcelProgress, Shipment, TrackingCode, TrackingEvent, TrackingNumber
from orders.operations import Leaving, follow_tracking, mark_delivered, return_undelivered, ship_shipments, take_tracking_events
from orders.queries import invariants, order_story, parcel_tracks
from orders.rules import TrackingSaid, TrackingState
from tests.factories.orders import AT, STAFF, a_shop, an_order

pytestmark = pytest.mark.django_db
NUMBER = "123456789013"
LATER = AT + timedelta(days=10)


@pytest.fixture
def shop():
    return a_shop(locations=1)


def gone(shop, number=NUMBER, carrier="yamato", at=AT):
    order = an_order(shop)
    parcel = Shipment.objects.get(order=order)
    ship_shipments([Leaving(shipment_id=parcel.pk, carrier=carrier, tracking_number=number)], actor=STAFF, at=at)
    return parcel


def word(code, hours, number=NUMBER, **given):
    return TrackingSaid(tracking_number=number, code=code, at=AT + timedelta(hours=hours), **given)


def told(shop, *words, at=LATER):
    return take_tracking_events(words, company_id=shop.company.pk, actor=STAFF, at=at)


def announced(name):
    return list(OutboxEvent.objects.filter(name=f"orders.{name}").order_by("id").values_list("payload", flat=True))


def test_a_parcel_goes_its_way_and_is_delivered_at_the_carriers_time(shop):
    parcel = gone(shop)

    answers = [told(shop, word(code, n))[0] for n, code in enumerate(("荷物受付", "発送済み", "配達中", "配達完了"), start=1)]

    parcel.refresh_from_db()
    assert [str(one.state) for one in answers] == ["accepted", "in_transit", "out_for_delivery", "delivered"]
    assert (parcel.status, parcel.delivered_at) == ("delivered", AT + timedelta(hours=4))
    assert Order.objects.get().fulfilment_status == "delivered"
    assert [one["state"] for one in announced("ShipmentTracked")] == ["accepted", "in_transit", "out_for_delivery", "delivered"]
    assert len(announced("ShipmentDelivered")) == 1
    assert "customer_name" not in announced("ShipmentTracked")[0]


def test_the_same_words_again_change_nothing(shop):
    gone(shop)
    words = (word("荷物受付", 1), word("配達完了", 5), word("配達完了", 5))

    first, second = told(shop, *words), told(shop, *words)

    assert [one.repeated for one in first] == [False, False, True]
    assert [one.repeated for one in second] == [True, True, True]
    assert TrackingEvent.objects.count() == 2
    assert (len(announced("ShipmentTracked")), len(announced("ShipmentDelivered"))) == (1, 1)


def test_words_that_come_late_do_not_take_a_parcel_back(shop):
    parcel = gone(shop)

    told(shop, word("配達完了", 9))
    told(shop, word("配達中", 8), word("荷物受付", 1), word("ご不在", 12))

    parcel.refresh_from_db()
    assert (parcel.status, ParcelProgress.objects.get().state) == ("delivered", "delivered")
    assert TrackingEvent.objects.count() == 4
    assert announced("DeliveryAttempted") == []


def test_words_of_one_batch_are_sorted_by_their_time(shop):
    gone(shop)

    told(shop, word("ご不在", 6), word("荷物受付", 1), word("配達中", 5))

    assert ParcelProgress.objects.get().state == "attempted"
    assert [one["state"] for one in announced("ShipmentTracked")] == ["attempted"]


def test_every_attempt_is_told(shop):
    gone(shop)

    told(shop, word("ご不在", 6))
    told(shop, word("配達中", 20))
    told(shop, word("ご不在", 26))
    told(shop, word("ご不在", 26))

    assert len(announced("DeliveryAttempted")) == 2


def test_a_number_of_nobody_or_of_another_company_is_told_by_its_row(shop):
    other = a_shop(locations=1)
    gone(other, number="222222222224")
    gone(shop)

    answers = told(
        shop,
        word("配達中", 1, number="222222222224"),
        word("配達中", 1),
        word("配達中", 1, number="1.23E+11"),
        word(" ", 1),
        word("配達中", 999),
    )

    assert [getattr(one, "code", "kept") for one in answers] == [
        "order.unknown_tracking_number", "kept", "order.bad_tracking_number", "order.no_tracking_code", "order.tracking_in_future",
    ]  # fmt: skip
    assert [one.field for one in answers if isinstance(one, Refusal)] == ["/tracking_number", "/tracking_number", "/code", "/at"]
    assert TrackingEvent.objects.count() == 1


def test_a_number_is_read_with_hyphens_and_wide_digits(shop):
    gone(shop)

    (answer,) = told(shop, word("配達中", 1, number="１２３４-5678-9013"))

    assert answer.state == TrackingState.OUT_FOR_DELIVERY


def test_a_number_two_carriers_gave_needs_its_carrier(shop):
    first, second = gone(shop, carrier="yamato"), gone(shop, carrier="sagawa")

    unclear, clear = told(shop, word("配達中", 1), word("配達中", 1, carrier="sagawa"))

    assert (unclear.code, unclear.field) == ("order.ambiguous_tracking_number", "/carrier")
    assert (clear.shipment_id, first.pk != second.pk) == (second.pk, True)


def test_a_number_given_out_again_is_the_newer_parcels(shop):
    old = gone(shop, at=AT - timedelta(days=420))
    new = gone(shop, at=AT)

    (answer,) = told(shop, word("配達中", 5))

    assert (answer.shipment_id, old.pk < new.pk) == (new.pk, True)


def test_a_code_nobody_knows_is_kept_listed_once_and_counts_when_it_is_mapped(shop):
    parcel = gone(shop)

    first, again = told(shop, word("Z9", 5, label="特殊配完"), word("Z9", 6))

    assert (first.state, again.state, TrackingEvent.objects.filter(state=None).count()) == (None, None, 2)
    listed = TrackingCode.objects.get()
    assert (listed.carrier, listed.code, listed.label, listed.state) == ("yamato", "Z9", "特殊配完", None)
    TrackingCode.objects.update(state="delivered")
    while follow_tracking(company_id=shop.company.pk, actor=STAFF, at=LATER):
        pass
    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at) == ("delivered", AT + timedelta(hours=5))
    assert parcel_tracks([parcel.pk])[parcel.pk].state == TrackingState.DELIVERED


def test_a_companys_own_meaning_goes_before_ours(shop):
    gone(shop)
    TrackingCode.objects.create(company=shop.company, carrier="yamato", code="配達中", state="at_depot")

    (answer,) = told(shop, word("配達中", 1))

    assert answer.state == TrackingState.AT_DEPOT


def test_what_is_handed_over_after_it_turned_back_came_back_to_us_and_a_person_confirms(shop):
    parcel = gone(shop)

    told(shop, word("ご不在", 5), word("返品", 50), word("配達完了", 70))

    parcel.refresh_from_db()
    assert (parcel.status, ParcelProgress.objects.get().state) == ("shipped", "returned")
    assert list(DeliveryAlert.objects.values_list("reason", "settled_at")) == [("returned", None)]
    return_undelivered([parcel.pk], reason="受取人不在", actor=STAFF, at=LATER)
    told(shop, word("返品", 49))
    assert DeliveryAlert.objects.get().settled_at == LATER


def test_a_parcel_is_delivered_once_all_its_pieces_are(shop):
    parcel = gone(shop)
    Shipment.objects.filter(pk=parcel.pk).update(pieces=2)
    for number in (NUMBER, "123456789024"):
        TrackingNumber.objects.create(shipment=parcel, company=shop.company, carrier="yamato", number=number, at=AT)

    told(shop, word("配達完了", 5))
    parcel.refresh_from_db()
    assert parcel.status == "shipped"
    told(shop, word("配達完了", 7, number="123456789024"))

    parcel.refresh_from_db()
    assert (parcel.status, TrackingEvent.objects.count()) == ("delivered", 2)


def test_what_the_carrier_has_but_never_left_here_is_for_a_person_and_counts_once_it_left(shop):
    order = an_order(shop)
    parcel = Shipment.objects.get(order=order)
    TrackingNumber.objects.create(shipment=parcel, company=shop.company, carrier="yamato", number=NUMBER, at=AT)

    told(shop, word("配達完了", 5))

    parcel.refresh_from_db()
    assert (parcel.status, DeliveryAlert.objects.get().reason) == ("planned", "unshipped")
    ship_shipments([Leaving(shipment_id=parcel.pk, carrier="yamato", tracking_number=NUMBER)], actor=STAFF, at=AT)
    follow_tracking(company_id=shop.company.pk, actor=STAFF, at=LATER)
    parcel.refresh_from_db()
    assert (parcel.status, DeliveryAlert.objects.get().settled_at) == ("delivered", LATER)


def test_what_a_person_said_stands(shop):
    parcel = gone(shop)
    mark_delivered([parcel.pk], actor=STAFF, at=AT + timedelta(hours=2))

    told(shop, word("配達中", 5))

    parcel.refresh_from_db()
    assert (parcel.status, ParcelProgress.objects.count(), announced("ShipmentTracked")) == ("delivered", 0, [])


def test_staff_read_it_in_the_orders_story_and_the_books_hold(shop):
    parcel = gone(shop)
    told(shop, word("ご不在", 6, place="神田営業所"), word("Q1", 7))

    story = [(one.state, one.detail) for one in order_story(parcel.order_id, ref=parcel.order.public_id) if one.kind == "tracked"]

    assert story == [("", "Q1"), ("attempted", "神田営業所")]
    assert [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)] == []
