"""Whoever waits for a parcel sees its way in words they understand, on the page of the order, with the carrier's own page beside it."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from orders.models import Order, Shipment
from orders.operations import Leaving, ship_shipments, take_tracking_events
from orders.rules import TrackingSaid
from tests.factories.orders import STAFF
from tests.factories.storefront import a_web_shop, filled, ordered

pytestmark = pytest.mark.django_db
NUMBER = "123456789013"


def test_a_guest_follows_the_parcel_in_their_own_words(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    link = ordered(client).url.split("?")[0]
    now = clock.now()
    parcel = Shipment.objects.get(order=Order.objects.get())
    ship_shipments([Leaving(shipment_id=parcel.pk, carrier="yamato", tracking_number=NUMBER)], actor=STAFF, at=now - timedelta(hours=9))
    before = client.get(link).content.decode()
    words = [
        TrackingSaid(tracking_number=NUMBER, code=code, at=now - timedelta(hours=hours), place="神田営業所")
        for hours, code in ((8, "荷物受付"), (1, "ご不在"), (2, "配達中"), (3, "Z9"))
    ]
    take_tracking_events(words, company_id=shop.company.pk, actor=STAFF, at=now)

    after = client.get(link).content.decode()

    assert "この荷物の経過" not in before
    told = [after.index(word) for word in ("再配達をご依頼ください", "本日お届けします", "お預かりしました")]
    assert told == sorted(told)
    assert "神田営業所" in after
    assert f"tneko?number={NUMBER}" in after
    assert "Z9" not in after
