"""Invoices and credit notes: found as the law on electronic books wants, shown as they are printed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
from unfold.decorators import display

from billing.admin.looks import buyers, customer_link, order_link, typed_number
from billing.admin.papers import PaperAdmin, RateInline
from billing.models import Invoice, InvoiceLine, InvoiceTax
from billing.operations import issue_credit_notes
from billing.queries import document_trace, invoice_paper
from billing.rules import CreditAsk, CreditLine, InvoiceKind, PaymentMethod
from core.admin_site import LedgerInline, ReasonForm, Verb, VerbCall, money_column, shown_money
from core.ids import new_id
from core.money import parse_amount

LEGAL_SEARCH = (("issued_on", RangeDateFilter), ("supplied_on", RangeDateFilter), ("total", RangeNumericFilter))


class LineInline(LedgerInline):
    """What was supplied."""

    model = InvoiceLine
    fields = ("position", "description", "sku", "quantity", "price", "sum", "rate")
    readonly_fields = fields
    ordering = ("position",)
    show_change_link = False
    verbose_name_plural = _("lines")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceLine]:
        return super().get_queryset(request).select_related("invoice", "tax_class")

    @display(description=_("unit price"))
    def price(self, row: InvoiceLine) -> Any:
        return shown_money(row.unit_price, row.invoice.currency)

    @display(description=_("amount with tax"))
    def sum(self, row: InvoiceLine) -> Any:
        return shown_money(row.amount, row.invoice.currency)

    @display(description=_("tax rate"))
    def rate(self, row: InvoiceLine) -> str:
        return f"{row.tax_rate_bp / 100:g}%{row.tax_class.mark}"


class TaxInline(RateInline):
    """Tax, once per rate."""

    model = InvoiceTax
    owner = "invoice"


class CreditForm(ReasonForm):
    """What of the invoice goes back: one line, or all that is left."""

    position = forms.IntegerField(label=_("line no."), min_value=1, required=False, help_text=_("Empty: everything not yet credited."))
    quantity = forms.IntegerField(
        label=_("quantity"), min_value=1, required=False, help_text=_("Its share of the line's amount goes back.")
    )
    amount = forms.CharField(
        label=_("amount with tax"), max_length=20, required=False, help_text=_("Instead of the share, for a discount granted later.")
    )
    once_key = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("position") and not (values.get("quantity") or values.get("amount")):
            self.add_error("quantity", _("Say how many, or how much, of the line goes back."))
        if not values.get("position") and (values.get("quantity") or values.get("amount")):
            self.add_error("position", _("Say which line it is about."))
        return values


def _credit(call: VerbCall) -> Any:
    said = call.values
    (invoice,) = Invoice.objects.filter(pk__in=call.ids)
    lines: tuple[CreditLine, ...] = ()
    if said["position"]:
        amount = parse_amount(said["amount"], currency=invoice.currency) if said["amount"] else None
        lines = (CreditLine(position=said["position"], quantity=said["quantity"] or 0, amount=amount),)
    ask = CreditAsk(invoice_id=invoice.pk, once_key=said["once_key"], reason=call.reason, lines=lines)
    return issue_credit_notes([ask], actor=call.actor, at=call.at, reason=call.reason)


@admin.register(Invoice)
class InvoiceAdmin(PaperAdmin):
    """Every invoice ever issued."""

    list_display = ("number", "issued_on", "supplied_on", "recipient", "buyer", "order", "method_name", "sum", "open_label")
    list_display_links = ("number",)
    list_select_related = ("customer", "receivable")
    list_filter = (*LEGAL_SEARCH, "kind", "receivable__method", "company")
    search_fields = ("number",)
    search_help_text = _("Invoice number, order number, or the customer: name in kanji or kana, phone, e-mail, number")
    ordering = ("-issued_on", "-id")
    empty_words = _("No invoice fits. An invoice is issued when a parcel leaves.")
    paper_template = "billing/invoice_paper.html"
    inlines = (LineInline, TaxInline)
    fieldsets = (
        (None, {"fields": (("number", "kind"), ("issued_on", "supplied_on", "due_on"), ("order", "buyer"))}),
        (_("Amounts"), {"fields": (("sum", "open_sum"), "settled")}),
        (_("As printed"), {"fields": (("issuer_name", "registration_number"), ("recipient_name", "language"), "tax_rounding")}),
        (_("Where every yen went"), {"fields": ("trace",)}),
    )
    verbs = (
        Verb(
            name="credit", label=_("Issue credit note"), permission="billing.issue_creditnote", run=_credit, form=CreditForm, icon="undo",
            variant="danger", on_list=False, initial=lambda _request, _row: {"once_key": f"desk:{new_id().hex}"},
            explanation=_("An invoice is never changed. A credit note lowers what is owed; what had been paid becomes a deposit that can be refunded."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["order", "buyer", "sum", "open_sum", "settled", "trace"]

    def paper_of(self, key: int) -> Any:
        return invoice_paper(key)

    def _words_of(self, paper: Any) -> dict[str, Any]:
        return {
            "method": translation.gettext(PaymentMethod.labels()[PaymentMethod(paper.method)]),
            "title": translation.gettext(InvoiceKind.labels()[InvoiceKind(paper.kind)]),
        }

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str) -> tuple[QuerySet[Invoice], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        return queryset.filter(Q(number=typed_number(word)) | Q(order_number=typed_number(word)) | buyers(word, request)), False

    @display(description=_("addressee"))
    def recipient(self, row: Invoice) -> str:
        return row.recipient_name or "-"

    @display(description=_("customer"))
    def buyer(self, row: Invoice) -> Any:
        return customer_link(row.customer)

    @display(description=_("order number"))
    def order(self, row: Invoice) -> Any:
        return order_link(row.order_number)

    @display(description=_("payment method"))
    def method_name(self, row: Invoice) -> Any:
        return row.receivable.get_method_display()

    @display(description=_("state"), label={"open": "warning", "settled": "success"})
    def open_label(self, row: Invoice) -> Any:
        return ("open", _("Still open")) if row.receivable.open_amount else ("settled", _("Settled"))

    sum = money_column("total", description=_("total (tax included)"))
    open_sum = money_column("receivable.open_amount", description=_("still open"))

    @display(description=_("settled by"))
    def settled(self, row: Invoice) -> Any:
        return self._shown("admin/billing/settled.html", row)

    @display(description=_("bookings"))
    def trace(self, row: Invoice) -> Any:
        return self._shown("admin/billing/trace.html", row)

    @staticmethod
    def _shown(template: str, row: Invoice) -> Any:
        return render_to_string(template, {"trace": document_trace(row.pk)})
