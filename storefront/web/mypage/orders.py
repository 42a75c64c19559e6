"""The shopper's orders: where each parcel is, once more please, and taking one back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from billing.queries import DocumentFilter, invoice_paper, invoice_views
from billing.rules import InvoiceKind, PaymentMethod
from core import clock
from core.errors import HouseError
from orders.operations import cancel_orders
from orders.queries import (
    OrderView,
    order_rows,
    order_view,
    order_views,
    parcel_tracks,
    points_of_orders,
    service_rows,
    visible,
)
from storefront.operations import put_all_in_cart
from storefront.queries import articles
from storefront.rules import MOST_OF_ONE, Wanted
from storefront.web.mypage.own import Own, mypage, own_page, tell, tell_refused
from storefront.web.orders import bank_link, pickups_of, returns_of, where_to_pay

PAGE = 10


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """The shopper's orders, newest first, a page at a time."""
    after = _after(request.GET.get("after", ""))
    found = order_rows(own.sight, limit=PAGE + 1, after=after) if own.group else []
    shown, more = found[:PAGE], len(found) > PAGE
    views = order_views([row.key for row in shown])
    words = {
        "orders": with_articles(own, views),
        "next": f"{shown[-1].placed_at.isoformat()}_{shown[-1].key}" if more else "",
    }
    return mypage(request, "orders", "orders", words)


@require_GET
@own_page
def one(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """One order with its parcels, its money and its papers."""
    found = own_order(own, number)
    invoices = invoice_views(own.actor, company_id=own.company_id, where=DocumentFilter(order_ref=found.id))
    known = articles(own.company_id, [line.sku for line in found.lines])
    words = {
        "order": found,
        "articles": known,
        "tracks": parcel_tracks([parcel.key for parcel in found.parcels if parcel.shipped_at]),
        "invoices": invoices,
        "pay": where_to_pay(found),
        "bank_link": bank_link(found),
        "points": points_of_orders([found.key], at=clock.now()).get(found.key) if found.may_earn else None,
        "pickups": pickups_of(found),
        **returns_of(found),
        "may_change": found.may_change,
        "may_repeat": any(known[line.sku].is_sold for line in found.lines if line.sku in known),
    }
    return mypage(request, "order", "orders", words)


@require_POST
@own_page
def cancel(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """The shopper takes the order back, by the same rule as staff. Again changes nothing."""
    found = own_order(own, number)
    (result,) = cancel_orders([found.key], reason=_("Cancelled by the customer"), actor=own.actor, at=clock.now())
    tell(request, result, _("The order was cancelled."))
    return HttpResponseRedirect(reverse("shop-mine-one", args=[number]))


@require_POST
@own_page
def again(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """What was ordered lies in the cart once more, at the prices of today."""
    at = clock.now()
    found = own_order(own, number)
    known = articles(own.company_id, [line.sku for line in found.lines])
    pieces: dict[int, int] = {}
    for line in found.lines:  # what went to several addresses is one line of the cart
        if line.sku in known and known[line.sku].is_sold and line.purchase_type != "free":
            variant = known[line.sku].variant_id
            pieces[variant] = pieces.get(variant, 0) + line.quantity
    wanted = [Wanted(variant_id=variant, quantity=min(count, MOST_OF_ONE)) for variant, count in pieces.items()]
    if not wanted:
        messages.error(request, _("None of these articles is sold any more."))
        return HttpResponseRedirect(reverse("shop-mine-one", args=[number]))
    try:
        put_all_in_cart(own.shopper.cart_ref(at=at), wanted, actor=own.actor, at=at)
    except HouseError as refused:
        tell_refused(request, refused)
        return HttpResponseRedirect(reverse("shop-mine-one", args=[number]))
    messages.success(request, _("The articles of order %(number)s are in your cart, at the prices of today.") % {"number": number})
    return HttpResponseRedirect(reverse("shop-cart"))


@require_GET
@own_page
def invoice(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """A qualified invoice, ready for printing."""
    views = invoice_views(own.actor, company_id=own.company_id, where=DocumentFilter(number=number), limit=1)
    paper = invoice_paper(views[0].key) if views else None
    if paper is None:
        raise Http404
    with translation.override(paper.language):
        words = {
            "paper": paper,
            "title": _(InvoiceKind.labels()[InvoiceKind(paper.kind)]),
            "method": _(PaymentMethod.labels()[PaymentMethod(paper.method)]),
            "back": _page_of(own, paper.order_number),
        }
        return render(request, "storefront/mypage/invoice.html", words)


def _page_of(own: Own, number: str) -> str:
    """The page of what an invoice is about: an order, or a repair."""
    is_service = bool(own.group and service_rows(own.sight, limit=1, number=number))
    return reverse("shop-service" if is_service else "shop-mine-one", args=[number])


def own_order(own: Own, number: str) -> OrderView:
    """The order of this number, if it is the shopper's."""
    key = visible(own.sight).filter(number=number[:40], company_id=own.company_id).values_list("id", flat=True).first()
    found = order_view(key) if key is not None else None
    if found is None:
        raise Http404
    return found


def with_articles(own: Own, views: list[OrderView]) -> list[dict[str, Any]]:
    """Orders with the pictures of what is in them, in one statement for all."""
    known = articles(own.company_id, [line.sku for view in views for line in view.lines])
    return [{"order": view, "lines": [{"line": line, "article": known.get(line.sku)} for line in view.lines]} for view in views]


def _after(typed: str) -> tuple[datetime, int] | None:
    """The place in the list that a link names; a link that names none is wrong."""
    if not typed:
        return None
    moment, _dash, key = typed.partition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise Http404 from None
    if at.tzinfo is None or not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    return at, int(key)
