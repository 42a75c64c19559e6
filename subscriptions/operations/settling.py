"""What becomes of contracts when a delivery fails, its order is cancelled, or the last one was made."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from subscriptions.events import CycleFailed, CycleSkipped, SubscriptionCancelled, SubscriptionCompleted, SubscriptionPaused
from subscriptions.operations.state import Held, HeldCycle, hold, put_back
from subscriptions.rules import (
    FIRST_ORDER_CANCELLED,
    GAVE_UP,
    ORDER_CANCELLED,
    PAYMENT_FAILED,
    ChangeKind,
    ContractStatus,
    CycleStatus,
    retry_on,
)

_CONTRACTS = "SELECT id, subscription_id FROM subscriptions_cycle WHERE id = ANY(%s::bigint[]) AND status IN ('planned', 'failed')"
_BY_ORDER = "SELECT subscription_id, number, order_id FROM subscriptions_cycle WHERE order_id = ANY(%s::bigint[]) AND status = 'generated'"


@operation
def fail_cycles(failed: Mapping[int, str], *, actor: Actor, at: datetime) -> int:
    """Deliveries that could not be ordered say why (by cycle key) and are tried again by the course's rule; at its end the contract is paused.

    A number of statements that does not grow. Announces CycleFailed and SubscriptionPaused.
    """
    found = {r.subscription_id: r.id for r in rows(_CONTRACTS, (sorted(failed),))}
    held = hold(found, at=at)
    count = 0
    for one in held.values():
        cycle = one.open
        if cycle is not None and cycle.id == found[one.id] and one.status is ContractStatus.ACTIVE:
            _fail(one, cycle, failed[found[one.id]], at=at)
            count += 1
    put_back(held.values(), actor=actor, at=at)
    return count


def _fail(one: Held, cycle: HeldCycle, reason: str, *, at: datetime) -> None:
    cycle.tries += 1
    again = retry_on(one.today, tries=cycle.tries, rule=one.plan.retries)
    cycle.status, cycle.reason, cycle.due_on, cycle.dirty = CycleStatus.FAILED, reason[:200], again, True
    cycle.order_id = cycle.settled_at = None
    one.note(ChangeKind.FAILED, number=cycle.number, after=again or "", reason=reason)
    one.events.append(CycleFailed(**one.ids, number=cycle.number, reason=reason[:200], tries=cycle.tries, retry_on=again))
    if again is None:
        one.status, one.paused_at, one.pause_reason, one.dirty = ContractStatus.PAUSED, at, GAVE_UP, True
        one.note(ChangeKind.PAUSED, reason=GAVE_UP)
        one.events.append(SubscriptionPaused(**one.ids, reason=GAVE_UP, on=one.today))


@operation
def finish_contracts(contract_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Contracts whose open delivery was just ordered go on from the first date still to come, or end where nothing more comes.

    Answers with the number that ended. Announces SubscriptionCompleted.
    """
    held = hold(contract_ids, at=at)
    ended = 0
    for one in held.values():
        if one.open is not None or one.status is not ContractStatus.ACTIVE:
            continue
        last = one.cycles[one.last_generated]
        if one.plan_after(one.last_generated, delivery=last.delivery + 1) is not None:
            continue
        cancelled = one.last_number is not None
        one.end(ContractStatus.CANCELLED if cancelled else ContractStatus.COMPLETED, reason=one.end_reason, at=at)
        one.note(ChangeKind.COMPLETED, number=one.last_generated)
        one.events.append(SubscriptionCompleted(**one.ids))
        ended += 1
    put_back(held.values(), actor=actor, at=at)
    return ended


@operation
def settle_cancelled_orders(order_ids: Sequence[int], *, payment_failed: bool, actor: Actor, at: datetime) -> int:
    """Deliveries whose order was cancelled are none: tried again by the rule where the payment failed, else left out.

    Where the order that opened a contract is cancelled before anything else came, the contract ends. Repeating it changes
    nothing. Announces CycleFailed, SubscriptionPaused, CycleSkipped or SubscriptionCancelled.
    """
    found = rows(_BY_ORDER, (sorted(set(order_ids)),))
    if not found:
        return 0
    held = hold([r.subscription_id for r in found], at=at)
    for r in found:
        one = held[r.subscription_id]
        cycle = one.cycles.get(r.number)
        if cycle is not None and cycle.status is CycleStatus.GENERATED and cycle.order_id == r.order_id:
            _undo(one, cycle, payment_failed=payment_failed, at=at)
    put_back(held.values(), actor=actor, at=at)
    return len(found)


def _undo(one: Held, cycle: HeldCycle, *, payment_failed: bool, at: datetime) -> None:
    running = one.status in (ContractStatus.ACTIVE, ContractStatus.PAUSED)
    one.deliveries -= 1
    cycle.order_id, cycle.dirty = None, True
    if running and cycle.number == 1 and one.deliveries == 0:
        cycle.status, cycle.reason, cycle.due_on = CycleStatus.SKIPPED, ORDER_CANCELLED, None
        one.end(ContractStatus.CANCELLED, reason=PAYMENT_FAILED if payment_failed else FIRST_ORDER_CANCELLED, at=at)
        one.note(ChangeKind.CANCELLED, reason=FIRST_ORDER_CANCELLED)
        one.events.append(SubscriptionCancelled(**one.ids))
        return
    later = one.open
    is_latest = cycle.number == one.last_generated
    if payment_failed and is_latest and one.status is ContractStatus.ACTIVE:
        if later is not None and later.number > cycle.number:
            one.drop(later)
        _fail(one, cycle, PAYMENT_FAILED, at=at)
        return
    cycle.status, cycle.reason, cycle.due_on, cycle.settled_at = CycleStatus.SKIPPED, ORDER_CANCELLED, None, at
    if running and is_latest and later is not None and later.number > cycle.number:
        later.delivery, later.dirty = cycle.delivery, True
    one.note(ChangeKind.SKIPPED, number=cycle.number, reason=ORDER_CANCELLED)
    one.events.append(CycleSkipped(**one.ids, number=cycle.number, next_on=one.next_on, reason=ORDER_CANCELLED))
