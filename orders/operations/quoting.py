"""What an order would cost, before anybody agrees to anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Refusal
from core.ids import new_id
from customers.queries import rank_codes
from orders.operations.pricing import demands_of, ground_of, price_drafts, shortages
from orders.rules import OrderDraft, Refused, Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The sums of a draft, and the stock that stands in its way, if any."""

    sums: Sums
    short: Refusal | None


def quote_orders(drafts: Sequence[OrderDraft], *, at: datetime) -> list[Quote | Refused]:
    """Price drafts exactly as placing would, without writing or locking anything."""
    ranks = rank_codes([d.customer_id for d in drafts if d.customer_id])
    return [_quote(draft, ranks=ranks, at=at) for draft in drafts]


def _quote(draft: OrderDraft, *, ranks: dict[int, str], at: datetime) -> Quote | Refused:
    ground = ground_of([draft], at=at)
    if isinstance(ground, Refused):
        return ground
    priced = price_drafts([draft], ground=ground, ranks=ranks, at=at)
    sums = priced.results[0]
    if isinstance(sums, Refused):
        return sums
    demands = demands_of(0, sums, draft=draft, line_refs=[new_id() for _line in sums.lines])
    return Quote(sums=sums, short=shortages(demands, supply=priced.supply).get(0))
