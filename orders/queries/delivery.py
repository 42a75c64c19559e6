"""Everything a company has written down about delivering, and its workflow profiles, in one statement; read anew each time, understood once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from core.db import rows
from core.errors import Refusal
from core.queries import WorkingDays, working_days
from orders.queries.profiles import profiles_told
from orders.rules import ClosureKind, DeliveryMasters, DeliveryOffer, FeeKind, FeeLine, FeeRow, ParcelSize
from orders.rules.carriage import carriage
from orders.rules.delivery import Area, Closure, LeadTime, Origin, Service, Stop, ThingToSend, Zone
from orders.rules.delivery_days import Leg, offer_days, plan_leg, wish_fault
from orders.rules.fees import FreeRow
from orders.rules.parcel_sizes import Goods, Packed, read_size

# Fees are read whether or not there are services; the rest only where there are some. Days that are over are left out.
_MASTERS: Final = """
SELECT json_build_object(
    'fees', (SELECT json_agg(json_build_array(id, kind, label, channel_id, method, prefecture, from_goods_total, amount, tax_class, service_id,
            zone_id, up_to_size, temperature, valid_from_on, valid_until_on) ORDER BY id)
        FROM orders_feerule WHERE company_id = %(company)s AND ended_at IS NULL),
    'free', (SELECT json_agg(json_build_array(label, channel_id, zone_id, from_goods_total, with_surcharges, valid_from_on, valid_until_on)
            ORDER BY id)
        FROM orders_freedelivery WHERE company_id = %(company)s AND ended_at IS NULL),
    'zones', (SELECT json_agg(json_build_array(z.id, z.name, z.is_remote,
            (SELECT json_agg(json_build_array(a.prefecture, a.postal_prefix)) FROM orders_deliveryarea a WHERE a.zone_id = z.id))
            ORDER BY z.position, z.id)
        FROM orders_deliveryzone z WHERE z.company_id = %(company)s),
    'services', (SELECT json_agg(json_build_array(s.id, s.carrier, s.code, s.name, s.takes_ambient, s.takes_chilled, s.takes_frozen, s.most_size,
            s.most_grams, s.most_pieces, s.bands, s.takes_day, s.takes_cash, s.most_cash, s.latest_days, s.early_days,
            (SELECT json_agg(json_build_array(a.is_served, a.prefecture, a.postal_prefix)) FROM orders_deliveryservicearea a
                WHERE a.service_id = s.id)) ORDER BY s.position, s.id)
        FROM orders_deliveryservice s WHERE s.company_id = %(company)s AND s.ended_at IS NULL),
    'profiles', (SELECT json_agg(to_json(p) ORDER BY p.code, p.form) FROM orders_workflowprofile p
        WHERE p.company_id = %(company)s AND p.ended_at IS NULL)
)::text AS told,
CASE WHEN EXISTS (SELECT FROM orders_deliveryservice WHERE company_id = %(company)s AND ended_at IS NULL) THEN json_build_object(
    'leads', (SELECT json_agg(json_build_array(days, service_id, location_id, origin_prefecture, zone_id, first_band) ORDER BY id)
        FROM orders_deliveryleadtime WHERE company_id = %(company)s),
    'closures', (SELECT json_agg(json_build_array(kind, from_on, until_on, service_id, zone_id, location_id, reason) ORDER BY id)
        FROM orders_deliveryclosure WHERE company_id = %(company)s AND until_on > %(on)s::date - 7),
    'origins', (SELECT json_agg(json_build_array(l.id, l.name, l.prefecture, l.cutoff_at, CASE WHEN c.id IS NOT NULL THEN json_build_array(
            c.closed_monday, c.closed_tuesday, c.closed_wednesday, c.closed_thursday, c.closed_friday, c.closed_saturday, c.closed_sunday,
            c.closed_on_holidays, (SELECT json_agg(json_build_array(d.on, d.kind)) FROM core_calendarday d
                WHERE d.calendar_id = c.id AND d.on > %(on)s::date - 7)) END) ORDER BY l.can_ship DESC, l.priority, l.id)
        FROM inventory_location l LEFT JOIN core_businesscalendar c ON c.id = l.calendar_id
        WHERE l.company_id = %(company)s AND l.ended_at IS NULL)
)::text END AS days
"""


def delivery_masters(company_id: int, *, on: date) -> DeliveryMasters:
    """The company's services, zones, fees, lead times, days left out, places parcels leave from, workflow profiles. One statement."""
    (row,) = rows(_MASTERS, {"company": company_id, "on": on})
    return _understood(row.told, row.days)


@lru_cache(maxsize=64)
def _understood(told: str, days: str | None) -> DeliveryMasters:
    """The same text is the same masters: whoever asks again does not read it again."""
    kept: Mapping[str, Any] = orjson.loads(told)
    more: Mapping[str, Any] = orjson.loads(days) if days else {}
    return DeliveryMasters(
        fees=tuple(_fee(*row) for row in kept["fees"] or ()),
        free=tuple(_free(*row) for row in kept["free"] or ()),
        services=tuple(_service(*row) for row in kept["services"] or ()),
        zones=tuple(
            Zone(zone_id=key, name=name, is_remote=remote, areas=tuple(Area(*area) for area in areas or ()))
            for key, name, remote, areas in kept["zones"] or ()
        ),
        lead_times=tuple(
            LeadTime(days=n, service_id=service, location_id=location, origin_prefecture=prefecture, zone_id=zone, first_band=band)
            for n, service, location, prefecture, zone, band in more.get("leads") or ()
        ),
        closures=tuple(_closure(*row) for row in more.get("closures") or ()),
        origins={row[0]: _origin(*row) for row in more.get("origins") or ()},
        profiles=profiles_told(kept["profiles"] or ()),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _fee(
    key: int, kind: str, label: str, channel: int | None, method: str | None, prefecture: str, goods: int, amount: int, tax_class: str,
    service: int | None, zone: int | None, size: str | None, temperature: str | None, since: str | None, until: str | None,
) -> FeeRow:  # fmt: skip
    return FeeRow(
        rule_id=key, kind=FeeKind(kind), label=label, channel_id=channel, method=method, prefecture=prefecture, from_goods_total=goods,
        amount=amount, tax_class=tax_class, service_id=service, zone_id=zone, up_to_size=ParcelSize(size) if size else None,
        temperature=temperature, valid_from_on=_day(since), valid_until_on=_day(until),
    )  # fmt: skip


def _free(
    label: str, channel: int | None, zone: int | None, goods: int | None, surcharges: bool, since: str | None, until: str | None
) -> FreeRow:
    return FreeRow(
        label=label, channel_id=channel, zone_id=zone, from_goods_total=goods, with_surcharges=surcharges, valid_from_on=_day(since),
        valid_until_on=_day(until),
    )  # fmt: skip


def _service(
    key: int, carrier: str, code: str, name: str, ambient: bool, chilled: bool, frozen: bool, size: str | None, grams: int | None, pieces: int,
    bands: str, takes_day: bool, cash: bool, most_cash: int | None, latest: int, early: int, areas: list[tuple[bool, str, str]] | None,
) -> Service:  # fmt: skip
    takes = {"ambient": ambient, "chilled": chilled, "frozen": frozen}
    return Service(
        service_id=key, carrier=carrier, code=code, name=name, temperatures=frozenset(zone for zone, yes in takes.items() if yes),
        most_size=ParcelSize(size) if size else None, most_grams=grams, most_pieces=pieces, bands=tuple(bands.split(",")) if bands else (),
        takes_day=takes_day, takes_cash=cash, most_cash=most_cash, latest_days=latest, early_days=early,
        goes_to=tuple(Area(prefecture, prefix) for served, prefecture, prefix in areas or () if served),
        leaves_out=tuple(Area(prefecture, prefix) for served, prefecture, prefix in areas or () if not served),
    )  # fmt: skip


def _closure(kind: str, since: str, until: str, service: int | None, zone: int | None, location: int | None, reason: str) -> Closure:
    return Closure(
        kind=ClosureKind(kind), from_on=date.fromisoformat(since), until_on=date.fromisoformat(until), service_id=service, zone_id=zone,
        location_id=location, reason=reason,
    )  # fmt: skip


def _origin(key: int, name: str, prefecture: str, cutoff: str | None, calendar: list[Any] | None) -> Origin:
    return Origin(
        location_id=key, name=name, prefecture=prefecture, cutoff_at=time.fromisoformat(cutoff) if cutoff else None,
        open_days=_calendar(calendar) if calendar else working_days(),
    )  # fmt: skip


def _calendar(told: list[Any]) -> WorkingDays:
    *weekdays, holidays, days = told
    return WorkingDays.told(weekdays, holidays, single=[(date.fromisoformat(on), kind) for on, kind in days or ()])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAsk:
    """An order in a few words, to try the masters on."""

    channel_id: int
    prefecture: str
    postal_code: str
    size: str = ""
    quantity: int = 1
    grams: int | None = None
    temperature: str = "ambient"
    goods_total: int = 0
    method: str = ""
    wished_on: date | None = None
    time_band: str = ""
    location_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """What a service would do for it; ``faults`` say why it does not go. The chosen one is what an order would get."""

    name: str
    carrier: str
    is_chosen: bool
    packed: Packed | None
    fees: tuple[FeeLine, ...]
    waived: tuple[FeeLine, ...]
    offer: DeliveryOffer | None
    ship_on: date | None
    faults: tuple[Refusal, ...]

    @property
    def fee_total(self) -> int:
        return sum(fee.amount for fee in self.fees)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAnswer:
    """The zones of the address, where it leaves, and what each service would do."""

    zones: tuple[str, ...]
    origin: str
    services: tuple[ServiceAnswer, ...]


def delivery_answer(ask: DeliveryAsk, *, company_id: int, timezone: str, at: datetime) -> DeliveryAnswer:
    """What an order like this would cost by each service, and when it would come: the very rules that placing asks. One statement."""
    now = at.astimezone(ZoneInfo(timezone))
    masters = delivery_masters(company_id, on=now.date())
    origin = masters.origins.get(ask.location_id or 0) or next(iter(masters.origins.values()), None)
    zones = masters.zones_of(prefecture=ask.prefecture, postal_code=ask.postal_code)
    found = [_by_service(ask, service, masters, origin, now=now) for service in masters.services]
    # Placing takes the first that carries it, and asks that one alone for the day.
    first = next((n for n, one in enumerate(found) if one.packed is not None), None)
    first = first if first is not None and not found[first].faults else None
    return DeliveryAnswer(
        zones=tuple(zone.name for zone in zones),
        origin=origin.name if origin else "",
        services=tuple(replace(one, is_chosen=n == first) for n, one in enumerate(found)),
    )


def _by_service(ask: DeliveryAsk, service: Service, masters: DeliveryMasters, origin: Origin | None, *, now: datetime) -> ServiceAnswer:
    stop = Stop(
        place=1, prefecture=ask.prefecture, postal_code=ask.postal_code, wished_on=ask.wished_on, time_band=ask.time_band,
        service=service.code, method=ask.method,
    )  # fmt: skip
    goods = Goods(quantity=ask.quantity, size=read_size(ask.size), grams=ask.grams)
    thing = ThingToSend(line=0, destination=1, temperature=ask.temperature, goods=goods)
    carried = carriage([stop], [thing], masters=masters, channel_id=ask.channel_id, goods_total=ask.goods_total, on=now.date())
    told = ServiceAnswer(
        name=service.name, carrier=service.carrier, is_chosen=False, packed=None, fees=(), waived=(), offer=None, ship_on=None, faults=(),
    )  # fmt: skip
    if isinstance(carried, Refusal):
        return replace(told, faults=(carried,))
    (part,) = carried.consignments
    told = replace(told, packed=part.packed, fees=carried.fees, waived=carried.waived)
    if origin is None:
        return told
    leg = Leg(service=service, origin=origin, zones=part.zones)
    offer = offer_days([leg], now=now, masters=masters)
    fault = wish_fault(offer, wished_on=ask.wished_on, band=ask.time_band, at="/destinations/0")
    plan = plan_leg(leg, wished_on=ask.wished_on, band=ask.time_band, now=now, masters=masters)
    return replace(told, offer=offer, ship_on=plan.ship_on if plan else None, faults=(fault,) if fault else ())
