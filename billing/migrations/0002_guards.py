"""What the database itself watches over: books that only grow and always balance, money that goes back only once."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.audit import FUNCTIONS, append_only

# One check per statement, over all rows it wrote: a deferred trigger per row costs some hundred times more.
# An entry's postings come in one statement, so a later statement can neither add to an entry nor split it.
BALANCE = """
CREATE FUNCTION billing_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad bigint;
BEGIN
    SELECT entry_id INTO bad FROM fresh GROUP BY entry_id, currency HAVING sum(amount) <> 0 ORDER BY entry_id LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'Entry % does not sum to zero per currency', bad
            USING ERRCODE = 'check_violation', TABLE = 'billing_posting', CONSTRAINT = 'billing_posting_balance',
                  HINT = 'Insert all postings of an entry in one statement, debits positive, credits negative.';
    END IF;
    SELECT f.entry_id INTO bad FROM (SELECT entry_id, count(*) AS n FROM fresh GROUP BY entry_id) f
    WHERE f.n <> (SELECT count(*) FROM billing_posting p WHERE p.entry_id = f.entry_id) ORDER BY f.entry_id LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'Entry % is closed: its postings were written before', bad
            USING ERRCODE = 'check_violation', TABLE = 'billing_posting', CONSTRAINT = 'billing_posting_once',
                  HINT = 'Write a new entry that corrects the old one.';
    END IF;
    SELECT f.entry_id INTO bad FROM fresh f JOIN billing_ledgeraccount a ON a.id = f.account_id
    JOIN billing_entry e ON e.id = f.entry_id
    WHERE a.currency <> f.currency OR a.company_id <> e.company_id LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'Entry % posts to an account of another company or currency', bad
            USING ERRCODE = 'check_violation', TABLE = 'billing_posting', CONSTRAINT = 'billing_posting_account_fits';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance AFTER INSERT ON billing_posting REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION billing_entries_balance();
"""

# Statement triggers fire when the whole statement is done, with every WITH branch of it. So an entry and its postings
# written by one statement pass, and an entry alone is refused at once: sooner and cheaper than at commit.
ENTRY_HAS_POSTINGS = """
CREATE FUNCTION billing_entries_have_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad bigint;
BEGIN
    SELECT e.id INTO bad FROM fresh e WHERE NOT EXISTS (SELECT 1 FROM billing_posting p WHERE p.entry_id = e.id) ORDER BY e.id LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'Entry % has no postings', bad
            USING ERRCODE = 'check_violation', TABLE = 'billing_entry', CONSTRAINT = 'billing_entry_has_postings',
                  HINT = 'Write an entry and its postings in one statement.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER has_postings AFTER INSERT ON billing_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION billing_entries_have_postings();
"""

# What settles an invoice and what goes back share one bound, held under a lock on the payment: applications + refunds
# never exceed the payment, whoever writes them and however many at once.
BOUNDS = """
CREATE FUNCTION billing_payments_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
    bad bigint;
BEGIN
    SELECT array_agg(DISTINCT payment_id ORDER BY payment_id) INTO touched FROM fresh;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM billing_payment WHERE id = ANY (touched) ORDER BY id FOR UPDATE;
    SELECT p.id INTO bad FROM billing_payment p WHERE p.id = ANY (touched) AND (
        CASE WHEN p.status = 'reversed' THEN 0 ELSE p.amount END <
        coalesce((SELECT sum(r.amount) FROM billing_refund r WHERE r.payment_id = p.id), 0)
        + coalesce((SELECT sum(a.amount) FROM billing_application a WHERE a.payment_id = p.id), 0)) LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'Payment % would give more than was received', bad
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'billing_payment_not_overdrawn',
                  HINT = 'What has settled an invoice is freed by a credit note; only what a payment still holds can go back.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER within_payment AFTER INSERT ON billing_refund REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION billing_payments_within();
CREATE TRIGGER within_payment AFTER INSERT ON billing_application REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION billing_payments_within();
"""

# The same table as billing.rules.INTENT_MOVES; a test compares them. Staying in a state is no move.
MOVES = """
CREATE FUNCTION billing_intent_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status, NEW.status) IN (
        ('requested', 'authorised'), ('requested', 'captured'), ('requested', 'voided'), ('requested', 'failed'), ('requested', 'unknown'),
        ('authorised', 'captured'), ('authorised', 'voided'), ('authorised', 'failed'), ('authorised', 'unknown'),
        ('unknown', 'authorised'), ('unknown', 'captured'), ('unknown', 'voided'), ('unknown', 'failed'),
        ('captured', 'failed')
    ) THEN
        RAISE EXCEPTION 'A payment intent cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', TABLE = 'billing_paymentintent', CONSTRAINT = 'billing_paymentintent_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moves BEFORE UPDATE OF status ON billing_paymentintent FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION billing_intent_moves();
"""

# Rows that carry a running figure may change it, and nothing else that was said when they were written.
FROZEN = """
CREATE TRIGGER frozen BEFORE UPDATE ON billing_payment FOR EACH ROW
    WHEN ((OLD.company_id, OLD.order_ref, OLD.method, OLD.currency, OLD.amount, OLD.once_key, OLD.received_on, OLD.entry_id)
        IS DISTINCT FROM (NEW.company_id, NEW.order_ref, NEW.method, NEW.currency, NEW.amount, NEW.once_key, NEW.received_on, NEW.entry_id)
        OR (OLD.customer_id IS NOT NULL AND OLD.customer_id IS DISTINCT FROM NEW.customer_id))
    EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE ON billing_receivable FOR EACH ROW
    WHEN ((OLD.invoice_id, OLD.company_id, OLD.customer_id, OLD.order_ref, OLD.currency, OLD.amount)
        IS DISTINCT FROM (NEW.invoice_id, NEW.company_id, NEW.customer_id, NEW.order_ref, NEW.currency, NEW.amount))
    EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE ON billing_paymentintent FOR EACH ROW
    WHEN ((OLD.company_id, OLD.order_ref, OLD.customer_id, OLD.attempt, OLD.method, OLD.currency, OLD.amount)
        IS DISTINCT FROM (NEW.company_id, NEW.order_ref, NEW.customer_id, NEW.attempt, NEW.method, NEW.currency, NEW.amount))
    EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE ON billing_ledgeraccount FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""

# A settled call stays settled, what a card or an attempt refers to stays.
SETTLED = """
CREATE TRIGGER settled BEFORE UPDATE ON billing_gatewaycall FOR EACH ROW
    WHEN (OLD.state IN ('ok', 'failed') AND OLD.state IS DISTINCT FROM NEW.state
        OR (OLD.public_id, OLD.company_id, OLD.kind, OLD.amount, OLD.currency) IS DISTINCT FROM (NEW.public_id, NEW.company_id, NEW.kind, NEW.amount, NEW.currency)
        OR (OLD.intent_id, OLD.means_id, OLD.refund_id) IS DISTINCT FROM (NEW.intent_id, NEW.means_id, NEW.refund_id))
    EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER same_card BEFORE UPDATE ON billing_paymentmeans FOR EACH ROW
    WHEN ((OLD.public_id, OLD.company_id, OLD.provider, OLD.provider_ref) IS DISTINCT FROM (NEW.public_id, NEW.company_id, NEW.provider, NEW.provider_ref)
        OR (OLD.customer_id IS NOT NULL AND OLD.customer_id IS DISTINCT FROM NEW.customer_id)
        OR (OLD.ended_at IS NOT NULL AND OLD.ended_at IS DISTINCT FROM NEW.ended_at))
    EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER same_attempt BEFORE UPDATE ON billing_paymentintent FOR EACH ROW
    WHEN (OLD.means_id IS DISTINCT FROM NEW.means_id OR (OLD.provider_ref <> '' AND OLD.provider_ref <> NEW.provider_ref)
        OR NEW.captured_amount < OLD.captured_amount OR (OLD.authorised_amount > 0 AND NEW.authorised_amount <> OLD.authorised_amount))
    EXECUTE FUNCTION core_refuse_change();
"""

KEPT = (
    "billing_payment",
    "billing_receivable",
    "billing_paymentintent",
    "billing_ledgeraccount",
    "billing_partybalance",
    "billing_gatewaycall",
    "billing_gatewayevent",
    "billing_paymentmeans",
)

BOOKS = (
    "billing_entry",
    "billing_posting",
    "billing_application",
    "billing_refund",
    "billing_invoice",
    "billing_invoiceline",
    "billing_invoicetax",
    "billing_creditnote",
    "billing_creditnoteline",
    "billing_creditnotetax",
)


def _undeletable(table: str) -> RunSQL:
    """Rows of the table may change, but none is ever deleted."""
    return RunSQL(
        FUNCTIONS
        + f"""
        CREATE TRIGGER kept_row BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
        CREATE TRIGGER kept_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
        """,
        f"DROP TRIGGER kept_table ON {table}; DROP TRIGGER kept_row ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [
        *(append_only(table) for table in BOOKS),
        *(_undeletable(table) for table in KEPT),
        RunSQL(BALANCE, "DROP TRIGGER balance ON billing_posting; DROP FUNCTION billing_entries_balance();"),
        RunSQL(ENTRY_HAS_POSTINGS, "DROP TRIGGER has_postings ON billing_entry; DROP FUNCTION billing_entries_have_postings();"),
        RunSQL(
            BOUNDS,
            "DROP TRIGGER within_payment ON billing_application; DROP TRIGGER within_payment ON billing_refund;"
            " DROP FUNCTION billing_payments_within();",
        ),
        RunSQL(MOVES, "DROP TRIGGER moves ON billing_paymentintent; DROP FUNCTION billing_intent_moves();"),
        RunSQL(
            FROZEN,
            "DROP TRIGGER frozen ON billing_payment; DROP TRIGGER frozen ON billing_receivable;"
            " DROP TRIGGER frozen ON billing_paymentintent; DROP TRIGGER frozen ON billing_ledgeraccount;",
        ),
        RunSQL(
            SETTLED,
            "DROP TRIGGER settled ON billing_gatewaycall; DROP TRIGGER same_card ON billing_paymentmeans;"
            " DROP TRIGGER same_attempt ON billing_paymentintent;",
        ),
    ]
