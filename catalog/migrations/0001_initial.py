import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="CategoryTree",
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
                        ("valid_from_on", models.DateField(blank=True, null=True, verbose_name="valid from")),
                        ("valid_until_on", models.DateField(blank=True, null=True, verbose_name="valid until")),
                    ],
                    options={
                        "verbose_name": "category tree",
                        "verbose_name_plural": "category trees",
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="catalog_categorytree_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Category",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("path", models.CharField(max_length=255, unique=True)),
                        ("depth", models.PositiveIntegerField()),
                        ("numchild", models.PositiveIntegerField(default=0)),
                        (
                            "tree",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="categories",
                                to="catalog.categorytree",
                                verbose_name="tree",
                            ),
                        ),
                        ("code", models.CharField(max_length=60, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("name_en", models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="name (English)")),
                        (
                            "full_name",
                            models.CharField(blank=True, db_default="", default="", editable=False, max_length=500, verbose_name="path"),
                        ),
                    ],
                    options={
                        "verbose_name": "category",
                        "verbose_name_plural": "categories",
                        "constraints": [models.UniqueConstraint(fields=("tree", "code"), name="catalog_category_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Product",
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
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        ("code", models.CharField(max_length=64, verbose_name="product code")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="goods", max_length=32, values=["goods", "service", "reference"], verbose_name="kind"
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="draft", max_length=32, values=["draft", "active", "ended"], verbose_name="status"
                            ),
                        ),
                        (
                            "tax_class",
                            models.ForeignKey(
                                db_column="tax_class",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        (
                            "temperature_zone",
                            core.fields.EnumField(
                                db_default="ambient",
                                max_length=32,
                                values=["ambient", "chilled", "frozen"],
                                verbose_name="temperature zone",
                            ),
                        ),
                        ("workflow_profile", models.CharField(blank=True, db_default="", max_length=40, verbose_name="workflow profile")),
                        (
                            "successor_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.product",
                                verbose_name="successor of",
                            ),
                        ),
                        ("content_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="content quantity")),
                        ("content_unit", models.CharField(blank=True, db_default="", max_length=20, verbose_name="content unit")),
                        ("use_days", models.PositiveIntegerField(blank=True, null=True, verbose_name="expected days of use")),
                        ("position", models.IntegerField(db_default=0, verbose_name="position")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "product",
                        "verbose_name_plural": "products",
                        "indexes": [
                            models.Index(fields=["company", "status", "position", "id"], name="catalog_product_shelf"),
                            models.Index(fields=["company", "-id"], name="catalog_product_newest"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="catalog_product_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ProductText",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="texts",
                                to="catalog.product",
                                verbose_name="product",
                            ),
                        ),
                        ("language", models.CharField(max_length=8, verbose_name="language")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("kana", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reading (kana)")),
                        ("summary", models.CharField(blank=True, db_default="", max_length=400, verbose_name="summary")),
                        ("description", models.TextField(blank=True, db_default="", default="", verbose_name="description")),
                        (
                            "keywords",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Other words people look for, separated by blanks.",
                                max_length=400,
                                verbose_name="search words",
                            ),
                        ),
                        ("search_key", models.TextField(blank=True, db_default="", default="", editable=False)),
                        ("bigrams", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "product text",
                        "verbose_name_plural": "product texts",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["search_key"], name="catalog_producttext_trigram", opclasses=["gin_trgm_ops"]
                            ),
                            django.contrib.postgres.indexes.GinIndex(fields=["bigrams"], name="catalog_producttext_bigrams"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("product", "language"), name="catalog_producttext_language_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ProductImage",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="images",
                                to="catalog.product",
                                verbose_name="product",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                max_length=200,
                                upload_to="products/",
                                validators=[django.core.validators.FileExtensionValidator(["svg", "png", "jpg", "jpeg", "webp", "avif"])],
                                verbose_name="file",
                            ),
                        ),
                        ("alt", models.CharField(blank=True, db_default="", max_length=200, verbose_name="alternative text")),
                        ("position", models.PositiveSmallIntegerField(db_default=0, verbose_name="position")),
                    ],
                    options={
                        "verbose_name": "product image",
                        "verbose_name_plural": "product images",
                        "indexes": [models.Index(fields=["product", "position", "id"], name="catalog_productimage_order")],
                    },
                ),
                migrations.CreateModel(
                    name="ProductCategory",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="placements",
                                to="catalog.product",
                                verbose_name="product",
                            ),
                        ),
                        (
                            "category",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="catalog.category",
                                verbose_name="category",
                            ),
                        ),
                        ("is_main", models.BooleanField(db_default=True, verbose_name="main category")),
                    ],
                    options={
                        "verbose_name": "placement",
                        "verbose_name_plural": "placements",
                        "constraints": [models.UniqueConstraint(fields=("product", "category"), name="catalog_productcategory_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Variant",
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
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="variants",
                                to="catalog.product",
                                verbose_name="product",
                            ),
                        ),
                        ("sku", models.CharField(max_length=64, verbose_name="SKU")),
                        ("jan", models.CharField(blank=True, db_default="", max_length=14, verbose_name="JAN code")),
                        ("option", models.CharField(blank=True, db_default="", max_length=120, verbose_name="option")),
                        ("option_en", models.CharField(blank=True, db_default="", max_length=120, verbose_name="option (English)")),
                        ("weight_grams", models.PositiveIntegerField(blank=True, null=True, verbose_name="weight (g)")),
                        ("parcel_size", models.CharField(blank=True, db_default="", max_length=20, verbose_name="parcel size")),
                        (
                            "purchase_types",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Comma-separated; empty means normal purchase only.",
                                max_length=120,
                                verbose_name="purchase types",
                            ),
                        ),
                        ("max_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="most per order")),
                        ("position", models.IntegerField(db_default=0, verbose_name="position")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "variant",
                        "verbose_name_plural": "variants",
                        "indexes": [
                            models.Index(fields=["product", "position", "id"], name="catalog_variant_order"),
                            models.Index(fields=["company", "-id"], name="catalog_variant_newest"),
                            models.Index(condition=models.Q(("jan", ""), _negated=True), fields=["jan"], name="catalog_variant_jan"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("company", "sku"), name="catalog_variant_sku_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Listing",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "variant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="listings",
                                to="catalog.variant",
                                verbose_name="variant",
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
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.site",
                                verbose_name="site",
                            ),
                        ),
                        ("rank_code", models.CharField(blank=True, db_default="", max_length=40, verbose_name="customer rank")),
                        ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                        ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "listing",
                        "verbose_name_plural": "listings",
                        "indexes": [models.Index(fields=["variant", "channel"], name="catalog_listing_variant")],
                    },
                ),
                migrations.CreateModel(
                    name="PriceList",
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
                        ("currency", models.CharField(db_default="JPY", max_length=3, verbose_name="currency")),
                        (
                            "tax_basis",
                            core.fields.EnumField(
                                db_default="included", max_length=32, values=["included", "excluded"], verbose_name="tax basis"
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
                        ("rank_code", models.CharField(blank=True, db_default="", max_length=40, verbose_name="customer rank")),
                        (
                            "purchase_type",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=["normal", "spot", "subscription", "free"],
                                verbose_name="purchase type",
                            ),
                        ),
                        ("cycle_from", models.PositiveIntegerField(blank=True, null=True, verbose_name="from cycle")),
                        ("cycle_until", models.PositiveIntegerField(blank=True, null=True, verbose_name="until cycle (exclusive)")),
                        ("priority", models.IntegerField(db_default=0, verbose_name="priority")),
                        ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                        ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                        ("is_list_price", models.BooleanField(db_default=False, verbose_name="list price (teika)")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "price list",
                        "verbose_name_plural": "price lists",
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="catalog_pricelist_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Price",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "price_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prices",
                                to="catalog.pricelist",
                                verbose_name="price list",
                            ),
                        ),
                        (
                            "variant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prices",
                                to="catalog.variant",
                                verbose_name="variant",
                            ),
                        ),
                        ("min_quantity", models.PositiveIntegerField(db_default=1, verbose_name="from quantity")),
                        ("amount", core.fields.MoneyField(verbose_name="unit price")),
                        ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                        ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "price",
                        "verbose_name_plural": "prices",
                        "indexes": [models.Index(fields=["variant", "price_list"], name="catalog_price_variant")],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="catalog_price_not_negative"),
                            models.CheckConstraint(condition=models.Q(("min_quantity__gte", 1)), name="catalog_price_quantity_positive"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("from_at__isnull", True),
                                    ("until_at__isnull", True),
                                    ("until_at__gte", models.F("from_at")),
                                    _connector="OR",
                                ),
                                name="catalog_price_period",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("amount__gte", 0)),
                                expressions=[
                                    (models.F("price_list"), "="),
                                    (models.F("variant"), "="),
                                    (models.F("min_quantity"), "="),
                                    (
                                        models.Func(
                                            "from_at",
                                            "until_at",
                                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                                            function="TSTZRANGE",
                                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="catalog_price_one_at_a_time",
                                violation_error_message="Another price holds at some time of this period.",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
