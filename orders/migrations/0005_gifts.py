import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited
from core.fields import enum_check

KINDS = ("quantity", "price", "added", "destination", "payment")
WORDS = ("payment", "time_band", "carrier", "status")
MASTERS = ("noshikind", "wrapping", "messagecard", "noshipairing", "giftexclusion", "pickupterms")


class Migration(migrations.Migration):
    """Gifts, what a company offers with them, and what was agreed of each destination; goods that are fetched in a store."""

    dependencies = [
        ("catalog", "0002_guards"),
        ("core", "0004_number_periods"),
        ("inventory", "0002_guards"),
        ("orders", "0004_warehouse_work"),
    ]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="pickup_at",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.location",
                verbose_name="picked up at",
            ),
        ),
        migrations.AddField(
            model_name="fee",
            name="destination",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.destination",
                verbose_name="destination",
            ),
        ),
        migrations.AlterField(
            model_name="changeitem",
            name="after",
            field=models.CharField(blank=True, db_default="", max_length=400, verbose_name="value after"),
        ),
        migrations.AlterField(
            model_name="changeitem",
            name="before",
            field=models.CharField(blank=True, db_default="", max_length=400, verbose_name="value before"),
        ),
        migrations.AlterField(
            model_name="changeitem",
            name="kind",
            field=core.fields.EnumField(
                max_length=32, values=["quantity", "price", "added", "destination", "payment", "gift"], verbose_name="kind"
            ),
        ),
        migrations.AlterField(
            model_name="outsidecode",
            name="kind",
            field=core.fields.EnumField(
                max_length=32, values=["payment", "time_band", "carrier", "status", "noshi", "wrapping"], verbose_name="kind"
            ),
        ),
        migrations.CreateModel(
            name="MessageCard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="position")),
                ("fee", core.fields.MoneyField(db_default=0, default=0, help_text="Nothing: free of charge.", verbose_name="fee")),
                ("from_on", models.DateField(blank=True, help_text="Empty: all year round.", null=True, verbose_name="offered from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="offered until")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "most_characters",
                    models.PositiveSmallIntegerField(
                        db_default=100,
                        default=100,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(400)],
                        verbose_name="characters at most",
                    ),
                ),
                (
                    "most_lines",
                    models.PositiveSmallIntegerField(
                        db_default=5, default=5, validators=[django.core.validators.MinValueValidator(1)], verbose_name="lines at most"
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty: offered by every brand of the company.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.brand",
                        verbose_name="brand",
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
            ],
            options={
                "verbose_name": "message card",
                "verbose_name_plural": "message cards",
            },
        ),
        migrations.CreateModel(
            name="NoshiKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="position")),
                ("fee", core.fields.MoneyField(db_default=0, default=0, help_text="Nothing: free of charge.", verbose_name="fee")),
                ("from_on", models.DateField(blank=True, help_text="Empty: all year round.", null=True, verbose_name="offered from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="offered until")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "knot",
                    core.fields.EnumField(
                        max_length=32,
                        values=[
                            "red_white_bow",
                            "red_white_tie",
                            "red_white_tie_10",
                            "red_white_awaji",
                            "gold_silver_tie",
                            "black_white_tie",
                            "yellow_white_tie",
                            "none",
                        ],
                        verbose_name="knot",
                    ),
                ),
                (
                    "own_title",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Whoever orders writes the words above themselves.",
                        verbose_name="words of one’s own",
                    ),
                ),
                (
                    "most_names",
                    models.PositiveSmallIntegerField(
                        db_default=3,
                        default=3,
                        help_text="0: it carries no name. From four on one writes “and all of us”.",
                        validators=[django.core.validators.MaxValueValidator(5)],
                        verbose_name="names at most",
                    ),
                ),
                (
                    "longest_name",
                    models.PositiveSmallIntegerField(
                        db_default=12,
                        default=12,
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(40)],
                        verbose_name="characters of a name at most",
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty: offered by every brand of the company.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.brand",
                        verbose_name="brand",
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
            ],
            options={
                "verbose_name": "noshi",
                "verbose_name_plural": "noshi",
            },
        ),
        migrations.CreateModel(
            name="NoshiPairing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "title",
                    models.CharField(
                        help_text="Which of the two honorific prefixes is written makes no difference.",
                        max_length=12,
                        verbose_name="words above",
                    ),
                ),
                (
                    "knot",
                    core.fields.EnumField(
                        max_length=32,
                        values=[
                            "red_white_bow",
                            "red_white_tie",
                            "red_white_tie_10",
                            "red_white_awaji",
                            "gold_silver_tie",
                            "black_white_tie",
                            "yellow_white_tie",
                            "none",
                        ],
                        verbose_name="knot",
                    ),
                ),
                (
                    "is_refused",
                    models.BooleanField(
                        db_default=True, default=True, help_text="Otherwise whoever takes the order is only told.", verbose_name="not taken"
                    ),
                ),
                ("why", models.CharField(max_length=200, verbose_name="what is said")),
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
            ],
            options={
                "verbose_name": "unlucky pair",
                "verbose_name_plural": "unlucky pairs",
            },
        ),
        migrations.CreateModel(
            name="Pickup",
            fields=[
                ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                (
                    "shipment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="pickup",
                        serialize=False,
                        to="orders.shipment",
                        verbose_name="shipment",
                    ),
                ),
                (
                    "state",
                    core.fields.EnumField(
                        db_default="ready", max_length=32, values=["ready", "handed_over", "lapsed", "cancelled"], verbose_name="status"
                    ),
                ),
                ("code", models.CharField(max_length=12, verbose_name="pickup code")),
                ("ready_at", models.DateTimeField(verbose_name="ready at")),
                ("until_on", models.DateField(verbose_name="kept until")),
                ("reminded_at", models.DateTimeField(blank=True, null=True, verbose_name="reminded at")),
                ("handed_at", models.DateTimeField(blank=True, null=True, verbose_name="given to the buyer at")),
                ("handed_by", models.CharField(blank=True, db_default="", max_length=128, verbose_name="given to the buyer by")),
                ("identity_note", models.CharField(blank=True, db_default="", max_length=120, verbose_name="how they showed who they are")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
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
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "pickup",
                "verbose_name_plural": "pickups",
                "permissions": [("hand_over_pickup", "Can prepare and hand over pickups")],
            },
        ),
        migrations.CreateModel(
            name="PickupTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ready_days",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="0: on the day of the order, when it came before the store’s cut-off time.",
                        validators=[django.core.validators.MaxValueValidator(30)],
                        verbose_name="open days until it is ready",
                    ),
                ),
                (
                    "keep_days",
                    models.PositiveSmallIntegerField(
                        db_default=7,
                        default=7,
                        help_text="From the day it is ready; after that the order is cancelled and the goods go back on sale.",
                        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)],
                        verbose_name="days it is kept",
                    ),
                ),
                (
                    "remind_days",
                    models.PositiveSmallIntegerField(
                        db_default=2, default=2, help_text="0: no reminder.", verbose_name="reminder days before the last"
                    ),
                ),
                (
                    "pays_at_store",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="Else it is paid in advance only.",
                        verbose_name="may be paid at the counter",
                    ),
                ),
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
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty: for every store without terms of its own.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "pickup terms",
                "verbose_name_plural": "pickup terms",
            },
        ),
        migrations.CreateModel(
            name="Wrapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="position")),
                ("fee", core.fields.MoneyField(db_default=0, default=0, help_text="Nothing: free of charge.", verbose_name="fee")),
                ("from_on", models.DateField(blank=True, help_text="Empty: all year round.", null=True, verbose_name="offered from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="offered until")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "by_piece",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="The fee is charged for every piece.",
                        verbose_name="each piece by itself",
                    ),
                ),
                (
                    "largest_size",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Of a piece, as kept with the article: 60, 80, 100. Empty: any.",
                        null=True,
                        verbose_name="parcel size at most",
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty: offered by every brand of the company.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.brand",
                        verbose_name="brand",
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
            ],
            options={
                "verbose_name": "wrapping",
                "verbose_name_plural": "wrappings",
            },
        ),
        migrations.CreateModel(
            name="GiftExclusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "wrapping",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty: neither noshi nor any wrapping.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.wrapping",
                        verbose_name="wrapping",
                    ),
                ),
            ],
            options={
                "verbose_name": "goods not wrapped",
                "verbose_name_plural": "goods not wrapped",
            },
        ),
        migrations.CreateModel(
            name="Gift",
            fields=[
                (
                    "destination",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="gift",
                        serialize=False,
                        to="orders.destination",
                        verbose_name="destination",
                    ),
                ),
                ("noshi_name", models.CharField(blank=True, db_default="", max_length=60, verbose_name="noshi (as agreed)")),
                ("title", models.CharField(blank=True, db_default="", max_length=12, verbose_name="words above")),
                (
                    "knot",
                    core.fields.EnumField(
                        blank=True,
                        max_length=32,
                        null=True,
                        values=[
                            "red_white_bow",
                            "red_white_tie",
                            "red_white_tie_10",
                            "red_white_awaji",
                            "gold_silver_tie",
                            "black_white_tie",
                            "yellow_white_tie",
                            "none",
                        ],
                        verbose_name="knot",
                    ),
                ),
                (
                    "placement",
                    core.fields.EnumField(
                        db_default="inside",
                        default="inside",
                        max_length=32,
                        values=["inside", "outside"],
                        verbose_name="where the noshi goes",
                    ),
                ),
                ("names", models.CharField(blank=True, db_default="", max_length=220, verbose_name="names on the noshi")),
                ("wrapping_name", models.CharField(blank=True, db_default="", max_length=60, verbose_name="wrapping (as agreed)")),
                ("card_name", models.CharField(blank=True, db_default="", max_length=60, verbose_name="message card (as agreed)")),
                ("sender_name", models.CharField(blank=True, db_default="", max_length=80, verbose_name="sender shown")),
                ("hides_prices", models.BooleanField(db_default=True, default=True, verbose_name="prices hidden")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "card",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.messagecard",
                        verbose_name="message card",
                    ),
                ),
                (
                    "noshi",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.noshikind",
                        verbose_name="noshi",
                    ),
                ),
                (
                    "wrapping",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.wrapping",
                        verbose_name="wrapping",
                    ),
                ),
            ],
            options={
                "verbose_name": "gift",
                "verbose_name_plural": "gifts",
            },
        ),
        migrations.AddConstraint(
            model_name="messagecard",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="orders_messagecard_code_once"),
        ),
        migrations.AddConstraint(
            model_name="messagecard",
            constraint=models.CheckConstraint(condition=models.Q(("fee__gte", 0)), name="orders_messagecard_fee"),
        ),
        migrations.AddConstraint(
            model_name="messagecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_on", None), ("until_on", None), ("until_on__gte", models.F("from_on")), _connector="OR"),
                name="orders_messagecard_days",
                violation_error_message="“Offered until” lies before “offered from”.",
            ),
        ),
        migrations.AddConstraint(
            model_name="noshikind",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="orders_noshikind_code_once"),
        ),
        migrations.AddConstraint(
            model_name="noshikind",
            constraint=models.CheckConstraint(condition=models.Q(("fee__gte", 0)), name="orders_noshikind_fee"),
        ),
        migrations.AddConstraint(
            model_name="noshikind",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_on", None), ("until_on", None), ("until_on__gte", models.F("from_on")), _connector="OR"),
                name="orders_noshikind_days",
                violation_error_message="“Offered until” lies before “offered from”.",
            ),
        ),
        migrations.AddConstraint(
            model_name="noshikind",
            constraint=models.CheckConstraint(condition=models.Q(("most_names__lte", 5)), name="orders_noshikind_names"),
        ),
        migrations.AddConstraint(
            model_name="noshipairing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("company", "title", "knot"), name="orders_noshipairing_once"
            ),
        ),
        migrations.AddIndex(
            model_name="pickup",
            index=models.Index(fields=["location", "state", "until_on"], name="orders_pickup_worklist"),
        ),
        migrations.AddIndex(
            model_name="pickup",
            index=models.Index(condition=models.Q(("state", "ready")), fields=["until_on"], name="orders_pickup_due"),
        ),
        migrations.AddConstraint(
            model_name="pickup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ready")), fields=("location", "code"), name="orders_pickup_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pickup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handed_at__isnull", False), ("state", "handed_over")),
                    models.Q(models.Q(("state", "handed_over"), _negated=True), ("handed_at", None)),
                    _connector="OR",
                ),
                name="orders_pickup_handed",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickupterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("company", "location"), name="orders_pickupterms_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="pickupterms",
            constraint=models.CheckConstraint(condition=models.Q(("keep_days__gte", 1)), name="orders_pickupterms_keep"),
        ),
        migrations.AddConstraint(
            model_name="wrapping",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="orders_wrapping_code_once"),
        ),
        migrations.AddConstraint(
            model_name="wrapping",
            constraint=models.CheckConstraint(condition=models.Q(("fee__gte", 0)), name="orders_wrapping_fee"),
        ),
        migrations.AddConstraint(
            model_name="wrapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_on", None), ("until_on", None), ("until_on__gte", models.F("from_on")), _connector="OR"),
                name="orders_wrapping_days",
                violation_error_message="“Offered until” lies before “offered from”.",
            ),
        ),
        migrations.AddIndex(
            model_name="giftexclusion",
            index=models.Index(condition=models.Q(("ended_at", None)), fields=["company"], name="orders_giftexclusion_company"),
        ),
        migrations.AddConstraint(
            model_name="giftexclusion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("product", "wrapping"),
                name="orders_giftexclusion_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("knot", None), ("names", ""), ("noshi", None), ("noshi_name", ""), ("title", "")),
                    models.Q(("knot__isnull", False), ("noshi__isnull", False)),
                    _connector="OR",
                ),
                name="orders_gift_noshi",
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("wrapping", None), ("wrapping_name", "")), ("wrapping__isnull", False), _connector="OR"),
                name="orders_gift_wrapping",
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("card", None), ("card_name", "")), ("card__isnull", False), _connector="OR"),
                name="orders_gift_card",
            ),
        ),
        enum_check("orders_changeitem", "kind", now=(*KINDS, "gift"), before=KINDS),
        enum_check("orders_outsidecode", "kind", now=(*WORDS, "noshi", "wrapping"), before=WORDS),
        *(audited(f"orders_{table}", inserts=True) for table in MASTERS),
        audited("orders_gift", key="destination_id", personal=["names", "sender_name"]),
        audited("orders_pickup", key="shipment_id", personal=["identity_note"]),
    ]
