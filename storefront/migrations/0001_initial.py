import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
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
        ("orders", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Cart",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.site", verbose_name="site"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="open", max_length=32, values=["open", "ordered", "merged"], verbose_name="state"
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        ("held_since", models.DateTimeField(blank=True, null=True, verbose_name="its goods were first held at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                        (
                            "touched_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="last used at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cart",
                        "verbose_name_plural": "carts",
                        "indexes": [models.Index(fields=["-touched_at", "-id"], name="storefront_cart_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("account__isnull", False), ("state", "open")),
                                fields=("site", "account"),
                                name="storefront_cart_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("order__isnull", False), ("state", "ordered")),
                                    models.Q(models.Q(("state", "ordered"), _negated=True), ("order__isnull", True)),
                                    _connector="OR",
                                ),
                                name="storefront_cart_order_when_ordered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CartLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "cart",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="storefront.cart", verbose_name="cart"
                            ),
                        ),
                        (
                            "variant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
                            ),
                        ),
                        (
                            "purchase_type",
                            core.fields.EnumField(
                                db_default="normal",
                                max_length=32,
                                values=["normal", "spot", "subscription", "free"],
                                verbose_name="purchase type",
                            ),
                        ),
                        ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                        ("plan_code", models.CharField(blank=True, db_default="", max_length=60, verbose_name="subscription course")),
                        ("interval", models.CharField(blank=True, db_default="", max_length=20, verbose_name="delivery interval")),
                        ("ad_code", models.CharField(blank=True, db_default="", max_length=60, verbose_name="ad code")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "cart line",
                        "verbose_name_plural": "cart lines",
                        "constraints": [
                            models.UniqueConstraint(fields=("cart", "variant", "purchase_type"), name="storefront_cartline_once"),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="storefront_cartline_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Checkout",
                    fields=[
                        (
                            "cart",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="checkout",
                                serialize=False,
                                to="storefront.cart",
                                verbose_name="cart",
                            ),
                        ),
                        ("family_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name")),
                        ("given_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name")),
                        ("family_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name (kana)")),
                        ("given_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name (kana)")),
                        ("email", models.CharField(blank=True, db_default="", max_length=254, verbose_name="e-mail")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=64, verbose_name="phone")),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                        ("city", models.CharField(blank=True, db_default="", max_length=120, verbose_name="city")),
                        ("street", models.CharField(blank=True, db_default="", max_length=200, verbose_name="street and number")),
                        ("building", models.CharField(blank=True, db_default="", max_length=200, verbose_name="building")),
                        ("payment_method", models.CharField(blank=True, db_default="", max_length=32, verbose_name="payment method")),
                        ("means_id", models.BigIntegerField(blank=True, null=True, verbose_name="card")),
                        ("wished_on", models.DateField(blank=True, null=True, verbose_name="wished delivery date")),
                        ("time_band", models.CharField(blank=True, db_default="", max_length=20, verbose_name="time band")),
                        ("remark", models.CharField(blank=True, db_default="", max_length=1000, verbose_name="remark")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "checkout",
                        "verbose_name_plural": "checkouts",
                    },
                ),
            ]
        ),
    ]
