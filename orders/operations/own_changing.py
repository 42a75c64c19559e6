"""A buyer changes an order of her own: looked at first, then done in one transaction, by the sets of changes that staff use."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.operations.changing import Calculated, CannotChange, Conflicted, buyers_faults, calculate, open_change, rebased
from orders.operations.confirming import Changed, Confirming, confirm_change
from orders.queries import standing_order
from orders.rules import ChangeItem, Refused


def foresee_own_change(order_id: int, *, items: Sequence[ChangeItem], at: datetime) -> Calculated | Conflicted | Refused:
    """What the items would make of the order and its money, or every reason why not. Writes nothing."""
    order = standing_order(order_id)
    if order is None:
        return Refused.because(Refusal("order.not_found", _("There is no such order.")))
    if faults := buyers_faults(order, items, at=at):
        return Refused(tuple(faults))
    moved = rebased(order, items)
    return moved if isinstance(moved, Conflicted) else calculate(order, moved, at=at)


def change_own_order(
    order_id: int, *, items: Sequence[ChangeItem], expected_total: int, actor: Actor, at: datetime
) -> Changed | Conflicted | Refused:
    """The order is as its buyer wants it, at the total she was shown. All of it or nothing.

    Refuses what keeps a buyer from changing it, what ``confirm_change`` refuses, and "order.being_changed" while staff are at it. Sent
    again it is "order.change_nothing": it is so already. Whether the order is the buyer's is the counter's to know.
    """
    try:
        return _change(order_id, items=items, expected_total=expected_total, actor=actor, at=at)
    except CannotChange as no:
        return Refused(no.errors)


@operation
def _change(
    order_id: int, *, items: Sequence[ChangeItem], expected_total: int, actor: Actor, at: datetime
) -> Changed | Conflicted | Refused:
    opened = open_change(order_id, items=items, actor=actor, at=at)
    if isinstance(opened, Conflicted):
        return opened
    if isinstance(opened, Refused):
        if opened.code == "order.change_open":  # who is at it is nothing to the buyer
            words = _("We are changing this order ourselves just now. Please try again later, or write to us.")
            return Refused.because(Refusal("order.being_changed", words))
        return opened
    answer = confirm_change(Confirming(change_id=opened.change_id, expected_total=expected_total), actor=actor, at=at)
    if isinstance(answer, Refused):
        raise CannotChange.because(*answer.reasons)  # so that no set is left open
    return answer
