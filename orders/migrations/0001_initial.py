import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import core.fields
from core.tables import CreateModels

# The two-letter tokens of every run of Japanese letters, plus its last letter, as core.text.bigrams makes them. Two Latin letters or
# figures say too little to be worth an index entry for each.
PAIRS = """
CREATE FUNCTION orders_pairs(words text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    japanese text := regexp_replace(words, '[ -~]+', ' ', 'g');
    tokens text[] := '{}';
    token text;
BEGIN
    FOR place IN 1 .. length(japanese) LOOP
        token := rtrim(substr(japanese, place, 2), ' ');
        IF token <> '' AND left(token, 1) <> ' ' THEN
            tokens := tokens || token;
        END IF;
    END LOOP;
    RETURN array_to_tsvector(tokens);
END $$;
"""
NO_PAIRS = "DROP FUNCTION orders_pairs(text)"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("catalog", "0001_initial"),
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
        ("inventory", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(PAIRS, NO_PAIRS),
        CreateModels(
            [
                migrations.CreateModel(
                    name="Order",
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
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("number", models.CharField(max_length=40, verbose_name="order number")),
                        (
                            "channel",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.site",
                                verbose_name="site",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        (
                            "origin",
                            core.fields.EnumField(db_default="placed", max_length=32, values=["placed", "imported"], verbose_name="origin"),
                        ),
                        ("outside_number", models.CharField(blank=True, db_default="", max_length=80, verbose_name="outside number")),
                        ("cart_ref", models.UUIDField(blank=True, editable=False, null=True, verbose_name="cart")),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "identity",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.identity",
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "payer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="payer",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="taken by",
                            ),
                        ),
                        (
                            "taken_at",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="taken at (store)",
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="confirmed",
                                max_length=32,
                                values=["pending", "confirmed", "completed", "cancelled"],
                                verbose_name="order status",
                            ),
                        ),
                        (
                            "payment_status",
                            core.fields.EnumField(
                                db_default="unpaid",
                                max_length=32,
                                values=["unpaid", "authorised", "partly_paid", "paid", "refunded", "voided"],
                                verbose_name="payment status",
                            ),
                        ),
                        (
                            "fulfilment_status",
                            core.fields.EnumField(
                                db_default="planned",
                                max_length=32,
                                values=[
                                    "waiting",
                                    "planned",
                                    "partly_shipped",
                                    "shipped",
                                    "delivered",
                                    "returned",
                                    "cancelled",
                                    "nothing_to_ship",
                                ],
                                verbose_name="fulfilment status",
                            ),
                        ),
                        ("open_holds", models.PositiveSmallIntegerField(db_default=0, verbose_name="open holds")),
                        (
                            "return_status",
                            core.fields.EnumField(
                                db_default="none",
                                max_length=32,
                                values=["none", "under_way", "partly_returned", "returned"],
                                verbose_name="returns",
                            ),
                        ),
                        ("returned_total", core.fields.MoneyField(db_default=0, editable=False, verbose_name="returned")),
                        ("placed_at", models.DateTimeField(verbose_name="placed at")),
                        ("placed_on", models.DateField(verbose_name="purchase date")),
                        ("language", models.CharField(db_default="ja", max_length=8, verbose_name="language")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("tax_basis", core.fields.EnumField(max_length=32, values=["included", "excluded"], verbose_name="tax basis")),
                        (
                            "payment_method",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "card",
                                    "cash_on_delivery",
                                    "bank_transfer",
                                    "convenience_store",
                                    "deferred",
                                    "direct_debit",
                                    "points",
                                    "store_credit",
                                    "marketplace",
                                    "cash_at_store",
                                    "free",
                                ],
                                verbose_name="payment method",
                            ),
                        ),
                        ("goods_total", core.fields.MoneyField(verbose_name="goods")),
                        ("discount_total", core.fields.MoneyField(db_default=0, verbose_name="discounts")),
                        ("fee_total", core.fields.MoneyField(db_default=0, verbose_name="fees")),
                        ("tax_total", core.fields.MoneyField(db_default=0, verbose_name="tax")),
                        ("total", core.fields.MoneyField(verbose_name="total (tax included)")),
                        ("paid_total", core.fields.MoneyField(db_default=0, verbose_name="paid")),
                        ("buyer_name", models.CharField(blank=True, db_default="", max_length=320, verbose_name="buyer")),
                        ("buyer_email", models.CharField(blank=True, db_default="", max_length=254, verbose_name="buyer's e-mail")),
                        ("buyer_phone", models.CharField(blank=True, db_default="", max_length=32, verbose_name="buyer's phone")),
                        ("remark", models.CharField(blank=True, db_default="", max_length=1000, verbose_name="customer's remark")),
                        ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="cancelled at")),
                        (
                            "cancel_reason",
                            models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason for cancelling"),
                        ),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("revision", models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="revision")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "order",
                        "verbose_name_plural": "orders",
                        "permissions": [
                            ("place_order", "Can place orders for customers"),
                            ("cancel_order", "Can cancel orders"),
                            ("change_placed_order", "Can change placed orders"),
                            ("release_hold", "Can release holds"),
                        ],
                        "indexes": [
                            models.Index(fields=["company", "-placed_at", "-id"], name="orders_order_newest"),
                            models.Index(fields=["-placed_at", "-id"], name="orders_order_latest"),
                            models.Index(fields=["company", "status", "-placed_at", "-id"], name="orders_order_status"),
                            models.Index(fields=["company", "fulfilment_status", "-placed_at", "-id"], name="orders_order_fulfilment"),
                            models.Index(fields=["customer", "-placed_at"], name="orders_order_customer"),
                            models.Index(
                                condition=models.Q(("return_status", "none"), _negated=True),
                                fields=["return_status", "-placed_at", "-id"],
                                name="orders_order_returns",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="orders_order_number_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("outside_number", ""), _negated=True),
                                fields=("channel", "outside_number"),
                                name="orders_order_outside_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("cart_ref__isnull", False)), fields=("cart_ref",), name="orders_order_cart_once"
                            ),
                            models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="orders_order_total_not_negative"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Destination",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="destinations",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(db_default=1, verbose_name="position")),
                        ("name", models.CharField(blank=True, db_default="", max_length=320, verbose_name="recipient")),
                        ("kana", models.CharField(blank=True, db_default="", max_length=320, verbose_name="recipient (kana)")),
                        ("organisation_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="organisation")),
                        ("country", models.CharField(db_default="JP", max_length=2, verbose_name="country")),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                        ("city", models.CharField(blank=True, db_default="", max_length=120, verbose_name="city")),
                        ("street", models.CharField(blank=True, db_default="", max_length=200, verbose_name="street and number")),
                        ("building", models.CharField(blank=True, db_default="", max_length=200, verbose_name="building")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=32, verbose_name="phone")),
                        ("wished_on", models.DateField(blank=True, null=True, verbose_name="wished delivery date")),
                        ("time_band", models.CharField(blank=True, db_default="", max_length=20, verbose_name="time band")),
                        ("is_gift", models.BooleanField(db_default=False, verbose_name="gift")),
                        ("gift_message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="gift message")),
                    ],
                    options={
                        "verbose_name": "destination",
                        "verbose_name_plural": "destinations",
                        "constraints": [models.UniqueConstraint(fields=("order", "position"), name="orders_destination_position_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Line",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "destination",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.destination",
                                verbose_name="destination",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("outside_line", models.CharField(blank=True, db_default="", max_length=80, verbose_name="outside line")),
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
                        ("sku", models.CharField(max_length=64, verbose_name="SKU")),
                        ("name", models.CharField(max_length=300, verbose_name="product")),
                        ("language", models.CharField(db_default="ja", max_length=8, verbose_name="language")),
                        ("category_path", models.CharField(blank=True, db_default="", max_length=500, verbose_name="category")),
                        (
                            "purchase_type",
                            core.fields.EnumField(
                                db_default="normal",
                                max_length=32,
                                values=["normal", "spot", "subscription", "free"],
                                verbose_name="purchase type",
                            ),
                        ),
                        ("cycle", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="delivery number")),
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                        ("cancelled_quantity", models.IntegerField(db_default=0, verbose_name="cancelled")),
                        ("shipped_quantity", models.IntegerField(db_default=0, verbose_name="shipped")),
                        ("returning_quantity", models.IntegerField(db_default=0, verbose_name="in returns")),
                        ("list_price", core.fields.MoneyField(blank=True, null=True, verbose_name="list price")),
                        ("unit_price", core.fields.MoneyField(verbose_name="unit price")),
                        ("price_reason", models.CharField(blank=True, db_default="", max_length=120, verbose_name="price from")),
                        ("discount", core.fields.MoneyField(db_default=0, verbose_name="discount")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        ("total", core.fields.MoneyField(verbose_name="amount with tax")),
                        (
                            "tax_class",
                            models.ForeignKey(
                                db_column="tax_class",
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (bp)")),
                        ("seller_code", models.CharField(blank=True, db_default="", max_length=64, verbose_name="seller")),
                        ("campaign_ref", models.CharField(blank=True, db_default="", max_length=80, verbose_name="campaign")),
                        ("campaign_name", models.CharField(blank=True, db_default="", max_length=200, verbose_name="campaign name")),
                        ("route_medium", models.CharField(blank=True, db_default="", max_length=60, verbose_name="route medium")),
                        ("outbound_at", models.DateTimeField(blank=True, null=True, verbose_name="outbound at")),
                        ("offer_from_at", models.DateTimeField(blank=True, null=True, verbose_name="offer from")),
                        ("offer_until_at", models.DateTimeField(blank=True, null=True, verbose_name="offer until")),
                        ("ad_code", models.CharField(blank=True, db_default="", max_length=60, verbose_name="ad code")),
                        (
                            "referral_code",
                            models.CharField(blank=True, db_default="", max_length=60, verbose_name="referral or partner code"),
                        ),
                        ("recommendation_ref", models.CharField(blank=True, db_default="", max_length=80, verbose_name="recommendation")),
                        (
                            "from_revision",
                            models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="agreed from revision"),
                        ),
                        (
                            "until_revision",
                            models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name="until revision"),
                        ),
                        (
                            "replaces",
                            models.ForeignKey(
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
                    ],
                    options={
                        "verbose_name": "order line",
                        "verbose_name_plural": "order lines",
                        "indexes": [models.Index(fields=["variant", "-id"], name="orders_line_variant")],
                        "constraints": [
                            models.UniqueConstraint(fields=("order", "position"), name="orders_line_position_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("outside_line", ""), _negated=True),
                                fields=("order", "outside_line"),
                                name="orders_line_outside_once",
                            ),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="orders_line_quantity_positive"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cancelled_quantity__gte", 0),
                                    ("shipped_quantity__gte", 0),
                                    (
                                        "quantity__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("cancelled_quantity"), "+", models.F("shipped_quantity")
                                        ),
                                    ),
                                ),
                                name="orders_line_quantities_within",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("returning_quantity__gte", 0), ("returning_quantity__lte", models.F("shipped_quantity"))
                                ),
                                name="orders_line_returns_within",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("unit_price"), "*", models.F("quantity")
                                            ),
                                            "-",
                                            models.F("discount"),
                                        ),
                                    )
                                ),
                                name="orders_line_amount_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until_revision__isnull", True),
                                    models.Q(
                                        (
                                            "cancelled_quantity",
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("quantity"), "-", models.F("shipped_quantity")
                                            ),
                                        ),
                                        ("until_revision__gt", models.F("from_revision")),
                                    ),
                                    _connector="OR",
                                ),
                                name="orders_line_ended_whole",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("replaces__isnull", False)), fields=("replaces",), name="orders_line_replaced_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LineDiscount",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "line",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="discounts",
                                to="orders.line",
                                verbose_name="line",
                            ),
                        ),
                        ("source", models.CharField(max_length=80, verbose_name="source")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                    ],
                    options={
                        "verbose_name": "line discount",
                        "verbose_name_plural": "line discounts",
                        "indexes": [models.Index(fields=["line"], name="orders_linediscount_line")],
                        "constraints": [models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="orders_linediscount_positive")],
                    },
                ),
                migrations.CreateModel(
                    name="Fee",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fees",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32, values=["shipping", "cash_on_delivery", "gift", "other"], verbose_name="kind"
                            ),
                        ),
                        ("label", models.CharField(blank=True, db_default="", max_length=120, verbose_name="label")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        ("total", core.fields.MoneyField(verbose_name="amount with tax")),
                        (
                            "tax_class",
                            models.ForeignKey(
                                db_column="tax_class",
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (bp)")),
                        ("invoiced", models.BooleanField(db_default=False, editable=False, verbose_name="invoiced")),
                        (
                            "from_revision",
                            models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="agreed from revision"),
                        ),
                        (
                            "until_revision",
                            models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name="until revision"),
                        ),
                    ],
                    options={
                        "verbose_name": "fee",
                        "verbose_name_plural": "fees",
                        "indexes": [models.Index(fields=["order"], name="orders_fee_order")],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="orders_fee_not_negative"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until_revision__isnull", True),
                                    models.Q(("invoiced", False), ("until_revision__gt", models.F("from_revision"))),
                                    _connector="OR",
                                ),
                                name="orders_fee_ended_before_invoiced",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderTax",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taxes",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "tax_class",
                            models.ForeignKey(
                                db_column="tax_class",
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (bp)")),
                        ("taxable", core.fields.MoneyField(verbose_name="total of the rate, without tax")),
                        ("tax", core.fields.MoneyField(verbose_name="tax")),
                        ("revision", models.PositiveSmallIntegerField(db_default=1, editable=False, verbose_name="revision")),
                    ],
                    options={
                        "verbose_name": "order tax",
                        "verbose_name_plural": "order taxes",
                        "constraints": [
                            models.UniqueConstraint(fields=("order", "revision", "tax_class", "tax_rate_bp"), name="orders_ordertax_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderNote",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notes",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        ("body", models.TextField(verbose_name="note")),
                        (
                            "visibility",
                            core.fields.EnumField(
                                db_default="staff", max_length=32, values=["customer", "staff"], verbose_name="visibility"
                            ),
                        ),
                        (
                            "author_kind",
                            core.fields.EnumField(
                                db_default="staff",
                                max_length=32,
                                values=["customer", "staff", "partner", "system", "rule"],
                                verbose_name="author",
                            ),
                        ),
                        ("author_id", models.CharField(blank=True, db_default="", editable=False, max_length=64)),
                        (
                            "author_label",
                            models.CharField(blank=True, db_default="", editable=False, max_length=128, verbose_name="written by"),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "order note",
                        "verbose_name_plural": "order notes",
                        "indexes": [models.Index(fields=["order", "-id"], name="orders_ordernote_order")],
                    },
                ),
                migrations.CreateModel(
                    name="FinalConfirmation",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="confirmation",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        ("terms_version", models.CharField(max_length=40, verbose_name="terms version")),
                        ("shown", models.TextField(verbose_name="as shown")),
                        ("shown_at", models.DateTimeField(verbose_name="shown at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "final confirmation",
                        "verbose_name_plural": "final confirmations",
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
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="orders.order",
                                verbose_name="order",
                            ),
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
                        "indexes": [models.Index(fields=["order", "-id"], name="orders_orderchange_order")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")), fields=("order",), name="orders_orderchange_one_open"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("revision__isnull", False)),
                                fields=("order", "revision"),
                                name="orders_orderchange_revision_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("state", "open")),
                                    models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="orders_orderchange_closed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("revision__gt", 1),
                                        ("state", "confirmed"),
                                        ("total_after__gte", 0),
                                        ("total_before__isnull", False),
                                    ),
                                    models.Q(models.Q(("state", "confirmed"), _negated=True), ("revision", None), ("total_after", None)),
                                    _connector="OR",
                                ),
                                name="orders_orderchange_revision",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChangeItem",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "change",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="orders.orderchange",
                                verbose_name="order change",
                            ),
                        ),
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
                        "constraints": [models.UniqueConstraint(fields=("change", "position"), name="orders_changeitem_position_once")],
                    },
                ),
                migrations.CreateModel(
                    name="FeeRule",
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
                            "kind",
                            core.fields.EnumField(
                                max_length=32, values=["shipping", "cash_on_delivery", "gift", "other"], verbose_name="kind"
                            ),
                        ),
                        ("label", models.CharField(blank=True, db_default="", max_length=120, verbose_name="label")),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "method",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=[
                                    "card",
                                    "cash_on_delivery",
                                    "bank_transfer",
                                    "convenience_store",
                                    "deferred",
                                    "direct_debit",
                                    "points",
                                    "store_credit",
                                    "marketplace",
                                    "cash_at_store",
                                    "free",
                                ],
                                verbose_name="payment method",
                            ),
                        ),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                        ("from_goods_total", core.fields.MoneyField(db_default=0, verbose_name="from goods total")),
                        ("amount", core.fields.MoneyField(verbose_name="fee")),
                        (
                            "tax_class",
                            models.ForeignKey(
                                db_column="tax_class",
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "fee rule",
                        "verbose_name_plural": "fee rules",
                        "indexes": [models.Index(fields=["company", "kind"], name="orders_feerule_company")],
                    },
                ),
                migrations.CreateModel(
                    name="PurchaseFacts",
                    fields=[
                        (
                            "customer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "entry_order",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                                verbose_name="first order",
                            ),
                        ),
                        ("entry_sku", models.CharField(blank=True, db_default="", max_length=64, verbose_name="entry product")),
                        (
                            "entry_channel",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="entry channel",
                            ),
                        ),
                        ("f_number", models.PositiveIntegerField(db_default=0, verbose_name="F-number")),
                        ("first_on", models.DateField(blank=True, null=True, verbose_name="first purchase")),
                        ("last_on", models.DateField(blank=True, null=True, verbose_name="last purchase")),
                        ("order_count", models.PositiveIntegerField(db_default=0, verbose_name="orders")),
                        ("amount_total", core.fields.MoneyField(db_default=0, verbose_name="bought in all")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "purchase facts",
                        "verbose_name_plural": "purchase facts",
                        "indexes": [
                            models.Index(fields=["company", "-last_on", "customer"], name="orders_facts_recency"),
                            models.Index(fields=["company", "f_number", "customer"], name="orders_facts_frequency"),
                            models.Index(fields=["company", "-amount_total", "customer"], name="orders_facts_amount"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Shipment",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shipments",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "destination",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shipments",
                                to="orders.destination",
                                verbose_name="destination",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_constraint=False,
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
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="location",
                            ),
                        ),
                        ("number", models.CharField(max_length=48, verbose_name="shipment number")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="planned",
                                max_length=32,
                                values=["planned", "instructed", "shipped", "delivered", "returned", "cancelled"],
                                verbose_name="status",
                            ),
                        ),
                        ("planned_on", models.DateField(blank=True, null=True, verbose_name="planned on")),
                        ("carrier", models.CharField(blank=True, db_default="", max_length=40, verbose_name="carrier")),
                        ("tracking_number", models.CharField(blank=True, db_default="", max_length=40, verbose_name="tracking number")),
                        ("pieces", models.PositiveSmallIntegerField(db_default=1, verbose_name="number of pieces")),
                        ("box", models.UUIDField(blank=True, editable=False, null=True, verbose_name="box")),
                        ("stays_apart", models.BooleanField(db_default=False, editable=False, verbose_name="stays apart")),
                        ("instructed_at", models.DateTimeField(blank=True, null=True, verbose_name="instructed at")),
                        ("shipped_at", models.DateTimeField(blank=True, null=True, verbose_name="shipped at")),
                        ("shipped_on", models.DateField(blank=True, null=True, verbose_name="shipped on")),
                        ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered at")),
                        ("returned_at", models.DateTimeField(blank=True, null=True, verbose_name="came back at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "shipment",
                        "verbose_name_plural": "shipments",
                        "permissions": [("ship_shipment", "Can ship")],
                        "indexes": [
                            models.Index(fields=["order"], name="orders_shipment_order"),
                            models.Index(fields=["company", "status", "-id"], name="orders_shipment_status"),
                            models.Index(fields=["location", "status", "id"], name="orders_shipment_worklist"),
                            models.Index(
                                condition=models.Q(("tracking_number", ""), _negated=True),
                                fields=["tracking_number"],
                                name="orders_shipment_tracking",
                            ),
                            models.Index(condition=models.Q(("box__isnull", False)), fields=["box"], name="orders_shipment_box"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="orders_shipment_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("pieces__gte", 1), ("pieces__lte", 99)), name="orders_shipment_pieces"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShipmentLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "shipment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shipment_lines",
                                to="orders.line",
                                verbose_name="line",
                            ),
                        ),
                        (
                            "allocation",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.allocation",
                                verbose_name="allocation",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                    ],
                    options={
                        "verbose_name": "shipment line",
                        "verbose_name_plural": "shipment lines",
                        "indexes": [models.Index(fields=["line"], name="orders_shipmentline_line")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("shipment", "line", "allocation"), name="orders_shipmentline_once", nulls_distinct=False
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("allocation__isnull", False)),
                                fields=("allocation",),
                                name="orders_shipmentline_allocation",
                            ),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="orders_shipmentline_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrackingEvent",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "shipment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tracking_events",
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        ("number", models.CharField(blank=True, db_default="", max_length=40, verbose_name="tracking number")),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        (
                            "state",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=[
                                    "accepted",
                                    "in_transit",
                                    "at_depot",
                                    "out_for_delivery",
                                    "attempted",
                                    "waiting_pickup",
                                    "exception",
                                    "delivered",
                                    "returning",
                                    "returned",
                                ],
                                verbose_name="state",
                            ),
                        ),
                        ("label", models.CharField(blank=True, db_default="", max_length=200, verbose_name="text")),
                        ("place", models.CharField(blank=True, db_default="", max_length=120, verbose_name="place")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "tracking event",
                        "verbose_name_plural": "tracking events",
                        "constraints": [
                            models.UniqueConstraint(fields=("shipment", "number", "code", "at"), name="orders_trackingevent_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HoldRule",
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
                        ("position", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="position")),
                        (
                            "name",
                            models.CharField(
                                help_text="What whoever looks at the order should check; shown on the held order.",
                                max_length=200,
                                verbose_name="reason",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=["remark", "address", "duplicate", "amount", "attention", "payment", "short", "exchange", "manual"],
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="Empty: by everybody who may release holds.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="auth.group",
                                verbose_name="released only by",
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "method",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=[
                                    "card",
                                    "cash_on_delivery",
                                    "bank_transfer",
                                    "convenience_store",
                                    "deferred",
                                    "direct_debit",
                                    "points",
                                    "store_credit",
                                    "marketplace",
                                    "cash_at_store",
                                    "free",
                                ],
                                verbose_name="payment method",
                            ),
                        ),
                        ("total_from", core.fields.MoneyField(blank=True, help_text="Tax included.", null=True, verbose_name="total from")),
                        ("first_order", models.BooleanField(db_default=False, default=False, verbose_name="first order")),
                        ("has_remark", models.BooleanField(db_default=False, default=False, verbose_name="with a remark")),
                        (
                            "repeats_within_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="An earlier order of exactly these products, by the same customer.",
                                null=True,
                                verbose_name="same products again within days",
                            ),
                        ),
                        ("has_time_band", models.BooleanField(db_default=False, default=False, verbose_name="with a time band")),
                        (
                            "postal_differs",
                            models.BooleanField(db_default=False, default=False, verbose_name="prefecture is not that of the postal code"),
                        ),
                        (
                            "postal_prefixes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                db_default=[],
                                default=list,
                                help_text="Digits, parted by commas: 100, 9070.",
                                size=None,
                                verbose_name="postal codes that begin with",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "hold rule",
                        "verbose_name_plural": "hold rules",
                        "ordering": ["company", "position", "id"],
                        "indexes": [
                            models.Index(condition=models.Q(("ended_at", None)), fields=["company"], name="orders_holdrule_company")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("channel__isnull", False),
                                    ("method__isnull", False),
                                    ("total_from__isnull", False),
                                    ("repeats_within_days__isnull", False),
                                    ("first_order", True),
                                    ("has_remark", True),
                                    ("has_time_band", True),
                                    ("postal_differs", True),
                                    models.Q(("postal_prefixes", []), _negated=True),
                                    _connector="OR",
                                ),
                                name="orders_holdrule_asks_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("total_from__isnull", True), ("total_from__gte", 0), _connector="OR"),
                                name="orders_holdrule_total",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
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
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=["remark", "address", "duplicate", "amount", "attention", "payment", "short", "exchange", "manual"],
                                verbose_name="kind",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.holdrule",
                                verbose_name="hold rule",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="auth.group",
                                verbose_name="released only by",
                            ),
                        ),
                        ("raised_at", models.DateTimeField(verbose_name="raised at")),
                        ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
                        ("released_by", models.CharField(blank=True, db_default="", max_length=128, verbose_name="released by")),
                    ],
                    options={
                        "verbose_name": "hold",
                        "verbose_name_plural": "holds",
                        "indexes": [models.Index(fields=["order"], name="orders_hold_order")],
                    },
                ),
                migrations.CreateModel(
                    name="ShipmentInstruction",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                            "company",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("number", models.CharField(max_length=60, verbose_name="instruction number")),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="sent", max_length=32, values=["sent", "accepted", "shipped", "withdrawn"], verbose_name="status"
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
                        ("sent_at", models.DateTimeField(verbose_name="sent at")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "shipping instruction",
                        "verbose_name_plural": "shipping instructions",
                        "indexes": [
                            models.Index(fields=["file"], name="orders_instruction_file"),
                            models.Index(
                                condition=models.Q(("status", "withdrawn"), ("withdrawal_file__isnull", True)),
                                fields=["company"],
                                name="orders_instruction_withdrawn",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="orders_instruction_number_once"),
                            models.UniqueConstraint(fields=("shipment", "version"), name="orders_instruction_version_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ("sent", "accepted"))),
                                fields=("shipment",),
                                name="orders_instruction_one_in_force",
                            ),
                        ],
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
                        ("tracking_number", models.CharField(blank=True, max_length=40, verbose_name="tracking number")),
                        ("carrier", models.CharField(blank=True, db_default="", max_length=40, verbose_name="carrier")),
                        ("shipped_on", models.DateField(verbose_name="shipped on")),
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
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "shipping actual",
                        "verbose_name_plural": "shipping actuals",
                        "constraints": [
                            models.UniqueConstraint(fields=("instruction", "tracking_number"), name="orders_shipmentactual_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutsideShop",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
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
                            "code",
                            models.CharField(
                                help_text="Names its folder and its address: small letters, digits, hyphens.",
                                max_length=40,
                                verbose_name="code",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("adapter", models.CharField(max_length=20, verbose_name="counter")),
                        (
                            "secret_name",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Under this name the setting INTAKE_SECRETS holds keys and tokens; they never stand in the database.",
                                max_length=60,
                                verbose_name="name of its secrets",
                            ),
                        ),
                        (
                            "default_payment",
                            core.fields.EnumField(
                                blank=True,
                                help_text="Empty: such an order waits for a person.",
                                max_length=32,
                                null=True,
                                values=[
                                    "card",
                                    "cash_on_delivery",
                                    "bank_transfer",
                                    "convenience_store",
                                    "deferred",
                                    "direct_debit",
                                    "points",
                                    "store_credit",
                                    "marketplace",
                                    "cash_at_store",
                                    "free",
                                ],
                                verbose_name="way to pay where its word is not known",
                            ),
                        ),
                        (
                            "tells_by",
                            core.fields.EnumField(
                                db_default="file",
                                default="file",
                                max_length=32,
                                values=["none", "file", "call"],
                                verbose_name="told of parcels",
                            ),
                        ),
                        (
                            "mails_buyers",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Most counters write to their buyers themselves.",
                                verbose_name="our own mails go to its buyers",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "outside shop",
                        "verbose_name_plural": "outside shops",
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "code"), name="orders_outsideshop_code_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)), fields=("channel",), name="orders_outsideshop_channel_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutsideArticle",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="articles",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
                            ),
                        ),
                        ("code", models.CharField(max_length=120, verbose_name="outside product code")),
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
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "outside article",
                        "verbose_name_plural": "outside articles",
                        "constraints": [models.UniqueConstraint(fields=("shop", "code"), name="orders_outsidearticle_once")],
                    },
                ),
                migrations.CreateModel(
                    name="OutsideCode",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="codes",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(max_length=32, values=["payment", "time_band", "carrier", "status"], verbose_name="kind"),
                        ),
                        ("theirs", models.CharField(max_length=80, verbose_name="the counter's word")),
                        ("ours", models.CharField(blank=True, db_default="", max_length=40, verbose_name="ours")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "outside code",
                        "verbose_name_plural": "outside codes",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "carrier"), _negated=True),
                                fields=("shop", "kind", "theirs"),
                                name="orders_outsidecode_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "carrier")), fields=("shop", "ours"), name="orders_outsidecode_carrier_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IntakeMap",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="maps",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
                            ),
                        ),
                        ("outgoing", models.BooleanField(db_default=False, default=False, verbose_name="for the file that goes back")),
                        ("version", models.PositiveIntegerField(verbose_name="version")),
                        ("columns", models.TextField(help_text="A line each: heading = field.", verbose_name="columns")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "column map of orders",
                        "verbose_name_plural": "column maps of orders",
                        "constraints": [
                            models.UniqueConstraint(fields=("shop", "outgoing", "version"), name="orders_intakemap_version_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IntakeDocument",
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
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("source", models.CharField(max_length=20, verbose_name="came by")),
                        ("event_ref", models.CharField(blank=True, db_default="", max_length=120, verbose_name="event")),
                        (
                            "state",
                            core.fields.EnumField(
                                max_length=32, values=["preview", "received", "done", "partly", "failed", "discarded"], verbose_name="state"
                            ),
                        ),
                        ("encoding", models.CharField(blank=True, db_default="", max_length=16, verbose_name="encoding")),
                        ("content", models.BinaryField(blank=True, null=True, verbose_name="content")),
                        ("content_hash", models.CharField(max_length=64, verbose_name="fingerprint")),
                        ("content_ended_at", models.DateTimeField(blank=True, null=True, verbose_name="content thrown away at")),
                        ("map_version", models.PositiveIntegerField(blank=True, null=True, verbose_name="version of the column map")),
                        ("order_count", models.PositiveIntegerField(db_default=0, verbose_name="orders")),
                        ("new_count", models.PositiveIntegerField(db_default=0, verbose_name="new")),
                        ("problem_count", models.PositiveIntegerField(db_default=0, verbose_name="unreadable")),
                        ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code")),
                        ("message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="why it could not be read")),
                        ("params", models.JSONField(blank=True, default=dict, verbose_name="values")),
                        ("received_at", models.DateTimeField(verbose_name="came at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "intake document",
                        "verbose_name_plural": "intake documents",
                        "permissions": [("view_intake_content", "Can read what counters handed in, with names and addresses")],
                        "indexes": [
                            models.Index(fields=["company", "-id"], name="orders_intakedocument_newest"),
                            models.Index(condition=models.Q(("state", "received")), fields=["id"], name="orders_intakedocument_due"),
                            models.Index(
                                condition=models.Q(("content_ended_at", None)), fields=["received_at"], name="orders_intakedocument_kept"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "discarded"), _negated=True),
                                fields=("shop", "content_hash"),
                                name="orders_intakedocument_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("event_ref", ""), _negated=True),
                                fields=("shop", "event_ref"),
                                name="orders_intakedocument_event_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IntakeOrder",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
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
                        ("outside_number", models.CharField(max_length=80, verbose_name="outside number")),
                        (
                            "state",
                            core.fields.EnumField(
                                max_length=32,
                                values=["new", "waiting", "placed", "refused", "person", "changed", "cancelling", "cancelled", "passed"],
                                verbose_name="state",
                            ),
                        ),
                        (
                            "standing",
                            core.fields.EnumField(
                                max_length=32, values=["open", "unconfirmed", "cancelled", "closed"], verbose_name="state at the counter"
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.intakedocument",
                                verbose_name="intake document",
                            ),
                        ),
                        ("row", models.PositiveIntegerField(verbose_name="row of the document")),
                        ("part", models.TextField(blank=True, db_default="", verbose_name="as it was told")),
                        ("said", models.JSONField(blank=True, default=dict, verbose_name="as we read it")),
                        ("digest", models.CharField(max_length=64, verbose_name="fingerprint")),
                        ("said_at", models.CharField(blank=True, db_default="", max_length=40, verbose_name="last changed there at")),
                        ("total", models.BigIntegerField(db_default=0, verbose_name="total")),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        ("agreed", models.JSONField(blank=True, default=dict, verbose_name="as it was placed")),
                        (
                            "agreed_digest",
                            models.CharField(blank=True, db_default="", max_length=64, verbose_name="fingerprint of what was placed"),
                        ),
                        ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code")),
                        ("message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="what stands in its way")),
                        ("params", models.JSONField(blank=True, default=dict, verbose_name="values")),
                        ("field", models.CharField(blank=True, db_default="", max_length=200, verbose_name="field")),
                        ("changed_at", models.DateTimeField(blank=True, null=True, verbose_name="changed there at")),
                        ("tries", models.PositiveIntegerField(db_default=0, verbose_name="tries")),
                        ("leased_until", models.DateTimeField(blank=True, null=True, verbose_name="taken in hand until")),
                        ("received_at", models.DateTimeField(verbose_name="came at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "outside order",
                        "verbose_name_plural": "outside orders",
                        "permissions": [("work_intake", "Can take in outside orders and work them off")],
                        "indexes": [
                            models.Index(fields=["company", "state", "-id"], name="orders_intakeorder_state"),
                            models.Index(
                                condition=models.Q(("state__in", ["new", "cancelling"])), fields=["id"], name="orders_intakeorder_due"
                            ),
                            models.Index(condition=models.Q(("order__isnull", False)), fields=["order"], name="orders_intakeorder_order"),
                            models.Index(fields=["document"], name="orders_intakeorder_document"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("channel", "outside_number"), name="orders_intakeorder_once")],
                    },
                ),
                migrations.CreateModel(
                    name="IntakeRow",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "document",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="orders.intakedocument",
                                verbose_name="intake document",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="row of the document")),
                        ("outside_number", models.CharField(blank=True, db_default="", max_length=80, verbose_name="outside number")),
                        (
                            "fate",
                            core.fields.EnumField(
                                max_length=32,
                                values=["new", "known", "renewed", "changed", "cancelled", "unreadable"],
                                verbose_name="what became of it",
                            ),
                        ),
                        ("code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code")),
                        ("message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="message")),
                        ("params", models.JSONField(blank=True, default=dict, verbose_name="values")),
                        ("field", models.CharField(blank=True, db_default="", max_length=200, verbose_name="field")),
                    ],
                    options={
                        "verbose_name": "line of an intake document",
                        "verbose_name_plural": "lines of intake documents",
                        "indexes": [
                            models.Index(fields=["document", "number"], name="orders_intakerow_document"),
                            models.Index(
                                condition=models.Q(("outside_number", ""), _negated=True),
                                fields=["outside_number"],
                                name="orders_intakerow_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoticeFile",
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
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("content", models.BinaryField(verbose_name="content")),
                        ("row_count", models.PositiveIntegerField(verbose_name="rows")),
                        ("handed_over_at", models.DateTimeField(blank=True, null=True, verbose_name="put into its folder at")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "file of shipping notices",
                        "verbose_name_plural": "files of shipping notices",
                        "indexes": [models.Index(fields=["company", "-id"], name="orders_noticefile_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="OutsideNotice",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "shop",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.outsideshop",
                                verbose_name="outside shop",
                            ),
                        ),
                        (
                            "shipment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.shipment", verbose_name="shipment"
                            ),
                        ),
                        (
                            "intake_order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="orders.intakeorder",
                                verbose_name="outside order",
                            ),
                        ),
                        ("way", core.fields.EnumField(max_length=32, values=["none", "file", "call"], verbose_name="told")),
                        (
                            "state",
                            core.fields.EnumField(db_default="due", max_length=32, values=["due", "sent", "failed"], verbose_name="state"),
                        ),
                        ("tries", models.PositiveIntegerField(db_default=0, verbose_name="tries")),
                        ("due_at", models.DateTimeField(verbose_name="to be told from")),
                        ("leased_until", models.DateTimeField(blank=True, null=True, verbose_name="taken in hand until")),
                        ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="told the counter at")),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="orders.noticefile",
                                verbose_name="file",
                            ),
                        ),
                        ("answer", models.CharField(blank=True, db_default="", max_length=300, verbose_name="answer")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "shipping notice",
                        "verbose_name_plural": "shipping notices",
                        "indexes": [
                            models.Index(fields=["company", "-id"], name="orders_outsidenotice_newest"),
                            models.Index(condition=models.Q(("state", "due")), fields=["due_at", "id"], name="orders_outsidenotice_due"),
                            models.Index(fields=["intake_order"], name="orders_outsidenotice_order"),
                            models.Index(condition=models.Q(("file__isnull", False)), fields=["file"], name="orders_outsidenotice_file"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CarrierContract",
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
                        ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                        (
                            "location",
                            models.ForeignKey(
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
                        (
                            "classification",
                            models.CharField(blank=True, db_default="", max_length=3, verbose_name="billing classification"),
                        ),
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
                            models.CharField(
                                blank=True, db_default="", help_text="Such as fragile.", max_length=10, verbose_name="handling 1"
                            ),
                        ),
                        ("handling_2", models.CharField(blank=True, db_default="", max_length=10, verbose_name="handling 2")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "carrier contract",
                        "verbose_name_plural": "carrier contracts",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("company", "carrier", "location"),
                                name="orders_carriercontract_once",
                                nulls_distinct=False,
                                violation_error_message="There is one for this carrier and location already. Change that one, or end it first.",
                            )
                        ],
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
                        (
                            "shipment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="labels",
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                        ("pieces", models.PositiveSmallIntegerField(verbose_name="number of pieces")),
                        (
                            "file",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.exchangefile",
                                verbose_name="file",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "label",
                        "verbose_name_plural": "labels",
                        "indexes": [models.Index(fields=["file"], name="orders_shipmentlabel_file")],
                        "constraints": [models.UniqueConstraint(fields=("shipment", "file"), name="orders_shipmentlabel_once")],
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
                        (
                            "shipment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tracking_numbers",
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                        ("number", models.CharField(max_length=40, verbose_name="tracking number")),
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
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "tracking number",
                        "verbose_name_plural": "tracking numbers",
                        "indexes": [
                            models.Index(fields=["shipment"], name="orders_trackingnumber_shipment"),
                            models.Index(fields=["number"], name="orders_trackingnumber_number"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("company", "carrier", "number"),
                                name="orders_trackingnumber_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReturnReason",
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
                        ("position", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="position")),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("name_en", models.CharField(blank=True, db_default="", max_length=120, verbose_name="name in English")),
                        (
                            "postage_by",
                            core.fields.EnumField(
                                db_default="customer",
                                default="customer",
                                max_length=32,
                                values=["company", "customer"],
                                verbose_name="return postage borne by",
                            ),
                        ),
                        (
                            "is_defect",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Defective, damaged or not what was ordered: the longer time applies, and goods come back opened and not returnable ones too.",
                                verbose_name="our fault",
                            ),
                        ),
                        ("needs_remark", models.BooleanField(db_default=False, default=False, verbose_name="asks for words")),
                        (
                            "for_customers",
                            models.BooleanField(
                                db_default=True,
                                default=True,
                                help_text="Else only staff and partners choose it.",
                                verbose_name="offered on My Page",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "return reason",
                        "verbose_name_plural": "return reasons",
                        "ordering": ["company", "position", "id"],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="orders_returnreason_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ReturnPolicy",
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
                            "product",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: for every product without a policy of its own.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.product",
                                verbose_name="product",
                            ),
                        ),
                        (
                            "days",
                            models.PositiveSmallIntegerField(
                                db_default=8,
                                default=8,
                                help_text="Without a stated rule the law gives eight days, at the customer’s cost.",
                                validators=[django.core.validators.MaxValueValidator(3650)],
                                verbose_name="days after delivery",
                            ),
                        ),
                        (
                            "defect_days",
                            models.PositiveSmallIntegerField(
                                db_default=365,
                                default=365,
                                validators=[django.core.validators.MaxValueValidator(3650)],
                                verbose_name="days after delivery, our fault",
                            ),
                        ),
                        (
                            "is_returnable",
                            models.BooleanField(
                                db_default=True,
                                default=True,
                                help_text="Not set for hygiene goods and the like; what is our fault comes back all the same.",
                                verbose_name="may be sent back",
                            ),
                        ),
                        ("takes_opened", models.BooleanField(db_default=False, default=False, verbose_name="also opened")),
                        (
                            "exchange_timing",
                            core.fields.EnumField(
                                db_default="after_arrival",
                                default="after_arrival",
                                max_length=32,
                                values=["after_arrival", "at_once"],
                                verbose_name="exchanges are sent",
                            ),
                        ),
                        (
                            "fee",
                            core.fields.MoneyField(
                                db_default=0,
                                default=0,
                                help_text="Kept of a refund where it is not our fault; tax included.",
                                verbose_name="fee",
                            ),
                        ),
                        (
                            "postage",
                            core.fields.MoneyField(
                                db_default=0,
                                default=0,
                                help_text="Kept of a refund where we sent the carrier and the customer bears it; tax included.",
                                verbose_name="return postage",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "return policy",
                        "verbose_name_plural": "return policies",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("company", "product"),
                                name="orders_returnpolicy_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("days__lte", 3650), ("defect_days__lte", 3650), ("fee__gte", 0), ("postage__gte", 0)),
                                name="orders_returnpolicy_sane",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReturnCase",
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
                        ("number", models.CharField(max_length=40, verbose_name="return number")),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32, values=["return", "exchange", "claim", "undelivered"], verbose_name="kind"
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="requested",
                                max_length=32,
                                values=[
                                    "requested",
                                    "approved",
                                    "refused",
                                    "withdrawn",
                                    "partly_received",
                                    "received",
                                    "inspected",
                                    "settled",
                                ],
                                verbose_name="status",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="return_cases",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "shipment",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.shipment",
                                verbose_name="undeliverable parcel",
                            ),
                        ),
                        (
                            "exchange_order",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                                verbose_name="order sent for it",
                            ),
                        ),
                        (
                            "exchange_timing",
                            core.fields.EnumField(
                                db_default="after_arrival",
                                max_length=32,
                                values=["after_arrival", "at_once"],
                                verbose_name="exchange is sent",
                            ),
                        ),
                        (
                            "postage_by",
                            core.fields.EnumField(max_length=32, values=["company", "customer"], verbose_name="return postage borne by"),
                        ),
                        ("fee", core.fields.MoneyField(db_default=0, verbose_name="fee")),
                        ("postage", core.fields.MoneyField(db_default=0, verbose_name="return postage")),
                        (
                            "refunds_postage",
                            models.BooleanField(db_default=False, verbose_name="the order’s own postage goes back as well"),
                        ),
                        (
                            "refund_way",
                            core.fields.EnumField(
                                db_default="original", max_length=32, values=["original", "bank", "credit"], verbose_name="refund"
                            ),
                        ),
                        ("remark", models.CharField(blank=True, db_default="", max_length=1000, verbose_name="remark")),
                        (
                            "override_reason",
                            models.CharField(blank=True, db_default="", max_length=200, verbose_name="allowed against the terms because"),
                        ),
                        (
                            "decision_reason",
                            models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason of the decision"),
                        ),
                        ("once_key", models.CharField(editable=False, max_length=120)),
                        ("requested_at", models.DateTimeField(verbose_name="asked for at")),
                        ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="refused or withdrawn at")),
                        ("received_at", models.DateTimeField(blank=True, null=True, verbose_name="goods received at")),
                        ("inspected_at", models.DateTimeField(blank=True, null=True, verbose_name="inspected at")),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="return settled at")),
                        ("credited_total", core.fields.MoneyField(db_default=0, verbose_name="credited")),
                        ("freed_total", core.fields.MoneyField(db_default=0, verbose_name="of which had been paid")),
                        ("charged_total", core.fields.MoneyField(db_default=0, verbose_name="charged")),
                        ("refund_total", core.fields.MoneyField(db_default=0, verbose_name="to be refunded")),
                        ("refunded_total", core.fields.MoneyField(db_default=0, verbose_name="refunded")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "return, exchange or claim",
                        "verbose_name_plural": "returns, exchanges and claims",
                        "permissions": [
                            ("decide_return", "Can take, approve and refuse returns"),
                            ("receive_return", "Can receive and inspect returns"),
                            ("settle_return", "Can settle returns"),
                        ],
                        "indexes": [
                            models.Index(fields=["company", "status", "requested_at", "id"], name="orders_returncase_work"),
                            models.Index(
                                condition=models.Q(("status__in", ["requested", "approved", "partly_received", "received", "inspected"])),
                                fields=["status", "requested_at", "id"],
                                name="orders_returncase_open",
                            ),
                            models.Index(fields=["-requested_at", "-id"], name="orders_returncase_latest"),
                            models.Index(fields=["customer", "-requested_at"], name="orders_returncase_customer"),
                            models.Index(
                                condition=models.Q(("refund_total__gt", models.F("refunded_total"))),
                                fields=["company", "id"],
                                name="orders_returncase_to_refund",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="orders_returncase_number_once"),
                            models.UniqueConstraint(fields=("order", "once_key"), name="orders_returncase_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("credited_total__gte", 0),
                                    ("fee__gte", 0),
                                    ("postage__gte", 0),
                                    ("refunded_total__gte", 0),
                                    ("charged_total__gte", 0),
                                    ("charged_total__lte", models.F("credited_total")),
                                    ("refund_total__gte", 0),
                                    (
                                        "refund_total__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("credited_total"), "-", models.F("charged_total")
                                        ),
                                    ),
                                    ("refunded_total__lte", models.F("refund_total")),
                                ),
                                name="orders_returncase_money",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReturnLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="orders.returncase",
                                verbose_name="return case",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        (
                            "line",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="return_lines",
                                to="orders.line",
                                verbose_name="order line",
                            ),
                        ),
                        (
                            "shipment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.returnreason",
                                verbose_name="reason",
                            ),
                        ),
                        ("remark", models.CharField(blank=True, db_default="", max_length=500, verbose_name="remark")),
                        (
                            "condition",
                            core.fields.EnumField(
                                db_default="unknown",
                                max_length=32,
                                values=["unknown", "unopened", "opened", "damaged", "defective"],
                                verbose_name="condition",
                            ),
                        ),
                        ("comes_back", models.BooleanField(db_default=True, verbose_name="comes back")),
                        ("first_unit", models.PositiveIntegerField(db_default=0, editable=False)),
                        (
                            "location",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.location",
                                verbose_name="received in",
                            ),
                        ),
                        ("quantity", models.IntegerField(verbose_name="requested")),
                        ("received", models.IntegerField(db_default=0, verbose_name="received")),
                        ("restocked", models.IntegerField(db_default=0, verbose_name="restocked")),
                        ("b_grade", models.IntegerField(db_default=0, verbose_name="B-grade")),
                        ("repaired", models.IntegerField(db_default=0, verbose_name="to repair")),
                        ("scrapped", models.IntegerField(db_default=0, verbose_name="scrapped")),
                        ("accepted", models.IntegerField(db_default=0, verbose_name="accepted")),
                        ("declined", models.IntegerField(db_default=0, verbose_name="declined")),
                        ("part_refund", core.fields.MoneyField(blank=True, null=True, verbose_name="part refund")),
                        ("credited", core.fields.MoneyField(db_default=0, verbose_name="credited")),
                    ],
                    options={
                        "verbose_name": "line of a return",
                        "verbose_name_plural": "lines of returns",
                        "indexes": [
                            models.Index(fields=["line"], name="orders_returnline_line"),
                            models.Index(fields=["shipment"], name="orders_returnline_shipment"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("case", "position"), name="orders_returnline_position_once"),
                            models.UniqueConstraint(fields=("case", "line", "shipment"), name="orders_returnline_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted__gte", 0),
                                    ("declined__gte", 0),
                                    ("quantity__gte", 1),
                                    ("received__gte", 0),
                                    (
                                        "quantity__gte",
                                        django.db.models.expressions.CombinedExpression(models.F("accepted"), "+", models.F("declined")),
                                    ),
                                    ("received__lte", models.F("quantity")),
                                    models.Q(
                                        models.Q(("comes_back", False), ("received", 0)),
                                        models.Q(
                                            ("comes_back", True),
                                            (
                                                "received__gte",
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("accepted"), "+", models.F("declined")
                                                ),
                                            ),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="orders_returnline_counts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("b_grade__gte", 0),
                                    ("repaired__gte", 0),
                                    ("restocked__gte", 0),
                                    ("scrapped__gte", 0),
                                    models.Q(
                                        ("comes_back", False),
                                        (
                                            "accepted",
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.F("restocked"), "+", models.F("b_grade")
                                                    ),
                                                    "+",
                                                    models.F("repaired"),
                                                ),
                                                "+",
                                                models.F("scrapped"),
                                            ),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="orders_returnline_dispositions",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("credited__gte", 0), models.Q(("part_refund", None), ("part_refund__gte", 1), _connector="OR")
                                ),
                                name="orders_returnline_money",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExchangeLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="exchange_lines",
                                to="orders.returncase",
                                verbose_name="return case",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        (
                            "line",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.line",
                                verbose_name="instead of",
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
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                    ],
                    options={
                        "verbose_name": "line of an exchange",
                        "verbose_name_plural": "lines of exchanges",
                        "constraints": [
                            models.UniqueConstraint(fields=("case", "position"), name="orders_exchangeline_position_once"),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="orders_exchangeline_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartReturn",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.line", verbose_name="line"
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
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("amount", core.fields.MoneyField(verbose_name="amount with tax")),
                        ("is_sellable", models.BooleanField(db_default=True, verbose_name="may be sold again")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("once_key", models.CharField(editable=False, max_length=100, unique=True)),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "return of a part",
                        "verbose_name_plural": "returns of parts",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0), ("quantity__gte", 1)), name="orders_partreturn_sane"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrackingCode",
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
                            "carrier",
                            models.CharField(
                                blank=True, db_default="", help_text="Empty for every carrier.", max_length=40, verbose_name="carrier"
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("label", models.CharField(blank=True, db_default="", max_length=200, verbose_name="text")),
                        (
                            "state",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=[
                                    "accepted",
                                    "in_transit",
                                    "at_depot",
                                    "out_for_delivery",
                                    "attempted",
                                    "waiting_pickup",
                                    "exception",
                                    "delivered",
                                    "returning",
                                    "returned",
                                ],
                                verbose_name="meaning",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "tracking code",
                        "verbose_name_plural": "tracking codes",
                        "constraints": [models.UniqueConstraint(fields=("company", "carrier", "code"), name="orders_trackingcode_once")],
                    },
                ),
                migrations.CreateModel(
                    name="DeliveryTerm",
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
                            "carrier",
                            models.CharField(
                                blank=True, db_default="", help_text="Empty for every carrier.", max_length=40, verbose_name="carrier"
                            ),
                        ),
                        (
                            "prefecture",
                            models.CharField(
                                blank=True, db_default="", help_text="Empty for all of them.", max_length=60, verbose_name="prefecture"
                            ),
                        ),
                        (
                            "days",
                            models.PositiveSmallIntegerField(
                                db_default=3,
                                default=3,
                                help_text="From the day it left; a day the buyer wished goes before it.",
                                verbose_name="days until delivery",
                            ),
                        ),
                        (
                            "silent_days",
                            models.PositiveSmallIntegerField(
                                db_default=3,
                                default=3,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="days without a word",
                            ),
                        ),
                        (
                            "attempt_days",
                            models.PositiveSmallIntegerField(
                                db_default=2,
                                default=2,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="days after nobody was in",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "delivery term",
                        "verbose_name_plural": "delivery terms",
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "carrier", "prefecture"), name="orders_deliveryterm_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ParcelProgress",
                    fields=[
                        (
                            "shipment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="progress",
                                serialize=False,
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "state",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=[
                                    "accepted",
                                    "in_transit",
                                    "at_depot",
                                    "out_for_delivery",
                                    "attempted",
                                    "waiting_pickup",
                                    "exception",
                                    "delivered",
                                    "returning",
                                    "returned",
                                ],
                                verbose_name="state",
                            ),
                        ),
                        ("at", models.DateTimeField(blank=True, null=True, verbose_name="at")),
                        ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked at")),
                        ("ask_after", models.DateTimeField(blank=True, null=True, verbose_name="asked again after")),
                        ("silences", models.PositiveSmallIntegerField(db_default=0, verbose_name="asked in vain")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "progress of a parcel",
                        "verbose_name_plural": "progress of parcels",
                    },
                ),
                migrations.CreateModel(
                    name="DeliveryAlert",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "shipment",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delivery_alerts",
                                to="orders.shipment",
                                verbose_name="shipment",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "reason",
                            core.fields.EnumField(
                                max_length=32, values=["late", "silent", "attempted", "returned", "unshipped"], verbose_name="reason"
                            ),
                        ),
                        ("raised_at", models.DateTimeField(verbose_name="raised at")),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                        ("settled_by", models.CharField(blank=True, db_default="", max_length=128, verbose_name="dealt with by")),
                        ("note", models.CharField(blank=True, db_default="", max_length=200, verbose_name="note")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "delivery to follow up",
                        "verbose_name_plural": "deliveries to follow up",
                        "permissions": [("settle_alert", "Can settle deliveries to follow up")],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("settled_at__isnull", True)),
                                fields=["company", "raised_at"],
                                name="orders_deliveryalert_open",
                            ),
                            models.Index(fields=["company", "-id"], name="orders_deliveryalert_all"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("shipment", "reason"), name="orders_deliveryalert_once")],
                    },
                ),
                migrations.CreateModel(
                    name="DeliveryMail",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.site",
                                verbose_name="site",
                            ),
                        ),
                        (
                            "news",
                            core.fields.EnumField(
                                max_length=32,
                                values=["out_for_delivery", "attempted", "waiting_pickup", "delivered", "delayed"],
                                verbose_name="news",
                            ),
                        ),
                        ("is_sent", models.BooleanField(db_default=True, default=True, verbose_name="is sent")),
                    ],
                    options={
                        "verbose_name": "mail about deliveries",
                        "verbose_name_plural": "mails about deliveries",
                        "constraints": [models.UniqueConstraint(fields=("site", "news"), name="orders_deliverymail_once")],
                    },
                ),
                migrations.CreateModel(
                    name="OrderWords",
                    fields=[
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("placed_at", models.DateTimeField(verbose_name="placed at")),
                        ("words", models.TextField(editable=False, verbose_name="words")),
                        (
                            "pairs",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.Func(models.F("words"), function="orders_pairs"),
                                output_field=django.contrib.postgres.search.SearchVectorField(),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "words of an order",
                        "verbose_name_plural": "words of orders",
                        "indexes": [
                            models.Index(fields=["company", "-placed_at", "-order"], name="orders_orderwords_newest"),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["words"], gin_pending_list_limit=16384, name="orders_orderwords_trigram", opclasses=["gin_trgm_ops"]
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["pairs"], gin_pending_list_limit=16384, name="orders_orderwords_pairs"
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
