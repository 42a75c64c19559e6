"""The rules by which orders are held are asked again once an order is changed: what it meets only now holds it."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from billing.rules import PaymentMethod
from core.actor import Actor
from core.db import rows, run
from core.outbox import announce
from core.queries import prefectures_of
from core.text import postal_key
from orders.events import HoldRaised
from orders.operations.changing import Calculated
from orders.queries import hold_rules
from orders.rules import ChangeKind, HeldDestination, HoldFacts, HoldRow, RaisedHold, StandingPlace, raised_holds

# As at placing, orders of everybody who is the same person count (ADR 0010).
_PAST = """
SELECT o.remark, NOT EXISTS (SELECT FROM orders_order p WHERE p.id < o.id AND p.cancelled_at IS NULL AND p.customer_id IN (
    SELECT c.id FROM customers_customer c WHERE c.id = o.customer_id OR c.principal_id = o.customer_id)) AS is_first
FROM orders_order o WHERE o.id = %s
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
    """The changed order is held by every rule that it meets now and did not meet before. Announces HoldRaised for each.

    Without rules nothing is asked. Whether the same products were ordered twice is asked when an order is placed, not here. Call it
    inside the operation that changes the order, which is locked.
    """
    order = change.order
    rules = [rule for rule in hold_rules(order.company_id) if rule.repeats_within_days is None]
    raised = _newly(rules, change, at=at) if rules else []
    if not raised:
        return
    told = [{"kind": hold.kind, "reason": hold.reason[:200], "rule_id": hold.rule_id, "role_id": hold.role_id} for hold in raised]
    run(_RAISE, {"order": order.order_id, "at": at, "holds": orjson.dumps(told).decode()})
    announce(
        *(
            HoldRaised(
                order_id=order.order_id, order_ref=order.ref, company_id=order.company_id, customer_id=order.customer_id, kind=hold.kind
            )
            for hold in raised
        )
    )


def _newly(rules: Sequence[HoldRow], change: Calculated, *, at: datetime) -> list[RaisedHold]:
    order = change.order
    (past,) = rows(_PAST, (order.order_id,))
    moved = {(i.target, i.field): i.after for i in change.items if i.kind is ChangeKind.DESTINATION}
    places = {when: [_asked(place, moved if when == "after" else {}) for place in order.destinations] for when in ("before", "after")}
    codes = sorted({code for asked in places.values() for code, *_rest in asked if code})
    known = prefectures_of(codes) if any(rule.postal_differs for rule in rules) else {}

    def met(when: str, *, method: PaymentMethod, total: int) -> tuple[RaisedHold, ...]:
        facts = HoldFacts(
            channel_id=order.channel_id,
            method=method,
            total=total,
            remark=past.remark,
            is_first=past.is_first,
            destinations=tuple(
                HeldDestination(postal_code=code, prefecture=prefecture, time_band=band, prefectures=known.get(code, ()))
                for code, prefecture, band in places[when]
            ),
        )
        return raised_holds(rules, facts, at=at)

    before = {hold.rule_id for hold in met("before", method=order.payment_method, total=order.total)}
    after = met("after", method=change.result.method, total=change.result.sums.total)
    return [hold for hold in after if hold.rule_id not in before]


def _asked(place: StandingPlace, moved: dict[tuple[str, str], str]) -> tuple[str, str, str]:
    """(postal code, prefecture, time band) of a destination, with what is changed of it."""
    code, prefecture, band = (
        moved.get((str(place.position), name), place.value(name)) for name in ("postal_code", "prefecture", "time_band")
    )
    return postal_key(code) or "", prefecture, band
