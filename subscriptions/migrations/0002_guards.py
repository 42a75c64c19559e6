from django.db import migrations

from core.audit import append_only, audited

PLACE = [
    "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "postal_code", "prefecture", "city", "street",
    "building", "phone",
]  # fmt: skip

# What is over is over: a new contract is opened instead, and a delivery that was ordered is never planned again.
FINAL = """
CREATE FUNCTION subscriptions_refuse_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% %: % cannot become %', TG_TABLE_NAME, OLD.id, OLD.status, NEW.status
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_final';
END $$;
CREATE TRIGGER final BEFORE UPDATE ON subscriptions_subscription FOR EACH ROW
    WHEN (OLD.status IN ('cancelled', 'completed') AND NEW.status <> OLD.status) EXECUTE FUNCTION subscriptions_refuse_revival();
CREATE TRIGGER final BEFORE UPDATE ON subscriptions_cycle FOR EACH ROW
    WHEN (OLD.status = 'generated' AND NEW.status = 'planned') EXECUTE FUNCTION subscriptions_refuse_revival();
"""
UNDO = """
DROP TRIGGER final ON subscriptions_cycle; DROP TRIGGER final ON subscriptions_subscription;
DROP FUNCTION subscriptions_refuse_revival();
"""


class Migration(migrations.Migration):
    """The history of a contract only grows; what people change leaves a trail; what is over stays over."""

    dependencies = [("subscriptions", "0001_initial"), ("core", "0001_initial")]
    operations = [
        append_only("subscriptions_subscriptionchange"),
        audited("subscriptions_plan", inserts=True),
        audited("subscriptions_planvariant", inserts=True),
        audited("subscriptions_subscription", personal=PLACE, ignore=["version"]),
        audited("subscriptions_subscriptionitem"),
        migrations.RunSQL(FINAL, UNDO),
    ]
