"""Stocktakes, and files exchanged with warehouses."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import append_only, audited


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_history"),
        ("inventory", "0007_every_location"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeFile",
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
                ("kind", models.CharField(max_length=40, verbose_name="kind of file")),
                ("way", core.fields.EnumField(max_length=32, values=["in", "out"], verbose_name="direction")),
                ("status", core.fields.EnumField(max_length=32, values=["done", "failed"], verbose_name="status")),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                ("about", models.CharField(blank=True, db_default="", max_length=80, verbose_name="for")),
                ("encoding", models.CharField(blank=True, db_default="", max_length=16, verbose_name="encoding")),
                ("content", models.BinaryField(verbose_name="content")),
                ("content_hash", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("content_ended_at", models.DateTimeField(blank=True, null=True, verbose_name="content thrown away at")),
                ("row_count", models.PositiveIntegerField(db_default=0, verbose_name="rows")),
                ("refused_count", models.PositiveIntegerField(db_default=0, verbose_name="refused")),
                ("replaced_count", models.PositiveIntegerField(db_default=0, verbose_name="signs replaced")),
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
                "verbose_name": "exchanged file",
                "verbose_name_plural": "exchanged files",
                "permissions": [("exchange_files", "Can exchange files with warehouses")],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="line")),
                ("key", models.CharField(blank=True, db_default="", max_length=120, verbose_name="about")),
                (
                    "fate",
                    core.fields.EnumField(
                        max_length=32, values=["done", "repeated", "refused", "replaced"], verbose_name="what became of it"
                    ),
                ),
                ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code")),
                ("message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="message")),
                ("params", models.JSONField(default=dict, verbose_name="values")),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="inventory.exchangefile",
                        verbose_name="exchanged file",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of an exchanged file",
                "verbose_name_plural": "rows of exchanged files",
            },
        ),
        migrations.CreateModel(
            name="ShelfMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=40, verbose_name="shelf mark")),
                (
                    "stock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mark", to="inventory.stock", verbose_name="stock"
                    ),
                ),
            ],
            options={
                "verbose_name": "shelf mark",
                "verbose_name_plural": "shelf marks",
            },
        ),
        migrations.CreateModel(
            name="Stocktake",
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
                ("number", models.CharField(max_length=40, verbose_name="stocktake number")),
                ("name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="name")),
                (
                    "status",
                    core.fields.EnumField(
                        db_default="counting", max_length=32, values=["counting", "counted", "closed", "cancelled"], verbose_name="status"
                    ),
                ),
                (
                    "scope",
                    core.fields.EnumField(
                        db_default="whole", max_length=32, values=["whole", "category", "zone", "list"], verbose_name="what is counted"
                    ),
                ),
                ("scope_text", models.CharField(blank=True, db_default="", max_length=500, verbose_name="part")),
                ("is_blind", models.BooleanField(db_default=False, default=False, verbose_name="blind count")),
                ("round", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="round")),
                ("started_at", models.DateTimeField(verbose_name="books as of")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="handed in at")),
                ("submitted_by", models.CharField(blank=True, db_default="", max_length=80, verbose_name="handed in by")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                ("approved_by", models.CharField(blank=True, db_default="", max_length=80, verbose_name="approved by")),
                ("approver_label", models.CharField(blank=True, db_default="", max_length=128, verbose_name="approved by")),
                ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                        verbose_name="location",
                    ),
                ),
            ],
            options={
                "verbose_name": "stocktake",
                "verbose_name_plural": "stocktakes",
                "permissions": [("count_stocktake", "Can count stock"), ("approve_stocktake", "Can approve stocktakes")],
            },
        ),
        migrations.CreateModel(
            name="StocktakeLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_open", models.BooleanField(db_default=True, default=True, verbose_name="open")),
                ("is_found", models.BooleanField(db_default=False, default=False, verbose_name="found while counting")),
                ("expected", models.IntegerField(verbose_name="in the books at the beginning")),
                ("round", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="round")),
                ("counted", models.PositiveIntegerField(blank=True, null=True, verbose_name="counted")),
                ("book", models.IntegerField(blank=True, null=True, verbose_name="in the books when counted")),
                ("counted_at", models.DateTimeField(blank=True, null=True, verbose_name="counted at")),
                ("previous_counted", models.PositiveIntegerField(blank=True, null=True, verbose_name="counted the time before")),
                ("previous_book", models.IntegerField(blank=True, null=True, verbose_name="in the books the time before")),
                ("difference", models.IntegerField(blank=True, null=True, verbose_name="difference")),
                ("difference_value", core.fields.MoneyField(blank=True, null=True, verbose_name="value of the difference")),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                        verbose_name="location",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.lot",
                        verbose_name="lot",
                    ),
                ),
                (
                    "stock_item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stockitem",
                        verbose_name="stock item",
                    ),
                ),
                (
                    "stocktake",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="inventory.stocktake",
                        verbose_name="stocktake",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a stocktake",
                "verbose_name_plural": "lines of stocktakes",
            },
        ),
        migrations.CreateModel(
            name="StocktakeCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                ("round", models.PositiveSmallIntegerField(verbose_name="round")),
                ("kind", core.fields.EnumField(max_length=32, values=["scan", "typed", "file", "undo", "absent"], verbose_name="how")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("book", models.IntegerField(verbose_name="in the books then")),
                ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code read")),
                ("once_key", models.CharField(max_length=120, unique=True)),
                ("counted_at", models.DateTimeField(verbose_name="counted at")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "stocktake",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stocktake",
                        verbose_name="stocktake",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="inventory.stocktakecount",
                        verbose_name="takes back",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="inventory.stocktakeline",
                        verbose_name="line",
                    ),
                ),
            ],
            options={
                "verbose_name": "count",
                "verbose_name_plural": "counts",
            },
        ),
        migrations.AddIndex(
            model_name="exchangefile",
            index=models.Index(fields=["company", "kind", "-id"], name="inventory_exchangefile_newest"),
        ),
        migrations.AddConstraint(
            model_name="exchangefile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "done"), ("way", "in")),
                fields=("company", "kind", "about", "content_hash"),
                name="inventory_exchangefile_in_once",
            ),
        ),
        migrations.AddIndex(
            model_name="exchangerow",
            index=models.Index(fields=["file", "number"], name="inventory_exchangerow_file"),
        ),
        migrations.AddConstraint(
            model_name="shelfmark",
            constraint=models.CheckConstraint(condition=models.Q(("mark", ""), _negated=True), name="inventory_shelfmark_says_something"),
        ),
        migrations.AddIndex(
            model_name="stocktake",
            index=models.Index(fields=["location", "status", "-id"], name="inventory_stocktake_location"),
        ),
        migrations.AddConstraint(
            model_name="stocktake",
            constraint=models.UniqueConstraint(fields=("company", "number"), name="inventory_stocktake_number_once"),
        ),
        migrations.AddConstraint(
            model_name="stocktake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("status", "closed"), models.Q(("approved_by", ""), _negated=True)),
                    models.Q(("status", "closed"), _negated=True),
                    _connector="OR",
                ),
                name="inventory_stocktake_closed_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="stocktakeline",
            index=models.Index(fields=["stocktake", "difference_value"], name="inventory_stocktakeline_value"),
        ),
        migrations.AddConstraint(
            model_name="stocktakeline",
            constraint=models.UniqueConstraint(
                fields=("stocktake", "stock_item", "lot"), name="inventory_stocktakeline_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="stocktakeline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_open", True)),
                fields=("location", "stock_item", "lot"),
                name="inventory_stocktakeline_open_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="stocktakeline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("book__isnull", True), ("counted__isnull", True), ("counted_at__isnull", True)),
                    models.Q(("book__isnull", False), ("counted__isnull", False), ("counted_at__isnull", False)),
                    _connector="OR",
                ),
                name="inventory_stocktakeline_counted_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="stocktakeline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("difference__isnull", True),
                    ("difference", django.db.models.expressions.CombinedExpression(models.F("counted"), "-", models.F("book"))),
                    _connector="OR",
                ),
                name="inventory_stocktakeline_difference",
            ),
        ),
        migrations.AddIndex(
            model_name="stocktakecount",
            index=models.Index(fields=["line", "-id"], name="inventory_count_line"),
        ),
        migrations.AddIndex(
            model_name="stocktakecount",
            index=models.Index(fields=["stocktake", "-id"], name="inventory_count_newest"),
        ),
        append_only("inventory_stocktakecount"),
        audited("inventory_stocktake"),
        audited("inventory_shelfmark"),
    ]
