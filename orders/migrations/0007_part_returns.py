"""Parts of sets come back."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0001_initial"),
        ("orders", "0006_waiting"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("amount", core.fields.MoneyField(verbose_name="amount with tax")),
                ("is_sellable", models.BooleanField(db_default=True, verbose_name="may be sold again")),
                ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                ("once_key", models.CharField(editable=False, max_length=100, unique=True)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "line",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.line", verbose_name="line"),
                ),
                (
                    "stock_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.stockitem", verbose_name="stock item"
                    ),
                ),
            ],
            options={
                "verbose_name": "return of a part",
                "verbose_name_plural": "returns of parts",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0), ("quantity__gte", 1)), name="orders_partreturn_sane")
                ],
            },
        ),
        append_only("orders_partreturn"),
    ]
