"""Repair, collection and buying in, by the customer alone: asked for, followed, agreed to, for goods bought here or anywhere.

Signed in, or as a guest: with the link of an order something is asked for of its goods, with the link of a request's mail it is followed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import HouseError, Refusal
from core.ids import new_id
from orders.operations import request_services, step_services
from orders.queries import OwnLine, ServiceView, own_lines, photos_of, service_address, service_behind, service_path, service_rows
from orders.rules import LONGEST, PayoutWay, ServiceAsk, ServiceDeed, ServiceDone, ServiceKind, ServiceStatus, ServiceStep, deeds_open
from storefront.web.buyers import LAYOUTS, Buyer, by_link, slowed
from storefront.web.mypage.own import Own, mypage, own_page, tell
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping

PAGE = 50
TEXTS = ("goods", "maker", "model", "serial", "bought_from", "remark")
OWN_DEEDS = (ServiceDeed.WITHDRAW, ServiceDeed.AGREE, ServiceDeed.DISAGREE)


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """What the shopper asked for, newest first."""
    found = service_rows(own.sight, limit=PAGE) if own.group else []
    return mypage(request, "services", "services", {"services": found, "can_ask": own.principal is not None})


# Asking


@dataclass(frozen=True, kw_only=True)
class _Asker:
    """Who asks, and for which goods that were bought here; a guest, with the page of the order to go ``back`` to, for nothing else."""

    shopper: Shopper
    customer_id: int
    lines: Sequence[OwnLine]
    back: str
    is_guest: bool

    def page_of(self, done: ServiceDone) -> str:
        return service_path(done.public_id) if self.is_guest else reverse("shop-service", args=[done.number])


@require_http_methods(["GET", "POST"])
@own_page
def ask(request: HttpRequest, own: Own) -> HttpResponse:
    """A signed-in shopper asks, for whatever goods."""
    if own.principal is None:
        messages.info(request, _("Please link your purchases first, so that we know who you are."))
        return HttpResponseRedirect(reverse("shop-link"))
    asker = _Asker(
        shopper=own.shopper, customer_id=own.principal, lines=own_lines(own.group), back=reverse("shop-services"), is_guest=False
    )
    return _ask(request, asker)


@require_http_methods(["GET", "POST"])
@by_link
def ask_by_link(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    """A guest asks, for goods of the order."""
    customer = buyer.order.customer_id
    lines = own_lines([customer], order_key=buyer.order.key)
    return _ask(request, _Asker(shopper=buyer.shopper, customer_id=customer, lines=lines, back=buyer.url("order"), is_guest=True))


def _ask(request: HttpRequest, asker: _Asker) -> HttpResponse:
    """The form: which goods, and what is to be done with them."""
    typed: Any = request.POST if request.method == "POST" else {"key": new_id().hex, "kind": request.GET.get("kind", "repair")}
    faults: dict[str, str] = {}
    if request.method == "POST":
        asked = _asked(asker, typed, faults)
        result = _send(asked, asker) if asked is not None else None
        if isinstance(result, ServiceDone):
            words = _("We have your request %(number)s. We write to you when it is looked at.")
            messages.success(request, words % {"number": result.number})
            return HttpResponseRedirect(asker.page_of(result))
        if result is not None:
            faults[result.field.strip("/") or "page"] = result.text(_)
    words_: dict[str, Any] = {
        "here": "services",
        "layout": LAYOUTS[asker.is_guest],
        "back": asker.back,
        "is_guest": asker.is_guest,
        "typed": {name: str(typed.get(name, ""))[:1000] for name in (*TEXTS, "kind", "line", "bought_on", "key")},
        "kinds": [(str(kind), _(words)) for kind, words in ServiceKind.labels().items()],
        "lines": asker.lines,
        "longest": LONGEST,
        "faults": faults,
    }
    return page(request, "storefront/mypage/service_ask.html", words_, status=422 if faults else 200)


def _asked(asker: _Asker, typed: Any, faults: dict[str, str]) -> ServiceAsk | None:
    """What the form amounts to; None with faults where it amounts to nothing."""
    kind, bought_on = str(typed.get("kind", "")), None
    if kind not in set(ServiceKind):
        faults["kind"] = _("Choose what is to be done.")
    if day := str(typed.get("bought_on", "")).strip():
        try:
            bought_on = date.fromisoformat(day)
        except ValueError:
            faults["bought_on"] = _("Type a day like 2026-11-30.")
    line = next((one for one in asker.lines if str(one.ref) == typed.get("line", "")), None)
    if line is None and asker.is_guest:
        faults["line"] = _("Choose which of these goods it is about.")
    if faults:
        return None
    texts = {name: str(typed.get(name, "")).replace("\x00", "").strip() for name in TEXTS}
    if line is not None and not texts["goods"]:
        texts["goods"] = line.name[: LONGEST["goods"]]
    return ServiceAsk(
        company_id=asker.shopper.site.company.id,
        customer_id=asker.customer_id,
        kind=ServiceKind(kind),
        line_ref=line.ref if line is not None else None,
        bought_on=bought_on,
        once_key=f"mypage:{str(typed.get('key', ''))[:40]}",
        **texts,
    )


def _send(asked: ServiceAsk, asker: _Asker) -> ServiceDone | Refusal:
    try:
        (result,) = request_services([asked], actor=asker.shopper.actor, at=clock.now())
    except HouseError as error:
        return error.refusal
    return result


# Following


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Somebody in front of a request of hers; ``link`` is the signed word of a guest, else empty."""

    service: ServiceView
    shopper: Shopper
    link: str = ""

    def url(self, name: str = "") -> str:
        """The address of the request's page, or of a deed on it ("step", "photos"), as it is reached here."""
        what = f"-{name}" if name else ""
        return (
            reverse(f"shop-service-link{what}", args=[self.link])
            if self.link
            else reverse(f"shop-service{what}", args=[self.service.number])
        )


def of_her_own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of a signed-in shopper's request, by its number."""

    @own_page
    @wraps(view)
    def wrapper(request: HttpRequest, own: Own, number: str) -> HttpResponse:
        found = service_rows(own.sight, limit=1, number=number[:40]) if own.group else []
        if not found:
            raise Http404
        return view(request, Visit(service=found[0], shopper=own.shopper))

    return wrapper


def by_service_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same view for a guest, by the signed link of the mail; who sends without end is slowed down."""

    @never_cache
    @shopping
    @wraps(view)
    def wrapper(request: HttpRequest, link: str, **named: UUID) -> HttpResponse:
        shopper: Shopper = request.shopper  # type: ignore[attr-defined]
        found = service_behind(link)
        if found is None or found.company_id != shopper.site.company.id:
            raise Http404
        visit = Visit(service=found, shopper=shopper, link=link)
        return slowed(request, back=visit.url()) or view(request, visit, **named)

    return wrapper


def _one(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One request: how far it is, what it comes to, and what its customer can do now."""
    found = visit.service
    open_now = deeds_open(kind=ServiceKind(found.kind), status=ServiceStatus(found.status))
    words = {
        "here": "services",
        "layout": LAYOUTS[bool(visit.link)],
        "link": visit.link,
        "photo_page": "shop-service-link-photo",
        "step_url": visit.url("step"),
        "photos_url": visit.url("photos"),
        "service": found,
        "deeds": [str(deed) for deed in OWN_DEEDS if deed in open_now],
        "ways": [(str(way), _(label)) for way, label in PayoutWay.labels().items()],
        "photos": photos_of(service_ids=[found.key]).get(("service", found.key), []),
        "may_add": found.ended_at is None,
        "send_to": service_address(found.company_id) if found.status == "accepted" else "",
    }
    return page(request, "storefront/mypage/service.html", words)


def _step(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Its customer agrees to what was shown, doesn't, or wants nothing any more."""
    said = request.POST
    deed = next((one for one in OWN_DEEDS if one == said.get("deed")), None)
    if deed is None:
        raise Http404
    amount, way = said.get("amount", ""), said.get("payout_way", "")
    asked = ServiceStep(
        request_id=visit.service.key,
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
        (result,) = step_services([asked], actor=visit.shopper.actor, at=clock.now())
    except HouseError as error:
        result = error.refusal
    tell(request, result, done[deed])
    return HttpResponseRedirect(visit.url())


one, one_by_link = require_GET(of_her_own(_one)), require_GET(by_service_link(_one))
step, step_by_link = require_POST(of_her_own(_step)), require_POST(by_service_link(_step))
