"""Taking a return, an exchange or a claim: the order's lines, why, and at once what it would come to. The sum is never stored."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import clock
from core.admin_site import actor_of
from core.errors import HouseError, Refusal
from core.ids import new_id
from orders.models import Order
from orders.operations import approve_returns, request_returns
from orders.queries import (
    OrderView,
    ParcelLine,
    ReasonRow,
    ReturnPreview,
    charge_foreseen,
    order_view,
    parcel_lines,
    return_preview,
    return_reasons,
    return_terms,
)
from orders.queries.return_ground import TermsBook
from orders.rules import (
    MAX_QUANTITY,
    CaseDone,
    ExchangeAsk,
    ExchangeTiming,
    PostageBearer,
    RefundWay,
    ReturnAsk,
    ReturnAskLine,
    ReturnCondition,
    ReturnKind,
)

KINDS = (ReturnKind.RETURN, ReturnKind.EXCHANGE, ReturnKind.CLAIM)
MOST_DIGITS = 12


@dataclass
class ReturnDesk:
    """One request at the page: the order, what was typed, and what is wrong."""

    order: OrderView
    company_id: int
    lines: list[ParcelLine]
    reasons: list[ReasonRow]
    terms: TermsBook
    typed: Any
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> ReturnKind:
        said = self.typed.get("kind", "")
        return ReturnKind(said) if said in KINDS else ReturnKind.RETURN

    @property
    def stays(self) -> bool:
        """A claim whose goods stay with the customer."""
        return self.kind is ReturnKind.CLAIM and self.typed.get("stays") == "1"

    def text(self, name: str, most: int = 200) -> str:
        return str(self.typed.get(name, ""))[:most].strip()

    def number(self, name: str) -> int | None:
        """A whole number as typed; None where nothing is. What is no number is a fault of its field."""
        typed = self.text(name, 40).replace(",", "")
        if not typed:
            return None
        if typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS:
            return int(typed)
        self.faults[name] = _("Type a whole number.")
        return None


def return_desk(request: HttpRequest, row: Order, *, counter: Any) -> HttpResponse:
    """The page, its live sum, and the taking: one call of one operation, then the approval where that was asked for."""
    account: Any = request.user
    if not account.has_perm("orders.decide_return"):
        raise PermissionDenied
    order = order_view(row.pk)
    assert order is not None
    sent = request.POST if request.method == "POST" else {"key": new_id().hex}
    desk = ReturnDesk(
        order=order,
        company_id=row.company_id,
        lines=parcel_lines([row.pk]),
        reasons=return_reasons([row.company_id]),
        terms=return_terms([row.company_id]),
        typed=sent,
    )
    if request.method == "POST" and request.htmx.target == "return-side":  # type: ignore[attr-defined]
        return render(request, "orders/admin/_return_side.html", {"preview": _preview(desk), "order": order})
    if request.method == "POST":
        done = _take(desk, request)
        if isinstance(done, HttpResponse):
            return done
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Return, exchange or claim of %(number)s") % {"number": order.number},
        "order": order,
        "typed": sent,
        "key": sent.get("key", ""),
        "kind": str(desk.kind),
        "kinds": [(str(kind), _(ReturnKind.labels()[kind])) for kind in KINDS],
        "rows": [_shown(desk, line) for line in order.lines],
        "reasons": [(reason.code, reason.word(get_language() or "ja")) for reason in desk.reasons],
        "conditions": [(str(c), _(words)) for c, words in ReturnCondition.labels().items()],
        "bearers": [(str(b), _(words)) for b, words in PostageBearer.labels().items()],
        "ways": [(str(w), _(words)) for w, words in RefundWay.labels().items()],
        "timings": [(str(t), _(words)) for t, words in ExchangeTiming.labels().items()],
        "faults": desk.faults,
        "preview": _preview(desk),
        "nothing": not any(line.free for line in desk.lines),
        "back": reverse("admin:orders_order_change", args=[row.pk]),
    }
    return render(request, "orders/admin/return_desk.html", words)


def _shown(desk: ReturnDesk, line: Any) -> dict[str, Any]:
    """A line of the order with what may come back of it and what was typed."""
    parcels = [one for one in desk.lines if one.position == line.position]
    terms = desk.terms[desk.company_id, parcels[0].product_id] if parcels else None
    names = ("quantity", "reason", "condition", "remark", "sku", "part")
    return {
        "line": line,
        "free": sum(one.free for one in parcels),
        "last_on": max((terms.last_day(one.delivered_on, is_defect=False) for one in parcels), default=None) if terms else None,
        "returnable": terms is None or terms.is_returnable,
        "typed": {name: desk.text(f"{name}-{line.position}", 500) for name in names},
        "fault": desk.faults.get(f"line-{line.position}", ""),
    }


def _wanted(desk: ReturnDesk) -> dict[int, int]:
    """How many pieces of which line (by its place) are wanted."""
    found = {}
    for line in desk.order.lines:
        number = desk.number(f"quantity-{line.position}")
        if number:
            found[line.position] = min(number, MAX_QUANTITY + 1)
    return found


def _preview(desk: ReturnDesk) -> ReturnPreview:
    parts = {line.position: part for line in desk.order.lines if (part := desk.number(f"part-{line.position}"))} if desk.stays else {}
    wanted, bearer = _wanted(desk), desk.text("postage_by")
    charge = charge_foreseen(
        desk.company_id,
        desk.lines,
        {position: desk.text(f"reason-{position}", 40) for position in wanted},
        kind=desk.kind,
        postage_by=PostageBearer(bearer) if bearer in set(PostageBearer) else None,
        fee=desk.number("fee"),
        postage=desk.number("postage"),
    )
    return return_preview(desk.order.key, wanted, charge=charge.total, part_refunds=parts, comes_back=not desk.stays)


def _take(desk: ReturnDesk, request: HttpRequest) -> HttpResponse | None:
    ask = _ask(desk)
    if desk.faults:
        return None
    actor, at = actor_of(request), clock.now()
    try:
        (result,) = request_returns([ask], actor=actor, at=at)
        if isinstance(result, CaseDone) and request.POST.get("do") == "approve":
            (approved,) = approve_returns([result.case_id], actor=actor, at=at)
            if isinstance(approved, Refusal):
                messages.error(request, approved.text(_))
    except HouseError as error:
        result = error.refusal
    if isinstance(result, Refusal):
        _blame(desk, ask, result)
        return None
    messages.success(request, _("Case %(number)s was taken.") % {"number": result.number})
    return HttpResponseRedirect(reverse("admin:orders_returncase_change", args=[result.case_id]))


def _blame(desk: ReturnDesk, ask: ReturnAsk, refusal: Refusal) -> None:
    """The refusal beside its line, else above the page."""
    parts = refusal.field.strip("/").split("/")
    if parts[0] in ("lines", "exchanges") and len(parts) > 1 and parts[1].isdigit():
        asked = ask.lines if parts[0] == "lines" else ask.exchanges
        ref = asked[int(parts[1])].line_ref
        position = next(line.position for line in desk.order.lines if line.id == ref)
        desk.faults[f"line-{position}"] = refusal.text(_)
    else:
        desk.faults["page"] = refusal.text(_)


def _ask(desk: ReturnDesk) -> ReturnAsk:
    wanted = _wanted(desk)
    lines, exchanges = [], []
    for line in desk.order.lines:
        if line.position not in wanted:
            continue
        condition = desk.text(f"condition-{line.position}")
        lines.append(
            ReturnAskLine(
                line_ref=line.id,
                quantity=wanted[line.position],
                reason=desk.text(f"reason-{line.position}", 40),
                remark=desk.text(f"remark-{line.position}", 500),
                condition=ReturnCondition(condition) if condition in set(ReturnCondition) else ReturnCondition.UNKNOWN,
                part_refund=desk.number(f"part-{line.position}") if desk.stays else None,
            )
        )
        sku = desk.text(f"sku-{line.position}", 64)
        if sku and desk.kind is not ReturnKind.RETURN:
            exchanges.append(ExchangeAsk(line_ref=line.id, sku=sku, quantity=wanted[line.position]))
    bearer, way, timing = desk.text("postage_by"), desk.text("refund_way"), desk.text("timing")
    return ReturnAsk(
        order_id=desk.order.key,
        kind=desk.kind,
        lines=tuple(lines),
        exchanges=tuple(exchanges),
        once_key=f"desk:{desk.text('key', 40)}",
        comes_back=not desk.stays,
        remark=desk.text("remark", 1000),
        postage_by=PostageBearer(bearer) if bearer in set(PostageBearer) else None,
        fee=desk.number("fee"),
        postage=desk.number("postage"),
        refund_way=RefundWay(way) if way in set(RefundWay) else RefundWay.ORIGINAL,
        exchange_timing=ExchangeTiming(timing) if timing in set(ExchangeTiming) else None,
        override_reason=desk.text("override_reason"),
    )
