"""The shopper sends something back, or wants something else for it: asked for here, followed here."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.rules import PaymentMethod
from core import clock
from core.errors import HouseError, Refusal
from core.ids import new_id
from orders.operations import request_returns, withdraw_returns
from orders.queries import (
    CaseView,
    OrderView,
    ParcelLine,
    case_rows,
    cases_of_order,
    charge_foreseen,
    parcel_lines,
    photos_of,
    return_preview,
    return_reasons,
    return_terms,
)
from orders.rules import ExchangeAsk, PostageBearer, ReturnAsk, ReturnAskLine, ReturnCondition, ReturnKind
from storefront.queries import siblings_of
from storefront.web.buyers import Buyer, by_link, of_her_own
from storefront.web.mypage.own import Own, mypage, own_page, tell

PAGE = 20
CONDITIONS = (ReturnCondition.UNOPENED, ReturnCondition.OPENED, ReturnCondition.DEFECTIVE)


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """The shopper's returns and exchanges, newest first."""
    found = case_rows(own.sight, limit=PAGE) if own.group else []
    return mypage(request, "returns", "orders", {"cases": found, "photos": photos_of(case_ids=[case.key for case in found])})


def ask_page(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    """Which pieces, why, and what for: checked by the same rules as everywhere, within the time the shop gives."""
    order = buyer.order
    found = parcel_lines([order.key])
    typed = request.POST if request.method == "POST" else {"key": new_id().hex}
    faults: dict[str, str] = {}
    foreseen: dict[str, Any] = {}
    if request.method == "POST":
        asked = _ask(order, typed, faults)
        if asked is not None and "look" in request.POST:
            foreseen = _foreseen(buyer, found, typed, asked)
        elif asked is not None:
            done = _take(request, buyer, asked, faults)
            if done is not None:
                return done
    words = {
        "typed": typed,
        "key": typed.get("key", ""),
        "kind": typed.get("kind", "return"),
        "rows": _rows(buyer, found, typed, faults),
        "faults": faults,
        "reasons": [(r.code, r.word(buyer.language)) for r in return_reasons([buyer.company_id]) if r.for_customers],
        **foreseen,
    }
    return buyer.show(request, "return_ask", words)


def _foreseen(buyer: Buyer, found: list[ParcelLine], typed: Any, asked: ReturnAsk) -> dict[str, Any]:
    """What would be credited, kept and given back, who bears the way here, and how the money comes."""
    wanted = {n: q for n, q in _quantities(buyer.order, typed, {}).items() if q}
    reasons = {n: str(typed.get(f"reason-{n}", ""))[:40] for n in wanted}
    charge = charge_foreseen(buyer.company_id, found, reasons, kind=asked.kind)
    preview = return_preview(buyer.order.key, wanted, charge=charge.total)
    return {
        "preview": preview,
        "charge": charge.of(preview.credited),
        "we_bear": charge.bearer is PostageBearer.COMPANY,
        "by_card": buyer.order.payment_method == PaymentMethod.CARD,
        "is_exchange": asked.kind is ReturnKind.EXCHANGE,
    }


ask = require_http_methods(["GET", "POST"])(of_her_own(ask_page))
ask_by_link = require_http_methods(["GET", "POST"])(by_link(ask_page))


@require_POST
@own_page
def withdraw(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """The shopper keeps the goods after all, as long as nothing has come."""
    case = _own_case(own, number)
    (result,) = withdraw_returns([case.key], reason=_("Withdrawn by the customer"), actor=own.actor, at=clock.now())
    tell(request, result, _("Your request was withdrawn."))
    return HttpResponseRedirect(reverse("shop-mine-returns"))


@require_POST
@by_link
def withdraw_by_link(request: HttpRequest, buyer: Buyer, number: str) -> HttpResponse:
    """The same for a guest: a case of the order that the link is for."""
    case = next((one for one in cases_of_order(buyer.order.key) if one.number == number and one.order_key == buyer.order.key), None)
    if case is None:
        raise Http404
    (result,) = withdraw_returns([case.key], reason=_("Withdrawn by the customer"), actor=buyer.actor, at=clock.now())
    tell(request, result, _("Your request was withdrawn."))
    return HttpResponseRedirect(buyer.url("order"))


def _own_case(own: Own, number: str) -> CaseView:
    found = case_rows(own.sight, limit=1, number=number[:40]) if own.group else []
    if not found:
        raise Http404
    return found[0]


def _rows(buyer: Buyer, found: list[ParcelLine], typed: Any, faults: dict[str, str]) -> list[dict[str, Any]]:
    """The order's lines that left, with what may come back of each and what could be had instead."""
    terms = return_terms([buyer.company_id])
    shown = []
    instead = siblings_of([row.variant_id for row in found], language=buyer.language)
    for line in buyer.order.lines:
        parcels = [row for row in found if row.position == line.position]
        if not parcels:
            continue
        of_line = terms[buyer.company_id, parcels[0].product_id]
        shown.append(
            {
                "line": line,
                "free": sum(row.free for row in parcels),
                "last_on": max(of_line.last_day(row.delivered_on, is_defect=False) for row in parcels),
                "returnable": of_line.is_returnable,
                "takes_opened": of_line.takes_opened,
                "instead": instead.get(parcels[0].variant_id, ()),
                "typed": {
                    name: str(typed.get(f"{name}-{line.position}", ""))[:500]
                    for name in ("quantity", "reason", "condition", "remark", "sku")
                },
                "fault": faults.get(f"line-{line.position}", ""),
                "quantities": range(1, sum(row.free for row in parcels) + 1),
            }
        )
    return shown


def _quantities(order: OrderView, typed: Any, faults: dict[str, str]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for line in order.lines:
        said = str(typed.get(f"quantity-{line.position}", "")).strip()
        if not said or said == "0":
            continue
        if not (said.isascii() and said.isdigit() and len(said) <= 5):
            faults[f"line-{line.position}"] = _("Type a whole number.")
            continue
        wanted[line.position] = int(said)
    return wanted


def _ask(order: OrderView, typed: Any, faults: dict[str, str]) -> ReturnAsk | None:
    """What the form amounts to; None with faults where it amounts to nothing."""
    kind = ReturnKind.EXCHANGE if typed.get("kind") == "exchange" else ReturnKind.RETURN
    wanted = _quantities(order, typed, faults)
    lines, exchanges = [], []
    for line in order.lines:
        if line.position not in wanted:
            continue
        condition = str(typed.get(f"condition-{line.position}", ""))
        lines.append(
            ReturnAskLine(
                line_ref=line.id,
                quantity=wanted[line.position],
                reason=str(typed.get(f"reason-{line.position}", ""))[:40],
                remark=str(typed.get(f"remark-{line.position}", "")).replace("\x00", "")[:500].strip(),
                condition=ReturnCondition(condition) if condition in CONDITIONS else ReturnCondition.UNKNOWN,
            )
        )
        if kind is ReturnKind.EXCHANGE:
            sku = str(typed.get(f"sku-{line.position}", ""))[:64] or line.sku
            exchanges.append(ExchangeAsk(line_ref=line.id, sku=sku, quantity=wanted[line.position]))
    if faults:
        return None
    if not lines:
        faults["page"] = _("Choose what you would like to send back.")
        return None
    return ReturnAsk(
        order_id=order.key,
        kind=kind,
        lines=tuple(lines),
        exchanges=tuple(exchanges),
        once_key=f"mypage:{str(typed.get('key', ''))[:40]}",
        remark=str(typed.get("remark", "")).replace("\x00", "")[:1000].strip(),
    )


def _take(request: HttpRequest, buyer: Buyer, asked: ReturnAsk, faults: dict[str, str]) -> HttpResponse | None:
    try:
        (result,) = request_returns([asked], actor=buyer.actor, at=clock.now())
    except HouseError as error:
        result = error.refusal
    if not isinstance(result, Refusal):
        messages.success(request, _("We have your request %(number)s. We write to you when it is looked at.") % {"number": result.number})
        return HttpResponseRedirect(buyer.url("order") if buyer.link else reverse("shop-mine-returns"))
    parts = result.field.strip("/").split("/")
    if parts[0] in ("lines", "exchanges") and len(parts) > 1 and parts[1].isdigit():
        ref = (asked.lines if parts[0] == "lines" else asked.exchanges)[int(parts[1])].line_ref
        faults[f"line-{next(line.position for line in buyer.order.lines if line.id == ref)}"] = result.text(_)
    else:
        faults["page"] = result.text(_)
    return None
