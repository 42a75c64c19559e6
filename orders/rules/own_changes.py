"""What buyers change of their own orders without asking anybody: less, elsewhere, on another day; as long as nobody has begun to pack. Pure.

Told in the words of whoever reads them: the buyer.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.changes import ChangeItem, ChangeKind, StandingOrder, current
from orders.rules.statuses import OrderStatus

EARLIEST_DAYS: Final = 3
"""So long it takes from a wish to a parcel at the door, at the checkout as well, where no delivery services say it."""


def own_order_faults(order: StandingOrder) -> list[Refusal]:
    """Why the buyer can change nothing of the order now, and what to do instead."""
    if order.status == OrderStatus.CANCELLED:
        return [Refusal("order.own_cancelled", _("This order is cancelled. Please order anew."))]
    if order.status == OrderStatus.PENDING:
        return [Refusal("order.own_pending", _("Your payment is still being confirmed. Please come back in a few minutes."))]
    if order.origin != "placed" or order.channel_kind == "marketplace":
        return [Refusal("order.own_elsewhere", _("This order was placed elsewhere. Please change it where you bought it, or write to us."))]
    if order.has_left or order.status == OrderStatus.COMPLETED:
        return [Refusal("order.own_left", _("Your parcel has left. Once it has arrived, you can ask for a return."))]
    if order.is_laid_ready:
        words = _(
            "Your goods lie packed in the store, so the order cannot be changed here any more. Please tell the store when you fetch them, or call."
        )
        return [Refusal("order.own_laid_ready", words)]
    if order.instructed or order.labelled or order.is_picked:
        return [
            Refusal(
                "order.own_packing",
                _("Your parcel is being packed, so the order cannot be changed here any more. Please write to us or call."),
            )
        ]
    return []


def own_item_faults(order: StandingOrder, items: Sequence[ChangeItem], *, today: date) -> list[Refusal]:
    """What of a change is not the buyer's to decide, each at its place; whether it can be done at all is told by the rules of every change."""
    found = []
    for n, item in enumerate(items):
        if item.kind not in (ChangeKind.QUANTITY, ChangeKind.DESTINATION):
            found.append(Refusal("order.own_not_here", _("This cannot be changed here. Please write to us."), {}, f"/items/{n}"))
            continue
        line = order.line(item.target) if item.kind is ChangeKind.QUANTITY else None
        if line is not None and item.after.isascii() and item.after.isdigit() and len(item.after) < 10 and int(item.after) > line.live:
            words = _("You can order less here. Please order what you would like besides in a new order.")
            found.append(Refusal("order.own_only_less", words, {"most": line.live}, f"/items/{n}/after"))
        first = (today + timedelta(days=EARLIEST_DAYS)).isoformat()
        if item.field == "wished_on" and item.after and item.after != current(order, item) and item.after < first:
            words = _("Please choose a day from %(from)s on.")
            found.append(Refusal("order.own_too_soon", words, {"from": first}, f"/items/{n}/after"))
    return found
