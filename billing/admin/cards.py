"""Cards on file, what the gateway was asked and what it told: masked, in words, with what a person may decide."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.looks import DoneBy, buyers, customer_link, of_their_company, order_link
from billing.models import GatewayCall, GatewayEvent, PaymentIntent, PaymentMeans
from billing.operations import ask_again, close_notices, end_means, give_up_calls, look_again_at_notices
from billing.rules import CallKind, CallState, EventState, decline_words
from core.admin_site import LedgerAdmin, ReasonForm, Verb, VerbCall, shown_money, status_column

CALL_TONES = {
    CallState.REQUESTED: "info",
    CallState.ACTION: "info",
    CallState.UNKNOWN: "warning",
    CallState.STUCK: "danger",
    CallState.OK: "success",
    CallState.FAILED: "danger",
}
EVENT_TONES = {EventState.RECEIVED: "info", EventState.DONE: "success", EventState.STUCK: "danger"}


def _end(call: VerbCall) -> Any:
    return end_means(call.ids, actor=call.actor, at=call.at, reason=call.reason)


def _ask_again(call: VerbCall) -> Any:
    return ask_again(call.ids, actor=call.actor, at=call.at, reason=call.reason)


def _give_up(call: VerbCall) -> Any:
    return give_up_calls(call.ids, actor=call.actor, at=call.at, reason=call.reason)


def _look_again(call: VerbCall) -> Any:
    return look_again_at_notices(call.ids, actor=call.actor, reason=call.reason)


def _close(call: VerbCall) -> Any:
    return close_notices(call.ids, actor=call.actor, reason=call.reason)


class GiveUpForm(ReasonForm):
    """Giving up is said twice."""

    sure = forms.BooleanField(label=_("I have looked at the gateway's own pages: it was not done."))


def _in_words(code: str) -> str:
    """A refusal of the gateway for staff: what it means, and its code."""
    return f"{gettext(decline_words(code))} ({code})" if code else ""


@admin.register(PaymentMeans)
class PaymentMeansAdmin(DoneBy, LedgerAdmin):
    """The cards customers let us keep; their numbers are nowhere in this house."""

    list_display = ("id", "card", "buyer", "until", "reusable", "kept_at", "ended_at")
    list_display_links = ("id", "card")
    list_select_related = ("customer",)
    list_filter = ("brand", "reusable", ("ended_at", admin.EmptyFieldListFilter), "company")
    search_fields = ("last4",)
    search_help_text = _("Last four digits, or the customer: name in kanji or kana, phone, e-mail, number")
    ordering = ("-id",)
    empty_words = _("No card is kept yet.")
    fieldsets = (
        (None, {"fields": (("card", "until"), "buyer", ("reusable", "provider"))}),
        (_("Recorded"), {"fields": (("kept_at", "ended_at"), "done_by")}),
    )
    verbs = (
        Verb(
            name="end", label=_("Forget card"), permission="billing.end_paymentmeans", run=_end, icon="credit_card_off", variant="danger",
            offered=lambda card: card.ended_at is None,
            explanation=_("It is charged no more, here and at the gateway. What is authorised already may still be taken."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["card", "until", "buyer", "reusable", "provider", "kept_at", "ended_at", "done_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentMeans]:
        return of_their_company(super().get_queryset(request), request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PaymentMeans], search_term: str
    ) -> tuple[QuerySet[PaymentMeans], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        if len(word) == 4 and word.isdigit():
            return queryset.filter(last4=word), False
        return queryset.filter(buyers(word, request)), False

    @display(description=_("card"))
    def card(self, row: PaymentMeans) -> str:
        return str(row)

    @display(description=_("expiry"))
    def until(self, row: PaymentMeans) -> str:
        return f"{row.exp_month:02d}/{row.exp_year}"

    @display(description=_("customer"))
    def buyer(self, row: PaymentMeans) -> Any:
        return customer_link(row.customer)


class WantsPersonFilter(admin.SimpleListFilter):
    """What nobody but a person can clear up comes first."""

    title = _("attention")
    parameter_name = "wants"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("person", _("Needs a person")), ("open", _("Not settled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "person":
            return queryset.filter(state="stuck")
        if self.value() == "open":
            return queryset.exclude(state__in=["ok", "failed", "done", "ignored"])
        return queryset


@admin.register(GatewayCall)
class GatewayCallAdmin(DoneBy, LedgerAdmin):
    """Everything the card gateway was asked to do, once each."""

    list_display = ("id", "requested_at", "order", "kind", "shown_state", "sum", "attempts", "code", "settled_at")
    list_display_links = ("id",)
    list_select_related = ("intent",)
    list_filter = (WantsPersonFilter, "state", "kind", "company")
    search_fields = ("intent__order_number", "provider_ref")
    search_help_text = _("Order number, or the provider's reference")
    ordering = ("-id",)
    empty_words = _("The gateway has been asked for nothing here.")
    fieldsets = (
        (None, {"fields": (("kind", "state"), ("order", "sum"), "answer", "provider_ref", "key", "note")}),
        (_("Attempts"), {"fields": (("requested_at", "attempts"), ("due_at", "settled_at"), "done_by")}),
    )
    verbs = (
        Verb(
            name="ask", label=_("Ask again"), permission="billing.settle_gatewaycall", run=_ask_again, icon="refresh", variant="primary",
            offered=lambda call: call.state not in ("ok", "failed"),
            explanation=_("The gateway is asked again within seconds. Asking is harmless: what was done once is not done again."),
        ),
        Verb(
            name="give_up", label=_("Give up"), permission="billing.settle_gatewaycall", run=_give_up, form=GiveUpForm, icon="block",
            variant="danger", on_list=False, offered=lambda call: call.state in ("stuck", "unknown") and call.kind != CallKind.REFUND,
            explanation=_("Treated as not done: an order that still waits is cancelled, money that was not taken stays owed. "
                          "If the gateway tells otherwise later, the amount is let go or booked by itself."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["kind", "state", "order", "sum", "answer", "provider_ref", "key", "note", "requested_at", "attempts", "due_at",
                "settled_at", "done_by"]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayCall]:
        return of_their_company(super().get_queryset(request), request)

    @display(description=_("order number"))
    def order(self, row: GatewayCall) -> Any:
        return order_link(row.intent.order_number) if row.intent else "-"

    @display(description=_("amount"))
    def sum(self, row: GatewayCall) -> Any:
        return shown_money(row.amount, row.currency) if row.amount else "-"

    @display(description=_("answer"))
    def answer(self, row: GatewayCall) -> str:
        return (_in_words(row.code) if row.state == CallState.FAILED else row.code) or "-"

    @display(description=_("key at the gateway"))
    def key(self, row: GatewayCall) -> str:
        return str(row.public_id)

    shown_state = status_column("state", description=_("state"), tones=CALL_TONES)


@admin.register(GatewayEvent)
class GatewayEventAdmin(LedgerAdmin):
    """What the gateway told by itself, once each."""

    list_display = ("id", "created_at", "kind", "order", "shown_state", "note", "attempts", "settled_at")
    list_display_links = ("id",)
    list_select_related = ("intent",)
    list_filter = (WantsPersonFilter, "state", "provider")
    search_fields = ("event_ref", "payment_ref", "intent__order_number")
    search_help_text = _("Order number, or the provider's reference")
    ordering = ("-id",)
    empty_words = _("The gateway has told nothing yet.")
    fields = (
        ("kind", "state"),
        "order",
        "event_ref",
        ("object_ref", "payment_ref"),
        "note",
        ("created_at", "settled_at"),
        ("attempts", "due_at"),
    )
    verbs = (
        Verb(
            name="look", label=_("Check again"), permission="billing.settle_gatewaycall", run=_look_again, icon="refresh", variant="primary",
            offered=lambda event: event.state == EventState.STUCK,
        ),
        Verb(
            name="close", label=_("Dealt with"), permission="billing.settle_gatewaycall", run=_close, icon="task_alt",
            offered=lambda event: event.state == EventState.STUCK,
            explanation=_("For what was cleared up by hand, such as a dispute answered on the gateway's own pages."),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            "kind",
            "state",
            "order",
            "event_ref",
            "object_ref",
            "payment_ref",
            "note",
            "created_at",
            "settled_at",
            "attempts",
            "due_at",
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        found = super().get_queryset(request)
        own = getattr(request.user, "company_id", None)
        return found.filter(intent__company_id=own) if own else found

    @display(description=_("order number"))
    def order(self, row: GatewayEvent) -> Any:
        return order_link(row.intent.order_number) if row.intent else "-"

    shown_state = status_column("state", description=_("state"), tones=EVENT_TONES)


MOST_TOLD = 50


def gateway_story(intent: PaymentIntent) -> Any:
    """What the gateway was asked and what it told about a payment, in the order it happened. Two statements."""
    calls = GatewayCall.objects.filter(intent=intent).order_by("id")[:MOST_TOLD]
    events = GatewayEvent.objects.filter(intent=intent).order_by("id")[:MOST_TOLD]
    told = [(call.recorded_at, _call_told(call)) for call in calls] + [(event.recorded_at, _event_told(event)) for event in events]
    if not told:
        return "-"
    lines = ((date_format(localtime(at), "Y-m-d H:i:s"), words) for at, words in sorted(told, key=lambda one: one[0]))
    body = format_html_join("", '<li><time class="house-quiet">{}</time> {}</li>', lines)
    return format_html('<ol class="gateway-story">{}</ol>', body)


def _call_told(call: GatewayCall) -> Any:
    answer = _in_words(call.code) if call.state == CallState.FAILED else call.code
    return format_html(
        '<a class="house-link" href="{}">{}</a> {} → <strong>{}</strong> {}',
        reverse("admin:billing_gatewaycall_change", args=[call.pk]),
        call.get_kind_display(),
        shown_money(call.amount, call.currency) if call.amount else "",
        call.get_state_display(),
        answer,
    )


def _event_told(event: GatewayEvent) -> Any:
    return format_html(
        '<a class="house-link" href="{}">{}</a> {} {}',
        reverse("admin:billing_gatewayevent_change", args=[event.pk]),
        gettext("The gateway told"),
        event.kind,
        event.get_state_display(),
    )
