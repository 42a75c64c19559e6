"""The promises of everybody in line, when what is on its way has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from inventory.rules.promising import Outlook, arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A demand's place in the line of one stock item; places come in the order of the queue."""

    demand_id: UUID
    stock_item_id: int
    quantity: int
    promised_on: date


def promises_anew(places: Sequence[Place], outlooks: Mapping[int, Outlook], *, free: Mapping[int, int], today: date) -> dict[UUID, date]:
    """The day of every demand whose promise is another one now.

    Each item's deliveries go to its line from the front. A demand is promised for the latest day of its items; where one of
    them has no delivery to count on, its promise stays what it was: nothing better is known.
    """
    ahead: dict[int, int] = {}
    days: dict[UUID, date | None] = {}
    before: dict[UUID, date] = {}
    for place in places:
        item = outlooks[place.stock_item_id]
        reached = ahead.get(place.stock_item_id, 0) + place.quantity
        ahead[place.stock_item_id] = reached
        before[place.demand_id] = place.promised_on
        lies_here = free.get(place.stock_item_id, 0)
        day = today if reached <= lies_here else arrival(item.coming, reached - lies_here)
        if day is not None and item.terms is not None and item.terms.release_on is not None:
            day = max(day, item.terms.release_on)
        known = days.get(place.demand_id, today)
        days[place.demand_id] = None if day is None or known is None else max(day, known)
    return {demand: day for demand, day in days.items() if day is not None and day != before[demand]}
