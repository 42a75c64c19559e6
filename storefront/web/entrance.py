"""The sign-in library's pages in the shop's frame, and those of them that shoppers see differently."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.base.views import IndexView
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import AddWebAuthnView, ListWebAuthnView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.queries import category_tree
from core import clock
from storefront.web.shopping import shopper_of

PREFIX = "/account/"
SHOP = {"door": "sign_in/shop.html", "my": "sign_in/my.html"}
STAFF = {"door": "sign_in/staff.html", "my": "sign_in/staff.html"}


class InTheShop:
    """Pages below /account/ stand in the shop's frame; in the back office's for staff, or who is about to be known as staff."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        if request.path.startswith(PREFIX):
            response.context_data = {**(response.context_data or {}), **_frame(request)}
        return response


def _frame(request: HttpRequest) -> dict[str, Any]:
    if _is_for_staff(request):
        return {"layouts": STAFF}
    try:
        shopper = shopper_of(request)
    except Http404:  # no shop at this address: the plain frame does
        return {"layouts": {"door": "sign_in/plain.html", "my": "sign_in/plain.html"}}
    site = shopper.site
    tree = category_tree(company_id=site.company.id, language=shopper.language, at=clock.now())
    return {
        "layouts": SHOP,
        "site": site,
        "categories": [c for c in tree if c.depth == 1],
        "pieces": shopper.pieces(),
        "language": shopper.language,
        "here": "ids",
    }


def _is_for_staff(request: HttpRequest) -> bool:
    if request.user.is_authenticated:
        return bool(request.user.is_staff)
    waiting = unstash_login(request, peek=True)
    return bool(
        (waiting is not None and getattr(waiting.user, "is_staff", False)) or request.GET.get(REDIRECT_FIELD_NAME, "").startswith("/admin/")
    )


@login_required
def to_ids(request: HttpRequest) -> HttpResponse:
    """A shopper's ways to sign in are on one page of My Page."""
    return HttpResponseRedirect(reverse("admin:index" if request.user.is_staff else "shop-ids"))


class Factors(IndexView):  # type: ignore[misc]
    """Staff see their second factors here; shoppers have one page for all ways to sign in."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if request.user.is_staff else to_ids(request)  # type: ignore[no-any-return,union-attr]


class Passkeys(ListWebAuthnView):  # type: ignore[misc]
    """Staff manage their passkeys among their second factors."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("mfa_index"))


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    """Every key is a passkey: it signs in by itself, after the device has made sure who holds it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = super().get_context_data(**kwargs)
        words["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        return words  # type: ignore[no-any-return]

    def form_valid(self, form: Any) -> HttpResponse:
        _key, codes = flows.add_authenticator(self.request, name=form.cleaned_data["name"], credential=form.cleaned_data["credential"])
        if codes is not None and not self.request.user.is_staff:
            codes.delete()  # a shopper's passkey is another way in, not a second lock: nothing to recover from
            codes = None
        return HttpResponseRedirect(reverse("mfa_view_recovery_codes" if codes is not None else "mfa_index"))
