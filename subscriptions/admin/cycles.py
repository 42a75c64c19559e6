"""Deliveries of contracts: what comes, what failed, what became of it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import LedgerAdmin, status_column
from subscriptions.models import Cycle
from subscriptions.rules import CycleStatus, reason_words

CYCLE_TONES = {
    CycleStatus.PLANNED: "info",
    CycleStatus.SKIPPED: "",
    CycleStatus.GENERATED: "success",
    CycleStatus.FAILED: "danger",
}


class DueFilter(admin.SimpleListFilter):
    """When their order is to be made."""

    title = _("order due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("late", _("Overdue")), ("today", _("Today")), ("week", _("Within a week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> QuerySet[Cycle]:
        today = clock.today("Asia/Tokyo")
        limits = {"late": today, "today": today + timedelta(days=1), "week": today + timedelta(days=7)}
        limit = limits.get(self.value() or "")
        return queryset.filter(due_on__lt=limit).order_by("due_on", "id") if limit else queryset


@admin.register(Cycle)
class CycleAdmin(LedgerAdmin):
    """Every delivery of every contract; it is changed on the contract's page."""

    list_display = ("contract", "customer", "number", "delivery", "planned_on", "due_on", "state", "why", "tries", "made")
    list_display_links = ("number",)
    list_select_related = ("subscription__customer", "order")
    list_filter = ("status", DueFilter, ("planned_on", admin.DateFieldListFilter))
    search_fields = ("=subscription__number", "=order__number")
    search_help_text = _("Contract number, order number")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No delivery fits.")
    fields = (
        ("contract", "customer"),
        ("number", "delivery"),
        ("planned_on", "due_on"),
        ("status", "why"),
        ("tries", "reminded_on"),
        ("made", "settled_at"),
    )
    readonly_fields = ("contract", "customer", "why", "made")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cycle]:
        found = super().get_queryset(request)
        company_id = getattr(request.user, "company_id", None)
        return found.filter(subscription__company_id=company_id) if company_id else found

    state = status_column("status", description=_("status"), tones=CYCLE_TONES)

    @display(description=_("contract"))
    def contract(self, row: Cycle) -> Any:
        page = reverse("admin:subscriptions_subscription_change", args=[row.subscription_id])
        return format_html('<a class="house-link" href="{}">{}</a>', page, row.subscription.number)

    @display(description=_("customer"))
    def customer(self, row: Cycle) -> str:
        return str(row.subscription.customer)

    @display(description=_("reason"))
    def why(self, row: Cycle) -> str:
        return reason_words(row.reason, translate=lambda text: str(_(text)))

    @display(description=_("order"))
    def made(self, row: Cycle) -> Any:
        if row.order_id is None or row.order is None:
            return "-"
        return format_html(
            '<a class="house-link" href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order.number
        )
