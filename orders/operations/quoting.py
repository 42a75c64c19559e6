"""What an order would cost, before anybody agrees to anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Refusal
from orders.operations.pricing import price_drafts
from orders.rules import OrderDraft, Refused, Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The sums of a draft, and what stands in its way: stock that is short, by line or for the whole."""

    sums: Sums
    short: Refusal | None


def quote_orders(drafts: Sequence[OrderDraft], *, at: datetime) -> list[Quote | Refused]:
    """Price drafts exactly as placing would, without writing or locking anything."""
    results: list[Quote | Refused] = []
    for draft in drafts:
        priced = price_drafts([draft], at=at)
        answer = priced if isinstance(priced, Refused) else priced.results[0]
        if isinstance(answer, Refused) or isinstance(priced, Refused):
            results.append(answer)  # type: ignore[arg-type]
            continue
        short = priced.supply.short_of([(n.offer.variant_id, n.draft.quantity) for n in answer.lines])
        results.append(Quote(sums=answer, short=short))
    return results
