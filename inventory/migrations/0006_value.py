import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

import core.fields

KINDS = [
    "opening", "receipt", "shipment", "return", "adjustment", "transfer_out", "transfer_in", "made_unsellable", "made_sellable", "revaluation",
]  # fmt: skip

# What is in the ledger already is valued as it would have been (ADR 0020), movement by movement in the order it was written.
REPLAY = """
ALTER TABLE inventory_movement DISABLE TRIGGER append_only_row;
CREATE TEMPORARY TABLE shelf_worth ON COMMIT DROP AS SELECT id, 0::bigint AS quantity, 0::bigint AS value FROM inventory_stock;
ALTER TABLE shelf_worth ADD PRIMARY KEY (id);
DO $$
DECLARE
    m record;
    worth bigint;
BEGIN
    FOR m IN
        SELECT v.id, v.stock_id, v.kind, v.quantity, v.value, v.once_key, i.owner_kind
        FROM inventory_movement v JOIN inventory_stockitem i ON i.id = v.stock_item_id ORDER BY v.id
    LOOP
        IF m.quantity = 0 OR m.owner_kind <> 'own' THEN
            worth := 0;
        ELSIF m.quantity > 0 AND m.value IS NOT NULL THEN
            worth := m.value;
        ELSE
            SELECT sign(m.quantity) * div(2 * s.value::numeric * abs(m.quantity) + s.quantity, 2 * greatest(s.quantity, 1)) INTO worth
            FROM shelf_worth s WHERE s.id = m.stock_id;
            IF m.kind = 'transfer_in' THEN
                worth := coalesce(
                    (SELECT -o.value FROM inventory_movement o
                     WHERE o.once_key = regexp_replace(m.once_key, 'transfer_in$', 'transfer_out')), worth);
            END IF;
        END IF;
        UPDATE inventory_movement SET value = worth WHERE id = m.id;
        UPDATE shelf_worth SET quantity = quantity + m.quantity, value = value + worth WHERE id = m.stock_id;
    END LOOP;
END $$;
UPDATE inventory_stock s SET value = w.value FROM shelf_worth w WHERE w.id = s.id AND w.value <> 0;
INSERT INTO inventory_stockday (stock_id, stock_item_id, location_id, day, kind, quantity, value)
SELECT m.stock_id, m.stock_item_id, m.location_id, (m.at AT TIME ZONE c.timezone)::date, m.kind, sum(m.quantity), sum(m.value)
FROM inventory_movement m JOIN inventory_location l ON l.id = m.location_id JOIN core_company c ON c.id = l.company_id
WHERE m.quantity <> 0 OR m.value <> 0 GROUP BY 1, 2, 3, 4, 5;
SET CONSTRAINTS ALL IMMEDIATE;
"""
FORGET = "ALTER TABLE inventory_movement DISABLE TRIGGER append_only_row;"
GUARD = "ALTER TABLE inventory_movement ENABLE TRIGGER append_only_row;"

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


def copied(to: str, verbose_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
        verbose_name=verbose_name,
    )


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_ledger_indexes"), ("core", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="StockDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey("stock_id", "day", "kind", blank=True, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "stock",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stock",
                        verbose_name="stock",
                    ),
                ),
                ("stock_item", copied("inventory.stockitem", "stock item")),
                ("location", copied("inventory.location", "location")),
                ("day", models.DateField(verbose_name="day")),
                ("kind", core.fields.EnumField(max_length=32, values=KINDS, verbose_name="kind")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("value", models.BigIntegerField(verbose_name="stock value")),
            ],
            options={
                "verbose_name": "day of a shelf",
                "verbose_name_plural": "days of shelves",
                "indexes": [models.Index(fields=["day"], name="inventory_stockday_day")],
            },
        ),
        migrations.AlterModelOptions(
            name="stock",
            options={
                "permissions": [
                    ("adjust_stock", "Can adjust stock"),
                    ("receive_stock", "Can receive stock"),
                    ("view_value", "Can see what stock is worth"),
                    ("revalue_stock", "Can correct what stock is worth"),
                ],
                "verbose_name": "stock",
                "verbose_name_plural": "stock",
            },
        ),
        migrations.AddField("stock", "value", models.BigIntegerField(db_default=0, verbose_name="stock value")),
        RunSQL(REPLAY, GUARD),
        migrations.RemoveConstraint("movement", "inventory_movement_moves_something"),
        migrations.AlterField("movement", "kind", core.fields.EnumField(max_length=32, values=KINDS, verbose_name="kind")),
        core.fields.enum_check("inventory_movement", "kind", now=KINDS, before=KINDS[:-1]),
        migrations.AlterField("movement", "value", models.BigIntegerField(db_default=0, verbose_name="stock value")),
        migrations.AddConstraint(
            "movement",
            models.CheckConstraint(
                condition=~models.Q(quantity=0) | ~models.Q(sellable_quantity=0) | ~models.Q(value=0),
                name="inventory_movement_moves_something",
            ),
        ),
        migrations.AddConstraint(
            "stock", models.CheckConstraint(condition=models.Q(value__gte=0), name="inventory_stock_value_not_negative")
        ),
        # Sums of value are read from the index alone, like those of pieces (ADR 0021).
        migrations.RemoveIndex("movement", "inventory_movement_newest"),
        migrations.AddIndex(
            "movement",
            models.Index(fields=["stock", "-id"], include=("quantity", "sellable_quantity", "value"), name="inventory_movement_newest"),
        ),
        RunSQL(GUARD, FORGET),
        RunSQL(KEEP_DAYS, FORGET_DAYS),
    ]
