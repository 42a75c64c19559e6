"""What may be promised of goods that are not here, and who gets them first. Prose and worked tables: docs/algorithms/promising.md."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules.kinds import WaitKind
from inventory.rules.routing import route
from inventory.rules.supply import Demand, Part, Shortage, Supply, Take

Plans = Mapping[int, tuple[Take, ...] | Shortage]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTerms:
    """On what terms a stock item may be ordered while it is not here."""

    kind: WaitKind
    cap: int
    release_on: date | None = None
    lead_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """So many pieces are expected on a day."""

    on: date
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is known of a stock item's future: pieces that already wait, deliveries in order of their day, and the terms."""

    stock_item_id: int
    waiting: int = 0
    coming: tuple[Coming, ...] = ()
    terms: WaitTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A line that may be ordered although it is not here: what kind of waiting it is, and the promised day."""

    kind: WaitKind
    promised_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOffer:
    """What a page says of a variant that is not here: the day promised for one unit, and how many may be ordered in all."""

    kind: WaitKind
    promised_on: date
    most: int


def arrival(coming: Sequence[Coming], quantity: int) -> date | None:
    """The day on which so many pieces will have come together; None where not so many are on their way."""
    total = 0
    for delivery in coming:
        total += delivery.quantity
        if total >= quantity:
            return delivery.on
    return None


def can_wait(
    demand: Demand, parts: Sequence[Part], outlooks: Mapping[int, Outlook], *, free: Mapping[int, int], today: date, sku: str = ""
) -> Wait | Refusal:
    """Whether a demand may wait, and until when: the latest day of its parts.

    ``free`` is what is there of each stock item; a part counts as there when everybody who waits for it could have it too.
    A part that is not there needs terms with room under their cap, and a day: the first one by which the deliveries cover
    everybody in line, no earlier than the release date; else the release date, or so many days as it takes to get it.
    Refuses with "inventory.out_of_stock", "inventory.cap_reached".
    """
    kind, promised_on = WaitKind.BACK_ORDER, today
    for part in parts:
        item = outlooks.get(part.stock_item_id, Outlook(stock_item_id=part.stock_item_id))
        needed = demand.quantity * part.quantity
        if free.get(part.stock_item_id, 0) >= item.waiting + needed:
            continue
        terms = item.terms
        if terms is not None and item.waiting + needed > terms.cap:
            return _full(sku, max(0, terms.cap - item.waiting) // part.quantity)
        day = _promise(terms, item.coming, item.waiting + needed, today=today) if terms is not None else None
        if day is None or terms is None:
            return _none(sku, demand.quantity)
        promised_on = max(promised_on, day)
        if terms.kind is WaitKind.PRE_ORDER:
            kind = WaitKind.PRE_ORDER
    return Wait(kind=kind, promised_on=promised_on)


def offer_to_wait(
    variant_id: int, parts: Sequence[Part], outlooks: Mapping[int, Outlook], *, free: Mapping[int, int], today: date
) -> WaitOffer | None:
    """What may be said of one more unit of a variant that is not here; None where it may not be ordered."""
    one = Demand(order_key=0, demand_id=UUID(int=0), variant_id=variant_id, quantity=1)
    wait = can_wait(one, parts, outlooks, free=free, today=today)
    if isinstance(wait, Refusal):
        return None
    return WaitOffer(kind=wait.kind, promised_on=wait.promised_on, most=still_orderable(parts, outlooks))


def still_orderable(parts: Sequence[Part], outlooks: Mapping[int, Outlook]) -> int:
    """How many more units the caps leave room for."""
    room = [(outlooks[p.stock_item_id], p) for p in parts if p.stock_item_id in outlooks]
    return min((max(0, item.terms.cap - item.waiting) // part.quantity for item, part in room if item.terms is not None), default=0)


def with_more_waiting(outlooks: Mapping[int, Outlook], parts: Sequence[Part], units: int) -> dict[int, Outlook]:
    """The same outlooks when so many more units of these parts wait."""
    changed = dict(outlooks)
    for part in parts:
        item = changed.get(part.stock_item_id, Outlook(stock_item_id=part.stock_item_id))
        changed[part.stock_item_id] = replace(item, waiting=item.waiting + units * part.quantity)
    return changed


def _promise(terms: WaitTerms, coming: Sequence[Coming], quantity: int, *, today: date) -> date | None:
    day = arrival(coming, quantity)
    if terms.kind is WaitKind.PRE_ORDER and terms.release_on is not None:
        return max(terms.release_on, day or terms.release_on, today)
    if day is None and terms.lead_days is not None:
        day = today + timedelta(days=terms.lead_days)
    return None if day is None else max(day, today)


def must_wait(
    demands: Sequence[Demand], may_wait: Collection[UUID], *, supply: Supply, plan: Callable[[Sequence[Demand], Supply], Plans] = route
) -> tuple[list[Demand], list[Demand]]:
    """The demands that can be served now, and those that have to wait because too little is there.

    Only the demands in ``may_wait`` are ever put off, the last of an order first, and never what is excluded for the channel. An
    order that is short of something that may not wait keeps all its lines among the first, so that routing tells what it lacks.
    """
    now, waiting = list(demands), list[Demand]()
    may_wait = {demand.demand_id for demand in demands if demand.demand_id in may_wait and demand.variant_id not in supply.excluded}
    if not may_wait:
        return now, waiting
    while True:
        put_off = {
            found.demand_id
            for key, found_plan in plan(now, supply).items()
            if isinstance(found_plan, Shortage) and (found := _last_that_may(now, key, found_plan.variant_id, may_wait, supply)) is not None
        }
        if not put_off:
            return now, waiting
        waiting += [demand for demand in now if demand.demand_id in put_off]
        now = [demand for demand in now if demand.demand_id not in put_off]


def _last_that_may(demands: Sequence[Demand], key: int, variant_id: int, may_wait: Collection[UUID], supply: Supply) -> Demand | None:
    """The last line of an order that may wait and shares something with the variant that is short."""
    short = {part.stock_item_id for part in supply.parts[variant_id]}
    for demand in reversed(demands):
        if demand.order_key == key and demand.demand_id in may_wait and short & {p.stock_item_id for p in supply.parts[demand.variant_id]}:
            return demand
    return None


def first_served(
    queue: Sequence[Demand], parts: Mapping[int, Sequence[Part]], free: Mapping[int, int], *, passed_over: Collection[UUID] = ()
) -> list[Demand]:
    """Who of a queue gets what is free, in the order of the queue: each all it waits for, or nothing yet.

    Somebody who waits for more than there is lets the next ones go before: goods never lie idle for a line they can't fill.
    """
    left = dict(free)
    served = []
    for demand in queue:
        needed = {part.stock_item_id: demand.quantity * part.quantity for part in parts.get(demand.variant_id, ())}
        if demand.demand_id in passed_over or not needed or any(left.get(item, 0) < wanted for item, wanted in needed.items()):
            continue
        for item, wanted in needed.items():
            left[item] -= wanted
        served.append(demand)
    return served


def not_later_than(until: date, answer: Wait | Refusal, *, sku: str) -> Wait | Refusal:
    """The same answer, if what was agreed still holds."""
    if isinstance(answer, Refusal) or answer.promised_on <= until:
        return answer
    return Refusal(
        "inventory.promise_moved",
        _("%(sku)s can be promised for %(promised_on)s now, not for %(agreed)s. Please look at the order again before confirming."),
        {"sku": sku, "promised_on": answer.promised_on.isoformat(), "agreed": until.isoformat()},
    )


def _none(sku: str, wanted: int) -> Refusal:
    return Refusal(
        "inventory.out_of_stock",
        _("%(sku)s is out of stock: %(wanted)s wanted, %(available)s available."),
        {"sku": sku, "wanted": wanted, "available": 0},
    )


def _full(sku: str, room: int) -> Refusal:
    return Refusal(
        "inventory.cap_reached",
        _("%(sku)s: only %(available)s more can be ordered before the next delivery."),
        {"sku": sku, "available": room},
    )
