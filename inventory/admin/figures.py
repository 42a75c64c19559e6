"""How quantities look on every stock screen: figures of one width, badges where little or nothing is left."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import EmptyFieldListFilter
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.decorators import display

from inventory.models import StockItem

MOST_ITEMS_FOUND = 500
STYLE = ("inventory/stock.css",)
OPEN_OR_ENDED = ("ended_at", EmptyFieldListFilter)


def figure(number: int, *, signed: bool = False) -> SafeString:
    """A quantity; zero is quiet, so that the eye finds what is there."""
    text = f"{number:+,d}" if signed and number else f"{number:,d}"
    return format_html('<span class="house-money{}">{}</span>', "" if number else " stock-zero", text)


def level(free: int, low_at: int) -> str:
    """The badge of a shelf: "out", "low" or "enough"."""
    return "out" if free <= 0 else "low" if free <= low_at else "enough"


def level_words(name: str) -> str:
    """The badge in words."""
    return {"out": _("Sold out"), "low": _("Low"), "enough": _("In stock")}[name]


LEVEL_TONES = {"out": "danger", "low": "warning", "enough": "success"}


def shelf_link(stock_id: int, shown: Any) -> SafeString:
    """A figure that opens its shelf."""
    return format_html('<a href="{}">{}</a>', reverse("admin:inventory_stock_change", args=[stock_id]), shown)


def explained_link(item_id: int, shown: Any) -> SafeString:
    """A figure that opens the page on which it is explained channel by channel."""
    return format_html('<a href="{}">{}</a>', reverse("admin:inventory_stockitem_explain", args=[item_id]), shown)


def quantity_column(field: str, *, description: Any, signed: bool = False) -> Callable[[Any, Any], Any]:
    """A list column with a quantity of the row."""

    @display(description=description, ordering=field)
    def column(_counter: Any, row: Any) -> SafeString:
        return figure(getattr(row, field), signed=signed)

    return column


def of_items(rows: "QuerySet[Any]", typed: str, *, item: str = "stock_item") -> "QuerySet[Any]":
    """The rows whose stock item's code or name holds what was typed, or which a SKU of that name is made of.

    The items are found first: the ledger behind them may have millions of rows.
    """
    words = typed.strip()
    if not words:
        return rows
    found = StockItem.objects.filter(code__icontains=words) | StockItem.objects.filter(name__icontains=words)
    by_sku = StockItem.objects.filter(components__variant__sku__iexact=words)
    keys = {*found.values_list("pk", flat=True)[:MOST_ITEMS_FOUND], *by_sku.values_list("pk", flat=True)[:MOST_ITEMS_FOUND]}
    return rows.filter(**{f"{item}__in": keys})
