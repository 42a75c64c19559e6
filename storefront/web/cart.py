"""The cart: what lies in it and what it costs now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns.rules import LONGEST_CODE
from catalog.queries import variant_keys
from catalog.rules import Offer, PurchaseType
from core import clock
from core.errors import HouseError, Refusal
from core.text import clean_line
from customers.queries import customers_of_account, rank_codes
from orders.operations import Quote
from orders.rules import Refused
from storefront.operations import apply_coupon, coupon_fault, put_in_cart, quote_cart, split_lines, take_from_cart
from storefront.queries import CartView
from storefront.rules import CheckoutData, Wanted
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping
from storefront.web.slowing import too_many
from subscriptions.queries import plans_for, subscription_terms
from subscriptions.rules import PlanShown, Terms, TermsAsk

MOST_CODES = 20
"""Nobody has so many coupons to try in a quarter of an hour; who guesses has."""


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
    quote, lost = _quoted(shopper, found, known)
    split = split_lines(found, known)
    summed = _summed(quote, split)
    reasons = _by_line(quote, split)
    terms = terms_of(shopper, found, said=known)
    reasons |= {n: answer.text(_) for n, answer in terms.items() if isinstance(answer, Refusal)}
    plans = plans_in(shopper, found)
    return {
        "cart": found,
        "lines": [
            {
                "line": line,
                "sum": summed.get(n),
                "reason": reasons.get(n, ""),
                "wait": next((wait for place, wait in quote.waits.items() if split[place] == n), None)
                if isinstance(quote, Quote)
                else None,
                "terms": terms.get(n) if isinstance(terms.get(n), Terms) else None,
                "plan": plans.get(line.variant_id) if line.is_subscription else None,
            }
            for n, line in enumerate(found.lines)
        ],
        "subscribes": bool(terms),
        "quote": quote if isinstance(quote, Quote) else None,
        "postage_open": isinstance(quote, Quote) and _postage_open(quote, known),
        "reasons": [text for n, text in reasons.items() if n is None],
        "coupon_lost": lost.text(_) if lost else "",
        "may_order": isinstance(quote, Quote) and quote.short is None and not reasons and lost is None,
    }


def _quoted(shopper: Shopper, found: CartView, known: CheckoutData) -> tuple[Quote | Refused, Refusal | None]:
    """What the cart costs; where its coupon cannot be used any more, without it, and why."""
    asked: dict[str, Any] = {"site": shopper.site, "customer_id": customer_of(shopper), "language": shopper.language, "at": clock.now()}
    quote = quote_cart(found, known, **asked)
    lost = coupon_fault(quote)
    return (quote, None) if lost is None else (quote_cart(replace(found, coupon_code=""), known, **asked), lost)


def _postage_open(quote: Quote, known: CheckoutData) -> bool:
    """Whether postage depends on where it goes, and nobody has said so yet."""
    charged = quote.sums.fees or quote.sums.waived
    return bool(quote.sums.carriage.consignments) and not charged and not known.prefecture and not known.postal_code


def plans_in(shopper: Shopper, found: CartView) -> dict[int, PlanShown]:
    """The courses of what is subscribed to."""
    wanted = [line.variant_id for line in found.lines if line.is_subscription]
    if not wanted or shopper.site.channel is None:
        return {}
    return plans_for(
        wanted, company_id=shopper.site.company.id, channel_id=shopper.site.channel.id, language=shopper.language, at=clock.now()
    )


def courses_of(shopper: Shopper, found: CartView) -> list[tuple[str, ...]]:
    """By which ways each subscription in the cart may be paid; an empty one means by all."""
    return [plan.payment_methods for plan in plans_in(shopper, found).values()]


def terms_of(shopper: Shopper, found: CartView, *, said: CheckoutData) -> dict[int, Terms | Refusal]:
    """What is promised of each subscription in the cart, or why there can be none, by the place of its line."""
    places = [n for n, line in enumerate(found.lines) if line.is_subscription]
    if not places or shopper.site.channel is None:
        return {}
    customer_id = customer_of(shopper)
    rank = rank_codes([customer_id], brand_id=shopper.site.brand_id).get(customer_id, "") if customer_id is not None else ""
    asks = [
        TermsAsk(
            variant_id=found.lines[n].variant_id,
            quantity=found.lines[n].quantity,
            plan_code=found.lines[n].plan_code,
            interval=found.lines[n].interval,
            rank_code=rank,
            first_on=said.wished_on,
        )
        for n in places
    ]
    answers = subscription_terms(
        asks, company_id=shopper.site.company.id, channel_id=shopper.site.channel.id, language=shopper.language, at=clock.now()
    )
    return dict(zip(places, answers, strict=True))


def customer_of(shopper: Shopper) -> int | None:
    """The signed-in shopper's ledger entry with this company."""
    if shopper.account_id is None:
        return None
    found = customers_of_account(shopper.account_id, company_id=shopper.site.company.id)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class CartSum:
    """What a line of the cart comes to, over all addresses it goes to."""

    amount: int
    offer: Offer


def _summed(quote: Quote | Refused, split: Sequence[int]) -> dict[int, CartSum]:
    found: dict[int, CartSum] = {}
    for n, line in zip(split, quote.sums.lines, strict=True) if isinstance(quote, Quote) else ():
        found[n] = CartSum(line.amount + (found[n].amount if n in found else 0), line.offer)
    return found


def _by_line(quote: Quote | Refused, split: Sequence[int]) -> dict[int | None, str]:
    reasons = quote.reasons if isinstance(quote, Refused) else ((quote.short,) if quote.short else ())
    found: dict[int | None, str] = {}
    for reason in reasons:
        parts = reason.field.split("/")
        line = split[int(parts[2])] if len(parts) > 2 and parts[1] == "lines" and parts[2].isdigit() else None
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
        subscribes = kind is PurchaseType.SUBSCRIPTION
        wanted = Wanted(
            variant_id=variant_id,
            quantity=_quantity(request),
            purchase_type=kind,
            plan_code=request.POST.get("plan", "")[:60] if subscribes else "",
            interval=request.POST.get("interval", "")[:20] if subscribes else "",
            ad_code=request.POST.get("ad", "")[:60],
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
                wanted = Wanted(
                    variant_id=line.variant_id,
                    quantity=_quantity(request),
                    purchase_type=line.purchase_type,
                    plan_code=line.plan_code,
                    interval=request.POST.get("interval", line.interval)[:20],
                    ad_code=line.ad_code,
                )
                put_in_cart(found.public_id, wanted, adds=False, actor=shopper.actor, at=at)
        except HouseError as refused:
            messages.error(request, refused.refusal.text(_))
    return HttpResponseRedirect(reverse("shop-cart"))


@require_POST
@shopping
def coupon(request: HttpRequest) -> HttpResponse:
    """Use a coupon for what is in the cart, or take it out."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    found = shopper.cart()
    code = "" if "remove" in request.POST else clean_line(request.POST.get("coupon", "")[:200])[:LONGEST_CODE]
    if found is None or not found.lines:
        messages.info(request, _("Your cart is empty. Put something in it first, then use the coupon."))
    elif not code and "remove" not in request.POST:
        messages.error(request, _("Please write the code of your coupon."))
    elif code and too_many(request, "coupon", most=MOST_CODES):
        messages.error(request, _("Too many coupon codes were tried. Please wait a quarter of an hour."))
    else:
        customer_id = customer_of(shopper)
        refused = apply_coupon(
            found, code, site=shopper.site, customer_id=customer_id, language=shopper.language, actor=shopper.actor, at=clock.now()
        )
        if refused is not None:
            messages.error(request, refused.text(_))
        else:
            messages.success(request, _("The coupon is used for this cart.") if code else _("The coupon was taken out."))
    return HttpResponseRedirect(reverse("shop-cart"))


def _quantity(request: HttpRequest) -> int:
    """The quantity typed, full-width digits allowed; nought for anything that is no number, which the operation refuses."""
    typed = request.POST.get("quantity", "1").strip().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 0
