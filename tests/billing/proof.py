"""What every test of billing may ask at its end: do the promises hold?"""

from typing import Any

from billing.models import PartyBalance
from billing.queries import invariants
from core.db import rows


def broken_promises() -> dict[str, list[Any]]:
    """The promises that don't hold, with the rows that break them; empty in sound books."""
    found = {promise.name: rows(promise.sql, {"company": None}, prepare=False) for promise in invariants()}
    return {name: broken for name, broken in found.items() if broken}


def balances(customer_id: int) -> dict[str, int]:
    """What a customer owes (positive) and what we hold of them (negative)."""
    held = PartyBalance.objects.filter(account__party_kind="customer", account__party_id=customer_id)
    return dict(held.values_list("account__kind", "balance"))
