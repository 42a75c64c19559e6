"""From an order to what delivering it takes: consignments, and the fees of each. Pure; worked tables in docs/algorithms/delivery.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.rules import Offer, ProductKind
from core.errors import Refusal
from orders.rules.delivery import Consignment, DeliveryMasters, Stop, ThingToSend, consignments
from orders.rules.drafts import OrderDraft
from orders.rules.fees import FeeAsk, FeeLine, cash_fee, fee_lines
from orders.rules.parcel_sizes import Goods, read_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """What goes where, and what it costs; ``waived`` fees are told, and not asked."""

    consignments: tuple[Consignment, ...] = ()
    fees: tuple[FeeLine, ...] = ()
    waived: tuple[FeeLine, ...] = ()


NO_CARRIAGE = Carriage()


def stops_of(draft: OrderDraft) -> tuple[Stop, ...]:
    """The destinations of a draft as delivery sees them."""
    return tuple(
        Stop(
            place=n, prefecture=d.place.prefecture, postal_code=d.place.postal_code, wished_on=d.wished_on, time_band=d.time_band,
            service=d.service, method=str(draft.payment_method), is_agreed=draft.days_agreed,
            is_pickup=d.pickup_at_id is not None,
        )
        for n, d in enumerate(draft.destinations, 1)
    )  # fmt: skip


def things_of(draft: OrderDraft, offers: Sequence[Offer]) -> tuple[ThingToSend, ...]:
    """The lines of a draft that are goods; a service is not sent."""
    return tuple(
        ThingToSend(
            line=n, destination=line.destination, temperature=str(offer.temperature_zone),
            goods=Goods(quantity=line.quantity, size=read_size(offer.parcel_size), grams=offer.weight_grams),
        )
        for n, (line, offer) in enumerate(zip(draft.lines, offers, strict=True))
        if offer.kind is ProductKind.GOODS
    )  # fmt: skip


def carriage(
    stops: Sequence[Stop],
    things: Sequence[ThingToSend],
    *,
    masters: DeliveryMasters,
    channel_id: int,
    goods_total: int,
    cash: int | None = None,
    on: date | None = None,
) -> Carriage | Refusal:
    """How an order is delivered and what that costs.

    Every consignment pays for itself: a destination that gets frozen goods beside others pays twice, one whose goods happen to lie in two
    of our places pays once. Without services every destination pays once. ``goods_total`` decides what is free, ``cash`` (what the goods
    come to, unless it is told) what may be paid at the door.
    """
    parts = consignments(stops, things, masters=masters, cash=goods_total if cash is None else cash)
    if isinstance(parts, Refusal):
        return parts
    asks = [_ask(part, stops, channel_id=channel_id, goods_total=goods_total, on=on) for part in parts]
    if not masters.services:
        asks = [
            _plain_ask(stop, things, masters, channel_id=channel_id, goods_total=goods_total, on=on) for stop in stops if not stop.is_pickup
        ]
    lines = [line for ask in asks for line in fee_lines(masters.fees, masters.free, ask)]
    if stops:
        usual = _plain_ask(stops[0], (), masters, channel_id=channel_id, goods_total=goods_total, on=on)
        first = next((ask for ask in asks if ask.service_id is not None), usual)
        lines += [cash for cash in (cash_fee(masters.fees, first),) if cash is not None]
    return Carriage(
        consignments=parts, fees=tuple(line for line in lines if not line.waived), waived=tuple(line for line in lines if line.waived)
    )


def _ask(part: Consignment, stops: Sequence[Stop], *, channel_id: int, goods_total: int, on: date | None) -> FeeAsk:
    stop = next(s for s in stops if s.place == part.destination)
    return FeeAsk(
        channel_id=channel_id, method=stop.method, prefecture=stop.prefecture, goods_total=goods_total, on=on, destination=part.destination,
        service_id=part.service.service_id if part.service else None, service=part.service.name if part.service else "",
        zones=part.zone_names, size=part.packed.size, temperature=part.temperature, pieces=part.packed.pieces,
    )  # fmt: skip


def _plain_ask(
    stop: Stop, things: Sequence[ThingToSend], masters: DeliveryMasters, *, channel_id: int, goods_total: int, on: date | None
) -> FeeAsk:
    cold = {t.temperature for t in things if t.destination == stop.place}
    zones = masters.zones_of(prefecture=stop.prefecture, postal_code=stop.postal_code) if masters.zones else ()
    return FeeAsk(
        channel_id=channel_id, method=stop.method, prefecture=stop.prefecture, goods_total=goods_total, on=on, destination=stop.place,
        zones=tuple((zone.zone_id, zone.name) for zone in zones),
        temperature=next((zone for zone in ("frozen", "chilled") if zone in cold), "ambient"),
    )  # fmt: skip
