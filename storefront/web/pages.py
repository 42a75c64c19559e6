"""Home, shelves, products, legal texts."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.queries import card_form
from catalog.queries import category_tree, product_page, shelf
from catalog.rules import PurchaseType, ShelfOrder
from core import clock
from core.errors import Malformed, NotFound
from core.queries import LegalTextKind, legal_texts, postal_lookup
from inventory.queries import atp, wait_offers
from inventory.rules import WaitOffer
from storefront.queries import shelf_tiles
from storefront.web.shopping import Shopper, shopping
from subscriptions.queries import plans_for

PICKS = 8
FEW = 5
"""So many left are worth telling."""


def page(request: HttpRequest, template: str, words: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the shop with what every page shows."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    tree = category_tree(company_id=shopper.site.company.id, language=shopper.language, at=clock.now())
    shared = {
        "site": shopper.site,
        "categories": [c for c in tree if c.depth == 1],
        "pieces": shopper.pieces(),
        "language": shopper.language,
    }
    return render(request, template, {**shared, **words}, status=status)


@require_GET
@shopping
def home(request: HttpRequest) -> HttpResponse:
    """The shop's door: what is new, where to look."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    found = shelf(**_where(shopper), page_size=24)
    words = {
        "shelf": found,
        "regulars": [item for item in (*found.items[PICKS:], *found.items[:PICKS]) if item.may_subscribe][:3],
        "card_offered": card_form(shopper.site.company.id) is not None,
        "shelves": shelf_tiles(shopper.site.company.id, language=shopper.language, at=clock.now()),
        **_stock(shopper, found.items),
    }
    return page(request, "storefront/home.html", words)


@require_GET
@shopping
def products(request: HttpRequest) -> HttpResponse:
    """A page of products: of a category, of a search, in an order."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    asked = {name: request.GET.get(name, "").strip() for name in ("category", "q", "sort", "after")}
    order = ShelfOrder(asked["sort"]) if asked["sort"] in set(ShelfOrder) else ShelfOrder.POSITION
    try:
        found = shelf(**_where(shopper), category_code=asked["category"][:60], search=asked["q"][:100], order=order, after=asked["after"])
    except Malformed:
        raise Http404 from None
    words = {"shelf": found, "asked": asked, "orders": list(ShelfOrder), "order": order, **_stock(shopper, found.items)}
    return page(request, "storefront/products.html", words)


@require_GET
@shopping
def product(request: HttpRequest, code: str) -> HttpResponse:
    """One product with its pictures, words, variants and prices."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    try:
        found = product_page(code=code, **_where(shopper))
    except NotFound:
        raise Http404 from None
    left = atp([v.variant_id for v in found.variants], channel_id=shopper.site.channel.id, at=clock.now())  # type: ignore[union-attr]
    in_courses = [v.variant_id for v in found.variants if PurchaseType.SUBSCRIPTION in v.purchase_types]
    words = {
        "product": found,
        "left": left,
        "waits": _waits(shopper, [v.variant_id for v in found.variants], left),
        "few": FEW,
        "soldout": _soldout(found.variants, left),
        "plans": plans_for(in_courses, **_where(shopper)) if in_courses else {},
    }
    return page(request, "storefront/product.html", words)


@require_GET
@shopping
def legal(request: HttpRequest, kind: str) -> HttpResponse:
    """A text the law or fairness wants shown."""
    shopper: Shopper = request.shopper  # type: ignore[attr-defined]
    if kind not in set(LegalTextKind):
        raise Http404
    company = shopper.site.company
    on = company.business_date(clock.now())
    texts = legal_texts(company.id, on=on, language=shopper.language) or {}
    text = texts.get(LegalTextKind(kind)) or legal_texts(company.id, on=on, language=company.language).get(LegalTextKind(kind))
    if text is None:
        raise Http404
    return page(request, "storefront/legal.html", {"text": text})


@require_GET
def postal(request: HttpRequest, code: str) -> HttpResponse:
    """The places behind a postal code, for filling in an address; several are a choice for a person."""
    places = postal_lookup(code[:16])
    return JsonResponse(
        {"places": [{"prefecture": p.prefecture, "city": p.city, "town": f"{p.town}{p.street}"} for p in places if not p.is_office]}
    )


def _where(shopper: Shopper) -> dict[str, Any]:
    site = shopper.site
    assert site.channel is not None
    return {"company_id": site.company.id, "channel_id": site.channel.id, "language": shopper.language, "at": clock.now()}


def _stock(shopper: Shopper, items: Any) -> dict[str, Any]:
    """Which products of a page are sold out, in one statement for all."""
    variants = [v.variant_id for item in items for v in item.variants]
    left = atp(variants, channel_id=shopper.site.channel.id, at=clock.now()) if variants else {}  # type: ignore[union-attr]
    gone = [item for item in items if _soldout(item.variants, left)]
    waits = _waits(shopper, [v.variant_id for item in gone for v in item.variants], left)
    can_wait = {item.product_id: waits[v.variant_id] for item in gone for v in item.variants if v.variant_id in waits}
    return {"sold_out": {item.product_id for item in gone} - set(can_wait), "can_wait": can_wait}


def _waits(shopper: Shopper, variants: list[int], left: dict[int, int]) -> dict[int, WaitOffer]:
    """What may be ordered although it is not here, with the day it is promised; nothing is asked where everything is here."""
    gone = [variant for variant in variants if left.get(variant, 0) <= 0]
    company = shopper.site.company
    at = clock.now()
    today = company.business_date(at)
    return wait_offers(gone, company_id=company.id, channel_id=shopper.site.channel.id, today=today, at=at)  # type: ignore[union-attr]


def _soldout(variants: Any, left: dict[int, int]) -> bool:
    return all(left.get(v.variant_id, 0) <= 0 for v in variants)
