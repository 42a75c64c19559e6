"""My Page: the past that belongs to an account, the ways to sign in to it, and closing it."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.logout import logout
from allauth.socialaccount.adapter import get_adapter as social_adapter
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import Refusal
from customers.operations import ask_link_codes, close_account, end_identity, give_link_codes, unlink_accounts
from customers.queries import ids_of_account, links_of_account
from customers.rules import AskCode, GiveCode
from storefront.operations import claim_by_order
from storefront.web.mypage.own import Own, mypage, own_page, tell

CODE_ASKED = "link_code_asked"


def _text(label: Any, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=254, widget=forms.TextInput(attrs=attrs))


class OrderForm(forms.Form):
    """What stands on every confirmation and delivery note."""

    number = _text(gettext_lazy("Order number"), autocomplete="off", autocapitalize="characters")
    phone = _text(gettext_lazy("Phone number given with the order"), autocomplete="tel", inputmode="tel")


class MailForm(forms.Form):
    """The address the company writes to."""

    address = _text(gettext_lazy("E-mail address you gave us"), autocomplete="email", inputmode="email", type="email")


class CodeForm(forms.Form):
    """The code that came by mail."""

    code = _text(gettext_lazy("Code from the mail"), autocomplete="one-time-code", inputmode="numeric")


@require_http_methods(["GET", "POST"])
@own_page
def link(request: HttpRequest, own: Own) -> HttpResponse:
    """Whoever bought by phone, on paper or as a guest sees those orders here after proving whose they are."""
    form, mail = OrderForm(), MailForm()
    status = 200
    if request.method == "POST" and "address" in request.POST:
        mail = MailForm(request.POST)
        if mail.is_valid() and _ask(request, own, mail):
            return HttpResponseRedirect(reverse("shop-link-code"))
        status = 422
    elif request.method == "POST":
        form = OrderForm(request.POST)
        if form.is_valid() and _claim(request, own, form):
            return HttpResponseRedirect(reverse("shop-mine"))
        status = 422
    return _page(request, own, {"form": form, "mail": mail}, status=status)


def _page(request: HttpRequest, own: Own, words: dict[str, Any], *, status: int) -> HttpResponse:
    assert own.shopper.account_id is not None
    found = links_of_account(own.shopper.account_id, company_id=own.company_id)
    return mypage(request, "link", "link", {"links": found, **words}, status=status)


def _claim(request: HttpRequest, own: Own, form: OrderForm) -> bool:
    assert own.shopper.account_id is not None
    answer = claim_by_order(
        own.shopper.account_id,
        company_id=own.company_id,
        number=form.cleaned_data["number"],
        phone=form.cleaned_data["phone"],
        actor=own.actor,
        at=clock.now(),
    )
    if isinstance(answer, Refusal):
        form.add_error(None, answer.text(_))
        return False
    messages.success(request, _("Your past purchases are linked to this account. They are shown from now on."))
    return True


def _ask(request: HttpRequest, own: Own, form: MailForm) -> bool:
    assert own.shopper.account_id is not None
    ask = AskCode(account_id=own.shopper.account_id, company_id=own.company_id, address=form.cleaned_data["address"], language=own.language)
    (answer,) = ask_link_codes([ask], actor=own.actor, at=clock.now())
    if isinstance(answer, Refusal):
        form.add_error("address" if answer.field else None, answer.text(_))
        return False
    request.session[CODE_ASKED] = form.cleaned_data["address"]
    return True


@require_http_methods(["GET", "POST"])
@own_page
def code(request: HttpRequest, own: Own) -> HttpResponse:
    """The code from the mail is typed here."""
    assert own.shopper.account_id is not None
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = GiveCode(account_id=own.shopper.account_id, company_id=own.company_id, code=form.cleaned_data["code"])
        (answer,) = give_link_codes([given], actor=own.actor, at=clock.now())
        if not isinstance(answer, Refusal):
            request.session.pop(CODE_ASKED, None)
            messages.success(request, _("Your past purchases are linked to this account. They are shown from now on."))
            return HttpResponseRedirect(reverse("shop-mine"))
        form.add_error("code" if answer.field else None, answer.text(_))
    asked = str(request.session.get(CODE_ASKED, ""))
    return mypage(request, "link_code", "link", {"form": form, "asked": asked}, status=422 if form.errors else 200)


@require_POST
@own_page
def unlink(request: HttpRequest, own: Own, link_id: int) -> HttpResponse:
    """The account's owner no longer sees these orders; linking again takes a proof again."""
    assert own.shopper.account_id is not None
    mine = {row.link_id for row in links_of_account(own.shopper.account_id, company_id=own.company_id)}
    if link_id in mine:
        (answer,) = unlink_accounts([link_id], reason=_("Unlinked by the account's owner"), actor=own.actor, at=clock.now())
        tell(request, answer, _("The link was removed."))
    return HttpResponseRedirect(reverse("shop-link"))


@require_http_methods(["GET"])
@own_page
def ids(request: HttpRequest, own: Own) -> HttpResponse:
    """Every way to sign in to this account."""
    assert own.shopper.account_id is not None
    found = ids_of_account(own.shopper.account_id)
    have = {row.provider for row in found}
    more = [p for p in social_adapter().list_providers(request) if p.id not in have]
    words = {"ids": found, "providers": more, "has_password": request.user.has_usable_password()}  # type: ignore[union-attr]
    return mypage(request, "ids", "ids", words)


@require_POST
@own_page
def end_id(request: HttpRequest, own: Own) -> HttpResponse:
    """One way to sign in ends, once its owner has shown again who is asking."""
    return _end_id(request, own)


@reauthentication_required(app="allauth.account")
def _end_id(request: HttpRequest, own: Own) -> HttpResponse:
    assert own.shopper.account_id is not None
    answer = end_identity(own.shopper.account_id, id=request.POST.get("id", "")[:40], actor=own.actor, at=clock.now())
    tell(request, answer, _("You can no longer sign in this way."))
    return HttpResponseRedirect(reverse("shop-ids"))


@require_http_methods(["GET", "POST"])
@own_page
def close(request: HttpRequest, own: Own) -> HttpResponse:
    """The account's end, by its owner, with what goes and what stays."""
    return _close(request, own)


@reauthentication_required(app="allauth.account")
def _close(request: HttpRequest, own: Own) -> HttpResponse:
    assert own.shopper.account_id is not None
    if request.method == "POST" and request.POST.get("sure") == "1":
        answer = close_account(own.shopper.account_id, actor=own.actor, at=clock.now())
        if not isinstance(answer, Refusal):
            logout(request)
            get_adapter().add_message(request, messages.SUCCESS, message=_("Your account is closed. Thank you for having been with us."))
            return HttpResponseRedirect(reverse("shop-home"))
        tell(request, answer, "")
    return mypage(request, "close", "ids", {"missing": request.method == "POST"}, status=422 if request.method == "POST" else 200)
