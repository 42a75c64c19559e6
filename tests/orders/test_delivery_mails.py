"""Mails about parcels under way: only what a site asked for, each kind once per parcel, never after it arrived."""

import pytest

from core.db import acting
from core.models import OutgoingMail
from orders.events import ShipmentDelayed, ShipmentDelivered, ShipmentTracked
from orders.handlers import mail_delayed, mail_delivered, mail_tracked
from orders.models import DeliveryMail, Shipment
from orders.operations import mark_delivered
from tests.factories.core import a_site
from tests.factories.orders import AT, STAFF, a_shop
from tests.orders.test_tracking import gone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_order_is_old_news(monkeypatch):
    monkeypatch.setattr("core.clock.now", lambda: AT)


def about(parcel):
    order = parcel.order
    return {
        "order_id": order.pk, "order_ref": order.public_id, "company_id": order.company_id, "customer_id": order.customer_id,
        "shipment_id": parcel.pk, "shipment_ref": parcel.public_id,
    }  # fmt: skip


def kinds():
    return sorted(OutgoingMail.objects.filter(kind__startswith="order.delivery").values_list("kind", flat=True))


def sited(shop):
    with acting(STAFF, reason="test"):
        shop.channel.site = a_site(shop.company)
        shop.channel.save()
    parcel = gone(shop)
    return Shipment.objects.select_related("order").get(pk=parcel.pk), shop.channel.site


def test_a_site_that_asks_for_nothing_writes_nothing():
    parcel, _site = sited(a_shop(locations=1))

    mail_tracked(ShipmentTracked(**about(parcel), state="attempted"), at=AT)
    mail_delivered(ShipmentDelivered(**about(parcel)), at=AT)

    assert kinds() == []


def test_what_a_site_asks_for_is_written_once():
    parcel, site = sited(a_shop(locations=1))
    for news in ("attempted", "delayed", "delivered"):
        DeliveryMail.objects.create(site=site, news=news)

    for _time in range(2):
        mail_tracked(ShipmentTracked(**about(parcel), state="attempted"), at=AT)
        mail_tracked(ShipmentTracked(**about(parcel), state="out_for_delivery"), at=AT)
        mail_delayed(ShipmentDelayed(**about(parcel), reason="late"), at=AT)
        mail_delayed(ShipmentDelayed(**about(parcel), reason="silent"), at=AT)
        mail_delivered(ShipmentDelivered(**about(parcel)), at=AT)

    assert kinds() == ["order.delivery_attempted", "order.delivery_delayed", "order.delivery_delivered"]
    assert "再配達" in OutgoingMail.objects.get(kind="order.delivery_attempted").body


def test_nobody_is_told_to_wait_for_what_has_arrived():
    parcel, site = sited(a_shop(locations=1))
    DeliveryMail.objects.create(site=site, news="out_for_delivery")
    mark_delivered([parcel.pk], actor=STAFF, at=AT)

    mail_tracked(ShipmentTracked(**about(parcel), state="out_for_delivery"), at=AT)

    assert kinds() == []


def test_a_mail_that_was_switched_off_is_not_written():
    parcel, site = sited(a_shop(locations=1))
    DeliveryMail.objects.create(site=site, news="attempted", is_sent=False)

    mail_tracked(ShipmentTracked(**about(parcel), state="attempted"), at=AT)

    assert kinds() == []
