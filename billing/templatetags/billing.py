"""Words of the books for pages."""

from django import template
from django.utils.translation import gettext

from billing.rules import AccountKind, EntryKind
from core.queries import tax_classes

register = template.Library()


@register.filter
def account_kind(value: str) -> str:
    """The account in the reader's language."""
    return gettext(AccountKind.labels()[AccountKind(value)])


@register.filter
def entry_kind(value: str) -> str:
    """The kind of entry in the reader's language."""
    return gettext(EntryKind.labels()[EntryKind(value)])


@register.filter
def tax_class(code: str) -> str:
    """The name of a tax class."""
    known = tax_classes().get(code)
    return known.name if known else code


@register.filter
def opposite(amount: int) -> int:
    """The amount with its sign turned, for the credit column."""
    return -amount
