"""What warehouses are told to ship, and what they say they shipped."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import append_only, audited


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0015_column_maps"),
        ("orders", "0007_part_returns"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShipmentInstruction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=60, verbose_name="instruction number")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "status",
                    core.fields.EnumField(
                        db_default="sent", max_length=32, values=["sent", "accepted", "shipped", "withdrawn"], verbose_name="status"
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.exchangefile",
                        verbose_name="file",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instructions",
                        to="orders.shipment",
                        verbose_name="shipment",
                    ),
                ),
                (
                    "withdrawal_file",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.exchangefile",
                        verbose_name="file of the withdrawal",
                    ),
                ),
            ],
            options={
                "verbose_name": "shipping instruction",
                "verbose_name_plural": "shipping instructions",
            },
        ),
        migrations.CreateModel(
            name="ShipmentActual",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                ("tracking_number", models.CharField(blank=True, max_length=40, verbose_name="tracking number")),
                ("carrier", models.CharField(blank=True, db_default="", max_length=40, verbose_name="carrier")),
                ("shipped_on", models.DateField(verbose_name="shipped on")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.exchangefile",
                        verbose_name="file",
                    ),
                ),
                (
                    "instruction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actuals",
                        to="orders.shipmentinstruction",
                        verbose_name="shipping instruction",
                    ),
                ),
            ],
            options={
                "verbose_name": "shipping actual",
                "verbose_name_plural": "shipping actuals",
            },
        ),
        migrations.AddIndex(
            model_name="shipmentinstruction",
            index=models.Index(fields=["file"], name="orders_instruction_file"),
        ),
        migrations.AddIndex(
            model_name="shipmentinstruction",
            index=models.Index(
                condition=models.Q(("status", "withdrawn"), ("withdrawal_file__isnull", True)),
                fields=["company"],
                name="orders_instruction_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipmentinstruction",
            constraint=models.UniqueConstraint(fields=("company", "number"), name="orders_instruction_number_once"),
        ),
        migrations.AddConstraint(
            model_name="shipmentinstruction",
            constraint=models.UniqueConstraint(fields=("shipment", "version"), name="orders_instruction_version_once"),
        ),
        migrations.AddConstraint(
            model_name="shipmentinstruction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("sent", "accepted"))), fields=("shipment",), name="orders_instruction_one_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="shipmentactual",
            constraint=models.UniqueConstraint(fields=("instruction", "tracking_number"), name="orders_shipmentactual_once"),
        ),
        append_only("orders_shipmentactual"),
        audited("orders_shipmentinstruction"),
    ]
