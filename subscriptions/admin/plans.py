"""Courses at the staff counter."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.rules import PaymentMethod
from core.admin_site import HouseAdmin, HouseInline
from core.errors import HouseError
from core.queries import companies
from subscriptions.models import Plan, PlanVariant
from subscriptions.rules import interval_words, read_intervals


class PlanForm(forms.ModelForm):
    """The rules of a course, read before they are kept."""

    class Meta:
        model = Plan
        fields = (
            "company", "code", "name", "name_en", "kind", "intervals", "default_interval", "lead_days", "calendar", "change_deadline_days",
            "notice_days", "minimum_cycles", "maximum_cycles", "skip_allowed", "skip_limit", "pause_allowed", "payment_methods", "retry_days",
            "note", "note_en", "ended_at",
        )  # fmt: skip

    def clean_intervals(self) -> str:
        """Every interval can be read."""
        codes = str(self.cleaned_data["intervals"]).replace(" ", "")
        try:
            return ",".join(interval.code for interval in read_intervals(codes))
        except HouseError as error:
            raise ValidationError(error.refusal.text(lambda text: str(_(text)))) from error

    def clean_payment_methods(self) -> str:
        """Every method is one of ours."""
        codes = [code.strip() for code in str(self.cleaned_data["payment_methods"]).split(",") if code.strip()]
        if unknown := [code for code in codes if code not in set(PaymentMethod)]:
            raise ValidationError(_("There is no payment method “%(code)s”."), params={"code": unknown[0]})
        return ",".join(codes)

    def clean(self) -> dict[str, Any]:
        """The usual interval is one that is offered."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("intervals") and found.get("default_interval") not in found["intervals"].split(","):
            self.add_error("default_interval", _("The usual interval must be one of those offered."))
        return found


class PlanVariantInline(HouseInline):
    """The articles of the course."""

    model = PlanVariant
    fields = ("variant", "position")
    autocomplete_fields = ("variant",)
    extra = 1
    hide_title = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_change_permission(request, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanVariant]:
        return super().get_queryset(request).select_related("variant__product").order_by("position", "id")


@admin.register(Plan)
class PlanAdmin(HouseAdmin):
    """The courses of the house."""

    form = PlanForm
    list_display = ("name", "code", "offered", "minimum", "deadline", "running")
    list_select_related = ("company",)
    list_filter = ("kind", "company")
    search_fields = ("code", "name")
    ordering = ("company_id", "code")
    inlines = (PlanVariantInline,)
    empty_words = _("No course yet. Make one, and put articles in it.")
    fieldsets = (
        (None, {"fields": (("company", "code"), ("name", "name_en"), ("kind", "ended_at"))}),
        (_("How often and when"), {"fields": (("intervals", "default_interval"), ("lead_days", "calendar"), ("change_deadline_days", "notice_days"))}),
        (_("Rules"), {"fields": (("minimum_cycles", "maximum_cycles"), ("skip_allowed", "skip_limit"), ("pause_allowed", "payment_methods"), ("retry_days",))}),
        (_("Said to the customer"), {"fields": (("note", "note_en"),)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        found = super().get_queryset(request)
        company_id = getattr(request.user, "company_id", None)
        return found.filter(company_id=company_id) if company_id else found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        known = companies()
        return {"company": known[0].id if len(known) == 1 else None, "intervals": "1m", "default_interval": "1m"}

    @display(description=_("intervals offered"))
    def offered(self, row: Plan) -> str:
        return "・".join(interval_words(interval.code, translate=lambda text: str(_(text))) for interval in read_intervals(row.intervals))

    @display(description=_("minimum"), ordering="minimum_cycles")
    def minimum(self, row: Plan) -> Any:
        return _("%(n)s×") % {"n": row.minimum_cycles} if row.minimum_cycles > 1 else "–"

    @display(description=_("changes until"), ordering="change_deadline_days")
    def deadline(self, row: Plan) -> Any:
        return _("%(days)s days before") % {"days": row.change_deadline_days}

    @display(description=_("on offer"), boolean=True)
    def running(self, row: Plan) -> bool:
        return row.ended_at is None
