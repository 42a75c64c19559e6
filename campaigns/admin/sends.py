"""Sends: planned, watched while they go out, stopped and taken up again; and every recipient with what became of the letter."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.admin.masters import SEND_TONES, customer_link, their_company
from campaigns.models import Recipient, Send
from campaigns.operations import confirm_sends, resume_sends, stop_sends
from campaigns.queries import progress, reasons, result, segment_count_of, send_letter
from campaigns.rules import RecipientState, Suppression
from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, ReasonForm, Verb, VerbCall, status_column

RECIPIENT_TONES = {"queued": "info", "sending": "info", "sent": "success", "failed": "danger", "unknown": "warning", "suppressed": ""}
RESULT_DAYS = 14
BROKEN_LINES = (
    "SMTPServerDisconnected",
    "ConnectionResetError",
    "BrokenPipeError",
    "TimeoutError",
    "ConnectionRefusedError",
    "line dropped",
)


def _plan(call: VerbCall) -> Any:
    return confirm_sends(call.ids, actor=call.actor, at=call.at)


def _stop(call: VerbCall) -> Any:
    return stop_sends(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _resume(call: VerbCall) -> Any:
    return resume_sends(call.ids, reason=call.reason, actor=call.actor, at=call.at)


@admin.register(Send)
class SendAdmin(HouseAdmin):
    """Sends, the latest first; a draft is edited, a planned one only watched and stopped."""

    list_display = ("head", "planned_at", "segment", "state_label", "progress_label", "sent", "company")
    list_display_links = ("head",)
    list_select_related = ("company", "segment", "message", "campaign")
    list_filter = ("company", "state", "campaign")
    search_fields = ("subject", "campaign__code")
    ordering = ("-planned_at", "-id")
    autocomplete_fields = ("company", "campaign", "segment", "message", "brand")
    fields = (("campaign", "company"), ("segment", "message"), ("planned_at", "brand"), ("per_minute", "holdout_percent"), "purpose")
    change_form_before_template = "campaigns/admin/send.html"
    empty_words = _("Choose a segment and a message, and plan the first send.")
    verbs = (
        Verb(
            name="plan", label=_("Plan"), permission="campaigns.plan_send", run=_plan, form=None, icon="schedule_send", variant="primary",
            offered=lambda send: send.state == "draft",
            explanation=_("The send goes out at its time, at once where that has passed. Who is written to is decided then, not now."),
        ),
        Verb(
            name="stop", label=_("Stop"), permission="campaigns.stop_send", run=_stop, form=ReasonForm, icon="stop_circle", variant="danger",
            offered=lambda send: send.state in ("draft", "planned", "preparing", "sending"),
            explanation=_("No further letter goes out, save the ones being handed over this very moment. It can be taken up again."),
        ),
        Verb(
            name="resume", label=_("Resume sending"), permission="campaigns.stop_send", run=_resume, form=ReasonForm, icon="play_arrow", variant="primary",
            offered=lambda send: send.state == "stopped",
            explanation=_("The send goes on where it stopped. Whoever has got a letter, or may have, gets no second one."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("campaigns/desk.css",)}
        js = ("campaigns/watch.js",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft is edited; from then on verbs change it."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state == "draft")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**their_company(request), "planned_at": clock.now() + timedelta(hours=1), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Send, form: Any, change: bool) -> None:
        """A draft takes its kind from its message."""
        obj.kind = obj.message.kind
        super().save_model(request, obj, form, change)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and request.method == "GET":
            context["watch"] = _watch(row, at=clock.now())
        return super().render_change_form(request, context, *args, **kwargs)

    state_label = status_column("state", description=_("state"), tones=SEND_TONES)

    @display(description=_("message"), header=True)
    def head(self, row: Send) -> Any:
        return [str(row), row.campaign.name, ""]

    @display(description=_("progress"))
    def progress_label(self, row: Send) -> str:
        if not row.recipient_count:
            return "–"
        done = row.recipient_count - row.queued_count
        return f"{100 * done // row.recipient_count}% ({done:,} / {row.recipient_count:,})"

    @display(description=_("sent"))
    def sent(self, row: Send) -> str:
        return f"{row.sent_count:,}" if row.recipient_count else "–"


def _watch(row: Send, *, at: datetime) -> dict[str, Any]:
    """What the page of a send shows: where its recipients stand, why, how long it takes, and what it brought."""
    counted = progress(row.pk) if row.started_at else None
    watch: dict[str, Any] = {
        "send": row,
        "tone": SEND_TONES.get(str(row.state), ""),
        "counted": counted,
        "bars": _bars(row, counted) if counted else (),
        "why": [(_words(why.state, why.reason), why.count, _link(row, why.state)) for why in reasons(row.pk)] if counted else (),
        "left": _time_left(row, counted.queued) if counted and row.state == "sending" else "",
        "running": row.state in ("planned", "preparing", "sending"),
        "asked": row.asked.splitlines(),
        "letter": send_letter(row),
    }
    if counted is None and row.state in ("draft", "planned", "stopped"):
        watch["expected"] = segment_count_of(row, at=at)
    if row.state in ("sending", "done", "stopped") and counted and counted.sent:
        found = result(row.pk, days=RESULT_DAYS)
        watch["result"] = found
        watch["bought"] = f"{100 * found.buyers / found.written:.1f}%" if found.written else "–"
        watch["bought_without"] = f"{100 * found.held_out_buyers / found.held_out:.1f}%" if found.held_out else ""
        watch["days"] = RESULT_DAYS
    return watch


def _bars(row: Send, counted: Any) -> list[dict[str, Any]]:
    return [
        {
            "state": state,
            "label": gettext(RecipientState.labels()[state]),
            "count": count,
            "share": f"{100 * count / counted.recipients:.2f}",
            "link": _link(row, str(state)),
        }
        for state in (*(s for s in RecipientState if s != RecipientState.QUEUED), RecipientState.QUEUED)
        if (count := getattr(counted, str(state)))
    ]


def _link(row: Send, state: str) -> str:
    return f"{reverse('admin:campaigns_recipient_changelist')}?send__id__exact={row.pk}&state__exact={state}"


def _words(state: str, reason: str) -> str:
    label = gettext(RecipientState.labels()[RecipientState(state)])
    return f"{label}: {reason_in_words(reason)}" if reason else label


def reason_in_words(reason: str) -> str:
    """Why, in words; what a mail server said stays as it said it."""
    if reason in set(Suppression):
        return gettext(Suppression.labels()[Suppression(reason)])
    if reason == "worker_lost":
        return gettext("The worker died while handing it over")
    if reason in BROKEN_LINES:
        return gettext("The line to the mail server broke")
    return reason


def _time_left(row: Send, queued: int) -> str:
    if not row.pace:
        return gettext("waiting")
    minutes = -(-queued // row.pace)
    if minutes < 2:
        return gettext("about a minute")
    if minutes < 120:
        return gettext("about %(minutes)s minutes") % {"minutes": minutes}
    return gettext("about %(hours)s hours") % {"hours": -(-minutes // 60)}


@admin.register(Recipient)
class RecipientAdmin(LedgerAdmin):
    """Recipients by number, of one send and state: fast however long the list. Names stand on the customer's page."""

    list_display = ("id", "who", "send", "state_label", "why", "tries", "written_at", "unsubscribed_at")
    list_select_related = ("customer", "send", "send__message")
    list_filter = ("state",)
    search_fields = ("customer__number__exact",)
    search_help_text = _("Customer number, in full")
    ordering = ("-id",)
    fields = ("send", "who", ("state_label", "why"), ("tries", "due_at"), ("written_at", "consent"), "unsubscribed_at")
    readonly_fields = ("who", "state_label", "why")
    empty_words = _("Recipients are listed when a send begins.")

    state_label = status_column("state", description=_("state"), tones=RECIPIENT_TONES)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "send__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Of one send without a state, in the order of the index that has them so."""
        one_send = "send__id__exact" in request.GET and "state__exact" not in request.GET
        return ("send_id", "customer_id") if one_send else ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recipient]:
        return super().get_queryset(request).select_related("customer", "send__message")

    @display(description=_("customer"))
    def who(self, row: Recipient) -> Any:
        return customer_link(row.customer)

    @display(description=_("reason"))
    def why(self, row: Recipient) -> str:
        return reason_in_words(row.reason) or "–"
