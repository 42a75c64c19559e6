"""Endpoints that are told of events: opened, changed, paused, ended; their secrets made and rotated."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run
from core.errors import Refusal, Refused
from core.queries.kept import forget_kept
from core.queries.webhooks import Application, partner_applications, webhook_catalogue
from core.sealing import opened, sealed
from core.webhooks import SECRET_BYTES, EndpointState, refusal_of_url, secret_text
from core.words import gettext_noop as _

PURPOSE = "core.webhooks"
OVERLAP = timedelta(hours=24)
"""So long the former secret signs beside the new one."""

MOST_ENDPOINTS = 20
"""Of one application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An address that is to be told of events. ``client_id`` is the partner application's, empty for the company's own."""

    company_id: int
    url: str
    types: Sequence[str]
    client_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An endpoint stands. Its secret is told this once; it is repeated nowhere, and printed by nothing."""

    endpoint_id: int
    public_id: UUID
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChange:
    """What of an endpoint becomes different; None leaves it as it is."""

    endpoint_id: int
    name: str | None = None
    url: str | None = None
    types: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked is so; ``repeated`` when it was so already."""

    endpoint_id: int
    repeated: bool = False


Result = Done | Refusal
_NOT_FOUND = Refusal("webhook.not_found", _("There is no such endpoint."))
_TWICE = Refusal("webhook.address_twice", _("url: this address is told events already. Change the events of that endpoint."), {}, "/url")
_OPEN = """
WITH made AS (
    INSERT INTO core_webhookendpoint (company_id, client_id, name, url, types, secret, reason, state)
    VALUES (%s, %s, %s, %s, %s::text[], %s, '', 'active')
    ON CONFLICT (company_id, client_id, url) WHERE ended_at IS NULL DO NOTHING RETURNING id, public_id
), beside AS (INSERT INTO core_webhookhealth (endpoint_id) SELECT id FROM made)
SELECT id, public_id FROM made
"""
_LOCK_HEALTH = "SELECT endpoint_id FROM core_webhookhealth WHERE endpoint_id = ANY (%s::bigint[]) ORDER BY endpoint_id FOR UPDATE"
_LOCK = """
SELECT id, company_id, client_id, name, url, types, state FROM core_webhookendpoint
WHERE id = ANY (%s::bigint[]) AND ended_at IS NULL ORDER BY id FOR UPDATE
"""

_TAKEN = "SELECT FROM core_webhookendpoint WHERE company_id = %s AND client_id = %s AND url = %s AND ended_at IS NULL AND id <> %s"
_CHANGE = """
UPDATE core_webhookendpoint SET name = %s, url = %s, types = %s::text[],
    listens_from_at = CASE WHEN types = %s::varchar[] THEN listens_from_at ELSE clock_timestamp() END
WHERE id = %s
"""


@operation
def open_webhook_endpoints(asks: Sequence[NewEndpoint], *, actor: Actor) -> list[Opened | Refusal]:
    """Each address is told, from now on, of the events it names; answers with its secret, once.

    Refuses "webhook.url_…", "webhook.unknown_type", "webhook.scope_missing", "webhook.unknown_application",
    "webhook.address_twice", "webhook.too_many".
    """
    if asks:
        lock_advisory(LockSpace.WEBHOOKS, *{f"{ask.company_id} {ask.client_id}" for ask in asks})
    made = [_open_one(ask) for ask in asks]
    forget_kept()
    return made


def _open_one(ask: NewEndpoint) -> Opened | Refusal:
    if refusal := _refusal_of(ask.url, ask.types, company_id=ask.company_id, client_id=ask.client_id):
        return refusal
    if refusal := _one_too_many(ask):
        return refusal
    secret = _new_secret()
    told = (ask.company_id, ask.client_id, ask.name.strip()[:80], ask.url, _in_order(ask.types), sealed(secret, purpose=PURPOSE))
    found = rows(_OPEN, told)
    return Opened(endpoint_id=found[0].id, public_id=found[0].public_id, secret=secret) if found else _TWICE


def _one_too_many(ask: NewEndpoint) -> Refusal | None:
    count = "SELECT count(*) AS n FROM core_webhookendpoint WHERE company_id = %s AND client_id = %s AND ended_at IS NULL"
    if rows(count, (ask.company_id, ask.client_id))[0].n < MOST_ENDPOINTS:
        return None
    return Refusal("webhook.too_many", _("An application has at most %(most)s endpoints. End one first."), {"most": MOST_ENDPOINTS})


def _new_secret() -> str:
    return secret_text(secrets.token_bytes(SECRET_BYTES))


def _in_order(types: Sequence[str]) -> list[str]:
    return sorted(set(types))


def _refusal_of(url: str | None, types: Sequence[str] | None, *, company_id: int, client_id: str) -> Refusal | None:
    """Why an endpoint can't be so, or None; what is None isn't asked about."""
    if url is not None and (refusal := url_refusal(url)):
        return refusal
    if types is None:
        return None
    if not types:
        return Refusal("webhook.no_types", _("types: name at least one event. The catalogue tells which there are."), {}, "/types")
    known = webhook_catalogue()
    if unknown := sorted(set(types) - known.keys()):
        words = _("types: there is no event “%(name)s”. The catalogue tells which there are.")
        return Refusal("webhook.unknown_type", words, {"name": unknown[0][:60]}, "/types")
    if not client_id:
        return None
    application = _application(company_id, client_id)
    if application is None:
        return Refusal("webhook.unknown_application", _("client_id: the company has no such partner application."), {}, "/client_id")
    if missing := sorted({known[name].scope for name in types} - application.scopes):
        words = _("types: the application lacks the scope %(scope)s. Ask the company for it, or leave those events out.")
        return Refusal("webhook.scope_missing", words, {"scope": missing[0]}, "/types")
    return None


def url_refusal(url: str) -> Refusal | None:
    """Why this installation calls no such address, or None."""
    return refusal_of_url(url, ports=settings.WEBHOOK_PORTS, loopback=settings.WEBHOOKS_TO_LOOPBACK)


def _application(company_id: int, client_id: str) -> Application | None:
    return next((a for a in partner_applications(company_id) if a.client_id == client_id), None)


@operation
def change_webhook_endpoints(changes: Sequence[EndpointChange], *, actor: Actor) -> list[Result]:
    """Name, address or events are different from now on; messages that wait go to the new address. Refuses as opening does."""
    keys = [change.endpoint_id for change in changes]
    owners = rows("SELECT DISTINCT company_id, client_id FROM core_webhookendpoint WHERE id = ANY (%s::bigint[])", (keys,))
    if owners and any(change.url is not None for change in changes):
        lock_advisory(LockSpace.WEBHOOKS, *(f"{owner.company_id} {owner.client_id}" for owner in owners))
    found = {row.id: row for row in rows(_LOCK, (keys,))}
    answers: list[Result] = []
    for change in changes:
        row = found.get(change.endpoint_id)
        if row is None:
            answers.append(_NOT_FOUND)
            continue
        refusal = _refusal_of(change.url, change.types, company_id=row.company_id, client_id=row.client_id)
        if refusal is None and change.url not in (None, row.url) and _is_taken(row, str(change.url)):
            refusal = _TWICE
        answers.append(refusal or _change_one(row, change))
    forget_kept()
    return answers


def _is_taken(row: Any, url: str) -> bool:
    return bool(rows(_TAKEN, (row.company_id, row.client_id, url, row.id)))


def endpoint_refusal(ask: NewEndpoint, *, but: int = 0) -> Refusal | None:
    """Why there can be no such endpoint (but for the one of this key, which would become so), or None; for forms to say so in time."""
    refusal = _refusal_of(ask.url, ask.types, company_id=ask.company_id, client_id=ask.client_id)
    if refusal is None and rows(_TAKEN, (ask.company_id, ask.client_id, ask.url, but)):
        return _TWICE
    return refusal or (None if but else _one_too_many(ask))


def _change_one(row: Any, change: EndpointChange) -> Done:
    name = row.name if change.name is None else change.name.strip()[:80]
    url, types = change.url or row.url, _in_order(row.types if change.types is None else change.types)
    if (name, url, types) == (row.name, row.url, list(row.types)):
        return Done(row.id, repeated=True)
    run(_CHANGE, (name, url, types, types, row.id))
    return Done(row.id)


@operation
def adjust_webhook_endpoint(change: EndpointChange, *, state: EndpointState | None, actor: Actor) -> None:
    """Everything named is so, or nothing is changed. Raises what ``change_…``, ``pause_…`` and ``resume_webhook_endpoints`` refuse."""
    results = change_webhook_endpoints([change], actor=actor)
    if state is EndpointState.PAUSED:
        results += pause_webhook_endpoints([change.endpoint_id], actor=actor)
    elif state is EndpointState.ACTIVE:
        results += resume_webhook_endpoints([change.endpoint_id], actor=actor)
    for result in results:
        if isinstance(result, Refusal):
            raise Refused(result.code, result.message, params=result.params, field=result.field)


@operation
def pause_webhook_endpoints(endpoint_ids: Sequence[int], *, actor: Actor, reason: str = "") -> list[Result]:
    """Nothing is sent there until it is resumed; what happens meanwhile waits. Refuses "webhook.disabled"."""
    found = {row.id: row for row in rows(_LOCK, (list(endpoint_ids),))}
    answers: list[Result] = []
    for key in endpoint_ids:
        row = found.get(key)
        if row is None:
            answers.append(_NOT_FOUND)
        elif row.state == EndpointState.DISABLED:
            answers.append(
                Refusal("webhook.disabled", _("The endpoint is disabled: nothing is sent there. Resume it when it answers again."))
            )
        else:
            answers.append(Done(key, repeated=row.state == EndpointState.PAUSED))
    _set_state([a.endpoint_id for a in answers if isinstance(a, Done) and not a.repeated], EndpointState.PAUSED, reason)
    return answers


@operation
def disable_webhook_endpoints(endpoint_ids: Sequence[int], *, actor: Actor, reason: str) -> list[Result]:
    """Nothing is sent there, and what happens from now on is not kept for it; what waits already stays."""
    found = {row.id: row for row in rows(_LOCK, (list(endpoint_ids),))}
    answers: list[Result] = [
        Done(key, repeated=found[key].state == EndpointState.DISABLED) if key in found else _NOT_FOUND for key in endpoint_ids
    ]
    _set_state([a.endpoint_id for a in answers if isinstance(a, Done) and not a.repeated], EndpointState.DISABLED, reason)
    forget_kept()
    return answers


@operation
def resume_webhook_endpoints(endpoint_ids: Sequence[int], *, actor: Actor, reason: str = "") -> list[Result]:
    """What waits is sent again from now on, with a full round of tries. Saying it of an active endpoint changes nothing."""
    rows(_LOCK_HEALTH, (list(endpoint_ids),))  # before the endpoint, as whoever notes an outcome does
    found = {row.id: row for row in rows(_LOCK, (list(endpoint_ids),))}
    answers: list[Result] = []
    for key in endpoint_ids:
        row = found.get(key)
        answers.append(_NOT_FOUND if row is None else Done(key, repeated=row.state == EndpointState.ACTIVE))
    resumed = [a.endpoint_id for a in answers if isinstance(a, Done) and not a.repeated]
    was_deaf = [key for key in resumed if found[key].state == EndpointState.DISABLED]
    _set_state(resumed, EndpointState.ACTIVE, "")
    run("UPDATE core_webhookendpoint SET listens_from_at = clock_timestamp() WHERE id = ANY (%s::bigint[])", (was_deaf,))
    run(
        "UPDATE core_webhookhealth SET failures = 0, failing_since_at = NULL, slow = false WHERE endpoint_id = ANY (%s::bigint[])",
        (resumed,),
    )
    run(
        "UPDATE core_webhookmessage SET due_at = clock_timestamp(), round_from = tries"
        " WHERE endpoint_id = ANY (%s::bigint[]) AND state = 'queued'",
        (resumed,),
    )
    forget_kept()
    return answers


def _set_state(endpoint_ids: list[int], state: EndpointState, reason: str) -> None:
    if endpoint_ids:
        run(
            "UPDATE core_webhookendpoint SET state = %s, reason = left(%s, 200) WHERE id = ANY (%s::bigint[])",
            (state.value, reason, endpoint_ids),
        )


@operation
def end_webhook_endpoints(endpoint_ids: Sequence[int], *, actor: Actor, at: datetime, reason: str = "") -> list[Result]:
    """The endpoint is told nothing any more, and is listed no more; what waits for it is never sent. Its secrets are forgotten."""
    found = {row.id for row in rows(_LOCK, (list(endpoint_ids),))}
    run(
        "UPDATE core_webhookendpoint SET ended_at = %s, secret = '', former_secret = '', former_until_at = NULL WHERE id = ANY (%s::bigint[])",
        (at, sorted(found)),
    )
    forget_kept()
    return [Done(key) if key in found else _NOT_FOUND for key in endpoint_ids]


@operation
def rotate_webhook_secret(endpoint_id: int, *, actor: Actor, at: datetime, reason: str = "") -> Opened | Refusal:
    """A new secret signs from now on; for a day the one before it signs as well. Answers with the new one, once."""
    found = rows("SELECT id, public_id, secret FROM core_webhookendpoint WHERE id = %s AND ended_at IS NULL FOR UPDATE", (endpoint_id,))
    if not found:
        return _NOT_FOUND
    secret = _new_secret()
    run(
        "UPDATE core_webhookendpoint SET former_secret = secret, former_until_at = %s, secret = %s WHERE id = %s",
        (at + OVERLAP, sealed(secret, purpose=PURPOSE), endpoint_id),
    )
    return Opened(endpoint_id=endpoint_id, public_id=found[0].public_id, secret=secret)


def signing_now(secret: str, former: str, former_until_at: datetime | None, *, at: datetime) -> tuple[str, ...]:
    """The closed secrets that sign now, the newest first."""
    return (secret, former) if former and former_until_at is not None and at < former_until_at else (secret,)


def open_secrets(closed: Sequence[str]) -> tuple[str, ...]:
    """Raises ``cryptography.fernet.InvalidToken`` where one was closed with a key the installation has no more."""
    return tuple(opened(stored, purpose=PURPOSE) for stored in closed)
