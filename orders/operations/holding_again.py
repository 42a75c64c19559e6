"""The rules by which orders are held are asked again once an order is changed: what it meets only now holds it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from billing.rules import PaymentMethod
from core.actor import Actor
from core.db import rows, run
from core.outbox import announce
from core.queries import prefectures_of
from core.text import postal_key
from orders.events import HoldRaised
from orders.operations.approving import StandingApproval, approval_of, follow_payment
from orders.operations.changing import Calculated
from orders.operations.gating import told
from orders.operations.gating_changes import write_workflow
from orders.operations.hold_asking import NO_LIMIT, NOTHING_BEFORE, credit_of, looked_back, words_of_place
from orders.queries import Past, PastAsk, hold_rules, past_of
from orders.rules import (
    ChangeKind,
    HeldDestination,
    HoldFacts,
    HoldKind,
    HoldRow,
    RaisedHold,
    StandingPlace,
    gate_holds,
    raised_holds,
)

# As at placing, orders of everybody who is the same person count (ADR 0010).
_PAST = """
SELECT o.remark, coalesce(k.principal_id, k.id) AS person, NOT EXISTS (
    SELECT FROM orders_order p WHERE p.id < o.id AND p.cancelled_at IS NULL AND p.customer_id IN (
        SELECT c.id FROM customers_customer c WHERE coalesce(c.principal_id, c.id) = coalesce(k.principal_id, k.id))) AS is_first
FROM orders_order o JOIN customers_customer k ON k.id = o.customer_id WHERE o.id = %s
"""
_RAISE = """
WITH h AS (
    INSERT INTO orders_hold (order_id, kind, reason, rule_id, role_id, raised_at, actor_kind, actor_id, actor_label)
    SELECT %(order)s, n.kind, n.reason, n.rule_id, n.role_id, %(at)s, 'rule', 'changing', ''
    FROM jsonb_to_recordset(%(holds)s::jsonb) AS n (kind text, reason text, rule_id bigint, role_id int) RETURNING id
)
UPDATE orders_order SET open_holds = open_holds + (SELECT count(*) FROM h)::int WHERE id = %(order)s
"""


def hold_again(change: Calculated, *, actor: Actor, at: datetime) -> None:
    """The changed order is held by every rule and gate that it meets now and did not meet before. Announces HoldRaised for each.

    Without rules and profiles nothing is asked. Whether the same products were ordered twice is asked when an order is placed, not here.
    An approval of its payment follows what it comes to. Call it inside the operation that changes the order, which is locked.
    """
    order = change.order
    rules = [rule for rule in hold_rules(order.company_id) if rule.repeats_within_days is None]
    approval = approval_of(order.order_id) if PaymentMethod.DEFERRED in (order.payment_method, change.result.method) else None
    raised = [*(_newly(rules, change, approval, at=at) if rules else []), *_by_gates(change)]
    write_workflow(order, change.gates)
    if raised:
        _raise(change, raised, at=at)
    if PaymentMethod.DEFERRED in (order.payment_method, change.result.method):
        follow_payment(
            order, approval, method=change.result.method, total=change.result.sums.total,
            is_held=any(hold.kind is HoldKind.APPROVAL for hold in raised), actor=actor, at=at,
        )  # fmt: skip


def _raise(change: Calculated, raised: Sequence[RaisedHold], *, at: datetime) -> None:
    order = change.order
    said = [{"kind": hold.kind, "reason": hold.reason[:200], "rule_id": hold.rule_id, "role_id": hold.role_id} for hold in raised]
    run(_RAISE, {"order": order.order_id, "at": at, "holds": orjson.dumps(said).decode()})
    announce(
        *(
            HoldRaised(
                order_id=order.order_id, order_ref=order.ref, company_id=order.company_id, customer_id=order.customer_id, kind=hold.kind
            )
            for hold in raised
        )
    )


def _by_gates(change: Calculated) -> list[RaisedHold]:
    """A remark that a profile among the goods only now wants answered, and what its buyer was not told or asked."""
    if change.gates is None or change.gates.after is None:
        return []
    before = gate_holds(change.gates.before.facts, (), told) if change.gates.before else ()
    return [hold for hold in gate_holds(change.gates.after.facts, change.gates.untold, told) if hold not in before]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is the same before and after a change."""

    remark: str
    is_first: bool
    past: Past
    owed: int
    limit: int | None
    codes: Mapping[str, frozenset[str]]


def _newly(rules: Sequence[HoldRow], change: Calculated, approval: StandingApproval | None, *, at: datetime) -> list[RaisedHold]:
    order = change.order
    moved = {(i.target, i.field): i.after for i in change.items if i.kind is ChangeKind.DESTINATION}
    places = {
        when: [_asked(place, moved if when == "after" else {}, rules) for place in order.destinations] for when in ("before", "after")
    }
    known = _known(rules, change, [to.postal_code for asked in places.values() for to in asked], at=at)
    covers = approval.covers if approval else None

    def met(when: str, *, method: PaymentMethod, total: int, goods: Sequence[tuple[str, str, int]]) -> tuple[RaisedHold, ...]:
        pieces: Counter[str] = Counter()
        for sku, _profile, units in goods:
            pieces[sku] += units
        facts = HoldFacts(
            channel_id=order.channel_id,
            method=method,
            total=total,
            remark=known.remark,
            is_first=known.is_first,
            destinations=tuple(
                HeldDestination(
                    postal_code=to.postal_code, prefecture=to.prefecture, time_band=to.time_band, text=to.text,
                    prefectures=known.codes.get(to.postal_code, ()),
                )
                for to in places[when]
            ),
            profiles=frozenset(profile for _sku, profile, _units in goods),
            pieces=pieces,
            before=known.past.bought,
            owed=known.owed,
            credit_limit=known.limit,
            is_approved=covers is not None and total <= covers,
        )  # fmt: skip
        return raised_holds(rules, facts, at=at)

    now = [(line.sku, line.profile, line.live) for line in order.lines if line.live > 0]
    then = [
        (piece.sku, piece.line.profile if piece.line else change.offers[piece.sku].workflow_profile, piece.quantity)
        for piece in change.result.pieces
    ]
    before = {hold.rule_id for hold in met("before", method=order.payment_method, total=order.total, goods=now)}
    after = met("after", method=change.result.method, total=change.result.sums.total, goods=then)
    return [hold for hold in after if hold.rule_id not in before]


def _known(rules: Sequence[HoldRow], change: Calculated, codes: Sequence[str], *, at: datetime) -> _Known:
    order = change.order
    (row,) = rows(_PAST, (order.order_id,))
    past = NOTHING_BEFORE
    if any(rule.pieces_within_days is not None for rule in rules):
        since, counts = looked_back(rules, at=at)
        ask = PastAsk(key=0, customer_id=row.person, skus=(), except_id=order.order_id)
        past = past_of([ask], since=since, counts=counts).get(0, NOTHING_BEFORE)
    credit = credit_of([order.customer_id], rules, except_id=order.order_id).get(order.customer_id, NO_LIMIT)
    found = prefectures_of(sorted({code for code in codes if code})) if any(rule.postal_differs for rule in rules) else {}
    return _Known(row.remark, row.is_first, past, credit.owed, credit.limit, found)


def _asked(place: StandingPlace, moved: dict[tuple[str, str], str], rules: Sequence[HoldRow]) -> HeldDestination:
    """A destination with what is changed of it."""

    def value(name: str) -> str:
        return moved.get((str(place.position), name), place.value(name))

    return HeldDestination(
        postal_code=postal_key(value("postal_code")) or "",
        prefecture=value("prefecture"),
        time_band=value("time_band"),
        text=words_of_place(
            *(value(name) for name in ("name", "organisation_name", "prefecture", "city", "street", "building")), rules=rules
        ),
    )
