"""What carriers say of a box is said of the parcel on its label, and holds for all in it."""

from datetime import timedelta

import pytest

from orders.models import DeliveryAlert, Shipment, TrackingNumber
from orders.operations import Leaving, find_delays, poll_tracking, ship_shipments
from orders.ports import NoticeDoor
from orders.queries import order_story, parcel_tracks
from tests.factories.orders import AT, STAFF, a_shop
from tests.orders.test_boxes_leaving import boxed, states
from tests.orders.test_tracking import NUMBER, told, word

pytestmark = pytest.mark.django_db
SECOND = "123456789024"


@pytest.fixture
def shop():
    return a_shop(locations=1)


def gone(shop) -> list[Shipment]:
    parcels = boxed(shop, shop.variant(500, stock=[9]), shop.variant(700, stock=[9]))
    ship_shipments([Leaving(shipment_id=parcels[0].pk, carrier="yamato", tracking_number=NUMBER)], actor=STAFF, at=AT)
    return parcels


def test_a_box_of_two_pieces_is_delivered_once_both_are(shop):
    first, _last = gone(shop)
    for number in (NUMBER, SECOND):
        TrackingNumber.objects.create(shipment=first, company=shop.company, carrier="yamato", number=number, at=AT)

    (answer,) = told(shop, word("配達完了", 5))
    halfway = states()
    told(shop, word("配達完了", 7, number=SECOND))

    assert (answer.shipment_id, halfway) == (first.pk, ["shipped", "shipped"])
    assert states() == ["delivered", "delivered"]


def test_once_the_parcel_on_the_label_is_cancelled_the_next_speaks(shop):
    first, last = gone(shop)
    Shipment.objects.filter(pk=first.pk).update(status="cancelled")

    (answer,) = told(shop, word("配達中", 5))

    assert answer.shipment_id == last.pk


def test_a_box_is_late_once_and_its_way_is_told_to_everybody_in_it(shop):
    first, last = gone(shop)
    told(shop, word("配達中", 5))

    raised = find_delays(company_id=shop.company.pk, actor=STAFF, at=AT + timedelta(days=30))

    tracks = parcel_tracks([first.pk, last.pk])
    assert (raised, set(DeliveryAlert.objects.values_list("shipment_id", flat=True))) == (2, {first.pk})
    assert [step.state for step in tracks[first.pk].steps] == ["out_for_delivery"]
    assert tracks[last.pk] == tracks[first.pk]
    assert "tracked" in [one.kind for one in order_story(last.order_id, ref=last.order.public_id)]


@pytest.mark.django_db(transaction=True)
def test_a_box_is_asked_about_once(shop):
    gone(shop)
    asked = []

    class Source:
        code, most = "asked", 40

        def events(self, numbers, door):
            asked.extend(one.number for one in numbers)
            return []

    door = NoticeDoor(base_url="", secrets={})
    assert poll_tracking(Source(), door, company_id=shop.company.pk, actor=STAFF, at=AT + timedelta(hours=2)) == 1
    assert asked == [NUMBER]
