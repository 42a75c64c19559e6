"""The checkout: one form, the final confirmation the law requires, and the order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from billing.rules import PaymentMethod
from core import clock
from core.errors import Refusal
from core.queries import LegalTextKind, legal_texts
from customers.queries import buyer_details, own_addresses
from orders.operations import Quote, ServiceChoice
from orders.queries import pickup_stores
from orders.rules import Confirmation, DeliveryOffer, Gate, Placed, Refused, band_words
from storefront.operations import coupon_fault, hold_cart, place_cart, quote_cart, quote_later, release_cart, save_checkout, services_for
from storefront.queries import CartView, card_words, cart_by_ref
from storefront.rules import CheckoutData, checkout_faults, offered_methods, places_faults, store_faults
from storefront.web.cards import allow_gateway, card_choice, chosen_card
from storefront.web.cart import cart_words, courses_of, customer_of, terms_of
from storefront.web.forms import CheckoutForm
from storefront.web.pages import page
from storefront.web.paying import after_placing
from storefront.web.places import chosen_store, days_of, shown_places, stores_for
from storefront.web.shopping import Shopper, shopping
from subscriptions.rules import Terms


@never_cache
@require_http_methods(["GET", "POST"])
@shopping
def details(request: HttpRequest) -> HttpResponse:
    """Who buys, where it goes, how it is paid."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    at = clock.now()
    shopper.bring_guest_cart(at=at)
    found = shopper.cart()
    if found is None or not found.lines:
        return HttpResponseRedirect(reverse("shop-cart"))
    choice = card_choice(shopper)
    stores = stores_for(shopper, found, at=at)
    methods = _methods(shopper, found, takes_cards=choice.form is not None)
    if request.method == "POST":
        form = CheckoutForm(request.POST)
        form.offer(methods)
        form.is_valid()
        said, refused = _said(request, shopper, found, form, methods)
        if said.pickup_at_id != (found.checkout.pickup_at_id if found.checkout else None):
            release_cart(found, actor=shopper.actor, at=at)
        save_checkout(found.public_id, said, actor=shopper.actor, at=at)
        offer, faults = offered_delivery(shopper, found, said, at=at)
        known = _faults(shopper, found, said, methods, asks_services=offer is not None or bool(faults) or said.pickup_at_id is not None)
        form.show([*known, *faults, *store_faults(said, offered=[one.store.id for one in stores if one.has_all])])
        if refused is not None:
            form.show([refused.at("/payment_method")])
        if not form.errors:
            return HttpResponseRedirect(reverse("shop-confirm"))
    else:
        said = _sent_to(request, shopper, found.checkout or _known_details(shopper)).paid_by(methods)
        form = CheckoutForm(initial={**{name: getattr(said, name) for name in CheckoutForm.base_fields if name != "pickup_at"}, "pickup_at": said.pickup_at_id or ""})  # fmt: skip
        form.offer(methods)
        offer = None
    form.offer_services(_services(shopper, found, said, at=at))
    hold_cart(found, said, site=shopper.site, actor=shopper.actor, at=at)  # what it could not hold, the cart beside the form tells
    shown = cart_words(shopper, found, said=said)
    if shown["coupon_lost"]:  # the cart says so, and offers to take it out
        return HttpResponseRedirect(reverse("shop-cart"))
    if request.method == "GET":
        offer = shown["quote"].delivery.get(1) if shown["quote"] else offered_delivery(shopper, found, said, at=at)[0]
    if offer is not None:
        form.offer_days(offer, said.wished_on)
    earliest_on, latest_on = days_of(shopper)
    words = {
        **shown,
        "form": form,
        "choice": choice,
        "entered": card_words(said.means_id, company_id=shopper.site.company.id),
        "entered_is_kept": said.means_id in {row.means_id for row in choice.kept},
        "means_id": said.means_id,
        "addresses": own_addresses(shopper.own_group()),
        "stores": stores,
        "places": found.places,
        "earliest_on": earliest_on,
        "latest_on": latest_on,
        "offer": offer,
    }
    return allow_gateway(page(request, "storefront/checkout.html", words, status=422 if form.errors else 200), choice.form)


_FIELDS = {"wished_on": "/wished_on", "time_band": "/time_band", "payment_method": "/payment_method", "service": "/service"}


def _services(shopper: Shopper, found: CartView, said: CheckoutData, *, at: datetime) -> tuple[ServiceChoice, ...]:
    return services_for(found, said, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=at)


def offered_delivery(shopper: Shopper, found: CartView, said: CheckoutData, *, at: datetime) -> tuple[DeliveryOffer | None, list[Refusal]]:
    """The days this cart can come on, and what of the wishes cannot be, beside the form's fields; neither without delivery services."""

    def asked(told: CheckoutData) -> Quote | Refused:
        return quote_cart(found, told, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=at)

    answer = asked(said)
    if isinstance(answer, Quote):
        return answer.delivery.get(1), [fault.at(_field(fault)) for fault in answer.faults if not fault.code.startswith("gift.")]
    faults = [reason.at(_field(reason)) for reason in answer.reasons if reason.code.startswith("delivery.")]
    freely = asked(replace(said, wished_on=None, time_band="", service="")) if faults else answer
    return (freely.delivery.get(1) if isinstance(freely, Quote) else None), faults


def _field(fault: Refusal) -> str:
    """The field of the form that a fault of delivery is about; of several addresses it is told above the form."""
    if fault.field.startswith("/destinations/") and not fault.field.startswith("/destinations/0/"):
        return ""
    last = fault.field.rsplit("/", 1)[-1]
    return _FIELDS.get(last, "/postal_code" if "/place/" in fault.field else "")


def _asks_services(quote: Quote | Refused) -> bool:
    """Whether the company's delivery services say which days there are."""
    if isinstance(quote, Refused):
        return any(reason.code.startswith("delivery.") for reason in quote.reasons)
    return bool(quote.delivery)


def _wishes_lost(request: HttpRequest, quote: Quote | Refused) -> Sequence[Refusal]:
    """Wishes that cannot be met any more, as the cut-off time has passed, and what the goods still ask for: the buyer is told, and chooses."""
    faults = quote.faults if isinstance(quote, Quote) else [r for r in quote.reasons if r.code.startswith("delivery.")]
    for fault in faults:
        messages.error(request, fault.text(_))
    return faults


@never_cache
@require_GET
@shopping
def delivery(request: HttpRequest) -> HttpResponse:
    """The days, times of day and sums for what the form says so far; nothing of it is kept."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    found = shopper.cart()
    if found is None or not found.lines:
        return HttpResponse(status=204)
    methods = _methods(shopper, found)
    form = CheckoutForm(
        {name: request.GET.get(name, "") for name in ("postal_code", "prefecture", "payment_method", "wished_on", "time_band", "service")}
    )
    form.is_valid()
    said = form.said().paid_by(methods)
    at = clock.now()
    offer, faults = offered_delivery(shopper, found, said, at=at)
    shown = CheckoutForm(initial={"wished_on": said.wished_on, "time_band": said.time_band, "service": said.service})
    shown.offer_services(_services(shopper, found, said, at=at))
    if offer is not None:
        shown.offer_days(offer, said.wished_on)
    words = {**cart_words(shopper, found, said=said), "form": shown, "offer": offer, "place_faults": [fault.text(_) for fault in faults]}
    return render(request, "storefront/delivery.html", words)


def _said(
    request: HttpRequest, shopper: Shopper, found: CartView, form: CheckoutForm, methods: tuple[PaymentMethod, ...]
) -> tuple[CheckoutData, Refusal | None]:
    """What was typed, with the card that was chosen; a card entered before stays while another way to pay is looked at."""
    said = form.said()
    before = found.checkout.means_id if found.checkout else None
    if said.payment_method != PaymentMethod.CARD or PaymentMethod.CARD not in methods:
        return said.with_card(before), None
    subscribes = any(line.is_subscription for line in found.lines)
    card = chosen_card(request, shopper, found, said, must_keep=subscribes)
    return (said.with_card(before), card) if isinstance(card, Refusal) else (said.with_card(card), None)


@never_cache
@require_http_methods(["GET", "POST"])
@shopping
def confirm(request: HttpRequest) -> HttpResponse:
    """The final confirmation: everything the Act on Specified Commercial Transactions wants shown, then the button."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    if request.method == "POST":
        return _place(request, shopper)
    found = shopper.cart()
    if found is None or not found.lines:
        return HttpResponseRedirect(reverse("shop-cart"))
    said = found.checkout
    if said is None:
        return HttpResponseRedirect(reverse("shop-checkout"))
    quote = quote_cart(found, said, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=clock.now())
    if coupon_fault(quote) is not None:
        return HttpResponseRedirect(reverse("shop-cart"))
    if _faults(shopper, found, said, _methods(shopper, found), asks_services=_asks_services(quote)):
        return HttpResponseRedirect(reverse("shop-checkout"))
    if lost := _wishes_lost(request, quote):
        gifts = any(fault.code.startswith("gift.") for fault in lost) and not found.subscribes
        return HttpResponseRedirect(reverse("shop-places" if gifts else "shop-checkout"))
    terms = terms_of(shopper, found, said=said)
    if not isinstance(quote, Quote) or quote.short is not None or any(isinstance(t, Refusal) for t in terms.values()):
        return HttpResponseRedirect(reverse("shop-cart"))
    held_until_at = hold_cart(found, said, site=shopper.site, actor=shopper.actor, at=clock.now())
    if isinstance(held_until_at, Refusal):
        messages.error(request, held_until_at.text(_))
        return HttpResponseRedirect(reverse("shop-cart"))
    words = {
        "held_until_at": held_until_at,
        "cart": found,
        "shown": _shown(shopper, found, said, quote),
        "quote": quote,
        "agreed": _days_shown(found, quote),
        "subscribes": bool(terms),
        "asks_age": Gate.AGE in quote.asks,
    }
    return page(request, "storefront/confirm.html", words)


def _place(request: HttpRequest, shopper: Shopper) -> HttpResponse:
    """Place the cart that was shown. Pressing twice, going back and pressing again: the same order."""
    at = clock.now()
    found = _cart_shown(request, shopper)
    if found is None:
        return HttpResponseRedirect(reverse("shop-cart"))
    if found.order_id is not None:
        return after_placing(request, shopper, found.order_id)
    total = request.POST.get("total", "")
    if not found.lines or found.checkout is None or not (total.isascii() and total.isdigit() and len(total) < 16):
        return HttpResponseRedirect(reverse("shop-checkout"))
    quote = quote_cart(found, found.checkout, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=at)
    if _faults(shopper, found, found.checkout, _methods(shopper, found), asks_services=_asks_services(quote)):
        return HttpResponseRedirect(reverse("shop-checkout"))
    shown = _shown(shopper, found, found.checkout, quote) if isinstance(quote, Quote) else ""
    result = place_cart(
        found,
        found.checkout,
        site=shopper.site,
        language=shopper.language,
        confirmation=Confirmation(terms_version=_terms_version(shopper), shown=shown, shown_at=at),
        expected_total=int(total),
        agreed=_days_agreed(request),
        told=(Gate.AGE,) if request.POST.get("told_age") else (),
        actor=shopper.actor,
        at=at,
    )
    if isinstance(result, Placed):
        return after_placing(request, shopper, result.order_id)
    for reason in result.reasons:
        messages.error(request, reason.text(_))
    if result.code.startswith("delivery."):
        return HttpResponseRedirect(reverse("shop-checkout"))
    if result.code.startswith("gift."):
        return HttpResponseRedirect(reverse("shop-places"))
    changed = result.code in ("order.total_changed", "inventory.promise_moved", "order.gate_age")
    return HttpResponseRedirect(reverse("shop-confirm" if changed else "shop-cart"))


def _days_shown(found: CartView, quote: Quote) -> str:
    """The days that are promised on this page, to come back with its button: "variant:day variant:day"."""
    lines = quote.sums.lines
    return " ".join(f"{lines[n].offer.variant_id}:{wait.promised_on.isoformat()}" for n, wait in quote.waits.items())


def _days_agreed(request: HttpRequest) -> dict[int, date]:
    """The days that the page showed; anything else agrees to nothing."""
    found = {}
    for pair in request.POST.get("agreed", "")[:4000].split():
        variant, _sep, day = pair.partition(":")
        try:
            found[int(variant)] = date.fromisoformat(day)
        except ValueError:
            return {}
    return found


def _cart_shown(request: HttpRequest, shopper: Shopper) -> CartView | None:
    """The very cart the page showed, if it is this shopper's: ordered meanwhile or not."""
    try:
        ref = UUID(hex=request.POST.get("cart", ""))
    except ValueError:
        return None
    if shopper.account_id is None and ref != shopper.ref:
        return None
    return cart_by_ref(ref, site_id=shopper.site.id, account_id=shopper.account_id, language=shopper.language)


def _shown(shopper: Shopper, found: CartView, said: CheckoutData, quote: Quote) -> str:
    """What the buyer is shown before agreeing, as it is shown; kept with the order."""
    company = shopper.site.company
    texts = legal_texts(company.id, on=company.business_date(clock.now()), language=shopper.language)
    words = {
        "site": shopper.site,
        "company": company,
        "cart": found,
        "said": said,
        "sums": quote.sums,
        "waits": quote.waits,
        "offer": quote.delivery.get(1),
        "band": _(band_words(said.time_band)) if said.time_band else "",
        "all_wait": len(quote.waits) == len(quote.sums.lines),
        "places": shown_places(found, quote.sums) if not said.pickup_at_id else (),
        "store": chosen_store(company.id, said),
        "terms": _with_totals(shopper, found, said),
        "card": card_words(said.means_id, company_id=company.id) if said.payment_method == PaymentMethod.CARD else "",
        "returns": texts.get(LegalTextKind.RETURNS),
        "pay": texts.get(LegalTextKind.PAYMENT_INSTRUCTIONS),
    }
    return render_to_string("storefront/_confirmation.html", words)


def _with_totals(shopper: Shopper, found: CartView, said: CheckoutData) -> list[dict[str, object]]:
    """The terms of each subscription, with what a later delivery comes to in all."""
    terms = {n: answer for n, answer in terms_of(shopper, found, said=said).items() if isinstance(answer, Terms)}
    customer_id = customer_of(shopper) if terms else None
    later = quote_later(
        found, said, places=tuple(terms), site=shopper.site, customer_id=customer_id, language=shopper.language, at=clock.now()
    )
    return [{"terms": answer, "later": later.get(n)} for n, answer in terms.items()]


def _terms_version(shopper: Shopper) -> str:
    company = shopper.site.company
    terms = legal_texts(company.id, on=company.business_date(clock.now()), language=shopper.language, kinds=[LegalTextKind.TERMS])
    text = terms.get(LegalTextKind.TERMS)
    return f"{text.valid_from_on:%Y-%m-%d}" if text else "-"


def _sent_to(request: HttpRequest, shopper: Shopper, said: CheckoutData) -> CheckoutData:
    """With the address of the buyer's book that the page was asked with, if there is one."""
    wanted = request.GET.get("address", "")
    found = next((a for a in own_addresses(shopper.own_group()) if str(a.address_id) == wanted), None) if wanted else None
    return said.sent_to(found.place) if found is not None else said


def _methods(shopper: Shopper, found: CartView, *, takes_cards: bool | None = None) -> tuple[PaymentMethod, ...]:
    """The ways to pay for this cart."""
    cards = card_choice(shopper).form is not None if takes_cards is None else takes_cards
    at_store = not found.subscribes and any(store.terms.pays_at_store for store in pickup_stores(shopper.site.company.id))
    return offered_methods(
        takes_cards=cards, courses=courses_of(shopper, found), is_guest=shopper.account_id is None, pays_at_store=at_store
    )


def _faults(
    shopper: Shopper, found: CartView, said: CheckoutData, methods: tuple[PaymentMethod, ...], *, asks_services: bool
) -> list[Refusal]:
    """What stands in the way: of the form, and of several addresses."""
    earliest_on, latest_on = days_of(shopper)
    several = bool(found.places) and not found.subscribes and said.pickup_at_id is None
    faults = list(
        checkout_faults(
            said,
            earliest_on=None if asks_services else earliest_on,
            latest_on=None if asks_services else latest_on,
            offered=methods,
            needs_address=not several and said.pickup_at_id is None,
        )
    )
    if several:
        first, last = (None, None) if asks_services else (earliest_on, latest_on)
        faults += places_faults(found.places, wanted=found.wanted, earliest_on=first, latest_on=last)
    return faults


def _known_details(shopper: Shopper) -> CheckoutData:
    """What we know of a signed-in buyer, so that nothing known is asked again."""
    customer_id = customer_of(shopper)
    details: dict[str, Any] | None = buyer_details(customer_id) if customer_id is not None else None  # type: ignore[assignment]
    return CheckoutData(**details) if details else CheckoutData()
