"""Money that came: recorded, identified, given back, taken back; and payments that are awaited."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
from unfold.decorators import action, display

from billing.admin.cards import gateway_story
from billing.admin.looks import (
    INTENT_TONES,
    PAYMENT_TONES,
    DoneBy,
    HeldFilter,
    buyers,
    customer_link,
    of_their_company,
    order_link,
    typed_number,
)
from billing.admin.recording import record_payment_page
from billing.models import Application, Payment, PaymentIntent, Refund
from billing.operations import close_intents, identify_payments, refund_payments, reverse_payments
from billing.rules import OPEN_INTENTS, IdentifyAsk, IntentStatus, PaymentStatus, RefundAsk, ReverseAsk, decline_words
from core.admin_site import LedgerAdmin, LedgerInline, PersonalData, ReasonForm, Verb, VerbCall, money_column, shown_money, status_column
from core.errors import Refusal
from core.ids import new_id
from core.money import format_number, parse_amount
from core.words import gettext_noop
from customers.queries import search_customers


class ApplicationInline(DoneBy, LedgerInline):
    """What it settled."""

    model = Application
    fields = ("invoice", "applied_on", "sum", "done_by")
    readonly_fields = fields
    ordering = ("pk",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return super().get_queryset(request).select_related("payment", "receivable__invoice")

    @display(description=_("invoice"))
    def invoice(self, row: Application) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>',
            reverse("admin:billing_invoice_change", args=[row.receivable_id]),
            row.receivable.invoice.number,
        )

    @display(description=_("amount"))
    def sum(self, row: Application) -> Any:
        return shown_money(row.amount, row.payment.currency)


class RefundInline(DoneBy, LedgerInline):
    """What went back."""

    model = Refund
    fields = ("refunded_on", "sum", "reason", "done_by")
    readonly_fields = fields
    ordering = ("pk",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("payment")

    @display(description=_("amount"))
    def sum(self, row: Refund) -> Any:
        return shown_money(row.amount, row.payment.currency)


class RefundForm(ReasonForm):
    """How much goes back."""

    amount = forms.CharField(label=_("amount"), max_length=20, help_text=_("At most what the payment still holds."))
    once_key = forms.CharField(widget=forms.HiddenInput)


class IdentifyForm(ReasonForm):
    """Whose money it is."""

    customer = forms.CharField(
        label=_("customer"), max_length=120, help_text=_("Customer number, or a phone, e-mail or name that only one has.")
    )


def _refund(call: VerbCall) -> Any:
    (payment,) = Payment.objects.filter(pk__in=call.ids)
    amount = parse_amount(call.values["amount"], currency=payment.currency)
    ask = RefundAsk(payment_id=payment.pk, amount=amount, once_key=call.values["once_key"], reason=call.reason)
    return refund_payments([ask], actor=call.actor, at=call.at, reason=call.reason)


def _reverse(call: VerbCall) -> Any:
    asks = [ReverseAsk(payment_id=key, reason=call.reason) for key in call.ids]
    return reverse_payments(asks, actor=call.actor, at=call.at, reason=call.reason)


def _identify(call: VerbCall) -> Any:
    (payment,) = Payment.objects.filter(pk__in=call.ids)
    found = search_customers([payment.company_id], call.values["customer"], limit=2)
    if len(found) != 1:
        return [
            Refusal(
                "billing.customer_not_clear",
                gettext_noop("No customer, or more than one, fits. Give the customer number."),
                {},
                "/customer",
            )
        ]
    return identify_payments([IdentifyAsk(payment_id=payment.pk, customer_id=found[0])], actor=call.actor, at=call.at, reason=call.reason)


def _call_off(call: VerbCall) -> Any:
    """A card payment ends with its order, so that no order waits for nothing."""
    found = {intent.pk: intent for intent in PaymentIntent.objects.filter(pk__in=call.ids)}
    refs = [found[key].order_ref for key in call.ids if found[key].means_id is None]
    closed = close_intents(refs, status=IntentStatus.VOIDED, actor=call.actor, at=call.at, reason=call.reason)
    answers = dict(zip(refs, closed, strict=True))
    return [answers.get(found[key].order_ref, CANCEL_THE_ORDER) for key in call.ids]


CANCEL_THE_ORDER = Refusal("billing.cancel_the_order", gettext_noop("A card payment is called off by cancelling its order."))


def _first_refund(_request: HttpRequest, row: Payment) -> dict[str, Any]:
    return {"amount": format_number(row.unapplied_amount, row.currency), "once_key": f"desk:{new_id().hex}"}


@admin.register(Payment)
class PaymentAdmin(DoneBy, LedgerAdmin):
    """Every payment received."""

    list_display = ("id", "received_on", "payer_name", "buyer", "method", "reference", "sum", "held", "state")
    list_display_links = ("id",)
    list_select_related = ("customer",)
    list_filter = (HeldFilter, ("received_on", RangeDateFilter), ("amount", RangeNumericFilter), "status", "method", "company")
    list_filter_submit = True
    search_fields = ("reference",)
    search_help_text = _("Payer, reference, or the customer: name in kanji or kana, phone, e-mail, number")
    ordering = ("-received_on", "-id")
    empty_words = _("No payment fits. Record one with the button above.")
    personal = PersonalData(fields=("payer_name",), subject=lambda row: f"customer:{row.customer_id}" if row.customer_id else "")
    inlines = (ApplicationInline, RefundInline)
    actions_list = ("open_recording",)
    fieldsets = (
        (None, {"fields": ("status", ("received_on", "method"), ("payer_name", "reference"), "buyer")}),
        (_("Amounts"), {"fields": (("sum", "held"),)}),
        (_("Recorded"), {"fields": (("done_by", "received_at"),)}),
    )
    verbs = (
        Verb(
            name="identify", label=_("Identify payer"), permission="billing.record_payment", run=_identify, form=IdentifyForm, icon="person_search",
            on_list=False, offered=lambda p: p.customer_id is None and p.status != PaymentStatus.REVERSED,
            explanation=_("The payment becomes this customer's and settles what they owe, the earliest due first."),
        ),
        Verb(
            name="refund", label=_("Refund"), permission="billing.refund_payment", run=_refund, form=RefundForm, icon="currency_exchange",
            variant="warning", on_list=False, initial=_first_refund, offered=lambda p: p.unapplied_amount > 0,
            explanation=_("Only what has not settled an invoice can go back; a credit note frees the rest. What a card gateway took goes back "
                          "to the card by itself; any other money you send yourself: this records it."),
        ),
        Verb(
            name="reverse", label=_("Reverse"), permission="billing.reverse_payment", run=_reverse, icon="block", variant="danger", on_list=False,
            offered=lambda p: p.status != PaymentStatus.REVERSED,
            explanation=_("For money that never really came: bounced, or recorded by mistake. What it settled is open again."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["status", "received_on", "method", "payer_name", "reference", "buyer", "sum", "held", "done_by", "received_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return of_their_company(super().get_queryset(request), request)

    def get_urls(self) -> list[URLPattern]:
        return [path("record/", self.admin_site.admin_view(self.record_view), name="billing_payment_record"), *super().get_urls()]

    @action(description=_("Record payment"), url_path="open-recording", icon="add_card", permissions=["record"])  # type: ignore[untyped-decorator]
    def open_recording(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:billing_payment_record"))

    def has_record_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("billing.record_payment"))

    def record_view(self, request: HttpRequest) -> HttpResponse:
        return record_payment_page(request, counter=self)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str) -> tuple[QuerySet[Payment], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        return queryset.filter(Q(reference=word) | Q(payer_name__contains=word) | buyers(word, request)), False

    @display(description=_("customer"))
    def buyer(self, row: Payment) -> Any:
        return customer_link(row.customer)

    state = status_column("status", description=_("status"), tones=PAYMENT_TONES)
    sum = money_column("amount", description=_("amount"))
    held = money_column("unapplied_amount", description=_("not yet applied"))


@admin.register(Refund)
class RefundAdmin(DoneBy, LedgerAdmin):
    """Every yen that went back."""

    list_display = ("id", "refunded_on", "buyer", "reason", "sum", "done_by")
    list_display_links = ("id",)
    list_select_related = ("payment__customer",)
    list_filter = (("refunded_on", RangeDateFilter), ("amount", RangeNumericFilter))
    list_filter_submit = True
    ordering = ("-id",)
    fields = ("payment", "refunded_on", "sum", "reason", "done_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["payment", "refunded_on", "sum", "reason", "done_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return of_their_company(super().get_queryset(request), request, path="payment__company_id")

    @display(description=_("customer"))
    def buyer(self, row: Refund) -> Any:
        return customer_link(row.payment.customer)

    sum = money_column("amount", description=_("amount"), currency="payment.currency")


@admin.register(PaymentIntent)
class PaymentIntentAdmin(LedgerAdmin):
    """How orders are going to be paid."""

    list_display = ("id", "requested_at", "order", "buyer", "method", "attempt", "state", "sum", "closed_at")
    list_display_links = ("id",)
    list_select_related = ("customer",)
    list_filter = ("status", "method", "company")
    search_fields = ("order_number",)
    search_help_text = _("Order number, or the customer: name in kanji or kana, phone, e-mail, number")
    ordering = ("-id",)
    empty_words = _("No payment is awaited here.")
    fieldsets = (
        (None, {"fields": (("order", "buyer"), ("method", "attempt"), ("status", "sum"), ("requested_at", "closed_at"))}),
        (_("Card"), {"fields": (("card", "refused"), ("held", "taken"), ("authorised_at", "capture_until_at"), "provider_ref", "story")}),
    )
    verbs = (
        Verb(
            name="call_off", label=_("Call off"), permission="billing.reverse_payment", run=_call_off, icon="cancel", variant="danger",
            offered=lambda intent: intent.status in OPEN_INTENTS and intent.means_id is None,
            explanation=_("The order waits for this payment no longer. A paid one is refunded instead."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["order", "buyer", "method", "attempt", "status", "sum", "requested_at", "closed_at", "card", "refused", "held", "taken",
                "authorised_at", "capture_until_at", "provider_ref", "story"]  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The card's story is told where a card of ours is charged."""
        found = super().get_fieldsets(request, obj)
        return found if obj is not None and obj.means_id else found[:1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentIntent]:
        return of_their_company(super().get_queryset(request), request)

    @display(description=_("card"))
    def card(self, row: PaymentIntent) -> Any:
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:billing_paymentmeans_change", args=[row.means_id]), row.means
        )

    @display(description=_("refused because"))
    def refused(self, row: PaymentIntent) -> str:
        return f"{gettext(decline_words(row.decline_code))} ({row.decline_code})" if row.decline_code else "-"

    @display(description=_("What the gateway was asked and told"))
    def story(self, row: PaymentIntent) -> Any:
        return gateway_story(row)

    held = money_column("authorised_amount", description=_("authorised"))
    taken = money_column("captured_amount", description=_("captured"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PaymentIntent], search_term: str
    ) -> tuple[QuerySet[PaymentIntent], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        return queryset.filter(Q(order_number=typed_number(word)) | buyers(word, request)), False

    @display(description=_("order number"))
    def order(self, row: PaymentIntent) -> Any:
        return order_link(row.order_number)

    @display(description=_("customer"))
    def buyer(self, row: PaymentIntent) -> Any:
        return customer_link(row.customer)

    state = status_column("status", description=_("status"), tones=INTENT_TONES)
    sum = money_column("amount", description=_("amount"))
