"""What the pages of money have in common: labels, links, whose company's rows are shown."""

from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.rules import IntentStatus, PaymentStatus
from core.queries import companies
from customers.queries import search_customers

INTENT_TONES = {
    IntentStatus.REQUESTED: "warning",
    IntentStatus.AUTHORISED: "info",
    IntentStatus.CAPTURED: "success",
    IntentStatus.UNKNOWN: "danger",
    IntentStatus.FAILED: "danger",
}
PAYMENT_TONES = {PaymentStatus.RECEIVED: "info", PaymentStatus.APPLIED: "success", PaymentStatus.REVERSED: "danger"}


def companies_of(request: HttpRequest) -> list[int]:
    """The companies whose money this member of staff may see: their own, or all when they belong to none."""
    own = getattr(request.user, "company_id", None)
    return [own] if own else [company.id for company in companies()]


def of_their_company(found: QuerySet[Any], request: HttpRequest, *, path: str = "company_id") -> QuerySet[Any]:
    """Narrowed to the company of this member of staff."""
    own = getattr(request.user, "company_id", None)
    return found.filter(**{path: own}) if own else found


def buyers(word: str, request: HttpRequest) -> Q:
    """The rows of customers found by name in kanji or kana, number, phone or e-mail."""
    found = search_customers(companies_of(request), word, limit=200)
    return Q(customer_id__in=found) if found else Q(pk__in=[])


def typed_number(word: str) -> str:
    """The number of a document as people type it: full-width or small letters, spaces around."""
    return normalize("NFKC", word).strip().upper()


def customer_link(customer: Any) -> SafeString | str:
    """The customer's name, leading to their page."""
    if customer is None:
        return "-"
    return format_html('<a class="house-link" href="{}">{}</a>', reverse("admin:customers_customer_change", args=[customer.pk]), customer)


def order_link(number: str) -> SafeString | str:
    """The order's number, leading to where orders are found."""
    if not number:
        return "-"
    return format_html('<a class="house-link" href="{}?q={}">{}</a>', reverse("admin:orders_order_changelist"), number, number)


class DoneBy:
    """A column that says who recorded the row."""

    @display(description=_("recorded by"))
    def done_by(self, row: Any) -> str:
        return row.actor_label or row.actor_id


class HeldFilter(admin.SimpleListFilter):
    """Payments that still hold money."""

    title = _("deposit")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, Any]]:
        yield "deposit", _("Holds a deposit")
        yield "unidentified", _("Payer not identified")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "deposit":
            return queryset.filter(unapplied_amount__gt=0)
        if self.value() == "unidentified":
            return queryset.filter(unapplied_amount__gt=0, customer=None).exclude(status="reversed")
        return queryset
