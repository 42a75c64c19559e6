"""Refunds, reversals and credit notes: how much may go back, and what tax goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from billing.rules.paying import Share
from core.errors import Refusal
from core.tax import RateTotal, Rounding, tax_within
from core.words import gettext_noop as _


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsk:
    """Give money back out of what a payment still holds. The same ``once_key`` is the same refund."""

    payment_id: int
    amount: int
    once_key: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundMade:
    """Money went back; ``left`` is what the payment still holds."""

    refund_id: int
    public_id: UUID
    payment_id: int
    amount: int
    left: int
    is_new: bool = True

    @property
    def repeated(self) -> bool:
        return not self.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseAsk:
    """A payment never really came: it bounced, or was entered by mistake."""

    payment_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed:
    """The payment counts no more; ``reopened`` is what its invoices are owed again."""

    payment_id: int
    amount: int
    reopened: int
    is_new: bool = True

    @property
    def repeated(self) -> bool:
        return not self.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """Part of an invoice line to be taken back: a quantity at its share of the amount, or an amount with tax."""

    position: int
    quantity: int = 0
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAsk:
    """Correct an invoice. Without lines everything not yet credited goes back. The same ``once_key`` is the same note."""

    invoice_id: int
    once_key: str
    reason: str = ""
    lines: tuple[CreditLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The credit note; ``freed`` had been paid already and is the customer's deposit now."""

    credit_note_id: int
    public_id: UUID
    number: str
    total: int
    freed: int
    is_new: bool = True

    @property
    def repeated(self) -> bool:
        return not self.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditableLine:
    """An invoice line with what earlier notes have taken back of it."""

    line_id: int
    position: int
    quantity: int
    amount: int
    tax_class: str
    tax_rate_bp: int
    credited_quantity: int = 0
    credited_amount: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.credited_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTaken:
    """What a note takes back of a line."""

    line: CreditableLine
    quantity: int
    amount: int


def refund_refusal(*, amount: int, held: int, is_reversed: bool) -> Refusal | None:
    """Why this much can't go back: only what a payment still holds may, never what has settled an invoice."""
    if amount <= 0:
        return Refusal("billing.amount_not_positive", _("A refund needs an amount above zero."), {"amount": amount}, "/amount")
    if is_reversed:
        return Refusal("billing.payment_reversed", _("The payment was reversed; there is nothing to refund."), {})
    if amount > held:
        return Refusal(
            "billing.refund_too_much",
            _("Only %(held)s of this payment can be refunded, not %(amount)s. Issue a credit note first for what has settled an invoice."),
            {"held": held, "amount": amount},
            "/amount",
        )
    return None


def take_back(lines: Sequence[CreditableLine], *, asked: Sequence[CreditLine]) -> list[LineTaken] | Refusal:
    """What a credit note takes back of each line; all that is left where nothing in particular is asked.

    A quantity takes the difference of two cumulative shares (amount × quantity so far ÷ quantity, rounded down), so
    that however many notes take a line back piece by piece, together they take exactly its amount.
    """
    if not asked:
        taken = [LineTaken(line=line, quantity=line.quantity - line.credited_quantity, amount=line.left) for line in lines if line.left > 0]
        return taken or Refusal("billing.nothing_to_credit", _("Everything on this invoice has been credited already."), {})
    known = {line.position: line for line in lines}
    if len({ask.position for ask in asked}) != len(asked):
        return Refusal("billing.line_twice", _("Name each line of the invoice once."), {}, "/lines")
    taken = []
    for place, ask in enumerate(asked):
        line = known.get(ask.position)
        if line is None:
            return Refusal(
                "billing.no_such_line", _("The invoice has no line %(position)s."), {"position": ask.position}, f"/lines/{place}"
            )
        amount = credit_share(line, quantity=ask.quantity) if ask.amount is None else ask.amount
        too_many = ask.quantity < 0 or line.credited_quantity + ask.quantity > line.quantity
        if too_many or not 0 < amount <= line.left:
            return Refusal(
                "billing.credit_too_much",
                _("Line %(position)s can be credited by up to %(left)s, not %(amount)s."),
                {"position": ask.position, "left": line.left, "amount": amount},
                f"/lines/{place}",
            )
        taken.append(LineTaken(line=line, quantity=ask.quantity, amount=amount))
    return taken


def credit_share(line: CreditableLine, *, quantity: int) -> int:
    """What so many more units of a line are worth: all that is left with the last of them."""
    so_far = line.credited_quantity + quantity
    if so_far == line.quantity:
        return line.left
    share = line.amount * so_far // line.quantity - line.amount * line.credited_quantity // line.quantity
    return min(share, line.left)


def credit_taxes(lines: Sequence[CreditableLine], *, taken: Sequence[LineTaken], rounding: Rounding) -> list[RateTotal]:
    """The per-rate rows of a credit note, highest rate first.

    The tax of a note is the tax inside everything credited so far minus the tax of the notes before, in the invoice's
    own rounding: rounded once per rate per note, never off by a full unit, and a wholly credited invoice has given
    back exactly its tax.
    """
    before: dict[tuple[str, int], int] = {}
    now: dict[tuple[str, int], int] = {}
    for line in lines:
        key = (line.tax_class, line.tax_rate_bp)
        before[key] = before.get(key, 0) + line.credited_amount
    for part in taken:
        key = (part.line.tax_class, part.line.tax_rate_bp)
        now[key] = now.get(key, 0) + part.amount
    totals = []
    for (tax_class, rate_bp), amount in sorted(now.items(), key=lambda item: (-item[0][1], item[0][0])):
        credited = before[(tax_class, rate_bp)]
        tax = tax_within(credited + amount, rate_bp=rate_bp, rounding=rounding) - tax_within(credited, rate_bp=rate_bp, rounding=rounding)
        totals.append(RateTotal(tax_class, rate_bp, taxable=amount - tax, tax=tax))
    return totals


def take_from_latest(amount: int, *, applied: Sequence[Share]) -> list[Share]:
    """Which applications give way when an invoice shrinks below what was paid: the latest first."""
    parts = []
    for application in reversed(applied):
        part = min(amount, application.amount)
        if part > 0:
            parts.append(Share(key=application.key, amount=part))
            amount -= part
    if amount:
        raise ValueError(f"{amount} more is to be taken back than was ever applied")
    return parts
