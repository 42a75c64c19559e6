"""Who is shopping where: the site behind a request, its language, and the shopper's cart."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language

from core.actor import Actor, ActorKind
from core.queries import SiteContext, UnknownSite, site_context, sites
from customers.queries import customers_of_account, groups_of
from storefront.operations import adopt_cart, open_cart
from storefront.queries import CartView, cart_by_ref, cart_pieces, open_cart_of

CART_COOKIE = "cart"
YEAR_S = 60 * 60 * 24 * 365
View = Callable[..., HttpResponse]


@dataclass
class Shopper:
    """The shopper of a request; the cart is looked up when first asked for, and made when first filled."""

    request: HttpRequest
    site: SiteContext
    language: str
    account_id: int | None
    actor: Actor
    _ref: UUID | None = None

    @property
    def ref(self) -> UUID | None:
        """The id of the guest's cart, if the browser carries one."""
        return self._ref

    def cart(self) -> CartView | None:
        """The shopper's open cart, if there is one."""
        if self.account_id is not None:
            return open_cart_of(self.account_id, site_id=self.site.id, language=self.language)
        if self._ref is None:
            return None
        found = cart_by_ref(self._ref, site_id=self.site.id, account_id=None, language=self.language)
        return found if found is not None and found.state == "open" else None

    def cart_ref(self, *, at: Any) -> UUID:
        """The id of the shopper's open cart, opened now if there is none."""
        self.bring_guest_cart(at=at)
        cart = self.cart()
        if cart is not None:
            return cart.public_id
        self._ref = open_cart(site_id=self.site.id, account_id=self.account_id, actor=self.actor, at=at)
        return self._ref

    def pieces(self) -> int:
        """How much lies in the cart."""
        if self.account_id is None and self._ref is None:
            return 0
        return cart_pieces(self._ref, account_id=self.account_id, site_id=self.site.id)

    def own_group(self) -> tuple[int, ...]:
        """Every ledger entry of this company that is read as the signed-in shopper's; nobody for a guest."""
        if self.account_id is None:
            return ()
        linked = customers_of_account(self.account_id, company_id=self.site.company.id)
        groups = groups_of(linked) if linked else {}
        return tuple(dict.fromkeys(i for one in linked for i in groups.get(one, ())))

    def go_on_with(self, ref: UUID) -> None:
        """A guest's browser carries another cart from now on."""
        if self.account_id is None:
            self._ref = ref

    def bring_guest_cart(self, *, at: Any) -> None:
        """After sign-in: what lay in the guest's cart lies in the account's."""
        if self.account_id is not None and self._ref is not None:
            self._ref = adopt_cart(self._ref, site_id=self.site.id, account_id=self.account_id, actor=self.actor, at=at)


def shopping(view: View) -> View:
    """Give a view its shopper as ``request.shopper``; remember the guest's cart in the browser."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        shopper = shopper_of(request)
        request.shopper = shopper  # type: ignore[attr-defined]
        before = shopper.ref
        response = view(request, *args, **kwargs)
        if shopper.ref is not None and shopper.ref != before:
            response.set_signed_cookie(
                CART_COOKIE, shopper.ref.hex, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure()
            )
        return response

    return wrapper


def shopper_of(request: HttpRequest) -> Shopper:
    """The shopper of a request. Raises Http404 where no shop answers at this address."""
    account: Any = request.user
    signed_in = bool(account.is_authenticated)
    actor = Actor(ActorKind.CUSTOMER, str(account.pk), account.get_full_name()) if signed_in else Actor(ActorKind.CUSTOMER, "guest")
    return Shopper(
        request=request,
        site=site_of(request),
        language=(get_language() or "ja")[:2],
        account_id=account.pk if signed_in else None,
        actor=actor,
        _ref=_cookie_ref(request),
    )


def site_of(request: HttpRequest) -> SiteContext:
    """The site at the request's domain; on a developer's machine the first site answers for unknown ones."""
    try:
        found = site_context(request.get_host())
    except UnknownSite:
        known = sites() if settings.ANY_DOMAIN_IS_A_SHOP else []
        if not known:
            raise Http404 from None
        found = known[0]
    if found.channel is None:
        raise Http404
    return found


def _cookie_ref(request: HttpRequest) -> UUID | None:
    try:
        return UUID(hex=request.get_signed_cookie(CART_COOKIE))
    except (BadSignature, KeyError, ValueError):  # a forged cookie is no cookie
        return None
