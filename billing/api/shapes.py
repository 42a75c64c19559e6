"""What partners may say about money, and how documents are shown to them."""

from typing import Any

from billing.queries import InvoiceView, PaymentView
from billing.rules import PaymentMethod, RefundMade
from core.api.shapes import Choice, Code, Day, PublicId, Record, Text, Whole
from core.ids import public
from core.money import LARGEST_AMOUNT

AMOUNT = Whole(min=1, max=LARGEST_AMOUNT).described("In minor units of the currency: yen, cents.")
PAYMENT = Record(
    order=PublicId("ord")
    .optional(None)
    .described("The order it pays; without one it settles what the customer owes, the earliest due first."),
    customer=PublicId("cus")
    .optional(None)
    .described("Whose money it is; known from the order where one is given. Without either it waits to be identified."),
    method=Choice(PaymentMethod),
    currency=Code(max=3, pattern="[A-Z]{3}"),
    amount=AMOUNT,
    received_on=Day(),
    reference=Code(max=80).described("What tells this payment from every other of the company; the same reference is the same payment."),
    payer_name=Text(max=160).optional(""),
)
REFUND = Record(
    amount=AMOUNT,
    reason=Text(max=200),
    reference=Code(max=80).described("The same reference is the same refund."),
)

_TEXT, _WHOLE, _DAY = {"type": "string"}, {"type": "integer"}, {"type": "string", "format": "date"}
_MAYBE = {"type": ["string", "null"]}
_RATE = {"tax_class": _TEXT, "tax_rate_bp": _WHOLE}
INVOICE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("id", "number", "kind", "order", "order_number", "shipment", "customer"), _TEXT),
        **dict.fromkeys(("issuer_name", "registration_number", "recipient_name", "payment_method", "currency"), _TEXT),
        **dict.fromkeys(("supplied_on", "issued_on"), _DAY),
        "due_on": {"type": ["string", "null"], "format": "date"},
        **dict.fromkeys(("total", "open_amount"), _WHOLE),
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("position", "quantity", "unit_price", "amount"), _WHOLE), "description": _TEXT, "sku": _TEXT, **_RATE,
                },
            },
        },
        "taxes": {"type": "array", "items": {"type": "object", "properties": {**_RATE, "taxable": _WHOLE, "tax": _WHOLE}}},
        "recorded_at": {"type": "string", "format": "date-time"},
    },
}  # fmt: skip
PAYMENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("id", "payment_method", "status", "currency", "reference"), _TEXT),
        **dict.fromkeys(("order", "customer"), _MAYBE),
        **dict.fromkeys(("amount", "held", "refunded"), _WHOLE),
        "received_on": _DAY,
        "applications": {"type": "array", "items": {"type": "object", "properties": {"invoice": _TEXT, "number": _TEXT, "amount": _WHOLE}}},
        "recorded_at": {"type": "string", "format": "date-time"},
    },
}
REFUND_SCHEMA: dict[str, Any] = {"type": "object", "properties": {"id": _TEXT, "payment": _TEXT, "amount": _WHOLE, "held": _WHOLE}}


def invoice_shown(invoice: InvoiceView) -> dict[str, Any]:
    """An invoice with its lines and tax per rate."""
    return {
        "id": public("inv", invoice.public_id),
        "number": invoice.number,
        "kind": invoice.kind,
        "order": public("ord", invoice.order_ref),
        "order_number": invoice.order_number,
        "shipment": public("shp", invoice.shipment_ref),
        "customer": public("cus", invoice.customer_ref),
        "issuer_name": invoice.issuer_name,
        "registration_number": invoice.registration_number,
        "recipient_name": invoice.recipient_name,
        "supplied_on": invoice.supplied_on,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "payment_method": invoice.method,
        "currency": invoice.currency,
        "total": invoice.total,
        "open_amount": invoice.open_amount,
        "lines": invoice.lines,
        "taxes": invoice.taxes,
        "recorded_at": invoice.recorded_at,
    }


def payment_shown(payment: PaymentView) -> dict[str, Any]:
    """A payment with what it settled; ``held`` is what it still holds."""
    return {
        "id": public("pay", payment.public_id),
        "order": public("ord", payment.order_ref) if payment.order_ref else None,
        "customer": public("cus", payment.customer_ref) if payment.customer_ref else None,
        "payment_method": payment.method,
        "status": payment.status,
        "currency": payment.currency,
        "amount": payment.amount,
        "held": payment.unapplied_amount,
        "refunded": payment.refunded,
        "reference": payment.reference,
        "received_on": payment.received_on,
        "applications": [
            {"invoice": public("inv", part["invoice_id"]), "number": part["number"], "amount": part["amount"]}
            for part in payment.applications
        ],
        "recorded_at": payment.recorded_at,
    }


def refund_shown(refund: RefundMade, *, payment: PaymentView) -> dict[str, Any]:
    """A refund, and what its payment still holds."""
    return {
        "id": public("ref", refund.public_id),
        "payment": public("pay", payment.public_id),
        "amount": refund.amount,
        "held": refund.left,
    }
