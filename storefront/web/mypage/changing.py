"""The shopper changes an order herself, as long as nobody has begun to pack it: what it comes to shows before she agrees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.rules import Outcome
from core import clock
from core.errors import HouseError, Refusal
from orders.operations import Calculated, Changed, Conflicted, change_own_order, foresee_own_change, take_payments
from orders.queries import OrderView, standing_order
from orders.rules import ChangeItem, ChangeKind, Refused, StandingLine, StandingOrder, StandingPlace, own_order_faults
from storefront.web.buyers import Buyer, by_link, of_her_own
from storefront.web.forms import PREFECTURES, CheckoutForm
from storefront.web.mypage.own import tell_refused

FIELDS = ("name", "postal_code", "prefecture", "city", "street", "building", "phone", "wished_on", "time_band")
FEW = 20
"""So many are chosen from a list; more are typed."""


@dataclass
class _Page:
    """One request: the order as it stands, what was typed, what it comes to, and what is wrong."""

    order: OrderView
    standing: StandingOrder
    typed: Mapping[str, str]
    items: list[ChangeItem] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    result: Calculated | None = None

    def blame(self, reasons: tuple[Refusal, ...]) -> None:
        """Each reason beside its field, or above all of them."""
        for reason in reasons:
            parts = reason.field.strip("/").split("/")
            at = int(parts[1]) if parts[0] == "items" and len(parts) > 1 and parts[1].isdigit() else len(self.names)
            self.faults.setdefault(self.names[at] if at < len(self.names) else "page", reason.text(_))


def change_page(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    """Less of it, elsewhere, or on another day: looked at first, then agreed to at the total that was shown."""
    order, at = buyer.order, clock.now()
    standing = standing_order(order.key)
    assert standing is not None
    screen = _Page(order=order, standing=standing, typed=request.POST)
    if request.method == "POST":
        _read(screen)
        if "send" in request.POST and (done := _send(screen, request, buyer, at=at)) is not None:
            return done
        _look(screen, at=at)
    words = {
        "barred": [fault.text(_) for fault in own_order_faults(standing)],
        "lines": [_line(screen, line) for line in standing.lines if line.stands and line.live > 0],
        "places": [_place(screen, place) for place in standing.destinations],
        "prefectures": PREFECTURES,
        "faults": screen.faults,
        "money": screen.result.money if screen.result else None,
    }
    return buyer.show(request, "order_change", words, status=422 if "send" in request.POST else 200)


change = require_http_methods(["GET", "POST"])(of_her_own(change_page))
change_by_link = require_http_methods(["GET", "POST"])(by_link(change_page))


def _read(screen: _Page) -> None:
    """What differs from what the page was made with; that travels along, so that nothing of somebody else's is overwritten unseen."""
    wanted = [(f"quantity-{line.ref}", ChangeKind.QUANTITY, str(line.ref), "") for line in screen.standing.lines]
    wanted += [
        (f"to-{place.position}-{name}", ChangeKind.DESTINATION, str(place.position), name)
        for place in screen.standing.destinations
        for name in FIELDS
    ]
    for box, kind, target, name in wanted:
        was, now = screen.typed.get(f"was-{box}"), screen.typed.get(box)
        if was is not None and now is not None and now.strip() != was:
            screen.items.append(ChangeItem(kind=kind, target=target, field=name, before=was, after=now.replace("\x00", "").strip()))
            screen.names.append(box)


def _look(screen: _Page, *, at: datetime) -> None:
    if screen.faults:
        return
    answer = foresee_own_change(screen.order.key, items=screen.items, at=at)
    if isinstance(answer, Calculated):
        screen.result = answer
    elif isinstance(answer, Refused):
        screen.blame(answer.reasons)
    else:
        screen.faults["page"] = _("The order has changed meanwhile. Please look at it again.")


def _send(screen: _Page, request: HttpRequest, buyer: Buyer, *, at: datetime) -> HttpResponse | None:
    """Back to the order where it is changed, or was so already; None where something is wrong."""
    back = HttpResponseRedirect(buyer.url("order"))
    expected = request.POST.get("expected_total", "")
    if not (expected.isascii() and expected.isdigit() and len(expected) < 18):
        screen.faults["page"] = _("Please look at the new total first.")
        return None
    try:
        answer = change_own_order(screen.order.key, items=screen.items, expected_total=int(expected), actor=buyer.actor, at=at)
    except HouseError as refused:
        tell_refused(request, refused)
        return back
    if isinstance(answer, Conflicted):
        messages.error(request, _("The order has changed meanwhile. Please look at it again."))
        return HttpResponseRedirect(request.path)
    if isinstance(answer, Refused) and answer.code != "order.change_nothing":
        screen.blame(answer.reasons)
        return None
    if isinstance(answer, Changed) and answer.asks_card:
        (taken,) = take_payments([answer.order_id], actor=buyer.actor, at=at)
        if taken.outcome != Outcome.OK:
            messages.warning(request, _(taken.message))
    messages.success(request, _("Your order is changed. We send you a mail with what you agreed to."))
    return back


def _line(screen: _Page, line: StandingLine) -> dict[str, Any]:
    """A line with how many of it there may be; what comes by subscription is changed there, what waits is kept or left out."""
    box = f"quantity-{line.ref}"
    choices = [line.live, 0] if line.waiting else list(range(line.live, -1, -1)) if line.live <= FEW else []
    return {
        "line": line, "box": box, "value": screen.typed.get(box, str(line.live)), "was": str(line.live), "choices": choices,
        "fixed": line.purchase_type == "subscription", "fault": screen.faults.get(box, ""),
    }  # fmt: skip


def _place(screen: _Page, place: StandingPlace) -> dict[str, Any]:
    labels = {name: CheckoutForm.base_fields[name].label for name in FIELDS if name != "name"}
    bands = list(CheckoutForm.base_fields["time_band"].choices)  # type: ignore[attr-defined]
    if place.time_band not in dict(bands):
        bands.append((place.time_band, place.time_band))
    fields = []
    for name in FIELDS:
        box = f"to-{place.position}-{name}"
        was = place.value(name)
        fields.append(
            {
                "name": name, "box": box, "label": labels.get(name) or _("Name of the recipient"), "value": screen.typed.get(box, was), "was": was,
                "fault": screen.faults.get(box, ""),
            }
        )  # fmt: skip
    return {"position": place.position, "fields": fields, "bands": bands}
