"""What billing announces: ids and amounts, never personal values. Events of one order come in order."""

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class BillingEvent(Event):
    """What every event of billing tells; amounts in minor units of the currency."""

    company_id: int
    customer_id: int | None
    order_ref: UUID | None
    currency: str

    @property
    def stream(self) -> str:
        if self.order_ref:
            return f"billing-order:{self.order_ref}"
        return f"billing-customer:{self.customer_id}" if self.customer_id else f"billing-company:{self.company_id}"


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(BillingEvent):
    """A shipment was invoiced, its sale booked; deposits of the order have paid ``applied`` of it."""

    name = "billing.InvoiceIssued"
    invoice_id: int
    invoice_public_id: UUID
    number: str
    shipment_ref: UUID
    total: int
    applied: int = 0


@dataclass(frozen=True, kw_only=True)
class PaymentReceived(BillingEvent):
    """Money came; ``applied`` settled invoices, the rest is held as a deposit."""

    name = "billing.PaymentReceived"
    payment_id: int
    payment_public_id: UUID
    method: str
    amount: int
    applied: int


@dataclass(frozen=True, kw_only=True)
class ReceivableSettled(BillingEvent):
    """Money that wasn't sent for this order settled one of its invoices; a negative amount says it no longer does."""

    name = "billing.ReceivableSettled"
    amount: int


@dataclass(frozen=True, kw_only=True)
class PaymentReversed(BillingEvent):
    """A payment counts no more; its invoices are open again."""

    name = "billing.PaymentReversed"
    payment_id: int
    payment_public_id: UUID
    amount: int


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(BillingEvent):
    """Money went back out of a payment."""

    name = "billing.PaymentRefunded"
    payment_id: int
    payment_public_id: UUID
    refund_public_id: UUID
    amount: int


@dataclass(frozen=True, kw_only=True)
class CreditNoteIssued(BillingEvent):
    """An invoice was corrected; ``freed`` had been paid and is held as a deposit now."""

    name = "billing.CreditNoteIssued"
    credit_note_id: int
    credit_note_public_id: UUID
    invoice_id: int
    number: str
    total: int
    freed: int


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorised(BillingEvent):
    """A card's issuer holds the amount for us; it is taken when the parcel leaves."""

    name = "billing.PaymentAuthorised"
    intent_id: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(BillingEvent):
    """A card was not charged: at its authorisation (``stage`` "authorise"), or when the money was to be taken ("capture");
    or money on its way back came back ("refund"). ``told`` when the buyer saw so at the counter.
    """

    name = "billing.PaymentFailed"
    intent_id: int
    amount: int
    stage: str
    code: str
    told: bool = False
