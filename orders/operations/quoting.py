"""What orders would cost and when they would come, before anybody agrees to anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from core.errors import Refusal
from core.ids import new_id
from customers.queries import rank_codes
from inventory.queries import planned
from inventory.rules import Wait
from orders.operations.delivering import Route, offers_of, places_taken, wish_faults
from orders.operations.pricing import Priced, by_counter, demands_of, ground_of, price_drafts, shortages
from orders.operations.waiting import apart, waits_of
from orders.rules import DeliveryOffer, OrderDraft, Refused, Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The sums of a draft, the stock that stands in its way, if any, and what has to wait, by the place of its line."""

    sums: Sums
    short: Refusal | None
    waits: Mapping[int, Wait] = field(default_factory=dict)
    delivery: Mapping[int, DeliveryOffer] = field(default_factory=dict)
    """What each destination (from 1) may wish for; empty where the company has no delivery services."""
    faults: tuple[Refusal, ...] = ()
    """Wishes that cannot be met: placing refuses with these."""


def quote_orders(drafts: Sequence[OrderDraft], *, at: datetime) -> list[Quote | Refused]:
    """Price drafts exactly as placing would, each as if it were alone, without writing or locking anything.

    A handful of statements for all that share company, channel and language; two more for each in which something has to wait.
    """
    ranks = rank_codes([d.customer_id for d in drafts if d.customer_id])
    found: dict[int, Quote | Refused] = {}
    for places in by_counter(drafts):
        own = [drafts[i] for i in places]
        ground = ground_of(own, at=at)
        if isinstance(ground, Refused):
            found |= dict.fromkeys(places, ground)
            continue
        priced = price_drafts(own, ground=ground, ranks=ranks, at=at)
        for i, draft, sums in zip(places, own, priced.results, strict=True):
            found[i] = sums if isinstance(sums, Refused) else _quote(draft, sums, priced=priced, at=at)
    return [found[i] for i in range(len(drafts))]


def _quote(draft: OrderDraft, sums: Sums, *, priced: Priced, at: datetime) -> Quote:
    refs = [new_id() for _line in sums.lines]
    now, waiting = apart(demands_of(0, sums, draft=draft, line_refs=refs), {0: sums}, refs={0: refs}, supply=priced.supply)
    plans = planned(now, priced.supply)
    short, waits = shortages(now, supply=priced.supply, plans=plans).get(0), dict[int, Wait]()
    if waiting and short is None:
        for ref, answer in waits_of(waiting, priced=priced, at=at).items():
            place = refs.index(ref)
            if isinstance(answer, Wait):
                waits[place] = answer
            else:
                short = short or answer.at(f"/lines/{place}/quantity")
    if not sums.carriage.consignments:
        return Quote(sums=sums, short=short, waits=waits)
    route = Route(
        masters=priced.masters, carriage=sums.carriage, places=places_taken(plans.get(0), refs),
        ready={place: wait.promised_on for place, wait in waits.items()},
    )  # fmt: skip
    clock = at.astimezone(ZoneInfo(priced.context.timezone))
    faults = () if draft.days_agreed else wish_faults(draft.destinations, route, now=clock)
    return Quote(sums=sums, short=short, waits=waits, delivery=offers_of(route, now=clock), faults=tuple(faults))
