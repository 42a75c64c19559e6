"""What an order would cost, before anybody agrees to anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import Refusal
from core.ids import new_id
from customers.queries import rank_codes
from inventory.rules import Wait
from orders.operations.pricing import demands_of, ground_of, price_drafts, shortages
from orders.operations.waiting import apart, waits_of
from orders.rules import OrderDraft, Refused, Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The sums of a draft, the stock that stands in its way, if any, and what has to wait, by the place of its line."""

    sums: Sums
    short: Refusal | None
    waits: Mapping[int, Wait] = field(default_factory=dict)


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
    refs = [new_id() for _line in sums.lines]
    now, waiting = apart(demands_of(0, sums, draft=draft, line_refs=refs), {0: sums}, refs={0: refs}, supply=priced.supply)
    short, waits = shortages(now, supply=priced.supply).get(0), dict[int, Wait]()
    if waiting and short is None:
        for ref, answer in waits_of(waiting, priced=priced, at=at).items():
            place = refs.index(ref)
            if isinstance(answer, Wait):
                waits[place] = answer
            else:
                short = short or answer.at(f"/lines/{place}/quantity")
    return Quote(sums=sums, short=short, waits=waits)
