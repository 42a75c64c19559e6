"""Parcels that are not where they should be are found in one go, told once per reason, and ticked off."""

from datetime import timedelta

import pytest

from core.errors import Refusal
from core.models import OutboxEvent
from orders.models import DeliveryAlert, DeliveryTerm, Destination, Shipment
from orders.operations import find_delays, mark_delivered, settle_alerts
from tests.factories.orders import AT, STAFF, a_shop
from tests.orders.test_tracking import gone, told, word

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return a_shop(locations=1)


def found(shop, days):
    find_delays(company_id=shop.company.pk, actor=STAFF, at=AT + timedelta(days=days))
    return list(DeliveryAlert.objects.order_by("shipment_id", "reason").values_list("shipment_id", "reason"))


def events():
    return list(OutboxEvent.objects.filter(name="orders.ShipmentDelayed").order_by("id").values_list("payload", flat=True))


def test_a_parcel_is_late_and_silent_once(shop):
    parcel = gone(shop)

    assert found(shop, 3) == []
    assert found(shop, 4) == [(parcel.pk, "late"), (parcel.pk, "silent")]
    assert found(shop, 9) == [(parcel.pk, "late"), (parcel.pk, "silent")]
    assert sorted(one["reason"] for one in events()) == ["late", "silent"]


def test_the_most_particular_term_counts_and_a_wish_goes_before_it(shop):
    far = gone(shop)
    Destination.objects.filter(pk=far.destination_id).update(prefecture="沖縄県")
    wished = gone(shop, number="222222222224")
    Destination.objects.filter(pk=wished.destination_id).update(wished_on=(AT + timedelta(days=6)).date())
    for carrier, prefecture, days in (("", "", 1), ("yamato", "", 2), ("", "沖縄県", 5), ("sagawa", "沖縄県", 1)):
        DeliveryTerm.objects.create(company=shop.company, carrier=carrier, prefecture=prefecture, days=days, silent_days=90)

    assert found(shop, 5) == []
    assert found(shop, 6) == [(far.pk, "late")]
    assert found(shop, 7) == [(far.pk, "late"), (wished.pk, "late")]


def test_a_parcel_is_late_when_it_is_not_there_on_the_day_that_was_promised(shop):
    early = gone(shop)
    Shipment.objects.filter(pk=early.pk).update(expected_on=(AT + timedelta(days=1)).date())
    late = gone(shop, number="222222222224")
    Shipment.objects.filter(pk=late.pk).update(expected_on=(AT + timedelta(days=8)).date())
    DeliveryTerm.objects.create(company=shop.company, carrier="", prefecture="", days=5, silent_days=90)

    assert found(shop, 1) == []
    assert found(shop, 2) == [(early.pk, "late")]
    assert found(shop, 8) == [(early.pk, "late")]
    assert found(shop, 9) == [(early.pk, "late"), (late.pk, "late")]


def test_an_attempt_without_another_is_followed_up(shop):
    parcel = gone(shop)
    told(shop, word("ご不在", 6))

    assert found(shop, 2) == []
    assert found(shop, 3) == [(parcel.pk, "attempted")]
    told(shop, word("配達中", 73), at=AT + timedelta(days=4))
    assert DeliveryAlert.objects.get().settled_at == AT + timedelta(days=4)


def test_parcels_that_arrived_or_wait_for_their_buyer_are_nobodys_worry(shop):
    gone(shop)
    told(shop, word("配達完了", 20))
    gone(shop, number="222222222224")
    told(shop, word("waiting_pickup", 40, number="222222222224"))
    gone(shop, carrier="", number="")

    assert found(shop, 4) == []


def test_an_alert_is_settled_by_a_person_or_by_the_parcel(shop):
    parcel, other = gone(shop), gone(shop, number="222222222224")
    found(shop, 4)
    late = DeliveryAlert.objects.get(shipment=parcel, reason="late")

    (first,) = settle_alerts([late.pk], reason="配送会社に確認、明日着", actor=STAFF, at=AT)
    (again,) = settle_alerts([late.pk], reason="x", actor=STAFF, at=AT)

    late.refresh_from_db()
    assert (first, late.note, late.settled_at) == (None, "配送会社に確認、明日着", AT)
    assert isinstance(again, Refusal)
    assert again.code == "order.alert_settled"
    mark_delivered([other.pk], actor=STAFF, at=AT + timedelta(days=5))
    assert not DeliveryAlert.objects.filter(shipment=other, settled_at=None).exists()
