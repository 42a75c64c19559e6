"""Tracking at the machine counter: every event answered by itself, nothing of another company touched."""

import pytest
from django.test import Client

from core.ids import public
from orders.models import Shipment, TrackingEvent
from tests.factories.orders import a_shop
from tests.orders.test_api import caller, post
from tests.orders.test_tracking import NUMBER, gone

pytestmark = pytest.mark.django_db
URL = "/api/v1/shipments/tracking"
EVENT = {"tracking_number": NUMBER, "code": "配達完了", "at": "2026-05-12T09:30:00+09:00", "place": "神田営業所"}


def test_events_are_taken_each_with_its_answer(client: Client):
    shop = a_shop(locations=1)
    parcel = gone(shop)
    headers = caller(shop.company)

    body = {"events": [EVENT, {**EVENT, "tracking_number": "999"}, {**EVENT, "code": "Z9", "at": "2026-05-12T08:00:00+09:00"}]}
    first, again = (post(client, headers, body, key=None, url=URL) for _n in range(2))

    done, wrong, unknown = first.json()["results"]
    ref = public("shp", Shipment.objects.get(pk=parcel.pk).public_id)
    assert (first.status_code, done) == (200, {"tracking_number": NUMBER, "shipment": ref, "state": "delivered", "repeated": False})
    assert [(e["code"], e["pointer"]) for e in wrong["errors"]] == [("order.unknown_tracking_number", "/events/1/tracking_number")]
    assert (unknown["state"], unknown["repeated"]) == (None, False)
    assert [one.get("repeated") for one in again.json()["results"]] == [True, None, True]
    assert Shipment.objects.get().status == "delivered"


def test_who_may_not_ship_may_not_track_and_other_companies_are_unknown(client: Client):
    shop, other = a_shop(locations=1), a_shop(locations=1)
    gone(shop)

    reader = post(client, caller(shop.company, "shipments:read"), {"events": [EVENT]}, key=None, url=URL)
    stranger = post(client, caller(other.company), {"events": [EVENT]}, key=None, url=URL)

    assert (reader.status_code, stranger.status_code) == (403, 200)
    assert stranger.json()["results"][0]["errors"][0]["code"] == "order.unknown_tracking_number"
    assert not TrackingEvent.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"at": "2026-05-12"}, "/events/0/at"),
        ({"at": "2026-05-12T09:30:00"}, "/events/0/at"),
        ({"state": "lost"}, "/events/0/state"),
        ({"code": 7}, "/events/0/code"),
        ({"colour": "red"}, "/events/0/colour"),
    ],
)
def test_a_malformed_event_names_its_field(client: Client, wrong, pointer):
    shop = a_shop(locations=1)
    gone(shop)

    answer = post(client, caller(shop.company), {"events": [{**EVENT, **wrong}]}, key=None, url=URL)

    assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (400, [pointer])
    assert not TrackingEvent.objects.exists()
