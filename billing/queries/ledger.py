"""What the books say: the trial balance, and counters that have drifted from the rows they sum up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from billing.rules import AccountKind
from core.db import rows
from core.words import gettext_noop as _


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One kind of account up to a day: what was debited, what was credited, and the difference."""

    kind: AccountKind
    tax_class: str
    currency: str
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        return self.debit - self.credit


_TRIAL = """
SELECT a.kind, coalesce(a.tax_class, '') AS tax_class, p.currency,
       coalesce(sum(p.amount) FILTER (WHERE p.amount > 0), 0)::bigint AS debit,
       coalesce(-sum(p.amount) FILTER (WHERE p.amount < 0), 0)::bigint AS credit
FROM billing_entry e JOIN billing_posting p ON p.entry_id = e.id JOIN billing_ledgeraccount a ON a.id = p.account_id
WHERE e.company_id = %s AND e.booked_on <= %s
GROUP BY 1, 2, 3
"""


def trial_balance(company_id: int, *, on: date) -> list[TrialRow]:
    """Debits and credits of every kind of account up to and including a day, in the order of the chart of accounts.

    Parties are summed up; sales and tax stand per tax class. Debits and credits of a currency are equal.
    """
    order = {str(kind): place for place, kind in enumerate(AccountKind)}
    found = [
        TrialRow(kind=AccountKind(row.kind), tax_class=row.tax_class, currency=row.currency, debit=row.debit, credit=row.credit)
        for row in rows(_TRIAL, (company_id, on), prepare=False)
    ]
    return sorted(found, key=lambda row: (row.currency, order[row.kind], row.tax_class))


class Counter(StrEnum):
    """A running figure that one writer keeps and a recount repairs."""

    PARTY_BALANCE = "party_balance"
    OPEN_AMOUNT = "open_amount"
    UNAPPLIED_AMOUNT = "unapplied_amount"

    @classmethod
    def labels(cls) -> dict["Counter", str]:
        return {
            cls.PARTY_BALANCE: _("Balance of a party"),
            cls.OPEN_AMOUNT: _("Open on an invoice"),
            cls.UNAPPLIED_AMOUNT: _("Held by a payment"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A counter that says something else than its rows."""

    counter: Counter
    row_id: int
    kept: int
    counted: int


COUNTED: Final = {
    Counter.PARTY_BALANCE: """
        SELECT a.id, coalesce(b.balance, 0) AS kept,
               coalesce((SELECT sum(p.amount) FROM billing_posting p WHERE p.account_id = a.id), 0)::bigint AS counted
        FROM billing_ledgeraccount a LEFT JOIN billing_partybalance b ON b.account_id = a.id
        WHERE a.party_id IS NOT NULL
    """,
    Counter.OPEN_AMOUNT: """
        SELECT a.invoice_id AS id, a.open_amount AS kept, (a.amount
               - coalesce((SELECT sum(p.amount) FROM billing_application p WHERE p.receivable_id = a.invoice_id), 0)
               - coalesce((SELECT sum(n.total) FROM billing_creditnote n WHERE n.invoice_id = a.invoice_id), 0))::bigint AS counted
        FROM billing_receivable a WHERE true
    """,
    Counter.UNAPPLIED_AMOUNT: """
        SELECT a.id, a.unapplied_amount AS kept, (CASE WHEN a.status = 'reversed' THEN 0 ELSE a.amount END
               - coalesce((SELECT sum(p.amount) FROM billing_application p WHERE p.payment_id = a.id), 0)
               - coalesce((SELECT sum(r.amount) FROM billing_refund r WHERE r.payment_id = a.id), 0))::bigint AS counted
        FROM billing_payment a WHERE true
    """,
}
"""What each counter should say; table ``a`` has the company, ``id`` names the row."""


def drifted_counters(company_id: int | None = None) -> list[Drift]:
    """Every counter that differs from its rows; nothing is changed. Reads whole tables: for a check, not a page."""
    found = []
    for counter, sql in COUNTED.items():
        report = (
            f"SELECT * FROM ({sql} AND (%(company)s::bigint IS NULL OR a.company_id = %(company)s)) c WHERE kept <> counted ORDER BY id"
        )
        found += _drifts(counter, rows(report, {"company": company_id}, prepare=False))
    return found


def _drifts(counter: Counter, found: Sequence[Any]) -> list[Drift]:
    return [Drift(counter=counter, row_id=row.id, kept=row.kept, counted=row.counted) for row in found]
