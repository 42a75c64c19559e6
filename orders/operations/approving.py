"""Deferred payments are approved or declined: by an operator, or by whoever guarantees them through the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.rules import PaymentMethod
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import PaymentApprovalAsked, PaymentApprovalDecided
from orders.operations.holding import release
from orders.rules import ApprovalState, StandingOrder, approval_due

LONGEST_REFERENCE, LONGEST_REASON = 80, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsk:
    """An order whose deferred payment somebody answers for, or not; ``reference`` is the guarantor's own number.

    ``amount`` is the sum that was looked at, in minor units: no more than that is answered for. None: whatever is asked now.
    """

    order_id: int
    is_approved: bool
    amount: int | None = None
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The payment is approved or declined; `repeated` when it had been before. A declined order stays on hold."""

    order_id: int
    approval_id: int
    state: ApprovalState
    repeated: bool = False


_LOCK = "SELECT id, public_id, company_id, customer_id, number FROM orders_order WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
# Asked once the orders are locked.
_OPEN = "SELECT id, order_id, state, amount FROM orders_paymentapproval WHERE order_id = ANY(%s::bigint[]) AND ended_at IS NULL"
_DECIDE = """
UPDATE orders_paymentapproval a SET state = n.state, decided_at = %(at)s, decided_by = %(by)s, reference = n.reference, reason = n.reason
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(references)s::text[], %(reasons)s::text[]) AS n (id, state, reference, reason)
WHERE a.id = n.id
"""
_HOLDS = "SELECT id FROM orders_hold WHERE order_id = ANY(%s::bigint[]) AND kind = 'approval' AND released_at IS NULL ORDER BY id"


@operation
def decide_approvals(asks: Sequence[ApprovalAsk], *, actor: Actor, at: datetime) -> list[Decided | Refusal]:
    """Deferred payments are approved, and their orders go on; or declined, and they stay on hold until they are paid otherwise.

    Refuses "order.not_found", "approval.not_asked" (nothing waits for one), "approval.approved_before" (it is not taken back: hold the order
    by hand), "approval.other_amount" (more is asked than was looked at), "approval.once_a_call" and "approval.text_too_long". Said again,
    nothing changes. What was declined may be approved later. Announces PaymentApprovalDecided and HoldReleased.
    """
    locked = {row.id: row for row in rows(_LOCK, (sorted({ask.order_id for ask in asks}),))}
    found = {row.order_id: row for row in rows(_OPEN, (sorted(locked),))}
    answers: list[Decided | Refusal] = []
    going: dict[int, ApprovalAsk] = {}
    for ask in asks:
        answer = _answer(ask, locked.get(ask.order_id), found.get(ask.order_id), twice=ask.order_id in going)
        if isinstance(answer, Decided) and not answer.repeated:
            going[ask.order_id] = ask
        answers.append(answer)
    if going:
        _write(list(going.values()), found, actor=actor, at=at)
        announce(
            *(
                PaymentApprovalDecided(
                    order_id=key, order_ref=locked[key].public_id, company_id=locked[key].company_id, customer_id=locked[key].customer_id,
                    state=str(_state(ask)),
                )
                for key, ask in going.items()
            )
        )  # fmt: skip
    return answers


def _write(going: Sequence[ApprovalAsk], found: Mapping[int, Any], *, actor: Actor, at: datetime) -> None:
    run(
        _DECIDE,
        {
            "at": at, "by": (actor.label or actor.id)[:128], "ids": [found[ask.order_id].id for ask in going],
            "states": [str(_state(ask)) for ask in going], "references": [ask.reference.strip() for ask in going],
            "reasons": [ask.reason.strip() for ask in going],
        },
    )  # fmt: skip
    approved = sorted(ask.order_id for ask in going if ask.is_approved)
    release([row.id for row in rows(_HOLDS, (approved,))], reason=str(ApprovalState.APPROVED), actor=actor, at=at)


def _state(ask: ApprovalAsk) -> ApprovalState:
    return ApprovalState.APPROVED if ask.is_approved else ApprovalState.DECLINED


def _answer(ask: ApprovalAsk, order: Any, approval: Any, *, twice: bool) -> Decided | Refusal:
    if order is None:
        return Refusal("order.not_found", _("There is no such order."))
    if twice:
        return Refusal("approval.once_a_call", _("Name each order once."))
    about = {"number": order.number}
    if len(ask.reference) > LONGEST_REFERENCE:
        words = _("At most %(limit)s characters fit here.")
        return Refusal("approval.text_too_long", words, {"limit": LONGEST_REFERENCE}, "/reference")
    if len(ask.reason) > LONGEST_REASON:
        return Refusal("approval.text_too_long", _("At most %(limit)s characters fit here."), {"limit": LONGEST_REASON}, "/reason")
    if approval is None:
        words = _("Order %(number)s waits for no approval: it is paid otherwise, or no rule asks for one.")
        return Refusal("approval.not_asked", words, about)
    if approval.state == ApprovalState.APPROVED and not ask.is_approved:
        words = _("The payment of order %(number)s is approved already. Hold the order by hand, or cancel it.")
        return Refusal("approval.approved_before", words, about)
    if ask.is_approved and ask.amount is not None and ask.amount < approval.amount:
        words = _("Order %(number)s comes to %(amount)s by now. Look at it again, and approve that sum.")
        return Refusal("approval.other_amount", words, {**about, "amount": approval.amount}, "/amount")
    state = _state(ask)
    return Decided(order_id=order.id, approval_id=approval.id, state=state, repeated=approval.state == state)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingApproval:
    """The approval of an order that counts, if one was asked."""

    id: int
    state: ApprovalState
    amount: int

    @property
    def covers(self) -> int | None:
        """Up to which sum somebody answers; None: for nothing."""
        return self.amount if self.state is ApprovalState.APPROVED else None


def approval_of(order_id: int) -> StandingApproval | None:
    """The approval that counts; read it once the order is locked."""
    found = rows(_OPEN, ([order_id],))
    return StandingApproval(id=found[0].id, state=ApprovalState(found[0].state), amount=found[0].amount) if found else None


_END = "UPDATE orders_paymentapproval SET ended_at = %s WHERE id = %s"
_ASK = "INSERT INTO orders_paymentapproval (order_id, amount, asked_at) VALUES (%s, %s, %s)"
_RESIZE = "UPDATE orders_paymentapproval SET amount = %s WHERE id = %s AND amount <> %s"


def follow_payment(
    order: StandingOrder, approval: StandingApproval | None, *, method: PaymentMethod, total: int, is_held: bool, actor: Actor, at: datetime
) -> None:
    """The approval is for what a changed order comes to: asked (anew) where it ``is_held`` for one, over where it is paid otherwise.

    Call it inside the operation that changes the order, which is locked. Announces PaymentApprovalAsked where another sum is asked, and
    HoldReleased where nothing is left to wait for.
    """
    if method != PaymentMethod.DEFERRED:
        if approval is not None:
            run(_END, (at, approval.id))
            release([row.id for row in rows(_HOLDS, ([order.order_id],))], reason=str(method), actor=actor, at=at)
        return
    if approval is not None and approval.state is ApprovalState.REQUESTED:
        if run(_RESIZE, (total, approval.id, total)):
            _announce_asked(order, total)
        return
    if not is_held and (approval is None or approval.state is ApprovalState.APPROVED):
        return  # no rule asks for one (any more)
    if approval_due(total=total, approved=approval.covers if approval else None):
        if approval is not None:
            run(_END, (at, approval.id))
        run(_ASK, (order.order_id, total, at))
        _announce_asked(order, total)


def _announce_asked(order: StandingOrder, total: int) -> None:
    announce(
        PaymentApprovalAsked(
            order_id=order.order_id, order_ref=order.ref, company_id=order.company_id, customer_id=order.customer_id, amount=total,
            currency=order.currency,
        )
    )  # fmt: skip
