"""What the database watches over for cards: a settled call stays settled, references stay, nothing is deleted."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.audit import FUNCTIONS

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

KEPT = ("billing_gatewaycall", "billing_gatewayevent", "billing_paymentmeans")


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
    dependencies = [("billing", "0004_cards")]
    operations = [
        *(_undeletable(table) for table in KEPT),
        RunSQL(
            SETTLED,
            "DROP TRIGGER settled ON billing_gatewaycall; DROP TRIGGER same_card ON billing_paymentmeans;"
            " DROP TRIGGER same_attempt ON billing_paymentintent;",
        ),
    ]
