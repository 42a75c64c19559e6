"""Who the shopper is and how to reach them; how they sign in is the account's own matter."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import Refusal
from customers.operations import add_contact_points, end_contact_points, update_customers
from customers.queries import ids_of_account, own_contact_points, own_details
from customers.rules import ChangeCustomer, ContactKind, NewContactPoint
from storefront.web.mypage.forms import ContactPointForm, ProfileForm
from storefront.web.mypage.own import Own, mypage, own_page, tell

NAMES = ("family_name", "given_name", "family_kana", "given_kana", "birth_on")


@require_http_methods(["GET", "POST"])
@own_page
def profile(request: HttpRequest, own: Own) -> HttpResponse:
    """Name, reading and date of birth."""
    details = own_details(own.principal) if own.principal is not None else None
    if details is None:
        return mypage(request, "profile", "profile", {"details": None, "ids": ids_of_account(own.account_id)})
    form = ProfileForm(request.POST if request.method == "POST" else None, initial={name: getattr(details, name) for name in NAMES})
    if request.method == "POST" and form.is_valid():
        typed = request.POST.get("version", "")
        version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
        changes = {name: form.cleaned_data[name] for name in NAMES}
        change = ChangeCustomer(customer_id=details.customer_id, changes=changes, version=version)
        (result,) = update_customers([change], actor=own.actor, at=clock.now(), reason=_("Changed by the customer"))
        if not isinstance(result, Refusal):
            messages.success(request, _("Your details were saved."))
            return HttpResponseRedirect(reverse("shop-profile"))
        form.show([result.at("/" + result.field.rpartition("/")[2])])
    return _shown(request, own, form=form)


@require_POST
@own_page
def add_contact(request: HttpRequest, own: Own) -> HttpResponse:
    """One more phone number or mailbox; which of them it is, the text itself tells."""
    if own.principal is None:
        raise Http404
    form = ContactPointForm(request.POST)
    if form.is_valid():
        value = form.cleaned_data["value"]
        kind = ContactKind.EMAIL if "@" in value or "＠" in value else ContactKind.PHONE
        (result,) = add_contact_points(
            [NewContactPoint(customer_id=own.principal, kind=kind, value=value)], actor=own.actor, at=clock.now()
        )
        if not isinstance(result, Refusal):
            messages.success(request, _("It was added."))
            return HttpResponseRedirect(reverse("shop-profile"))
        form.show([result])
    return _shown(request, own, contact=form)


@require_POST
@own_page
def end_contact(request: HttpRequest, own: Own, point_id: int) -> HttpResponse:
    """A number or mailbox is no longer used. Again changes nothing."""
    if point_id not in {point.point_id for point in own_contact_points(own.group)}:
        raise Http404
    (result,) = end_contact_points([point_id], reason=_("Removed by the customer"), actor=own.actor, at=clock.now())
    tell(request, result, _("It was removed."))
    return HttpResponseRedirect(reverse("shop-profile"))


def _shown(request: HttpRequest, own: Own, *, form: ProfileForm | None = None, contact: ContactPointForm | None = None) -> HttpResponse:
    assert own.principal is not None
    details = own_details(own.principal)
    words = {
        "details": details,
        "form": form or ProfileForm(initial={name: getattr(details, name) for name in NAMES}),
        "contact": contact or ContactPointForm(),
        "ids": ids_of_account(own.account_id),
        "points": [p for p in own_contact_points(own.group) if p.kind in (ContactKind.PHONE, ContactKind.EMAIL)],
    }
    wrong = any(one is not None and one.errors for one in (form, contact))
    return mypage(request, "profile", "profile", words, status=422 if wrong else 200)
