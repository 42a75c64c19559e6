from django.db import migrations

from core.audit import audited

# What a price was, from when and for which quantity, is evidence (two-price displays): it ends, it isn't rewritten.
PRICE_HISTORY = """
CREATE FUNCTION catalog_price_keeps_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.price_list_id, NEW.variant_id, NEW.min_quantity, NEW.amount, NEW.from_at)
        IS NOT DISTINCT FROM (OLD.price_list_id, OLD.variant_id, OLD.min_quantity, OLD.amount, OLD.from_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A price is ended, never changed or deleted'
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'catalog_price_keeps_history',
              HINT = 'Set its until_at and write a new row: catalog.operations.set_prices does both.';
END $$;
CREATE TRIGGER keeps_history BEFORE UPDATE OR DELETE ON catalog_price
    FOR EACH ROW EXECUTE FUNCTION catalog_price_keeps_history();
"""
UNDO = "DROP TRIGGER keeps_history ON catalog_price; DROP FUNCTION catalog_price_keeps_history();"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("core", "0001_initial")]
    operations = [
        migrations.RunSQL(PRICE_HISTORY, UNDO),
        audited("catalog_product"),
        audited("catalog_producttext", ignore=["search_key", "bigrams"]),
        audited("catalog_productimage"),
        audited("catalog_productcategory"),
        audited("catalog_variant"),
        audited("catalog_listing"),
        audited("catalog_pricelist"),
        audited("catalog_price"),
        audited("catalog_category", ignore=["numchild"]),
        audited("catalog_categorytree"),
    ]
