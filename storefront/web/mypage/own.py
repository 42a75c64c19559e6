"""Who is signed in, and which ledger entries are read as theirs: the only gate of My Page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.errors import HouseError, Refusal
from orders.queries import Sight
from storefront.web.pages import page
from storefront.web.shopping import Shopper, shopping

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Own:
    """The shopper with the ledger entries that the account may act for; nobody where there is none yet."""

    shopper: Shopper
    principal: int | None
    group: tuple[int, ...]

    @property
    def sight(self) -> Sight:
        """The gate to orders."""
        return Sight.of_customers(self.group)

    @property
    def account_id(self) -> int:
        assert self.shopper.account_id is not None
        return self.shopper.account_id

    @property
    def company_id(self) -> int:
        return self.shopper.site.company.id

    @property
    def actor(self) -> Any:
        return self.shopper.actor

    @property
    def language(self) -> str:
        return self.shopper.language


def own_page(view: View) -> View:
    """Give a view of a signed-in shopper its ``Own`` as second argument; never kept by a browser."""

    @never_cache
    @login_required
    @shopping
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, own_of(request.shopper), *args, **kwargs)  # type: ignore[attr-defined]

    return wrapper


def own_of(shopper: Shopper) -> Own:
    """Every ledger entry of this company that is read as the signed-in shopper's, the first one linked in front."""
    group = shopper.own_group()
    return Own(shopper, group[0] if group else None, group)


def mypage(request: HttpRequest, template: str, here: str, words: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of My Page, with its place in the menu."""
    return page(request, f"storefront/mypage/{template}.html", {"here": here, **words}, status=status)


def tell(request: HttpRequest, result: object, done: str) -> bool:
    """Say what became of one item: the refusal in its words, else that it is done."""
    if isinstance(result, Refusal):
        messages.error(request, result.text(_))
        return False
    messages.success(request, done)
    return True


def tell_refused(request: HttpRequest, refused: HouseError) -> None:
    """Say why an operation as a whole was refused."""
    messages.error(request, refused.refusal.text(_))
