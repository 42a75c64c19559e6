"""What is sold as a set."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_guards"),
        ("inventory", "0011_waiting"),
    ]

    operations = [
        migrations.CreateModel(
            name="Kit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "price",
                    core.fields.EnumField(
                        db_default="own", default="own", max_length=32, values=["own", "less_rate", "less_amount"], verbose_name="price"
                    ),
                ),
                ("rate_bp", models.PositiveIntegerField(db_default=0, default=0, verbose_name="rate off (bp)")),
                ("amount", core.fields.MoneyField(db_default=0, default=0, verbose_name="amount off")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "variant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
                    ),
                ),
            ],
            options={
                "verbose_name": "kit",
                "verbose_name_plural": "kits",
            },
        ),
        migrations.CreateModel(
            name="KitPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(db_default=1, default=1, verbose_name="quantity")),
                (
                    "kit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="inventory.kit",
                        verbose_name="kit",
                    ),
                ),
                (
                    "stock_item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stockitem",
                        verbose_name="stock item",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a kit",
                "verbose_name_plural": "parts of a kit",
            },
        ),
        migrations.AddConstraint(
            model_name="kit",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0), ("rate_bp__lte", 10000)), name="inventory_kit_sane"),
        ),
        migrations.AddConstraint(
            model_name="kitpart",
            constraint=models.UniqueConstraint(
                fields=("kit", "variant", "stock_item"), name="inventory_kitpart_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="kitpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("variant__isnull", True), ("stock_item__isnull", True), _connector="XOR"),
                name="inventory_kitpart_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="kitpart",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_kitpart_positive"),
        ),
        audited("inventory_kit"),
        audited("inventory_kitpart"),
    ]
