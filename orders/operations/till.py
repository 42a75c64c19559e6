"""What is laid on a store's counter pays an order at once, with the words by which till and terminal are reconciled."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, override

from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from core.actor import Actor
from core.clock import business_date
from core.errors import Refusal
from core.queries import company_context
from orders.operations.statuses import refresh_statuses
from orders.rules import Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidDown:
    """So much, in minor units, for an order, at a store's counter; ``slip`` is the number that the card terminal printed."""

    order_id: int
    order_ref: UUID
    company_id: int
    customer_id: int
    currency: str
    amount: int
    store: str
    timezone: str
    once_key: str
    tender: Tender = Tender.CASH
    slip: str = ""


def take_at_till(one: LaidDown, *, actor: Actor, at: datetime) -> Refusal | None:
    """The money is the order's, which counts as paid at once; None, or why billing would not take it. Joins the operation that calls."""
    ask = PaymentAsk(
        company_id=one.company_id,
        method=PaymentMethod.CASH_AT_STORE,
        currency=one.currency,
        amount=one.amount,
        received_on=business_date(at, one.timezone),
        once_key=one.once_key,
        reference=_reference(one),
        order_ref=one.order_ref,
        customer_id=one.customer_id,
    )
    (answer,) = receive_payments([ask], actor=actor, at=at)
    if isinstance(answer, Refusal):
        return answer
    refresh_statuses([one.order_id], actor=actor, at=at)
    return None


def _reference(one: LaidDown) -> str:
    """Where it was paid and how, in the company's language."""
    with override(company_context(one.company_id).language):
        return f"{one.store} {gettext(Tender.labels()[one.tender])} {one.slip.strip()}".strip()[:80]
