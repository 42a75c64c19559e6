"""Words, money and days as every page and mail of the house writes them."""

from django import template
from django.utils.translation import get_language

from core.money import format_money

register = template.Library()


@register.filter
def money(amount: int | None, currency: str) -> str:
    """An amount of minor units in the reader's language: 1,980円, $19.80. Nothing for no amount."""
    return "" if amount is None else format_money(amount, currency=currency, language=get_language() or "ja")


@register.filter
def percent(rate_bp: int) -> str:
    """A rate in basis points as people write it: 800 → 8%."""
    return f"{rate_bp / 100:g}%"
