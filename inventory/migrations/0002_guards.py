"""What the database itself watches over: ledgers only grow, masters leave a trail, every day's stock is summed as it moves."""

from django.db import migrations

from core.audit import append_only, audited

# Under the shelf's lock, in the statement that moved it: nobody who writes the ledger can forget it, and nobody waits for it.
KEEP_DAYS = """
CREATE FUNCTION inventory_sum_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_stockday AS d (stock_id, stock_item_id, location_id, day, kind, quantity, value)
    SELECT n.stock_id, n.stock_item_id, n.location_id, (n.at AT TIME ZONE c.timezone)::date, n.kind, sum(n.quantity), sum(n.value)
    FROM new_rows n JOIN inventory_location l ON l.id = n.location_id JOIN core_company c ON c.id = l.company_id
    WHERE n.quantity <> 0 OR n.value <> 0
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 4, 5
    ON CONFLICT (stock_id, day, kind) DO UPDATE SET quantity = d.quantity + excluded.quantity, value = d.value + excluded.value;
    RETURN NULL;
END $$;
CREATE TRIGGER sum_days AFTER INSERT ON inventory_movement REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_sum_days();
"""
FORGET_DAYS = "DROP TRIGGER sum_days ON inventory_movement; DROP FUNCTION inventory_sum_days();"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("core", "0001_initial")]
    operations = [
        migrations.RunSQL(KEEP_DAYS, FORGET_DAYS),
        append_only("inventory_movement"),
        append_only("inventory_goodsreceipt"),
        append_only("inventory_goodsreceiptline"),
        append_only("inventory_transferarrival"),
        append_only("inventory_stocktakecount"),
        append_only("inventory_columnmap"),
        append_only("inventory_mappedcolumn"),
        audited("inventory_stockitem"),
        audited("inventory_component"),
        audited("inventory_kit"),
        audited("inventory_kitpart"),
        audited("inventory_location"),
        audited("inventory_locationstaff"),
        audited("inventory_lot"),
        audited("inventory_shelflife", inserts=True),
        audited("inventory_stockpool"),
        audited("inventory_poolsource"),
        audited("inventory_poolchannel"),
        audited("inventory_stockexclusion"),
        audited("inventory_routingrule"),
        audited("inventory_backorderterms"),
        audited("inventory_supplier", personal=["person", "email", "phone", "fax"]),
        audited("inventory_supplieritem"),
        audited("inventory_purchaseorder"),
        audited("inventory_purchaseorderline", ignore=["received_quantity"]),
        audited("inventory_stocktransfer"),
        audited("inventory_stocktake"),
        audited("inventory_shelfmark"),
        audited("inventory_replenishmentpolicy"),
        audited("inventory_exchangefolder", inserts=True),
    ]
