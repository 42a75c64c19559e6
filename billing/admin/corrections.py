"""Credit notes: every correction of an invoice."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
from unfold.decorators import display

from billing.admin.looks import buyers, customer_link, typed_number
from billing.admin.papers import PaperAdmin, RateInline
from billing.models import CreditNote, CreditNoteLine, CreditNoteTax, Invoice
from billing.queries import credit_note_paper
from core.admin_site import LedgerInline, money_column, shown_money


class NoteTaxInline(RateInline):
    """Tax taken back, once per rate."""

    model = CreditNoteTax
    owner = "credit_note"


class NoteLineInline(LedgerInline):
    """What was taken back."""

    model = CreditNoteLine
    fields = ("what", "quantity", "sum")
    readonly_fields = fields
    show_change_link = False
    verbose_name_plural = _("lines")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditNoteLine]:
        return super().get_queryset(request).select_related("credit_note", "invoice_line")

    @display(description=_("item"))
    def what(self, row: CreditNoteLine) -> str:
        return row.invoice_line.description

    @display(description=_("amount with tax"))
    def sum(self, row: CreditNoteLine) -> Any:
        return shown_money(row.amount, row.credit_note.currency)


@admin.register(CreditNote)
class CreditNoteAdmin(PaperAdmin):
    """Every correction of an invoice."""

    list_display = ("number", "issued_on", "recipient", "buyer", "corrected", "reason", "sum")
    list_display_links = ("number",)
    list_select_related = ("customer", "invoice")
    list_filter = (("issued_on", RangeDateFilter), ("total", RangeNumericFilter), "company")
    search_fields = ("number",)
    search_help_text = _("Credit note number, invoice number, or the customer")
    ordering = ("-issued_on", "-id")
    empty_words = _("No credit note fits. One is issued from the page of its invoice.")
    paper_template = "billing/credit_note_paper.html"
    inlines = (NoteLineInline, NoteTaxInline)
    fieldsets = (
        (None, {"fields": (("number", "issued_on"), ("corrected", "buyer"), ("sum", "reason"))}),
        (_("As printed"), {"fields": (("issuer_name", "registration_number"), ("recipient_name", "language"))}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["corrected", "buyer", "sum"]

    def paper_of(self, key: int) -> Any:
        return credit_note_paper(key)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CreditNote], search_term: str
    ) -> tuple[QuerySet[CreditNote], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        corrected = Invoice.objects.filter(number=typed_number(word)).values("pk")
        return queryset.filter(Q(number=typed_number(word)) | Q(invoice__in=corrected) | buyers(word, request)), False

    @display(description=_("addressee"))
    def recipient(self, row: CreditNote) -> str:
        return row.recipient_name or "-"

    @display(description=_("customer"))
    def buyer(self, row: CreditNote) -> Any:
        return customer_link(row.customer)

    @display(description=_("corrected invoice"))
    def corrected(self, row: CreditNote) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:billing_invoice_change", args=[row.invoice_id]), row.invoice.number
        )

    sum = money_column("total", description=_("total (tax included)"))
