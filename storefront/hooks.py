"""What the shop answers when customers ask for somebody's data: what was typed at a checkout that is no order yet."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import SYSTEM
from core.db import current_actor
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow
from storefront.operations import forget_checkouts
from storefront.queries import held_checkouts

tables: tuple[str, ...] = ()
"""A cart belongs to an account; its customer is found by the account's links."""
lanes: dict[Lane, str] = {}


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """A cart is nothing that happened yet."""
    return []


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: carts belong to accounts, which go along with their links."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """A cart never stands against erasure."""
    return []


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Whatever was typed at their checkouts goes, the addresses of others with it."""
    forget_checkouts(customer_ids, actor=current_actor() or SYSTEM, at=at)
    return []


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """What they typed at checkouts that are no orders yet."""
    return [ExportRow(customer_id=row.customer_id, table=row.held_in, values=row.said) for row in held_checkouts(customer_ids)]
