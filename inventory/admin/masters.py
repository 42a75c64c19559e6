"""Where stock may lie and who may draw on it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_site import HouseAdmin, HouseInline
from inventory.admin.figures import OPEN_OR_ENDED
from inventory.models import Location, LocationStaff, Lot, PoolChannel, PoolSource, StockPool


class Staff(HouseInline):
    """Who works there. Whoever is named for any location sees and confirms the papers of theirs only."""

    model = LocationStaff
    fields = ("account",)
    autocomplete_fields = ("account",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Location)
class LocationAdmin(HouseAdmin):
    """Warehouses, stores and the other places where stock lies."""

    list_display = ("name", "code", "kind", "prefecture", "priority", "can_ship", "can_pick_up", "cutoff_at", "ended_at")
    list_select_related = ()
    list_filter = (OPEN_OR_ENDED, "kind", "can_ship", "can_pick_up", "company")
    ordering = ("company", "priority", "pk")
    search_fields = ("code", "name")
    fields = (
        ("company", "code"), "name", ("kind", "priority"), ("can_ship", "can_pick_up"), ("keeps_ambient", "keeps_chilled", "keeps_frozen"), ("calendar", "cutoff_at"),
        ("postal_code", "prefecture"), "address", "phone", "ended_at",
    )  # fmt: skip
    inlines = (Staff,)


class Sources(HouseInline):
    """What the pool draws from, the lowest number first."""

    model = PoolSource
    fields = ("priority", "location", "buffer_quantity", "buffer_percent")
    ordering = ("priority", "pk")
    few_choices = ("location",)


class Channels(HouseInline):
    """Who sees the pool."""

    model = PoolChannel
    fields = ("channel", "is_told")
    few_choices = ("channel",)


@admin.register(StockPool)
class StockPoolAdmin(HouseAdmin):
    """Stock as channels see it."""

    list_display = ("name", "code", "company", "is_default")
    list_select_related = ("company",)
    list_filter = ("company",)
    ordering = ("company", "pk")
    search_fields = ("code", "name")
    fields = (("company", "code"), "name", "is_default")
    inlines = (Sources, Channels)


@admin.register(Lot)
class LotAdmin(HouseAdmin):
    """Lots with their expiry."""

    list_display = ("number", "stock_item", "expires_on", "received_on")
    list_select_related = ("stock_item",)
    list_filter = ("expires_on",)
    ordering = ("-pk",)
    search_fields = ("number", "stock_item__code")
    search_help_text = _("Lot number or code of the item.")
    autocomplete_fields = ("stock_item",)
    fields = ("stock_item", "number", ("expires_on", "received_on"))
