"""Intents and invoices: what is asked, what comes of it, how a total divides into price and tax, when it falls due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from billing.rules.statuses import IntentStatus, InvoiceKind, PaymentMethod
from core.errors import Refused
from core.tax import RateTotal, Rounding, TaxBasis, TaxedAmount, tax_totals
from core.words import gettext_noop as _


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentAsk:
    """An order is going to be paid like this; with its number, staff find it before it is invoiced."""

    order_ref: UUID
    company_id: int
    customer_id: int
    method: PaymentMethod
    currency: str
    amount: int
    order_number: str = ""
    means_id: int | None = None
    """The kept card that is to be charged; without one a card order is charged elsewhere (a terminal, a partner)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentChange:
    """An order costs this much now, paid this way; ``has_left`` when its card is being taken already."""

    order_ref: UUID
    company_id: int
    customer_id: int
    method: PaymentMethod
    currency: str
    amount: int
    order_number: str = ""
    has_left: bool = False

    def ask(self, *, means_id: int | None = None) -> IntentAsk:
        """The intent that says so."""
        return IntentAsk(
            order_ref=self.order_ref, company_id=self.company_id, customer_id=self.customer_id, currency=self.currency, amount=self.amount,
            method=self.method if self.amount else PaymentMethod.FREE, order_number=self.order_number, means_id=means_id,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentMoved:
    """The intent of an order stands at this state now."""

    order_ref: UUID
    intent_id: int
    status: IntentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One thing supplied, at the agreed amount with tax; the rate is the one agreed on, kept where no dated rate is known."""

    description: str
    sku: str
    quantity: int
    unit_price: int
    amount_included: int
    tax_class: str
    tax_rate_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleAsk:
    """A shipment left or a service was done: this is to be invoiced. One invoice per ``shipment_ref``, for good."""

    shipment_ref: UUID
    order_ref: UUID
    order_number: str
    company_id: int
    customer_id: int
    method: PaymentMethod
    currency: str
    recipient_name: str
    language: str
    supplied_on: date
    lines: tuple[SaleLine, ...]

    @property
    def total(self) -> int:
        """What the customer agreed to pay, tax included."""
        return sum(line.amount_included for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced:
    """The invoice of a shipment; ``applied`` is what deposits have already paid of it."""

    invoice_id: int
    public_id: UUID
    number: str
    total: int
    applied: int = 0
    is_new: bool = True

    @property
    def repeated(self) -> bool:
        return not self.is_new


class NotASale(Refused):
    """What is to be invoiced has no lines or a negative amount."""

    code = "billing.not_a_sale"
    message = _("Shipment %(shipment)s has nothing to invoice: every line needs an amount of zero or more.")


class NotYetSupplied(Refused):
    """Sales are recorded on performance, so an invoice never speaks of tomorrow."""

    code = "billing.not_yet_supplied"
    message = _("Shipment %(shipment)s is dated %(supplied_on)s, which has not come yet.")


DUE_DAYS: Final[Mapping[PaymentMethod, int]] = {
    PaymentMethod.CARD: 0,
    PaymentMethod.CASH_ON_DELIVERY: 7,
    PaymentMethod.BANK_TRANSFER: 14,
    PaymentMethod.CONVENIENCE_STORE: 14,
    PaymentMethod.DEFERRED: 14,
    PaymentMethod.POINTS: 0,
    PaymentMethod.STORE_CREDIT: 0,
    PaymentMethod.CASH_AT_STORE: 0,
    PaymentMethod.FREE: 0,
}
"""Days from issue to the due day; direct debit and marketplaces have fixed days of the month instead."""

DIRECT_DEBIT_DAY: Final = 27


def due_on(method: PaymentMethod, *, issued_on: date) -> date:
    """The day an invoice falls due: direct debit on the 27th of next month, marketplaces at its end, others by DUE_DAYS."""
    method = PaymentMethod(method)  # rows of SQL bring its plain text
    if method is PaymentMethod.DIRECT_DEBIT:
        return _first_of_month(issued_on, ahead=1).replace(day=DIRECT_DEBIT_DAY)
    if method is PaymentMethod.MARKETPLACE:
        return _first_of_month(issued_on, ahead=2) - timedelta(days=1)
    return issued_on + timedelta(days=DUE_DAYS[method])


def _first_of_month(day: date, *, ahead: int) -> date:
    years, month = divmod(day.month - 1 + ahead, 12)
    return date(day.year + years, month + 1, 1)


def rate_of(line: SaleLine, *, rates_bp: Mapping[str, int]) -> int:
    """The rate in force on the date of supply; the agreed one for a class without dated rates."""
    return rates_bp.get(line.tax_class, line.tax_rate_bp)


def split_sale(lines: Sequence[SaleLine], *, rates_bp: Mapping[str, int], rounding: Rounding) -> list[RateTotal]:
    """The agreed amounts divided into price and tax, rounded once per rate; their sum is exactly what was agreed."""
    agreed = [TaxedAmount(line.tax_class, rate_of(line, rates_bp=rates_bp), line.amount_included) for line in lines]
    return tax_totals(agreed, TaxBasis.INCLUDED, rounding)


def invoice_kind(*, registration_number: str, recipient_name: str) -> InvoiceKind:
    """Only a registered issuer writes qualified invoices; mail order and retail may leave the recipient out (簡易)."""
    if not registration_number:
        return InvoiceKind.PLAIN
    return InvoiceKind.QUALIFIED if recipient_name.strip() else InvoiceKind.SIMPLIFIED


def check_sale(ask: SaleAsk, *, today: date) -> None:
    """Refuse what can't be invoiced. Raises NotASale, NotYetSupplied."""
    if not ask.lines or any(line.amount_included < 0 or line.quantity == 0 for line in ask.lines):
        raise NotASale(params={"shipment": ask.shipment_ref})
    if ask.supplied_on > today:
        raise NotYetSupplied(params={"shipment": ask.shipment_ref, "supplied_on": ask.supplied_on})
