"""What may be sold before it is here, and who waits for it."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited

# Nothing in the product wrote such rows before; where somebody did by hand, the item's own variant is what they wait for.
FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE inventory_backorder b SET units = b.quantity, promised_on = coalesce(b.promised_on, b.recorded_at::date),
    closed_at = CASE WHEN b.status <> 'waiting' THEN b.recorded_at END,
    variant_id = (SELECT min(c.variant_id) FROM inventory_component c WHERE c.stock_item_id = b.stock_item_id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_guards"),
        ("inventory", "0010_lots_and_states"),
    ]

    operations = [
        migrations.CreateModel(
            name="BackOrderTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    core.fields.EnumField(
                        db_default="back_order",
                        default="back_order",
                        max_length=32,
                        values=["back_order", "pre_order"],
                        verbose_name="kind",
                    ),
                ),
                ("cap", models.PositiveIntegerField(help_text="So many pieces may wait at most, over all channels.", verbose_name="cap")),
                (
                    "release_on",
                    models.DateField(
                        blank=True,
                        help_text="Pre-orders only: nothing is promised for an earlier day.",
                        null=True,
                        verbose_name="release date",
                    ),
                ),
                (
                    "lead_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="What is promised where no purchase order is on its way. Empty: nothing can be ordered then.",
                        null=True,
                        verbose_name="days to get it",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "back-order terms",
                "verbose_name_plural": "back-order terms",
            },
        ),
        migrations.RemoveIndex(
            model_name="backorder",
            name="inventory_backorder_queue",
        ),
        migrations.AddField(
            model_name="backorder",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
        ),
        migrations.AddField(
            model_name="backorder",
            name="kind",
            field=core.fields.EnumField(db_default="back_order", max_length=32, values=["back_order", "pre_order"], verbose_name="kind"),
        ),
        migrations.AddField(
            model_name="backorder",
            name="rank_level",
            field=models.PositiveSmallIntegerField(db_default=0, verbose_name="level of the customer's rank"),
        ),
        migrations.AddField(
            model_name="backorder",
            name="units",
            field=models.PositiveIntegerField(null=True, verbose_name="units of the variant"),
        ),
        migrations.AddField(
            model_name="backorder",
            name="variant",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="backorder",
            name="units",
            field=models.PositiveIntegerField(verbose_name="units of the variant"),
        ),
        migrations.AlterField(
            model_name="backorder",
            name="variant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
            ),
        ),
        migrations.AlterField(
            model_name="backorder",
            name="promised_on",
            field=models.DateField(verbose_name="promised on"),
        ),
        migrations.AddIndex(
            model_name="backorder",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["stock_item", "promised_on", "-rank_level", "id"],
                name="inventory_backorder_queue",
            ),
        ),
        migrations.AddConstraint(
            model_name="backorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("units__gte", 1)), name="inventory_backorder_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="backorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("status", "waiting")),
                    models.Q(models.Q(("status", "waiting"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="inventory_backorder_closed",
            ),
        ),
        migrations.AddField(
            model_name="backorderterms",
            name="stock_item",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="back_order_terms",
                to="inventory.stockitem",
                verbose_name="stock item",
            ),
        ),
        migrations.AddConstraint(
            model_name="backorderterms",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "pre_order"), _negated=True), ("release_on__isnull", False), _connector="OR"),
                name="inventory_backorderterms_release",
                violation_error_message="A pre-order needs a release date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="backorderterms",
            constraint=models.CheckConstraint(condition=models.Q(("cap__gte", 1)), name="inventory_backorderterms_cap"),
        ),
        audited("inventory_backorderterms"),
    ]
