"""Subscriptions: what comes when, and everything that may be done about it, each as one press."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.queries import means_of
from billing.rules import PaymentMethod
from core import clock
from core.errors import HouseError, Refusal
from customers.queries import own_addresses
from orders.rules import BANDS
from storefront.queries import articles
from storefront.web.cards import means_behind
from storefront.web.mypage.own import Own, mypage, own_page, tell, tell_refused
from subscriptions.operations import (
    cancel_contracts,
    change_contracts,
    pause_contracts,
    resume_contracts,
    skip_cycles,
    unskip_cycles,
)
from subscriptions.queries import contract_view, contracts_of
from subscriptions.rules import CancelAsk, ChangeAsk, Changed, ContractView, CycleAsk, ItemWish, PauseAsk, ResumeAsk

OTHERS = (PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER)
REASONS = ("too_much", "price", "not_for_me", "other_product", "delivery", "other")
"""Why people leave; the words are in the template."""


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """Every contract, running ones first."""
    found = contracts_of(own.group, language=own.language) if own.group else []
    known = articles(own.company_id, [sku for row in found for sku, _name, _quantity in row.items])
    return mypage(request, "subscriptions", "subscriptions", {"contracts": found, "articles": known})


@require_GET
@own_page
def one(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """A contract: the next twelve months, what it brings and where, and the rules it is under."""
    found = own_contract(own, ref)
    words = {
        "contract": found,
        "next_on": next((c.planned_on for c in found.coming if c.status != "skipped"), None),
        "articles": articles(own.company_id, [item.sku for item in found.items]),
        "addresses": own_addresses(own.group),
        "cards": means_of(own.group),
        "other_methods": [m for m in OTHERS if not found.plan.payment_methods or m in found.plan.payment_methods],
    }
    return mypage(request, "subscription", "subscriptions", words)


@require_POST
@own_page
def skip(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """One delivery is left out. Again changes nothing."""
    found = own_contract(own, ref)
    if (number := _whole(request.POST.get("number", ""))) < 1:
        return _unclear(request, found)
    ask = CycleAsk(contract_id=found.key, number=number)
    return _done(request, own, found, lambda at: skip_cycles([ask], actor=own.actor, at=at)[0], _("The delivery is skipped."))


@require_POST
@own_page
def unskip(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """A skipped delivery comes after all."""
    found = own_contract(own, ref)
    if (number := _whole(request.POST.get("number", ""))) < 1:
        return _unclear(request, found)
    ask = CycleAsk(contract_id=found.key, number=number)
    return _done(request, own, found, lambda at: unskip_cycles([ask], actor=own.actor, at=at)[0], _("The delivery comes as planned."))


@require_POST
@own_page
def pause(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """Nothing comes until a day, or until it is resumed."""
    found = own_contract(own, ref)
    ask = PauseAsk(contract_id=found.key, until_on=_day(request, "until_on"))
    return _done(request, own, found, lambda at: pause_contracts([ask], actor=own.actor, at=at)[0], _("Your subscription is paused."))


@require_POST
@own_page
def resume(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """Deliveries go on."""
    found = own_contract(own, ref)
    ask = ResumeAsk(contract_id=found.key, next_on=_day(request, "next_on"))
    return _done(request, own, found, lambda at: resume_contracts([ask], actor=own.actor, at=at)[0], _("Your subscription goes on."))


@require_POST
@own_page
def change(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """Another date, rhythm, quantity, address or card, from the coming delivery on."""
    found = own_contract(own, ref)
    ask = _change_asked(request, own, found)
    if ask is None:
        return _unclear(request, found)
    return _done(request, own, found, lambda at: change_contracts([ask], actor=own.actor, at=at)[0], _("Your subscription was changed."))


@require_http_methods(["GET", "POST"])
@own_page
def cancel(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """Leave: a page that says what it means, and one button. The reason is a wish, no condition."""
    found = own_contract(own, ref)
    if request.method == "GET":
        return mypage(request, "subscription_cancel", "subscriptions", {"contract": found, "reasons": REASONS})
    chosen = request.POST.get("reason", "")
    said = request.POST.get("words", "").strip()[:150]
    reason = ": ".join(part for part in (chosen if chosen in REASONS else "", said) if part) or "mypage"
    at = clock.now()
    try:
        (result,) = cancel_contracts([CancelAsk(contract_id=found.key, reason=reason)], actor=own.actor, at=at)
    except HouseError as refused:
        tell_refused(request, refused)
        return _back(found)
    if isinstance(result, Changed) and result.ends_after is not None:
        messages.success(request, _("Your subscription is cancelled. The delivery that is being prepared still comes; it is the last one."))
    else:
        tell(request, result, _("Your subscription is cancelled. Nothing more comes."))
    return _back(found)


def own_contract(own: Own, ref: UUID) -> ContractView:
    """The contract of this id, if it is the shopper's."""
    found = contract_view(ref, own.sight, language=own.language, at=clock.now()) if own.group else None
    if found is None or found.company_id != own.company_id:
        raise Http404
    return found


def _done(request: HttpRequest, own: Own, found: ContractView, verb: Callable[..., Changed | Refusal], words: str) -> HttpResponse:
    try:
        result = verb(clock.now())
    except HouseError as refused:
        tell_refused(request, refused)
    else:
        tell(request, result, words)
    return _back(found)


def _unclear(request: HttpRequest, found: ContractView) -> HttpResponse:
    messages.error(request, _("Please choose what is to change."))
    return _back(found)


def _back(found: ContractView) -> HttpResponse:
    return HttpResponseRedirect(reverse("shop-subscription", args=[found.id]))


def _change_asked(request: HttpRequest, own: Own, found: ContractView) -> ChangeAsk | None:
    """Which part of the page was sent; None where nothing on it can be read."""
    match request.POST.get("what", ""):
        case "date" if (day := _day(request, "next_on")) is not None:
            return ChangeAsk(contract_id=found.key, next_on=day)
        case "interval":
            return ChangeAsk(contract_id=found.key, interval=request.POST.get("interval", "")[:20])
        case "items":
            wanted = [(item, _whole(request.POST.get(f"quantity-{item.variant_id}", ""))) for item in found.items]
            return ChangeAsk(contract_id=found.key, items=tuple(ItemWish(variant_id=item.variant_id, quantity=n) for item, n in wanted))
        case "address":
            address = next((a for a in own_addresses(own.group) if str(a.address_id) == request.POST.get("address", "")), None)
            band = request.POST.get("time_band", "")
            place = address.place if address is not None else None
            return ChangeAsk(contract_id=found.key, place=place, time_band=band if not band or band in BANDS else None)
        case "payment":
            return _payment_asked(request, own, found)
    return None


def _payment_asked(request: HttpRequest, own: Own, found: ContractView) -> ChangeAsk | None:
    wanted = request.POST.get("pay", "")
    if wanted in OTHERS:
        return ChangeAsk(contract_id=found.key, payment_method=PaymentMethod(wanted))
    card = means_behind(wanted, means_of(own.group))
    return ChangeAsk(contract_id=found.key, payment_method=PaymentMethod.CARD, means_id=card.means_id) if card is not None else None


def _whole(typed: str) -> int:
    """A number typed; nought for anything else, which the operation refuses."""
    word = typed.strip().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 6 else 0


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.POST.get(name, "").strip())
    except ValueError:
        return None
