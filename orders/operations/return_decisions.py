"""A case is approved, refused, or withdrawn; undeliverable parcels are sent once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import ReturnApproved, ReturnRefused
from orders.operations.cancelling import cancel_orders
from orders.operations.return_exchanges import place_exchanges
from orders.operations.return_states import about, lock_cases, refresh_cases, refresh_returns
from orders.rules import CaseDone, OrderStatus, ReturnKind, ReturnStatus

# What stays with the customer is decided by approving it.
_APPROVE = """
WITH c AS (UPDATE orders_returncase SET approved_at = %(at)s, decision_reason = %(reason)s WHERE id = ANY(%(ids)s::bigint[]) RETURNING id)
UPDATE orders_returnline rl SET accepted = quantity FROM c WHERE rl.case_id = c.id AND NOT rl.comes_back
"""
_END = """
UPDATE orders_returncase SET status = %(status)s, ended_at = %(at)s, decision_reason = %(reason)s, version = version + 1
WHERE id = ANY(%(ids)s::bigint[])
"""


def no_case() -> Refusal:
    """The answer for a case that isn't there."""
    return Refusal("return.not_found", _("There is no such return."))


def done(case: Any, status: str, *, repeated: bool = False) -> CaseDone:
    """A case as it stands now."""
    return CaseDone(
        case_id=case.id, public_id=case.public_id, number=case.number, order_id=case.order_id, status=str(status), repeated=repeated
    )


@operation
def approve_returns(case_ids: Sequence[int], *, actor: Actor, at: datetime, reason: str = "") -> list[CaseDone | Refusal]:
    """Requested cases go on: their goods are awaited, and what is sent for them is ordered (an exchange waits on hold).

    What a claim leaves with the customer is accepted thereby. Refuses "return.not_found", "return.ended", and what stands
    against the order to be sent instead, with the field "/exchanges". Repeating it changes nothing. Announces ReturnApproved.
    """
    cases = lock_cases(case_ids)
    due = [case for case in cases.values() if case.status == ReturnStatus.REQUESTED]
    refused = place_exchanges(due, actor=actor, at=at) if due else {}
    going = [case for case in due if case.id not in refused]
    states: dict[int, ReturnStatus] = {}
    if going:
        ids = [case.id for case in going]
        run(_APPROVE, {"ids": ids, "at": at, "reason": reason[:200]})
        states = refresh_cases(ids, at=at)
        refresh_returns([case.order_id for case in going], actor=actor, at=at)
        announce(
            *(
                ReturnApproved(
                    **about(case),
                )
                for case in going
            )
        )
    return [_approved(cases.get(case_id), states, refused) for case_id in case_ids]


def _approved(case: Any, states: dict[int, ReturnStatus], refused: dict[int, Refusal]) -> CaseDone | Refusal:
    if case is None:
        return no_case()
    if case.id in refused:
        return refused[case.id]
    if case.status in (ReturnStatus.REFUSED, ReturnStatus.WITHDRAWN):
        return Refusal("return.ended", _("Case %(number)s was refused or withdrawn. Take a new one."), {"number": case.number})
    return done(case, states.get(case.id, case.status), repeated=case.id not in states)


@operation
def refuse_returns(case_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """Requested cases are refused, with a reason that the customer is told. Refuses "return.not_found", "return.decided".

    Repeating it changes nothing. Announces ReturnRefused.
    """
    return _end(case_ids, ReturnStatus.REFUSED, (ReturnStatus.REQUESTED,), reason=reason, actor=actor, at=at)


@operation
def withdraw_returns(case_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """Cases of which nothing has come are taken back, with the order that was to be sent for them.

    Refuses "return.not_found", "return.decided" (goods are here, or it is settled), "return.exchange_sent". Repeating it
    changes nothing. Announces ReturnRefused, as withdrawn.
    """
    return _end(case_ids, ReturnStatus.WITHDRAWN, (ReturnStatus.REQUESTED, ReturnStatus.APPROVED), reason=reason, actor=actor, at=at)


def _end(
    case_ids: Sequence[int], status: ReturnStatus, ends: Sequence[ReturnStatus], *, reason: str, actor: Actor, at: datetime
) -> list[CaseDone | Refusal]:
    cases = lock_cases(case_ids)
    due = [case for case in cases.values() if case.status in ends]
    stuck = _cancel_exchanges(due, reason=reason, actor=actor, at=at)
    going = [case for case in due if case.id not in stuck]
    if going:
        ids = [case.id for case in going]
        run(_END, {"ids": ids, "status": str(status), "at": at, "reason": reason[:200]})
        refresh_returns([case.order_id for case in going], actor=actor, at=at)
        announce(
            *(
                ReturnRefused(
                    **about(case),
                    withdrawn=status is ReturnStatus.WITHDRAWN,
                )
                for case in going
            )
        )
    ended = {case.id for case in going}
    return [_ended(cases.get(case_id), status, ended, stuck) for case_id in case_ids]


def _cancel_exchanges(cases: Sequence[Any], *, reason: str, actor: Actor, at: datetime) -> dict[int, Refusal]:
    """The orders that were to be sent are cancelled; the cases whose order has left already."""
    sent = [case for case in cases if case.exchange_order_id is not None and case.exchange_status != OrderStatus.CANCELLED]
    if not sent:
        return {}
    results = cancel_orders([case.exchange_order_id for case in sent], reason=reason[:200], actor=actor, at=at)
    return {
        case.id: Refusal("return.exchange_sent", _("What was sent for case %(number)s has left already."), {"number": case.number})
        for case, result in zip(sent, results, strict=True)
        if isinstance(result, Refusal)
    }


def _ended(case: Any, status: ReturnStatus, ended: set[int], stuck: dict[int, Refusal]) -> CaseDone | Refusal:
    if case is None:
        return no_case()
    if case.id in stuck:
        return stuck[case.id]
    if case.id in ended or case.status == status:
        return done(case, status, repeated=case.id not in ended)
    return Refusal("return.decided", _("Case %(number)s has gone too far for that."), {"number": case.number})


@operation
def reship_undelivered(case_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """What came back because nobody took it is ordered once more, as it was and to where it went, paid with what had been paid.

    Refuses "return.not_found", "return.not_undelivered", and what stands against the order. Repeating it changes nothing.
    """
    cases = lock_cases(case_ids)
    due = [case for case in cases.values() if _may_go_again(case)]
    refused = place_exchanges(due, actor=actor, at=at, again=True) if due else {}
    refresh_returns([case.order_id for case in due], actor=actor, at=at)
    results: list[CaseDone | Refusal] = []
    for case_id in case_ids:
        case = cases.get(case_id)
        if case is None:
            results.append(no_case())
        elif case.id in refused:
            results.append(refused[case.id])
        elif _may_go_again(case) or case.exchange_order_id is not None:
            results.append(done(case, case.status, repeated=case.exchange_order_id is not None))
        else:
            results.append(
                Refusal("return.not_undelivered", _("Only an undeliverable parcel that is not settled yet can be sent once more."))
            )
    return results


def _may_go_again(case: Any) -> bool:
    return bool(case.kind == ReturnKind.UNDELIVERED and case.exchange_order_id is None and case.settled_at is None)
