import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0002_guards"),
        ("core", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=64, verbose_name="lot number")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires on")),
                ("received_on", models.DateField(blank=True, null=True, verbose_name="came in on")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "lot",
                "verbose_name_plural": "lots",
            },
        ),
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    core.fields.PublicIdField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
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
                ("cutoff_at", models.TimeField(blank=True, null=True, verbose_name="cut-off time")),
                ("can_ship", models.BooleanField(db_default=True, default=True, verbose_name="ships")),
                ("can_pick_up", models.BooleanField(db_default=False, default=False, verbose_name="pick-up point")),
                (
                    "priority",
                    models.IntegerField(
                        db_default=0, default=0, help_text="The lowest number is drawn from first.", verbose_name="drawing order"
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
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
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                    ),
                ),
            ],
            options={
                "verbose_name": "location",
                "verbose_name_plural": "locations",
            },
        ),
        migrations.CreateModel(
            name="StockItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    core.fields.PublicIdField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
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
                        db_default="own", default="own", max_length=32, values=["own", "consignment", "seller"], verbose_name="owner"
                    ),
                ),
                ("owner_code", models.CharField(blank=True, db_default="", max_length=64, verbose_name="owner code")),
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
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                    ),
                ),
            ],
            options={
                "verbose_name": "stock item",
                "verbose_name_plural": "stock items",
            },
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on_hand", models.IntegerField(db_default=0, verbose_name="on hand")),
                ("sellable", models.IntegerField(db_default=0, verbose_name="sellable")),
                ("allocated", models.IntegerField(db_default=0, verbose_name="allocated")),
                ("reserved", models.IntegerField(db_default=0, verbose_name="reserved")),
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
            ],
            options={
                "verbose_name": "stock",
                "verbose_name_plural": "stock",
                "permissions": [("adjust_stock", "Can adjust stock"), ("receive_stock", "Can receive stock")],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder_id", models.UUIDField(verbose_name="held for")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
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
            ],
            options={
                "verbose_name": "reservation",
                "verbose_name_plural": "reservations",
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
                        ],
                        verbose_name="kind",
                    ),
                ),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("sellable_quantity", models.IntegerField(verbose_name="of which sellable")),
                ("value", models.BigIntegerField(blank=True, null=True, verbose_name="stock value")),
                ("cause", models.CharField(max_length=80, verbose_name="cause")),
                ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                ("once_key", models.CharField(max_length=120, unique=True)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
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
            ],
            options={
                "verbose_name": "stock movement",
                "verbose_name_plural": "stock movements",
            },
        ),
        migrations.AddField(
            model_name="lot",
            name="stock_item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="inventory.stockitem", verbose_name="stock item"
            ),
        ),
        migrations.CreateModel(
            name="Component",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(db_default=1, default=1, verbose_name="quantity")),
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
            ],
            options={
                "verbose_name": "component",
                "verbose_name_plural": "components",
            },
        ),
        migrations.CreateModel(
            name="BackOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("demand_id", models.UUIDField(verbose_name="demand")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("promised_on", models.DateField(blank=True, null=True, verbose_name="promised on")),
                (
                    "status",
                    core.fields.EnumField(
                        db_default="waiting", max_length=32, values=["waiting", "filled", "cancelled"], verbose_name="status"
                    ),
                ),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "stock_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.stockitem", verbose_name="stock item"
                    ),
                ),
            ],
            options={
                "verbose_name": "back-order",
                "verbose_name_plural": "back-orders",
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("demand_id", models.UUIDField(verbose_name="demand")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                (
                    "status",
                    core.fields.EnumField(db_default="open", max_length=32, values=["open", "shipped", "released"], verbose_name="status"),
                ),
                ("allocated_at", models.DateTimeField(verbose_name="allocated at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
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
            ],
            options={
                "verbose_name": "allocation",
                "verbose_name_plural": "allocations",
            },
        ),
        migrations.CreateModel(
            name="StockPool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("is_default", models.BooleanField(db_default=False, default=False, verbose_name="used where a channel names none")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                    ),
                ),
            ],
            options={
                "verbose_name": "stock pool",
                "verbose_name_plural": "stock pools",
            },
        ),
        migrations.CreateModel(
            name="PoolSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("priority", models.IntegerField(db_default=0, default=0, verbose_name="drawing order")),
                ("buffer_quantity", models.PositiveIntegerField(db_default=0, default=0, verbose_name="buffer")),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.location", verbose_name="location"
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sources", to="inventory.stockpool", verbose_name="pool"
                    ),
                ),
            ],
            options={
                "verbose_name": "pool source",
                "verbose_name_plural": "pool sources",
            },
        ),
        migrations.CreateModel(
            name="PoolChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.saleschannel", verbose_name="sales channel"
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="channels", to="inventory.stockpool", verbose_name="pool"
                    ),
                ),
            ],
            options={
                "verbose_name": "pool channel",
                "verbose_name_plural": "pool channels",
            },
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="inventory_location_code_once"),
        ),
        migrations.AddIndex(
            model_name="stockitem",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("code"), "gin_trgm_ops"),
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), "gin_trgm_ops"),
                name="inventory_stockitem_search",
            ),
        ),
        migrations.AddIndex(
            model_name="stockitem",
            index=models.Index(condition=models.Q(("low_at__gt", 0)), fields=["id"], name="inventory_stockitem_watched"),
        ),
        migrations.AddConstraint(
            model_name="stockitem",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="inventory_stockitem_code_once"),
        ),
        migrations.AddIndex(
            model_name="stock",
            index=models.Index(fields=["location", "stock_item"], name="inventory_stock_location"),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.UniqueConstraint(fields=("stock_item", "location"), name="inventory_stock_once"),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("allocated__gte", 0),
                    ("reserved__gte", 0),
                    ("sellable__gte", django.db.models.expressions.CombinedExpression(models.F("allocated"), "+", models.F("reserved"))),
                    ("on_hand__gte", models.F("sellable")),
                ),
                name="inventory_stock_never_oversold",
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["stock"], name="inventory_reservation_stock"),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["expires_at"], name="inventory_reservation_due"),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(fields=("holder_id", "stock"), name="inventory_reservation_once"),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_reservation_positive"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["stock", "-id"], name="inventory_movement_newest"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(condition=models.Q(("lot__isnull", False)), fields=["lot"], name="inventory_movement_lot"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quantity", 0), _negated=True), models.Q(("sellable_quantity", 0), _negated=True), _connector="OR"
                ),
                name="inventory_movement_moves_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(fields=("stock_item", "number"), name="inventory_lot_number_once"),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.UniqueConstraint(fields=("variant", "stock_item"), name="inventory_component_once"),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_component_positive"),
        ),
        migrations.AddIndex(
            model_name="backorder",
            index=models.Index(
                condition=models.Q(("status", "waiting")), fields=["stock_item", "promised_on", "id"], name="inventory_backorder_queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="backorder",
            constraint=models.UniqueConstraint(fields=("demand_id", "stock_item"), name="inventory_backorder_once"),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(condition=models.Q(("status", "open")), fields=["stock"], name="inventory_allocation_open"),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(fields=["demand_id"], name="inventory_allocation_demand"),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(condition=models.Q(("lot__isnull", False)), fields=["lot"], name="inventory_allocation_lot"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="inventory_allocation_positive"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("demand_id", "stock", "lot"),
                name="inventory_allocation_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="stockpool",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="inventory_stockpool_code_once"),
        ),
        migrations.AddConstraint(
            model_name="stockpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("company",), name="inventory_stockpool_one_default"
            ),
        ),
        migrations.AddConstraint(
            model_name="poolsource",
            constraint=models.UniqueConstraint(fields=("pool", "location"), name="inventory_poolsource_once"),
        ),
        migrations.AddConstraint(
            model_name="poolchannel",
            constraint=models.UniqueConstraint(fields=("channel",), name="inventory_poolchannel_once"),
        ),
    ]
