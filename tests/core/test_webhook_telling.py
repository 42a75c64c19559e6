"""From an event to the messages of those who asked: once, together, and at no cost where nobody did."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import operations
from core.actor import SYSTEM
from core.db import operation, rows, run
from core.events import Event
from core.handlers import tell_partners
from core.hooks import WEBHOOKS, Happened, no_reactions, reacting
from core.models import OutboxDelivery, WebhookMessage
from core.operations import (
    NewEndpoint,
    disable_webhook_endpoints,
    end_webhook_endpoints,
    open_webhook_endpoints,
    pause_webhook_endpoints,
    prune_webhook_messages,
    replay_since,
    resend_webhook_messages,
    write_webhook_messages,
)
from core.outbox import announce, in_lane
from core.ports import ForPartners, WebhookType
from core.queries import forget_kept, heard_events, invariants
from tests.factories.core import a_company
from tests.factories.partners import a_partner
from tests.factories.webhooks import an_endpoint, the_endpoint

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class CakeBaked(Event):
    name = "tests.CakeBaked"
    company_id: int
    cake_id: int
    secret_recipe: str = "butter"

    @property
    def stream(self) -> str:
        return f"cake:{self.cake_id}"


class Bakery:
    """Publishes its cakes; fails on one of them where it is told to."""

    def __init__(self, *, broken: int = 0) -> None:
        self.broken, self.calls = broken, 0

    def webhook_types(self) -> Sequence[WebhookType]:
        return (WebhookType("cake.baked", CakeBaked, "orders:read", "A cake was baked.", self.tell, {"cake": {"number": "1"}}),)

    def tell(self, events: Sequence[CakeBaked]) -> list[ForPartners | None]:
        self.calls += 1
        if any(event.cake_id == self.broken for event in events):
            raise ValueError("no such cake")
        return [ForPartners(e.company_id, {"cake": {"number": str(e.cake_id)}}) if e.cake_id < 1_000 else None for e in events]


@contextmanager
def baking(bakery: Bakery | None = None) -> Iterator[Bakery]:
    bakery = bakery or Bakery()
    with no_reactions(), ExitStack() as stack:
        stack.enter_context(WEBHOOKS.only(bakery))
        stack.enter_context(reacting(CakeBaked, tell_partners, name="core.webhooks.tests.CakeBaked", together=True, wanted=heard_events))
        forget_kept()
        yield bakery
    forget_kept()


@operation
def bake(company_id: int, *cakes: int, actor: Any = SYSTEM) -> None:
    announce(*(CakeBaked(company_id, cake) for cake in cakes))


def carry() -> operations.Carried:
    return operations.carry(at=lambda: AT)


def told() -> list[Mapping[str, Any]]:
    return [
        row._asdict() for row in rows("SELECT endpoint_id, body::jsonb AS body FROM core_webhookmessage ORDER BY event_id, endpoint_id")
    ]


def broken_promises() -> list[str]:
    return [
        i.name
        for i in invariants()
        if "webhook" in i.name or "partners" in i.name or "message" in i.name
        for _ in rows(i.sql, {"company": None})
    ]


def test_everybody_who_asked_is_told_once_and_of_their_company_only():
    company, other = a_company(), a_company()
    with baking():
        mine, also, stranger = (an_endpoint(company=c, types=["cake.baked"]) for c in (company, company, other))
        bake(company.pk, 1, 2)
        carry()
        run("UPDATE core_outboxdelivery SET state = 'pending'")
        carry()

        assert broken_promises() == []

    messages = told()
    assert [m["endpoint_id"] for m in messages] == [mine.endpoint_id, also.endpoint_id] * 2
    assert stranger.endpoint_id not in {m["endpoint_id"] for m in messages}
    body = messages[0]["body"]
    assert {k: body[k] for k in ("type", "version", "data")} == {"type": "cake.baked", "version": 1, "data": {"cake": {"number": "1"}}}
    assert body["occurred_at"].endswith("Z")
    assert "butter" not in str(messages)
    assert set(body) == {"id", "type", "version", "occurred_at", "data"}


def test_where_nobody_listens_an_event_costs_nothing():
    company = a_company()
    with baking() as bakery:
        bake(company.pk, 1)
        carried = carry()

    assert (carried.routed, carried.done) == (1, 0)
    assert OutboxDelivery.objects.count() == 0
    assert bakery.calls == 0


def test_many_events_are_told_in_one_transaction():
    company = a_company()
    with baking() as bakery:
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, *range(1, 101))
        carried = carry()

    assert carried.done == 100
    assert bakery.calls == 1
    assert WebhookMessage.objects.count() == 100


def test_telling_of_one_and_of_fifty_asks_the_database_as_often():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        asked = []
        for count in (1, 50):
            happened = [
                Happened(asked_before * 100 + n, CakeBaked(company.pk, n), AT)
                for asked_before in [len(asked) + 1]
                for n in range(1, count + 1)
            ]
            with CaptureQueriesContext(connection) as seen:
                assert write_webhook_messages(happened, actor=SYSTEM) == count
            asked.append(len(seen))

    assert asked[0] == asked[1]


def test_one_event_that_cannot_be_told_holds_up_no_other():
    company = a_company()
    with baking(Bakery(broken=2)):
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1, 2, 3)
        carried = carry()

    assert (carried.done, carried.failed) == (2, 1)
    assert [m["body"]["data"]["cake"]["number"] for m in told()] == ["1", "3"]


def test_what_is_nobodys_business_is_not_told():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1_000)
        carry()

    assert told() == []


def test_paused_collects_disabled_and_ended_do_not():
    company = a_company()
    with baking():
        paused, disabled, ended = (an_endpoint(company=company, types=["cake.baked"]) for _ in range(3))
        pause_webhook_endpoints([paused.endpoint_id], actor=SYSTEM)
        disable_webhook_endpoints([disabled.endpoint_id], actor=SYSTEM, reason="moving")
        end_webhook_endpoints([ended.endpoint_id], actor=SYSTEM, at=AT)
        bake(company.pk, 1)
        carry()

    assert [m["endpoint_id"] for m in told()] == [paused.endpoint_id]
    assert the_endpoint(ended).secret == ""


def test_an_application_that_lost_its_scope_is_told_no_more():
    company = a_company()
    partner = a_partner(company, scopes="orders:read")
    with baking():
        an_endpoint(company=company, types=["cake.baked"], client_id=partner.client_id)
        bake(company.pk, 1)
        carry()
        partner.allowed_scopes = "catalog:read"
        partner.save()
        bake(company.pk, 2)
        carry()

        assert broken_promises() == []

    assert [m["body"]["data"]["cake"]["number"] for m in told()] == ["1"]


def test_a_simulation_tells_nobody():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        with in_lane("history:1"):
            bake(company.pk, 1)
            carry()

    assert told() == []


def test_a_message_that_is_missing_breaks_the_promise():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1, 2)
        carry()
        run("DELETE FROM core_webhookmessage WHERE id = (SELECT min(id) FROM core_webhookmessage)")

        assert broken_promises() == ["core.partners_told"]


def test_another_id_in_the_body_or_an_open_secret_breaks_a_promise():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1)
        carry()
        run("UPDATE core_webhookmessage SET public_id = gen_random_uuid()")
        operations.end_webhook_endpoints([0], actor=SYSTEM, at=AT)
        with_actor = operation(lambda *, actor: run("UPDATE core_webhookendpoint SET secret = 'whsec_x'"))
        with_actor(actor=SYSTEM)

        assert broken_promises() == ["core.one_message_id", "core.webhook_secrets_closed"]


def test_a_replay_sends_everything_since_under_the_same_ids():
    company = a_company()
    with baking():
        opened = an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1, 2, 3)
        carry()
    run("UPDATE core_webhookmessage SET state = 'delivered', delivered_at = clock_timestamp(), tries = 1")
    before = list(WebhookMessage.objects.order_by("id").values_list("public_id", flat=True))

    assert replay_since(opened.endpoint_id, before[1], actor=SYSTEM) == 2

    assert list(WebhookMessage.objects.order_by("id").values_list("state", flat=True)) == ["delivered", "queued", "queued"]
    assert list(WebhookMessage.objects.order_by("id").values_list("public_id", flat=True)) == before
    assert replay_since(an_endpoint().endpoint_id, before[1], actor=SYSTEM).code == "webhook.message_not_found"


def test_one_in_flight_is_not_sent_again_meanwhile():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1)
        carry()
    (leased,) = operations.lease_webhook_messages(most=1, most_slow=1, actor=SYSTEM, at=AT)

    assert resend_webhook_messages([leased.id], actor=SYSTEM) == 0


def test_old_messages_go_delivered_ones_first():
    company = a_company()
    with baking():
        an_endpoint(company=company, types=["cake.baked"])
        bake(company.pk, 1, 2, 3)
        carry()
    run("UPDATE core_webhookmessage SET recorded_at = clock_timestamp() - interval '15 days'")
    run(
        "UPDATE core_webhookmessage SET state = 'delivered', delivered_at = clock_timestamp() WHERE id = (SELECT min(id) FROM core_webhookmessage)"
    )

    assert prune_webhook_messages(actor=SYSTEM) == 1
    run("UPDATE core_webhookmessage SET recorded_at = clock_timestamp() - interval '31 days'")
    assert prune_webhook_messages(actor=SYSTEM) == 2


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"url": "https://127.0.0.1/"}, "webhook.url_number"),
        ({"types": ["cake.eaten"]}, "webhook.unknown_type"),
        ({"types": []}, "webhook.no_types"),
        ({"client_id": "nobody"}, "webhook.unknown_application"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_and_nothing_is_written(ask: dict[str, Any], code: str):
    usual = {"company_id": a_company().pk, "url": "https://hooks.example.com/in", "types": ["cake.baked"]}
    with baking():
        (refusal,) = open_webhook_endpoints([NewEndpoint(**{**usual, **ask})], actor=SYSTEM)

    assert refusal.code == code
    assert rows("SELECT count(*) AS n FROM core_webhookendpoint")[0].n == 0


def test_the_same_address_twice_is_refused_and_a_scope_is_asked_for():
    company = a_company()
    partner = a_partner(company, scopes="catalog:read")
    ask = NewEndpoint(company_id=company.pk, url="https://hooks.example.com/in", types=["cake.baked"])
    with baking():
        first, second = open_webhook_endpoints([ask, ask], actor=SYSTEM)
        (third,) = open_webhook_endpoints(
            [NewEndpoint(company_id=company.pk, url=ask.url, types=ask.types, client_id=partner.client_id)], actor=SYSTEM
        )

    assert first.endpoint_id
    assert second.code == "webhook.address_twice"
    assert third.code == "webhook.scope_missing"
