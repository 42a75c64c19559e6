"""Where partners are told of events, and what became of every message."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, Verb, status_column
from core.admin_site.people import actor_of
from core.errors import Refusal, Refused
from core.ids import public
from core.models import Company, WebhookEndpoint, WebhookMessage
from core.operations import (
    EndpointChange,
    NewEndpoint,
    Opened,
    change_webhook_endpoints,
    disable_webhook_endpoints,
    end_webhook_endpoints,
    endpoint_refusal,
    open_webhook_endpoints,
    pause_webhook_endpoints,
    ping_webhook_endpoints,
    resend_webhook_messages,
    resume_webhook_endpoints,
    rotate_webhook_secret,
)
from core.queries import MESSAGE_PREFIX, partner_applications, webhook_catalogue
from core.webhooks import FAILING, GONE, LONGEST_URL, EndpointState, MessageState

TONES = {EndpointState.ACTIVE: "success", EndpointState.PAUSED: "warning", EndpointState.DISABLED: "danger"}
MESSAGE_TONES = {
    MessageState.QUEUED: "info",
    MessageState.SENDING: "info",
    MessageState.DELIVERED: "success",
    MessageState.FAILED: "danger",
}
REASONS = {GONE: _("It answered 410: it is gone."), FAILING: _("It failed for five days.")}
ERRORS = {
    "timeout": _("no answer in time"),
    "refused": _("connection refused"),
    "cut_off": _("connection cut off"),
    "tls": _("certificate not accepted"),
    "unreadable_secret": _("the secret cannot be opened: make a new one"),
    "unknown_name": _("unknown host name"),
    "forbidden_address": _("host name leads to an inner address"),
    "forbidden_url": _("address not allowed"),
    "no_http": _("no HTTP answer"),
}
SHOWN = 4
CHANGE = "core.change_webhookendpoint"


class EndpointForm(forms.ModelForm):
    """What people say of an endpoint; why it can't be so stands at the field."""

    url = forms.CharField(
        label=_("web address"),
        max_length=LONGEST_URL,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("https://, a public host name, a path."),
    )
    types = forms.MultipleChoiceField(label=_("events"), widget=UnfoldAdminCheckboxSelectMultipleWidget)

    class Meta:
        model = WebhookEndpoint
        fields: tuple[str, ...] = ("name", "url", "types")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = webhook_catalogue().values()
        self.fields["types"].choices = [(kind.name, f"{gettext(kind.about)} ({kind.name})") for kind in kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors:
            return said
        ask = NewEndpoint(company_id=self.owner(said), client_id=self.application(said), url=said["url"].strip(), types=said["types"])
        if refusal := endpoint_refusal(ask, but=self.instance.pk or 0):
            self.add_error(refusal.field.strip("/") or None, refusal.text(gettext))
        return said

    def owner(self, said: dict[str, Any]) -> int:
        return int(self.instance.company_id)

    def application(self, said: dict[str, Any]) -> str:
        return str(self.instance.client_id)


class NewEndpointForm(EndpointForm):
    """The form of a new one: whose it is, is chosen once."""

    client_id = forms.ChoiceField(label=_("partner application"), required=False, widget=UnfoldAdminSelectWidget)

    class Meta(EndpointForm.Meta):
        fields = ("company", "client_id", "name", "url", "types")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies: QuerySet[Company] = self.fields["company"].queryset  # type: ignore[attr-defined]
        choices = [("", gettext("the company itself"))]
        choices += [(one.client_id, f"{one.name} ({company})") for company in companies for one in partner_applications(company.pk)]
        self.fields["client_id"].choices = choices  # type: ignore[attr-defined]

    def owner(self, said: dict[str, Any]) -> int:
        return int(said["company"].pk)

    def application(self, said: dict[str, Any]) -> str:
        return str(said["client_id"])


def _is(*states: EndpointState) -> Any:
    return lambda row: row.ended_at is None and row.state in states


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(HouseAdmin):
    """Addresses that are told of events. A secret is shown once: when it is made."""

    form = EndpointForm
    list_display = ("shown_name", "url", "shown_application", "shown_state", "shown_types", "shown_health")
    list_display_links = ("shown_name",)
    list_select_related = ("company", "health")
    list_filter = ("state", ("company", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "url")
    search_help_text = _("Name or part of the address")
    ordering = ("-recorded_at", "-pk")
    empty_words = _("Nobody is told of events yet: add the address that a partner gave you.")
    shown_state = status_column("state", description=_("state"), tones=TONES)
    verbs = (
        Verb(
            name="ping", label=_("Send a ping"), permission=CHANGE, icon="network_ping", variant="primary", form=None,
            offered=_is(EndpointState.ACTIVE),
            explanation=_("A message of type ping, signed like every other, goes there within seconds. It appears under deliveries."),
            run=lambda call: ping_webhook_endpoints(call.ids, actor=call.actor, at=call.at),
        ),
        Verb(
            name="pause", label=_("Pause"), permission=CHANGE, icon="pause", offered=_is(EndpointState.ACTIVE),
            explanation=_("Nothing is sent there until it is resumed. What happens meanwhile waits."),
            run=lambda call: pause_webhook_endpoints(call.ids, actor=call.actor, reason=call.reason),
        ),
        Verb(
            name="resume", label=_("Resume"), permission=CHANGE, icon="play_arrow", variant="primary", form=None,
            offered=_is(EndpointState.PAUSED, EndpointState.DISABLED),
            explanation=_("What waits is sent at once, with a full round of tries."),
            run=lambda call: resume_webhook_endpoints(call.ids, actor=call.actor),
        ),
        Verb(
            name="rotate", label=_("New secret"), permission=CHANGE, icon="key", on_list=False,
            offered=_is(EndpointState.ACTIVE, EndpointState.PAUSED, EndpointState.DISABLED),
            explanation=_("A new secret is made and shown once. For a day every message carries the signatures of both."),
            run=lambda call: [rotate_webhook_secret(key, actor=call.actor, at=call.at) for key in call.ids],
        ),
        Verb(
            name="disable", label=_("Disable"), permission=CHANGE, icon="block", variant="danger",
            offered=_is(EndpointState.ACTIVE, EndpointState.PAUSED),
            explanation=_("Nothing is sent there, and what happens from now on is not kept for it."),
            run=lambda call: disable_webhook_endpoints(call.ids, actor=call.actor, reason=call.reason),
        ),
        Verb(
            name="end", label=_("End"), permission=CHANGE, icon="delete", variant="danger",
            offered=lambda row: row.ended_at is None,
            explanation=_("The endpoint leaves the list for good; what still waits for it is never sent."),
            run=lambda call: end_webhook_endpoints(call.ids, actor=call.actor, at=call.at, reason=call.reason),
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        company_id = getattr(request.user, "company_id", None)
        named = get_application_model().objects.filter(client_id=OuterRef("client_id")).values("name")[:1]
        found = super().get_queryset(request).filter(ended_at=None).annotate(application_name=Subquery(named))
        return found.filter(company_id=company_id) if company_id else found

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{**kwargs, "form": EndpointForm if obj else NewEndpointForm})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("company", "client_id", "name", "url", "types")})]
        shown = ("state", "shown_reason", "shown_application", "shown_health", "shown_former", "shown_deliveries")
        return [(None, {"fields": shown}), (_("what it is told"), {"fields": ("name", "url", "types")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("state", "shown_reason", "shown_application", "shown_health", "shown_former", "shown_deliveries")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Who works for one company opens the endpoints of that one."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        company_id = getattr(request.user, "company_id", None)
        if field is not None and company_id and db_field.name == "company":
            field.queryset = field.queryset.filter(pk=company_id)
            field.initial = company_id
        return field

    # Writing is the operations' business; the form has asked them whether it can be so.

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        said, actor = form.cleaned_data, actor_of(request)
        if change:
            wanted = EndpointChange(endpoint_id=obj.pk, name=said["name"], url=said["url"].strip(), types=said["types"])
            (answer,) = change_webhook_endpoints([wanted], actor=actor)
        else:
            ask = NewEndpoint(
                company_id=obj.company_id, client_id=said["client_id"], name=said["name"], url=said["url"].strip(), types=said["types"]
            )
            (answer,) = open_webhook_endpoints([ask], actor=actor)  # type: ignore[assignment]
        if isinstance(answer, Refusal):
            raise Refused(answer.code, answer.message, params=answer.params, field=answer.field)
        if isinstance(answer, Opened):
            obj.pk, obj.public_id = answer.endpoint_id, answer.public_id
            form.opened = answer
        request.webhook_opened = getattr(form, "opened", None)  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: str | None = None) -> HttpResponse:
        """The page that shows the secret, this once."""
        return self._secret_page(request, obj, request.webhook_opened.secret)  # type: ignore[attr-defined]

    def verb_page(self, request: HttpRequest, verb: Verb, *, ids: Any, in_bulk: bool = False) -> HttpResponse:
        """A new secret is shown instead of a line that it was made."""
        if (
            verb.name != "rotate"
            or "verb_confirmed" not in request.POST
            or not (self._may(verb, request) and self.has_view_permission(request))
        ):
            return super().verb_page(request, verb, ids=ids, in_bulk=in_bulk)
        row, form = self.get_object(request, str(ids[0])), verb.asked_form(request, row=None)
        if row is None or form is None or not form.is_valid():
            return super().verb_page(request, verb, ids=ids, in_bulk=in_bulk)
        made = rotate_webhook_secret(row.pk, actor=actor_of(request), at=clock.now(), reason=form.cleaned_data["reason"])
        if isinstance(made, Refusal):
            raise Refused(made.code, made.message)
        return self._secret_page(request, row, made.secret)

    def _secret_page(self, request: HttpRequest, row: WebhookEndpoint, secret: str) -> HttpResponse:
        words = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("The secret of this endpoint"), "endpoint": row,
            "secret": secret, "back": self._page_url(row),
        }  # fmt: skip
        response = TemplateResponse(request, "admin/webhook_secret.html", words)
        response["Cache-Control"] = "no-store"
        return response

    # What is shown

    @display(description=_("name"), ordering="name")
    def shown_name(self, row: WebhookEndpoint) -> str:
        return str(row)

    @display(description=_("partner application"))
    def shown_application(self, row: WebhookEndpoint) -> str:
        return getattr(row, "application_name", None) or row.client_id or gettext("the company itself")

    @display(description=_("events"))
    def shown_types(self, row: WebhookEndpoint) -> str:
        more = len(row.types) - SHOWN
        return gettext(", ").join(row.types[:SHOWN]) + (f" (+{more})" if more > 0 else "")

    @display(description=_("reason"))
    def shown_reason(self, row: WebhookEndpoint) -> str:
        return str(REASONS.get(row.reason, row.reason or "-"))

    @display(description=_("lately"))
    def shown_health(self, row: WebhookEndpoint) -> str:
        health = getattr(row, "health", None)
        if health is None or health.tried_at is None:
            return gettext("nothing sent yet")
        if health.failing_since_at is None:
            return gettext("answers")
        since = date_format(localtime(health.failing_since_at), "SHORT_DATETIME_FORMAT")
        return gettext("failing since %(since)s (%(count)d in a row)") % {"since": since, "count": health.failures}

    @display(description=_("former secret signs until"))
    def shown_former(self, row: WebhookEndpoint) -> str:
        if row.former_until_at is None or row.former_until_at < clock.now():
            return "-"
        return date_format(localtime(row.former_until_at), "SHORT_DATETIME_FORMAT")

    @display(description=_("what it was sent"))
    def shown_deliveries(self, row: WebhookEndpoint) -> Any:
        where = reverse("admin:core_webhookmessage_changelist")
        return format_html('<a class="house-link" href="{}?endpoint__id__exact={}">{}</a>', where, row.pk, _("Show the list"))


@admin.register(WebhookMessage)
class WebhookMessageAdmin(LedgerAdmin):
    """What endpoints were sent, and what they answered: a status or a word, never their text."""

    list_display = ("recorded_at", "endpoint", "type", "shown_state", "tries", "shown_answer", "shown_next", "delivered_at")
    list_select_related = ("endpoint",)
    list_filter = ("state", ("endpoint", admin.RelatedOnlyFieldListFilter))
    search_fields = ("type__exact",)
    search_help_text = _("Event, in full: order.placed")
    ordering = ("-recorded_at", "-id")
    fields = (
        "endpoint", "shown_id",
        ("type", "version"), "occurred_at", ("state", "tries"), ("shown_answer", "shown_next"),
        ("recorded_at", "delivered_at"), "shown_body",
    )  # fmt: skip
    readonly_fields = ("shown_id", "shown_answer", "shown_next", "shown_body")
    empty_words = _("Nothing was sent yet. “Send a ping” on an endpoint's page tries it out.")
    shown_state = status_column("state", description=_("state"), tones=MESSAGE_TONES)
    verbs = (
        Verb(
            name="resend", label=_("Send again"), permission="core.change_webhookmessage", icon="replay", variant="primary", form=None,
            explanation=_("The same message goes there again at once, under its own id: who has had it knows it by that."),
            run=lambda call: resend_webhook_messages(call.ids, actor=call.actor),
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookMessage]:
        company_id = getattr(request.user, "company_id", None)
        found = super().get_queryset(request)
        return found.filter(endpoint__company_id=company_id) if company_id else found

    @display(description=_("id"))
    def shown_id(self, row: WebhookMessage) -> str:
        return public(MESSAGE_PREFIX, row.public_id)

    @display(description=_("last answer"))
    def shown_answer(self, row: WebhookMessage) -> str:
        if row.last_status:
            return str(row.last_status)
        return str(ERRORS.get(row.last_error, row.last_error or "-"))

    @display(description=_("next try at"))
    def shown_next(self, row: WebhookMessage) -> str:
        if row.state not in (MessageState.QUEUED, MessageState.SENDING):
            return "-"
        return date_format(localtime(row.due_at), "SHORT_DATETIME_FORMAT")

    @display(description=_("content"))
    def shown_body(self, row: WebhookMessage) -> Any:
        return format_html('<pre class="house-body">{}</pre>', row.body)
