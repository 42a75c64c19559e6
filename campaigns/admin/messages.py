"""Messages: written in a form, seen as they will be read, and sent to oneself first."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin.masters import their_company
from campaigns.models import Message
from campaigns.operations import owe_test_mails
from campaigns.queries import sample_letter
from campaigns.rules import PLACEHOLDERS, faults_of_message
from core.admin_site import HouseAdmin, Verb, VerbCall, VerbForm, status_column

KIND_TONES = {"offer": "warning", "dialogue": "info"}
_POLICY = "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


class MessageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A message; placeholders and HTML are checked before it is kept."""

    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES, initial="ja", widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Message
        fields = ("company", "name", "kind", "language", "subject", "body", "body_html", "ended_at")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        said = {name: values.get(name) or "" for name in ("subject", "body", "body_html")}
        for fault in faults_of_message(**said):
            field = fault.field.removeprefix("/")
            if not self.errors.get(field):
                self.add_error(field, fault.text(gettext))
        return values


class TestForm(VerbForm):
    """Where the test mail goes: one's own mailbox unless said otherwise."""

    address = forms.EmailField(label=_("E-mail"), max_length=254)


def _test(call: VerbCall) -> Any:
    return owe_test_mails(call.ids, to_address=call.values["address"], actor=call.actor, at=call.at)


@admin.register(Message)
class MessageAdmin(HouseAdmin):
    """What is written, with a preview beside it."""

    list_display = ("name", "subject", "kind_label", "language", "has_html", "company")
    list_select_related = ("company",)
    list_filter = ("company", "kind")
    search_fields = ("name", "subject")
    autocomplete_fields = ("company",)
    ordering = ("company", "-id")
    form = MessageForm
    change_form_before_template = "campaigns/admin/message.html"
    fieldsets = (
        (None, {"fields": (("name", "company"), ("kind", "language"))}),
        (
            _("What is written"),
            {
                "fields": ("subject", "body", "body_html"),
                "description": _("Placeholders: %(names)s. The sender's details and the link to unsubscribe are added to every mail.")
                % {"names": " ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS if not name.isascii())},
            },
        ),
        (None, {"fields": ("ended_at",)}),
    )
    verbs = (
        Verb(
            name="test", label=_("Send a test"), permission="campaigns.change_message", run=_test, form=TestForm, icon="outgoing_mail",
            on_list=False, initial=lambda request, _row: {"address": request.user.email},  # type: ignore[union-attr]
            explanation=_("The message as saved goes to this address, addressed to somebody invented. Nobody is unsubscribed by its link."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("campaigns/desk.css",)}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**their_company(request), **super().get_changeform_initial_data(request)}

    kind_label = status_column("kind", description=_("kind"), tones=KIND_TONES)

    @display(description=_("HTML"), boolean=True)
    def has_html(self, row: Message) -> bool:
        return bool(row.body_html.strip())

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:key>/preview/", self.admin_site.admin_view(self.preview_view), name="campaigns_message_preview"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The HTML as a mail program would show it: no scripts, nothing of ours around it."""
        row = self.get_queryset(request).filter(pk=key).first()
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return _preview(request, row)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and request.method == "GET":
            context["letter"] = sample_letter(row)
            context["frame"] = reverse("admin:campaigns_message_preview", args=[row.pk]) if row.body_html.strip() else ""
        return super().render_change_form(request, context, *args, **kwargs)


@xframe_options_sameorigin
def _preview(_request: HttpRequest, row: Message) -> HttpResponse:
    response = HttpResponse(sample_letter(row).html)
    response["Content-Security-Policy"] = _POLICY
    response._csp_exempt = True  # type: ignore[attr-defined]  # it says its own, stricter one
    return response
