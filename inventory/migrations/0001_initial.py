import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.fields
from core.tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="StockItem",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("code", models.CharField(max_length=64, verbose_name="stock item code")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        (
                            "condition",
                            core.fields.EnumField(
                                db_default="new", default="new", max_length=32, values=["new", "b_grade", "used"], verbose_name="condition"
                            ),
                        ),
                        (
                            "owner_kind",
                            core.fields.EnumField(
                                db_default="own",
                                default="own",
                                max_length=32,
                                values=["own", "consignment", "seller"],
                                verbose_name="owner",
                            ),
                        ),
                        ("owner_code", models.CharField(blank=True, db_default="", max_length=64, verbose_name="owner code")),
                        (
                            "b_grade_item",
                            models.ForeignKey(
                                blank=True,
                                help_text="Where returned pieces go that are good, but no longer new.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="its B-grade",
                            ),
                        ),
                        (
                            "temperature_zone",
                            core.fields.EnumField(
                                db_default="ambient",
                                default="ambient",
                                help_text="It is only sold and sent from locations that keep goods of this zone.",
                                max_length=32,
                                values=["ambient", "chilled", "frozen"],
                                verbose_name="temperature zone",
                            ),
                        ),
                        ("is_lot_tracked", models.BooleanField(db_default=False, default=False, verbose_name="tracked by lot")),
                        (
                            "low_at",
                            models.PositiveIntegerField(
                                db_default=0,
                                default=0,
                                help_text="A location with so few free pieces counts as low.",
                                verbose_name="low stock from",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "stock item",
                        "verbose_name_plural": "stock items",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("code"), "gin_trgm_ops"),
                                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), "gin_trgm_ops"),
                                name="inventory_stockitem_search",
                            ),
                            models.Index(condition=models.Q(("low_at__gt", 0)), fields=["id"], name="inventory_stockitem_watched"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="inventory_stockitem_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Component",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "variant",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.variant",
                                verbose_name="variant",
                            ),
                        ),
                        (
                            "stock_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="components",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(db_default=1, default=1, verbose_name="quantity")),
                    ],
                    options={
                        "verbose_name": "component",
                        "verbose_name_plural": "components",
                        "constraints": [
                            models.UniqueConstraint(fields=("variant", "stock_item"), name="inventory_component_once"),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_component_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Location",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="warehouse",
                                default="warehouse",
                                max_length=32,
                                values=["warehouse", "store", "supplier", "in_transit", "quarantine"],
                                verbose_name="kind",
                            ),
                        ),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                        ("address", models.CharField(blank=True, db_default="", max_length=255, verbose_name="address")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=32, verbose_name="phone")),
                        (
                            "calendar",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.businesscalendar",
                                verbose_name="calendar",
                            ),
                        ),
                        ("cutoff_at", models.TimeField(blank=True, null=True, verbose_name="cut-off time")),
                        ("can_ship", models.BooleanField(db_default=True, default=True, verbose_name="ships")),
                        ("can_pick_up", models.BooleanField(db_default=False, default=False, verbose_name="pick-up point")),
                        ("keeps_ambient", models.BooleanField(db_default=True, default=True, verbose_name="keeps ambient goods")),
                        ("keeps_chilled", models.BooleanField(db_default=True, default=True, verbose_name="keeps chilled goods")),
                        ("keeps_frozen", models.BooleanField(db_default=True, default=True, verbose_name="keeps frozen goods")),
                        (
                            "priority",
                            models.IntegerField(
                                db_default=0, default=0, help_text="The lowest number is drawn from first.", verbose_name="drawing order"
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "location",
                        "verbose_name_plural": "locations",
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="inventory_location_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Lot",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "stock_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lots",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        ("number", models.CharField(max_length=64, verbose_name="lot number")),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires on")),
                        ("received_on", models.DateField(blank=True, null=True, verbose_name="came in on")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "lot",
                        "verbose_name_plural": "lots",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("expires_on__isnull", False)), fields=["expires_on"], name="inventory_lot_expiry"
                            ),
                            models.Index(fields=["number"], name="inventory_lot_number"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("stock_item", "number"), name="inventory_lot_number_once"),
                            models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="inventory_lot_has_a_number"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StockPool",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "is_default",
                            models.BooleanField(db_default=False, default=False, verbose_name="used where a channel names none"),
                        ),
                    ],
                    options={
                        "verbose_name": "stock pool",
                        "verbose_name_plural": "stock pools",
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "code"), name="inventory_stockpool_code_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("is_default", True)), fields=("company",), name="inventory_stockpool_one_default"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PoolSource",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "pool",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sources",
                                to="inventory.stockpool",
                                verbose_name="pool",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("priority", models.IntegerField(db_default=0, default=0, verbose_name="drawing order")),
                        ("buffer_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="buffer")),
                        (
                            "buffer_percent",
                            models.PositiveSmallIntegerField(
                                db_default=0,
                                default=0,
                                help_text="Of what may be sold there. The larger of both buffers counts.",
                                verbose_name="buffer in percent",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "pool source",
                        "verbose_name_plural": "pool sources",
                        "constraints": [
                            models.UniqueConstraint(fields=("pool", "location"), name="inventory_poolsource_once"),
                            models.CheckConstraint(condition=models.Q(("buffer_percent__lte", 100)), name="inventory_poolsource_percent"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PoolChannel",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "pool",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="channels",
                                to="inventory.stockpool",
                                verbose_name="pool",
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "is_told",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="A marketplace is told every minute which figures have changed for it.",
                                verbose_name="figures are announced",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "pool channel",
                        "verbose_name_plural": "pool channels",
                        "constraints": [models.UniqueConstraint(fields=("channel",), name="inventory_poolchannel_once")],
                    },
                ),
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
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
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
                        ("kind", models.CharField(max_length=40, verbose_name="kind of file")),
                        ("way", core.fields.EnumField(max_length=32, values=["in", "out"], verbose_name="direction")),
                        ("status", core.fields.EnumField(max_length=32, values=["done", "partly", "failed"], verbose_name="status")),
                        ("name", models.CharField(max_length=200, verbose_name="file name")),
                        ("about", models.CharField(blank=True, db_default="", max_length=80, verbose_name="for")),
                        ("encoding", models.CharField(blank=True, db_default="", max_length=16, verbose_name="encoding")),
                        ("content", models.BinaryField(verbose_name="content")),
                        ("content_hash", models.CharField(max_length=64, verbose_name="fingerprint")),
                        ("content_ended_at", models.DateTimeField(blank=True, null=True, verbose_name="content thrown away at")),
                        ("handed_over_at", models.DateTimeField(blank=True, null=True, verbose_name="put into its folder at")),
                        ("row_count", models.PositiveIntegerField(db_default=0, verbose_name="rows")),
                        ("refused_count", models.PositiveIntegerField(db_default=0, verbose_name="refused")),
                        ("replaced_count", models.PositiveIntegerField(db_default=0, verbose_name="signs replaced")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "exchanged file",
                        "verbose_name_plural": "exchanged files",
                        "permissions": [("exchange_files", "Can exchange files with warehouses")],
                        "indexes": [models.Index(fields=["company", "kind", "-id"], name="inventory_exchangefile_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "done"), ("way", "in")),
                                fields=("company", "kind", "about", "content_hash"),
                                name="inventory_exchangefile_in_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExchangeRow",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                        ("number", models.PositiveIntegerField(verbose_name="line")),
                        ("key", models.CharField(blank=True, db_default="", max_length=120, verbose_name="about")),
                        ("column", models.CharField(blank=True, db_default="", max_length=80, verbose_name="column")),
                        (
                            "fate",
                            core.fields.EnumField(
                                max_length=32,
                                values=["done", "repeated", "refused", "replaced", "differs"],
                                verbose_name="what became of it",
                            ),
                        ),
                        ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code")),
                        ("message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="message")),
                        ("params", models.JSONField(default=dict, verbose_name="values")),
                    ],
                    options={
                        "verbose_name": "row of an exchanged file",
                        "verbose_name_plural": "rows of exchanged files",
                        "indexes": [models.Index(fields=["file", "number"], name="inventory_exchangerow_file")],
                    },
                ),
                migrations.CreateModel(
                    name="ColumnMap",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
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
                        ("kind", models.CharField(max_length=40, verbose_name="kind of file")),
                        ("version", models.PositiveIntegerField(verbose_name="version")),
                        (
                            "encoding",
                            core.fields.EnumField(db_default="cp932", max_length=32, values=["cp932", "utf-8"], verbose_name="encoding"),
                        ),
                        ("file_name", models.CharField(max_length=40, verbose_name="beginning of the file name")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "column map",
                        "verbose_name_plural": "column maps",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("company", "kind", "location", "version"),
                                name="inventory_columnmap_version_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MappedColumn",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("heading", models.CharField(max_length=80, verbose_name="heading")),
                        ("field", models.CharField(blank=True, db_default="", max_length=40, verbose_name="our field")),
                        ("constant", models.CharField(blank=True, db_default="", max_length=80, verbose_name="same in every row")),
                        ("date_pattern", models.CharField(blank=True, db_default="", max_length=20, verbose_name="how days are written")),
                        ("most_bytes", models.PositiveSmallIntegerField(db_default=0, verbose_name="most bytes")),
                        ("codes", models.TextField(blank=True, db_default="", verbose_name="codes")),
                    ],
                    options={
                        "verbose_name": "column of a map",
                        "verbose_name_plural": "columns of maps",
                        "constraints": [models.UniqueConstraint(fields=("column_map", "position"), name="inventory_mappedcolumn_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ExchangeFolder",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "location",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="folder",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="in use")),
                        (
                            "gives",
                            models.CharField(blank=True, db_default="", max_length=200, verbose_name="kinds that go out by themselves"),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "exchange folder",
                        "verbose_name_plural": "exchange folders",
                    },
                ),
                migrations.CreateModel(
                    name="Stock",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("on_hand", models.IntegerField(db_default=0, verbose_name="on hand")),
                        ("sellable", models.IntegerField(db_default=0, verbose_name="sellable")),
                        ("quality_check", models.IntegerField(db_default=0, verbose_name="quality check")),
                        ("damaged", models.IntegerField(db_default=0, verbose_name="damaged")),
                        ("quarantine", models.IntegerField(db_default=0, verbose_name="in quarantine")),
                        ("expired", models.IntegerField(db_default=0, verbose_name="past expiry")),
                        ("in_repair", models.IntegerField(db_default=0, verbose_name="in repair")),
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stocks",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stocks",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("allocated", models.IntegerField(db_default=0, verbose_name="allocated")),
                        ("reserved", models.IntegerField(db_default=0, verbose_name="reserved")),
                        ("value", models.BigIntegerField(db_default=0, verbose_name="stock value")),
                        ("has_lots", models.BooleanField(db_default=False, default=False, editable=False, verbose_name="counted by lot")),
                    ],
                    options={
                        "verbose_name": "stock",
                        "verbose_name_plural": "stock",
                        "permissions": [
                            ("adjust_stock", "Can adjust stock"),
                            ("receive_stock", "Can receive stock"),
                            ("view_value", "Can see what stock is worth"),
                            ("revalue_stock", "Can correct what stock is worth"),
                            ("view_every_location", "Can see the stock of every location"),
                        ],
                        "indexes": [models.Index(fields=["location", "-id"], name="inventory_stock_place")],
                        "constraints": [
                            models.UniqueConstraint(fields=("stock_item", "location"), name="inventory_stock_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("allocated__gte", 0),
                                    ("reserved__gte", 0),
                                    (
                                        "sellable__gte",
                                        django.db.models.expressions.CombinedExpression(models.F("allocated"), "+", models.F("reserved")),
                                    ),
                                    ("on_hand__gte", models.F("sellable")),
                                ),
                                name="inventory_stock_never_oversold",
                            ),
                            models.CheckConstraint(condition=models.Q(("value__gte", 0)), name="inventory_stock_value_not_negative"),
                            models.CheckConstraint(
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
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Movement",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
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
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_constraint=False,
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
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "opening",
                                    "receipt",
                                    "shipment",
                                    "return",
                                    "adjustment",
                                    "transfer_out",
                                    "transfer_in",
                                    "made_unsellable",
                                    "made_sellable",
                                    "revaluation",
                                    "state_left",
                                    "state_entered",
                                    "scrapped",
                                    "regraded_out",
                                    "regraded_in",
                                    "lot_left",
                                    "lot_entered",
                                ],
                                verbose_name="kind",
                            ),
                        ),
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                        ("sellable_quantity", models.IntegerField(verbose_name="of which sellable")),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="available",
                                default="available",
                                max_length=32,
                                values=["available", "quality_check", "damaged", "quarantine", "expired", "in_repair"],
                                verbose_name="state of the others",
                            ),
                        ),
                        ("value", models.BigIntegerField(db_default=0, verbose_name="stock value")),
                        ("cause", models.CharField(max_length=80, verbose_name="cause")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("once_key", models.CharField(max_length=120)),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "stock movement",
                        "verbose_name_plural": "stock movements",
                        "indexes": [
                            models.Index(
                                fields=["stock", "-id"],
                                include=("quantity", "sellable_quantity", "value"),
                                name="inventory_movement_newest",
                            ),
                            models.Index(fields=["location", "-id"], name="inventory_movement_place"),
                            models.Index(
                                condition=models.Q(("state", "available"), _negated=True),
                                fields=["stock"],
                                include=("state", "quantity", "sellable_quantity"),
                                name="inventory_movement_stated",
                            ),
                            django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="inventory_movement_day", pages_per_range=64),
                            models.Index(condition=models.Q(("lot__isnull", False)), fields=["lot"], name="inventory_movement_lot"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("once_key",), name="inventory_movement_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("quantity", 0), _negated=True),
                                    models.Q(("sellable_quantity", 0), _negated=True),
                                    models.Q(("value", 0), _negated=True),
                                    _connector="OR",
                                ),
                                name="inventory_movement_moves_something",
                            ),
                            models.CheckConstraint(
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
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Forecast",
                    fields=[
                        (
                            "stock",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="inventory.stock",
                                verbose_name="stock",
                            ),
                        ),
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        (
                            "method",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "seasonal_naive",
                                    "weekday_average",
                                    "moving_average",
                                    "exponential_smoothing",
                                    "seasonal_smoothing",
                                    "theta",
                                    "croston",
                                    "tsb",
                                    "combined",
                                ],
                                verbose_name="method",
                            ),
                        ),
                        ("first_on", models.DateField(verbose_name="forecast from")),
                        ("history_days", models.PositiveIntegerField(verbose_name="days of history")),
                        ("means", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ("lows", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ("highs", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ("planned", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ("month_quantity", models.IntegerField(verbose_name="expected in 28 days")),
                        ("deviation", models.BigIntegerField(verbose_name="deviation of a day")),
                        ("error_bp", models.IntegerField(blank=True, null=True, verbose_name="error")),
                        ("naive_error_bp", models.IntegerField(blank=True, null=True, verbose_name="error of “as last week”")),
                        ("made_at", models.DateTimeField(verbose_name="made at")),
                    ],
                    options={
                        "verbose_name": "demand forecast",
                        "verbose_name_plural": "demand forecasts",
                        "indexes": [models.Index(fields=["-month_quantity", "stock"], name="inventory_forecast_most")],
                    },
                ),
                migrations.CreateModel(
                    name="ReplenishmentPolicy",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                            "service_level_bp",
                            models.PositiveIntegerField(
                                db_default=9500,
                                default=9500,
                                help_text="9500 means: in 95 of 100 cycles nothing runs out.",
                                validators=[django.core.validators.MinValueValidator(5000), django.core.validators.MaxValueValidator(9999)],
                                verbose_name="service level (1/100 %)",
                            ),
                        ),
                        (
                            "review_days",
                            models.PositiveSmallIntegerField(
                                db_default=7,
                                default=7,
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)],
                                verbose_name="days between orders",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "replenishment policy",
                        "verbose_name_plural": "replenishment policies",
                        "constraints": [
                            models.UniqueConstraint(fields=("company",), name="inventory_replenishmentpolicy_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("review_days__gte", 1),
                                    ("review_days__lte", 90),
                                    ("service_level_bp__gte", 5000),
                                    ("service_level_bp__lte", 9999),
                                ),
                                name="inventory_replenishmentpolicy_sane",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Kit",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "variant",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
                            ),
                        ),
                        (
                            "price",
                            core.fields.EnumField(
                                db_default="own",
                                default="own",
                                max_length=32,
                                values=["own", "less_rate", "less_amount"],
                                verbose_name="price",
                            ),
                        ),
                        ("rate_bp", models.PositiveIntegerField(db_default=0, default=0, verbose_name="rate off (bp)")),
                        ("amount", core.fields.MoneyField(db_default=0, default=0, verbose_name="amount off")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "kit",
                        "verbose_name_plural": "kits",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0), ("rate_bp__lte", 10000)), name="inventory_kit_sane"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KitPart",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                        ("quantity", models.PositiveIntegerField(db_default=1, default=1, verbose_name="quantity")),
                    ],
                    options={
                        "verbose_name": "part of a kit",
                        "verbose_name_plural": "parts of a kit",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kit", "variant", "stock_item"), name="inventory_kitpart_once", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("variant__isnull", True), ("stock_item__isnull", True), _connector="XOR"),
                                name="inventory_kitpart_of_one_thing",
                            ),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_kitpart_positive"),
                        ],
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
                        (
                            "stock",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lots",
                                to="inventory.stock",
                                verbose_name="stock",
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shelves",
                                to="inventory.lot",
                                verbose_name="lot",
                            ),
                        ),
                        ("picked", models.IntegerField(db_default=0, verbose_name="picked")),
                    ],
                    options={
                        "verbose_name": "lot on a shelf",
                        "verbose_name_plural": "lots on shelves",
                        "constraints": [
                            models.UniqueConstraint(fields=("stock", "lot"), name="inventory_stocklot_once", nulls_distinct=False),
                            models.CheckConstraint(
                                condition=models.Q(("picked__gte", 0), ("sellable__gte", models.F("picked"))),
                                name="inventory_stocklot_never_overpicked",
                            ),
                            models.CheckConstraint(
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
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShelfLife",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
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
                        "constraints": [models.UniqueConstraint(fields=("channel",), name="inventory_shelflife_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Supplier",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("person", models.CharField(blank=True, db_default="", max_length=120, verbose_name="contact person")),
                        ("email", models.EmailField(blank=True, db_default="", max_length=254, verbose_name="e-mail")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=32, verbose_name="phone")),
                        ("fax", models.CharField(blank=True, db_default="", max_length=32, verbose_name="fax")),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                        ("address", models.CharField(blank=True, db_default="", max_length=255, verbose_name="address")),
                        (
                            "payment_terms",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Printed on purchase orders, such as “end of the month following”.",
                                max_length=255,
                                verbose_name="payment terms",
                            ),
                        ),
                        (
                            "lead_time_days",
                            models.PositiveSmallIntegerField(
                                db_default=0,
                                default=0,
                                help_text="From the order until the goods are here; an item may differ.",
                                verbose_name="lead time in working days",
                            ),
                        ),
                        (
                            "calendar",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.businesscalendar",
                                verbose_name="calendar",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "supplier",
                        "verbose_name_plural": "suppliers",
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="inventory_supplier_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="SupplierItem",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "supplier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="inventory.supplier",
                                verbose_name="supplier",
                            ),
                        ),
                        (
                            "stock_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        ("supplier_code", models.CharField(blank=True, db_default="", max_length=64, verbose_name="supplier’s item code")),
                        (
                            "unit_cost",
                            core.fields.MoneyField(
                                validators=[django.core.validators.MinValueValidator(0)], verbose_name="cost a piece, without tax"
                            ),
                        ),
                        (
                            "minimum_quantity",
                            models.PositiveIntegerField(
                                db_default=1,
                                default=1,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="least quantity",
                            ),
                        ),
                        (
                            "order_multiple",
                            models.PositiveIntegerField(
                                db_default=1,
                                default=1,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="multiples of",
                            ),
                        ),
                        (
                            "lead_time_days",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="The supplier’s where empty.", null=True, verbose_name="lead time in working days"
                            ),
                        ),
                        (
                            "is_preferred",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Replenishment orders the item from this supplier.",
                                verbose_name="bought here first",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "supplier’s terms",
                        "verbose_name_plural": "suppliers’ terms",
                        "constraints": [
                            models.UniqueConstraint(fields=("supplier", "stock_item"), name="inventory_supplieritem_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("is_preferred", True)),
                                fields=("stock_item",),
                                name="inventory_supplieritem_one_preferred",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minimum_quantity__gte", 1), ("order_multiple__gte", 1), ("unit_cost__gte", 0)),
                                name="inventory_supplieritem_sane",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PurchaseOrder",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
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
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        (
                            "supplier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.supplier",
                                verbose_name="supplier",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="deliver to",
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="draft",
                                max_length=32,
                                values=["draft", "approved", "sent", "partly_received", "closed", "cancelled"],
                                verbose_name="status",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("expected_on", models.DateField(blank=True, null=True, verbose_name="expected on")),
                        ("note", models.CharField(blank=True, db_default="", max_length=500, verbose_name="note to the supplier")),
                        ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("changed_by_kind", models.CharField(db_default="", editable=False, max_length=16)),
                        ("changed_by_id", models.CharField(db_default="", editable=False, max_length=64)),
                        ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
                        ("approved_by_label", models.CharField(blank=True, db_default="", max_length=128, verbose_name="approved by")),
                        ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent to the supplier at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        ("once_key", models.CharField(editable=False, max_length=120, unique=True)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "purchase order",
                        "verbose_name_plural": "purchase orders",
                        "permissions": [
                            ("approve_purchaseorder", "Can approve purchase orders"),
                            ("send_purchaseorder", "Can draft, send and close purchase orders"),
                        ],
                        "indexes": [models.Index(fields=["status", "-id"], name="inventory_purchaseorder_by")],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="inventory_purchaseorder_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("closed_at__isnull", True), ("status__in", ["closed", "cancelled"]), _connector="XOR"),
                                name="inventory_purchaseorder_ended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["approved", "sent", "partly_received"]), _negated=True),
                                    ("approved_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="inventory_purchaseorder_approved",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PurchaseOrderLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "purchase_order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="inventory.purchaseorder",
                                verbose_name="purchase order",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="line number")),
                        (
                            "stock_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        ("supplier_code", models.CharField(blank=True, db_default="", max_length=64, verbose_name="supplier’s item code")),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("unit_cost", core.fields.MoneyField(verbose_name="cost a piece, without tax")),
                        ("received_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="received")),
                        ("expected_on", models.DateField(blank=True, null=True, verbose_name="expected on")),
                    ],
                    options={
                        "verbose_name": "purchase order line",
                        "verbose_name_plural": "purchase order lines",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("received_quantity__lt", models.F("quantity"))),
                                fields=["stock_item"],
                                name="inventory_purchaseline_coming",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("purchase_order", "stock_item"), name="inventory_purchaseorderline_once"),
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gte", 1), ("unit_cost__gte", 0)), name="inventory_purchaseorderline_sane"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GoodsReceipt",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "purchase_order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="inventory.purchaseorder",
                                verbose_name="purchase order",
                            ),
                        ),
                        ("delivery_note", models.CharField(max_length=64, verbose_name="delivery note")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("once_key", models.CharField(editable=False, max_length=120, unique=True)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "goods receipt",
                        "verbose_name_plural": "goods receipts",
                        "constraints": [
                            models.UniqueConstraint(fields=("purchase_order", "delivery_note"), name="inventory_goodsreceipt_note_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GoodsReceiptLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "receipt",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="inventory.goodsreceipt",
                                verbose_name="goods receipt",
                            ),
                        ),
                        (
                            "order_line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.purchaseorderline",
                                verbose_name="purchase order line",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        (
                            "unsellable_quantity",
                            models.PositiveIntegerField(db_default=0, default=0, verbose_name="of which cannot be sold"),
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
                    ],
                    options={
                        "verbose_name": "goods receipt line",
                        "verbose_name_plural": "goods receipt lines",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gte", 1), ("unsellable_quantity__lte", models.F("quantity"))),
                                name="inventory_goodsreceiptline_sane",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoutingRule",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                            "position",
                            models.PositiveIntegerField(help_text="The lowest number is asked first.", verbose_name="place in the order"),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=["fewest", "nearest", "oldest_lot", "prefer", "exclude", "stores_pick_up", "most_places"],
                                verbose_name="rule",
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="Empty: for every channel.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="only for sales channel",
                            ),
                        ),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="only for destination")),
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
                        ("most", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="at most")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "routing rule",
                        "verbose_name_plural": "routing rules",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)), fields=("company", "position"), name="inventory_routingrule_order"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind__in", ["prefer", "exclude"]), ("location__isnull", False)),
                                    models.Q(models.Q(("kind__in", ["prefer", "exclude"]), _negated=True), ("location", None)),
                                    _connector="OR",
                                ),
                                name="inventory_routingrule_location",
                                violation_error_message="“Prefer” and “leave out” name a location; the other rules name none.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "most_places"), ("most__gte", 1)),
                                    models.Q(models.Q(("kind", "most_places"), _negated=True), ("most", None)),
                                    _connector="OR",
                                ),
                                name="inventory_routingrule_most",
                                violation_error_message="“At most so many locations” names a number from 1; the other rules name none.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShelfMark",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "stock",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="mark", to="inventory.stock", verbose_name="stock"
                            ),
                        ),
                        ("mark", models.CharField(max_length=40, verbose_name="shelf mark")),
                    ],
                    options={
                        "verbose_name": "shelf mark",
                        "verbose_name_plural": "shelf marks",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("mark", ""), _negated=True), name="inventory_shelfmark_says_something"
                            )
                        ],
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
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
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
                        ("number", models.CharField(max_length=40, verbose_name="stocktake number")),
                        ("name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="name")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="counting",
                                max_length=32,
                                values=["counting", "counted", "closed", "cancelled"],
                                verbose_name="status",
                            ),
                        ),
                        (
                            "scope",
                            core.fields.EnumField(
                                db_default="whole",
                                max_length=32,
                                values=["whole", "category", "zone", "list"],
                                verbose_name="what is counted",
                            ),
                        ),
                        ("scope_text", models.CharField(blank=True, db_default="", max_length=500, verbose_name="part")),
                        ("is_blind", models.BooleanField(db_default=False, default=False, verbose_name="blind count")),
                        ("counts_lots", models.BooleanField(db_default=True, default=True, verbose_name="counted by lot")),
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
                    ],
                    options={
                        "verbose_name": "stocktake",
                        "verbose_name_plural": "stocktakes",
                        "permissions": [("count_stocktake", "Can count stock"), ("approve_stocktake", "Can approve stocktakes")],
                        "indexes": [models.Index(fields=["location", "status", "-id"], name="inventory_stocktake_location")],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="inventory_stocktake_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False), ("status", "closed"), models.Q(("approved_by", ""), _negated=True)
                                    ),
                                    models.Q(("status", "closed"), _negated=True),
                                    _connector="OR",
                                ),
                                name="inventory_stocktake_closed_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StocktakeLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                        ("is_open", models.BooleanField(db_default=True, default=True, verbose_name="open")),
                        ("is_found", models.BooleanField(db_default=False, default=False, verbose_name="found while counting")),
                        ("expected", models.IntegerField(verbose_name="in the books at the beginning")),
                        ("round", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="round")),
                        ("counted", models.PositiveIntegerField(blank=True, null=True, verbose_name="counted")),
                        ("book", models.IntegerField(blank=True, null=True, verbose_name="in the books when counted")),
                        ("counted_at", models.DateTimeField(blank=True, null=True, verbose_name="counted at")),
                        (
                            "book_movement_id",
                            models.BigIntegerField(blank=True, editable=False, null=True, verbose_name="newest movement in these books"),
                        ),
                        ("previous_counted", models.PositiveIntegerField(blank=True, null=True, verbose_name="counted the time before")),
                        ("previous_book", models.IntegerField(blank=True, null=True, verbose_name="in the books the time before")),
                        ("difference", models.IntegerField(blank=True, null=True, verbose_name="difference")),
                        ("difference_value", core.fields.MoneyField(blank=True, null=True, verbose_name="value of the difference")),
                    ],
                    options={
                        "verbose_name": "line of a stocktake",
                        "verbose_name_plural": "lines of stocktakes",
                        "indexes": [models.Index(fields=["stocktake", "difference_value"], name="inventory_stocktakeline_value")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("stocktake", "stock_item", "lot"), name="inventory_stocktakeline_once", nulls_distinct=False
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_open", True)),
                                fields=("location", "stock_item", "lot"),
                                name="inventory_stocktakeline_open_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("book__isnull", True), ("counted__isnull", True), ("counted_at__isnull", True)),
                                    models.Q(("book__isnull", False), ("counted__isnull", False), ("counted_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="inventory_stocktakeline_counted_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("difference__isnull", True),
                                    (
                                        "difference",
                                        django.db.models.expressions.CombinedExpression(models.F("counted"), "-", models.F("book")),
                                    ),
                                    _connector="OR",
                                ),
                                name="inventory_stocktakeline_difference",
                            ),
                        ],
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
                            "line",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="counts",
                                to="inventory.stocktakeline",
                                verbose_name="line",
                            ),
                        ),
                        ("round", models.PositiveSmallIntegerField(verbose_name="round")),
                        (
                            "kind",
                            core.fields.EnumField(max_length=32, values=["scan", "typed", "file", "undo", "absent"], verbose_name="how"),
                        ),
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                        ("book", models.IntegerField(verbose_name="in the books then")),
                        ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code read")),
                        ("is_total", models.BooleanField(db_default=False, default=False, verbose_name="replaces what was counted")),
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
                        ("once_key", models.CharField(max_length=120, unique=True)),
                        ("counted_at", models.DateTimeField(verbose_name="counted at")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "count",
                        "verbose_name_plural": "counts",
                        "indexes": [
                            models.Index(fields=["line", "-id"], name="inventory_count_line"),
                            models.Index(fields=["stocktake", "-id"], name="inventory_count_newest"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StockTransfer",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
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
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        (
                            "from_location",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="from location",
                            ),
                        ),
                        (
                            "to_location",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="to location",
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="planned",
                                max_length=32,
                                values=["planned", "in_transit", "partly_received", "closed", "cancelled"],
                                verbose_name="status",
                            ),
                        ),
                        ("expected_on", models.DateField(blank=True, null=True, verbose_name="expected on")),
                        ("note", models.CharField(blank=True, db_default="", max_length=500, verbose_name="note")),
                        ("planned_at", models.DateTimeField(verbose_name="drafted at")),
                        ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent off at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        ("once_key", models.CharField(editable=False, max_length=120, unique=True)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "stock transfer",
                        "verbose_name_plural": "stock transfers",
                        "permissions": [
                            ("send_stocktransfer", "Can plan and send transfers"),
                            ("receive_stocktransfer", "Can confirm transfers"),
                            ("settle_stocktransfer", "Can settle what a transfer lost"),
                        ],
                        "indexes": [models.Index(fields=["status", "-id"], name="inventory_stocktransfer_by")],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="inventory_stocktransfer_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("from_location", models.F("to_location")), _negated=True),
                                name="inventory_stocktransfer_two_places",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("closed_at__isnull", True), ("status__in", ["closed", "cancelled"]), _connector="XOR"),
                                name="inventory_stocktransfer_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StockTransferLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "transfer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="inventory.stocktransfer",
                                verbose_name="stock transfer",
                            ),
                        ),
                        (
                            "stock_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        ("lot_number", models.CharField(blank=True, db_default="", max_length=64, verbose_name="lot number")),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("received_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="received")),
                        ("home_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="came home")),
                        ("lost_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="written off")),
                    ],
                    options={
                        "verbose_name": "stock transfer line",
                        "verbose_name_plural": "stock transfer lines",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("transfer", "stock_item", "lot_number"), name="inventory_stocktransferline_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("quantity__gte", 1),
                                    (
                                        "quantity__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("received_quantity"), "+", models.F("home_quantity")
                                            ),
                                            "+",
                                            models.F("lost_quantity"),
                                        ),
                                    ),
                                ),
                                name="inventory_stocktransferline_no_more_than_left",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TransferArrival",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "transfer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="arrivals",
                                to="inventory.stocktransfer",
                                verbose_name="stock transfer",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("once_key", models.CharField(editable=False, max_length=120, unique=True)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "transfer arrival",
                        "verbose_name_plural": "transfer arrivals",
                    },
                ),
                migrations.CreateModel(
                    name="LocationStaff",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "location",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="staff",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="member of staff",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "staff of a location",
                        "verbose_name_plural": "staff of a location",
                        "constraints": [models.UniqueConstraint(fields=("location", "account"), name="inventory_locationstaff_once")],
                    },
                ),
                migrations.CreateModel(
                    name="StockDay",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "stock_id", "day", "kind", blank=True, editable=False, primary_key=True, serialize=False
                            ),
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
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "opening",
                                    "receipt",
                                    "shipment",
                                    "return",
                                    "adjustment",
                                    "transfer_out",
                                    "transfer_in",
                                    "made_unsellable",
                                    "made_sellable",
                                    "revaluation",
                                    "state_left",
                                    "state_entered",
                                    "scrapped",
                                    "regraded_out",
                                    "regraded_in",
                                    "lot_left",
                                    "lot_entered",
                                ],
                                verbose_name="kind",
                            ),
                        ),
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                        ("value", models.BigIntegerField(verbose_name="stock value")),
                    ],
                    options={
                        "verbose_name": "day of a shelf",
                        "verbose_name_plural": "days of shelves",
                        "indexes": [models.Index(fields=["day"], name="inventory_stockday_day")],
                    },
                ),
                migrations.CreateModel(
                    name="StockQuota",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "stock",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="quotas",
                                to="inventory.stock",
                                verbose_name="stock",
                            ),
                        ),
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="set aside")),
                        ("remaining", models.PositiveIntegerField(verbose_name="left of it")),
                        ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="set aside until")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "stock quota",
                        "verbose_name_plural": "stock quotas",
                        "indexes": [
                            models.Index(condition=models.Q(("ended_at", None)), fields=["stock"], name="inventory_stockquota_stock"),
                            models.Index(
                                condition=models.Q(("ended_at", None)), fields=["channel", "stock_item"], name="inventory_stockquota_item"
                            ),
                            models.Index(condition=models.Q(("ended_at", None)), fields=["until_at"], name="inventory_stockquota_due"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)), fields=("channel", "stock"), name="inventory_stockquota_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("remaining__lte", models.F("quantity"))), name="inventory_stockquota_within"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Allocation",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("demand_id", models.UUIDField(verbose_name="demand")),
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
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("part", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, verbose_name="part")),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("good_until", models.DateField(blank=True, null=True, verbose_name="keeps at least until")),
                        (
                            "quota",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockquota",
                                verbose_name="quota",
                            ),
                        ),
                        ("quota_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="of which from the quota")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="open", max_length=32, values=["open", "shipped", "released"], verbose_name="status"
                            ),
                        ),
                        ("allocated_at", models.DateTimeField(verbose_name="allocated at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "allocation",
                        "verbose_name_plural": "allocations",
                        "indexes": [
                            models.Index(condition=models.Q(("status", "open")), fields=["stock"], name="inventory_allocation_open"),
                            models.Index(fields=["demand_id"], name="inventory_allocation_demand"),
                            models.Index(
                                condition=models.Q(("status", "open"), ("good_until__isnull", False)),
                                fields=["stock", "good_until"],
                                name="inventory_allocation_choosy",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_allocation_positive"),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "open")),
                                fields=("demand_id", "stock", "part"),
                                name="inventory_allocation_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reservation",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("holder_id", models.UUIDField(verbose_name="held for")),
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
                        (
                            "stock_item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "location",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("good_until", models.DateField(blank=True, null=True, verbose_name="keeps at least until")),
                        (
                            "quota",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockquota",
                                verbose_name="quota",
                            ),
                        ),
                        ("quota_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="of which from the quota")),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "reservation",
                        "verbose_name_plural": "reservations",
                        "indexes": [
                            models.Index(fields=["stock"], name="inventory_reservation_stock"),
                            models.Index(fields=["expires_at"], name="inventory_reservation_due"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("holder_id", "stock"), name="inventory_reservation_once"),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_reservation_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Pick",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "allocation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="picks",
                                to="inventory.allocation",
                                verbose_name="allocation",
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="picks",
                                to="inventory.lot",
                                verbose_name="lot",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "picked lot",
                        "verbose_name_plural": "picked lots",
                        "constraints": [
                            models.UniqueConstraint(fields=("allocation", "lot"), name="inventory_pick_once", nulls_distinct=False),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_pick_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StockExclusion",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        (
                            "pool",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="exclusions",
                                to="inventory.stockpool",
                                verbose_name="pool",
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
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
                            "location",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "stock exclusion",
                        "verbose_name_plural": "stock exclusions",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pool", None), ("channel", None), _connector="XOR"),
                                name="inventory_stockexclusion_for_one",
                                violation_error_message="Name either a pool or a sales channel.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("variant", None),
                                        models.Q(
                                            models.Q(("stock_item", None), _negated=True),
                                            models.Q(("location", None), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    models.Q(models.Q(("variant", None), _negated=True), ("stock_item", None), ("location", None)),
                                    _connector="OR",
                                ),
                                name="inventory_stockexclusion_of_something",
                                violation_error_message="Name either a variant alone, or a stock item, a location, or both.",
                            ),
                            models.UniqueConstraint(
                                fields=("pool", "channel", "variant", "stock_item", "location"),
                                name="inventory_stockexclusion_once",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChannelFigure",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "variant",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.variant",
                                verbose_name="variant",
                            ),
                        ),
                        ("units", models.IntegerField(blank=True, null=True, verbose_name="units")),
                        ("told_at", models.DateTimeField(verbose_name="told at")),
                    ],
                    options={
                        "verbose_name": "channel figure",
                        "verbose_name_plural": "channel figures",
                        "indexes": [models.Index(fields=["channel", "told_at", "variant"], name="inventory_channelfigure_news")],
                        "constraints": [models.UniqueConstraint(fields=("channel", "variant"), name="inventory_channelfigure_once")],
                    },
                ),
                migrations.CreateModel(
                    name="BackOrderTerms",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "stock_item",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="back_order_terms",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
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
                        (
                            "cap",
                            models.PositiveIntegerField(
                                help_text="So many pieces may wait at most, over all channels.", verbose_name="cap"
                            ),
                        ),
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
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "pre_order"), _negated=True), ("release_on__isnull", False), _connector="OR"
                                ),
                                name="inventory_backorderterms_release",
                                violation_error_message="A pre-order needs a release date.",
                            ),
                            models.CheckConstraint(condition=models.Q(("cap__gte", 1)), name="inventory_backorderterms_cap"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BackOrder",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("demand_id", models.UUIDField(verbose_name="demand")),
                        (
                            "stock_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.stockitem",
                                verbose_name="stock item",
                            ),
                        ),
                        (
                            "variant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="back_order", max_length=32, values=["back_order", "pre_order"], verbose_name="kind"
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("units", models.PositiveIntegerField(verbose_name="units of the variant")),
                        ("promised_on", models.DateField(verbose_name="promised on")),
                        ("rank_level", models.PositiveSmallIntegerField(db_default=0, verbose_name="level of the customer's rank")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="waiting", max_length=32, values=["waiting", "filled", "cancelled"], verbose_name="status"
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "back-order",
                        "verbose_name_plural": "back-orders",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "waiting")),
                                fields=["stock_item", "promised_on", "-rank_level", "id"],
                                name="inventory_backorder_queue",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("demand_id", "stock_item"), name="inventory_backorder_once"),
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gte", 1), ("units__gte", 1)), name="inventory_backorder_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at__isnull", True), ("status", "waiting")),
                                    models.Q(models.Q(("status", "waiting"), _negated=True), ("closed_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="inventory_backorder_closed",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
