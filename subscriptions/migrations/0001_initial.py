import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
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
                    name="Plan",
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
                        ("name_en", models.CharField(blank=True, db_default="", max_length=120, verbose_name="name (English)")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="replenishment",
                                max_length=32,
                                values=["replenishment", "curation", "access"],
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "intervals",
                            models.CharField(
                                help_text="Such as 1m,2m,30d,2w,1m:25,1m:end,1m:2tue; the first is shown first.",
                                max_length=200,
                                verbose_name="intervals offered",
                            ),
                        ),
                        ("default_interval", models.CharField(max_length=20, verbose_name="usual interval")),
                        (
                            "lead_days",
                            models.PositiveSmallIntegerField(
                                db_default=3,
                                help_text="Earlier where that day is closed in the calendar.",
                                verbose_name="order made so many days before delivery",
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
                                verbose_name="business calendar",
                            ),
                        ),
                        (
                            "change_deadline_days",
                            models.PositiveSmallIntegerField(db_default=5, verbose_name="changes until so many days before delivery"),
                        ),
                        (
                            "notice_days",
                            models.PositiveSmallIntegerField(
                                db_default=8, help_text="0: no reminder is sent.", verbose_name="reminder so many days before delivery"
                            ),
                        ),
                        ("minimum_cycles", models.PositiveSmallIntegerField(db_default=0, verbose_name="deliveries before cancelling")),
                        (
                            "maximum_cycles",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="Empty: until cancelled.", null=True, verbose_name="deliveries in all"
                            ),
                        ),
                        ("skip_allowed", models.BooleanField(db_default=True, default=True, verbose_name="deliveries may be skipped")),
                        (
                            "skip_limit",
                            models.PositiveSmallIntegerField(db_default=0, help_text="0: no limit.", verbose_name="skips in a row at most"),
                        ),
                        ("pause_allowed", models.BooleanField(db_default=True, default=True, verbose_name="may be paused")),
                        (
                            "payment_methods",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Such as card,cash_on_delivery; empty: all the shop offers.",
                                max_length=200,
                                verbose_name="payment methods",
                            ),
                        ),
                        (
                            "retry_days",
                            models.CharField(
                                blank=True,
                                db_default="1,3,7",
                                default="1,3,7",
                                max_length=60,
                                verbose_name="failed deliveries are tried again after (days)",
                            ),
                        ),
                        ("note", models.CharField(blank=True, db_default="", max_length=500, verbose_name="more about the rules")),
                        (
                            "note_en",
                            models.CharField(blank=True, db_default="", max_length=500, verbose_name="more about the rules (English)"),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "subscription course",
                        "verbose_name_plural": "subscription courses",
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "code"), name="subscriptions_plan_code"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("intervals__regex", "^[1-9][0-9]{0,2}[dwm](:[a-z0-9-]+)?(,[1-9][0-9]{0,2}[dwm](:[a-z0-9-]+)?)*$")
                                ),
                                name="subscriptions_plan_intervals",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("retry_days__regex", "^([0-9]{1,3}(,[0-9]{1,3})*)?$")),
                                name="subscriptions_plan_retry_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("change_deadline_days__gte", models.F("lead_days"))),
                                name="subscriptions_plan_deadline_before_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("notice_days", 0), ("notice_days__gte", models.F("change_deadline_days")), _connector="OR"
                                ),
                                name="subscriptions_plan_notice_in_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("maximum_cycles__isnull", True),
                                    models.Q(("maximum_cycles__gte", 1), ("maximum_cycles__gte", models.F("minimum_cycles"))),
                                    _connector="OR",
                                ),
                                name="subscriptions_plan_maximum",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanVariant",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "plan",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="variants",
                                to="subscriptions.plan",
                                verbose_name="course",
                            ),
                        ),
                        (
                            "variant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(db_default=0, verbose_name="position")),
                    ],
                    options={
                        "verbose_name": "article of the course",
                        "verbose_name_plural": "articles of the course",
                        "constraints": [models.UniqueConstraint(fields=("plan", "variant"), name="subscriptions_planvariant_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Subscription",
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
                        ("number", models.CharField(max_length=40, verbose_name="contract number")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subscriptions.plan",
                                verbose_name="course",
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="active",
                                max_length=32,
                                values=["active", "paused", "cancelled", "completed"],
                                verbose_name="status",
                            ),
                        ),
                        ("interval", models.CharField(max_length=20, verbose_name="interval")),
                        ("anchor_on", models.DateField(verbose_name="counted from")),
                        ("anchor_number", models.IntegerField(db_default=1, verbose_name="delivery counted from")),
                        ("last_number", models.PositiveIntegerField(blank=True, null=True, verbose_name="ends after delivery")),
                        ("paused_at", models.DateTimeField(blank=True, null=True, verbose_name="paused at")),
                        ("paused_until_on", models.DateField(blank=True, null=True, verbose_name="paused until")),
                        ("pause_reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason for pausing")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("end_reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason for ending")),
                        ("language", models.CharField(db_default="ja", max_length=8, verbose_name="language")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
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
                        ("means_id", models.BigIntegerField(blank=True, null=True, verbose_name="card")),
                        ("family_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="family name")),
                        ("given_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="given name")),
                        ("family_kana", models.CharField(blank=True, db_default="", max_length=160, verbose_name="family name (kana)")),
                        ("given_kana", models.CharField(blank=True, db_default="", max_length=160, verbose_name="given name (kana)")),
                        ("organisation_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="organisation")),
                        ("country", models.CharField(db_default="JP", max_length=2, verbose_name="country")),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                        ("city", models.CharField(blank=True, db_default="", max_length=120, verbose_name="city")),
                        ("street", models.CharField(blank=True, db_default="", max_length=200, verbose_name="street and number")),
                        ("building", models.CharField(blank=True, db_default="", max_length=200, verbose_name="building")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=64, verbose_name="phone")),
                        ("time_band", models.CharField(blank=True, db_default="", max_length=20, verbose_name="time band")),
                        (
                            "first_order",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                                verbose_name="opened by order",
                            ),
                        ),
                        ("first_line_ref", models.UUIDField(editable=False, verbose_name="opened by order line")),
                        ("started_at", models.DateTimeField(verbose_name="opened at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "subscription",
                        "verbose_name_plural": "subscriptions",
                        "permissions": [
                            ("manage_subscription", "Can skip, pause, resume and change contracts"),
                            ("cancel_subscription", "Can cancel contracts"),
                            ("waive_rules", "Can set the rules of a course aside"),
                        ],
                        "indexes": [
                            models.Index(fields=["company", "status", "-id"], name="subscriptions_status"),
                            models.Index(
                                condition=models.Q(("paused_until_on__isnull", False), ("status", "paused")),
                                fields=["paused_until_on"],
                                name="subscriptions_paused_until",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="subscriptions_subscription_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "paused"), ("paused_at__isnull", False)),
                                    models.Q(
                                        models.Q(("status", "paused"), _negated=True),
                                        ("paused_at__isnull", True),
                                        ("paused_until_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="subscriptions_subscription_paused",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["cancelled", "completed"]), ("ended_at__isnull", False)),
                                    models.Q(
                                        models.Q(("status__in", ["cancelled", "completed"]), _negated=True), ("ended_at__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="subscriptions_subscription_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SubscriptionItem",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "subscription",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="subscriptions.subscription",
                                verbose_name="contract",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        (
                            "variant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.variant", verbose_name="variant"
                            ),
                        ),
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                    ],
                    options={
                        "verbose_name": "article of the contract",
                        "verbose_name_plural": "articles of the contract",
                        "constraints": [
                            models.UniqueConstraint(fields=("subscription", "variant"), name="subscriptions_item_once"),
                            models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="subscriptions_item_quantity_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cycle",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "subscription",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cycles",
                                to="subscriptions.subscription",
                                verbose_name="contract",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="slot")),
                        ("delivery", models.PositiveIntegerField(verbose_name="delivery number")),
                        ("planned_on", models.DateField(verbose_name="delivery planned on")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="order due on")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="planned",
                                max_length=32,
                                values=["planned", "skipped", "generated", "failed"],
                                verbose_name="status",
                            ),
                        ),
                        ("cart_ref", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                                verbose_name="order",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("tries", models.PositiveSmallIntegerField(db_default=0, verbose_name="failed attempts")),
                        ("reminded_on", models.DateField(blank=True, null=True, verbose_name="reminded on")),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="processed at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "delivery of a contract",
                        "verbose_name_plural": "deliveries of contracts",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_on__isnull", False)), fields=["due_on", "id"], name="subscriptions_cycle_due"
                            ),
                            models.Index(
                                condition=models.Q(("reminded_on__isnull", True), ("status", "planned")),
                                fields=["planned_on"],
                                name="subscriptions_cycle_remind",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("subscription", "number"), name="subscriptions_cycle_number_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["planned", "failed"])),
                                fields=("subscription",),
                                name="subscriptions_cycle_one_open",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("order__isnull", False)),
                                fields=("order", "subscription"),
                                name="subscriptions_cycle_order_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1), ("delivery__gte", 1)), name="subscriptions_cycle_from_one"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "generated"),
                                        ("order__isnull", False),
                                        ("due_on__isnull", True),
                                        ("settled_at__isnull", False),
                                    ),
                                    models.Q(models.Q(("status", "generated"), _negated=True), ("order__isnull", True)),
                                    _connector="OR",
                                ),
                                name="subscriptions_cycle_generated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "skipped"), _negated=True), ("due_on__isnull", True), _connector="OR"
                                ),
                                name="subscriptions_cycle_skipped",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SubscriptionChange",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "subscription",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="subscriptions.subscription",
                                verbose_name="contract",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "started",
                                    "skipped",
                                    "unskipped",
                                    "paused",
                                    "resumed",
                                    "cancelled",
                                    "completed",
                                    "next_date",
                                    "interval",
                                    "items",
                                    "address",
                                    "payment",
                                    "failed",
                                    "retried",
                                ],
                                verbose_name="what",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(blank=True, null=True, verbose_name="slot")),
                        ("before", models.CharField(blank=True, db_default="", max_length=400, verbose_name="value before")),
                        ("after", models.CharField(blank=True, db_default="", max_length=400, verbose_name="value after")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "change of a contract",
                        "verbose_name_plural": "changes of contracts",
                        "indexes": [models.Index(fields=["subscription", "-id"], name="subscriptions_change_newest")],
                    },
                ),
            ]
        ),
    ]
