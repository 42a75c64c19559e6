"""What carriers say of a box is said of the parcel on its label, and holds for all in it."""

import pytest

from orders.models import Shipment, TrackingNumber
from orders.operations import Leaving, ship_shipments
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
