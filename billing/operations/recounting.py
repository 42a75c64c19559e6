"""Running figures counted anew from the rows they sum up; the count is also the repair."""

from typing import Final

from billing.queries import COUNTED, Counter, Drift, drifted_counters
from core.actor import Actor
from core.db import operation, rows

# Whoever moves a counter holds its row until commit, so once the rows are locked everything that moved them is seen.
_LOCK: Final = {
    Counter.PARTY_BALANCE: "SELECT account_id FROM billing_partybalance WHERE account_id = ANY (%s::bigint[]) ORDER BY account_id FOR UPDATE",
    Counter.OPEN_AMOUNT: "SELECT invoice_id FROM billing_receivable WHERE invoice_id = ANY (%s::bigint[]) ORDER BY invoice_id FOR UPDATE",
    Counter.UNAPPLIED_AMOUNT: "SELECT id FROM billing_payment WHERE id = ANY (%s::bigint[]) ORDER BY id FOR UPDATE",
}

_WRITE: Final = {
    Counter.PARTY_BALANCE: """
        INSERT INTO billing_partybalance AS b (account_id, balance) SELECT id, counted FROM wrong ORDER BY id
        ON CONFLICT (account_id) DO UPDATE SET balance = excluded.balance
    """,
    Counter.OPEN_AMOUNT: "UPDATE billing_receivable r SET open_amount = w.counted FROM wrong w WHERE r.invoice_id = w.id",
    Counter.UNAPPLIED_AMOUNT: """
        UPDATE billing_payment p SET unapplied_amount = w.counted,
            status = CASE WHEN p.status = 'reversed' THEN 'reversed' WHEN w.counted = 0 THEN 'applied' ELSE 'received' END
        FROM wrong w WHERE p.id = w.id
    """,
}

# Payments before receivables before ledger accounts, as everywhere.
_ORDER: Final = (Counter.UNAPPLIED_AMOUNT, Counter.OPEN_AMOUNT, Counter.PARTY_BALANCE)


@operation
def recount_counters(*, actor: Actor, company_id: int | None = None, reason: str = "") -> list[Drift]:
    """Every counter says what its rows sum up to; answers with those that did not. Repeating it finds nothing.

    Only rows that have drifted are locked, counted again under the lock, and written.
    """
    suspects = drifted_counters(company_id)
    repaired = []
    for counter in _ORDER:
        ids = [drift.row_id for drift in suspects if drift.counter is counter]
        if ids:
            rows(_LOCK[counter], (ids,))
            repaired += _repair(counter, ids=ids)
    return repaired


def _repair(counter: Counter, *, ids: list[int]) -> list[Drift]:
    counted = f"SELECT * FROM ({COUNTED[counter]}) c WHERE id = ANY (%s::bigint[]) AND kept <> counted"
    found = rows(
        f"WITH wrong AS MATERIALIZED ({counted}), mended AS ({_WRITE[counter]}) SELECT id, kept, counted FROM wrong ORDER BY id", (ids,)
    )
    return [Drift(counter=counter, row_id=row.id, kept=row.kept, counted=row.counted) for row in found]
