"""A tenth of the replayed baskets come back: asked for, received, inspected, settled and paid back through the operations of the house."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, Final

from core.actor import Actor
from core.db import rows
from core.errors import Refusal
from core.queries import CompanyContext
from orders.operations import (
    Found,
    InspectAsk,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    inspect_returns,
    note_refunds,
    receive_returns,
    request_returns,
    settle_returns,
)
from orders.rules import CaseDone, ReturnAsk, ReturnAskLine, ReturnKind

BATCH: Final = 100
WHOLE: Final = "whole"
HALVES: Final = ("first", "second")
WHY: Final = "replay of a return"

# Every tenth of them by its place; half of those come back whole, half lose their odd lines in two goes.
_COMING: Final = """
SELECT o.id AS order_id, o.place, l.public_id AS line_ref, l.position, l.shipped_quantity AS quantity
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM orders_order o WHERE {mine}) o JOIN orders_line l ON l.order_id = o.id
WHERE o.place %% 10 = 0 AND l.shipped_quantity > 0 ORDER BY o.id, l.position
"""
_LINES: Final = "SELECT case_id, position, quantity FROM orders_returnline WHERE case_id = ANY(%s::bigint[]) ORDER BY case_id, position"
_DUE: Final = """
SELECT c.id FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id
WHERE {mine} AND c.settled_at IS NOT NULL AND c.refund_total > c.refunded_total ORDER BY c.id
"""
# What a line was sold for is the ground; what notes, cases and refunds say must follow from it to the cent.
_STATE: Final = """
WITH line AS (
    SELECT l.id, l.order_id, l.total, l.quantity, sum(rl.accepted) AS accepted, sum(rl.credited) AS credited, sum(rl.restocked) AS restocked
    FROM orders_returnline rl JOIN orders_line l ON l.id = rl.line_id JOIN orders_order o ON o.id = l.order_id WHERE {mine} GROUP BY l.id
), money AS (
    SELECT c.order_id, sum(c.credited_total) AS credited, sum(c.refund_total) AS owed, sum(c.refunded_total) AS refunded
    FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id WHERE {mine} GROUP BY c.order_id
)
SELECT (SELECT count(*) FROM money) AS orders,
    (SELECT sum(accepted) FROM line) AS pieces,
    (SELECT sum(credited) FROM money)::bigint AS cents,
    (SELECT sum(total) FROM line WHERE accepted = quantity)::bigint AS whole_lines,
    (SELECT count(*) FROM line WHERE accepted = quantity AND credited <> total) AS whole_wrong,
    (SELECT count(*) FROM line WHERE abs(credited - total::numeric * accepted / quantity) >= 1) AS part_wrong,
    (SELECT count(*) FROM money WHERE credited <> owed OR owed <> refunded) AS unpaid,
    (SELECT count(*) FROM money m WHERE m.credited <> (SELECT coalesce(sum(l.credited), 0) FROM line l WHERE l.order_id = m.order_id)) AS apart,
    (SELECT coalesce(sum(n.total), 0) FROM billing_creditnote n JOIN billing_invoice i ON i.id = n.invoice_id JOIN orders_order o ON o.public_id = i.order_ref WHERE {mine})::bigint AS notes,
    (SELECT coalesce(sum(r.amount), 0) FROM billing_refund r JOIN billing_payment p ON p.id = r.payment_id JOIN orders_order o ON o.public_id = p.order_ref WHERE {mine})::bigint AS refunds,
    (SELECT coalesce(sum(s.sellable), 0) FROM inventory_stock s JOIN inventory_location p ON p.id = s.location_id WHERE p.company_id = %(company)s AND p.code = 'replay') AS lying,
    (SELECT sum(restocked) FROM line) AS restocked
"""


def give_back(
    company: CompanyContext, mine: str, *, actor: Actor, at: datetime, timed: Callable[[str, Callable[[], Sequence[Any]]], Sequence[Any]]
) -> bool:
    """Every tenth basket comes back; tells whether credit notes, refunds and shelves are what its lines were sold for, to the cent."""
    found = rows(_COMING.format(mine=mine), {"company": company.id}, prepare=False)
    baskets = [(order, list(lines)) for order, lines in groupby(found, key=lambda line: line.order_id)]
    rounds = [[_whole(lines) for _o, lines in baskets if lines[0].place % 20 == 0]]
    rounds += [[ask for _o, lines in baskets if lines[0].place % 20 and (ask := _half(lines, half)) is not None] for half in HALVES]
    good, before = True, _state(company, mine)
    for asks in rounds:
        cases = timed("returns asked for", partial(_each, asks, partial(request_returns, actor=actor, at=at)))
        good &= _take_in([case for case in cases if isinstance(case, CaseDone)], actor=actor, at=at, timed=timed) and len(cases) == len(
            asks
        )
    due = [row.id for row in rows(_DUE.format(mine=mine), {"company": company.id}, prepare=False)]
    timed("refunds noted", lambda: _each(due, lambda some: note_refunds(some, actor=actor, at=at)))
    return _told(_state(company, mine), before, orders=len(baskets)) and good


def _state(company: CompanyContext, mine: str) -> Any:
    return rows(_STATE.format(mine=mine), {"company": company.id}, prepare=False)[0]


def _whole(lines: Sequence[Any]) -> ReturnAsk:
    return _ask(lines[0].order_id, [(line.line_ref, line.quantity) for line in lines], WHOLE)


def _half(lines: Sequence[Any], half: str) -> ReturnAsk | None:
    """One piece of each odd line first, then what is left of those lines."""
    odd = [line for line in lines if line.position % 2]
    pieces = [(line.line_ref, 1 if half == HALVES[0] else line.quantity - 1) for line in odd]
    wanted = [(ref, quantity) for ref, quantity in pieces if quantity]
    return _ask(lines[0].order_id, wanted, half) if wanted else None


def _ask(order_id: int, pieces: Sequence[tuple[Any, int]], key: str) -> ReturnAsk:
    return ReturnAsk(
        order_id=order_id,
        kind=ReturnKind.RETURN,
        lines=tuple(ReturnAskLine(line_ref=ref, quantity=quantity) for ref, quantity in pieces),
        once_key=f"replay:{key}",
        fee=0,
        postage=0,
        override_reason=WHY,
    )


def _take_in(cases: Sequence[CaseDone], *, actor: Actor, at: datetime, timed: Callable[..., Sequence[Any]]) -> bool:
    """Every piece arrives; of every third line the first is scrapped, of every fifth one goes back to the customer."""
    ids = [case.case_id for case in cases]
    lines = {case: list(own) for case, own in groupby(rows(_LINES, (ids,)), key=lambda line: line.case_id)}
    received = [ReceiveAsk(case_id=case, received={line.position: line.quantity for line in own}) for case, own in lines.items()]
    inspected = [InspectAsk(case_id=case, found={line.position: _found(line) for line in own}) for case, own in lines.items()]
    steps: list[tuple[str, Sequence[Any], Callable[[Any], Sequence[Any]]]] = [
        ("returns approved", ids, lambda some: approve_returns(some, actor=actor, at=at, reason=WHY)),
        ("returns received", received, lambda some: receive_returns(some, actor=actor, at=at)),
        ("returns inspected", inspected, lambda some: inspect_returns(some, actor=actor, at=at)),
        ("returns settled", [SettleAsk(case_id=i) for i in ids], lambda some: settle_returns(some, actor=actor, at=at, reason=WHY)),
    ]
    return all(len(timed(what, partial(_each, items, act))) == len(ids) for what, items, act in steps)


def _found(line: Any) -> Found:
    if line.position % 5 == 0:
        return Found(restocked=line.quantity - 1, declined=1)
    return Found(restocked=line.quantity - 1, scrapped=1) if line.position % 3 == 0 else Found(restocked=line.quantity)


def _each(items: Sequence[Any], act: Callable[[Any], Sequence[Any]]) -> list[Any]:
    """What came of them, a batch at a time; refusals are told and left out."""
    done = [result for batch in _batches(items) for result in act(batch)]
    refused = [one for one in done if isinstance(one, Refusal)]
    for one in refused[:5]:
        print(f"  refused: {one.code} {one.text()}", flush=True)
    return [one for one in done if not isinstance(one, Refusal)]


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _told(state: Any, before: Any, *, orders: int) -> bool:
    lying, restocked = state.lying - before.lying, state.restocked - (before.restocked or 0)
    print(
        f"  {state.orders:,} orders came back, {state.pieces:,} pieces: {state.cents:,} cents credited, {state.notes:,} in credit notes,"
        f" {state.refunds:,} paid back; lines that came back whole were sold for {state.whole_lines:,};"
        f" {state.whole_wrong + state.part_wrong + state.unpaid + state.apart} differ; {restocked:,} pieces were put back, {lying:,} more lie there",
        flush=True,
    )
    nothing_differs = not (state.whole_wrong or state.part_wrong or state.unpaid or state.apart)
    return nothing_differs and state.orders == orders and state.cents == state.notes == state.refunds and lying == restocked
