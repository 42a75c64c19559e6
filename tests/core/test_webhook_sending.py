"""Messages are sent once they are due, under one id, signed; who hangs or fails holds up nobody else."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from core.actor import SYSTEM
from core.db import run
from core.models import WebhookHealth, WebhookMessage
from core.operations import (
    LeasedMessage,
    Outcome,
    end_webhook_endpoints,
    lease_webhook_messages,
    note_webhook_outcome,
    open_secrets,
    pause_webhook_endpoints,
    ping_webhook_endpoints,
    resend_webhook_messages,
    resume_webhook_endpoints,
    rotate_webhook_secret,
)
from core.tasks import send_webhooks
from core.webhooks import MOST_TRIES, WAITS_S, signature
from tests.factories.webhooks import Came, a_receiver, an_endpoint, the_endpoint

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _loopback(settings) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True


def ping(*endpoint_ids: int) -> None:
    ping_webhook_endpoints(endpoint_ids, actor=SYSTEM, at=AT)


def make_due() -> None:
    run("UPDATE core_webhookmessage SET due_at = clock_timestamp() - interval '1 second'")


def lease(**limits: int) -> list[LeasedMessage]:
    return lease_webhook_messages(**{"most": 10, "most_slow": 10, **limits}, actor=SYSTEM, at=AT)


def is_signed(came: Came, secret: str) -> bool:
    wanted = signature(secret, message_id=came.message_id, timestamp=int(came.headers["webhook-timestamp"]), body=came.body)
    return wanted in came.headers["webhook-signature"].split(" ")


def test_a_message_arrives_once_and_signed():
    with a_receiver() as partner:
        opened = an_endpoint(partner.url)
        ping(opened.endpoint_id)

        assert send_webhooks() == 1
        assert send_webhooks() == 0

    (came,) = partner.came
    message = WebhookMessage.objects.get()
    assert is_signed(came, opened.secret)
    assert came.payload == {
        "id": f"evt_{message.public_id.hex}", "type": "ping", "version": 1, "occurred_at": "2026-11-30T03:00:00Z", "data": {},
    }  # fmt: skip
    assert came.message_id == came.payload["id"]
    assert (message.state, message.tries, message.last_status, message.last_error) == ("delivered", 1, 200, "")


def test_three_failures_and_a_success_are_one_event_under_one_id():
    with a_receiver(500, 500, 500, 200) as partner:
        ping(an_endpoint(partner.url).endpoint_id)

        for _try in range(4):
            make_due()
            send_webhooks()

    assert len(partner.came) == 4
    assert len({came.message_id for came in partner.came}) == 1
    assert len({came.body for came in partner.came}) == 1
    message = WebhookMessage.objects.get()
    assert (message.state, message.tries) == ("delivered", 4)


def test_tries_are_spread_over_75_hours_and_then_given_up():
    opened = an_endpoint()
    ping(opened.endpoint_id)
    waits = []

    for _try in range(MOST_TRIES):
        (message,) = lease()
        note_webhook_outcome(message, Outcome(status=503), actor=SYSTEM)
        row = WebhookMessage.objects.get()
        waits.append((row.due_at - datetime.now(UTC)).total_seconds())
        make_due()

    assert (row.state, row.tries, row.last_status) == ("failed", 10, 503)
    for waited, usual in zip(waits[:9], WAITS_S, strict=True):
        assert usual * 0.9 - 2 <= waited <= usual * 1.1 + 1
    assert 74 <= sum(WAITS_S) / 3600 <= 77
    assert lease() == []


def test_410_disables_at_once_and_keeps_what_waits():
    with a_receiver(410) as partner:
        opened = an_endpoint(partner.url)
        ping(opened.endpoint_id, opened.endpoint_id)

        send_webhooks()
        make_due()
        send_webhooks()

    assert 1 <= len(partner.came) <= 2  # two were in flight together
    assert (the_endpoint(opened).state, the_endpoint(opened).reason) == ("disabled", "gone")
    assert set(WebhookMessage.objects.values_list("state", flat=True)) == {"queued"}


def test_an_endpoint_failing_for_days_is_disabled():
    opened = an_endpoint()
    ping(opened.endpoint_id, opened.endpoint_id)
    first, second = lease()
    note_webhook_outcome(first, Outcome(error="refused"), actor=SYSTEM)
    assert the_endpoint(opened).state == "active"
    run("UPDATE core_webhookhealth SET failing_since_at = clock_timestamp() - interval '5 days 1 minute'")

    note_webhook_outcome(second, Outcome(error="refused"), actor=SYSTEM)

    assert (the_endpoint(opened).state, the_endpoint(opened).reason) == ("disabled", "failing")


def test_resuming_sends_what_waited_with_a_full_round_of_tries():
    with a_receiver(410, 200) as partner:
        opened = an_endpoint(partner.url)
        ping(opened.endpoint_id)
        send_webhooks()

        resume_webhook_endpoints([opened.endpoint_id], actor=SYSTEM)
        send_webhooks()

    assert len({came.message_id for came in partner.came}) == 1
    assert WebhookMessage.objects.get().state == "delivered"
    assert WebhookHealth.objects.get().failures == 0


def test_what_was_for_an_endpoint_that_ended_is_not_queued_again():
    with a_receiver(410) as partner:
        opened = an_endpoint(partner.url)
        ping(opened.endpoint_id)
        send_webhooks()
        WebhookMessage.objects.update(state="failed")
        end_webhook_endpoints([opened.endpoint_id], actor=SYSTEM, at=AT)

        again = resend_webhook_messages([WebhookMessage.objects.get().pk], actor=SYSTEM)

    assert (again, WebhookMessage.objects.get().state) == (0, "failed")


def test_a_paused_endpoint_is_sent_nothing_until_it_is_resumed():
    with a_receiver() as partner:
        opened = an_endpoint(partner.url)
        ping(opened.endpoint_id)
        pause_webhook_endpoints([opened.endpoint_id], actor=SYSTEM)

        assert send_webhooks() == 0
        resume_webhook_endpoints([opened.endpoint_id], actor=SYSTEM)
        assert send_webhooks() == 1

    assert len(partner.came) == 1


def test_a_worker_that_died_loses_nothing_and_its_late_word_counts_for_nothing():
    ping(an_endpoint().endpoint_id)
    (dead,) = lease()
    assert lease() == []
    run("UPDATE core_webhookmessage SET lease_until_at = clock_timestamp() - interval '1 second'")

    (alive,) = lease()

    assert alive.public_id == dead.public_id
    assert not note_webhook_outcome(dead, Outcome(status=500), actor=SYSTEM)
    assert note_webhook_outcome(alive, Outcome(status=204), actor=SYSTEM)
    assert WebhookMessage.objects.get().state == "delivered"


def test_a_few_are_in_flight_per_endpoint_and_one_where_it_hung():
    busy, slow = an_endpoint(), an_endpoint()
    ping(*[busy.endpoint_id] * 6, *[slow.endpoint_id] * 6)
    WebhookHealth.objects.filter(endpoint_id=slow.endpoint_id).update(slow=True)

    leased = lease(most=32)

    assert [m.endpoint_id for m in leased].count(busy.endpoint_id) == 4
    assert [m.endpoint_id for m in leased].count(slow.endpoint_id) == 1
    assert lease(most=32) == []


def test_slow_endpoints_share_few_places_however_many_they_are():
    ping(*[an_endpoint().endpoint_id for _ in range(5)])
    WebhookHealth.objects.update(slow=True)

    assert len(lease(most=32, most_slow=2)) == 2


def test_one_that_hangs_delays_nobody_else():
    with a_receiver(hangs_s=3) as hanging, a_receiver() as others:
        slow = an_endpoint(hanging.url)
        quick = [an_endpoint(others.url) for _ in range(5)]
        ping(*[slow.endpoint_id] * 6)
        ping(*[one.endpoint_id for one in quick] * 4)
        began = time.monotonic()

        send_webhooks()

    told = WebhookMessage.objects.filter(endpoint_id__in=[one.endpoint_id for one in quick])
    assert {row.state for row in told} == {"delivered"}
    assert max((row.delivered_at - row.recorded_at).total_seconds() for row in told) < 2.9
    assert len(hanging.came) == 6
    assert 6 <= time.monotonic() - began < 20


def test_both_secrets_sign_for_a_day_after_rotation_and_then_only_the_new_one():
    with a_receiver() as partner:
        opened = an_endpoint(partner.url)
        fresh = rotate_webhook_secret(opened.endpoint_id, actor=SYSTEM, at=datetime.now(UTC))
        ping(opened.endpoint_id)
        send_webhooks()
        run("UPDATE core_webhookendpoint SET former_until_at = %s", (datetime.now(UTC) - timedelta(seconds=1),))
        ping(opened.endpoint_id)
        send_webhooks()

    during, after = partner.came
    assert is_signed(during, fresh.secret)
    assert is_signed(during, opened.secret)
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    assert is_signed(after, fresh.secret)
    assert not is_signed(after, opened.secret)


def test_a_redirect_is_not_followed():
    with a_receiver() as inner, a_receiver(302, location=inner.url) as partner:
        ping(an_endpoint(partner.url).endpoint_id)
        send_webhooks()

    assert inner.came == []
    assert WebhookMessage.objects.get().last_status == 302
    assert WebhookMessage.objects.get().state == "queued"


def test_nothing_that_the_other_side_says_is_kept():
    with a_receiver(500) as partner:
        ping(an_endpoint(partner.url).endpoint_id)
        send_webhooks()

    columns = {field.name for field in WebhookMessage._meta.fields}
    assert columns & {"response", "answer", "response_body"} == set()
    assert WebhookMessage.objects.get().last_error == ""


def test_secrets_are_stored_closed_and_printed_by_nothing():
    opened = an_endpoint()
    ping(opened.endpoint_id)
    row = the_endpoint(opened)
    (leased,) = lease()

    assert opened.secret.startswith("whsec_")
    assert opened.secret not in row.secret
    assert opened.secret not in repr(opened) + repr(leased)
    assert open_secrets(leased.closed_secrets) == (opened.secret,)


def test_a_secret_that_no_key_opens_stops_its_own_endpoint_only():
    with a_receiver() as partner:
        broken, well = an_endpoint(f"{partner.url}broken"), an_endpoint(partner.url)
        run("UPDATE core_webhookendpoint SET secret = 'closed with a key that was lost' WHERE id = %s", (broken.endpoint_id,))
        ping(broken.endpoint_id, well.endpoint_id)

        assert send_webhooks() == 2

    assert len(partner.came) == 1
    lost = WebhookMessage.objects.get(endpoint_id=broken.endpoint_id)
    assert (lost.state, lost.tries, lost.last_error) == ("queued", 1, "unreadable_secret")
