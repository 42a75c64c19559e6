"""A buyer looks at an order: by the link of the mail, by number and proof, or signed in."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.queries import card_intents_of
from core import clock
from core.errors import Refusal
from core.queries import LegalTextKind, legal_texts
from core.text import email_key, phone_key
from orders.operations import cancel_orders
from orders.queries import (
    OrderView,
    PickupView,
    Sight,
    cases_of_order,
    keys_of_refs,
    order_by_proof,
    order_path,
    order_view,
    parcel_lines,
    parcel_tracks,
    photos_of,
    pickups_of_order,
    ref_behind,
    service_path,
    service_rows,
)
from storefront.queries import articles
from storefront.web.forms import LookUpForm
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping
from storefront.web.slowing import too_many

TRIES = 10


@never_cache
@require_GET
@shopping
def order(request: HttpRequest, link: str) -> HttpResponse:
    """The order behind a signed link."""
    found = order_behind(request, link)
    return page(
        request,
        "storefront/order.html",
        {
            "order": found,
            "link": link,
            "is_new": "new" in request.GET,
            "pay": where_to_pay(found),
            "bank_link": bank_link(found, link),
            "pickups": pickups_of(found),
            "has_subscription": any(line.purchase_type == "subscription" for line in found.lines),
            "tracks": parcel_tracks([parcel.key for parcel in found.parcels if parcel.shipped_at]),
            "articles": articles(found.company_id, [line.sku for line in found.lines]),
            "may_change": found.may_change,
            **returns_of(found),
            **services_of(found),
        },
    )


@require_POST
@shopping
def cancel(request: HttpRequest, link: str) -> HttpResponse:
    """The buyer takes the order back, by the same rule as staff."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    found = order_behind(request, link)
    (result,) = cancel_orders([found.key], reason=_("Cancelled by the customer"), actor=shopper.actor, at=clock.now())
    if isinstance(result, Refusal):
        messages.error(request, result.text(_))
    else:
        messages.success(request, _("The order was cancelled."))
    return HttpResponseRedirect(order_path(found))


@never_cache
@require_http_methods(["GET", "POST"])
@shopping
def look_up(request: HttpRequest) -> HttpResponse:
    """A guest finds an order by number and a proof; guessing is slowed down, and every miss reads alike."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    form = LookUpForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        if too_many(request, "order-look-up", most=TRIES):
            form.add_error(None, _("Too many tries. Please wait a quarter of an hour."))
            status = 429
        else:
            proof = form.cleaned_data["proof"]
            found = order_by_proof(
                shopper.site.company.id, number=form.cleaned_data["number"].strip(), phone=phone_key(proof), email=email_key(proof)
            )
            if found is not None:
                return HttpResponseRedirect(order_path(found))
            form.add_error(None, _("We found no order with this number and this phone or e-mail."))
            status = 422
    return page(request, "storefront/look_up.html", {"form": form}, status=status)


def pickups_of(order: OrderView) -> dict[int, PickupView]:
    """What of the order is fetched in a store, by parcel; nothing is asked where it is sent."""
    return pickups_of_order(order.key) if any(place.pickup_at for place in order.destinations) else {}


def returns_of(order: OrderView) -> dict[str, Any]:
    """What the order's page says of returns: the cases there are, and whether anything may still be asked for."""
    cases = [case for case in cases_of_order(order.key) if case.order_key == order.key]
    return {
        "cases": cases,
        "photos": photos_of(case_ids=[case.key for case in cases]),
        "may_return": any(row.free for row in parcel_lines([order.key])),
    }


def services_of(order: OrderView) -> dict[str, Any]:
    """The same of repairs: those asked for goods of the order, where to look at them, and whether another may be asked for."""
    found = service_rows(Sight.of_customers((order.customer_id,)), limit=20, order_key=order.key)
    return {
        "services": [(service, service_path(service.id)) for service in found],
        "may_serve": any(line.shipped_quantity for line in order.lines),
    }


def where_to_pay(order: OrderView) -> str:
    """The company's account for an order whose transfer has not come yet; else an empty text."""
    if order.payment_method != "bank_transfer" or order.payment_status == "paid" or order.status == "cancelled":
        return ""
    texts = legal_texts(order.company_id, on=order.placed_on, language=order.language, kinds=[LegalTextKind.PAYMENT_INSTRUCTIONS])
    text = texts.get(LegalTextKind.PAYMENT_INSTRUCTIONS)
    return text.body if text else ""


def bank_link(order: OrderView, link: str = "") -> str:
    """Where the buyer goes on while their bank waits for them; an empty text where it doesn't."""
    if order.status != "pending" or order.payment_method != "card":
        return ""
    intent = next(iter(card_intents_of([order.id])), None)
    return reverse("shop-bank", args=[link or link_word(order)]) if intent is not None and intent.action_url else ""


def link_word(order: OrderView) -> str:
    """The signed word that names an order in addresses."""
    return order_path(order).rstrip("/").rpartition("/")[2]


def order_behind(request: HttpRequest, link: str) -> OrderView:
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    ref = ref_behind(link)
    key = keys_of_refs([ref]).get(ref) if ref is not None else None
    found = order_view(key) if key is not None else None
    if found is None or found.company_id != shopper.site.company.id:
        raise Http404
    return found
