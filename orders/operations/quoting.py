"""What orders would cost and when they would come, before anybody agrees to anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from core.errors import Refusal
from core.ids import new_id
from customers.queries import rank_codes
from inventory.queries import planned
from inventory.rules import Wait
from orders.operations.delivering import Route, offers_of, places_taken, wish_faults
from orders.operations.gating import Gated, gated
from orders.operations.pricing import Priced, by_counter, demands_of, ground_of, price_drafts, shortages
from orders.operations.waiting import apart, waits_of
from orders.queries import delivery_masters
from orders.rules import DeliveryOffer, Gate, OrderDraft, Refused, Sums
from orders.rules.fees import PER_CONSIGNMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The sums of a draft, the stock that stands in its way, if any, and what has to wait, by the place of its line."""

    sums: Sums
    short: Refusal | None
    waits: Mapping[int, Wait] = field(default_factory=dict)
    delivery: Mapping[int, DeliveryOffer] = field(default_factory=dict)
    """What each destination (from 1) may wish for; empty where the company has no delivery services."""
    faults: tuple[Refusal, ...] = ()
    """Wishes that cannot be met, and what a workflow profile misses: placing refuses with these."""
    gated: Gated | None = None
    """What the workflow profiles of the goods ask, and of what the buyer still has to be told or asked."""

    @property
    def asks(self) -> tuple[Gate, ...]:
        """What the buyer has to be told or asked before it can be placed."""
        return self.gated.asks if self.gated else ()


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
    found = gated(draft, sums, profiles=priced.masters.profiles)
    missed = found.wishes if found and not draft.days_agreed else ()
    if not sums.carriage.consignments:
        return Quote(sums=sums, short=short, waits=waits, faults=missed, gated=found)
    route = Route(
        masters=priced.masters, carriage=sums.carriage, places=places_taken(plans.get(0), refs),
        ready={place: wait.promised_on for place, wait in waits.items()},
    )  # fmt: skip
    clock = at.astimezone(ZoneInfo(priced.context.timezone))
    faults = () if draft.days_agreed else wish_faults(draft.destinations, route, now=clock)
    return Quote(sums=sums, short=short, waits=waits, delivery=offers_of(route, now=clock), faults=(*faults, *missed), gated=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoice:
    """A delivery service that can take all that goes to a destination: what it costs there with tax, and when it comes. "" is the house's choice."""

    code: str
    name: str
    fee: int
    currency: str
    offer: DeliveryOffer


def quote_services(draft: OrderDraft, *, at: datetime) -> tuple[ServiceChoice, ...]:
    """The services a buyer may choose from for what goes to the only address of a draft, the house's choice first; none where there is no choice.

    Each is quoted as placing would, without a wish for a day, so that its own days can be offered. As many statements as one quote, and one.
    """
    place = draft.destinations[0].place
    if len(draft.destinations) > 1 or draft.destinations[0].pickup_at_id is not None or not (place.prefecture or place.postal_code):
        return ()
    services = delivery_masters(draft.company_id, on=at.date()).services
    if len(services) < 2:
        return ()
    free = replace(draft.destinations[0], wished_on=None, time_band="")
    asked = [replace(draft, destinations=(replace(free, service=code),)) for code in ("", *(s.code for s in services))]
    found = [
        ServiceChoice(code=one.destinations[0].service, name="・".join(offer.services), fee=fee, currency=quote.sums.currency, offer=offer)
        for one, quote in zip(asked, quote_orders(asked, at=at), strict=True)
        if isinstance(quote, Quote) and (offer := quote.delivery.get(1)) is not None
        for fee in (sum(f.total for f in quote.sums.fees if f.destination == 1 and f.kind in PER_CONSIGNMENT),)
    ]
    if not found or found[0].code:
        return ()
    usual, *others = found
    others = [one for one in others if one.name != usual.name]
    return (usual, *others) if others else ()
