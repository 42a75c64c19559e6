"""What billing promises, as SQL over the whole database: no row means the promise holds."""

from typing import Final

from billing.queries.card_promises import CARD_PROMISES
from core.ports import Invariant
from core.words import gettext_noop as _

_COMPANY: Final = "(%(company)s::bigint IS NULL OR {}.company_id = %(company)s)"


def _of(table: str) -> str:
    return _COMPANY.format(table)


PROMISES: Final = (
    Invariant(
        name="billing.entries_balance",
        promise=_("Every ledger entry has postings, and they sum to zero in each currency."),
        sql=f"""
            SELECT e.id, p.currency, sum(p.amount) AS off FROM billing_entry e LEFT JOIN billing_posting p ON p.entry_id = e.id
            WHERE {_of("e")} GROUP BY e.id, p.currency HAVING sum(p.amount) IS DISTINCT FROM 0
        """,
    ),
    Invariant(
        name="billing.books_balance",
        promise=_("All postings of a company sum to zero in each currency."),
        sql=f"""
            SELECT a.company_id, p.currency, sum(p.amount) AS off FROM billing_posting p JOIN billing_ledgeraccount a ON a.id = p.account_id
            WHERE {_of("a")} GROUP BY a.company_id, p.currency HAVING sum(p.amount) <> 0
        """,
    ),
    Invariant(
        name="billing.postings_fit_their_account",
        promise=_("Every posting has the currency, company and party of its account."),
        sql=f"""
            SELECT p.id FROM billing_posting p JOIN billing_ledgeraccount a ON a.id = p.account_id JOIN billing_entry e ON e.id = p.entry_id
            WHERE {_of("a")} AND (p.currency, p.party_kind, p.party_id, e.company_id)
                IS DISTINCT FROM (a.currency, a.party_kind, a.party_id, a.company_id)
        """,
    ),
    Invariant(
        name="billing.party_balances",
        promise=_("The balance of every party's account is the sum of its postings."),
        sql=f"""
            SELECT a.id, b.balance, coalesce(s.amount, 0) AS counted
            FROM billing_ledgeraccount a LEFT JOIN billing_partybalance b ON b.account_id = a.id
            LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM billing_posting WHERE party_id IS NOT NULL GROUP BY account_id) s
                ON s.account_id = a.id
            WHERE a.party_id IS NOT NULL AND {_of("a")} AND coalesce(b.balance, 0) <> coalesce(s.amount, 0)
        """,
    ),
    Invariant(
        name="billing.receivables_open",
        promise=_("What is open on an invoice is its total less applications and credit notes."),
        sql=f"""
            SELECT r.invoice_id, r.open_amount, r.amount - coalesce(a.amount, 0) - coalesce(c.amount, 0) AS counted
            FROM billing_receivable r
            LEFT JOIN (SELECT receivable_id, sum(amount) AS amount FROM billing_application GROUP BY 1) a ON a.receivable_id = r.invoice_id
            LEFT JOIN (SELECT invoice_id, sum(total) AS amount FROM billing_creditnote GROUP BY 1) c ON c.invoice_id = r.invoice_id
            WHERE {_of("r")} AND r.open_amount <> r.amount - coalesce(a.amount, 0) - coalesce(c.amount, 0)
        """,
    ),
    Invariant(
        name="billing.payments_unapplied",
        promise=_("What a payment holds is its amount less applications and refunds; a reversed one holds and settles nothing."),
        sql=f"""
            SELECT p.id, p.unapplied_amount,
                   CASE WHEN p.status = 'reversed' THEN 0 ELSE p.amount END - coalesce(a.amount, 0) - coalesce(r.amount, 0) AS counted
            FROM billing_payment p
            LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM billing_application GROUP BY 1) a ON a.payment_id = p.id
            LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM billing_refund GROUP BY 1) r ON r.payment_id = p.id
            WHERE {_of("p")} AND p.unapplied_amount <>
                CASE WHEN p.status = 'reversed' THEN 0 ELSE p.amount END - coalesce(a.amount, 0) - coalesce(r.amount, 0)
        """,
    ),
    Invariant(
        name="billing.payment_status",
        promise=_("The state of a payment says what it still holds."),
        sql=f"""
            SELECT p.id, p.status, p.unapplied_amount FROM billing_payment p
            WHERE {_of("p")} AND p.status <> CASE
                WHEN p.status = 'reversed' THEN 'reversed' WHEN p.unapplied_amount = 0 THEN 'applied' ELSE 'received' END
        """,
    ),
    Invariant(
        name="billing.refunds_within",
        promise=_("Refunds never exceed the payment they come from."),
        sql=f"""
            SELECT p.id, p.amount, sum(r.amount) AS refunded FROM billing_payment p JOIN billing_refund r ON r.payment_id = p.id
            WHERE {_of("p")} GROUP BY p.id HAVING sum(r.amount) > p.amount
        """,
    ),
    Invariant(
        name="billing.invoice_totals",
        promise=_("The total of an invoice is the sum of its lines and the sum of its rates, price and tax."),
        sql=f"""
            SELECT i.id, i.number, i.total, l.amount AS lines, t.amount AS rates FROM billing_invoice i
            LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_invoiceline GROUP BY 1) l ON l.invoice_id = i.id
            LEFT JOIN (SELECT invoice_id, sum(taxable + tax) AS amount FROM billing_invoicetax GROUP BY 1) t ON t.invoice_id = i.id
            WHERE {_of("i")} AND (i.total <> coalesce(l.amount, 0) OR i.total <> coalesce(t.amount, 0))
        """,
    ),
    Invariant(
        name="billing.invoices_booked",
        promise=_("Every invoice has exactly one sale entry, of its amount, against its customer."),
        sql=f"""
            SELECT i.id, i.number, i.total, e.id AS entry, p.amount AS booked FROM billing_invoice i
            LEFT JOIN billing_entry e ON e.id = i.entry_id AND e.kind = 'sale' AND e.company_id = i.company_id
            LEFT JOIN LATERAL (SELECT sum(p.amount) AS amount FROM billing_posting p JOIN billing_ledgeraccount a ON a.id = p.account_id
                WHERE p.entry_id = e.id AND a.kind = 'receivable' AND p.party_kind = 'customer' AND p.party_id = i.customer_id) p ON true
            WHERE {_of("i")} AND i.total <> coalesce(p.amount, 0)
            UNION ALL
            SELECT NULL, e.reference, NULL, e.id, NULL FROM billing_entry e LEFT JOIN billing_invoice i ON i.entry_id = e.id
            WHERE {_of("e")} AND e.kind = 'sale' AND i.id IS NULL
        """,
    ),
    Invariant(
        name="billing.payments_booked",
        promise=_("Every payment, application, refund and credit note is booked by an entry of its own, of its amount."),
        sql=f"""
            SELECT e.id, e.kind, d.amount, b.amount AS booked FROM billing_entry e
            LEFT JOIN (
                SELECT entry_id, 'payment' AS kind, amount FROM billing_payment
                UNION ALL SELECT entry_id, 'refund', amount FROM billing_refund
                UNION ALL SELECT entry_id, 'credit', total FROM billing_creditnote
                UNION ALL SELECT entry_id, 'application', abs(amount) FROM billing_application
            ) d ON d.entry_id = e.id AND d.kind = e.kind
            LEFT JOIN LATERAL (SELECT sum(p.amount) FILTER (WHERE p.amount > 0) AS amount FROM billing_posting p WHERE p.entry_id = e.id) b ON true
            WHERE {_of("e")} AND e.kind IN ('payment', 'refund', 'credit', 'application')
                AND d.amount IS DISTINCT FROM b.amount
        """,
    ),
    Invariant(
        name="billing.credit_notes_within",
        promise=_("The credit notes of an invoice never exceed it, in total, line by line, nor in the tax of a rate."),
        sql=f"""
            SELECT i.id, i.number, 'total' AS what, sum(n.total) AS credited FROM billing_invoice i JOIN billing_creditnote n ON n.invoice_id = i.id
            WHERE {_of("i")} GROUP BY i.id HAVING sum(n.total) > i.total
            UNION ALL
            SELECT i.id, i.number, 'line ' || l.position, sum(c.amount) FROM billing_creditnoteline c
            JOIN billing_invoiceline l ON l.id = c.invoice_line_id JOIN billing_invoice i ON i.id = l.invoice_id
            WHERE {_of("i")} GROUP BY i.id, l.id HAVING sum(c.amount) > l.amount OR sum(c.quantity) > l.quantity
            UNION ALL
            SELECT i.id, i.number, 'tax ' || t.tax_class, sum(t.tax) FROM billing_creditnotetax t
            JOIN billing_creditnote n ON n.id = t.credit_note_id JOIN billing_invoice i ON i.id = n.invoice_id
            JOIN billing_invoicetax x ON x.invoice_id = i.id AND x.tax_class = t.tax_class AND x.tax_rate_bp = t.tax_rate_bp
            WHERE {_of("i")} GROUP BY i.id, t.tax_class, t.tax_rate_bp, x.id HAVING sum(t.tax) > x.tax OR sum(t.taxable) > x.taxable
        """,
    ),
    Invariant(
        name="billing.credit_note_totals",
        promise=_("The total of a credit note is the sum of its lines and the sum of its rates, price and tax."),
        sql=f"""
            SELECT n.id, n.number, n.total, l.amount AS lines, t.amount AS rates FROM billing_creditnote n
            LEFT JOIN (SELECT credit_note_id, sum(amount) AS amount FROM billing_creditnoteline GROUP BY 1) l ON l.credit_note_id = n.id
            LEFT JOIN (SELECT credit_note_id, sum(taxable + tax) AS amount FROM billing_creditnotetax GROUP BY 1) t ON t.credit_note_id = n.id
            WHERE {_of("n")} AND (n.total <> coalesce(l.amount, 0) OR n.total <> coalesce(t.amount, 0))
        """,
    ),
    Invariant(
        name="billing.deposits_not_negative",
        promise=_("We never hold less than nothing of a customer: deposits are what their payments hold, exactly."),
        sql=f"""
            SELECT a.party_id, a.currency, -coalesce(b.balance, 0) AS held, coalesce(u.amount, 0) AS unapplied
            FROM billing_ledgeraccount a LEFT JOIN billing_partybalance b ON b.account_id = a.id
            LEFT JOIN (SELECT company_id, customer_id, currency, sum(unapplied_amount) AS amount FROM billing_payment GROUP BY 1, 2, 3) u
                ON (u.company_id, u.customer_id, u.currency) = (a.company_id, a.party_id, a.currency)
            WHERE a.kind = 'customer_deposit' AND a.party_kind = 'customer' AND {_of("a")}
                AND (coalesce(b.balance, 0) > 0 OR -coalesce(b.balance, 0) <> coalesce(u.amount, 0))
        """,
    ),
    Invariant(
        name="billing.receivables_agree",
        promise=_("What a customer owes by the ledger is what is open on their invoices."),
        sql=f"""
            SELECT a.party_id, a.currency, coalesce(b.balance, 0) AS owed, coalesce(o.amount, 0) AS open
            FROM billing_ledgeraccount a LEFT JOIN billing_partybalance b ON b.account_id = a.id
            LEFT JOIN (SELECT company_id, customer_id, currency, sum(open_amount) AS amount FROM billing_receivable GROUP BY 1, 2, 3) o
                ON (o.company_id, o.customer_id, o.currency) = (a.company_id, a.party_id, a.currency)
            WHERE a.kind = 'receivable' AND a.party_kind = 'customer' AND {_of("a")} AND coalesce(b.balance, 0) <> coalesce(o.amount, 0)
        """,
    ),
    Invariant(
        name="billing.documents_fit_their_customer",
        promise=_("Every document belongs to the company of its customer."),
        sql=f"""
            SELECT d.what, d.id FROM (
                SELECT 'invoice' AS what, id, company_id, customer_id FROM billing_invoice
                UNION ALL SELECT 'payment', id, company_id, customer_id FROM billing_payment WHERE customer_id IS NOT NULL
                UNION ALL SELECT 'intent', id, company_id, customer_id FROM billing_paymentintent
                UNION ALL SELECT 'credit note', id, company_id, customer_id FROM billing_creditnote
                UNION ALL SELECT 'receivable', invoice_id, company_id, customer_id FROM billing_receivable
            ) d JOIN customers_customer c ON c.id = d.customer_id WHERE {_of("d")} AND c.company_id <> d.company_id
        """,
    ),
    Invariant(
        name="billing.one_open_intent",
        promise=_("An order waits for at most one payment attempt, and only its latest one can be open."),
        sql=f"""
            SELECT i.order_ref, count(*) AS open FROM billing_paymentintent i
            WHERE {_of("i")} AND i.status IN ('requested', 'authorised', 'unknown') GROUP BY i.order_ref HAVING count(*) > 1
            UNION ALL
            SELECT i.order_ref, i.attempt FROM billing_paymentintent i
            WHERE {_of("i")} AND i.status IN ('requested', 'authorised', 'unknown')
                AND EXISTS (SELECT 1 FROM billing_paymentintent l WHERE l.order_ref = i.order_ref AND l.attempt > i.attempt)
        """,
    ),
    Invariant(
        name="billing.reversals_mirror",
        promise=_("A reversed payment is the opposite of its entry: together they leave no cash."),
        sql=f"""
            SELECT p.id, sum(s.amount) AS cash FROM billing_payment p
            JOIN billing_entry e ON e.id = p.entry_id OR e.reverses_id = p.entry_id
            JOIN billing_posting s ON s.entry_id = e.id JOIN billing_ledgeraccount a ON a.id = s.account_id AND a.kind = 'cash'
            WHERE {_of("p")} AND p.status = 'reversed' GROUP BY p.id HAVING sum(s.amount) <> 0
        """,
    ),
)


def invariants() -> tuple[Invariant, ...]:
    """Every promise of billing, in the order it should be read."""
    return (*PROMISES, *CARD_PROMISES)
