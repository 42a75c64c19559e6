import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited
from core.fields import enum_check

KINDS = (
    "opening", "receipt", "shipment", "return", "adjustment", "transfer_out", "transfer_in", "made_unsellable", "made_sellable",
    "revaluation",
)  # fmt: skip
MORE_KINDS = ("state_left", "state_entered", "scrapped", "regraded_out", "regraded_in", "lot_left", "lot_entered")

# Nobody said why pieces could not be sold: they wait to be looked at. What lies there of goods tracked by lot is of no named lot,
# because what had left was not written down by lot: the ledger takes it out of the lots it came in.
BEGIN = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE inventory_movement DISABLE TRIGGER append_only_row;
UPDATE inventory_movement SET state = 'quality_check' WHERE quantity <> sellable_quantity;
ALTER TABLE inventory_movement ENABLE TRIGGER append_only_row;
UPDATE inventory_stock SET quality_check = on_hand - sellable WHERE on_hand <> sellable;
INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, lot_id, kind, quantity, sellable_quantity, state, cause, once_key, at)
SELECT m.stock_id, m.stock_item_id, m.location_id, CASE WHEN side.sign < 0 THEN m.lot_id END, side.kind, side.sign * b.quantity,
    side.sign * b.sellable, b.state, 'lots', 'lots:' || m.stock_id || ':' || m.lot_id || ':' || b.state || ':' || side.kind, now()
FROM (
    SELECT stock_id, stock_item_id, location_id, lot_id, sum(sellable_quantity) AS sellable, sum(quantity - sellable_quantity) AS others
    FROM inventory_movement WHERE lot_id IS NOT NULL AND stock_item_id IN (SELECT id FROM inventory_stockitem WHERE is_lot_tracked)
    GROUP BY stock_id, stock_item_id, location_id, lot_id
) m
CROSS JOIN LATERAL (VALUES ('available', m.sellable, m.sellable), ('quality_check', m.others, 0)) AS b (state, quantity, sellable)
CROSS JOIN (VALUES ('lot_left', -1), ('lot_entered', 1)) AS side (kind, sign)
WHERE b.quantity <> 0;
UPDATE inventory_stock s SET has_lots = true FROM inventory_stockitem i WHERE i.id = s.stock_item_id AND i.is_lot_tracked;
INSERT INTO inventory_stocklot (stock_id, on_hand, sellable, quality_check) SELECT id, on_hand, sellable, quality_check FROM inventory_stock WHERE has_lots;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_history"),
        ("inventory", "0009_forecast"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "picked lot",
                "verbose_name_plural": "picked lots",
            },
        ),
        migrations.CreateModel(
            name="ShelfLife",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "least_days",
                    models.PositiveSmallIntegerField(
                        help_text="Lots that expire sooner are neither offered to this channel nor shipped to it; they go to the others first.",
                        verbose_name="days to keep at least",
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
            ],
            options={
                "verbose_name": "minimum shelf life",
                "verbose_name_plural": "minimum shelf lives",
            },
        ),
        migrations.CreateModel(
            name="StockLot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on_hand", models.IntegerField(db_default=0, verbose_name="on hand")),
                ("sellable", models.IntegerField(db_default=0, verbose_name="sellable")),
                ("quality_check", models.IntegerField(db_default=0, verbose_name="quality check")),
                ("damaged", models.IntegerField(db_default=0, verbose_name="damaged")),
                ("quarantine", models.IntegerField(db_default=0, verbose_name="in quarantine")),
                ("expired", models.IntegerField(db_default=0, verbose_name="past expiry")),
                ("in_repair", models.IntegerField(db_default=0, verbose_name="in repair")),
                ("picked", models.IntegerField(db_default=0, verbose_name="picked")),
            ],
            options={
                "verbose_name": "lot on a shelf",
                "verbose_name_plural": "lots on shelves",
            },
        ),
        migrations.RemoveConstraint(
            model_name="allocation",
            name="inventory_allocation_once",
        ),
        migrations.RemoveIndex(
            model_name="allocation",
            name="inventory_allocation_lot",
        ),
        migrations.RemoveField(
            model_name="allocation",
            name="lot",
        ),
        migrations.AddField(
            model_name="allocation",
            name="good_until",
            field=models.DateField(blank=True, null=True, verbose_name="keeps at least until"),
        ),
        migrations.AddField(
            model_name="movement",
            name="state",
            field=core.fields.EnumField(
                db_default="available",
                default="available",
                max_length=32,
                values=["available", "quality_check", "damaged", "quarantine", "expired", "in_repair"],
                verbose_name="state of the others",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="good_until",
            field=models.DateField(blank=True, null=True, verbose_name="keeps at least until"),
        ),
        migrations.AddField(
            model_name="stock",
            name="damaged",
            field=models.IntegerField(db_default=0, verbose_name="damaged"),
        ),
        migrations.AddField(
            model_name="stock",
            name="expired",
            field=models.IntegerField(db_default=0, verbose_name="past expiry"),
        ),
        migrations.AddField(
            model_name="stock",
            name="has_lots",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="counted by lot"),
        ),
        migrations.AddField(
            model_name="stock",
            name="in_repair",
            field=models.IntegerField(db_default=0, verbose_name="in repair"),
        ),
        migrations.AddField(
            model_name="stock",
            name="quality_check",
            field=models.IntegerField(db_default=0, verbose_name="quality check"),
        ),
        migrations.AddField(
            model_name="stock",
            name="quarantine",
            field=models.IntegerField(db_default=0, verbose_name="in quarantine"),
        ),
        migrations.AddField(
            model_name="stockitem",
            name="b_grade_item",
            field=models.ForeignKey(
                blank=True,
                help_text="Where returned pieces go that are good, but no longer new.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.stockitem",
                verbose_name="its B-grade",
            ),
        ),
        migrations.AlterField(
            model_name="movement",
            name="kind",
            field=core.fields.EnumField(
                max_length=32,
                values=[*KINDS, *MORE_KINDS],
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                condition=models.Q(("status", "open"), ("good_until__isnull", False)),
                fields=["stock", "good_until"],
                name="inventory_allocation_choosy",
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(condition=models.Q(("expires_on__isnull", False)), fields=["expires_on"], name="inventory_lot_expiry"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("demand_id", "stock"), name="inventory_allocation_once"
            ),
        ),
        migrations.AddField(
            model_name="pick",
            name="allocation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="picks",
                to="inventory.allocation",
                verbose_name="allocation",
            ),
        ),
        migrations.AddField(
            model_name="pick",
            name="lot",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="picks",
                to="inventory.lot",
                verbose_name="lot",
            ),
        ),
        migrations.AddField(
            model_name="shelflife",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="stocklot",
            name="lot",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shelves",
                to="inventory.lot",
                verbose_name="lot",
            ),
        ),
        migrations.AddField(
            model_name="stocklot",
            name="stock",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="inventory.stock", verbose_name="stock"
            ),
        ),
        migrations.AddConstraint(
            model_name="pick",
            constraint=models.UniqueConstraint(fields=("allocation", "lot"), name="inventory_pick_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="shelflife",
            constraint=models.UniqueConstraint(fields=("channel",), name="inventory_shelflife_once"),
        ),
        migrations.AddConstraint(
            model_name="stocklot",
            constraint=models.UniqueConstraint(fields=("stock", "lot"), name="inventory_stocklot_once", nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=models.Q(("state", "available"), _negated=True),
                fields=["stock"],
                include=("state", "quantity", "sellable_quantity"),
                name="inventory_movement_stated",
            ),
        ),
        enum_check("inventory_movement", "kind", now=KINDS + MORE_KINDS, before=KINDS),
        migrations.AlterField(
            model_name="stockday",
            name="kind",
            field=core.fields.EnumField(max_length=32, values=[*KINDS, *MORE_KINDS], verbose_name="kind"),
        ),
        enum_check("inventory_stockday", "kind", now=KINDS + MORE_KINDS, before=KINDS),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="inventory_lot_has_a_number"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quantity", models.F("sellable_quantity")), ("state", "available")),
                    models.Q(
                        models.Q(("quantity", models.F("sellable_quantity")), _negated=True),
                        models.Q(("state", "available"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inventory_movement_names_its_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "on_hand",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("sellable"), "+", models.F("quality_check")
                                        ),
                                        "+",
                                        models.F("damaged"),
                                    ),
                                    "+",
                                    models.F("quarantine"),
                                ),
                                "+",
                                models.F("expired"),
                            ),
                            "+",
                            models.F("in_repair"),
                        ),
                    ),
                    ("quality_check__gte", 0),
                    ("damaged__gte", 0),
                    ("quarantine__gte", 0),
                    ("expired__gte", 0),
                    ("in_repair__gte", 0),
                ),
                name="inventory_stock_states_sum",
            ),
        ),
        migrations.AddConstraint(
            model_name="pick",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_pick_positive"),
        ),
        migrations.AddConstraint(
            model_name="stocklot",
            constraint=models.CheckConstraint(
                condition=models.Q(("picked__gte", 0), ("sellable__gte", models.F("picked"))), name="inventory_stocklot_never_overpicked"
            ),
        ),
        migrations.AddConstraint(
            model_name="stocklot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "on_hand",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("sellable"), "+", models.F("quality_check")
                                        ),
                                        "+",
                                        models.F("damaged"),
                                    ),
                                    "+",
                                    models.F("quarantine"),
                                ),
                                "+",
                                models.F("expired"),
                            ),
                            "+",
                            models.F("in_repair"),
                        ),
                    ),
                    ("quality_check__gte", 0),
                    ("damaged__gte", 0),
                    ("quarantine__gte", 0),
                    ("expired__gte", 0),
                    ("in_repair__gte", 0),
                ),
                name="inventory_stocklot_states_sum",
            ),
        ),
        audited("inventory_shelflife", inserts=True),
    ]
