"""Lines whose goods are not here: which of an order's lines have to wait, and that they are in line for them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from core.actor import Actor
from core.clock import business_date
from core.errors import Refusal
from customers.rules import Recognised
from inventory.operations import WaitAsk, wait_for_stock
from inventory.queries import free_of, outlooks, planned
from inventory.rules import Demand, Supply, Wait, can_wait, must_wait
from inventory.rules.promising import with_more_waiting
from orders.operations.pricing import Priced
from orders.rules import Sums


def apart(
    demands: list[Demand], wanted: Mapping[int, Sums], *, refs: Mapping[int, Sequence[UUID]], supply: Supply
) -> tuple[list[Demand], list[Demand]]:
    """What can be had now, and what has to wait: only lines whose buyer agreed to that ever do."""
    may_wait = {
        ref for key, sums in wanted.items() for ref, line in zip(refs[key], sums.lines, strict=True) if line.draft.waits_until is not None
    }
    return must_wait(demands, may_wait, supply=supply, plan=planned) if may_wait else (demands, [])


def get_in_line(
    waiting: Sequence[Demand],
    wanted: Mapping[int, Sums],
    known: Mapping[int, Recognised],
    *,
    priced: Priced,
    refs: Mapping[int, Sequence[UUID]],
    actor: Actor,
    at: datetime,
) -> dict[int, Mapping[UUID, Wait] | Refusal]:
    """The lines are in line: by order, what each is promised, or why the order cannot be taken, pointing at the line."""
    if not waiting:
        return {}
    context = priced.context
    asks = [WaitAsk(demand=demand, until=_agreed(demand, wanted, refs), rank_code=known[demand.order_key].rank_code) for demand in waiting]
    today = business_date(at, context.timezone)
    answers = wait_for_stock(asks, supply=priced.supply, company_id=context.company_id, today=today, actor=actor, at=at)
    found: dict[int, dict[UUID, Wait] | Refusal] = {}
    for demand in waiting:
        answer, so_far = answers[demand.demand_id], found.setdefault(demand.order_key, {})
        if isinstance(so_far, Refusal):
            continue
        if isinstance(answer, Refusal):
            place = list(refs[demand.order_key]).index(demand.demand_id)
            found[demand.order_key] = answer.at(f"/lines/{place}/quantity")
        else:
            so_far[demand.demand_id] = answer
    return dict(found)


def _agreed(demand: Demand, wanted: Mapping[int, Sums], refs: Mapping[int, Sequence[UUID]]) -> date:
    place = list(refs[demand.order_key]).index(demand.demand_id)
    until = wanted[demand.order_key].lines[place].draft.waits_until
    assert until is not None
    return until


def waits_of(waiting: Sequence[Demand], *, priced: Priced, at: datetime) -> dict[UUID, Wait | Refusal]:
    """What lines that have to wait could be promised now, without getting in line. Two statements, none where none has to."""
    if not waiting:
        return {}
    supply, today = priced.supply, business_date(at, priced.context.timezone)
    parts = {demand.variant_id: supply.parts[demand.variant_id] for demand in waiting}
    ahead = outlooks(
        [part.stock_item_id for of_variant in parts.values() for part in of_variant], company_id=priced.context.company_id, today=today
    )
    free = free_of(supply)
    found: dict[UUID, Wait | Refusal] = {}
    for demand in waiting:
        answer = can_wait(demand, parts[demand.variant_id], ahead, free=free, today=today, sku=supply.skus.get(demand.variant_id, ""))
        found[demand.demand_id] = answer
        if isinstance(answer, Wait):
            ahead = with_more_waiting(ahead, parts[demand.variant_id], demand.quantity)
    return found
