"""What the database itself watches over: ledgers only grow, masters leave a trail, every series has its sequence."""

from django.db import migrations

from core.audit import append_only, audited

NUMBER_SEQUENCES = """
CREATE FUNCTION core_number_sequence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        EXECUTE format('DROP SEQUENCE IF EXISTS %I.core_number_%s', TG_TABLE_SCHEMA, OLD.id);
    ELSE
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I.core_number_%s START WITH %s', TG_TABLE_SCHEMA, NEW.id, NEW.start);
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I.core_number_%s TO %I', TG_TABLE_SCHEMA, NEW.id, session_user);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION core_number_text(prefix text, digits integer, number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN prefix || lpad(number::text, greatest(digits, length(number::text)), '0');
CREATE TRIGGER number_sequence AFTER INSERT OR DELETE ON core_numberseries
    FOR EACH ROW EXECUTE FUNCTION core_number_sequence();
"""

# Queues and kept answers: every row changes or goes soon, so they're swept early and often.
SWEPT_OFTEN = ("core_outboxevent", "core_outboxdelivery", "core_idempotencyresult", "core_webhookmessage")
SWEEP = "ALTER TABLE {} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);"
SWEEP_AS_OTHERS = "ALTER TABLE {} RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        *[migrations.RunSQL(SWEEP.format(table), SWEEP_AS_OTHERS.format(table)) for table in SWEPT_OFTEN],
        migrations.RunSQL(
            NUMBER_SEQUENCES,
            "DROP TRIGGER number_sequence ON core_numberseries; DROP FUNCTION core_number_text; DROP FUNCTION core_number_sequence;",
        ),
        append_only("core_auditentry"),
        append_only("core_personaldataread"),
        audited("core_company"),
        audited("core_legaltext"),
        audited("core_brand"),
        audited("core_site"),
        audited("core_saleschannel"),
        audited("core_numberseries"),
        audited("core_taxclass", key="code"),
        audited("core_taxrate"),
        audited("core_businesscalendar"),
        audited("core_calendarday"),
        audited("core_webhookendpoint", inserts=True, ignore=["secret", "former_secret"]),
    ]
