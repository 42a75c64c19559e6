"""Columns of lists that look alike everywhere: amounts and statuses."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from unfold.decorators import display

from core.money import format_money

Words = str | Promise
Column = Callable[[Any, Any], Any]


def shown_money(amount: int | None, currency: str) -> SafeString | str:
    """An amount in the reader's language, in figures of one width; a dash where there is none."""
    if amount is None:
        return "-"
    return format_html('<span class="house-money">{}</span>', format_money(amount, currency, get_language() or "ja"))


def money_column(field: str, *, description: Words, currency: str = "currency", ordering: str | None = None) -> Column:
    """A list column with an amount. ``field`` and ``currency`` may reach over relations with dots: "order.currency"."""

    @display(description=description, ordering=ordering or field.replace(".", "__"))
    def column(_counter: Any, row: Any) -> Any:
        return shown_money(_reach(row, field), str(_reach(row, currency)))

    return column


def status_column(field: str, *, description: Words, tones: Mapping[Any, str], ordering: str | None = None) -> Column:
    """A list column with a status as a coloured label in words.

    ``tones`` gives each value "success", "info", "warning" or "danger"; a value that isn't named stays grey. Needs no
    ordering argument where the field is a column of the row itself.
    """

    @display(description=description, ordering=ordering or field, label={str(value): tone for value, tone in tones.items()})
    def column(_counter: Any, row: Any) -> Any:
        value = getattr(row, field)
        return (str(value), getattr(row, f"get_{field}_display")()) if value else "-"

    return column


def _reach(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = getattr(row, name)
    return row
