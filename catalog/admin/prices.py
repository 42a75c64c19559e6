"""Price lists, the price history, and listings."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.models import Listing, Price, PriceList
from core.admin_site import HouseAdmin, LedgerAdmin, money_column


@admin.register(PriceList)
class PriceListAdmin(HouseAdmin):
    """Price lists: for whom, how and when their prices hold."""

    list_display = (
        "name",
        "code",
        "company",
        "currency",
        "tax_basis",
        "channel",
        "rank_code",
        "purchase_type",
        "priority",
        "is_list_price",
    )
    list_select_related = ("company", "channel")
    list_filter = ("company", "purchase_type", "is_list_price")
    ordering = ("company", "-priority", "code")
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("company", ("code", "name"), ("currency", "tax_basis"), ("priority", "is_list_price"))}),
        (
            _("For whom and when"),
            {"fields": (("channel", "rank_code"), ("purchase_type", "cycle_from", "cycle_until"), ("from_at", "until_at"))},
        ),
    )


@admin.register(Price)
class PriceAdmin(LedgerAdmin):
    """The price history: what was charged when, in which list. Prices are set by a verb on the SKU."""

    list_display = ("variant", "price_list", "min_quantity", "shown_amount", "from_at", "until_at")
    list_select_related = ("variant", "price_list")
    list_filter = ("price_list",)
    ordering = ("-pk",)
    search_fields = ("variant__sku__startswith",)
    search_help_text = _("The beginning of a SKU")

    shown_amount = money_column("amount", description=_("unit price"), currency="price_list.currency")


@admin.register(Listing)
class ListingAdmin(HouseAdmin):
    """Where and to whom variants are sold."""

    list_display = ("variant", "channel", "site", "rank_code", "from_at", "until_at")
    list_select_related = ("variant", "channel", "site")
    list_filter = ("channel", "site")
    ordering = ("-pk",)
    search_fields = ("variant__sku__startswith",)
    search_help_text = _("The beginning of a SKU")
    autocomplete_fields = ("variant",)
