"""What is owed: the worklist of accounting, the earliest due first."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from billing.admin.looks import buyers, customer_link, of_their_company, order_link, typed_number
from billing.models import Invoice, Receivable
from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from core import clock
from core.admin_site import LedgerAdmin, Verb, VerbCall, VerbForm, money_column
from core.errors import Refusal
from core.words import gettext_noop


def _today() -> date:
    return clock.today("Asia/Tokyo")


class DueFilter(admin.SimpleListFilter):
    """Open ones unless told otherwise: this list is work to be done."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, Any]]:
        yield "overdue", _("Overdue")
        yield "coming", _("Not yet due")
        yield "all", _("Settled ones too")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Receivable]) -> QuerySet[Receivable]:
        if self.value() == "all":
            return queryset
        found = queryset.filter(open_amount__gt=0)
        if self.value() == "overdue":
            return found.filter(due_on__lt=_today())
        return found.filter(due_on__gte=_today()) if self.value() == "coming" else found


class SettleForm(VerbForm):
    """When the money came, and with which settlement."""

    received_on = forms.DateField(label=_("received on"))
    payment_reference = forms.CharField(
        label=_("payment reference"),
        max_length=80,
        required=False,
        help_text=_("Such as the carrier's or marketplace's settlement number."),
    )


def _settle(call: VerbCall) -> Any:
    """One payment of what is open per invoice; the key holds what had happened to it, so that a second click finds the first."""
    found = Receivable.objects.filter(pk__in=call.ids).annotate(moves=Count("applications")).in_bulk()
    asks = [
        PaymentAsk(
            company_id=row.company_id,
            method=PaymentMethod(row.method),
            currency=row.currency,
            amount=row.open_amount,
            received_on=call.values["received_on"],
            once_key=f"settle:{key}:{row.open_amount}:{row.moves}",
            reference=call.values["payment_reference"],
            order_ref=row.order_ref,
            customer_id=row.customer_id,
        )
        for key, row in ((key, found[key]) for key in call.ids)
        if row.open_amount
    ]
    results = iter(receive_payments(asks, actor=call.actor, at=call.at))
    nothing = Refusal("billing.nothing_owed", gettext_noop("This invoice is settled already."))
    return [next(results) if found[key].open_amount else nothing for key in call.ids]


@admin.register(Receivable)
class ReceivableAdmin(LedgerAdmin):
    """Invoices that wait for their money."""

    list_display = ("invoice_link", "buyer", "order", "method", "due_on", "due_label", "sum", "open_sum", "record_link")
    list_display_links = None
    list_select_related = ("invoice", "customer", "company")
    list_filter = (DueFilter, "method", "company")
    search_fields = ("invoice__number",)
    search_help_text = _("Invoice number, order number, or the customer: name in kanji or kana, phone, e-mail, number")
    ordering = ("due_on", "invoice")
    empty_words = _("Nothing is owed here.")
    fields = ("invoice_link", "buyer", "order", "method", "due_on", "sum", "open_sum")

    verbs = (
        Verb(
            name="settle", label=_("Paid in full"), permission="billing.record_payment", run=_settle, form=SettleForm, icon="done_all",
            variant="primary", offered=lambda row: bool(row.open_amount),
            explanation=_("A payment of what is open is recorded for each invoice, as when a carrier or marketplace settles many at once."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receivable]:
        return of_their_company(super().get_queryset(request).select_related("invoice", "customer", "company"), request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Receivable], search_term: str
    ) -> tuple[QuerySet[Receivable], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        number = typed_number(word)
        named = Invoice.objects.filter(Q(number=number) | Q(order_number=number)).values("pk")
        return queryset.filter(Q(invoice__in=named) | buyers(word, request)), False

    @display(description=_("invoice"), ordering="invoice")
    def invoice_link(self, row: Receivable) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:billing_invoice_change", args=[row.pk]), row.invoice.number
        )

    @display(description=_("customer"))
    def buyer(self, row: Receivable) -> Any:
        return customer_link(row.customer)

    @display(description=_("order number"))
    def order(self, row: Receivable) -> Any:
        return order_link(row.invoice.order_number)

    @display(description=_("overdue"), label={"late": "danger", "today": "warning", "paid": "success"})
    def due_label(self, row: Receivable) -> Any:
        if not row.open_amount:
            return "paid", _("Settled")
        if row.due_on is None:
            return "-"
        days = (clock.today(row.company.timezone) - row.due_on).days
        if days > 0:
            return "late", ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}
        return ("today", _("Due today")) if days == 0 else "-"

    @display(description="")
    def record_link(self, row: Receivable) -> Any:
        if not row.open_amount:
            return ""
        place = f"{reverse('admin:billing_payment_record')}?number={row.invoice.number}&amount={row.open_amount}"
        return format_html('<a class="house-link" href="{}">{}</a>', place, _("Record payment"))

    sum = money_column("amount", description=_("amount"))
    open_sum = money_column("open_amount", description=_("still open"))
