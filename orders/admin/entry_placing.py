"""From the page of the order desk to a price, an order, a sale or an estimate; whatever stands in the way is put beside its field."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from billing.rules import Outcome
from core.admin_site import actor_of
from core.errors import HouseError, Refusal
from core.text import whole_number
from orders.admin.entry_desk import Desk
from orders.admin.entry_sale import drafted, sale_of
from orders.admin.entry_talk import has_scripts
from orders.admin.entry_typed import Reading, read
from orders.models import Order
from orders.operations import (
    Quote,
    Sold,
    StockWentMeanwhile,
    StoreSale,
    issue_estimates,
    place_orders,
    quote_orders,
    sell_in_store,
    take_payments,
)
from orders.rules import EstimateAsk, Estimated, OrderDraft, Placed, Refused, desk_estimate_faults, desk_faults, on_this_shelf


def _read(desk: Desk) -> Reading:
    staff: Any = desk.request.user
    customer_id = desk.customer.row.customer_id if desk.customer else None
    return read(desk.typed, channel=desk.channel, customer_id=customer_id, staff_id=staff.pk)


def quote_of(desk: Desk) -> Quote | None:
    """What it costs so far; what stands in the way is put beside its field."""
    if not desk.typed.lines:
        return None
    reading = _read(desk)
    desk.blame(reading.faults)
    draft = drafted(sale_of(desk.typed, reading.draft, desk.stores), reading.draft)
    willing = draft.lines if draft.handed_over else tuple(replace(line, waits_until=date.max) for line in draft.lines)
    (answer,) = quote_orders([replace(draft, lines=willing, expected_total=None)], at=desk.at)
    if isinstance(answer, Refused):
        desk.blame(answer.reasons)
        return None
    short = (answer.short,) if answer.short is not None else ()
    store = desk.sells_from
    desk.blame([*(on_this_shelf(short, store=store.name) if store else short), *answer.faults])
    return answer


def placed(desk: Desk) -> Placed | Sold | None:
    """The order or the sale, or every reason why not beside its field."""
    reading = _read(desk)
    sale = sale_of(desk.typed, reading.draft, desk.stores)
    faults = [
        *reading.faults,
        *desk_faults(drafted(sale, reading.draft), channel_kind=desk.channel.kind, today=desk.today, own_email=desk.channel.company.email),
    ]
    if isinstance(sale, Refusal):
        faults.append(sale)
    if faults:
        desk.blame(faults)
        desk.focus = next(iter(desk.faults), "")
        desk.notices.append(_("Not placed yet: please see the marked fields."))
        return None
    if reading.draft.expected_total is None:
        desk.notices.append(_("Please check the total, then place the order."))
        return None
    kept = _along(desk, reading.draft)
    if kept is None:
        return None
    try:
        result = _placed(desk, sale, kept)
    except (HouseError, StockWentMeanwhile) as error:
        desk.blame([error.refusal] if isinstance(error, HouseError) else list(error.refusals.values()))
        return None
    if isinstance(result, Placed) and reading.draft.means_id is not None:
        _charge(desk, result)
    if not isinstance(result, Refused):
        return result
    desk.blame(result.reasons)
    desk.notices.append(_("Not placed yet: please see the marked fields."))
    return None


def _placed(desk: Desk, sale: StoreSale | Refusal | None, draft: OrderDraft) -> Placed | Sold | Refused:
    actor = actor_of(desk.request)
    if isinstance(sale, StoreSale):
        return sell_in_store(replace(sale, draft=draft), actor=actor, at=desk.at)
    taken_at = next((one.id for one in desk.stores if str(one.id) == desk.typed.store), None)
    (result,) = place_orders([replace(draft, taken_at_id=taken_at)], actor=actor, at=desk.at)
    return result


def _along(desk: Desk, draft: OrderDraft) -> OrderDraft | None:
    """The draft with what is kept along with the order: what was said, the paper. None where something of it is missing still."""
    talk = desk.talk(quote := quote_of(desk), desk.lines(quote)) if has_scripts(desk.channel.company.id) else None
    missing = talk.missing if talk is not None else []
    if (missing or desk.paper.fault is not None) and not Order.objects.filter(cart_ref=draft.cart_ref).exists():
        desk.blame(missing)
        if missing:
            desk.notices.append(_("Not placed yet: please see what has to be said first."))
        return None  # what was placed already answers with its order
    return replace(draft, said=talk.said if talk is not None else (), paper_id=desk.paper.paper_id)


def estimated(desk: Desk) -> Estimated | None:
    """What was typed as an estimate, or every reason why not beside its field."""
    reading, days = _read(desk), whole_number(desk.typed.estimate_days)
    faults = [
        *reading.faults,
        *desk_estimate_faults(
            reading.draft, valid_days=days, channel_kind=desk.channel.kind, today=desk.today, own_email=desk.channel.company.email
        ),
    ]
    if faults or days is None or reading.draft.cart_ref is None:
        desk.blame(faults)
        return None
    ask = EstimateAsk(
        draft=reading.draft,
        valid_until_on=desk.today + timedelta(days=days),
        once_key=reading.draft.cart_ref,
        note=desk.typed.estimate_note,
    )
    (result,) = issue_estimates([ask], actor=actor_of(desk.request), at=desk.at)
    if isinstance(result, Refused):
        desk.blame(result.reasons)
        return None
    return result


def _charge(desk: Desk, order: Placed) -> None:
    """Ask the card while the buyer is on the line, and say what it answered."""
    (taken,) = take_payments([order.order_id], actor=actor_of(desk.request), at=desk.at)
    if taken.outcome == Outcome.OK:
        messages.success(desk.request, _("The card was authorised. It is charged when the parcel leaves."))
    else:
        tell = messages.error if taken.outcome == Outcome.FAILED else messages.warning
        tell(desk.request, _(taken.message))
