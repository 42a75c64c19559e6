"""How quantities are written on the stock pages."""

from django import template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def pieces(quantity: int) -> str:
    """A quantity as people read it: 1,200 pcs."""
    return gettext("%(quantity)s pcs") % {"quantity": f"{quantity:,d}"}
