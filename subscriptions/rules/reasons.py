"""Why a delivery or a contract stands where it stands: codes that are kept, words that are shown."""

from collections.abc import Callable
from typing import Final

from core.words import gettext_noop as _

CUSTOMER_SKIPPED: Final = "skipped"
ORDER_CANCELLED: Final = "order_cancelled"
PAYMENT_FAILED: Final = "payment_failed"
GAVE_UP: Final = "gave_up"
FIRST_ORDER_CANCELLED: Final = "first_order_cancelled"

_WORDS: Final = {
    CUSTOMER_SKIPPED: _("Left out on request"),
    ORDER_CANCELLED: _("Its order was cancelled"),
    PAYMENT_FAILED: _("The payment did not go through"),
    GAVE_UP: _("Paused after several failed attempts"),
    FIRST_ORDER_CANCELLED: _("The first order was cancelled"),
    "inventory.out_of_stock": _("Out of stock"),
    "catalog.not_for_sale": _("An article is no longer sold"),
    "catalog.unknown_sku": _("An article no longer exists"),
    "catalog.no_price": _("An article has no price"),
    "catalog.too_many": _("More than one may order at once"),
    "customers.not_found": _("The customer no longer exists"),
    "order.unknown_channel": _("The sales channel is closed"),
    "order.not_storable": _("The order could not be written"),
    "subscription.no_items": _("The contract has no articles"),
}


def reason_words(code: str, *, translate: Callable[[str], str]) -> str:
    """A reason in the reader's words; free text stays as it was written."""
    return translate(_WORDS[code]) if code in _WORDS else code
