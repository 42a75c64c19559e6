"""Several senders, relays and partners at once: each message is leased by one, each event told once, each address opened once."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Thread

import pytest
from django.db import connection, transaction

from core.actor import SYSTEM
from core.db import run
from core.errors import Refusal
from core.hooks import Happened
from core.models import WebhookEndpoint, WebhookMessage
from core.operations import (
    NewEndpoint,
    Opened,
    Outcome,
    lease_webhook_messages,
    note_webhook_outcome,
    open_webhook_endpoints,
    ping_webhook_endpoints,
    resume_webhook_endpoints,
    write_webhook_messages,
)
from orders.events import OrderPaid
from tests.factories.core import a_company
from tests.factories.orders import a_shop, an_order
from tests.factories.webhooks import an_endpoint
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_no_message_is_leased_by_two_senders() -> None:
    endpoints = [an_endpoint().endpoint_id for _ in range(6)]
    ping_webhook_endpoints(endpoints * 6, actor=SYSTEM, at=AT)
    before = deadlocks()

    answers = contend([partial(lease_webhook_messages, most=5, most_slow=5, actor=SYSTEM, at=AT)] * 16, threads=8)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    leased = Counter(message.id for answer in answers for message in answer)
    assert set(leased.values()) == {1}
    assert WebhookMessage.objects.filter(state="sending", tries=1).count() == len(leased)
    in_flight = Counter(WebhookMessage.objects.filter(state="sending").values_list("endpoint_id", flat=True))
    assert max(in_flight.values()) <= 4
    assert deadlocks() == before


def test_of_two_words_on_one_try_the_first_counts() -> None:
    ping_webhook_endpoints([an_endpoint().endpoint_id], actor=SYSTEM, at=AT)
    (message,) = lease_webhook_messages(most=1, most_slow=1, actor=SYSTEM, at=AT)
    words = [Outcome(status=200 if n % 2 else 500) for n in range(8)]

    answers = contend([partial(note_webhook_outcome, message, word, actor=SYSTEM) for word in words], threads=8)

    assert Counter(answers) == {True: 1, False: 7}
    assert WebhookMessage.objects.get().tries == 1


def test_leasing_and_noting_at_once_lock_each_other_out_of_nothing() -> None:
    ping_webhook_endpoints([an_endpoint().endpoint_id for _ in range(4)] * 4, actor=SYSTEM, at=AT)
    first = lease_webhook_messages(most=16, most_slow=16, actor=SYSTEM, at=AT)
    run("UPDATE core_webhookmessage SET lease_until_at = clock_timestamp() - interval '1 second'")
    before = deadlocks()
    deeds: list[Callable[[], object]] = [partial(note_webhook_outcome, message, Outcome(status=500), actor=SYSTEM) for message in first]
    deeds += [partial(lease_webhook_messages, most=4, most_slow=4, actor=SYSTEM, at=AT)] * 8

    answers = contend(deeds, threads=8)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert deadlocks() == before


def test_an_event_that_several_relays_hand_over_is_told_once() -> None:
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000, stock=[5]), 1))
    opened = an_endpoint(company=shop.company, types=["order.paid"])
    event = OrderPaid(
        order_id=order.pk, order_ref=order.public_id, company_id=shop.company.pk, customer_id=order.customer_id, amount=1, currency="JPY"
    )
    happened = [Happened(7, event, AT)]

    answers = contend([partial(write_webhook_messages, happened, actor=SYSTEM)] * 8, threads=8)

    assert Counter(answers) == {1: 1, 0: 7}
    assert WebhookMessage.objects.filter(endpoint_id=opened.endpoint_id, event_id=7).count() == 1


def test_an_address_is_opened_once() -> None:
    ask = NewEndpoint(company_id=a_company().pk, url="https://hooks.example.com/in", types=["order.paid"])

    answers = contend([partial(open_webhook_endpoints, [ask], actor=SYSTEM)] * 8, threads=8)

    told = Counter(a[0].code if isinstance(a[0], Refusal) else type(a[0]) for a in answers)
    assert told == {Opened: 1, "webhook.address_twice": 7}
    assert WebhookEndpoint.objects.count() == 1


def test_whoever_resumes_waits_for_an_outcome_that_is_being_noted_without_holding_what_it_needs() -> None:
    endpoint = an_endpoint().endpoint_id
    ping_webhook_endpoints([endpoint], actor=SYSTEM, at=AT)
    (message,) = lease_webhook_messages(most=1, most_slow=1, actor=SYSTEM, at=AT)
    note_webhook_outcome(message, Outcome(status=410), actor=SYSTEM)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM core_webhookhealth WHERE endpoint_id = %s FOR UPDATE", [endpoint])  # as noting begins
        resumer = Thread(target=contend, args=([partial(resume_webhook_endpoints, [endpoint], actor=SYSTEM)],), kwargs={"threads": 1})
        resumer.start()
        for _time in range(200):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            if cursor.fetchone()[0]:
                break
            time.sleep(0.05)
        cursor.execute("SELECT id FROM core_webhookendpoint WHERE id = %s FOR UPDATE NOWAIT", [endpoint])  # as disabling it would
        free = cursor.fetchone()
    resumer.join(timeout=20)

    assert free == (endpoint,)
