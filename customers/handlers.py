"""What follows when the ledger has changed: alike entries are put before a person."""

from datetime import datetime

from core.actor import SYSTEM
from core.db import current_actor
from customers.events import CustomerChanged, CustomerRegistered
from customers.operations import find_duplicates

COMPARED = frozenset({"family_name", "given_name", "family_kana", "given_kana", "birth_on", "contact_points", "addresses"})


def look_for_duplicates(event: CustomerRegistered, *, at: datetime) -> None:
    """A new entry is compared with the company's ledger. Again changes nothing."""
    find_duplicates([event.customer_id], actor=current_actor() or SYSTEM, at=at)


def look_again_for_duplicates(event: CustomerChanged, *, at: datetime) -> None:
    """An entry is compared anew when something changed that is compared."""
    if not COMPARED.isdisjoint(event.fields):
        find_duplicates([event.customer_id], actor=current_actor() or SYSTEM, at=at)
