"""Deliveries to follow up, what carriers' codes mean, and how long parcels may take."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, Verb, status_column
from orders.models import DeliveryAlert, DeliveryMail, DeliveryTerm, TrackingCode
from orders.operations import settle_alerts
from orders.rules import CARRIERS, DelayReason, folded_code

TONES = {
    **dict.fromkeys(DelayReason, "warning"),
    **dict.fromkeys((DelayReason.LATE, DelayReason.RETURNED, DelayReason.UNSHIPPED), "danger"),
}


class StateFilter(admin.SimpleListFilter):
    """What is still to be followed up, unless something else is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("settled", _("settled")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("To follow up")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeliveryAlert]) -> QuerySet[DeliveryAlert]:
        if self.value() == "all":
            return queryset
        return queryset.filter(settled_at__isnull=self.value() != "settled")


@admin.register(DeliveryAlert)
class DeliveryAlertAdmin(LedgerAdmin):
    """Parcels that somebody should follow up, the longest waiting first."""

    company_path = "company"
    list_display = ("parcel", "reason_label", "age", "shipped_on", "carrier", "number", "settled_at")
    list_display_links = ("parcel",)
    list_select_related = ("shipment",)
    list_filter = (StateFilter, "reason")
    search_fields = ("=shipment__number", "=shipment__tracking_number")
    search_help_text = _("Shipment number, tracking number")
    ordering = ("raised_at", "pk")
    show_facets = admin.ShowFacets.NEVER
    fields = (("parcel_link", "reason_label"), ("carrier", "number"), ("raised_at", "settled_at", "settled_by"), "note")
    readonly_fields = ("parcel_link", "reason_label", "carrier", "number")
    empty_words = _("Nothing to follow up: every parcel is where it should be.")
    verbs = (
        Verb(
            name="settle", label=_("Dealt with"), permission="orders.settle_alert", icon="task_alt", variant="primary",
            run=lambda call: settle_alerts(call.ids, reason=call.reason, actor=call.actor, at=call.at),
            offered=lambda alert: alert.settled_at is None,
            explanation=_("Takes this off the list with your name and what you found out. A parcel that arrives takes itself off."),
        ),
    )  # fmt: skip

    @display(description=_("shipment"), ordering="shipment_id")
    def parcel(self, row: DeliveryAlert) -> str:
        return row.shipment.number

    @display(description=_("shipment"))
    def parcel_link(self, row: DeliveryAlert) -> Any:
        link = reverse("admin:orders_shipment_change", args=[row.shipment_id])
        return format_html('<a class="house-link" href="{}">{}</a>', link, row.shipment.number)

    reason_label = status_column("reason", description=_("reason"), tones=TONES)

    @display(description=_("for"), ordering="raised_at")
    def age(self, row: DeliveryAlert) -> str:
        """How long it has waited."""
        passed = (row.settled_at or clock.now()) - row.raised_at
        days, hours = passed.days, passed // timedelta(hours=1)
        if days:
            return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}

    @display(description=_("shipped on"), ordering="shipment__shipped_on")
    def shipped_on(self, row: DeliveryAlert) -> Any:
        return row.shipment.shipped_on

    @display(description=_("carrier"))
    def carrier(self, row: DeliveryAlert) -> Any:
        return _(CARRIERS[row.shipment.carrier]) if row.shipment.carrier in CARRIERS else row.shipment.carrier or "–"

    @display(description=_("tracking number"))
    def number(self, row: DeliveryAlert) -> str:
        return row.shipment.tracking_number or "–"


class MeaningFilter(admin.SimpleListFilter):
    """Codes that nobody has mapped."""

    title = _("meaning")
    parameter_name = "meaning"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("not known yet")), ("known", _("known"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TrackingCode]) -> QuerySet[TrackingCode]:
        return queryset.filter(state__isnull=self.value() == "none") if self.value() else queryset


class CodeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A code as it is compared."""

    def clean_code(self) -> str:
        """Widths and spaces of one kind: carriers' files write both."""
        code = folded_code(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(gettext("Type the carrier's code or word."))
        return code


@admin.register(TrackingCode)
class TrackingCodeAdmin(HouseAdmin):
    """What carriers' codes mean to this company; those nobody knows stand here by themselves."""

    company_path = "company"
    form = CodeForm
    list_display = ("code", "label", "carrier", "meaning_label", "company", "recorded_at")
    list_display_links = ("code",)
    list_select_related = ("company",)
    list_filter = (MeaningFilter, "carrier", "company")
    search_fields = ("code", "label")
    search_help_text = _("Code")
    ordering = ("company", "carrier", "code")
    editable_fields = ("state",)
    fields = (("company", "carrier"), ("code", "label"), "state")
    empty_words = _("No code of a carrier needs a meaning of its own. The words on carriers' pages are known already.")

    meaning_label = status_column("state", description=_("meaning"), tones={})


@admin.register(DeliveryTerm)
class DeliveryTermAdmin(HouseAdmin):
    """How long parcels may take before somebody looks after them."""

    company_path = "company"
    list_display = ("carrier_name", "prefecture_name", "days", "silent_days", "attempt_days", "company")
    list_select_related = ("company",)
    list_filter = ("carrier", "company")
    ordering = ("company", "carrier", "prefecture")
    fields = ("company", ("carrier", "prefecture"), "days", ("silent_days", "attempt_days"))
    empty_words = _("No terms yet: a parcel is late after three days, silent after three, and an attempt is followed up after two.")

    @display(description=_("carrier"), ordering="carrier")
    def carrier_name(self, row: DeliveryTerm) -> Any:
        return _(CARRIERS[row.carrier]) if row.carrier in CARRIERS else row.carrier or gettext("every carrier")

    @display(description=_("prefecture"), ordering="prefecture")
    def prefecture_name(self, row: DeliveryTerm) -> str:
        return row.prefecture or gettext("all prefectures")


@admin.register(DeliveryMail)
class DeliveryMailAdmin(HouseAdmin):
    """What of a parcel's way a site writes to its buyers; nothing unless it stands here."""

    company_path = "site__company"
    list_display = ("site", "news_label", "is_sent")
    list_select_related = ("site",)
    list_filter = ("news",)
    ordering = ("site", "news")
    editable_fields = ("news",)
    fields = ("site", "news", "is_sent")
    empty_words = _("No site writes about deliveries. Buyers see the way of their parcels on the page of the order all the same.")

    news_label = status_column("news", description=_("news"), tones={})
