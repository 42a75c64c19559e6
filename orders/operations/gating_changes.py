"""The gates of workflow profiles are asked again when a placed order is changed: what it lacks only then is refused, or holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from billing.rules import PaymentMethod
from catalog.rules import Offer, PurchaseType
from core.db import rows, run
from core.errors import Refusal
from orders.operations.gating import Gated, gated_facts, kept_columns
from orders.rules import (
    TOLD_GATES,
    ChangeItem,
    ChangeKind,
    Gate,
    GatedLine,
    GateFacts,
    GiftSaid,
    Profiles,
    StandingOrder,
    Unmet,
    each_once,
    gift_said,
    pieces_of,
    wish_of_text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedChange:
    """What profiles ask of an order before and after a change; None where none has a say."""

    before: Gated | None
    after: Gated | None

    @property
    def new(self) -> list[Unmet]:
        """What is not met only after the change."""
        known = {_key(one) for one in self.before.unmet} if self.before else set()
        return [one for one in self.after.unmet if _key(one) not in known] if self.after else []

    @property
    def untold(self) -> list[Unmet]:
        """What the buyer was not told or asked: the change is done, and somebody asks."""
        return [one for one in self.new if one.refusal.code in _TOLD]


_TOLD = {f"order.gate_{gate}" for gate in TOLD_GATES}


def _key(one: Unmet) -> tuple[int, str, str]:
    return one.profile.id, one.refusal.code, one.refusal.field


_KNOWN = """
SELECT o.remark, coalesce(w.told, '{}') AS told, EXISTS (SELECT FROM orders_finalconfirmation c WHERE c.order_id = o.id) AS confirmed
FROM orders_order o LEFT JOIN orders_orderworkflow w ON w.order_id = o.id WHERE o.id = %s
"""


def gates_of_change(
    order: StandingOrder, items: Sequence[ChangeItem], offers: Mapping[str, Offer], *, profiles: Profiles
) -> GatedChange | None:
    """What the profiles in force ask before and after; None for a company without profiles, else one statement."""
    if not profiles.rows:
        return None
    (known,) = rows(_KNOWN, (order.order_id,))
    told = {Gate(one) for one in known.told if one in set(Gate)} | ({Gate.CONFIRMATION} if known.confirmed else set())
    facts = GateFacts(
        lines=_lines_now(order, profiles), method=order.payment_method, remark=known.remark, told=told, gifts=_gifts(order, ())
    )
    method = next((PaymentMethod(i.after) for i in items if i.kind is ChangeKind.PAYMENT), order.payment_method)
    after = replace(facts, lines=_lines_then(order, items, offers, profiles), method=method, gifts=_gifts(order, items))
    return GatedChange(before=gated_facts(facts), after=gated_facts(after))


def gate_faults(change: GatedChange | None, items: Sequence[ChangeItem]) -> list[Refusal]:
    """What a change may not do to payment and gifts, beside the item that brings it about."""
    if change is None:
        return []
    return list(each_once(one.refusal.at(_at_item(one.refusal.field, items)) for one in change.new if one.refusal.code not in _TOLD))


def write_workflow(order: StandingOrder, change: GatedChange | None) -> None:
    """What was decided of the order stands as it is after the change. One statement, none for a company without profiles."""
    if change is None:
        return
    gates = change.after.needs.gates if change.after else frozenset()
    given: dict[str, Any] = {"order": order.order_id, "paid": Gate.PAYMENT in gates, "inspected": Gate.INSPECTION in gates}
    if change.after is None:
        run(_FORGET, given)
        return
    run(_KEEP, {**given, "row": orjson.dumps([kept_columns(change.after)]).decode()})


_FLAGS = """
    UPDATE orders_order SET paid_first = %(paid)s, inspected_first = %(inspected)s
    WHERE id = %(order)s AND (paid_first, inspected_first) IS DISTINCT FROM (%(paid)s, %(inspected)s)
"""
_FORGET = f"WITH flags AS ({_FLAGS}) DELETE FROM orders_orderworkflow WHERE order_id = %(order)s"
_KEEP = f"""
WITH flags AS ({_FLAGS})
INSERT INTO orders_orderworkflow (order_id, code, name, gates, told, because)
SELECT %(order)s, r.code, r.name, r.gates, r.told, r.because
FROM jsonb_to_recordset(%(row)s::jsonb) AS r (code text, name text, gates text[], told text[], because jsonb)
ON CONFLICT (order_id) DO UPDATE SET code = EXCLUDED.code, name = EXCLUDED.name, gates = EXCLUDED.gates, told = EXCLUDED.told,
    because = EXCLUDED.because
"""


def _lines_now(order: StandingOrder, profiles: Profiles) -> list[GatedLine]:
    return [
        GatedLine(
            sku=line.sku, profile=profiles.of(line.profile, line.purchase_type), destination=line.destination,
            is_contract=line.purchase_type == PurchaseType.SUBSCRIPTION,
        )
        for line in order.lines
        if line.live > 0
    ]  # fmt: skip


def _lines_then(order: StandingOrder, items: Sequence[ChangeItem], offers: Mapping[str, Offer], profiles: Profiles) -> list[GatedLine]:
    found = []
    for piece in pieces_of(order, items):
        if piece.line is None:
            profile = profiles.of(offers[piece.sku].workflow_profile, PurchaseType.NORMAL)
            found.append(GatedLine(sku=piece.sku, profile=profile))
        elif piece.is_new or piece.line.live > 0:
            line = piece.line
            found.append(
                GatedLine(
                    sku=line.sku, profile=profiles.of(line.profile, line.purchase_type), destination=line.destination,
                    is_contract=line.purchase_type == PurchaseType.SUBSCRIPTION,
                )
            )  # fmt: skip
    return found


def _gifts(order: StandingOrder, items: Sequence[ChangeItem]) -> list[GiftSaid]:
    found = []
    for place in order.destinations:
        said = {i.field: i.after for i in items if i.kind is ChangeKind.GIFT and i.target == str(place.position)}
        found.append(gift_said(*wish_of_text({**place.given, **said})))
    return found


def _at_item(pointer: str, items: Sequence[ChangeItem]) -> str:
    parts = pointer.strip("/").split("/")
    if parts[0] == "payment_method":
        fitting = [n for n, i in enumerate(items) if i.kind is ChangeKind.PAYMENT]
    else:
        name = "message" if parts[-1] == "gift_message" else parts[-1]
        own = [(n, i) for n, i in enumerate(items) if i.kind is ChangeKind.GIFT and i.target == str(int(parts[1]) + 1)]
        fitting = [n for n, i in own if i.field == name] or [n for n, _i in own]
    fitting = fitting or [n for n, i in enumerate(items) if i.kind is ChangeKind.ADDED]
    return f"/items/{fitting[0]}/after" if fitting else "/items"
