"""What endpoints are told: one message per endpoint and event, leased, tried, and told again when somebody asks.

A message is written by the relay, in the transaction that marks its event as handed over. It is tried outside of any
transaction by a worker that leased it, under the same id each time; a worker that dies leaves a lease that runs out.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.hooks import Happened
from core.ids import public
from core.operations.webhooks import signing_now
from core.ports import WebhookType
from core.queries.kept import forget_kept
from core.queries.webhooks import MESSAGE_PREFIX, PING, applications_table, webhook_catalogue
from core.webhooks import FAILING, FAILING_DAYS, GONE, MOST_TRIES, SLOW_AFTER, wait_s
from core.words import gettext_noop as _

LEASE_S = 60
"""Longer than any try may take: name, connection and answer together are given some 20 s."""

AT_ONCE = 4
"""Messages in flight to one endpoint that answers; to one that doesn't, one."""

KEPT_DAYS, KEPT_DAYS_OPEN = 14, 30
"""Delivered messages; given up or never sent ones."""

MOST_REPLAYED = 10_000

# An application that lost a scope is told no more of what it stands for.
_WRITE = """
INSERT INTO core_webhookmessage (endpoint_id, event_id, public_id, type, version, occurred_at, body)
SELECT id, event_id, ref, type, version, occurred_at, '{{"id":"{prefix}_' || replace(ref::text, '-', '') || '",' || rest
FROM (
    SELECT e.id, t.event_id, gen_random_uuid() AS ref, t.type, t.version, t.occurred_at, t.rest
    FROM jsonb_to_recordset(%s::jsonb) AS t (event_id bigint, company_id bigint, type text, version int, occurred_at timestamptz, scope text, rest text)
    JOIN core_webhookendpoint e ON e.company_id = t.company_id AND t.type = ANY (e.types) AND e.ended_at IS NULL AND e.state <> 'disabled'
    LEFT JOIN {applications} a ON a.client_id = e.client_id AND a.company_id = e.company_id
    WHERE e.client_id = '' OR t.scope = ANY (string_to_array(a.allowed_scopes, ' '))
    ORDER BY t.event_id, e.id
) new
ON CONFLICT (endpoint_id, event_id) DO NOTHING
"""


@operation
def write_webhook_messages(happened: Sequence[Happened], *, actor: Actor) -> int:
    """A message stands for every endpoint that wants one of these events; an event told before changes nothing.

    One statement, beside those by which the apps tell what partners may know of their events.
    """
    told: list[dict[str, Any]] = []
    for kind in webhook_catalogue().values():
        mine = [one for one in happened if type(one.event) is kind.event]
        if mine:
            told += _told(kind, mine)
    if not told:
        return 0
    sql = _WRITE.format(prefix=MESSAGE_PREFIX, applications=applications_table())
    return run(sql, (orjson.dumps(told).decode(),))


def _told(kind: WebhookType, happened: Sequence[Happened]) -> list[dict[str, Any]]:
    answers = kind.tell([one.event for one in happened])
    return [
        {
            "event_id": one.number, "company_id": answer.company_id, "type": kind.name, "version": kind.version, "scope": kind.scope,
            "occurred_at": one.recorded_at.isoformat(),
            "rest": body_without_id(kind.name, kind.version, one.recorded_at, dict(answer.data)),
        }
        for one, answer in zip(happened, answers, strict=True)
        if answer is not None
    ]  # fmt: skip


def body_without_id(name: str, version: int, occurred_at: datetime, data: dict[str, Any]) -> str:
    """The published body but for its first field, which is the message's own id."""
    body = {"type": name, "version": version, "occurred_at": occurred_at, "data": data}
    return orjson.dumps(body, option=orjson.OPT_UTC_Z).decode()[1:]


_PING = """
INSERT INTO core_webhookmessage (endpoint_id, public_id, type, version, occurred_at, body)
SELECT id, ref, type, 1, clock_timestamp(), '{{"id":"{prefix}_' || replace(ref::text, '-', '') || '",' || rest
FROM (SELECT e.id, gen_random_uuid() AS ref, %s::text AS type, %s::text AS rest FROM core_webhookendpoint e WHERE e.id = %s AND e.ended_at IS NULL) new
RETURNING id, public_id
"""


@dataclass(frozen=True, slots=True)
class Pinged:
    """A test message waits to be sent."""

    endpoint_id: int
    message_id: int
    public_id: UUID


@operation
def ping_webhook_endpoints(endpoint_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Pinged | Refusal]:
    """A test message without content is sent to each. Refuses "webhook.not_active": what is paused or disabled is sent nothing."""
    found = rows("SELECT id, state FROM core_webhookendpoint WHERE id = ANY (%s::bigint[]) AND ended_at IS NULL", (list(endpoint_ids),))
    states = {row.id: row.state for row in found}
    answers: list[Pinged | Refusal] = []
    for key in endpoint_ids:
        if states.get(key) != "active":
            answers.append(Refusal("webhook.not_active", _("The endpoint is not active: nothing is sent there. Resume it first.")))
            continue
        made = rows(_PING.format(prefix=MESSAGE_PREFIX), (PING, body_without_id(PING, 1, at, {}), key))[0]
        answers.append(Pinged(key, made.id, made.public_id))
    return answers


# --------------------------------------------------------------------------------------------------------- sending


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedMessage:
    """A message that this worker alone may try until its lease ends; ``tries`` is the fence for its outcome."""

    id: int
    endpoint_id: int
    public_id: str
    tries: int
    url: str
    body: bytes
    slow: bool
    closed_secrets: tuple[str, ...] = field(repr=False)
    """As they are stored: one that no key opens fails this message alone, when it is tried."""


# The health rows are locked, so that two workers never lease for one endpoint at once; the fence on ``tries`` holds anyhow.
# Turn by turn: every endpoint's first due message before any endpoint's second one.
_LEASE = """
WITH place AS MATERIALIZED (
    SELECT e.id, h.slow FROM core_webhookhealth h JOIN core_webhookendpoint e ON e.id = h.endpoint_id
    WHERE e.state = 'active' AND e.ended_at IS NULL AND EXISTS (
        SELECT FROM core_webhookmessage m WHERE m.endpoint_id = e.id AND m.state IN ('queued', 'sending') AND m.due_at <= clock_timestamp()
            AND (m.state = 'queued' OR m.lease_until_at < clock_timestamp())
    )
    FOR UPDATE OF h SKIP LOCKED
), room AS (
    SELECT p.id, p.slow, CASE WHEN p.slow THEN 1 ELSE %(at_once)s END - (
        SELECT count(*) FROM core_webhookmessage m
        WHERE m.endpoint_id = p.id AND m.state = 'sending' AND m.lease_until_at >= clock_timestamp()
    ) AS free FROM place p
), due AS (
    SELECT m.id, m.tries, r.slow, m.place, row_number() OVER (PARTITION BY r.slow ORDER BY m.place, m.due_at) AS nth
    FROM room r CROSS JOIN LATERAL (
        SELECT m.id, m.tries, m.due_at, row_number() OVER (ORDER BY m.due_at, m.id) AS place FROM core_webhookmessage m
        WHERE m.endpoint_id = r.id AND m.state IN ('queued', 'sending') AND m.due_at <= clock_timestamp()
            AND (m.state = 'queued' OR m.lease_until_at < clock_timestamp())
        ORDER BY m.due_at, m.id LIMIT greatest(r.free, 0)
    ) m
), taken AS MATERIALIZED (
    SELECT id, tries, slow FROM due WHERE NOT slow OR nth <= %(most_slow)s ORDER BY place, id LIMIT %(most)s
)
UPDATE core_webhookmessage m SET state = 'sending', tries = m.tries + 1, lease_until_at = clock_timestamp() + make_interval(secs => %(lease)s)
FROM taken, core_webhookendpoint e
WHERE m.id = taken.id AND m.tries = taken.tries AND m.state IN ('queued', 'sending') AND e.id = m.endpoint_id
RETURNING m.id, m.endpoint_id, m.public_id, m.tries, m.body, taken.slow, e.url, e.secret, e.former_secret, e.former_until_at
"""


@operation
def lease_webhook_messages(*, most: int, most_slow: int, actor: Actor, at: datetime) -> list[LeasedMessage]:
    """Take the next due messages for this worker, a few per endpoint; at most ``most_slow`` for endpoints that don't answer."""
    if most <= 0:
        return []
    limits = {"at_once": AT_ONCE, "most": most, "most_slow": max(most_slow, 0), "lease": float(LEASE_S)}
    return [
        LeasedMessage(
            id=r.id,
            endpoint_id=r.endpoint_id,
            public_id=public(MESSAGE_PREFIX, r.public_id),
            tries=r.tries,
            url=r.url,
            body=r.body.encode(),
            slow=r.slow,
            closed_secrets=signing_now(r.secret, r.former_secret, r.former_until_at, at=at),
        )
        for r in rows(_LEASE, limits, prepare=False)
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: a status, or the class of what went wrong. Never a word of what the other side said."""

    status: int | None = None
    error: str = ""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410

    @property
    def hung(self) -> bool:
        return self.error == "timeout"


_LOCK_HEALTH = "SELECT endpoint_id FROM core_webhookhealth WHERE endpoint_id = %s FOR UPDATE"
_NOTE = """
UPDATE core_webhookmessage SET last_status = %(status)s, last_error = %(error)s, lease_until_at = NULL,
    state = CASE WHEN %(delivered)s THEN 'delivered' WHEN NOT %(gone)s AND tries - round_from >= %(most)s THEN 'failed' ELSE 'queued' END,
    delivered_at = CASE WHEN %(delivered)s THEN clock_timestamp() END,
    due_at = CASE WHEN %(delivered)s THEN due_at ELSE clock_timestamp() END
WHERE id = %(id)s AND tries = %(tries)s AND state = 'sending'
RETURNING tries - round_from AS tries, state
"""
_WAIT = "UPDATE core_webhookmessage SET due_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s"
_WELL = """
UPDATE core_webhookhealth SET failures = 0, failing_since_at = NULL, slow = false, tried_at = clock_timestamp(), succeeded_at = clock_timestamp()
WHERE endpoint_id = %s
"""
_ILL = """
UPDATE core_webhookhealth SET failures = failures + 1, failing_since_at = coalesce(failing_since_at, clock_timestamp()),
    slow = slow OR %(hung)s OR failures + 1 >= %(slow_after)s, tried_at = clock_timestamp()
WHERE endpoint_id = %(endpoint)s
RETURNING failing_since_at < clock_timestamp() - make_interval(days => %(days)s::int) AS for_days
"""
_DISABLE = "UPDATE core_webhookendpoint SET state = 'disabled', reason = %s WHERE id = %s AND state <> 'disabled' AND ended_at IS NULL"


@operation
def note_webhook_outcome(message: LeasedMessage, outcome: Outcome, *, actor: Actor) -> bool:
    """Record what came of a try: delivered, due again later, or given up after ten. A stale lease changes nothing.

    An endpoint that answers 410, or hasn't succeeded for five days, is disabled; what waits for it stays.
    """
    run(_LOCK_HEALTH, (message.endpoint_id,))
    told = {
        "id": message.id, "tries": message.tries, "status": outcome.status, "error": outcome.error[:40], "delivered": outcome.delivered,
        "gone": outcome.gone, "most": MOST_TRIES,
    }  # fmt: skip
    noted = rows(_NOTE, told)
    if not noted:
        return False
    if outcome.delivered:
        run(_WELL, (message.endpoint_id,))
        return True
    if noted[0].state == "queued":
        run(_WAIT, (float(wait_s(noted[0].tries, chance=random.random())), message.id))
    about = {"endpoint": message.endpoint_id, "hung": outcome.hung, "slow_after": SLOW_AFTER, "days": FAILING_DAYS}
    ill = rows(_ILL, about)[0]
    why = GONE if outcome.gone else FAILING if ill.for_days else ""
    if why and run(_DISABLE, (why, message.endpoint_id)):
        forget_kept()
    return True


# ----------------------------------------------------------------------------------------------------- told again

_AGAIN = """
UPDATE core_webhookmessage m SET state = 'queued', due_at = clock_timestamp(), round_from = tries, delivered_at = NULL, lease_until_at = NULL
FROM core_webhookendpoint e
WHERE m.id = ANY (%s::bigint[]) AND m.state IN ('delivered', 'failed', 'queued') AND e.id = m.endpoint_id AND e.ended_at IS NULL
"""


@operation
def resend_webhook_messages(message_ids: Sequence[int], *, actor: Actor, reason: str = "") -> int:
    """Messages are sent again at once, each under its own id, with a full round of tries; answers with how many.

    Those being sent at this moment are left as they are, and so are those of an endpoint that ended: nobody would send them.
    """
    return run(_AGAIN, (sorted(message_ids),))


@operation
def resend_of_endpoint(endpoint_id: int, refs: Sequence[UUID], *, actor: Actor) -> int | Refusal:
    """The named messages of an endpoint are sent again. Refuses "webhook.message_not_found" when one is not the endpoint's."""
    found = [
        r.id
        for r in rows(
            "SELECT id FROM core_webhookmessage WHERE endpoint_id = %s AND public_id = ANY (%s::uuid[])", (endpoint_id, list(refs))
        )
    ]
    if len(found) != len(set(refs)):
        return _UNKNOWN_MESSAGE
    return resend_webhook_messages(found, actor=actor)


@operation
def replay_since(endpoint_id: int, ref: UUID, *, actor: Actor) -> int | Refusal:
    """Everything an endpoint was told since this message, itself included, is sent again, oldest first; answers with how many.

    At most ten thousand at a time. Refuses "webhook.message_not_found".
    """
    start = rows("SELECT id, recorded_at FROM core_webhookmessage WHERE endpoint_id = %s AND public_id = %s", (endpoint_id, ref))
    if not start:
        return _UNKNOWN_MESSAGE
    found = rows(
        "SELECT id FROM core_webhookmessage WHERE endpoint_id = %s AND (recorded_at, id) >= (%s, %s) ORDER BY recorded_at, id LIMIT %s",
        (endpoint_id, start[0].recorded_at, start[0].id, MOST_REPLAYED),
    )
    return resend_webhook_messages([row.id for row in found], actor=actor)


_UNKNOWN_MESSAGE = Refusal(
    "webhook.message_not_found",
    _("There is no such message of this endpoint, or not any more. The list of deliveries tells which there are."),
)

_PRUNE = """
DELETE FROM core_webhookmessage m USING (
    SELECT id FROM core_webhookmessage
    WHERE recorded_at < clock_timestamp() - make_interval(days => CASE WHEN state = 'delivered' THEN %(delivered)s::int ELSE %(open)s::int END)
        AND recorded_at < clock_timestamp() - make_interval(days => %(delivered)s::int)
        AND NOT (state = 'sending' AND lease_until_at >= clock_timestamp())
    ORDER BY recorded_at, id LIMIT %(limit)s
) old WHERE m.id = old.id
"""


@operation
def prune_webhook_messages(*, actor: Actor, limit: int = 20_000) -> int:
    """Remove messages that were delivered two weeks ago, and those nobody took for a month; a chunk at a time."""
    return run(_PRUNE, {"delivered": KEPT_DAYS, "open": KEPT_DAYS_OPEN, "limit": limit}, prepare=False)
