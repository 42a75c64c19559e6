"""Ledger accounts and the entries of each business fact: debit is positive, credit negative, every entry sums to zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from billing.rules.statuses import AccountKind, EntryKind, PartyKind
from core.tax import RateTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKey:
    """Where money stands: company, kind, currency, and where it matters tax class and party."""

    company_id: int
    kind: AccountKind
    currency: str
    tax_class: str = ""
    party_kind: PartyKind | None = None
    party_id: int | None = None

    @property
    def text(self) -> str:
        """The key as the database spells it in ``billing_ledgeraccount.key``; accounts are locked in its order."""
        party = "" if self.party_id is None else str(self.party_id)
        return f"{self.company_id}:{self.kind}:{self.currency}:{self.tax_class}:{self.party_kind or ''}:{party}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One posting to be: an account, and minor units in its currency."""

    account: AccountKey
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """An entry to be, with all its postings."""

    company_id: int
    kind: EntryKind
    once_key: str
    reference: str
    order_ref: UUID | None
    booked_on: date
    sides: tuple[Side, ...]
    memo: str = ""
    reverses_id: int | None = None


class Unbalanced(ValueError):
    """The sides of an entry don't sum to zero in each currency, or there are none: a mistake of ours, never of a user."""


def settled(sides: Sequence[Side]) -> tuple[Side, ...]:
    """The sides with one posting per account and none of zero. Raises Unbalanced."""
    sums: dict[AccountKey, int] = {}
    for side in sides:
        sums[side.account] = sums.get(side.account, 0) + side.amount
    left = tuple(Side(account=account, amount=amount) for account, amount in sums.items() if amount)
    totals: dict[str, int] = {}
    for side in left:
        totals[side.account.currency] = totals.get(side.account.currency, 0) + side.amount
    if not left or any(totals.values()):
        raise Unbalanced(f"{totals} over {len(left)} postings")
    return left


def receivable_account(*, company_id: int, currency: str, customer_id: int) -> AccountKey:
    """What a customer owes for goods shipped (売掛金)."""
    return AccountKey(
        company_id=company_id, kind=AccountKind.RECEIVABLE, currency=currency, party_kind=PartyKind.CUSTOMER, party_id=customer_id
    )


def deposit_account(*, company_id: int, currency: str, customer_id: int | None) -> AccountKey:
    """What we hold of a customer (預り金); money whose payer isn't known yet stands in suspense (仮受金)."""
    if customer_id is None:
        return AccountKey(company_id=company_id, kind=AccountKind.SUSPENSE, currency=currency)
    return AccountKey(
        company_id=company_id, kind=AccountKind.CUSTOMER_DEPOSIT, currency=currency, party_kind=PartyKind.CUSTOMER, party_id=customer_id
    )


def cash_account(*, company_id: int, currency: str) -> AccountKey:
    """Money in hand and at the bank."""
    return AccountKey(company_id=company_id, kind=AccountKind.CASH, currency=currency)


def sales_sides(*, company_id: int, currency: str, customer_id: int, taxes: Sequence[RateTotal], sign: int = 1) -> tuple[Side, ...]:
    """The customer owes the total; sales and tax payable of each tax class take their part. ``sign=-1`` undoes a sale."""
    sides = []
    for tax in taxes:
        sales = AccountKey(company_id=company_id, kind=AccountKind.SALES, currency=currency, tax_class=tax.tax_class)
        payable = AccountKey(company_id=company_id, kind=AccountKind.TAX_PAYABLE, currency=currency, tax_class=tax.tax_class)
        sides += [Side(account=sales, amount=-sign * tax.taxable), Side(account=payable, amount=-sign * tax.tax)]
    owed = receivable_account(company_id=company_id, currency=currency, customer_id=customer_id)
    total = sum(tax.included for tax in taxes)
    return settled([Side(account=owed, amount=sign * total), *sides])


def payment_sides(*, company_id: int, currency: str, customer_id: int | None, amount: int) -> tuple[Side, ...]:
    """Cash comes in and is the payer's deposit; a negative amount sends it back (a refund, a bounced payment)."""
    cash = cash_account(company_id=company_id, currency=currency)
    held = deposit_account(company_id=company_id, currency=currency, customer_id=customer_id)
    return settled([Side(account=cash, amount=amount), Side(account=held, amount=-amount)])


def application_sides(*, company_id: int, currency: str, payer_id: int | None, debtor_id: int, amount: int) -> tuple[Side, ...]:
    """The payer's deposit settles what the debtor owes (消込); a negative amount takes the application back."""
    held = deposit_account(company_id=company_id, currency=currency, customer_id=payer_id)
    owed = receivable_account(company_id=company_id, currency=currency, customer_id=debtor_id)
    return settled([Side(account=held, amount=amount), Side(account=owed, amount=-amount)])


def identification_sides(*, company_id: int, currency: str, customer_id: int, amount: int) -> tuple[Side, ...]:
    """Money in suspense turns out to be a customer's: it becomes their deposit."""
    unknown = deposit_account(company_id=company_id, currency=currency, customer_id=None)
    held = deposit_account(company_id=company_id, currency=currency, customer_id=customer_id)
    return settled([Side(account=unknown, amount=amount), Side(account=held, amount=-amount)])
