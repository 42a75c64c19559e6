"""A set of changes is confirmed: the order's next revision stands, with its stock, its money and its history, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from billing.operations import change_intents
from billing.rules import IntentChange
from core.actor import Actor, ActorKind
from core.db import in_operation, operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import OrderChanged
from orders.operations.change_stock import StockPlan, move_stock, stock_plan
from orders.operations.change_writing import write_revision
from orders.operations.changing import Calculated, CannotChange, Conflicted, buyers_faults, calculate, keep_items, of_another, rebased
from orders.operations.combining import leave_boxes
from orders.operations.facts import refresh_facts
from orders.operations.filling import put_in_parcels
from orders.operations.holding import HoldAsk, hold
from orders.operations.holding_again import hold_again
from orders.operations.replanning import plan_parcels_of
from orders.operations.resourcing import cancel_empty_parcels
from orders.operations.shipping import hold_orders
from orders.operations.statuses import refresh_statuses
from orders.queries import change_view, standing_order
from orders.rules import ChangeItem, ChangeKind, ChangeState, HoldKind, Refused, asks_anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The order's revision that stands now; `repeated` when the set had been confirmed before. ``asks_card``: call ``take_payments``."""

    order_id: int
    change_id: int
    revision: int
    total: int
    asks_card: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirming:
    """A set that is to be done. Without ``items`` those it was opened with; ``expected_total`` refuses what costs something else by now."""

    change_id: int
    items: tuple[ChangeItem, ...] | None = None
    expected_total: int | None = None
    reason: str = ""
    tells_buyer: bool = True


def confirm_change(asked: Confirming, *, actor: Actor, at: datetime) -> Changed | Conflicted | Refused:
    """The order is as the set says: lines, prices, destination, day, payment; stock and money follow in the same transaction.

    Values that somebody else changed meanwhile are a conflict, and nothing is done. Refuses what ``open_change`` refuses,
    "order.no_such_change", "order.change_discarded", "order.change_of_another", "order.total_changed" and "inventory.out_of_stock", each with the place of its item.
    Confirming it again answers with what it became. Announces OrderChanged. Within another operation a refusal of the stock is
    raised as CannotChange, so that nothing half-done is kept.
    """
    try:
        return _confirm(asked, actor=actor, at=at)
    except CannotChange as no:
        if in_operation():
            raise
        return Refused(no.errors)


_ORDER = "SELECT order_id AS id FROM orders_orderchange WHERE id = %s"


@operation
def _confirm(asked: Confirming, *, actor: Actor, at: datetime) -> Changed | Conflicted | Refused:
    hold_orders([row.id for row in rows(_ORDER, (asked.change_id,))])
    # Read once the order is held: a statement that has waited still sees other tables as they were.
    change = change_view(asked.change_id)
    if change is None:
        return Refused.because(Refusal("order.no_such_change", _("There is no such set of changes.")))
    order = standing_order(change.order_key)
    assert order is not None
    items = change.items if asked.items is None else asked.items
    if change.state is ChangeState.CONFIRMED:
        return Changed(
            order_id=order.order_id, change_id=change.key, revision=change.revision or 0, total=change.total_after or 0, repeated=True
        )
    mine = rebased(order, items)
    if isinstance(mine, Conflicted):
        return mine
    if change.state is ChangeState.DISCARDED:
        words = _("%(who)s has discarded these changes or taken over. Load the order again.")
        return Refused.because(Refusal("order.change_discarded", words, {"who": change.closed_by}))
    if (change.opener_kind, change.opener_id) != (actor.kind, actor.id):
        return Refused.because(of_another(change.opened_by))
    if actor.kind is ActorKind.CUSTOMER and (faults := buyers_faults(order, mine, at=at)):
        return Refused(tuple(faults))
    found = calculate(order, mine, at=at, expected_total=asked.expected_total)
    if isinstance(found, Refused):
        return found
    plan = stock_plan(found)
    try:
        return _carry_out(found, plan, asked, change_ref=change.id, actor=actor, at=at)
    except CannotChange as no:
        raise CannotChange.because(*(reason.at(_place_of(reason.field, found, items)) for reason in no.errors)) from no


def _place_of(pointer: str, change: Calculated, items: Sequence[ChangeItem]) -> str:
    """Where the counter said what could not be had."""
    if not pointer.startswith("/pieces/"):
        return pointer
    piece = change.result.pieces[int(pointer.rsplit("/", 1)[1])]
    kind, target = (ChangeKind.ADDED, piece.sku) if piece.line is None else (ChangeKind.QUANTITY, str(piece.line.ref))
    return next((f"/items/{n}/after" for n, i in enumerate(items) if i.kind is kind and i.target == target), "/items")


def place_of_piece(pointer: str, change: Calculated) -> str:
    """The same for a preview, among the items that make a difference."""
    return _place_of(pointer, change, change.items)


# A line that is agreed on anew keeps its public id, and leaves no earlier than before.
_RELEASES = """
SELECT l.public_id AS ref, max(s.not_before_on) AS day FROM orders_shipment s JOIN orders_shipmentline sl ON sl.shipment_id = s.id
JOIN orders_line l ON l.id = sl.line_id WHERE s.order_id = %s AND s.status = 'planned' AND s.not_before_on IS NOT NULL GROUP BY l.public_id
"""


def _carry_out(change: Calculated, plan: StockPlan, asked: Confirming, *, change_ref: UUID, actor: Actor, at: datetime) -> Changed:
    order, money = change.order, change.money
    not_before = {row.ref: row.day for row in rows(_RELEASES, (order.order_id,))}
    stocked = move_stock(change, plan, actor=actor, at=at)
    lines = write_revision(change, plan.refs, at=at)
    if stocked.allocated:
        put_in_parcels(stocked.allocated, lines, not_before, at=at)
    cancel_empty_parcels(stocked.lighter, actor=actor, at=at)
    if _pays_otherwise(change) or any(item.kind is ChangeKind.DESTINATION for item in change.items):
        leave_boxes([order.order_id], actor=actor, at=at)
    if asks_anew(change.items) or any(item.kind in (ChangeKind.QUANTITY, ChangeKind.ADDED) for item in change.items):
        plan_parcels_of([order.order_id], at=at)
    revision = order.revision + 1
    _close(change, asked, revision=revision, actor=actor, at=at)
    asked_again = bool(
        change_intents(
            [
                IntentChange(
                    order_ref=order.ref, company_id=order.company_id, customer_id=order.customer_id, method=change.result.method,
                    currency=order.currency, amount=money.total.after, order_number=order.number, has_left=order.has_left,
                )
            ],
            actor=actor,
            at=at,
        )
    )  # fmt: skip
    if asked_again:
        run("UPDATE orders_order SET status = 'pending' WHERE id = %s", (order.order_id,))
    refresh_statuses([order.order_id], actor=actor, at=at, authorised=False if asked_again or _pays_otherwise(change) else None)
    refresh_facts([order.customer_id], actor=actor, at=at)
    _hold_labelled(change, actor=actor, at=at)
    hold_again(change, actor=actor, at=at)
    announce(
        OrderChanged(
            order_id=order.order_id, order_ref=order.ref, company_id=order.company_id, customer_id=order.customer_id,
            change_ref=change_ref, revision=revision, total_before=money.total.before, total=money.total.after,
            currency=order.currency, pending=asked_again, untold=not asked.tells_buyer,
        )
    )  # fmt: skip
    return Changed(order_id=order.order_id, change_id=asked.change_id, revision=revision, total=money.total.after, asks_card=asked_again)


def _pays_otherwise(change: Calculated) -> bool:
    return change.result.method != change.order.payment_method


def _hold_labelled(change: Calculated, *, actor: Actor, at: datetime) -> None:
    """A label that was made before says what was: the order is held until somebody has made it anew."""
    if change.order.labelled:
        words = gettext("The label of %(parcels)s was made before the order was changed. Make it anew.")
        reason = words % {"parcels": ", ".join(change.order.labelled)[:100]}
        hold([HoldAsk(change.order.order_id, reason[:200])], kind=HoldKind.MANUAL, actor=actor, at=at)


_CLOSE = """
UPDATE orders_orderchange SET state = 'confirmed', revision = %(revision)s, closed_at = %(at)s, closed_by = %(by)s,
    reason = CASE WHEN %(reason)s::text = '' THEN reason ELSE %(reason)s::text END, version = version + 1,
    goods_before = %(goods_before)s, goods_after = %(goods_after)s, discount_before = %(discounts_before)s,
    discount_after = %(discounts_after)s, fee_before = %(fees_before)s, fee_after = %(fees_after)s, tax_before = %(tax_before)s,
    tax_after = %(tax_after)s, total_before = %(total_before)s, total_after = %(total_after)s
WHERE id = %(id)s AND state = 'open'
"""


def _close(change: Calculated, asked: Confirming, *, revision: int, actor: Actor, at: datetime) -> None:
    parts = ("goods", "discounts", "fees", "tax", "total")
    sums = {f"{name}_{when}": getattr(getattr(change.money, name), when) for name in parts for when in ("before", "after")}
    who = (actor.label or actor.id)[:128]
    run(_CLOSE, {"id": asked.change_id, "revision": revision, "at": at, "by": who, "reason": asked.reason.strip()[:200], **sums})
    run("DELETE FROM orders_changeitem WHERE change_id = %s", (asked.change_id,))
    keep_items(asked.change_id, change.items)
