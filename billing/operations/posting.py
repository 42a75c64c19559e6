"""The only writer of the ledger: accounts, entries, postings and party balances."""

from collections.abc import Sequence
from datetime import datetime

from billing.rules import AccountKey, EntryDraft, settled
from core.actor import Actor
from core.db import rows, run

# Written only where missing: an impersonal account is shared by everybody and must not become a hot row.
_OPEN_ACCOUNTS = """
INSERT INTO billing_ledgeraccount (company_id, kind, currency, tax_class, party_kind, party_id)
SELECT a.company_id, a.kind, a.currency, nullif(a.tax_class, ''), nullif(a.party_kind, ''), a.party_id
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS a (key, company_id, kind, currency, tax_class, party_kind, party_id)
WHERE NOT EXISTS (SELECT 1 FROM billing_ledgeraccount l WHERE l.key = a.key)
ORDER BY a.key COLLATE "C"
ON CONFLICT (key) DO NOTHING
"""

# Party balances are locked in the order of their accounts and change in the statement that writes their postings.
_POST = """
WITH draft AS MATERIALIZED (
    SELECT * FROM unnest(%(once)s::text[], %(company)s::bigint[], %(kind)s::text[], %(reference)s::text[], %(order)s::uuid[],
                         %(booked)s::date[], %(memo)s::text[], %(reverses)s::bigint[])
        WITH ORDINALITY AS d (once_key, company_id, kind, reference, order_ref, booked_on, memo, reverses_id, place)
), entry AS (
    INSERT INTO billing_entry (company_id, kind, reference, order_ref, once_key, booked_on, at, memo, reverses_id,
                               actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT company_id, kind, reference, order_ref, once_key, booked_on, %(at)s::timestamptz, memo, reverses_id,
           %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
    FROM draft ORDER BY place
    RETURNING id, once_key
), side AS MATERIALIZED (
    SELECT e.id AS entry_id, l.id AS account_id, l.currency, l.party_kind, l.party_id, s.amount
    FROM unnest(%(side_once)s::text[], %(side_account)s::text[], %(side_amount)s::bigint[]) AS s (once_key, account_key, amount)
    JOIN entry e ON e.once_key = s.once_key
    JOIN billing_ledgeraccount l ON l.key = s.account_key
), posted AS (
    INSERT INTO billing_posting (entry_id, account_id, currency, amount, party_kind, party_id)
    SELECT entry_id, account_id, currency, amount, party_kind, party_id FROM side ORDER BY entry_id, account_id
), balanced AS (
    INSERT INTO billing_partybalance AS b (account_id, balance)
    SELECT account_id, sum(amount) FROM side WHERE party_id IS NOT NULL GROUP BY account_id ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE SET balance = b.balance + excluded.balance
)
SELECT id, once_key FROM entry
"""


def post_entries(drafts: Sequence[EntryDraft], *, actor: Actor, at: datetime) -> dict[str, int]:
    """Each draft is an entry with all its postings, and the balances of its parties have moved; ids by once key.

    Call it inside an operation, once, after documents are locked: ledger accounts come last in the lock order. Two
    statements however many drafts. Raises Unbalanced; a once key used before is an IntegrityError.
    """
    if not drafts:
        return {}
    sides = [(draft.once_key, side) for draft in drafts for side in settled(draft.sides)]
    _open_accounts(sorted({side.account for _, side in sides}, key=lambda account: account.text))
    made = rows(
        _POST,
        {
            "once": [d.once_key for d in drafts],
            "company": [d.company_id for d in drafts],
            "kind": [str(d.kind) for d in drafts],
            "reference": [d.reference for d in drafts],
            "order": [d.order_ref for d in drafts],
            "booked": [d.booked_on for d in drafts],
            "memo": [d.memo[:200] for d in drafts],
            "reverses": [d.reverses_id for d in drafts],
            "at": at,
            "side_once": [once for once, _ in sides],
            "side_account": [side.account.text for _, side in sides],
            "side_amount": [side.amount for _, side in sides],
            **by(actor),
        },
    )
    return {row.once_key: row.id for row in made}


def _open_accounts(accounts: Sequence[AccountKey]) -> None:
    run(
        _OPEN_ACCOUNTS,
        (
            [a.text for a in accounts],
            [a.company_id for a in accounts],
            [str(a.kind) for a in accounts],
            [a.currency for a in accounts],
            [a.tax_class for a in accounts],
            [str(a.party_kind or "") for a in accounts],
            [a.party_id for a in accounts],
        ),
    )


def by(actor: Actor) -> dict[str, str]:
    """The actor as the parameters every document carries."""
    return {
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "actor_label": actor.label,
        "on_behalf_of": actor.on_behalf_of,
    }
