"""Goods of a case come in, to be inspected; then each piece is what the inspection says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.errors import Refused as RuleRefused
from core.outbox import announce
from core.words import gettext_noop as _
from inventory.operations import adjust_stock, inspect_stock, receive_stock
from inventory.queries import lots_of_allocations
from inventory.rules import Adjustment, Inspection, MovementKind, Receipt, StockState
from orders.events import ReturnReceived
from orders.operations.holding import tick_off_holds
from orders.operations.return_decisions import done, no_case
from orders.operations.return_states import about, lines_of_cases, lock_cases, refresh_cases, refresh_returns
from orders.operations.shipping import mark_delivered
from orders.rules import CaseDone, ReturnCondition, ReturnKind, ReturnStatus, ShipmentStatus
from orders.rules.return_pieces import LotPieces, lots_of_pieces, pieces_of_units


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveAsk:
    """How many pieces of each line of a case (by its position) are here in all, and where; lines left out are as they were."""

    case_id: int
    received: Mapping[int, int]
    location_id: int | None = None
    """Where they lie; None is where they were sent from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of the pieces of a line in all: those accepted by what is done with them, and those that go back to the customer."""

    restocked: int = 0
    b_grade: int = 0
    repaired: int = 0
    scrapped: int = 0
    declined: int = 0
    condition: ReturnCondition = ReturnCondition.UNKNOWN

    @property
    def accepted(self) -> int:
        return self.restocked + self.b_grade + self.repaired + self.scrapped

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.restocked, self.b_grade, self.repaired, self.scrapped, self.declined)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectAsk:
    """What was found, line by line of a case (by its position)."""

    case_id: int
    found: Mapping[int, Found] = field(default_factory=dict)


class ReturnNotMoved(RuleRefused):
    """The stock ledger refused what a case wants to book; nothing of the batch remains."""


# What a line's pieces are in stock, by what left with its parcel.
_GOODS = """
SELECT rl.id AS return_line_id, a.id AS allocation_id, a.stock_item_id, a.quantity AS pieces, sl.quantity AS units, i.b_grade_item_id, i.code AS item
FROM orders_returnline rl JOIN orders_shipmentline sl ON sl.line_id = rl.line_id AND sl.shipment_id = rl.shipment_id
JOIN inventory_allocation a ON a.id = sl.allocation_id JOIN inventory_stockitem i ON i.id = a.stock_item_id
WHERE rl.id = ANY(%s::bigint[]) ORDER BY rl.id, a.id
"""
_LOCATIONS = "SELECT id, company_id FROM inventory_location WHERE id = ANY(%s::bigint[])"
_RECEIVE = """
UPDATE orders_returnline rl SET received = n.received, location_id = n.location FROM unnest(%s::bigint[], %s::int[], %s::bigint[])
    AS n (id, received, location) WHERE rl.id = n.id
"""
_INSPECT = """
UPDATE orders_returnline rl SET restocked = n.restocked, b_grade = n.b_grade, repaired = n.repaired, scrapped = n.scrapped,
    declined = n.declined, accepted = n.restocked + n.b_grade + n.repaired + n.scrapped,
    condition = CASE WHEN n.condition = 'unknown' THEN rl.condition ELSE n.condition END
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::text[])
    AS n (id, restocked, b_grade, repaired, scrapped, declined, condition) WHERE rl.id = n.id
"""
_HOLDS = """
SELECT h.id FROM orders_hold h JOIN orders_returncase c ON c.exchange_order_id = h.order_id
WHERE c.id = ANY(%s::bigint[]) AND h.kind = 'exchange' AND h.released_at IS NULL ORDER BY h.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """Pieces of a line that are here now."""

    case: Any
    line: Any
    before: int
    received: int
    location_id: int


@operation
def receive_returns(asks: Sequence[ReceiveAsk], *, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """Pieces of cases are here: on hand, in quality check, in the lots they left in; once all of a case are, its exchange may go.

    The figures are what is here in all, so saying them again changes nothing. Refuses "return.not_found",
    "return.not_awaited", "return.no_such_line", "return.received_out_of_range" (fewer than before, or more than asked for),
    "return.no_such_location". Raises ReturnNotMoved. Announces ReturnReceived.
    """
    cases = lock_cases([ask.case_id for ask in asks])
    lines = lines_of_cases(list(cases))
    homes = {row.id: row.company_id for row in rows(_LOCATIONS, ([ask.location_id for ask in asks if ask.location_id],))}
    answers: list[Refusal | list[_Coming]] = []
    named: set[int] = set()
    for ask in asks:
        answers.append(_coming(ask, cases.get(ask.case_id), lines.get(ask.case_id, ()), homes, twice=ask.case_id in named))
        named.add(ask.case_id)
    coming = [one for answer in answers if not isinstance(answer, Refusal) for one in answer]
    states: dict[int, ReturnStatus] = {}
    if coming:
        _arrive([one.line for one in coming], actor=actor, at=at)
        _take_in(coming, actor=actor, at=at)
        run(_RECEIVE, ([c.line.id for c in coming], [c.received for c in coming], [c.location_id for c in coming]))
        touched = {one.case.id: one.case for one in coming}
        states = refresh_cases(list(touched), at=at)
        let_exchanges_go([i for i, state in states.items() if state is not ReturnStatus.PARTLY_RECEIVED], actor=actor, at=at)
        refresh_returns([case.order_id for case in touched.values()], actor=actor, at=at)
        announce(*(_received(case, coming, states[case.id]) for case in touched.values()))
    return [
        answer if isinstance(answer, Refusal) else done(case := cases[ask.case_id], states.get(case.id, case.status), repeated=not answer)
        for ask, answer in zip(asks, answers, strict=True)
    ]


def _coming(ask: ReceiveAsk, case: Any, lines: Sequence[Any], homes: Mapping[int, int], *, twice: bool) -> Refusal | list[_Coming]:
    if case is None:
        return no_case()
    by_position = {line.position: line for line in lines if line.comes_back}
    going: list[_Coming] = []
    for position, received in ask.received.items():
        line = by_position.get(position)
        if line is None:
            return Refusal("return.no_such_line", _("The case has no line %(position)s that comes back."), {"position": position}, "/lines")
        if not line.received <= received <= line.quantity:
            return Refusal(
                "return.received_out_of_range",
                _("Of “%(name)s” there are %(least)s here already and %(most)s were asked for; say how many are here in all."),
                {"name": line.name, "least": line.received, "most": line.quantity},
                f"/lines/{position}/received",
            )
        if received > line.received:
            location = line.location_id or ask.location_id or line.sent_from
            going.append(_Coming(case=case, line=line, before=line.received, received=received, location_id=location))
    if ask.location_id is not None and homes.get(ask.location_id) != case.company_id:
        return Refusal("return.no_such_location", _("The company has no such location."), {}, "/location")
    if going and (twice or case.kind == ReturnKind.UNDELIVERED or case.status not in (ReturnStatus.APPROVED, ReturnStatus.PARTLY_RECEIVED)):
        return Refusal(
            "return.not_awaited", _("Nothing is awaited for case %(number)s. Approve it first."), {"number": case.number}, "/case"
        )
    return going


def _arrive(lines: Sequence[Any], *, actor: Actor, at: datetime) -> None:
    """Whoever sends goods back has had them: their parcels have arrived, if nobody said so yet."""
    on_the_way = sorted({line.shipment_id for line in lines if line.parcel_status == ShipmentStatus.SHIPPED})
    if on_the_way:
        mark_delivered(on_the_way, actor=actor, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Goods:
    """Pieces of one stock item, of one lot, that a line brings."""

    case: Any
    line: Any
    location_id: int
    allocation_id: int
    stock_item_id: int
    begin: int
    lot: LotPieces


def _goods_of(parts: Sequence[tuple[Any, Any, int, int, int]]) -> list[_Goods]:
    """What (case, line, location, first unit, units) are in stock, lot by lot. Two statements."""
    found: dict[int, list[Any]] = {}
    for row in rows(_GOODS, (sorted({line.id for _case, line, *_rest in parts}),)):
        found.setdefault(row.return_line_id, []).append(row)
    lots = lots_of_allocations([row.allocation_id for goods in found.values() for row in goods])
    pieces = []
    for case, line, location_id, first, now in parts:
        for row in found.get(line.id, ()):
            begin, quantity = pieces_of_units(row.pieces, units=row.units, first=line.first_unit + first, now=now)
            known = [LotPieces(p.lot_number, p.expires_on, p.quantity) for p in lots.get(row.allocation_id, ())]
            for lot in lots_of_pieces(known, begin=begin, quantity=quantity):
                pieces.append(
                    _Goods(
                        case=case,
                        line=line,
                        location_id=location_id,
                        allocation_id=row.allocation_id,
                        stock_item_id=row.stock_item_id,
                        begin=first,
                        lot=lot,
                    )
                )
    return pieces


def _take_in(coming: Sequence[_Coming], *, actor: Actor, at: datetime) -> None:
    goods = _goods_of([(one.case, one.line, one.location_id, one.before, one.received - one.before) for one in coming])
    for company_id in sorted({one.case.company_id for one in coming}):
        receipts = [
            Receipt(
                stock_item_id=one.stock_item_id,
                location_id=one.location_id,
                quantity=one.lot.quantity,
                sellable_quantity=0,
                state=StockState.QUALITY_CHECK,
                kind=MovementKind.RETURN,
                cause=f"return:{one.case.public_id}",
                once_key=f"return:{one.line.id}:{one.allocation_id}:{one.begin}:{one.lot.lot_number}"[:120],
                lot_number=one.lot.lot_number,
                expires_on=one.lot.expires_on,
            )
            for one in goods
            if one.case.company_id == company_id
        ]
        _must(receive_stock(receipts, company_id=company_id, actor=actor, at=at, reason=""))


def _must(results: Sequence[object]) -> None:
    """The ledger took it all, or nothing of the batch stands."""
    for result in results:
        if isinstance(result, Refusal):
            raise ReturnNotMoved(result.code, result.message, params=result.params, field=result.field)


def let_exchanges_go(case_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """The holds that kept exchanges of these cases waiting for goods are gone."""
    holds = [row.id for row in rows(_HOLDS, (list(case_ids),))]
    if holds:
        tick_off_holds(holds, reason="received", actor=actor, at=at)


def _received(case: Any, coming: Sequence[_Coming], status: ReturnStatus) -> ReturnReceived:
    return ReturnReceived(
        **about(case),
        pieces=sum(one.received - one.before for one in coming if one.case.id == case.id),
        complete=status is not ReturnStatus.PARTLY_RECEIVED,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A line as an inspection found it, and what is new of it."""

    case: Any
    line: Any
    found: Found
    new: tuple[int, ...]

    @property
    def before(self) -> int:
        return int(self.line.accepted + self.line.declined)


@operation
def inspect_returns(asks: Sequence[InspectAsk], *, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """What is here was looked at: sold again, sold as B-grade, repaired or scrapped; what is declined goes back to the customer.

    The figures are in all, so saying them again changes nothing. Refuses "return.not_found", "return.nothing_here",
    "return.no_such_line", "return.inspected_out_of_range", "inventory.no_b_grade". Raises ReturnNotMoved.
    """
    cases = lock_cases([ask.case_id for ask in asks])
    lines = lines_of_cases(list(cases))
    graded = {
        row.return_line_id: row for row in rows(_GOODS, ([n.id for of_case in lines.values() for n in of_case],)) if not row.b_grade_item_id
    }
    answers: list[Refusal | list[_Judged]] = []
    named: set[int] = set()
    for ask in asks:
        answers.append(_judged(ask, cases.get(ask.case_id), lines.get(ask.case_id, ()), graded, twice=ask.case_id in named))
        named.add(ask.case_id)
    judged = [one for answer in answers if not isinstance(answer, Refusal) for one in answer]
    states: dict[int, ReturnStatus] = {}
    if judged:
        _book(judged, actor=actor, at=at)
        run(
            _INSPECT,
            (
                [one.line.id for one in judged],
                *[[one.found.counts[n] for one in judged] for n in range(5)],
                [str(one.found.condition) for one in judged],
            ),
        )
        touched = {one.case.id: one.case for one in judged}
        states = refresh_cases(list(touched), at=at)
        refresh_returns([case.order_id for case in touched.values()], actor=actor, at=at)
    return [
        answer if isinstance(answer, Refusal) else done(case := cases[ask.case_id], states.get(case.id, case.status), repeated=not answer)
        for ask, answer in zip(asks, answers, strict=True)
    ]


def _judged(ask: InspectAsk, case: Any, lines: Sequence[Any], graded: Mapping[int, Any], *, twice: bool) -> Refusal | list[_Judged]:
    if case is None:
        return no_case()
    by_position = {line.position: line for line in lines if line.comes_back}
    going: list[_Judged] = []
    for position, found in ask.found.items():
        line = by_position.get(position)
        if line is None:
            return Refusal("return.no_such_line", _("The case has no line %(position)s that comes back."), {"position": position}, "/lines")
        known = (line.restocked, line.b_grade, line.repaired, line.scrapped, line.declined)
        new = tuple(now - before for now, before in zip(found.counts, known, strict=True))
        if min(new) < 0 or sum(found.counts) > line.received:
            return Refusal(
                "return.inspected_out_of_range",
                _("Of “%(name)s” %(here)s are here and %(known)s were inspected; say what became of them in all."),
                {"name": line.name, "here": line.received, "known": sum(known)},
                f"/lines/{position}",
            )
        if new[1] and line.id in graded:
            return Refusal(
                "inventory.no_b_grade",
                _("%(item)s names no B-grade item. Name one on the item’s page, then inspect again."),
                {"item": graded[line.id].item},
                f"/lines/{position}/b_grade",
            )
        if sum(new):
            going.append(_Judged(case=case, line=line, found=found, new=new))
    if going and (twice or case.status not in (ReturnStatus.PARTLY_RECEIVED, ReturnStatus.RECEIVED)):
        return Refusal("return.nothing_here", _("Of case %(number)s nothing is here to be inspected."), {"number": case.number}, "/case")
    return going


def _book(judged: Sequence[_Judged], *, actor: Actor, at: datetime) -> None:
    """Each kind of outcome takes the next units of its line, so that lots stay apart."""
    parts: list[tuple[Any, Any, int, int, int]] = []
    outcomes: dict[tuple[int, int], int] = {}
    for one in judged:
        first = one.before
        for nth, now in enumerate(one.new):
            if now:
                parts.append((one.case, one.line, one.line.location_id, first, now))
                outcomes[one.line.id, first] = nth
                first += now
    inspections: dict[int, list[Inspection]] = {}
    leaving: dict[int, list[Adjustment]] = {}
    for goods in _goods_of(parts):
        nth = outcomes[goods.line.id, goods.begin]
        key = f"inspected:{goods.line.id}:{goods.allocation_id}:{goods.begin}:{goods.lot.lot_number}"[:100]
        cause = f"return:{goods.case.public_id}"
        if nth == 4:
            leaving.setdefault(goods.case.company_id, []).append(
                Adjustment(
                    stock_item_id=goods.stock_item_id,
                    location_id=goods.location_id,
                    quantity=-goods.lot.quantity,
                    sellable_quantity=0,
                    state=StockState.QUALITY_CHECK,
                    once_key=key,
                    cause=cause,
                    lot_number=goods.lot.lot_number,
                )
            )
            continue
        restock, b_grade, repair, scrap = (goods.lot.quantity if nth == place else 0 for place in range(4))
        inspections.setdefault(goods.case.company_id, []).append(
            Inspection(
                stock_item_id=goods.stock_item_id,
                location_id=goods.location_id,
                once_key=key,
                cause=cause,
                lot_number=goods.lot.lot_number,
                restock=restock,
                b_grade=b_grade,
                repair=repair,
                scrap=scrap,
            )
        )
    for company_id in sorted({*inspections, *leaving}):
        _must(inspect_stock(inspections.get(company_id, []), company_id=company_id, reason="", actor=actor, at=at))
        _must(adjust_stock(leaving.get(company_id, []), company_id=company_id, reason="", actor=actor, at=at))
