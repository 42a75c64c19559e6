"""The checkout: one form, the final confirmation the law requires, and the order."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import clock
from core.queries import LegalTextKind, legal_texts
from customers.queries import buyer_details
from orders.operations import Quote
from orders.queries import order_path, order_view
from orders.rules import Confirmation, Placed
from storefront.operations import place_cart, quote_cart, save_checkout
from storefront.queries import CartView, cart_by_ref
from storefront.rules import CheckoutData, checkout_faults
from storefront.web.cart import cart_words, customer_of
from storefront.web.forms import CheckoutForm
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping

EARLIEST_DAYS, LATEST_DAYS = 3, 60


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
    if request.method == "POST":
        form = CheckoutForm(request.POST)
        form.is_valid()
        said = form.said()
        save_checkout(found.public_id, said, actor=shopper.actor, at=at)
        form.show(_faults(shopper, said))
        if not form.errors:
            return HttpResponseRedirect(reverse("shop-confirm"))
    else:
        known = found.checkout or _known_details(shopper)
        form = CheckoutForm(initial={name: getattr(known, name) for name in CheckoutData.__slots__})
        said = known
    today = shopper.site.company.business_date(at)
    words = {
        **cart_words(shopper, found, said=said),
        "form": form,
        "earliest_on": today + timedelta(days=EARLIEST_DAYS),
        "latest_on": today + timedelta(days=LATEST_DAYS),
    }
    return page(request, "storefront/checkout.html", words, status=422 if form.errors else 200)


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
    if said is None or _faults(shopper, said):
        return HttpResponseRedirect(reverse("shop-checkout"))
    quote = quote_cart(found, said, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=clock.now())
    if not isinstance(quote, Quote) or quote.short is not None:
        return HttpResponseRedirect(reverse("shop-cart"))
    return page(request, "storefront/confirm.html", {"cart": found, "shown": _shown(shopper, found, said, quote), "quote": quote})


def _place(request: HttpRequest, shopper: Shopper) -> HttpResponse:
    """Place the cart that was shown. Pressing twice, going back and pressing again: the same order."""
    at = clock.now()
    found = _cart_shown(request, shopper)
    if found is None:
        return HttpResponseRedirect(reverse("shop-cart"))
    if found.order_id is not None:
        return _to_order(found.order_id)
    total = request.POST.get("total", "")
    if not found.lines or found.checkout is None or not (total.isascii() and total.isdigit() and len(total) < 16):
        return HttpResponseRedirect(reverse("shop-checkout"))
    quote = quote_cart(found, found.checkout, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=at)
    shown = _shown(shopper, found, found.checkout, quote) if isinstance(quote, Quote) else ""
    result = place_cart(
        found,
        found.checkout,
        site=shopper.site,
        language=shopper.language,
        confirmation=Confirmation(terms_version=_terms_version(shopper), shown=shown, shown_at=at),
        expected_total=int(total),
        actor=shopper.actor,
        at=at,
    )
    if isinstance(result, Placed):
        return _to_order(result.order_id)
    for reason in result.reasons:
        messages.error(request, reason.text(_))
    changed = result.code == "order.total_changed"
    return HttpResponseRedirect(reverse("shop-confirm" if changed else "shop-cart"))


def _cart_shown(request: HttpRequest, shopper: Shopper) -> CartView | None:
    """The very cart the page showed, if it is this shopper's: ordered meanwhile or not."""
    try:
        ref = UUID(hex=request.POST.get("cart", ""))
    except ValueError:
        return None
    if shopper.account_id is None and ref != shopper.ref:
        return None
    return cart_by_ref(ref, site_id=shopper.site.id, account_id=shopper.account_id, language=shopper.language)


def _to_order(order_id: int) -> HttpResponse:
    order = order_view(order_id)
    assert order is not None
    return HttpResponseRedirect(f"{order_path(order)}?new=1")


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
        "returns": texts.get(LegalTextKind.RETURNS),
        "pay": texts.get(LegalTextKind.PAYMENT_INSTRUCTIONS),
    }
    return render_to_string("storefront/_confirmation.html", words)


def _terms_version(shopper: Shopper) -> str:
    company = shopper.site.company
    terms = legal_texts(company.id, on=company.business_date(clock.now()), language=shopper.language, kinds=[LegalTextKind.TERMS])
    text = terms.get(LegalTextKind.TERMS)
    return f"{text.valid_from_on:%Y-%m-%d}" if text else "-"


def _faults(shopper: Shopper, said: CheckoutData) -> object:
    today = shopper.site.company.business_date(clock.now())
    return checkout_faults(said, earliest_on=today + timedelta(days=EARLIEST_DAYS), latest_on=today + timedelta(days=LATEST_DAYS))


def _known_details(shopper: Shopper) -> CheckoutData:
    """What we know of a signed-in buyer, so that nothing known is asked again."""
    customer_id = customer_of(shopper)
    details = buyer_details(customer_id) if customer_id is not None else None
    return CheckoutData(wished_on=None, **details) if details else CheckoutData()
