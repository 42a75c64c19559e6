"""What subscriptions hold about customers, and the figures for the first page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from core.db import rows
from subscriptions.queries.plans import PLAN_COLUMNS, plan_row
from subscriptions.rules import ChangeKind, Rhythm, interval_words, read_interval, reason_words, slots

TABLES: Final = ("subscriptions_subscription.customer_id",)
AHEAD_SHOWN = 3
"""So many deliveries of each contract stand in a timeline."""

_TOLD = """
SELECT s.customer_id, h.at, s.id AS contract_id, s.number, h.kind, h.number AS delivery, h.before, h.after, h.reason,
    p.name AS plan_name
FROM subscriptions_subscription s JOIN subscriptions_plan p ON p.id = s.plan_id
JOIN LATERAL (SELECT * FROM subscriptions_subscriptionchange h WHERE h.subscription_id = s.id
    AND (%(before)s::timestamptz IS NULL OR h.at < %(before)s) ORDER BY h.at DESC, h.id DESC LIMIT %(limit)s) h ON true
WHERE s.customer_id = ANY(%(ids)s::bigint[])
ORDER BY h.at DESC, h.id DESC LIMIT %(limit)s
"""
_PLANNED = f"""
SELECT s.customer_id, s.id AS contract_id, s.number AS contract_number, s.interval, s.anchor_on, s.anchor_number, s.last_number, c.number,
    c.delivery, c.status AS cycle_status, c.reason, {PLAN_COLUMNS},
    ARRAY(SELECT k.number FROM subscriptions_cycle k WHERE k.subscription_id = s.id AND k.status = 'skipped') AS skipped
FROM subscriptions_subscription s JOIN subscriptions_plan p ON p.id = s.plan_id
JOIN subscriptions_cycle c ON c.subscription_id = s.id AND c.status IN ('planned', 'failed')
WHERE s.customer_id = ANY(%s::bigint[]) AND s.status = 'active' ORDER BY c.planned_on, s.id LIMIT 20
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that happened, or is planned, with a contract."""

    customer_id: int
    at: datetime
    contract_id: int
    title: str
    detail: str
    planned: bool


def told_of(customer_ids: Sequence[int], *, before: datetime | None, limit: int) -> list[Told]:
    """The history of these customers' contracts, newest first; before it what is planned, soonest first, where no moment is given.

    One statement, two with planned deliveries.
    """
    planned = _planned(customer_ids) if before is None else []
    found = rows(_TOLD, {"ids": list(customer_ids), "before": before, "limit": limit}, prepare=False)
    happened = [
        Told(
            customer_id=r.customer_id,
            at=r.at,
            contract_id=r.contract_id,
            title=f"{r.number} {_(ChangeKind.labels()[ChangeKind(r.kind)])}",
            detail=_detail(r.kind, r.delivery, r.before, r.after, r.reason) or r.plan_name,
            planned=False,
        )
        for r in found
    ]
    return planned[:limit] + happened


def _detail(kind: str, number: int | None, before: str, after: str, reason: str) -> str:
    if kind in (ChangeKind.INTERVAL, ChangeKind.STARTED):
        before, after = (interval_words(code, translate=_) if code else "" for code in (before, after))
    moved = f"{before} → {after}" if before and after else after or before
    parts = [_("Delivery %(n)s") % {"n": number} if number else "", moved, reason_words(reason, translate=_)]
    return " · ".join(part for part in parts if part)


def _planned(customer_ids: Sequence[int]) -> list[Told]:
    found = rows(_PLANNED, (list(customer_ids),), prepare=False)
    told = []
    for r in found:
        plan = plan_row(r)
        rhythm = Rhythm(interval=read_interval(r.interval), anchor_on=r.anchor_on, anchor_number=r.anchor_number)
        coming = slots(
            rhythm,
            number=r.number,
            delivery=r.delivery,
            skipped=set(r.skipped),
            ahead=plan.ahead(),
            until=rhythm.date_of(r.number) + timedelta(days=200),
            last_number=r.last_number,
            maximum=plan.maximum_cycles,
        )
        for slot in [s for s in coming if not s.skipped][:AHEAD_SHOWN]:
            first = slot.number == r.number
            state = reason_words(r.reason, translate=_) if first and r.cycle_status == "failed" else interval_words(r.interval, translate=_)
            told.append(
                Told(
                    customer_id=r.customer_id,
                    at=_noon(slot.planned_on),
                    contract_id=r.contract_id,
                    title=_("%(contract)s delivery %(n)s") % {"contract": r.contract_number, "n": slot.delivery},
                    detail=f"{plan.name} · {state}",
                    planned=True,
                )
            )
    return sorted(told, key=lambda row: (row.at, row.contract_id))


def _noon(on: date) -> datetime:
    """Noon in Japan: a delivery has a day, a timeline wants a moment of it."""
    return datetime.combine(on, time(3), tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A contract that is not over."""

    customer_id: int
    number: str


def running_of(customer_ids: Sequence[int]) -> list[Running]:
    """The contracts of these customers that are not over."""
    found = rows(
        "SELECT customer_id, number FROM subscriptions_subscription WHERE customer_id = ANY(%s::bigint[]) AND status IN ('active', 'paused') ORDER BY id",
        (list(customer_ids),),
    )
    return [Running(customer_id=r.customer_id, number=r.number) for r in found]


_HELD = """
SELECT s.customer_id, 'subscriptions_subscription' AS "table", jsonb_build_object('number', s.number, 'course', p.name, 'status', s.status,
    'interval', s.interval, 'name', s.family_name || ' ' || s.given_name, 'postal_code', s.postal_code,
    'address', s.prefecture || s.city || s.street || ' ' || s.building, 'phone', s.phone, 'payment_method', s.payment_method,
    'started_at', s.started_at, 'ended_at', s.ended_at, 'end_reason', s.end_reason) AS values
FROM subscriptions_subscription s JOIN subscriptions_plan p ON p.id = s.plan_id WHERE s.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT s.customer_id, 'subscriptions_subscriptionitem', jsonb_build_object('contract', s.number, 'sku', v.sku, 'quantity', i.quantity)
FROM subscriptions_subscriptionitem i JOIN subscriptions_subscription s ON s.id = i.subscription_id JOIN catalog_variant v ON v.id = i.variant_id
WHERE s.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT s.customer_id, 'subscriptions_cycle', jsonb_build_object('contract', s.number, 'number', c.number, 'planned_on', c.planned_on,
    'status', c.status, 'reason', c.reason, 'order', o.number)
FROM subscriptions_cycle c JOIN subscriptions_subscription s ON s.id = c.subscription_id LEFT JOIN orders_order o ON o.id = c.order_id
WHERE s.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT s.customer_id, 'subscriptions_subscriptionchange', jsonb_build_object('contract', s.number, 'at', h.at, 'what', h.kind, 'before', h.before,
    'after', h.after, 'reason', h.reason)
FROM subscriptions_subscriptionchange h JOIN subscriptions_subscription s ON s.id = h.subscription_id WHERE s.customer_id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """A row about a customer in words."""

    customer_id: int
    table: str
    values: Mapping[str, str | int | bool | None]


def held_of(customer_ids: Sequence[int]) -> list[HeldRow]:
    """Every row about these customers. One statement."""
    return [HeldRow(**r._asdict()) for r in rows(_HELD, {"ids": list(customer_ids)}, prepare=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFigures:
    """What the first page shows."""

    active: int
    paused: int
    due: int
    failed: int


_FIGURES = """
SELECT (SELECT count(*) FROM subscriptions_subscription WHERE status = 'active') AS active,
    (SELECT count(*) FROM subscriptions_subscription WHERE status = 'paused') AS paused,
    (SELECT count(*) FROM subscriptions_cycle c JOIN subscriptions_subscription s ON s.id = c.subscription_id
     WHERE c.due_on < %s AND s.status = 'active') AS due,
    (SELECT count(*) FROM subscriptions_cycle WHERE status = 'failed') AS failed
"""


def contract_figures(*, today: date) -> ContractFigures:
    """Running and paused contracts, orders due within seven days, failed deliveries. One statement."""
    return ContractFigures(**rows(_FIGURES, (today + timedelta(days=7),))[0]._asdict())
