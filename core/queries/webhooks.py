"""What partners may hear of, who listens, and what became of each message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from oauth2_provider.models import get_application_model

from core.actor import Actor, ActorKind
from core.db import rows
from core.hooks import WEBHOOKS
from core.outbox import current_lane
from core.ports import WebhookType
from core.queries.kept import kept

ENDPOINT_PREFIX, MESSAGE_PREFIX = "whk", "evt"
PING = "ping"

_HEARD = "SELECT DISTINCT unnest(types) AS type FROM core_webhookendpoint WHERE ended_at IS NULL AND state <> 'disabled'"
_ENDPOINT = """
SELECT e.id, e.public_id, e.company_id, e.client_id, e.name, e.url, e.types, e.state, e.reason, e.former_until_at, e.recorded_at,
    e.listens_from_at, h.failures, h.failing_since_at, h.succeeded_at
FROM core_webhookendpoint e JOIN core_webhookhealth h ON h.endpoint_id = e.id
WHERE e.company_id = %(company)s AND e.client_id = %(client)s AND e.ended_at IS NULL
"""
_MESSAGES = """
SELECT m.id, m.public_id, m.type, m.version, m.occurred_at, m.state, m.tries, m.last_status, m.last_error, m.due_at, m.delivered_at, m.recorded_at
FROM core_webhookmessage m
WHERE m.endpoint_id = %(endpoint)s AND (%(state)s::text IS NULL OR m.state = %(state)s)
    AND (%(moment)s::timestamptz IS NULL OR (m.recorded_at, m.id) < (%(moment)s, %(key)s))
ORDER BY m.recorded_at DESC, m.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint as its owner sees it; never its secret."""

    key: int
    id: UUID
    company_id: int
    client_id: str
    name: str
    url: str
    types: Sequence[str]
    state: str
    reason: str
    former_until_at: datetime | None
    recorded_at: datetime
    listens_from_at: datetime
    failures: int
    failing_since_at: datetime | None
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """What an endpoint was told, and what became of it."""

    key: int
    id: UUID
    type: str
    version: int
    occurred_at: datetime
    state: str
    tries: int
    last_status: int | None
    last_error: str
    due_at: datetime
    delivered_at: datetime | None
    recorded_at: datetime


def webhook_catalogue() -> dict[str, WebhookType]:
    """Every kind of event that partners may subscribe to, by its published name."""
    return {kind.name: kind for source in WEBHOOKS.all() for kind in source.webhook_types()}


def heard_events() -> frozenset[str]:
    """The events that any endpoint wants, as known for up to five seconds; none in a simulation's lane."""
    return frozenset() if current_lane() else kept("webhook events heard", load=_heard)


def _heard() -> frozenset[str]:
    wanted = {row.type for row in rows(_HEARD)}
    return frozenset(kind.event.name for name, kind in webhook_catalogue().items() if name in wanted)


@dataclass(frozen=True, slots=True)
class Application:
    """A partner application as far as webhooks ask."""

    client_id: str
    name: str
    company_id: int | None
    scopes: frozenset[str]


@cache
def applications_table() -> str:
    """The table of partner applications, which an app above declares."""
    return str(get_application_model()._meta.db_table)


def partner_applications(company_id: int) -> list[Application]:
    """The partner applications of a company, by name."""
    found = rows(
        f"SELECT client_id, name, company_id, allowed_scopes FROM {applications_table()} WHERE company_id = %s ORDER BY name, id",
        (company_id,),
    )
    return [Application(r.client_id, r.name or r.client_id, r.company_id, frozenset(r.allowed_scopes.split())) for r in found]


def endpoints_of(
    partner: Actor, *, company_id: int | None, after: tuple[datetime, int] | None = None, limit: int, ref: UUID | None = None
) -> list[EndpointView]:
    """The endpoints of the partner's own application, newest first: the only gate to them at the machine counter."""
    if company_id is None or partner.kind != ActorKind.PARTNER:
        return []
    moment, key = after or (None, None)
    more = (
        " AND (%(ref)s::uuid IS NULL OR e.public_id = %(ref)s)"
        " AND (%(moment)s::timestamptz IS NULL OR (e.recorded_at, e.id) < (%(moment)s, %(key)s))"
        " ORDER BY e.recorded_at DESC, e.id DESC LIMIT %(limit)s"
    )
    asked: dict[str, Any] = {
        "company": company_id, "client": partner.id, "ref": ref, "moment": moment, "key": key, "limit": limit,
    }  # fmt: skip
    return [EndpointView(*row) for row in rows(_ENDPOINT + more, asked)]


def endpoint_behind(ref: UUID, *, partner: Actor, company_id: int | None) -> EndpointView | None:
    """An endpoint of the partner's own application by its public id."""
    return next(iter(endpoints_of(partner, company_id=company_id, limit=1, ref=ref)), None)


def webhook_messages(
    endpoint_id: int, *, after: tuple[datetime, int] | None = None, limit: int, state: str | None = None
) -> list[MessageView]:
    """What an endpoint was told, newest first."""
    moment, key = after or (None, None)
    asked = {"endpoint": endpoint_id, "state": state, "moment": moment, "key": key, "limit": limit}
    return [MessageView(*row) for row in rows(_MESSAGES, asked)]
