"""What a refusal must not do: every operation test may compare the whole ledger before and after."""

from collections.abc import Callable
from typing import Any

import pytest

from core.db import rows
from inventory.queries import invariants

TABLES = (
    "inventory_stock",
    "inventory_movement",
    "inventory_allocation",
    "inventory_reservation",
    "inventory_backorder",
    "inventory_stockday",
    "core_outboxevent",
)


@pytest.fixture
def ledger(db: None) -> Callable[[], dict[str, list[Any]]]:
    """Every row of stock, its ledger and what was announced."""
    return lambda: {table: rows(f"SELECT * FROM {table} t ORDER BY t", prepare=False) for table in TABLES}


@pytest.fixture
def broken_promises(db: None) -> Callable[[], list[str]]:
    """The names of the promises that the database breaks now."""
    return lambda: [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)]
