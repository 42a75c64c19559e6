"""Repair, collection and buying in, by the shopper alone: asked for, followed, agreed to, for goods bought here or anywhere."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import HouseError, Refusal
from core.ids import new_id
from orders.operations import request_services, step_services
from orders.queries import ServiceView, own_lines, photos_of, service_address, service_rows
from orders.rules import LONGEST, PayoutWay, ServiceAsk, ServiceDeed, ServiceKind, ServiceStatus, ServiceStep, deeds_open
from storefront.web.mypage.own import Own, mypage, own_page, tell

PAGE = 50
TEXTS = ("goods", "maker", "model", "serial", "bought_from", "remark")
OWN_DEEDS = (ServiceDeed.WITHDRAW, ServiceDeed.AGREE, ServiceDeed.DISAGREE)


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """What the shopper asked for, newest first."""
    found = service_rows(own.sight, limit=PAGE) if own.group else []
    return mypage(request, "services", "services", {"services": found, "can_ask": own.principal is not None})


@require_http_methods(["GET", "POST"])
@own_page
def ask(request: HttpRequest, own: Own) -> HttpResponse:
    """The form: which goods, and what is to be done with them."""
    if own.principal is None:
        messages.info(request, _("Please link your purchases first, so that we know who you are."))
        return HttpResponseRedirect(reverse("shop-link"))
    typed: Any = request.POST if request.method == "POST" else {"key": new_id().hex, "kind": request.GET.get("kind", "repair")}
    lines, faults = own_lines(own.group), {}  # type: ignore[var-annotated]
    if request.method == "POST":
        asked = _asked(own, typed, {str(line.ref): line.ref for line in lines}, faults)
        result = _send(asked, own) if asked is not None else None
        if result is not None and not isinstance(result, Refusal):
            messages.success(
                request, _("We have your request %(number)s. We write to you when it is looked at.") % {"number": result.number}
            )
            return HttpResponseRedirect(reverse("shop-service", args=[result.number]))
        if isinstance(result, Refusal):
            faults[result.field.strip("/") or "page"] = result.text(_)
    words = {
        "typed": {name: str(typed.get(name, ""))[:1000] for name in (*TEXTS, "kind", "line", "bought_on", "key")},
        "kinds": [(str(kind), _(words)) for kind, words in ServiceKind.labels().items()],
        "lines": lines,
        "longest": LONGEST,
        "faults": faults,
    }
    return mypage(request, "service_ask", "services", words, status=422 if faults else 200)


@require_GET
@own_page
def one(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """One request: how far it is, what it comes to, and what the shopper can do now."""
    found = _own_service(own, number)
    open_now = deeds_open(kind=ServiceKind(found.kind), status=ServiceStatus(found.status))
    words = {
        "service": found,
        "deeds": [str(deed) for deed in OWN_DEEDS if deed in open_now],
        "ways": [(str(way), _(label)) for way, label in PayoutWay.labels().items()],
        "photos": photos_of(service_ids=[found.key]).get(("service", found.key), []),
        "may_add": found.ended_at is None,
        "send_to": service_address(found.company_id) if found.status == "accepted" else "",
    }
    return mypage(request, "service", "services", words)


@require_POST
@own_page
def step(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """The shopper agrees to what was shown, doesn't, or wants nothing any more."""
    found, said = _own_service(own, number), request.POST
    deed = next((one for one in OWN_DEEDS if one == said.get("deed")), None)
    if deed is None:
        raise Http404
    amount, way = said.get("amount", ""), said.get("payout_way", "")
    asked = ServiceStep(
        request_id=found.key,
        deed=deed,
        reason=_("Withdrawn by the customer") if deed is ServiceDeed.WITHDRAW else "",
        amount=int(amount) if amount.isascii() and amount.isdigit() and len(amount) < 12 else None,
        payout_way=PayoutWay(way) if way in set(PayoutWay) else None,
    )
    done = {
        ServiceDeed.WITHDRAW: _("Your request was withdrawn."),
        ServiceDeed.AGREE: _("Thank you. We go ahead as shown."),
        ServiceDeed.DISAGREE: _("We do not go ahead. We write to you about your goods."),
    }
    try:
        (result,) = step_services([asked], actor=own.actor, at=clock.now())
    except HouseError as error:
        result = error.refusal
    tell(request, result, done[deed])
    return HttpResponseRedirect(reverse("shop-service", args=[number]))


def _own_service(own: Own, number: str) -> ServiceView:
    found = service_rows(own.sight, limit=1, number=number[:40]) if own.group else []
    if not found:
        raise Http404
    return found[0]


def _asked(own: Own, typed: Any, refs: dict[str, Any], faults: dict[str, str]) -> ServiceAsk | None:
    """What the form amounts to; None with faults where it amounts to nothing."""
    assert own.principal is not None
    kind, bought_on = str(typed.get("kind", "")), None
    if kind not in set(ServiceKind):
        faults["kind"] = _("Choose what is to be done.")
    if day := str(typed.get("bought_on", "")).strip():
        try:
            bought_on = date.fromisoformat(day)
        except ValueError:
            faults["bought_on"] = _("Type a day like 2026-11-30.")
    if faults:
        return None
    line = refs.get(str(typed.get("line", "")))
    texts = {name: str(typed.get(name, "")).replace("\x00", "").strip() for name in TEXTS}
    if line is not None and not texts["goods"]:
        texts["goods"] = next(one.name for one in own_lines(own.group) if one.ref == line)[: LONGEST["goods"]]
    return ServiceAsk(
        company_id=own.company_id,
        customer_id=own.principal,
        kind=ServiceKind(kind),
        line_ref=line,
        bought_on=bought_on,
        once_key=f"mypage:{str(typed.get('key', ''))[:40]}",
        **texts,
    )


def _send(asked: ServiceAsk, own: Own) -> Any:
    try:
        (result,) = request_services([asked], actor=own.actor, at=clock.now())
    except HouseError as error:
        return error.refusal
    return result
