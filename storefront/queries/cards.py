"""The card that was entered at a checkout, as its buyer recognises it."""

from billing.rules import CardBrand
from core.db import rows


def card_words(means_id: int | None, *, company_id: int) -> str:
    """ "Visa •••• 4242"; an empty text where there is no such card any more. One statement."""
    if means_id is None:
        return ""
    found = rows(
        "SELECT brand, last4 FROM billing_paymentmeans WHERE id = %s AND company_id = %s AND ended_at IS NULL", (means_id, company_id)
    )
    return f"{CardBrand.labels()[CardBrand(found[0].brand)]} •••• {found[0].last4}" if found else ""
