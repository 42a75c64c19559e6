"""Carriers' files about parcels under way: read in both encodings, every row told, and what is wrong named."""

import pytest

from inventory.models import ExchangeRow
from inventory.operations import FileTaken, take_file
from inventory.rules import FilePlace
from orders.models import Shipment, TrackingCode, TrackingEvent
from tests.factories.orders import STAFF, a_shop
from tests.orders.test_tracking import LATER, NUMBER, gone

pytestmark = pytest.mark.django_db
HEAD = "送り状番号,状況コード,日時,時刻,配送会社,状況,取扱店"


@pytest.fixture
def shop():
    return a_shop(locations=1)


def taken(shop, *lines, encoding="cp932", head=HEAD):
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    content = "\r\n".join([head, *lines, ""]).encode(encoding)
    return take_file("shipping_tracking", content, name="tracking.csv", place=place, actor=STAFF, at=LATER)


def fates():
    return list(ExchangeRow.objects.order_by("id").values_list("number", "fate", "code"))


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_file_of_any_encoding_moves_its_parcels_once(shop, encoding):
    parcel = gone(shop)
    lines = (
        "1234-5678-9013,配達中,2026/05/12,08:10,ヤマト運輸,,神田営業所",
        "1234-5678-9013,配達完了,2026/05/12,09:40,ヤマト運輸,,神田営業所",
    )

    first = taken(shop, *lines, encoding=encoding)
    again = taken(shop, *lines, "1234-5678-9013,荷物受付,2026/05/11 18:00,,,,", encoding=encoding)

    parcel.refresh_from_db()
    assert isinstance(first, FileTaken)
    assert ((first.done, first.refused), (again.done, again.repeated)) == ((2, 0), (1, 2))
    assert (parcel.status, parcel.delivered_at.isoformat()) == ("delivered", "2026-05-12T00:40:00+00:00")
    assert TrackingEvent.objects.filter(place="神田営業所").count() == 2


def test_every_bad_row_is_named_and_the_good_ones_count(shop):
    gone(shop)

    taken(
        shop,
        f"{NUMBER},配達中,2026/05/12 08:10,,,,",
        "1.23457E+11,配達中,2026/05/12 08:10,,,,",
        "999999999999,配達中,2026/05/12 08:10,,,,",
        f"{NUMBER},配達中,令和8年5月12日,,,,",
        f"{NUMBER},配達中,2026/05/12,25:10,,,",
        f"{NUMBER},配達中,2030/05/12 08:10,,,,",
        f"{NUMBER},XX7,2026/05/12 08:20,,,特殊,",
        f"{NUMBER},引受,2026/05/11,,,,",
    )

    assert [(number, code) for number, fate, code in fates() if fate == "refused"] == [
        (3, "order.bad_tracking_number"),
        (4, "order.unknown_tracking_number"),
        (5, "inventory.bad_moment"),
        (6, "inventory.bad_moment"),
        (7, "order.tracking_in_future"),
    ]
    assert (8, "differs", "order.unknown_tracking_code") in fates()
    assert (TrackingEvent.objects.count(), TrackingCode.objects.filter(state=None).count()) == (3, 2)
    assert Shipment.objects.get().status == "shipped"
