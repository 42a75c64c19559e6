"""The counter of the machinery: events on their way, mails, changes and readings of personal data."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, LedgerInline, Verb, status_column
from core.models import AuditEntry, DeliveryState, MailState, OutboxDelivery, OutboxEvent, OutgoingMail, PersonalDataRead, Relay
from core.operations import retry_deliveries, send_again, skip_deliveries

DELIVERY_TONES = {
    DeliveryState.WAITING: "info",
    DeliveryState.PENDING: "info",
    DeliveryState.DONE: "success",
    DeliveryState.PARKED: "danger",
    DeliveryState.SKIPPED: "warning",
}
MAIL_TONES = {
    MailState.QUEUED: "info",
    MailState.SENDING: "info",
    MailState.SENT: "success",
    MailState.FAILED: "danger",
    MailState.HISTORY: "info",
}


def _is_parked(delivery: Any) -> bool:
    return bool(delivery.state == DeliveryState.PARKED)


@admin.register(OutboxDelivery)
class OutboxDeliveryAdmin(LedgerAdmin):
    """Parked deliveries wait for a person: try again, or give them up with a reason."""

    list_display = ("handler", "shown_event", "stream", "shown_state", "attempts", "due_at", "reason")
    list_select_related = ("event",)
    list_filter = ("state",)
    ordering = ("-id",)
    empty_words = _("Events appear here as soon as something happens in the house.")
    shown_state = status_column("state", description=_("state"), tones=DELIVERY_TONES)
    verbs = (
        Verb(
            name="retry",
            label=_("Try again"),
            permission="core.change_outboxdelivery",
            icon="replay",
            variant="primary",
            offered=_is_parked,
            explanation=_("The event is handed to its handler at once, with fresh attempts."),
            run=lambda call: retry_deliveries(call.ids, actor=call.actor, reason=call.reason),
        ),
        Verb(
            name="skip",
            label=_("Give up"),
            permission="core.change_outboxdelivery",
            icon="skip_next",
            variant="danger",
            offered=_is_parked,
            explanation=_("The handler never gets this event; what waits behind it goes on. The reason is kept."),
            run=lambda call: skip_deliveries(call.ids, actor=call.actor, reason=call.reason),
        ),
    )

    @display(description=_("event"))
    def shown_event(self, row: OutboxDelivery) -> str:
        return row.event.name


class DeliveryInline(LedgerInline):
    model = OutboxDelivery
    fields = ("handler", "state", "attempts", "due_at", "done_at", "reason")


@admin.register(OutboxEvent)
class OutboxEventAdmin(LedgerAdmin):
    list_display = ("id", "name", "stream", "actor_kind", "recorded_at", "routed_at")
    list_select_related = ()
    search_fields = ("stream__exact",)
    search_help_text = _("Stream, in full: order:123")
    ordering = ("-id",)
    inlines = (DeliveryInline,)


@admin.register(Relay)
class RelayAdmin(LedgerAdmin):
    list_display = ("name", "started_at", "seen_at", "listening")
    list_select_related = ()
    empty_words = _("No relay is running: events wait until one starts (python manage.py relay).")


@admin.register(OutgoingMail)
class OutgoingMailAdmin(LedgerAdmin):
    list_display = ("id", "kind", "about", "shown_state", "attempts", "sent_at", "last_error")
    list_select_related = ()
    list_filter = ("state",)
    search_fields = ("about__exact",)
    search_help_text = _("What the mail is about, in full: order:123")
    ordering = ("-id",)
    exclude = ("body_html", "once_key", "lease_until_at")
    shown_state = status_column("state", description=_("state"), tones=MAIL_TONES)
    verbs = (
        Verb(
            name="send-again",
            label=_("Send again"),
            permission="core.change_outgoingmail",
            icon="outgoing_mail",
            variant="primary",
            offered=lambda mail: mail.state == MailState.FAILED,
            explanation=_("A failed mail gets a new round of tries, to the same address."),
            form=None,
            run=lambda call: send_again(call.ids, actor=call.actor),
        ),
    )


@admin.register(AuditEntry)
class AuditEntryAdmin(LedgerAdmin):
    """What was changed, by whom and why. The list is walked by row or by actor, both indexed."""

    list_display = ("recorded_at", "table_name", "row_key", "verb", "actor_label", "actor_kind", "reason")
    list_select_related = ()
    ordering = ("-id",)
    search_help_text = _("Table and row: orders_order 123")
    search_fields = ("row_key__exact",)
    empty_words = _("Changes to records that people edit are listed here.")

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        table, _blank, row = search_term.strip().partition(" ")
        if not table:
            return queryset, False
        found = queryset.filter(table_name=table)
        return (found.filter(row_key=row.strip()) if row.strip() else found), False


@admin.register(PersonalDataRead)
class PersonalDataReadAdmin(LedgerAdmin):
    list_display = ("recorded_at", "subject", "screen", "people", "actor_label", "reason")
    list_select_related = ()
    ordering = ("-id",)
    search_fields = ("subject__exact",)
    search_help_text = _("Whose data, in full: customer:…")
    empty_words = _("Whenever somebody's personal data is shown, a line is written here.")
