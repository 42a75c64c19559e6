"""Between the button and the thanks: the card is asked, the bank may ask the buyer, and a declined one is told so."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from billing.queries import card_intents_of
from billing.rules import Outcome, PaymentMethod
from core import clock
from orders.operations import take_payments
from orders.queries import OrderView, order_path, order_view
from storefront.operations import close_cart, renew_cart
from storefront.queries import cart_of_order
from storefront.web.orders import link_word, order_behind
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping


def after_placing(request: HttpRequest, shopper: Shopper, order_id: int) -> HttpResponse:
    """The order is placed; a card is asked now. However often this is called, the card is charged once."""
    order = order_view(order_id)
    assert order is not None
    if order.payment_method != PaymentMethod.CARD:
        return HttpResponseRedirect(f"{order_path(order)}?new=1")
    return _pay(request, shopper, order, link=link_word(order))


def _pay(request: HttpRequest, shopper: Shopper, order: OrderView, *, link: str) -> HttpResponse:
    """Ask the card and lead the buyer on; ``link`` is the signed word that names the order in addresses."""
    at = clock.now()
    back = request.build_absolute_uri(reverse("shop-paid", args=[link]))
    (taken,) = take_payments([order.key], actor=shopper.actor, at=at, return_url=back)
    cart_ref = cart_of_order(order.key)
    if taken.outcome == Outcome.FAILED:
        return _declined(request, shopper, order, cart_ref, _(taken.message) if taken.message else "")
    if taken.outcome == Outcome.ACTION:
        return HttpResponseRedirect(reverse("shop-bank", args=[link]))
    if cart_ref is not None:
        close_cart(cart_ref, order_id=order.key, actor=shopper.actor, at=at)
    return HttpResponseRedirect(f"{order_path(order)}?new=1")


def _declined(request: HttpRequest, shopper: Shopper, order: OrderView, cart_ref: UUID | None, said: str) -> HttpResponse:
    """The order is cancelled by now; what was in it lies in a new cart, with everything typed but the card."""
    new = renew_cart(cart_ref, order_id=order.key, actor=shopper.actor, at=clock.now()) if cart_ref is not None else None
    if new is None:
        return HttpResponseRedirect(order_path(order))
    shopper.go_on_with(new)
    messages.error(
        request, " ".join(part for part in (said, _("Nothing was charged, and your cart is as it was.")) if part), extra_tags="pay"
    )
    return HttpResponseRedirect(reverse("shop-checkout"))


@never_cache
@require_GET
@shopping
def bank(request: HttpRequest, link: str) -> HttpResponse:
    """The buyer's bank wants to ask them something: a page of ours that leads there."""
    order = order_behind(request, link)
    intent = next(iter(card_intents_of([order.id])), None)
    if order.status != "pending" or intent is None or not intent.action_url:
        return HttpResponseRedirect(reverse("shop-paid", args=[link]))
    return page(request, "storefront/bank.html", {"order": order, "go_to": intent.action_url})


@never_cache
@require_GET
@shopping
def paid(request: HttpRequest, link: str) -> HttpResponse:
    """The buyer comes back from their bank; what became of it is asked, not believed."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    order = order_behind(request, link)
    if order.payment_method != PaymentMethod.CARD:
        raise Http404
    return _pay(request, shopper, order, link=link)
