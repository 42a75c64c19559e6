"""When parcels leave and come: what a destination may wish for, and the plan of every parcel of an order. Reads nothing, writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from core.errors import Refusal
from inventory.rules import Shortage, Take
from orders.rules import DeliveryMasters, DeliveryOffer, DraftDestination
from orders.rules.carriage import Carriage
from orders.rules.delivery import Consignment
from orders.rules.delivery_days import Leg, can_come, offer_days, plan_leg, wish_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPlan:
    """How a parcel travels: by which service, from when to when. ``group`` keeps apart what travels by itself."""

    group: int
    service_id: int
    carrier: str
    pieces: int
    ship_on: date | None
    expected_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An order on its way: its consignments, the locations its lines leave (by the place of the line), and from when on those that wait."""

    masters: DeliveryMasters
    carriage: Carriage
    places: Mapping[int, frozenset[int]] = field(default_factory=dict)
    ready: Mapping[int, date] = field(default_factory=dict)

    def legs(self, part: Consignment) -> list[Leg]:
        """One leg per place that something of a consignment leaves; what is not here yet will leave the place drawn from first."""
        if part.service is None:
            return []
        usual = tuple(self.masters.origins)[:1]
        found: dict[tuple[int, date | None], Leg] = {}
        for n in part.lines:
            for location in self.places.get(n, usual):
                if origin := self.masters.origins.get(location):
                    key = location, self.ready.get(n)
                    found[key] = Leg(service=part.service, origin=origin, zones=part.zones, ready_on=self.ready.get(n))
        return list(found.values())

    def legs_to(self, destination: int) -> list[Leg]:
        """All that is on its way to a destination (from 1)."""
        return [leg for part in self.carriage.consignments if part.destination == destination for leg in self.legs(part)]


def places_taken(plan: Sequence[Take] | Shortage | None, refs: Sequence[object]) -> dict[int, frozenset[int]]:
    """From which locations a plan serves each line, by the place of the line."""
    if plan is None or isinstance(plan, Shortage):
        return {}
    at = {ref: n for n, ref in enumerate(refs)}
    found: dict[int, set[int]] = {}
    for take in plan:
        found.setdefault(at[take.demand_id], set()).add(take.location_id)
    return {n: frozenset(places) for n, places in found.items()}


def offers_of(route: Route, *, now: datetime) -> dict[int, DeliveryOffer]:
    """What every destination (by its place, from 1) may wish for; none where the company has no services. ``now`` is local."""
    return {
        n: offer_days(route.legs_to(n), now=now, masters=route.masters)
        for n in sorted({p.destination for p in route.carriage.consignments})
    }


def wish_faults(destinations: Sequence[DraftDestination], route: Route, *, now: datetime) -> list[Refusal]:
    """Wishes that cannot be met, each beside its field with the next day on which it can."""
    found = []
    for n, to in enumerate(destinations, 1):
        legs = route.legs_to(n) if to.wished_on is not None else []
        if legs and not can_come(legs, wished_on=to.wished_on, band=to.time_band, now=now, masters=route.masters):
            offered = offer_days(legs, now=now, masters=route.masters)
            fault = wish_fault(offered, wished_on=to.wished_on, band=to.time_band, at=f"/destinations/{n - 1}")
            found += [fault] if fault is not None else []
    return found


def plans_of(destinations: Sequence[DraftDestination], route: Route, *, now: datetime) -> dict[tuple[int, int], ParcelPlan]:
    """The plan of every parcel, by (place of a line, location)."""
    found: dict[tuple[int, int], ParcelPlan] = {}
    for group, part in enumerate(route.carriage.consignments):
        to = destinations[part.destination - 1]
        legs = [leg for leg in route.legs(part) if leg.ready_on is None]
        for leg in legs:
            plan = plan_leg(leg, wished_on=to.wished_on, band=to.time_band, now=now, masters=route.masters)
            parcel = ParcelPlan(
                group=group, service_id=leg.service.service_id, carrier=leg.service.carrier, pieces=part.packed.pieces if len(legs) == 1 else 1,
                ship_on=plan.ship_on if plan else to.wished_on, expected_on=plan.deliver_on if plan else to.wished_on,
            )  # fmt: skip
            place = leg.origin.location_id
            found |= {(n, place): parcel for n in part.lines if place in route.places.get(n, ())}
    return found
