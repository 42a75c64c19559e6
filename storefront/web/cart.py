"""The cart: what lies in it and what it costs now."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.queries import variant_keys
from catalog.rules import PurchaseType
from core import clock
from core.errors import HouseError
from customers.queries import customers_of_account
from orders.operations import Quote
from orders.rules import Refused
from storefront.operations import put_in_cart, quote_cart, take_from_cart
from storefront.queries import CartView
from storefront.rules import CheckoutData, Wanted
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping


@require_GET
@shopping
def cart(request: HttpRequest) -> HttpResponse:
    """The cart with the price of every line, fees and tax."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    shopper.bring_guest_cart(at=clock.now())
    return page(request, "storefront/cart.html", cart_words(shopper, shopper.cart()))


def cart_words(shopper: Shopper, found: CartView | None, *, said: CheckoutData | None = None) -> dict[str, Any]:
    """A cart and its quote, ready for a template: lines with their sums or the reason why they can't be bought."""
    if found is None or not found.lines:
        return {"cart": None}
    known = said or found.checkout or CheckoutData(prefecture="")
    quote = quote_cart(found, known, site=shopper.site, customer_id=customer_of(shopper), language=shopper.language, at=clock.now())
    summed = {n.offer.variant_id: n for n in quote.sums.lines} if isinstance(quote, Quote) else {}
    reasons = _by_line(quote)
    return {
        "cart": found,
        "lines": [{"line": line, "sum": summed.get(line.variant_id), "reason": reasons.get(n, "")} for n, line in enumerate(found.lines)],
        "quote": quote if isinstance(quote, Quote) else None,
        "reasons": [text for n, text in reasons.items() if n is None],
        "may_order": isinstance(quote, Quote) and quote.short is None,
    }


def customer_of(shopper: Shopper) -> int | None:
    """The signed-in shopper's ledger entry with this company."""
    if shopper.account_id is None:
        return None
    found = customers_of_account(shopper.account_id, company_id=shopper.site.company.id)
    return found[0] if found else None


def _by_line(quote: Quote | Refused) -> dict[int | None, str]:
    reasons = quote.reasons if isinstance(quote, Refused) else ((quote.short,) if quote.short else ())
    found: dict[int | None, str] = {}
    for reason in reasons:
        parts = reason.field.split("/")
        line = int(parts[2]) if len(parts) > 2 and parts[1] == "lines" and parts[2].isdigit() else None
        found[line] = reason.text(_)
    return found


@require_POST
@shopping
def add(request: HttpRequest) -> HttpResponse:
    """Put something into the cart."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    at = clock.now()
    sku = request.POST.get("sku", "")[:64]
    variant_id = variant_keys(shopper.site.company.id, [sku]).get(sku)
    if variant_id is None:
        messages.error(request, _("There is no such article."))
        return HttpResponseRedirect(reverse("shop-products"))
    form = request.POST.get("purchase_type", "normal")
    kind = PurchaseType(form) if form in set(PurchaseType) and form != PurchaseType.FREE else PurchaseType.NORMAL
    try:
        wanted = Wanted(
            variant_id=variant_id, quantity=_quantity(request), purchase_type=kind, ad_code=request.POST.get("ad", "")[:60]
        )
        put_in_cart(shopper.cart_ref(at=at), wanted, actor=shopper.actor, at=at)
    except HouseError as refused:
        messages.error(request, refused.refusal.text(_))
        return HttpResponseRedirect(request.META.get("HTTP_REFERER") or reverse("shop-cart"))
    messages.success(request, _("It is in your cart."))
    return HttpResponseRedirect(reverse("shop-cart"))


@require_POST
@shopping
def change(request: HttpRequest) -> HttpResponse:
    """Change a quantity, or take a line out."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    at = clock.now()
    found = shopper.cart()
    line = (
        next((n for n in found.lines if n.sku == request.POST.get("sku") and n.purchase_type == request.POST.get("purchase_type")), None)
        if found
        else None
    )
    if found is not None and line is not None:
        try:
            if "remove" in request.POST:
                take_from_cart(found.public_id, variant_id=line.variant_id, purchase_type=line.purchase_type, actor=shopper.actor, at=at)
                messages.info(request, _("%(name)s was taken out of the cart.") % {"name": line.name})
            else:
                wanted = Wanted(variant_id=line.variant_id, quantity=_quantity(request), purchase_type=line.purchase_type)
                put_in_cart(found.public_id, wanted, adds=False, actor=shopper.actor, at=at)
        except HouseError as refused:
            messages.error(request, refused.refusal.text(_))
    return HttpResponseRedirect(reverse("shop-cart"))


def _quantity(request: HttpRequest) -> int:
    """The quantity typed, full-width digits allowed; nought for anything that is no number, which the operation refuses."""
    typed = request.POST.get("quantity", "1").strip().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 0
