"""A source of tracking is asked in batches and in vain: a server that speaks its protocol, delays, declines and dies."""

import json
import socket
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from django.test import override_settings

from core import clock
from core.db import acting
from orders.adapters import calling, seventeen_track
from orders.models import ParcelProgress, Shipment, TrackingEvent
from orders.operations import poll_all, poll_tracking
from orders.ports import Declined, NoAnswer, NoticeDoor
from orders.tasks import ask_about_parcels
from tests.factories.orders import AT, STAFF, a_shop
from tests.orders.test_intake_notices import Counter
from tests.orders.test_tracking import NUMBER, gone

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "222222222224"


def told(*events, number=NUMBER, rejected=()):
    info = {"latest_status": {"status": "InTransit"}, "tracking": {"providers": [{"provider": {"name": "Yamato"}, "events": list(events)}]}}
    accepted = [{"number": number, "carrier": 100040, "track_info": info}] if events else []
    return 200, json.dumps({"code": 0, "data": {"accepted": accepted, "rejected": list(rejected)}})


def an_event(word, at, place="神田"):
    return {"time_iso": at, "time_utc": at, "description": "…", "location": place, "stage": word.split("_")[0], "sub_status": word}


def poll(counter, shop, *, hours=2, way=poll_tracking):
    door = NoticeDoor(base_url=counter.address, secrets={"token": "t0k3n"})
    return way(seventeen_track, door, company_id=shop.company.pk, actor=STAFF, at=AT + timedelta(hours=hours))


def test_a_parcel_is_followed_to_the_door_and_asked_about_no_more():
    shop = a_shop(locations=1)
    parcel = gone(shop)
    way = [an_event("InTransit_PickedUp", "2026-05-11T04:00:00Z"), an_event("OutForDelivery_Other", "2026-05-11T23:00:00Z")]
    with Counter(told(*way), told(*way, an_event("Delivered_Other", "2026-05-12T01:00:00Z"))).open() as counter:
        assert poll(counter, shop, hours=21) == 1
        assert ParcelProgress.objects.get().state == "out_for_delivery"
        assert poll(counter, shop, hours=21) == 0  # not due again yet
        assert poll(counter, shop, hours=24) == 1
        assert poll(counter, shop, hours=72) == 0  # it has arrived

    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at.isoformat()) == ("delivered", "2026-05-12T01:00:00+00:00")
    assert TrackingEvent.objects.count() == 3
    method, path, headers, body = counter.asked[0]
    assert (method, path, headers["17token"], json.loads(body)) == ("POST", "/track/v2.2/gettrackinfo", "t0k3n", [{"number": NUMBER}])


def test_a_number_it_has_not_met_is_registered_and_known_the_next_time():
    shop = a_shop(locations=1)
    gone(shop)
    strange = [{"number": NUMBER, "error": {"code": -18019902, "message": "does not register"}}]
    with Counter(told(rejected=strange), told(), told(an_event("InTransit_Arrival", "2026-05-11T06:00:00Z"))).open() as counter:
        poll(counter, shop, hours=1)
        poll(counter, shop, hours=5)

    assert [path for _m, path, _h, _b in counter.asked] == ["/track/v2.2/gettrackinfo", "/track/v2.2/register", "/track/v2.2/gettrackinfo"]
    assert ParcelProgress.objects.get().state == "at_depot"


@pytest.mark.parametrize(
    ("answer", "problem", "code"),
    [
        ((0, ""), NoAnswer, "no_answer"),
        ((503, "later"), NoAnswer, "http_503"),
        ((429, "slower"), NoAnswer, "http_429"),
        ((401, "who are you"), Declined, "http_401"),
        ((200, "<html>"), NoAnswer, "unreadable"),
        ((200, '{"code": -18010002, "data": {}}'), Declined, "-18010002"),
        ((200, '{"code": 0, "data": []}'), NoAnswer, "unreadable"),
    ],
)
def test_what_is_not_answered_is_put_off_longer_each_time_and_nothing_is_lost(answer, problem, code):
    shop = a_shop(locations=1)
    gone(shop)
    with Counter(answer).open() as counter:
        waits = []
        for hours in (1, 10, 20, 30, 40):
            with pytest.raises(problem) as raised:
                poll(counter, shop, hours=hours)
            progress = ParcelProgress.objects.get()
            waits.append((progress.ask_after - progress.asked_at) / timedelta(minutes=1))
        assert poll(counter, shop, hours=41) == 0
        assert poll(counter, shop, hours=50, way=poll_all) == 0  # told in the log, not raised

    assert (raised.value.code, waits) == (code, [30, 60, 120, 240, 240])
    assert (TrackingEvent.objects.count(), Shipment.objects.get().status) == (0, "shipped")


def test_a_source_that_does_not_answer_in_time_is_asked_again(monkeypatch):
    monkeypatch.setattr(calling, "TIMEOUT", httpx.Timeout(0.2))
    shop = a_shop(locations=1)
    gone(shop)
    with socket.create_server(("127.0.0.1", 0)) as mute:  # it takes calls and says nothing
        there = SimpleNamespace(address=f"http://127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(NoAnswer) as raised:
            poll(there, shop)
    assert (raised.value.code, TrackingEvent.objects.count()) == ("timeout", 0)
    assert ParcelProgress.objects.get().ask_after == AT + timedelta(hours=2, minutes=30)


def test_events_without_a_time_of_their_own_zone_or_of_strange_numbers_are_left_out():
    shop = a_shop(locations=1)
    gone(shop)
    odd = [an_event("Delivered_Other", "2026-05-12T01:00:00"), an_event("Delivered_Other", None), an_event("", "2026-05-12T01:00:00Z")]
    with Counter(told(*odd), told(an_event("Delivered_Other", "2026-05-12T01:00:00Z"), number=OTHER)).open() as counter:
        assert poll(counter, shop, hours=1) == 1
        assert poll(counter, shop, hours=30) == 1

    assert not TrackingEvent.objects.exists()


def test_the_clock_asks_for_companies_that_have_a_source_and_never_inside_a_transaction():
    shop, other = a_shop(locations=1), a_shop(locations=1)
    gone(shop)
    gone(other, number=OTHER)
    with acting(STAFF, reason="test"):
        Shipment.objects.update(shipped_at=clock.now())
    with Counter(told()).open() as counter:
        with override_settings(TRACKING_SOURCES={shop.company.code: {"source": "17track", "token": "t", "base_url": counter.address}}):
            assert ask_about_parcels() == 1
        with override_settings(TRACKING_SOURCES={other.company.code: {"source": "17track", "token": ""}}):
            assert ask_about_parcels() == 0
    assert [json.loads(body) for _m, _p, _h, body in counter.asked] == [[{"number": NUMBER}]]


@pytest.mark.parametrize("odd", ["unknown", ["unknown"], {"tracking": "none"}, {"tracking": {"providers": [{"events": "none"}]}}])
def test_an_answer_of_another_shape_tells_nothing_and_breaks_nothing_off(odd):
    shop = a_shop(locations=1)
    gone(shop)
    answer = json.dumps({"code": 0, "data": {"accepted": [{"number": NUMBER, "track_info": odd}, "none"], "rejected": "none"}})
    with Counter((200, answer)).open() as counter:
        assert poll(counter, shop, way=poll_all) == 1

    assert not TrackingEvent.objects.exists()


def test_a_source_that_breaks_off_by_a_mistake_of_ours_does_not_end_the_asking():
    class Broken:
        code, most = "broken", 40

        def events(self, asked, door):
            return {}["髙橋"]

    shop = a_shop(locations=1)
    gone(shop)

    asked = poll_all(Broken(), NoticeDoor(base_url="", secrets={}), company_id=shop.company.pk, actor=STAFF, at=AT + timedelta(hours=2))

    assert (asked, ParcelProgress.objects.get().silences) == (0, 1)


def test_older_news_is_no_news_and_does_not_make_the_asking_start_anew():
    shop = a_shop(locations=1)
    gone(shop)
    now, before = an_event("InTransit_Arrival", "2026-05-11T06:00:00Z"), an_event("InTransit_PickedUp", "2026-05-11T04:00:00Z")
    with Counter(told(now), told(now), told(before, now)).open() as counter:
        silences = []
        for hours in (5, 10, 15):
            poll(counter, shop, hours=hours)
            silences.append(ParcelProgress.objects.get().silences)

    assert (silences, TrackingEvent.objects.count()) == ([0, 1, 2], 2)
