"""How amounts, phones, postal codes and changes are written on pages of the house."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import get_language

from core.models import AuditEntry
from core.money import format_money
from core.text import format_phone, format_postal

register = template.Library()


@register.filter
def money(amount: int | None, currency: str = "JPY") -> str:
    """An amount of minor units as people read it: {{ order.total|money:order.currency }}."""
    return "" if amount is None else format_money(int(amount), str(currency) or "JPY", get_language() or "ja")


@register.filter
def postal(code: str) -> str:
    """A postal code with its hyphen."""
    return format_postal(str(code or ""))


@register.filter
def phone(number: str) -> str:
    """A kept phone number as people write it."""
    return format_phone(str(number or ""))


@register.filter
def percent(basis_points: int) -> str:
    """A rate in basis points as a percentage: 1000 → 10%."""
    return f"{int(basis_points) / 100:g}%"


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One changed column in words."""

    field: Any
    before: Any = ""
    after: Any = ""
    hidden: bool = False


@register.filter
def changes_in_words(entry: AuditEntry, model: type[models.Model]) -> list[ShownChange]:
    """What an audit entry says, with the names the model's columns have on screen."""
    shown = [ShownChange(_column_name(name, model), before, after) for name, (before, after) in sorted(entry.changes.items())]
    return shown + [ShownChange(_column_name(name, model), hidden=True) for name in entry.personal_fields]


def _column_name(name: str, model: type[models.Model]) -> Any:
    for spelled in (name, name.removesuffix("_id")):
        try:
            return model._meta.get_field(spelled).verbose_name  # type: ignore[union-attr]
        except FieldDoesNotExist:
            continue
    return name
