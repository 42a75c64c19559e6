"""Contracts held in hand: locked, changed by pure rules, written back. Five statements to load and write any number of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from core.actor import Actor
from core.db import rows, run
from core.events import Event
from core.outbox import announce
from core.queries import company_context
from subscriptions.queries import PlanRow, plan_rows
from subscriptions.rules import (
    ChangeKind,
    ContractStatus,
    CycleStatus,
    Facts,
    Rhythm,
    Slot,
    next_slot,
    read_interval,
    slots,
)


@dataclass(slots=True, kw_only=True)
class HeldCycle:
    """A cycle in hand; `id` None is one that is not written yet."""

    id: int | None
    number: int
    delivery: int
    planned_on: date
    due_on: date | None
    status: CycleStatus
    reason: str = ""
    tries: int = 0
    order_id: int | None = None
    settled_at: datetime | None = None
    dirty: bool = True


@dataclass(slots=True, kw_only=True)
class Change:
    """An entry for the contract's history."""

    kind: ChangeKind
    number: int | None = None
    before: str = ""
    after: str = ""
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Held:
    """A locked contract with its open and skipped cycles, its course and today's date in its company."""

    id: int
    public_id: UUID
    number: str
    company_id: int
    customer_id: int
    channel_id: int
    language: str
    currency: str
    plan: PlanRow
    status: ContractStatus
    interval: str
    anchor_on: date
    anchor_number: int
    last_number: int | None
    paused_at: datetime | None
    paused_until_on: date | None
    pause_reason: str
    ended_at: datetime | None
    end_reason: str
    payment_method: str
    means_id: int | None
    deliveries: int
    last_generated: int
    today: date
    cycles: dict[int, HeldCycle]
    dirty: bool = False
    removed: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    place: dict[str, str] | None = None
    """A new delivery address."""
    items: list[tuple[int, int]] | None = None
    """New articles: (variant, quantity)."""

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(interval=read_interval(self.interval), anchor_on=self.anchor_on, anchor_number=self.anchor_number)

    @rhythm.setter
    def rhythm(self, wanted: Rhythm) -> None:
        if (wanted.anchor_on, wanted.anchor_number, wanted.interval.code) != (self.anchor_on, self.anchor_number, self.interval):
            self.anchor_on, self.anchor_number, self.interval = wanted.anchor_on, wanted.anchor_number, wanted.interval.code
            self.dirty = True

    @property
    def ids(self) -> dict[str, Any]:
        """What every event of the contract tells."""
        return {"contract_id": self.id, "contract_ref": self.public_id, "company_id": self.company_id, "customer_id": self.customer_id}

    @property
    def open(self) -> HeldCycle | None:
        """The cycle to come, or the one that failed."""
        return next((c for c in self.cycles.values() if c.status in (CycleStatus.PLANNED, CycleStatus.FAILED)), None)

    @property
    def skipped(self) -> set[int]:
        return {c.number for c in self.cycles.values() if c.status is CycleStatus.SKIPPED}

    @property
    def next_on(self) -> date | None:
        opened = self.open
        return opened.planned_on if opened and self.status is ContractStatus.ACTIVE else None

    def facts(self, *, exception: bool = False) -> Facts:
        """What the rules want to know."""
        opened = self.open
        return Facts(
            number=self.number,
            status=self.status,
            today=self.today,
            minimum_cycles=self.plan.minimum_cycles,
            change_deadline_days=self.plan.change_deadline_days,
            skip_allowed=self.plan.skip_allowed,
            skip_limit=self.plan.skip_limit,
            pause_allowed=self.plan.pause_allowed,
            deliveries=self.deliveries,
            open_number=opened.number if opened else None,
            open_on=opened.planned_on if opened else None,
            open_status=opened.status if opened else None,
            skipped=self.skipped,
            last_number=self.last_number,
            exception=exception,
        )

    def planned_date(self, number: int) -> date:
        """The date of a slot: as written where it is, else by the schedule."""
        return self.cycles[number].planned_on if number in self.cycles else self.rhythm.date_of(number)

    def slot(self, number: int) -> Slot | None:
        """A slot to come, worked out from the open one."""
        opened = self.open
        if opened is None:
            return None
        until = self.rhythm.date_of(number + 1)
        found = slots(
            self.rhythm,
            number=opened.number,
            delivery=opened.delivery,
            skipped=self.skipped,
            ahead=self.plan.ahead(),
            until=until,
            last_number=self.last_number,
            maximum=self.plan.maximum_cycles,
        )
        return next((s for s in found if s.number == number), None)

    def plan_after(self, number: int, *, delivery: int, earliest: date | None = None) -> HeldCycle | None:
        """Open the slot that follows `number`; None (and nothing opened) where the contract ends before it."""
        found, rhythm = next_slot(
            self.rhythm, after=number, delivery=delivery, skipped=self.skipped, ahead=self.plan.ahead(), today=self.today, earliest=earliest
        )
        most, last = self.plan.maximum_cycles, self.last_number
        if (most is not None and delivery > most) or (last is not None and found.number > last):
            return None
        self.rhythm = rhythm
        cycle = HeldCycle(
            id=None,
            number=found.number,
            delivery=delivery,
            planned_on=found.planned_on,
            due_on=found.order_on,
            status=CycleStatus.PLANNED,
        )
        self.cycles[found.number] = cycle
        return cycle

    def drop(self, cycle: HeldCycle) -> None:
        """A plan is taken back: the slot is worked out again when asked."""
        del self.cycles[cycle.number]
        if cycle.id is not None:
            self.removed.append(cycle.id)

    def end(self, status: ContractStatus, *, reason: str, at: datetime) -> None:
        """Nothing comes any more."""
        opened = self.open
        if opened is not None:
            if opened.status is CycleStatus.FAILED:
                opened.status, opened.due_on, opened.settled_at, opened.dirty = CycleStatus.SKIPPED, None, at, True
            else:
                self.drop(opened)
        self.status, self.ended_at, self.end_reason = status, at, reason
        self.paused_at = self.paused_until_on = None
        self.dirty = True

    def note(self, kind: ChangeKind, *, number: int | None = None, before: object = "", after: object = "", reason: str = "") -> None:
        self.changes.append(Change(kind=kind, number=number, before=str(before)[:400], after=str(after)[:400], reason=reason[:200]))


_LOCK = """
SELECT id, public_id, number, company_id, customer_id, channel_id, language, currency, plan_id, status, interval, anchor_on, anchor_number,
    last_number, paused_at, paused_until_on, pause_reason, ended_at, end_reason, payment_method, means_id
FROM subscriptions_subscription WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE
"""
# Read after the lock, in a statement of its own: one that has waited still sees the cycles as they were before.
_CYCLES = """
SELECT c.id, c.subscription_id, c.number, c.delivery, c.planned_on, c.due_on, c.status, c.reason, c.tries, c.order_id, c.settled_at
FROM subscriptions_cycle c WHERE c.subscription_id = ANY(%s::bigint[]) ORDER BY c.subscription_id, c.number
"""


def hold(contract_ids: Iterable[int], *, at: datetime) -> dict[int, Held]:
    """Lock contracts in the order of their keys and take them in hand, with all their cycles. Three statements."""
    found = rows(_LOCK, (sorted(set(contract_ids)),))
    if not found:
        return {}
    plans = plan_rows([r.plan_id for r in found])
    days = {company_id: company_context(company_id).business_date(at) for company_id in {r.company_id for r in found}}
    held = {}
    for r in found:
        values = r._asdict()
        plan = plans[values.pop("plan_id")]
        values["status"] = ContractStatus(values["status"])
        held[r.id] = Held(**values, plan=plan, today=days[r.company_id], deliveries=0, last_generated=0, cycles={})
    for c in rows(_CYCLES, (list(held),)):
        one = held[c.subscription_id]
        if c.status == "generated":
            one.deliveries += 1
            one.last_generated = c.number
        one.cycles[c.number] = HeldCycle(
            id=c.id, number=c.number, delivery=c.delivery, planned_on=c.planned_on, due_on=c.due_on, status=CycleStatus(c.status),
            reason=c.reason, tries=c.tries, order_id=c.order_id, settled_at=c.settled_at, dirty=False,
        )  # fmt: skip
    return held


_UPDATE = """
UPDATE subscriptions_subscription s SET status = r.status, interval = r.interval, anchor_on = r.anchor_on, anchor_number = r.anchor_number,
    last_number = r.last_number, paused_at = r.paused_at, paused_until_on = r.paused_until_on, pause_reason = r.pause_reason,
    ended_at = r.ended_at, end_reason = r.end_reason, payment_method = r.payment_method, means_id = r.means_id, version = s.version + 1
FROM jsonb_populate_recordset(NULL::subscriptions_subscription, %s::jsonb) r WHERE s.id = r.id
"""
_MOVE_HOUSE = """
UPDATE subscriptions_subscription s SET family_name = r.family_name, given_name = r.given_name, family_kana = r.family_kana,
    given_kana = r.given_kana, organisation_name = r.organisation_name, country = r.country, postal_code = r.postal_code,
    prefecture = r.prefecture, city = r.city, street = r.street, building = r.building, phone = r.phone, time_band = r.time_band
FROM jsonb_populate_recordset(NULL::subscriptions_subscription, %s::jsonb) r WHERE s.id = r.id
"""
_DROP_ITEMS = "DELETE FROM subscriptions_subscriptionitem WHERE subscription_id = ANY(%s::bigint[])"
_ITEMS = """
INSERT INTO subscriptions_subscriptionitem (subscription_id, position, variant_id, quantity)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::int[])
"""
_DROP = "DELETE FROM subscriptions_cycle WHERE id = ANY(%s::bigint[]) AND status <> 'generated'"
# Rows are written one after the other: whatever closes a cycle stands before what opens the next one.
_CYCLE = """
INSERT INTO subscriptions_cycle AS c (subscription_id, number, delivery, planned_on, due_on, status, reason, tries, order_id, settled_at)
SELECT r.subscription_id, r.number, r.delivery, r.planned_on, r.due_on, r.status, r.reason, r.tries, r.order_id, r.settled_at
FROM jsonb_populate_recordset(NULL::subscriptions_cycle, %s::jsonb) WITH ORDINALITY r ORDER BY r.ordinality
ON CONFLICT (subscription_id, number) DO UPDATE SET delivery = EXCLUDED.delivery, planned_on = EXCLUDED.planned_on, due_on = EXCLUDED.due_on,
    status = EXCLUDED.status, reason = EXCLUDED.reason, tries = EXCLUDED.tries, order_id = EXCLUDED.order_id,
    settled_at = EXCLUDED.settled_at, reminded_on = CASE WHEN c.planned_on = EXCLUDED.planned_on THEN c.reminded_on END,
    cart_ref = CASE WHEN c.status = 'generated' THEN gen_random_uuid() ELSE c.cart_ref END
"""
_CHANGE = """
INSERT INTO subscriptions_subscriptionchange (subscription_id, at, kind, number, before, after, reason, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT r.subscription_id, r.at, r.kind, r.number, r.before, r.after, r.reason, r.actor_kind, r.actor_id, r.actor_label, r.on_behalf_of
FROM jsonb_populate_recordset(NULL::subscriptions_subscriptionchange, %s::jsonb) r
"""
_COLUMNS = (
    "id", "status", "interval", "anchor_on", "anchor_number", "last_number", "paused_at", "paused_until_on", "pause_reason", "ended_at",
    "end_reason", "payment_method", "means_id",
)  # fmt: skip
_CYCLE_COLUMNS = ("number", "delivery", "planned_on", "due_on", "status", "reason", "tries", "order_id", "settled_at")
_OPEN = (CycleStatus.PLANNED, CycleStatus.FAILED)


def _json(found: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(found).decode()


def put_back(held: Iterable[Held], *, actor: Actor, at: datetime) -> None:
    """Write what changed: contracts, cycles, history, and announce the events. At most eight statements, whatever the number."""
    touched = list(held)
    dirty = [{name: getattr(one, name) for name in _COLUMNS} for one in touched if one.dirty or one.changes]
    if dirty:
        run(_UPDATE, (_json(dirty),))
    moved = [{"id": one.id, **one.place} for one in touched if one.place is not None]
    if moved:
        run(_MOVE_HOUSE, (_json(moved),))
    _put_items([one for one in touched if one.items is not None])
    removed = [i for one in touched for i in one.removed]
    if removed:
        run(_DROP, (removed,))
    cycles = [(one, c) for one in touched for c in one.cycles.values() if c.dirty]
    cycles.sort(key=lambda pair: (pair[1].status in _OPEN, pair[0].id, pair[1].number))
    if cycles:
        run(_CYCLE, (_json([{"subscription_id": one.id, **{n: getattr(c, n) for n in _CYCLE_COLUMNS}} for one, c in cycles]),))
    write_changes([(one.id, change) for one in touched for change in one.changes], actor=actor, at=at)
    announce(*(event for one in touched for event in one.events))


def _put_items(held: Sequence[Held]) -> None:
    if not held:
        return
    run(_DROP_ITEMS, ([one.id for one in held],))
    lines = [(one.id, n, variant, quantity) for one in held for n, (variant, quantity) in enumerate(one.items or (), 1)]
    run(_ITEMS, tuple(list(column) for column in zip(*lines, strict=True)))


def write_changes(changes: Sequence[tuple[int, Change]], *, actor: Actor, at: datetime) -> None:
    """Add entries to the history of contracts. One statement."""
    if not changes:
        return
    who = {"actor_kind": actor.kind, "actor_id": actor.id, "actor_label": actor.label, "on_behalf_of": actor.on_behalf_of, "at": at}
    run(
        _CHANGE,
        (
            _json(
                [
                    {
                        "subscription_id": contract_id,
                        "kind": c.kind,
                        "number": c.number,
                        "before": c.before,
                        "after": c.after,
                        "reason": c.reason,
                        **who,
                    }
                    for contract_id, c in changes
                ]
            ),
        ),
    )
