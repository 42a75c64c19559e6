"""Stock items × locations: one row an item, one column a location, and where it runs low."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import HouseAdmin, HouseInline, LedgerInline
from inventory.admin.figures import LEVEL_TONES, OPEN_OR_ENDED, STYLE, explained_link, figure, level, level_words, of_items, shelf_link
from inventory.admin.sight import of_seen_places
from inventory.admin.verbs import ITEM_VERBS
from inventory.admin.virtual import explain
from inventory.models import Component, Location, Lot, Stock, StockItem

MOST_COLUMNS = 8


def _stocks(row: Any) -> dict[int, Stock]:
    return {stock.location_id: stock for stock in row.shown_stocks}


def _free(stock: Stock) -> int:
    return stock.sellable - stock.allocated - stock.reserved


def _location_column(location: Location) -> Callable[[Any], Any]:
    """What is free at a location, of how many on hand, with the colour of its level."""

    def column(row: Any) -> Any:
        stock = _stocks(row).get(location.pk)
        if stock is None:
            return format_html('<span class="stock-none">{}</span>', "–")
        name = level(_free(stock), row.low_at)
        cell = format_html(
            '<span class="house-money stock-cell stock-{}" title="{}">{}<span class="stock-of"> / {}</span></span>',
            name,
            level_words(name),
            f"{_free(stock):,d}",
            f"{stock.on_hand:,d}",
        )
        return shelf_link(stock.pk, cell)

    column.short_description = location.name  # type: ignore[attr-defined]
    return column


class Components(HouseInline):
    """Which SKUs are made of it."""

    model = Component
    fields = ("variant", "quantity")
    autocomplete_fields = ("variant",)
    verbose_name_plural = _("Sold as")


class Shelves(LedgerInline):
    """Where it lies."""

    model = Stock
    fields = ("location", "on_hand", "sellable", "allocated", "reserved", "free")
    readonly_fields = ("free",)
    verbose_name_plural = _("Stock by location")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stock]:
        shelves = super().get_queryset(request).select_related("location", "stock_item").order_by("location__priority", "pk")
        return of_seen_places(shelves, request)

    @display(description=_("free"))
    def free(self, row: Any) -> SafeString:
        return figure(_free(row))


class Lots(HouseInline):
    """The lots it came in."""

    model = Lot
    fields = ("number", "expires_on", "received_on")


@admin.register(StockItem)
class StockItemAdmin(HouseAdmin):
    """The stock matrix: every item with what is free of it at each location."""

    list_select_related = ()
    list_filter = (OPEN_OR_ENDED, "condition", "owner_kind", "company")
    ordering = ("-pk",)
    search_fields = ("code", "name")
    search_help_text = _("Code or name of the item, or a SKU that is made of it.")
    fields = (
        ("company", "code"),
        "name",
        ("condition", "owner_kind", "owner_code"),
        ("temperature_zone", "low_at", "is_lot_tracked"),
        "ended_at",
    )
    inlines = (Shelves, Components, Lots)
    verbs = ITEM_VERBS
    empty_words = _("No stock item fits. Search with fewer letters, or take a filter away.")

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        shelves = of_seen_places(Stock.objects.order_by("pk"), request)
        return super().get_queryset(request).prefetch_related(Prefetch("stocks", shelves, to_attr="shown_stocks"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[Any]:
        """Goods that ever lay anywhere stay tracked by lot or not: their counters are kept one way or the other."""
        fixed = ("is_lot_tracked",) if obj is not None and Stock.objects.filter(stock_item_id=obj.pk).exists() else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[StockItem], search_term: str) -> tuple[QuerySet[StockItem], bool]:
        return of_items(queryset, search_term, item="pk"), False

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """The locations are columns: the first ones by priority; the sums count them all."""
        return ("code", "name", "shown_level", "shown_free", *self._columns(request), "shown_on_hand", "shown_promised")

    def _columns(self, request: HttpRequest) -> list[Any]:
        kept = getattr(request, "_stock_columns", None)
        if kept is None:
            company = request.GET.get("company__id__exact", "")
            places = of_seen_places(Location.objects.filter(ended_at=None), request, path="pk").order_by("company_id", "priority", "pk")
            if company.isdecimal():
                places = places.filter(company_id=int(company))
            kept = [_location_column(place) for place in places[:MOST_COLUMNS]]
            request._stock_columns = kept  # type: ignore[attr-defined]
        return kept

    @display(description=_("stock level"), label=LEVEL_TONES)
    def shown_level(self, row: Any) -> tuple[str, str]:
        name = level(sum(_free(stock) for stock in row.shown_stocks), row.low_at)
        return name, level_words(name)

    @display(description=_("free"))
    def shown_free(self, row: Any) -> SafeString:
        return explained_link(row.pk, figure(sum(_free(stock) for stock in row.shown_stocks)))

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(explain, self))
        return [path("<int:key>/explain/", page, name="inventory_stockitem_explain"), *super().get_urls()]

    @display(description=_("on hand"))
    def shown_on_hand(self, row: Any) -> SafeString:
        return figure(sum(stock.on_hand for stock in row.shown_stocks))

    @display(description=_("allocated and reserved"))
    def shown_promised(self, row: Any) -> SafeString:
        return figure(sum(stock.allocated + stock.reserved for stock in row.shown_stocks))


def latest(lines: Sequence[Sequence[Any]], headings: Sequence[Any]) -> SafeString:
    """A small table inside a page; where the page is narrower, it is pushed sideways and the page is not."""
    head = format_html_join("", "<th>{}</th>", ((heading,) for heading in headings))
    body = format_html_join("", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in line)),) for line in lines))
    return format_html(
        '<div class="stock-scroll"><table class="stock-lines"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, body
    )
