"""When a delivery can leave and come, forth from now and back from a wished day. Pure; docs/algorithms/delivery.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.bands import BANDS
from orders.rules.delivery import Closure, ClosureKind, DeliveryMasters, LeadTime, Origin, Service, Zone, no_band

FARTHEST_DAYS = 400
"""So far a day is looked for before there is none."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of a consignment that leaves one place; not before ``ready_on``, where its goods are still to come."""

    service: Service
    origin: Origin
    zones: tuple[Zone, ...]
    ready_on: date | None = None


@dataclass(frozen=True, slots=True)
class DayOffer:
    """A day that can be wished, with the times of day that can be wished on it."""

    on: date
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOffer:
    """What a destination may wish for: the earliest day, and every day with its bands. ``earliest_on`` None: nobody knows how long it takes."""

    ship_on: date | None = None
    earliest_on: date | None = None
    last_on: date | None = None
    days: tuple[DayOffer, ...] = ()
    services: tuple[str, ...] = ()
    takes_day: bool = True

    def bands_on(self, on: date | None) -> tuple[str, ...]:
        """The bands of a day; without one those of any."""
        if on is None:
            return tuple(band for band in BANDS if any(band in day.bands for day in self.days))
        return next((day.bands for day in self.days if day.on == on), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPlan:
    """When a leg leaves, and when it comes as far as is known."""

    ship_on: date
    deliver_on: date | None
    in_time: bool = True


def lead_time(leg: Leg, masters: DeliveryMasters) -> LeadTime | None:
    """How long the way is: what names the location goes before its prefecture, then the service, then the narrower zone."""
    zones = {zone.zone_id: len(leg.zones) - n for n, zone in enumerate(leg.zones)}
    fitting = [
        t
        for t in masters.lead_times
        if t.service_id in (None, leg.service.service_id)
        and t.location_id in (None, leg.origin.location_id)
        and t.origin_prefecture in ("", leg.origin.prefecture)
        and (t.zone_id is None or t.zone_id in zones)
    ]
    return max(
        fitting,
        key=lambda t: (zones.get(t.zone_id or 0, 0), t.location_id is not None, t.origin_prefecture != "", t.service_id is not None),
        default=None,
    )


def _closed(kind: ClosureKind, leg: Leg, on: date, closures: Sequence[Closure]) -> bool:
    zones = {zone.zone_id for zone in leg.zones}
    return any(
        c.kind is kind
        and c.from_on <= on < c.until_on
        and c.service_id in (None, leg.service.service_id)
        and c.location_id in (None, leg.origin.location_id)
        and (c.zone_id is None or c.zone_id in zones)
        for c in closures
    )


def can_ship(leg: Leg, on: date, masters: DeliveryMasters) -> bool:
    """Whether anything leaves there on this day."""
    return leg.origin.open_days.includes(on) and not _closed(ClosureKind.SHIPPING, leg, on, masters.closures)


def can_deliver(leg: Leg, on: date, masters: DeliveryMasters) -> bool:
    """Whether the carrier brings anything there on this day."""
    return not _closed(ClosureKind.DELIVERY, leg, on, masters.closures)


def earliest_ship(leg: Leg, now: datetime, masters: DeliveryMasters) -> date | None:
    """The first day it can leave; what is ordered at the cut-off time or later leaves the next day at the earliest. ``now`` is local."""
    day = now.date()
    if leg.origin.cutoff_at is not None and now.time() >= leg.origin.cutoff_at:
        day += _DAY
    day = max(day, leg.ready_on or day)
    return next((day + _DAY * n for n in range(FARTHEST_DAYS) if can_ship(leg, day + _DAY * n, masters)), None)


def days_needed(lead: LeadTime, band: str) -> int:
    """The days on the way, one more for a time of day too early on the first."""
    order = list(BANDS)
    too_early = band and lead.first_band in order and band in order and order.index(band) < order.index(lead.first_band)
    return lead.days + 1 if too_early else lead.days


def latest_ship(leg: Leg, on: date, band: str, *, earliest: date, masters: DeliveryMasters) -> date | None:
    """The last day it may leave to come on a day, moved back over days on which nothing leaves; None where that is before ``earliest``.

    A carrier keeps what came early for so many days; what would lie longer is not shipped yet.
    """
    lead = lead_time(leg, masters)
    if lead is None or not can_deliver(leg, on, masters):
        return None
    day, arrives = on - _DAY * days_needed(lead, band), on - _DAY * lead.days
    while day >= earliest and (arrives - day).days <= leg.service.early_days:
        if can_ship(leg, day, masters):
            return day
        day -= _DAY
    return None


def first_delivery(leg: Leg, ship_on: date, masters: DeliveryMasters) -> date | None:
    """When it comes if it leaves on this day."""
    lead = lead_time(leg, masters)
    if lead is None:
        return None
    day = ship_on + _DAY * lead.days
    return next((day + _DAY * n for n in range(FARTHEST_DAYS) if can_deliver(leg, day + _DAY * n, masters)), None)


def plan_leg(leg: Leg, *, wished_on: date | None, band: str, now: datetime, masters: DeliveryMasters) -> LegPlan | None:
    """When it leaves: for a wished day as late as it may, else as soon as it can. A wish that cannot be met leaves at once, and is told so."""
    earliest = earliest_ship(leg, now, masters)
    if earliest is None:
        return None
    if wished_on is not None:
        day = latest_ship(leg, wished_on, band, earliest=earliest, masters=masters)
        if day is not None:
            return LegPlan(ship_on=day, deliver_on=wished_on)
        if lead_time(leg, masters) is None:
            return LegPlan(ship_on=earliest, deliver_on=None)
    return LegPlan(ship_on=earliest, deliver_on=first_delivery(leg, earliest, masters), in_time=wished_on is None)


def offer_days(legs: Sequence[Leg], *, now: datetime, masters: DeliveryMasters) -> DeliveryOffer:
    """The days a destination may choose from: those on which all its legs can come together."""
    if not legs:
        return DeliveryOffer(takes_day=False)
    ships = [earliest_ship(leg, now, masters) for leg in legs]
    ready = [day for day in ships if day is not None]
    services = tuple(dict.fromkeys(leg.service.name for leg in legs))
    if len(ready) < len(legs) or any(lead_time(leg, masters) is None for leg in legs):
        return DeliveryOffer(ship_on=max(ready, default=None), services=services, takes_day=False)
    takes_day = all(leg.service.takes_day for leg in legs)
    horizon = now.date() + _DAY * min(leg.service.latest_days for leg in legs)
    first = max(ready)
    firsts = [first_delivery(leg, day, masters) for leg, day in zip(legs, ready, strict=True)]
    comes = max((day for day in firsts if day is not None), default=None)
    days = []
    day = comes or first
    while takes_day and comes is not None and day <= horizon:
        if all(latest_ship(leg, day, "", earliest=s, masters=masters) for leg, s in zip(legs, ready, strict=True)):
            days.append(DayOffer(day, _bands(legs, ready, day, masters)))
        day += _DAY
    return DeliveryOffer(
        ship_on=first, earliest_on=days[0].on if days else comes, last_on=days[-1].on if days else None, days=tuple(days),
        services=services, takes_day=takes_day,
    )  # fmt: skip


def _bands(legs: Sequence[Leg], ready: Sequence[date], day: date, masters: DeliveryMasters) -> tuple[str, ...]:
    return tuple(
        band
        for band in BANDS
        if all(
            band in leg.service.bands and latest_ship(leg, day, band, earliest=s, masters=masters)
            for leg, s in zip(legs, ready, strict=True)
        )
    )


def can_come(legs: Sequence[Leg], *, wished_on: date | None, band: str, now: datetime, masters: DeliveryMasters) -> bool:
    """Whether everything can come together on a day, at a time of day; the same answer as ``offer_days`` gives, of one day alone."""
    if wished_on is None:
        return True
    for leg in legs:
        earliest = earliest_ship(leg, now, masters)
        if earliest is None or not leg.service.takes_day or (band and band not in leg.service.bands):
            return False
        if wished_on > now.date() + _DAY * leg.service.latest_days:
            return False
        if latest_ship(leg, wished_on, band, earliest=earliest, masters=masters) is None:
            return False
    return True


def wish_fault(offered: DeliveryOffer, *, wished_on: date | None, band: str, at: str) -> Refusal | None:
    """Why a wish cannot be met, beside its field, with the next day on which it can; None where it can. ``at`` points at the destination."""
    if wished_on is None:
        if band and offered.days and band not in offered.bands_on(None):
            return no_band(offered.bands_on(None), pointer=f"{at}/time_band")
        return None
    if not offered.days:
        return Refusal("delivery.no_day", _("A day cannot be chosen for this delivery. Leave the day open."), {}, f"{at}/wished_on")
    pointer = f"{at}/wished_on"
    later = next((day.on for day in offered.days if day.on >= wished_on), None)
    if wished_on < offered.days[0].on:
        words = _("The earliest possible day is %(earliest)s. Please choose that day or a later one.")
        return Refusal("delivery.too_early", words, {"earliest": offered.days[0].on.isoformat()}, pointer)
    if later is None:
        words = _("The last possible day is %(last)s. Please choose that day or an earlier one.")
        return Refusal("delivery.too_late", words, {"last": offered.days[-1].on.isoformat()}, pointer)
    if later != wished_on:
        words = _("Nothing is delivered on %(day)s. The next possible day is %(next)s.")
        return Refusal("delivery.closed_day", words, {"day": wished_on.isoformat(), "next": later.isoformat()}, pointer)
    if band and band not in offered.bands_on(wished_on):
        with_band = next((day.on for day in offered.days if day.on > wished_on and band in day.bands), None)
        if with_band is None:
            return no_band(offered.bands_on(wished_on), pointer=f"{at}/time_band")
        words = _("On %(day)s this time of day is too early. It is possible from %(next)s; choose that day, or a later time of day.")
        return Refusal("delivery.band_too_early", words, {"day": wished_on.isoformat(), "next": with_band.isoformat()}, f"{at}/time_band")
    return None
