"""For whom the clock works, and what handlers of events look up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.clock import business_date
from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Trading:
    """A company that trades, with the zone that says what day it is there."""

    id: int
    timezone: str

    def business_date(self, at: datetime) -> date:
        """The company's day at a moment."""
        return business_date(at, self.timezone)


def trading_companies() -> list[Trading]:
    """Companies with contracts that trade now: neither ended nor still having their history written."""
    found = rows(
        "SELECT id, timezone FROM core_company c WHERE ended_at IS NULL AND history_until_at IS NULL"
        " AND EXISTS (SELECT FROM subscriptions_subscription s WHERE s.company_id = c.id AND s.status IN ('active', 'paused')) ORDER BY id"
    )
    return [Trading(id=r.id, timezone=r.timezone) for r in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOrder:
    """An order that opened contracts: (key, public id) of each, and whether it still waits for its card."""

    order_id: int
    waits: bool
    contracts: tuple[tuple[int, UUID], ...]


_FIRST = """
SELECT o.id, o.status = 'pending' AS waits, coalesce(array_agg(s.id ORDER BY s.id) FILTER (WHERE s.id IS NOT NULL), '{}') AS ids,
    coalesce(array_agg(s.public_id ORDER BY s.id) FILTER (WHERE s.id IS NOT NULL), '{}') AS refs
FROM orders_order o LEFT JOIN subscriptions_subscription s ON s.first_order_id = o.id
WHERE o.id = ANY(%s::bigint[]) GROUP BY o.id
"""


def first_orders(order_ids: Sequence[int]) -> dict[int, FirstOrder]:
    """Orders with the contracts they opened. One statement."""
    return {
        r.id: FirstOrder(order_id=r.id, waits=r.waits, contracts=tuple(zip(r.ids, r.refs, strict=True)))
        for r in rows(_FIRST, (list(order_ids),))
    }


def contract_languages(contract_ids: Sequence[int]) -> dict[int, str]:
    """The language each contract was made in."""
    found = rows("SELECT id, language FROM subscriptions_subscription WHERE id = ANY(%s::bigint[])", (list(contract_ids),))
    return {r.id: r.language for r in found}
