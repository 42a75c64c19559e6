"""Somebody in front of an order of hers: signed in, or a guest with the link of the mail. Both do the same with it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from orders.queries import OrderView
from storefront.web.mypage.orders import own_order
from storefront.web.mypage.own import Own, own_page
from storefront.web.orders import order_behind
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping
from storefront.web.slowing import too_many

TRIES = 30
_PAGES: Final = {
    "order": ("shop-mine-one", "shop-order"),
    "change": ("shop-mine-change", "shop-order-change"),
    "return": ("shop-mine-return", "shop-order-return"),
    "withdraw": ("shop-mine-return-withdraw", "shop-order-return-withdraw"),
}
LAYOUTS: Final = {False: "storefront/mypage/_layout.html", True: "storefront/guest_layout.html"}
"""Within My Page, or by itself for a guest."""


@dataclass(frozen=True)
class Buyer:
    """Who acts on which order; ``link`` is the signed word of a guest, else empty."""

    order: OrderView
    shopper: Shopper
    link: str = ""

    @property
    def actor(self) -> Any:
        return self.shopper.actor

    @property
    def company_id(self) -> int:
        return self.shopper.site.company.id

    @property
    def language(self) -> str:
        return self.shopper.language

    def url(self, name: str, *more: str) -> str:
        """The address of a page about the order, as this buyer reaches it."""
        signed_in, guest = _PAGES[name]
        if name == "withdraw" and not self.link:
            return reverse(signed_in, args=more)
        return reverse(guest if self.link else signed_in, args=[self.link or self.order.number, *more])

    def show(self, request: HttpRequest, template: str, words: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """A page about the order: within My Page, or by itself for a guest."""
        frame = {"here": "orders", "layout": LAYOUTS[bool(self.link)], "order": self.order, "order_url": self.url("order")}
        return page(request, f"storefront/mypage/{template}.html", {**frame, **words}, status=status)


View = Callable[..., HttpResponse]


def of_her_own(view: View) -> View:
    """The view of a signed-in shopper's order, by its number."""

    @own_page
    @wraps(view)
    def wrapper(request: HttpRequest, own: Own, number: str, *more: str, **named: str) -> HttpResponse:
        return view(request, Buyer(own_order(own, number), own.shopper), *more, **named)

    return wrapper


def by_link(view: View) -> View:
    """The same view for a guest, by the signed link of the mail; who sends without end is slowed down."""

    @never_cache
    @shopping
    @wraps(view)
    def wrapper(request: HttpRequest, link: str, *more: str, **named: str) -> HttpResponse:
        shopper: Shopper = request.shopper  # type: ignore[attr-defined]
        buyer = Buyer(order_behind(request, link), shopper, link)
        if slow := slowed(request, back=buyer.url("order")):
            return slow
        return view(request, buyer, *more, **named)

    return wrapper


def slowed(request: HttpRequest, *, back: str) -> HttpResponse | None:
    """The answer to a guest who sends without end; None to everybody else."""
    if request.method != "POST" or not too_many(request, "order-by-link", most=TRIES):
        return None
    words = {"words": _("Too many tries. Please wait a quarter of an hour."), "back": back}
    return page(request, "storefront/wait.html", words, status=429)
