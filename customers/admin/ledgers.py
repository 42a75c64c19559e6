"""Consents, points and notes as lists: read, never written by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, PersonalData, Verb, VerbCall
from customers.models import Consent, Note, PointEntry, PointLot
from customers.operations import end_notes


class _OfCustomer(LedgerAdmin):
    """A ledger about customers, of the reader's company only."""

    list_select_related: tuple[str, ...] = ("customer",)
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        account: Any = request.user
        found = self.model._default_manager.select_related("customer").defer("customer__search").order_by("-id")
        return found.filter(customer__company_id=account.company_id) if account.company_id else found

    @display(description=_("customer number"))
    def number(self, row: Any) -> str:
        return str(row.customer.number)


@admin.register(Consent)
class ConsentAdmin(_OfCustomer):
    list_display = ("number", "purpose", "channel", "status", "brand", "source", "wording", "at", "actor_label")
    list_select_related = ("customer", "brand")
    list_filter = ("purpose", "channel", "status")
    fields = ("number", "purpose", "channel", "status", "brand", "source", "wording", "at", "actor_label")
    readonly_fields = fields
    empty_words = _("Nobody has said anything about consent yet.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("brand")


@admin.register(PointLot)
class PointLotAdmin(_OfCustomer):
    list_display = ("number", "remaining", "granted", "source", "brand", "programme", "granted_at", "expires_at")
    list_select_related = ("customer", "brand", "programme")
    list_filter = ("source", "brand")
    fields = ("number", "remaining", "granted", "source", "brand", "programme", "earned_at_rate", "granted_at", "expires_at")
    readonly_fields = fields
    empty_words = _("No points were granted yet.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("brand", "programme")

    @display(description=_("rate"))
    def earned_at_rate(self, row: PointLot) -> str:
        return "–" if row.rate_bp is None else f"{row.rate_bp / 100:g}%"


@admin.register(PointEntry)
class PointEntryAdmin(_OfCustomer):
    list_display = ("number", "kind", "points", "reference", "at", "actor_label")
    list_filter = ("kind",)
    fields = ("number", "kind", "points", "reference", "deed_key", "at", "actor_label")
    readonly_fields = fields
    empty_words = _("No points were granted yet.")


def _end(call: VerbCall) -> Any:
    return end_notes(call.ids, actor=call.actor, at=call.at)


@admin.register(Note)
class NoteAdmin(_OfCustomer):
    """Notes on customers, newest first."""

    list_display = ("number", "start", "visibility", "author_label", "show_until_at", "ended_at", "recorded_at")
    list_filter = ("visibility", "author_kind")
    fields = ("number", "body", "visibility", "author_label", "show_until_at", "ended_at", "recorded_at")
    readonly_fields = fields
    personal = PersonalData(fields=("note",), subject=lambda row: f"customer:{row.customer.public_id}")
    empty_words = _("No note was written yet.")
    verbs = (
        Verb(name="end", label=_("Done with"), permission="customers.change_note", run=_end, form=None, icon="check",
             offered=lambda note: note.ended_at is None, explanation=_("The note is kept, but no longer shown on top.")),
    )  # fmt: skip

    @display(description=_("memo"))
    def start(self, row: Note) -> str:
        return row.body[:60]
