"""What delivering costs: the rule that applies to each kind of fee, what is free, and why. Pure; docs/algorithms/delivery.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from orders.rules.parcel_sizes import ParcelSize, rank
from orders.rules.statuses import FeeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRow:
    """A fee rule as kept: empty or None means "any"."""

    kind: FeeKind
    label: str
    channel_id: int | None
    method: str | None
    prefecture: str
    from_goods_total: int
    amount: int
    tax_class: str
    rule_id: int | None = None
    service_id: int | None = None
    zone_id: int | None = None
    up_to_size: ParcelSize | None = None
    temperature: str | None = None
    valid_from_on: date | None = None
    valid_until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeRow:
    """From which goods total delivery is free; without a total it never is, whatever a wider condition says."""

    label: str
    channel_id: int | None = None
    zone_id: int | None = None
    from_goods_total: int | None = None
    with_surcharges: bool = False
    valid_from_on: date | None = None
    valid_until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAsk:
    """One consignment as fees see it; ``zones`` (id, name) from the narrowest to the widest."""

    channel_id: int
    method: str
    prefecture: str
    goods_total: int
    on: date | None = None
    destination: int | None = None
    service_id: int | None = None
    service: str = ""
    zones: tuple[tuple[int, str], ...] = ()
    size: ParcelSize | None = None
    temperature: str = "ambient"
    pieces: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """A fee with the rule it comes from, and what decided for it. One that is ``waived`` costs nothing, and says by which condition."""

    kind: FeeKind
    label: str
    amount: int
    tax_class: str
    rule_id: int | None = None
    destination: int | None = None
    explanation: str = ""
    waived: str = ""


PER_CONSIGNMENT: Final = (FeeKind.SHIPPING, FeeKind.COOL, FeeKind.REMOTE)
"""What is asked of every consignment, in the order it is shown; each kind has one rule that applies, and the kinds add up."""


def in_force(row: FeeRow | FreeRow, on: date | None) -> bool:
    """Whether the row holds on the day; of a day that is not known everything does."""
    if on is None:
        return True
    return (row.valid_from_on is None or row.valid_from_on <= on) and (row.valid_until_on is None or on < row.valid_until_on)


def best_rule(rules: Sequence[FeeRow], kind: FeeKind, ask: FeeAsk) -> FeeRow | None:
    """The most particular rule of a kind that applies.

    More particular means: it names the channel, then the payment method, the service, the zone (an island before its region), the
    prefecture, the temperature, then the smaller size; among equals the highest goods total reached wins, so that "free from 5,400"
    beats "600".
    """
    zones = {zone_id: len(ask.zones) - place for place, (zone_id, _name) in enumerate(ask.zones)}
    fitting = [r for r in rules if r.kind is kind and _applies(r, ask, zones)]
    return max(fitting, key=lambda r: _particular(r, zones), default=None)


def _applies(row: FeeRow, ask: FeeAsk, zones: dict[int, int]) -> bool:
    return (
        row.channel_id in (None, ask.channel_id)
        and row.method in (None, ask.method)
        and row.prefecture in ("", ask.prefecture)
        and row.from_goods_total <= ask.goods_total
        and row.service_id in (None, ask.service_id)
        and (row.zone_id is None or row.zone_id in zones)
        and row.temperature in (None, ask.temperature)
        and (row.up_to_size is None or (ask.size is not None and rank(ask.size) <= rank(row.up_to_size)))
        and in_force(row, ask.on)
    )


def _particular(row: FeeRow, zones: dict[int, int]) -> tuple[bool, bool, bool, int, bool, bool, int, int, date]:
    return (
        row.channel_id is not None,
        row.method is not None,
        row.service_id is not None,
        zones.get(row.zone_id or 0, 0),
        row.prefecture != "",
        row.temperature is not None,
        -rank(row.up_to_size) if row.up_to_size is not None else -len(ParcelSize),
        row.from_goods_total,
        row.valid_from_on or date.min,
    )


def freed_by(rules: Sequence[FreeRow], ask: FeeAsk) -> FreeRow | None:
    """The condition by which the consignment goes free, if one does.

    Only the most particular conditions speak (channel before zone, an island before its region): where the islands have their own, that of
    the whole country says nothing of them.
    """
    zones = {zone_id: len(ask.zones) - place for place, (zone_id, _name) in enumerate(ask.zones)}
    fitting = [
        r for r in rules if r.channel_id in (None, ask.channel_id) and (r.zone_id is None or r.zone_id in zones) and in_force(r, ask.on)
    ]
    if not fitting:
        return None

    def scope(row: FreeRow) -> tuple[bool, int]:
        return row.channel_id is not None, zones.get(row.zone_id or 0, 0)

    narrowest = max(map(scope, fitting))
    reached = [r for r in fitting if scope(r) == narrowest and r.from_goods_total is not None and r.from_goods_total <= ask.goods_total]
    return max(reached, key=lambda r: (r.with_surcharges, r.from_goods_total or 0), default=None)


def fee_lines(rules: Sequence[FeeRow], free: Sequence[FreeRow], ask: FeeAsk) -> list[FeeLine]:
    """What one consignment costs: postage, then surcharges, each with its rule; what is waived is told too."""
    freed = freed_by(free, ask)
    found = []
    for kind in PER_CONSIGNMENT:
        row = best_rule(rules, kind, ask)
        if row is None or not row.amount:
            continue
        if kind is FeeKind.COOL and ask.temperature == "ambient":
            continue
        waived = freed is not None and (kind is FeeKind.SHIPPING or freed.with_surcharges)
        found.append(_line(row, ask, waived=freed.label if waived and freed else ""))
    return found


def cash_fee(rules: Sequence[FeeRow], ask: FeeAsk) -> FeeLine | None:
    """The charge for paying at the door, once per order."""
    if ask.method != "cash_on_delivery":
        return None
    row = best_rule(rules, FeeKind.CASH_ON_DELIVERY, ask)
    return _line(row, ask, waived="") if row is not None and row.amount else None


def _line(row: FeeRow, ask: FeeAsk, *, waived: str) -> FeeLine:
    pieces = 1 if row.kind is FeeKind.CASH_ON_DELIVERY else ask.pieces
    return FeeLine(
        kind=row.kind, label=row.label, amount=row.amount * pieces, tax_class=row.tax_class, rule_id=row.rule_id, destination=ask.destination,
        explanation=_why(row, ask, pieces=pieces), waived=waived,
    )  # fmt: skip


def _why(row: FeeRow, ask: FeeAsk, *, pieces: int) -> str:
    """What of the rule decided, in the company's own names: "宅急便 · 関東 · 80 · × 2"."""
    words = [
        ask.service if row.service_id is not None else "",
        next((name for zone_id, name in ask.zones if zone_id == row.zone_id), "") or row.prefecture,
        str(ask.size) if row.up_to_size is not None and ask.size is not None else "",
        f"× {pieces}" if pieces > 1 else "",
    ]
    return " · ".join(word for word in words if word)
