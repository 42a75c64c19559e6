"""How a company delivers: services, zones, lead times, days left out; fees by them; parcels with their service and day."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited
from core.fields import enum_check

KINDS_BEFORE = ("shipping", "cash_on_delivery", "gift", "other")
KINDS = ("shipping", "cool", "remote", "cash_on_delivery", "gift", "other")
MASTERS = ("orders_deliveryservice", "orders_feerule")


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_guards"),
        ("inventory", "0002_guards"),
        ("orders", "0006_estimates"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreeDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "label",
                    models.CharField(help_text="As buyers read it, such as “free from 5,400 yen”.", max_length=120, verbose_name="label"),
                ),
                (
                    "from_goods_total",
                    core.fields.MoneyField(blank=True, help_text="Empty: never free there.", null=True, verbose_name="from goods total"),
                ),
                (
                    "with_surcharges",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Else those for cold goods and islands are asked all the same.",
                        verbose_name="surcharges too",
                    ),
                ),
                ("valid_from_on", models.DateField(blank=True, null=True, verbose_name="valid from")),
                (
                    "valid_until_on",
                    models.DateField(
                        blank=True, help_text="The first day on which it does not hold any more.", null=True, verbose_name="valid until"
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "verbose_name": "free delivery",
                "verbose_name_plural": "free delivery",
            },
        ),
        migrations.AddField(
            model_name="fee",
            name="explanation",
            field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="what decided for it"),
        ),
        migrations.AddField(
            model_name="fee",
            name="rule",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.feerule",
                verbose_name="fee rule",
            ),
        ),
        migrations.AddField(
            model_name="feerule",
            name="temperature",
            field=core.fields.EnumField(
                blank=True, max_length=32, null=True, values=["ambient", "chilled", "frozen"], verbose_name="temperature zone"
            ),
        ),
        migrations.AddField(
            model_name="feerule",
            name="up_to_size",
            field=core.fields.EnumField(
                blank=True,
                max_length=32,
                null=True,
                values=["packet", "compact", "60", "80", "100", "120", "140", "160", "170", "180", "200"],
                verbose_name="up to size",
            ),
        ),
        migrations.AddField(
            model_name="feerule",
            name="valid_from_on",
            field=models.DateField(blank=True, null=True, verbose_name="valid from"),
        ),
        migrations.AddField(
            model_name="feerule",
            name="valid_until_on",
            field=models.DateField(
                blank=True, help_text="The first day on which it does not hold any more.", null=True, verbose_name="valid until"
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="expected_on",
            field=models.DateField(blank=True, null=True, verbose_name="delivery expected on"),
        ),
        migrations.AlterField(
            model_name="fee",
            name="kind",
            field=core.fields.EnumField(
                max_length=32, values=["shipping", "cool", "remote", "cash_on_delivery", "gift", "other"], verbose_name="kind"
            ),
        ),
        migrations.AlterField(
            model_name="feerule",
            name="from_goods_total",
            field=core.fields.MoneyField(db_default=0, default=0, verbose_name="from goods total"),
        ),
        migrations.AlterField(
            model_name="feerule",
            name="kind",
            field=core.fields.EnumField(
                max_length=32, values=["shipping", "cool", "remote", "cash_on_delivery", "gift", "other"], verbose_name="kind"
            ),
        ),
        migrations.CreateModel(
            name="DeliveryService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carrier", models.CharField(max_length=40, verbose_name="carrier")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(help_text="As buyers read it.", max_length=60, verbose_name="name")),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="The lowest number is tried first.", verbose_name="place in the order"),
                ),
                ("takes_ambient", models.BooleanField(db_default=True, default=True, verbose_name="takes ambient goods")),
                ("takes_chilled", models.BooleanField(db_default=False, default=False, verbose_name="takes chilled goods")),
                ("takes_frozen", models.BooleanField(db_default=False, default=False, verbose_name="takes frozen goods")),
                (
                    "most_size",
                    core.fields.EnumField(
                        blank=True,
                        max_length=32,
                        null=True,
                        values=["packet", "compact", "60", "80", "100", "120", "140", "160", "170", "180", "200"],
                        verbose_name="largest size",
                    ),
                ),
                ("most_grams", models.PositiveIntegerField(blank=True, null=True, verbose_name="heaviest (g)")),
                (
                    "most_pieces",
                    models.PositiveSmallIntegerField(
                        db_default=99,
                        default=99,
                        help_text="What does not fit into one parcel goes in several, each at the price of one.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="most pieces",
                    ),
                ),
                (
                    "bands",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="What buyers may choose from. None: no time of day can be wished.",
                        max_length=60,
                        verbose_name="time bands",
                    ),
                ),
                ("takes_day", models.BooleanField(db_default=True, default=True, verbose_name="a day can be wished")),
                ("takes_cash", models.BooleanField(db_default=True, default=True, verbose_name="cash on delivery")),
                ("most_cash", core.fields.MoneyField(blank=True, null=True, verbose_name="most cash")),
                (
                    "latest_days",
                    models.PositiveSmallIntegerField(
                        db_default=60, default=60, help_text="So many days ahead a day can be wished.", verbose_name="days ahead"
                    ),
                ),
                (
                    "early_days",
                    models.PositiveSmallIntegerField(
                        db_default=7,
                        default=7,
                        help_text="So long the carrier keeps a parcel that came before its day.",
                        verbose_name="days kept",
                    ),
                ),
                (
                    "label_kind",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="The carrier’s code on its labels, such as 7 for Yamato’s Nekopos. Empty: the usual one.",
                        max_length=10,
                        verbose_name="kind of label",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
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
            ],
            options={
                "verbose_name": "delivery service",
                "verbose_name_plural": "delivery services",
            },
        ),
        migrations.AddField(
            model_name="feerule",
            name="service",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.deliveryservice",
                verbose_name="delivery service",
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="service",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.deliveryservice",
                verbose_name="delivery service",
            ),
        ),
        migrations.CreateModel(
            name="DeliveryServiceArea",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_served", models.BooleanField(db_default=False, default=False, verbose_name="goes there")),
                ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                (
                    "postal_prefix",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator("^[0-9]{1,7}\\Z", "The first digits of a postal code, without a hyphen.")
                        ],
                        verbose_name="postal code begins with",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="areas",
                        to="orders.deliveryservice",
                        verbose_name="delivery service",
                    ),
                ),
            ],
            options={
                "verbose_name": "area of a service",
                "verbose_name_plural": "areas of a service",
            },
        ),
        migrations.CreateModel(
            name="DeliveryZone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="position")),
                (
                    "is_remote",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Lies within another zone and goes before it: that one’s prices hold where this one names none.",
                        verbose_name="islands and remote places",
                    ),
                ),
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
                "verbose_name": "delivery zone",
                "verbose_name_plural": "delivery zones",
            },
        ),
        migrations.CreateModel(
            name="DeliveryLeadTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin_prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="from prefecture")),
                ("days", models.PositiveSmallIntegerField(verbose_name="days on the way")),
                (
                    "first_band",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="On the first possible day only this time of day and later ones. Empty: all of them.",
                        max_length=4,
                        verbose_name="first time band",
                    ),
                ),
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
                        verbose_name="ships from",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.deliveryservice",
                        verbose_name="by service",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.deliveryzone",
                        verbose_name="to zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "lead time",
                "verbose_name_plural": "lead times",
            },
        ),
        migrations.CreateModel(
            name="DeliveryClosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", core.fields.EnumField(max_length=32, values=["shipping", "delivery"], verbose_name="kind")),
                ("from_on", models.DateField(verbose_name="from")),
                ("until_on", models.DateField(help_text="The first day that is open again.", verbose_name="until")),
                ("reason", models.CharField(blank=True, db_default="", max_length=120, verbose_name="reason")),
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
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.deliveryservice",
                        verbose_name="delivery service",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.deliveryzone",
                        verbose_name="delivery zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "days left out",
                "verbose_name_plural": "days left out of delivery",
            },
        ),
        migrations.CreateModel(
            name="DeliveryArea",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                (
                    "postal_prefix",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator("^[0-9]{1,7}\\Z", "The first digits of a postal code, without a hyphen.")
                        ],
                        verbose_name="postal code begins with",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="areas",
                        to="orders.deliveryzone",
                        verbose_name="delivery zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "area of a zone",
                "verbose_name_plural": "areas of a zone",
            },
        ),
        migrations.AddField(
            model_name="feerule",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.deliveryzone",
                verbose_name="delivery zone",
            ),
        ),
        migrations.AddConstraint(
            model_name="feerule",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="orders_feerule_not_negative"),
        ),
        migrations.AddConstraint(
            model_name="feerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from_on__isnull", True),
                    ("valid_until_on__isnull", True),
                    ("valid_until_on__gt", models.F("valid_from_on")),
                    _connector="OR",
                ),
                name="orders_feerule_period",
                violation_error_message="It ends after it begins.",
            ),
        ),
        migrations.AddField(
            model_name="freedelivery",
            name="channel",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddField(
            model_name="freedelivery",
            name="company",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
            ),
        ),
        migrations.AddField(
            model_name="freedelivery",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.deliveryzone",
                verbose_name="delivery zone",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryservice",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="orders_deliveryservice_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryservice",
            constraint=models.CheckConstraint(
                condition=models.Q(("takes_ambient", True), ("takes_chilled", True), ("takes_frozen", True), _connector="OR"),
                name="orders_deliveryservice_takes",
                violation_error_message="A service takes goods of at least one temperature.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryservice",
            constraint=models.CheckConstraint(
                condition=models.Q(("most_pieces__gte", 1), ("most_pieces__lte", 99)), name="orders_deliveryservice_pieces"
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryservicearea",
            constraint=models.UniqueConstraint(fields=("service", "prefecture", "postal_prefix"), name="orders_deliveryservicearea_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryservicearea",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("prefecture", ""), models.Q(("postal_prefix", ""), _negated=True)),
                    models.Q(models.Q(("prefecture", ""), _negated=True), ("postal_prefix", "")),
                    _connector="OR",
                ),
                name="orders_deliveryservicearea_one_of_both",
                violation_error_message="Name a prefecture or the beginning of a postal code, one of both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryzone",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="orders_deliveryzone_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryleadtime",
            constraint=models.UniqueConstraint(
                fields=("company", "location", "origin_prefecture", "zone", "service"),
                name="orders_deliveryleadtime_once",
                nulls_distinct=False,
                violation_error_message="There is one for this way already. Change that one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryleadtime",
            constraint=models.CheckConstraint(condition=models.Q(("days__lte", 60)), name="orders_deliveryleadtime_days"),
        ),
        migrations.AddIndex(
            model_name="deliveryclosure",
            index=models.Index(fields=["company", "until_on"], name="orders_deliveryclosure_open"),
        ),
        migrations.AddConstraint(
            model_name="deliveryclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_on__gt", models.F("from_on"))),
                name="orders_deliveryclosure_period",
                violation_error_message="It ends after it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryarea",
            constraint=models.UniqueConstraint(fields=("zone", "prefecture", "postal_prefix"), name="orders_deliveryarea_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryarea",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("prefecture", ""), models.Q(("postal_prefix", ""), _negated=True)),
                    models.Q(models.Q(("prefecture", ""), _negated=True), ("postal_prefix", "")),
                    _connector="OR",
                ),
                name="orders_deliveryarea_one_of_both",
                violation_error_message="Name a prefecture or the beginning of a postal code, one of both.",
            ),
        ),
        migrations.AddIndex(
            model_name="freedelivery",
            index=models.Index(fields=["company"], name="orders_freedelivery_company"),
        ),
        migrations.AddConstraint(
            model_name="freedelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_goods_total__isnull", True), ("from_goods_total__gte", 0), _connector="OR"),
                name="orders_freedelivery_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="freedelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from_on__isnull", True),
                    ("valid_until_on__isnull", True),
                    ("valid_until_on__gt", models.F("valid_from_on")),
                    _connector="OR",
                ),
                name="orders_freedelivery_period",
                violation_error_message="It ends after it begins.",
            ),
        ),
        enum_check("orders_fee", "kind", now=KINDS, before=KINDS_BEFORE),
        enum_check("orders_feerule", "kind", now=KINDS, before=KINDS_BEFORE),
        audited("orders_deliveryservice", inserts=True, ignore=["version"]),
        audited("orders_deliveryservicearea", inserts=True),
        audited("orders_deliveryzone", inserts=True),
        audited("orders_deliveryarea", inserts=True),
        audited("orders_deliveryleadtime", inserts=True),
        audited("orders_deliveryclosure", inserts=True),
        audited("orders_freedelivery", inserts=True),
        # Parcels and fees point at these without a proof, as at companies and channels (ADR 0011).
        migrations.RunSQL(
            "".join(
                f"CREATE TRIGGER never_deleted BEFORE DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION orders_refuse_deletion();"
                for t in MASTERS
            ),
            "".join(f"DROP TRIGGER never_deleted ON {t};" for t in MASTERS),
        ),
    ]
