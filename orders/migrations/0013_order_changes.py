"""Orders change in revisions; what was agreed before stays."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_guards"),
        ("core", "0005_how_long_a_checkout_holds"),
        ("orders", "0012_outside_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "kind",
                    core.fields.EnumField(
                        max_length=32, values=["quantity", "price", "added", "destination", "payment"], verbose_name="kind"
                    ),
                ),
                ("target", models.CharField(blank=True, db_default="", max_length=64, verbose_name="what is changed")),
                ("field", models.CharField(blank=True, db_default="", max_length=40, verbose_name="field")),
                ("before", models.CharField(blank=True, db_default="", max_length=320, verbose_name="value before")),
                ("after", models.CharField(blank=True, db_default="", max_length=320, verbose_name="value after")),
                ("price", models.CharField(blank=True, db_default="", max_length=20, verbose_name="unit price")),
                ("waits_until", models.DateField(blank=True, null=True, verbose_name="may wait until")),
                ("reason", models.CharField(blank=True, db_default="", max_length=120, verbose_name="reason")),
            ],
            options={
                "verbose_name": "change item",
                "verbose_name_plural": "change items",
            },
        ),
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                (
                    "public_id",
                    core.fields.PublicIdField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
                ),
                (
                    "state",
                    core.fields.EnumField(
                        db_default="open", max_length=32, values=["open", "confirmed", "discarded"], verbose_name="status"
                    ),
                ),
                ("base_version", models.PositiveIntegerField(editable=False, verbose_name="version it starts from")),
                ("revision", models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name="revision")),
                ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                ("opened_at", models.DateTimeField(verbose_name="change begun at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="change closed at")),
                ("closed_by", models.CharField(blank=True, db_default="", max_length=128, verbose_name="closed by")),
                ("goods_before", core.fields.MoneyField(blank=True, null=True, verbose_name="goods before")),
                ("goods_after", core.fields.MoneyField(blank=True, null=True, verbose_name="goods after")),
                ("discount_before", core.fields.MoneyField(blank=True, null=True, verbose_name="discounts before")),
                ("discount_after", core.fields.MoneyField(blank=True, null=True, verbose_name="discounts after")),
                ("fee_before", core.fields.MoneyField(blank=True, null=True, verbose_name="fees before")),
                ("fee_after", core.fields.MoneyField(blank=True, null=True, verbose_name="fees after")),
                ("tax_before", core.fields.MoneyField(blank=True, null=True, verbose_name="tax before")),
                ("tax_after", core.fields.MoneyField(blank=True, null=True, verbose_name="tax after")),
                ("total_before", core.fields.MoneyField(blank=True, null=True, verbose_name="total before")),
                ("total_after", core.fields.MoneyField(blank=True, null=True, verbose_name="total after")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                (
                    "recorded_at",
                    core.fields.RecordedAtField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                    ),
                ),
            ],
            options={
                "verbose_name": "order change",
                "verbose_name_plural": "order changes",
            },
        ),
        migrations.AlterModelOptions(
            name="order",
            options={
                "permissions": [
                    ("place_order", "Can place orders for customers"),
                    ("cancel_order", "Can cancel orders"),
                    ("change_placed_order", "Can change placed orders"),
                    ("release_hold", "Can release holds"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.RemoveConstraint(
            model_name="ordertax",
            name="orders_ordertax_once",
        ),
        migrations.AddField(
            model_name="fee",
            name="from_revision",
            field=models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="agreed from revision"),
        ),
        migrations.AddField(
            model_name="fee",
            name="until_revision",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name="until revision"),
        ),
        migrations.AddField(
            model_name="line",
            name="from_revision",
            field=models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="agreed from revision"),
        ),
        migrations.AddField(
            model_name="line",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.line",
                verbose_name="takes the place of",
            ),
        ),
        migrations.AddField(
            model_name="line",
            name="until_revision",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name="until revision"),
        ),
        migrations.AddField(
            model_name="order",
            name="revision",
            field=models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="revision"),
        ),
        migrations.AddField(
            model_name="ordertax",
            name="revision",
            field=models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="revision"),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_revision__isnull", True),
                    models.Q(("invoiced", False), ("until_revision__gt", models.F("from_revision"))),
                    _connector="OR",
                ),
                name="orders_fee_ended_before_invoiced",
            ),
        ),
        migrations.AddConstraint(
            model_name="line",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_revision__isnull", True),
                    models.Q(
                        (
                            "cancelled_quantity",
                            django.db.models.expressions.CombinedExpression(models.F("quantity"), "-", models.F("shipped_quantity")),
                        ),
                        ("until_revision__gt", models.F("from_revision")),
                    ),
                    _connector="OR",
                ),
                name="orders_line_ended_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="line",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", False)), fields=("replaces",), name="orders_line_replaced_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ordertax",
            constraint=models.UniqueConstraint(fields=("order", "revision", "tax_class", "tax_rate_bp"), name="orders_ordertax_once"),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="order",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="orders.order", verbose_name="order"
            ),
        ),
        migrations.AddField(
            model_name="changeitem",
            name="change",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="orders.orderchange",
                verbose_name="order change",
            ),
        ),
        migrations.AddIndex(
            model_name="orderchange",
            index=models.Index(fields=["order", "-id"], name="orders_orderchange_order"),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("order",), name="orders_orderchange_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revision__isnull", False)), fields=("order", "revision"), name="orders_orderchange_revision_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="orders_orderchange_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revision__gt", 1), ("state", "confirmed"), ("total_after__gte", 0), ("total_before__isnull", False)),
                    models.Q(models.Q(("state", "confirmed"), _negated=True), ("revision", None), ("total_after", None)),
                    _connector="OR",
                ),
                name="orders_orderchange_revision",
            ),
        ),
        migrations.AddConstraint(
            model_name="changeitem",
            constraint=models.UniqueConstraint(fields=("change", "position"), name="orders_changeitem_position_once"),
        ),
        audited("orders_orderchange"),
    ]
