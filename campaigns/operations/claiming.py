"""Recipients are leased by the chunk, checked and marked one by one before the letter goes, and told what became of it.

The order matters (ADR 0014): ``sending`` is committed before a word is said to the mail server. Whoever dies after that leaves a
row whose lease runs out, and which then says honestly that nobody knows. Nothing ever makes it wait again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from campaigns.ports import SEND_VETO, Answer, Taken
from campaigns.rules import MOST_TRIES, MessageKind, RecipientState, retry_seconds
from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run
from core.ids import new_id
from core.words import gettext_noop as _
from customers.operations import mark_unreachable

CHUNK: Final = 50
LEASE_S: Final = 180.0

# The checks of the law and of the house, for recipients ``r`` of the one send ``s``; each row says why it must not be written to.
_CHECKS: Final = """
SELECT r.id, r.customer_id, c.id AS principal_id, c.number, c.family_name, c.given_name, c.organisation_name,
    word.id AS consent_id, point.id AS point_id, point.value AS address, hashtextextended(point.value_key, r.send_id) AS mark, g.ids AS members,
    CASE WHEN c.status NOT IN ('active', 'prospect') THEN 'closed'
        WHEN word.status IS DISTINCT FROM 'given' THEN 'no_consent'
        WHEN point.id IS NULL THEN 'no_address'
        WHEN point.unreachable_at IS NOT NULL THEN 'unreachable'
        WHEN r.customer_id = ANY(%(vetoed)s::bigint[]) OR c.id = ANY(%(vetoed)s::bigint[]) THEN 'vetoed'
        WHEN s.kind = 'offer' AND (SELECT count(*) FROM campaigns_recipient o JOIN campaigns_send os ON os.id = o.send_id
            WHERE o.customer_id = ANY(g.ids) AND o.written_at > %(at)s::timestamptz - make_interval(days => coalesce(rule.most_within_days, 7))
                AND o.written_at <= %(at)s AND o.state IN ('sending', 'sent', 'unknown') AND os.kind = 'offer') >= coalesce(rule.most_offers, 3) THEN 'capped'
    END AS refused
FROM {held} h JOIN campaigns_recipient r ON r.id = h.id JOIN campaigns_send s ON s.id = r.send_id
LEFT JOIN campaigns_sendingrule rule ON rule.company_id = s.company_id
JOIN customers_customer listed ON listed.id = r.customer_id JOIN customers_customer c ON c.id = coalesce(listed.principal_id, listed.id)
CROSS JOIN LATERAL (SELECT array_agg(m.id) AS ids FROM (
    SELECT c.id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = c.id) m) g
LEFT JOIN LATERAL (SELECT w.id, w.status FROM customers_consent w
    WHERE w.customer_id = ANY(g.ids) AND w.channel = s.channel AND w.purpose = s.purpose AND (w.brand_id IS NULL OR w.brand_id = s.brand_id)
        AND (w.at <= %(at)s OR w.status = 'withdrawn') ORDER BY w.at DESC, w.id DESC LIMIT 1) word ON true
LEFT JOIN LATERAL (SELECT p.id, p.value, p.value_key, p.unreachable_at FROM customers_contactpoint p
    WHERE p.customer_id = ANY(g.ids) AND p.kind = 'email' AND p.ended_at IS NULL AND p.value_key <> ''
    ORDER BY p.unreachable_at IS NOT NULL, p.customer_id <> c.id, p.is_primary DESC, p.id LIMIT 1) point ON true
"""

_WAITING: Final = """
SELECT r.id, r.customer_id, s.kind FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
WHERE r.send_id = %(send)s AND s.state = 'sending' AND r.state = 'queued' AND r.due_at <= clock_timestamp()
    AND (r.lease_until_at IS NULL OR r.lease_until_at <= clock_timestamp())
ORDER BY r.due_at, r.id LIMIT %(most)s FOR UPDATE OF r SKIP LOCKED
"""

_LEASE: Final = f"""
WITH held AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[]) AS id), checked AS MATERIALIZED ({_CHECKS.format(held="held")})
UPDATE campaigns_recipient r SET state = CASE WHEN k.refused IS NULL THEN 'queued' ELSE 'suppressed' END, reason = coalesce(k.refused, ''),
    lease_ref = CASE WHEN k.refused IS NULL THEN %(lease)s::uuid END,
    lease_until_at = CASE WHEN k.refused IS NULL THEN clock_timestamp() + make_interval(secs => %(seconds)s) END
FROM checked k WHERE r.id = k.id
RETURNING r.id, r.customer_id, k.principal_id, k.refused
"""

# Locking the send puts every mark of it in one order: a stop that has committed stops, no address gets two, no minute too many.
_LOCK_SEND: Final = """
SELECT s.id, s.state, s.public_id, s.company_id, s.brand_id, s.kind, s.language, s.subject, s.body, s.body_html,
    coalesce(s.per_minute, rule.per_minute) AS per_minute,
    CASE WHEN s.window_at > clock_timestamp() - interval '1 minute' THEN s.window_count ELSE 0 END AS used,
    CASE WHEN quiet.a <= quiet.b THEN wall.t >= quiet.a AND wall.t < quiet.b ELSE wall.t >= quiet.a OR wall.t < quiet.b END AS is_quiet
FROM campaigns_send s JOIN core_company co ON co.id = s.company_id LEFT JOIN campaigns_sendingrule rule ON rule.company_id = s.company_id
CROSS JOIN LATERAL (SELECT (%(at)s::timestamptz AT TIME ZONE co.timezone)::time AS t) wall
CROSS JOIN LATERAL (SELECT coalesce(rule.quiet_from, '21:00') AS a, coalesce(rule.quiet_until, '08:00') AS b) quiet
WHERE s.id = %(send)s
FOR NO KEY UPDATE OF s
"""

_MARK: Final = f"""
WITH held AS MATERIALIZED (
    SELECT r.id FROM campaigns_recipient r WHERE r.id = ANY(%(ids)s::bigint[]) AND r.send_id = %(send)s AND r.lease_ref = %(lease)s::uuid
        AND r.state = 'queued' ORDER BY r.id FOR UPDATE
), checked AS MATERIALIZED ({_CHECKS.format(held="held")}
), judged AS MATERIALIZED (
    SELECT k.*, coalesce(k.refused, CASE WHEN EXISTS (SELECT FROM campaigns_recipient o WHERE o.send_id = %(send)s AND o.id <> k.id
                AND o.state IN ('sending', 'sent', 'unknown') AND (o.address_mark = k.mark OR o.customer_id = ANY(k.members)))
            OR row_number() OVER (PARTITION BY k.refused IS NULL, k.mark ORDER BY k.id) > 1
            OR row_number() OVER (PARTITION BY k.refused IS NULL, k.principal_id ORDER BY k.id) > 1 THEN 'repeated' END) AS why
    FROM checked k
)
UPDATE campaigns_recipient r SET state = CASE WHEN j.why IS NULL THEN 'sending' ELSE 'suppressed' END, reason = coalesce(j.why, ''),
    tries = r.tries + (j.why IS NULL)::int, written_at = CASE WHEN j.why IS NULL THEN %(at)s::timestamptz END,
    marked_at = CASE WHEN j.why IS NULL THEN clock_timestamp() END, consent_id = CASE WHEN j.why IS NULL THEN j.consent_id END,
    address_mark = CASE WHEN j.why IS NULL THEN j.mark END, lease_ref = CASE WHEN j.why IS NULL THEN r.lease_ref END,
    lease_until_at = CASE WHEN j.why IS NULL THEN clock_timestamp() + make_interval(secs => %(seconds)s) END
FROM judged j WHERE r.id = j.id
RETURNING r.id, r.customer_id, r.tries, j.why, j.address, j.point_id, j.number, j.family_name, j.given_name, j.organisation_name
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The recipients this worker may try, until the lease runs out; ``ref`` is the fence for all it says of them."""

    ref: UUID
    recipients: tuple[tuple[int, int], ...]
    suppressed: int
    """How many were found not to be written to while leasing."""

    @property
    def ids(self) -> list[int]:
        return [number for number, _customer in self.recipients]


@dataclass(frozen=True, slots=True)
class Marked:
    """Recipients whose letters may now be handed over; ``pausing`` where the send may not write now (stopped, quiet, too fast)."""

    send: Any
    letters: tuple[Any, ...] = ()
    suppressed: int = 0
    pausing: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one recipient's letter."""

    recipient_id: int
    point_id: int
    tries: int
    answer: Answer


@operation
def lease_recipients(send_id: int, *, most: int = CHUNK, actor: Actor, at: datetime) -> Lease:
    """Take the next waiting recipients for this worker; those who must not be written to are told so at once, set-based.

    Others' locked rows are passed by. Constant statements, plus those of the vetoes.
    """
    lease = new_id()
    waiting = rows(_WAITING, {"send": send_id, "most": most})
    if not waiting:
        return Lease(lease, (), 0)
    vetoed = _vetoed([r.customer_id for r in waiting], kind=waiting[0].kind, at=at)
    ids = [r.id for r in waiting]
    found = rows(_LEASE, {"ids": ids, "lease": lease, "seconds": LEASE_S, "at": at, "vetoed": vetoed})
    taken = sorted((r.id, r.principal_id) for r in found if r.refused is None)
    return Lease(lease, tuple(taken), len(found) - len(taken))


@operation
def mark_recipients(
    send_id: int, recipients: Sequence[tuple[int, int]], *, lease: UUID, told: Sequence[Told] = (), actor: Actor, at: datetime
) -> Marked:
    """These recipients are being written to from the moment this commits; what became of earlier letters is noted with it.

    Everything is checked anew: the send's state, quiet hours, pace, consent, address, vetoes, frequency, and that neither the
    customer's group nor the address was written to in this send. Locks, in this order: the customers (advisory), the send, the rows.
    """
    if told:
        note_answers(told, lease=lease, actor=actor, at=at)
    lock_advisory(LockSpace.CAMPAIGN, *(f"customer:{customer}" for _number, customer in recipients))
    (send,) = rows(_LOCK_SEND, {"send": send_id, "at": at})
    room = len(recipients) if send.per_minute is None else max(0, send.per_minute - send.used)
    if send.state != "sending" or send.is_quiet or not room:
        return Marked(send, pausing=True)
    ids = [number for number, _customer in recipients[:room]]
    vetoed = _vetoed([customer for _number, customer in recipients[:room]], kind=send.kind, at=at)
    found = rows(_MARK, {"send": send_id, "ids": ids, "lease": lease, "seconds": LEASE_S, "at": at, "vetoed": vetoed})
    letters = tuple(r for r in found if r.why is None)
    if send.per_minute is not None and letters:
        run(
            "UPDATE campaigns_send SET window_count = %s, window_at = CASE WHEN window_at > clock_timestamp() - interval '1 minute'"
            " THEN window_at ELSE clock_timestamp() END WHERE id = %s",
            (send.used + len(letters), send_id),
        )
    return Marked(send, letters, len(found) - len(letters), pausing=room < len(recipients))


def _vetoed(customer_ids: Sequence[int], *, kind: str, at: datetime) -> list[int]:
    return sorted({number for veto in SEND_VETO.all() for number in veto.vetoed(customer_ids, kind=MessageKind(kind), at=at)})


# A letter that was certainly not taken leaves no trace of having been written; one that was taken late is taken all the same.
_NOTE: Final = """
UPDATE campaigns_recipient r SET state = t.state, reason = t.reason, due_at = clock_timestamp() + make_interval(secs => t.wait),
    tries = CASE WHEN t.counts THEN r.tries ELSE r.tries - 1 END,
    written_at = CASE WHEN t.state IN ('sent', 'unknown') THEN r.written_at END,
    consent_id = CASE WHEN t.state IN ('sent', 'unknown') THEN r.consent_id END,
    address_mark = CASE WHEN t.state IN ('sent', 'unknown') THEN r.address_mark END,
    lease_ref = CASE WHEN t.state IN ('sent', 'unknown') THEN r.lease_ref END, lease_until_at = NULL
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(waits)s::float8[], %(counts)s::bool[]) AS t (id, state, reason, wait, counts)
WHERE r.id = t.id AND r.lease_ref = %(lease)s::uuid AND (r.state = 'sending' OR (r.state = 'unknown' AND t.state IN ('sent', 'failed')))
"""


@operation
def note_answers(told: Sequence[Told], *, lease: UUID, actor: Actor, at: datetime) -> int:
    """What the mail server said stands beside each recipient: sent, failed, unknown, or waiting for another try.

    Only who holds the lease may say so; a stale word changes nothing. An address with nobody behind it is marked unreachable.
    """
    if not told:
        return 0
    judged = [_judged(one) for one in told]
    noted = run(
        _NOTE,
        {
            "lease": lease, "ids": [one.recipient_id for one in told], "states": [str(state) for state, _reason, _wait, _counts in judged],
            "reasons": [reason for _state, reason, _wait, _counts in judged], "waits": [wait for _state, _reason, wait, _counts in judged],
            "counts": [counts for _state, _reason, _wait, counts in judged],
        },
    )  # fmt: skip
    gone = [one.point_id for one in told if one.answer.taken is Taken.NO_MAILBOX]
    if gone:
        mark_unreachable(gone, reason=_("The mail server knows nobody at this address."), actor=actor, at=at)
    return noted


def _judged(one: Told) -> tuple[RecipientState, str, float, bool]:
    """The state, its reason, seconds to wait, and whether the try counts."""
    said = one.answer.said[:120]
    match one.answer.taken:
        case Taken.YES:
            return RecipientState.SENT, "", 0.0, True
        case Taken.UNKNOWN:
            return RecipientState.UNKNOWN, said, 0.0, True
        case Taken.NO_LINE:
            return RecipientState.QUEUED, said, 5.0, False
        case Taken.LATER if one.tries < MOST_TRIES:
            return RecipientState.QUEUED, said, float(retry_seconds(one.tries)), True
    return RecipientState.FAILED, said, 0.0, True


@operation
def give_back(recipient_ids: Sequence[int], *, lease: UUID, actor: Actor) -> int:
    """Leased recipients who were not tried wait again, for anybody."""
    if not recipient_ids:
        return 0
    return run(
        "UPDATE campaigns_recipient SET lease_ref = NULL, lease_until_at = NULL WHERE id = ANY(%s::bigint[]) AND lease_ref = %s::uuid AND state = 'queued'",
        (list(recipient_ids), lease),
    )


@operation
def own_up(*, actor: Actor, at: datetime) -> int:
    """Letters whose worker died while handing them over are unknown from now on, and are never sent again by themselves."""
    return run(
        "UPDATE campaigns_recipient SET state = 'unknown', reason = %s, lease_until_at = NULL WHERE state = 'sending' AND lease_until_at <= clock_timestamp()",
        ("worker_lost",),
    )


@operation
def forget_addresses(customer_ids: Sequence[int], *, actor: Actor) -> int:
    """Nothing in the customers' rows leads back to an address. Again changes nothing."""
    return run(
        "UPDATE campaigns_recipient SET address_mark = NULL WHERE customer_id = ANY(%s::bigint[]) AND address_mark IS NOT NULL",
        (list(customer_ids),),
    )
