"""What carriers are told of parcels, and the numbers they give."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import append_only, audited


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_quicker_audit"),
        ("inventory", "0018_who_rewrote_a_draft"),
        ("orders", "0009_what_nobody_found"),
    ]

    operations = [
        migrations.CreateModel(
            name="CarrierContract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                (
                    "layout",
                    models.CharField(
                        help_text="The file that the carrier’s program on your machine reads.", max_length=40, verbose_name="file"
                    ),
                ),
                (
                    "customer_code",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="The code you are billed by.",
                        max_length=20,
                        verbose_name="customer code",
                    ),
                ),
                ("classification", models.CharField(blank=True, db_default="", max_length=3, verbose_name="billing classification")),
                (
                    "freight_code",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="Yamato: the number of the rate, mostly 01. Japan Post: the kind of label.",
                        max_length=7,
                        verbose_name="freight code",
                    ),
                ),
                (
                    "packing",
                    models.CharField(
                        blank=True, db_default="", help_text="Sagawa: 001 for a box.", max_length=3, verbose_name="kind of packing"
                    ),
                ),
                ("sender_name", models.CharField(max_length=60, verbose_name="sender on labels")),
                ("sender_phone", models.CharField(max_length=20, verbose_name="sender’s phone")),
                ("sender_postal_code", models.CharField(max_length=8, verbose_name="sender’s postal code")),
                ("sender_address", models.CharField(max_length=120, verbose_name="sender’s address")),
                ("sender_building", models.CharField(blank=True, db_default="", max_length=60, verbose_name="sender’s building")),
                (
                    "goods",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="In a word, such as foods. Left empty, the first products of the parcel are named.",
                        max_length=25,
                        verbose_name="contents on labels",
                    ),
                ),
                (
                    "handling_1",
                    models.CharField(blank=True, db_default="", help_text="Such as fragile.", max_length=10, verbose_name="handling 1"),
                ),
                ("handling_2", models.CharField(blank=True, db_default="", max_length=10, verbose_name="handling 2")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "carrier contract",
                "verbose_name_plural": "carrier contracts",
            },
        ),
        migrations.CreateModel(
            name="ShipmentLabel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                ("pieces", models.PositiveSmallIntegerField(verbose_name="number of pieces")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "label",
                "verbose_name_plural": "labels",
            },
        ),
        migrations.CreateModel(
            name="TrackingNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                ("number", models.CharField(max_length=40, verbose_name="tracking number")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "tracking number",
                "verbose_name_plural": "tracking numbers",
            },
        ),
        migrations.AddField(
            model_name="shipment",
            name="pieces",
            field=models.PositiveSmallIntegerField(db_default=1, verbose_name="number of pieces"),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(condition=models.Q(("pieces__gte", 1), ("pieces__lte", 99)), name="orders_shipment_pieces"),
        ),
        migrations.AddField(
            model_name="carriercontract",
            name="company",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
            ),
        ),
        migrations.AddField(
            model_name="carriercontract",
            name="location",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty for every location without one of its own.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.location",
                verbose_name="location",
            ),
        ),
        migrations.AddField(
            model_name="shipmentlabel",
            name="file",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.exchangefile",
                verbose_name="file",
            ),
        ),
        migrations.AddField(
            model_name="shipmentlabel",
            name="shipment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="labels",
                to="orders.shipment",
                verbose_name="shipment",
            ),
        ),
        migrations.AddField(
            model_name="trackingnumber",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.company",
                verbose_name="company",
            ),
        ),
        migrations.AddField(
            model_name="trackingnumber",
            name="file",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.exchangefile",
                verbose_name="file",
            ),
        ),
        migrations.AddField(
            model_name="trackingnumber",
            name="shipment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tracking_numbers",
                to="orders.shipment",
                verbose_name="shipment",
            ),
        ),
        migrations.AddConstraint(
            model_name="carriercontract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("company", "carrier", "location"),
                name="orders_carriercontract_once",
                nulls_distinct=False,
                violation_error_message="There is one for this carrier and location already. Change that one, or end it first.",
            ),
        ),
        migrations.AddIndex(
            model_name="shipmentlabel",
            index=models.Index(fields=["file"], name="orders_shipmentlabel_file"),
        ),
        migrations.AddConstraint(
            model_name="shipmentlabel",
            constraint=models.UniqueConstraint(fields=("shipment", "file"), name="orders_shipmentlabel_once"),
        ),
        migrations.AddIndex(
            model_name="trackingnumber",
            index=models.Index(fields=["shipment"], name="orders_trackingnumber_shipment"),
        ),
        migrations.AddConstraint(
            model_name="trackingnumber",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("company", "carrier", "number"), name="orders_trackingnumber_once"
            ),
        ),
        append_only("orders_shipmentlabel"),
        audited("orders_carriercontract", inserts=True),
    ]
