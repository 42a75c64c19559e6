"""Point programmes: what orders earn, as a company sets it up."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import HouseAdmin, HouseInline, SeenForm
from customers.models import PointLot, PointProgramme, PointRate

TERMS = ("company", "brand", "rate_bp", "with_tax", "after_days", "expires_days", "from_at")
"""What stays once points were earned by it."""


def _was_used(row: Any) -> bool:
    return row is not None and row.pk is not None and PointLot.objects.filter(programme=row.pk).exists()


class RateInline(HouseInline):
    """Ranks that earn at a rate of their own."""

    model = PointRate
    fields = ("rank", "rate_bp")
    few_choices = ("rank",)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_add_permission(request, obj) and not _was_used(obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _was_used(obj)


@admin.register(PointProgramme)
class PointProgrammeAdmin(HouseAdmin):
    """Programmes, the newest of each company first. One that points were earned by is ended, and another begins."""

    form = SeenForm
    company_path = "company"
    list_display = ("name", "rate", "brand", "after_days", "expires_days", "from_at", "until_at", "ended_at", "company")
    list_select_related = ("brand", "company")
    list_filter = ("company", "brand")
    search_fields = ("name",)
    ordering = ("company_id", "-from_at", "-id")
    fieldsets = (
        (None, {"fields": (("company", "brand"), "name", "seen")}),
        (_("What is earned"), {"fields": (("rate_bp", "with_tax"),)}),
        (_("When it comes and how long it is good"), {"fields": (("after_days", "expires_days"),)}),
        (_("For which orders"), {"fields": ("from_at", "until_at", "ended_at")}),
    )
    inlines = (RateInline,)
    empty_words = _("Without a programme orders earn no points. Add what your customers get for theirs.")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence[Any]:
        """The terms by which points were earned stay."""
        return (*super().get_readonly_fields(request, obj), *(TERMS if _was_used(obj) else ()))

    @display(description=_("rate"), ordering="rate_bp")
    def rate(self, row: PointProgramme) -> str:
        return f"{row.rate_bp / 100:g}%"
