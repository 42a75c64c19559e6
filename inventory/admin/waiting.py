"""What may be sold before it is here, and who waits for it."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import IntegerField, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import HouseAdmin, status_column
from inventory.admin.figures import OPEN_OR_ENDED, STYLE, figure, of_items, quantity_column
from inventory.admin.ledgers import OfItems
from inventory.models import BackOrder, BackOrderTerms


@admin.register(BackOrderTerms)
class BackOrderTermsAdmin(HouseAdmin):
    """Which items may be ordered while they are not here, and how many of them wait."""

    list_display = ("stock_item", "kind", "release_on", "lead_days", "shown_cap", "shown_waiting", "shown_room", "ended_at")
    list_select_related = ("stock_item",)
    list_filter = (OPEN_OR_ENDED, "kind", "stock_item__company")
    ordering = ("-pk",)
    search_fields = ("stock_item__code", "stock_item__name")
    search_help_text = _("Code or name of the item, or a SKU that is made of it.")
    autocomplete_fields = ("stock_item",)
    fields = ("stock_item", ("kind", "release_on"), ("cap", "lead_days"), "ended_at")
    shown_cap = quantity_column("cap", description=_("cap"))
    empty_words = _("Nothing may be ordered ahead yet. Add the terms of an item, and the shop offers it with a day while it is sold out.")

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[BackOrderTerms]:
        waiting = BackOrder.objects.filter(stock_item=OuterRef("stock_item"), status="waiting").values("stock_item")
        total = waiting.annotate(total=Sum("quantity")).values("total")
        return super().get_queryset(request).annotate(waiting=Coalesce(total, 0, output_field=IntegerField()))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        return of_items(queryset, search_term), False

    @display(description=_("wait"))
    def shown_waiting(self, row: Any) -> SafeString:
        return figure(row.waiting)

    @display(description=_("room"))
    def shown_room(self, row: Any) -> SafeString:
        return figure(max(0, row.cap - row.waiting))


class Overdue(admin.SimpleListFilter):
    """Whose promised day has passed while they wait."""

    title = _("promise")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", gettext("The promised day has passed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status="waiting", promised_on__lt=_today()) if self.value() else queryset


def _today() -> date:
    return localtime(clock.now()).date()


@admin.register(BackOrder)
class BackOrderAdmin(OfItems):
    """The line: who waits for which goods, and until when; the first to get them on top."""

    place_path = ""
    list_display = (
        "promised_on", "stock_item", "shown_quantity", "kind", "shown_status", "variant", "rank_level", "recorded_at", "demand_id",
    )  # fmt: skip
    list_select_related = ("stock_item", "variant")
    list_filter = ("status", "kind", Overdue)
    ordering = ("status", "promised_on", "-rank_level", "pk")
    fields = (
        ("stock_item", "quantity"), ("variant", "units"), ("kind", "promised_on", "rank_level"), ("status", "closed_at"), "demand_id",
        "recorded_at",
    )  # fmt: skip
    readonly_fields = ("recorded_at",)
    shown_status = status_column("status", description=_("status"), tones={"waiting": "warning", "filled": "success"})
    shown_quantity = quantity_column("quantity", description=_("quantity"))
    empty_words = _("Nobody waits for goods.")
