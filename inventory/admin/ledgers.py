"""What only grows or only operations change: movements, allocations, reservations."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, status_column
from inventory.admin.figures import STYLE, of_items, quantity_column
from inventory.admin.sight import of_seen_places
from inventory.admin.worth import MAY_SEE
from inventory.models import Allocation, Movement, Reservation

_SEARCH_HELP = _("Code or name of the item, or a SKU that is made of it.")


class OfItems(LedgerAdmin):
    """A ledger searched by its stock item."""

    list_select_related: tuple[str, ...] = ("stock_item",)
    ordering: tuple[str, ...] = ("-pk",)
    search_fields = ("stock_item__code",)
    search_help_text = _SEARCH_HELP

    place_path = "location"

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return of_seen_places(rows, request, path=self.place_path) if self.place_path else rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        return of_items(queryset, search_term), False


@admin.register(Movement)
class MovementAdmin(OfItems):
    """The stock ledger."""

    list_display = ("at", "kind", "stock_item", "location", "shown_quantity", "shown_sellable", "lot", "cause", "reason", "by")
    list_select_related = ("stock_item", "location", "lot")
    list_filter = ("kind", "location")
    fields = (
        ("kind", "at"), ("stock_item", "location", "lot"), ("quantity", "sellable_quantity", "state", "value"), "cause", "reason", "by",
        "once_key",
        "recorded_at",
    )  # fmt: skip
    readonly_fields = ("by", "once_key", "recorded_at")
    shown_quantity = quantity_column("quantity", description=_("quantity"), signed=True)
    shown_sellable = quantity_column("sellable_quantity", description=_("of which sellable"), signed=True)
    empty_words = _("No movement fits. Search with fewer letters, or take a filter away.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What it was worth, for those who may see that."""
        account: Any = request.user
        return [
            tuple(name for name in row if name != "value" or account.has_perm(MAY_SEE)) if isinstance(row, tuple) else row
            for row in self.fields
        ]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A shelf's page links to its own movements."""
        return lookup == "stock__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[call-arg]

    @display(description=_("by"))
    def by(self, row: Any) -> str:
        return row.actor_label or row.actor_kind


@admin.register(Allocation)
class AllocationAdmin(OfItems):
    """Stock promised to orders."""

    list_display = (
        "allocated_at", "shown_status", "stock_item", "location", "shown_quantity", "good_until", "shown_lots", "closed_at", "demand_id",
    )  # fmt: skip
    list_select_related = ("stock_item", "location")
    list_filter = ("status", "location")
    fields = (
        ("status", "quantity"), ("stock_item", "location"), ("good_until", "shown_lots"), "demand_id", ("allocated_at", "closed_at"),
        "recorded_at",
    )  # fmt: skip
    readonly_fields = ("shown_lots", "recorded_at")
    shown_status = status_column("status", description=_("status"), tones={"open": "info", "shipped": "success", "released": "warning"})
    shown_quantity = quantity_column("quantity", description=_("quantity"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("picks__lot")

    @display(description=_("lots"))
    def shown_lots(self, row: Any) -> str:
        """The lots that serve it, once they are picked."""
        return ", ".join(f"{pick.lot or '–'} × {pick.quantity}" for pick in row.picks.all())


@admin.register(Reservation)
class ReservationAdmin(OfItems):
    """Stock held for carts."""

    list_display = ("expires_at", "stock_item", "location", "shown_quantity", "holder_id")
    list_select_related = ("stock_item", "location")
    list_filter = ("location",)
    fields = (("stock_item", "location"), "quantity", "holder_id", "expires_at", "recorded_at")
    readonly_fields = ("recorded_at",)
    shown_quantity = quantity_column("quantity", description=_("quantity"))
