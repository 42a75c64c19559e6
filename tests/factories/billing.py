"""Sales, payments and their documents; defaults valid, arguments are the point."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from billing.operations import open_intents, receive_payments, record_sales
from billing.rules import IntentAsk, Invoiced, PaymentAsk, PaymentMethod, Received, SaleAsk, SaleLine
from core.actor import Actor, ActorKind
from core.models import Company
from customers.models import Customer
from tests.factories.customers import a_company as a_plain_company
from tests.factories.customers import a_customer

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
STAFF = Actor(ActorKind.STAFF, "1", "経理 花子")
_numbers = count(1)


def a_trader(**given: Any) -> Company:
    """A company registered for qualified invoices."""
    return a_plain_company(**{"legal_name": "株式会社春風堂", "registration_number": "T1234567890123", **given})


def a_buyer(company: Company | None = None, **given: Any) -> Customer:
    """A customer of a registered company."""
    return a_customer(company or a_trader(), **given)


def a_sale_line(**given: Any) -> SaleLine:
    """Tea at 1,080 yen, reduced rate."""
    values: dict[str, Any] = {
        "description": "煎茶 100g", "sku": "TEA-100", "quantity": 1, "unit_price": 1080, "amount_included": 1080,
        "tax_class": "reduced", "tax_rate_bp": 800, **given,
    }  # fmt: skip
    return SaleLine(**values)


def standard_line(amount: int, **given: Any) -> SaleLine:
    """Something at the standard rate."""
    return a_sale_line(**{"description": "湯呑み", "sku": "CUP-1", "unit_price": amount, "amount_included": amount,
                          "tax_class": "standard", "tax_rate_bp": 1000, **given})  # fmt: skip


def a_sale(customer: Customer, **given: Any) -> SaleAsk:
    """One shipment of tea and a cup: 1,080 at 8 % and 2,200 at 10 %."""
    values: dict[str, Any] = {
        "shipment_ref": uuid4(), "order_ref": uuid4(), "order_number": f"O{next(_numbers):08d}", "company_id": customer.company_id,
        "customer_id": customer.pk, "method": PaymentMethod.BANK_TRANSFER, "currency": "JPY", "recipient_name": "山田 花子",
        "language": "ja", "supplied_on": TODAY, "lines": (a_sale_line(), standard_line(2200)), **given,
    }  # fmt: skip
    return SaleAsk(**values)


def an_intent(customer: Customer, **given: Any) -> IntentAsk:
    """3,280 yen by bank transfer."""
    values: dict[str, Any] = {
        "order_ref": uuid4(), "company_id": customer.company_id, "customer_id": customer.pk, "method": PaymentMethod.BANK_TRANSFER,
        "currency": "JPY", "amount": 3280, **given,
    }  # fmt: skip
    return IntentAsk(**values)


def a_payment(company_id: int, **given: Any) -> PaymentAsk:
    """3,280 yen at the bank."""
    values: dict[str, Any] = {
        "company_id": company_id, "method": PaymentMethod.BANK_TRANSFER, "currency": "JPY", "amount": 3280, "received_on": TODAY,
        "once_key": f"bank:{uuid4().hex}", "payer_name": "ヤマダ ハナコ", **given,
    }  # fmt: skip
    return PaymentAsk(**values)


def an_invoice(customer: Customer | None = None, **given: Any) -> Invoiced:
    """A shipment invoiced."""
    return record_sales([a_sale(customer or a_buyer(), **given)], actor=STAFF, at=NOON)[0]


def money_in(customer: Customer, amount: int, *, order_ref: UUID | None = None, **given: Any) -> Received:
    """A payment booked."""
    ask = a_payment(customer.company_id, amount=amount, order_ref=order_ref, customer_id=customer.pk, **given)
    result = receive_payments([ask], actor=STAFF, at=NOON)[0]
    assert isinstance(result, Received), result
    return result


def requested(customer: Customer, **given: Any) -> tuple[UUID, int]:
    """An order waiting for its payment: its reference and its intent."""
    ask = an_intent(customer, **given)
    return ask.order_ref, open_intents([ask], actor=STAFF, at=NOON)[0]
