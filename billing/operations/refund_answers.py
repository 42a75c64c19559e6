"""What the gateway says of money on its way back to a card."""

from datetime import datetime

from billing.events import PaymentFailed
from billing.operations.gateway_calls import settle_call
from billing.operations.payments import receive_payments
from billing.ports import GatewayRefund
from billing.rules import CallState, PaymentAsk, PaymentMethod
from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from core.queries import company_context

_LOCK = """
SELECT g.id, g.state, g.amount, g.currency, g.provider, i.id AS intent_id, i.company_id, i.customer_id, i.order_ref, i.provider_ref
FROM billing_gatewaycall g JOIN billing_paymentintent i ON i.id = g.intent_id WHERE g.id = %s FOR UPDATE OF g
"""


@operation
def note_refund(call_id: int, made: GatewayRefund, *, actor: Actor, at: datetime) -> None:
    """A refund has gone to the card; one the card's bank sent back is ours again, as a payment we hold for the customer.

    The refund itself was booked when it was decided, and stays booked: books only grow. Repeating it changes nothing.
    Announces PaymentFailed with the stage "refund".
    """
    call = rows(_LOCK, (call_id,))[0]
    settle_call(CallState.FAILED if made.failed else CallState.OK, call_id=call_id, code=made.code, reference=made.reference)
    if not made.failed:
        return
    (returned,) = receive_payments(
        [
            PaymentAsk(
                company_id=call.company_id,
                method=PaymentMethod.CARD,
                currency=call.currency,
                amount=call.amount,
                received_on=company_context(call.company_id).business_date(at),
                reference=call.provider_ref,
                order_ref=call.order_ref,
                customer_id=call.customer_id,
                once_key=f"{call.provider}:{made.reference}:returned",
            )
        ],
        actor=actor,
        at=at,
    )
    if not getattr(returned, "repeated", True):
        announce(
            PaymentFailed(
                company_id=call.company_id, customer_id=call.customer_id, order_ref=call.order_ref, currency=call.currency,
                intent_id=call.intent_id, amount=call.amount, stage="refund", code=made.code,
            )
        )  # fmt: skip
