"""The stock of a changed order: what is too much is given back, what is more is taken, and the parcels hold what is agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.clock import business_date
from core.db import rows
from core.errors import Refusal
from core.ids import new_id
from inventory.operations import (
    Cut,
    WaitAsk,
    allocate,
    cancel_back_orders,
    cut_allocations,
    lock_shelves,
    release_allocations,
    wait_for_stock,
)
from inventory.queries import planned, supply_for
from inventory.rules import Allocated, Demand, Shortage, Supply, Wait, must_wait, out_of_stock
from orders.operations.changing import Calculated, CannotChange
from orders.operations.resourcing import keep_in_parcels
from orders.rules import Piece, StandingLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """So many units of an article are to be allocated under this id: more of a line, or an added one."""

    ref: UUID
    variant_id: int
    units: int
    prefecture: str
    piece: int
    piece_of: Piece


@dataclass(slots=True, kw_only=True)
class StockPlan:
    """What a change asks of the stock. ``less`` says how many units of a line stay; a line of which more is wanted is taken anew."""

    wants: list[Want] = field(default_factory=list)
    less: dict[UUID, int] = field(default_factory=dict)
    ends_waiting: list[UUID] = field(default_factory=list)
    refs: dict[int, UUID] = field(default_factory=dict)
    """The ids that the pieces' lines have, or will have, by the place of the piece."""


def stock_plan(change: Calculated) -> StockPlan:
    """Line by line, how its open units move."""
    plan = StockPlan()
    prefectures = _prefectures(change)
    rest: dict[UUID, tuple[StandingLine, int, int]] = {}
    for line in change.order.lines:
        if line.stands and line.open:
            rest[line.ref] = (line, 0, -1)
    for n, piece in enumerate(change.result.pieces):
        if piece.line is None:
            plan.refs[n] = new_id()
            variant = change.offers[piece.sku].variant_id
            plan.wants.append(
                Want(ref=plan.refs[n], variant_id=variant, units=piece.quantity, prefecture=prefectures[1], piece=n, piece_of=piece)
            )
            continue
        plan.refs[n] = piece.line.ref
        if piece.is_new:
            rest[piece.line.ref] = (piece.line, piece.quantity, n)
        elif piece.line.stands and piece.quantity == piece.line.quantity:
            rest.pop(piece.line.ref, None)
    for ref, (line, units, n) in rest.items():
        if line.waiting:
            if not units:
                plan.ends_waiting.append(ref)
        elif units > line.open:
            prefecture = prefectures.get(line.destination, "")
            piece = change.result.pieces[n]
            plan.wants.append(Want(ref=ref, variant_id=line.variant_id, units=units, prefecture=prefecture, piece=n, piece_of=piece))
            plan.less[ref] = 0
        elif units < line.open:
            plan.less[ref] = units
    return plan


def _prefectures(change: Calculated) -> dict[int, str]:
    found = {d.position: d.prefecture for d in change.order.destinations}
    for item in change.items:
        if item.field == "prefecture":
            found[int(item.target)] = item.after
    return {1: "", **found}


_HELD = """
SELECT sl.shipment_id, sl.line_id, l.public_id AS ref, sl.quantity AS units, a.id AS allocation_id, a.quantity
FROM orders_shipmentline sl JOIN orders_shipment s ON s.id = sl.shipment_id JOIN orders_line l ON l.id = sl.line_id
JOIN inventory_allocation a ON a.id = sl.allocation_id
WHERE s.order_id = %s AND s.status = 'planned' AND a.status = 'open' ORDER BY sl.shipment_id, a.id
"""
_KEPT = "SELECT id FROM inventory_allocation WHERE demand_id = ANY(%s::uuid[]) AND status <> 'released'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """What the change took, what it put in line, and the parcels that lost something."""

    allocated: tuple[Allocated, ...]
    waits: Mapping[UUID, Wait]
    lighter: tuple[int, ...]


def move_stock(change: Calculated, plan: StockPlan, *, actor: Actor, at: datetime) -> Stocked:
    """Give back and take, in this transaction. Raises CannotChange where something cannot be had; then nothing is kept.

    Locks back-order terms, back-orders, allocations, quotas and stock, each by id, in this order.
    """
    order = change.order
    waits = _get_in_line(change, plan, actor=actor, at=at)
    cancel_back_orders(plan.ends_waiting, actor=actor, at=at)
    now = [want for want in plan.wants if want.ref not in waits]
    if not now and not plan.less:
        return Stocked(allocated=(), waits=waits, lighter=())
    lock_shelves(list(plan.less), variant_ids=sorted({want.variant_id for want in now}), actor=actor, at=at)
    held = [row for row in rows(_HELD, (order.order_id,)) if row.ref in plan.less]
    lighter = _give_back(plan.less, held, actor=actor, at=at)
    if not now:
        return Stocked(allocated=(), waits=waits, lighter=lighter)
    supply = supply_for([want.variant_id for want in now], company_id=order.company_id, channel_id=order.channel_id, at=at)
    kept = [row.id for row in rows(_KEPT, ([want.ref for want in now],))]
    taken = allocate(
        _demands(now), supply=supply, company_id=order.company_id, channel_id=order.channel_id, actor=actor, at=at, beside=kept
    )[0]
    if isinstance(taken, Refusal):
        raise CannotChange.because(taken.at(_pointer(now, taken, supply)))
    return Stocked(allocated=tuple(taken), waits=waits, lighter=lighter)


def _demands(wants: Sequence[Want]) -> list[Demand]:
    return [
        Demand(order_key=0, demand_id=want.ref, variant_id=want.variant_id, quantity=want.units, prefecture=want.prefecture)
        for want in wants
    ]


def _pointer(wants: Sequence[Want], refusal: Refusal, supply: Supply) -> str:
    sku = refusal.params.get("sku")
    return next((f"/pieces/{want.piece}" for want in wants if supply.skus.get(want.variant_id) == sku), "/items")


def _give_back(less: Mapping[UUID, int], held: Sequence[Any], *, actor: Actor, at: datetime) -> tuple[int, ...]:
    """Lines keep so many units and give back the rest, out of the last parcels first. Answers with the parcels that lost something."""
    units: dict[tuple[UUID, int], int] = {}
    for row in held:
        units[row.ref, row.shipment_id] = max(units.get((row.ref, row.shipment_id), 0), row.units)
    stay: dict[tuple[UUID, int], int] = {}
    left = dict(less)
    for ref, shipment in sorted(units, key=lambda key: key[1]):
        stay[ref, shipment] = min(units[ref, shipment], left[ref])
        left[ref] -= stay[ref, shipment]
    going = [row for row in held if stay[row.ref, row.shipment_id] < units[row.ref, row.shipment_id]]
    whole = [row.allocation_id for row in going if not stay[row.ref, row.shipment_id]]
    cuts = [
        Cut(allocation_id=row.allocation_id, keep=row.quantity // row.units * stay[row.ref, row.shipment_id], missing=0)
        for row in going
        if stay[row.ref, row.shipment_id]
    ]
    if cuts:
        cut_allocations(cuts, reason="order changed", actor=actor, at=at)
    if whole:
        release_allocations(allocation_ids=whole, actor=actor, at=at)
    keep_in_parcels(sorted({(row.shipment_id, row.line_id, stay[row.ref, row.shipment_id]) for row in going}))
    return tuple(sorted({row.shipment_id for row in going}))


def _get_in_line(change: Calculated, plan: StockPlan, *, actor: Actor, at: datetime) -> dict[UUID, Wait]:
    """Added articles whose buyer agreed to wait, and that are not here, are in line for them."""
    may = {want.ref: want for want in plan.wants if want.piece_of.waits_until is not None}
    if not may:
        return {}
    order = change.order
    supply = supply_for([want.variant_id for want in plan.wants], company_id=order.company_id, channel_id=order.channel_id, at=at)
    _now, waiting = must_wait(_demands(plan.wants), set(may), supply=supply, plan=planned)
    asks = [WaitAsk(demand=d, until=until, rank_code=change.rank_code) for d in waiting if (until := may[d.demand_id].piece_of.waits_until)]
    answers = wait_for_stock(asks, supply=supply, company_id=order.company_id, today=business_date(at, order.timezone), actor=actor, at=at)
    found: dict[UUID, Wait] = {}
    for demand in waiting:
        answer = answers[demand.demand_id]
        if isinstance(answer, Refusal):
            raise CannotChange.because(answer.at(f"/pieces/{may[demand.demand_id].piece}"))
        found[demand.demand_id] = answer
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class StockStep:
    """What a change would do to the stock of one article: units more or less, what is free now, and what would wait or lack."""

    sku: str
    more: int
    free: int | None
    short: bool = False

    @property
    def back(self) -> int:
        """Units that are free again."""
        return max(-self.more, 0)


def stock_steps(change: Calculated, *, at: datetime) -> tuple[list[StockStep], list[Refusal]]:
    """The same without a lock, for showing: article by article, and what stands in the way. Promises nothing."""
    plan, order = stock_plan(change), change.order
    lines = {line.ref: line for line in order.lines}
    steps = [
        StockStep(sku=lines[ref].sku, more=units - lines[ref].open, free=None)
        for ref, units in plan.less.items()
        if ref not in {want.ref for want in plan.wants}
    ]
    steps += [StockStep(sku=lines[ref].sku, more=-lines[ref].waiting, free=None) for ref in plan.ends_waiting]
    if not plan.wants:
        return steps, []
    supply = supply_for([want.variant_id for want in plan.wants], company_id=order.company_id, channel_id=order.channel_id, at=at)
    own = {want.ref: lines[want.ref].open if want.ref in lines else 0 for want in plan.wants}
    asked = [Demand(order_key=n, demand_id=w.ref, variant_id=w.variant_id, quantity=w.units - own[w.ref], prefecture=w.prefecture) for n, w in enumerate(plan.wants)]  # fmt: skip
    plans = planned(asked, supply)
    wrong: list[Refusal] = []
    for n, want in enumerate(plan.wants):
        found, free = plans[n], _free(supply, want.variant_id)
        short = isinstance(found, Shortage)
        steps.append(StockStep(sku=want.piece_of.sku, more=want.units - own[want.ref], free=free, short=short))
        if isinstance(found, Shortage) and want.piece_of.waits_until is None:
            wrong.append(out_of_stock(found, supply=supply).at(f"/pieces/{want.piece}"))
    return steps, wrong


def _free(supply: Supply, variant_id: int) -> int | None:
    """How many units could be made of what lies free; None where nothing stocked is needed."""
    parts = supply.parts.get(variant_id, ())
    return min((sum(s.free for s in supply.shelves.get(p.stock_item_id, ())) // p.quantity for p in parts), default=None)
