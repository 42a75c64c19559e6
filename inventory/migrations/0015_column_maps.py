"""How files name their columns, and the folders they come through."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import append_only, audited


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0014_counts_know_their_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="exchangefile",
            name="handed_over_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="put into its folder at"),
        ),
        migrations.AddField(
            model_name="exchangerow",
            name="column",
            field=models.CharField(blank=True, db_default="", max_length=80, verbose_name="column"),
        ),
        migrations.AlterField(
            model_name="exchangefile",
            name="status",
            field=core.fields.EnumField(max_length=32, values=["done", "partly", "failed"], verbose_name="status"),
        ),
        migrations.AlterField(
            model_name="exchangerow",
            name="fate",
            field=core.fields.EnumField(
                max_length=32, values=["done", "repeated", "refused", "replaced", "differs"], verbose_name="what became of it"
            ),
        ),
        migrations.CreateModel(
            name="ColumnMap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                ("kind", models.CharField(max_length=40, verbose_name="kind of file")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("encoding", core.fields.EnumField(db_default="cp932", max_length=32, values=["cp932", "utf-8"], verbose_name="encoding")),
                ("file_name", models.CharField(max_length=40, verbose_name="beginning of the file name")),
                ("at", models.DateTimeField(verbose_name="at")),
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
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                        verbose_name="location",
                    ),
                ),
            ],
            options={
                "verbose_name": "column map",
                "verbose_name_plural": "column maps",
            },
        ),
        migrations.CreateModel(
            name="ExchangeFolder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="in use")),
                (
                    "gives",
                    models.CharField(
                        blank=True,
                        db_default="",
                        max_length=200,
                        verbose_name="kinds that go out by themselves",
                    ),
                ),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "location",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="folder", to="inventory.location", verbose_name="location"
                    ),
                ),
            ],
            options={
                "verbose_name": "exchange folder",
                "verbose_name_plural": "exchange folders",
            },
        ),
        migrations.CreateModel(
            name="MappedColumn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("heading", models.CharField(max_length=80, verbose_name="heading")),
                ("field", models.CharField(blank=True, db_default="", max_length=40, verbose_name="our field")),
                ("constant", models.CharField(blank=True, db_default="", max_length=80, verbose_name="same in every row")),
                ("date_pattern", models.CharField(blank=True, db_default="", max_length=20, verbose_name="how days are written")),
                ("most_bytes", models.PositiveSmallIntegerField(db_default=0, verbose_name="most bytes")),
                ("codes", models.TextField(blank=True, db_default="", verbose_name="codes")),
                (
                    "column_map",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="columns",
                        to="inventory.columnmap",
                        verbose_name="column map",
                    ),
                ),
            ],
            options={
                "verbose_name": "column of a map",
                "verbose_name_plural": "columns of maps",
            },
        ),
        migrations.AddConstraint(
            model_name="columnmap",
            constraint=models.UniqueConstraint(
                fields=("company", "kind", "location", "version"), name="inventory_columnmap_version_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="mappedcolumn",
            constraint=models.UniqueConstraint(fields=("column_map", "position"), name="inventory_mappedcolumn_once"),
        ),
        core.fields.enum_check("inventory_exchangefile", "status", now=["done", "partly", "failed"], before=["done", "failed"]),
        core.fields.enum_check(
            "inventory_exchangerow",
            "fate",
            now=["done", "repeated", "refused", "replaced", "differs"],
            before=["done", "repeated", "refused", "replaced"],
        ),
        append_only("inventory_columnmap"),
        append_only("inventory_mappedcolumn"),
        audited("inventory_exchangefolder", inserts=True),
    ]
