"""Addresses: add, change, make usual, end. What orders were told stays with the orders."""

from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import Refusal
from customers.operations import add_addresses, change_addresses, end_addresses, make_default_addresses
from customers.queries import OwnAddress, own_addresses
from customers.rules import ChangeAddress, NewAddress
from storefront.web.mypage.forms import AddressForm
from storefront.web.mypage.own import Own, mypage, own_page, tell


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """The addresses in use, the usual one first."""
    return mypage(request, "addresses", "addresses", {"addresses": own_addresses(own.group), "may_add": own.principal is not None})


@require_http_methods(["GET", "POST"])
@own_page
def add(request: HttpRequest, own: Own) -> HttpResponse:
    """One more address."""
    if own.principal is None:
        return HttpResponseRedirect(reverse("shop-addresses"))
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        new = NewAddress(
            customer_id=own.principal,
            place=form.place(),
            label=form.cleaned_data["label"],
            is_default=form.cleaned_data["is_default"],
        )
        (result,) = add_addresses([new], actor=own.actor, at=clock.now())
        if not isinstance(result, Refusal):
            messages.success(request, _("The address was added."))
            return HttpResponseRedirect(reverse("shop-addresses"))
        form.show_one(result)
    return mypage(request, "address", "addresses", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@own_page
def edit(request: HttpRequest, own: Own, address_id: int) -> HttpResponse:
    """Another wording of an address."""
    address = _own_address(own, address_id)
    initial = {**asdict(address.place), "label": address.label}
    form = AddressForm(request.POST if request.method == "POST" else None, initial=initial)
    del form.fields["is_default"]
    if request.method == "POST" and form.is_valid():
        change = ChangeAddress(
            address_id=address.address_id, place=form.place(), label=form.cleaned_data["label"], version=_version(request)
        )
        (result,) = change_addresses([change], actor=own.actor, at=clock.now())
        if not isinstance(result, Refusal):
            messages.success(request, _("The address was changed. Orders placed before keep the address they were given."))
            return HttpResponseRedirect(reverse("shop-addresses"))
        form.show_one(result)
    return mypage(request, "address", "addresses", {"form": form, "address": address}, status=422 if form.errors else 200)


@require_POST
@own_page
def make_default(request: HttpRequest, own: Own, address_id: int) -> HttpResponse:
    """The address parcels go to unless another is named."""
    address = _own_address(own, address_id)
    (result,) = make_default_addresses([address.address_id], actor=own.actor, at=clock.now())
    tell(request, result, _("Parcels will go to this address unless you choose another."))
    return HttpResponseRedirect(reverse("shop-addresses"))


@require_POST
@own_page
def end(request: HttpRequest, own: Own, address_id: int) -> HttpResponse:
    """The address is no longer offered. Again changes nothing."""
    address = _own_address(own, address_id)
    (result,) = end_addresses([address.address_id], reason=_("Removed by the customer"), actor=own.actor, at=clock.now())
    tell(request, result, _("The address was removed."))
    return HttpResponseRedirect(reverse("shop-addresses"))


def _own_address(own: Own, address_id: int) -> OwnAddress:
    found = next((a for a in own_addresses(own.group) if a.address_id == address_id), None)
    if found is None:
        raise Http404
    return found


def _version(request: HttpRequest) -> int | None:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
