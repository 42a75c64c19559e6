"""How goods get to a destination: its zones, the services that go there, and what travels together. Pure; docs/algorithms/delivery.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from typing import Protocol

from core.errors import Refusal
from core.text import postal_key
from core.words import gettext_noop as _
from orders.rules.bands import band_words
from orders.rules.fees import FeeRow, FreeRow
from orders.rules.parcel_sizes import Goods, Packed, ParcelSize, pack
from orders.rules.profiles import NO_PROFILES, Profiles

CASH = "cash_on_delivery"


class ClosureKind(StrEnum):
    """What does not happen on a day that is left out."""

    SHIPPING = "shipping"
    DELIVERY = "delivery"

    @classmethod
    def labels(cls) -> dict["ClosureKind", str]:
        return {cls.SHIPPING: _("Nothing is shipped"), cls.DELIVERY: _("Nothing is delivered")}


class OpenDays(Protocol):
    """A calendar, as far as anybody asks here."""

    def includes(self, on: date) -> bool:
        """Whether work is done on this day."""


@dataclass(frozen=True, slots=True)
class Area:
    """A prefecture, or all postal codes that begin so; the longest beginning is the narrowest."""

    prefecture: str = ""
    postal_prefix: str = ""


def area_rank(area: Area, *, prefecture: str, code: str) -> int | None:
    """How narrowly the area holds a destination; None where it does not."""
    if area.postal_prefix:
        return len(area.postal_prefix) if code.startswith(area.postal_prefix) else None
    return 0 if prefecture and area.prefecture == prefecture else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A region with one price and lead time. A ``remote`` one (islands) lies within a region and goes before it."""

    zone_id: int
    name: str
    is_remote: bool = False
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a carrier does for the company: what it takes, where it goes, when it rings. Empty ``takes`` and ``goes_to`` hold everything."""

    service_id: int
    carrier: str
    code: str
    name: str
    temperatures: frozenset[str]
    most_size: ParcelSize | None = None
    most_grams: int | None = None
    most_pieces: int = 99
    bands: tuple[str, ...] = ()
    takes_day: bool = True
    takes_cash: bool = True
    most_cash: int | None = None
    latest_days: int = 60
    early_days: int = 7
    goes_to: tuple[Area, ...] = ()
    leaves_out: tuple[Area, ...] = ()

    def serves(self, *, prefecture: str, code: str) -> bool:
        """Whether it goes there: the narrowest area that names the destination decides. Where it goes is not known yet: it does."""
        if not prefecture and not code:
            return True
        into = [r for a in self.goes_to if (r := area_rank(a, prefecture=prefecture, code=code)) is not None]
        out = [r for a in self.leaves_out if (r := area_rank(a, prefecture=prefecture, code=code)) is not None]
        if not into and not out:
            return not self.goes_to
        return max(into, default=-1) > max(out, default=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """Days from leaving to arriving; on the first of them only bands from ``first_band`` on. What names more goes first."""

    days: int
    service_id: int | None = None
    location_id: int | None = None
    origin_prefecture: str = ""
    zone_id: int | None = None
    first_band: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Days (until the last one, which is open again) on which nothing is shipped, or nothing delivered; None and "" mean every one."""

    kind: ClosureKind
    from_on: date
    until_on: date
    service_id: int | None = None
    zone_id: int | None = None
    location_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A place parcels leave from."""

    location_id: int
    name: str
    prefecture: str
    cutoff_at: time | None
    open_days: OpenDays


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryMasters:
    """Everything a company has written down about delivering. Without services nothing is asked and nothing planned: fees alone apply."""

    fees: tuple[FeeRow, ...] = ()
    free: tuple[FreeRow, ...] = ()
    services: tuple[Service, ...] = ()
    zones: tuple[Zone, ...] = ()
    lead_times: tuple[LeadTime, ...] = ()
    closures: tuple[Closure, ...] = ()
    origins: dict[int, Origin] = field(default_factory=dict)
    profiles: Profiles = NO_PROFILES
    """The workflow profiles of its goods: read along, because whoever prices an order asks them too."""

    def zones_of(self, *, prefecture: str, postal_code: str) -> tuple[Zone, ...]:
        """The zones of a destination: the remote one, where it lies in one, then its region."""
        code = postal_key(postal_code)
        found = []
        for remote in (True, False):
            ranked = [
                (r, zone)
                for zone in self.zones
                if zone.is_remote is remote
                for a in zone.areas
                if (r := area_rank(a, prefecture=prefecture, code=code)) is not None
            ]
            if ranked:
                found.append(max(ranked, key=lambda pair: pair[0])[1])
        return tuple(found)

    def service(self, service_id: int | None) -> Service | None:
        """A service by its key."""
        return next((s for s in self.services if s.service_id == service_id), None)


NO_MASTERS = DeliveryMasters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A destination as delivery sees it. ``service`` is the code of one that was chosen; ``is_agreed``: its day was agreed elsewhere, and
    stands whatever the masters say. What is picked up goes by no service."""

    place: int
    prefecture: str = ""
    postal_code: str = ""
    wished_on: date | None = None
    time_band: str = ""
    service: str = ""
    method: str = ""
    is_agreed: bool = False
    is_pickup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingToSend:
    """A line of goods: to which destination (from 1), how cold, how large."""

    line: int
    destination: int
    temperature: str
    goods: Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """What goes to one destination in one temperature, by one service; ``lines`` are places of lines. Without a service nobody takes it."""

    destination: int
    temperature: str
    lines: tuple[int, ...]
    service: Service | None
    packed: Packed
    zones: tuple[Zone, ...]

    @property
    def zone_names(self) -> tuple[tuple[int, str], ...]:
        """The zones as fees want them."""
        return tuple((zone.zone_id, zone.name) for zone in self.zones)


def parted_by_temperature(things: Sequence[ThingToSend]) -> list[tuple[str, tuple[ThingToSend, ...]]]:
    """Frozen goods travel by themselves; chilled ones take the rest along, so that nobody pays for two parcels without need."""
    frozen = tuple(t for t in things if t.temperature == "frozen")
    rest = tuple(t for t in things if t.temperature != "frozen")
    cold = "chilled" if any(t.temperature == "chilled" for t in rest) else "ambient"
    return [(zone, group) for zone, group in ((cold, rest), ("frozen", frozen)) if group]


def consignments(
    stops: Sequence[Stop], things: Sequence[ThingToSend], *, masters: DeliveryMasters, cash: int = 0
) -> tuple[Consignment, ...] | Refusal:
    """What goes where by which service. Nothing where the company has no services.

    The first service in the operator's order that can do all that is wished takes a consignment. Refuses with what stood in the way of
    the one that came furthest, beside its field; a stop whose day was agreed elsewhere is never refused. ``cash`` is what is to be paid
    at the door, where that is the way to pay: all that the order comes to.
    """
    if not masters.services:
        return ()
    found: list[Consignment] = []
    for n, stop in enumerate(stops):
        if stop.is_pickup:
            continue
        zones = masters.zones_of(prefecture=stop.prefecture, postal_code=stop.postal_code)
        for temperature, group in parted_by_temperature([t for t in things if t.destination == stop.place]):
            goods = [t.goods for t in group]
            taken = _taken(stop, temperature, goods, masters.services, cash=cash)
            if isinstance(taken, Refusal):
                if not stop.is_agreed:
                    return taken.at(taken.field.replace("/destinations/0/", f"/destinations/{n}/"))
                taken = None, pack(goods, most_pieces=10**9) or Packed(size=ParcelSize.S200, pieces=1, grams=0)
            service, packed = taken
            found.append(
                Consignment(
                    destination=stop.place,
                    temperature=temperature,
                    lines=tuple(t.line for t in group),
                    service=service,
                    packed=packed,
                    zones=zones,
                )
            )
    return tuple(found)


def _taken(
    stop: Stop, temperature: str, goods: Sequence[Goods], services: Sequence[Service], *, cash: int
) -> tuple[Service | None, Packed] | Refusal:
    faults: list[tuple[int, Refusal]] = []
    asked = [s for s in services if s.code == stop.service] if stop.service else services
    for service in asked:
        answer = service_fault(service, stop, temperature, goods, cash=cash)
        if isinstance(answer, Packed):
            return service, answer
        faults.append(answer)
    if stop.is_agreed and (stop.wished_on or stop.time_band or stop.method or stop.service):
        plain = replace(stop, wished_on=None, time_band="", method="", service="")
        return _taken(plain, temperature, goods, services, cash=cash)
    if not faults:
        words = _("There is no delivery service “%(service)s”. Choose another, or leave the choice to the shop.")
        return Refusal("delivery.unknown_service", words, {"service": stop.service}, "/destinations/0/service")
    return max(faults, key=lambda pair: pair[0])[1]


def service_fault(service: Service, stop: Stop, temperature: str, goods: Sequence[Goods], *, cash: int) -> Packed | tuple[int, Refusal]:
    """How the service would carry it; else how far it came and why not, in words a buyer understands, with what to do instead."""
    if not service.serves(prefecture=stop.prefecture, code=postal_key(stop.postal_code)):
        if stop.service:
            words = _("This delivery service does not go to this address. Choose another, or leave the choice to the shop.")
            return 0, Refusal("delivery.not_served", words, {}, "/destinations/0/service")
        words = _("We do not deliver to this address. Please choose another one.")
        return 0, Refusal("delivery.not_served", words, {}, "/destinations/0/place/postal_code")
    if temperature not in service.temperatures:
        if stop.service:
            return 1, Refusal("delivery.temperature", _BY_SERVICE.get(temperature, _BY_SERVICE["ambient"]), {}, "/destinations/0/service")
        words = {
            "frozen": _("Frozen goods cannot be delivered to this address. Take them out, or choose another address."),
            "chilled": _("Chilled goods cannot be delivered to this address. Take them out, or choose another address."),
        }.get(temperature, _("These goods cannot be delivered to this address. Take them out, or choose another address."))
        return 1, Refusal("delivery.temperature", words, {}, "/destinations/0/place/postal_code")
    packed = pack(goods, most=service.most_size, most_grams=service.most_grams, most_pieces=service.most_pieces)
    if packed is None:
        return 2, Refusal("delivery.too_large", _("This is too large or too heavy for one delivery. Order less at a time."), {}, "/lines")
    if stop.method == CASH and (not service.takes_cash or (service.most_cash is not None and cash > service.most_cash)):
        words = _("Cash on delivery is not possible for this delivery. Please choose another way to pay.")
        return 3, Refusal("delivery.no_cash", words, {}, "/payment_method")
    if stop.wished_on is not None and not service.takes_day:
        words = _("A day cannot be chosen for this delivery. Leave the day open.")
        return 4, Refusal("delivery.no_day", words, {}, "/destinations/0/wished_on")
    if stop.time_band and stop.time_band not in service.bands:
        return 5, no_band(service.bands, pointer="/destinations/0/time_band")
    return packed


_BY_SERVICE = {
    "frozen": _("This delivery service takes no frozen goods. Choose another, or leave the choice to the shop."),
    "chilled": _("This delivery service takes no chilled goods. Choose another, or leave the choice to the shop."),
    "ambient": _("This delivery service takes cold goods only. Choose another, or leave the choice to the shop."),
}
"""Of a service that was chosen: others may well go there."""


def no_band(bands: Sequence[str], *, pointer: str) -> Refusal:
    """A time of day that is not offered, with those that are."""
    if not bands:
        return Refusal("delivery.no_band", _("A time of day cannot be chosen for this delivery. Leave it open."), {}, pointer)
    offered = ", ".join(BAND_HOURS.get(band, band_words(band)) for band in bands)
    return Refusal("delivery.no_band", _("This time of day is not possible here. Choose one of: %(bands)s."), {"bands": offered}, pointer)


BAND_HOURS = {"0812": "8:00–12:00"}
"""A refusal names bands by their hours, which need no translation."""
