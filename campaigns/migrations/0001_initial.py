import django.contrib.postgres.functions
import django.core.validators
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
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Campaign",
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
                        ("code", models.CharField(max_length=80, verbose_name="campaign code")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        (
                            "aim",
                            core.fields.EnumField(
                                db_default="other",
                                default="other",
                                max_length=32,
                                values=["meet", "keep", "win_back", "other"],
                                verbose_name="aim",
                            ),
                        ),
                        ("kind", models.CharField(blank=True, db_default="", max_length=60, verbose_name="type")),
                        ("starts_on", models.DateField(blank=True, null=True, verbose_name="starts on")),
                        ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends before")),
                        (
                            "outside_code",
                            models.CharField(blank=True, db_default="", max_length=80, verbose_name="code in the former system"),
                        ),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "campaign",
                        "verbose_name_plural": "campaigns",
                        "indexes": [models.Index(fields=["company", "-starts_on", "-id"], name="campaigns_campaign_newest")],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "code"), name="campaigns_campaign_code_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("starts_on__isnull", True),
                                    ("ends_on__isnull", True),
                                    ("ends_on__gt", models.F("starts_on")),
                                    _connector="OR",
                                ),
                                name="campaigns_campaign_period",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignTarget",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="targets",
                                to="campaigns.campaign",
                                verbose_name="campaign",
                            ),
                        ),
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
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "targeted customer",
                        "verbose_name_plural": "targeted customers",
                        "constraints": [models.UniqueConstraint(fields=("campaign", "customer"), name="campaigns_campaigntarget_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Segment",
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
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("note", models.CharField(blank=True, db_default="", max_length=400, verbose_name="what it is for")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "segment",
                        "verbose_name_plural": "segments",
                        "permissions": [("export_segment", "Can export the customers of a segment")],
                        "constraints": [models.UniqueConstraint(fields=("company", "name"), name="campaigns_segment_name_once")],
                    },
                ),
                migrations.CreateModel(
                    name="SegmentCondition",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "segment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conditions",
                                to="campaigns.segment",
                                verbose_name="segment",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "recency",
                                    "first_purchase",
                                    "frequency",
                                    "amount",
                                    "product",
                                    "category",
                                    "sales_channel",
                                    "consent",
                                    "prefecture",
                                    "rank",
                                    "tag",
                                    "birth_month",
                                    "subscription",
                                    "written_to",
                                ],
                                verbose_name="what is asked",
                            ),
                        ),
                        ("excluded", models.BooleanField(db_default=False, default=False, verbose_name="excluding")),
                        (
                            "at_least",
                            models.BigIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name="at least"
                            ),
                        ),
                        (
                            "at_most",
                            models.BigIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name="at most"
                            ),
                        ),
                        (
                            "within_days",
                            models.PositiveIntegerField(
                                blank=True,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20000)],
                                verbose_name="within days",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.product",
                                verbose_name="product",
                            ),
                        ),
                        (
                            "category",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.category",
                                verbose_name="category",
                            ),
                        ),
                        (
                            "sales_channel",
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
                            "rank",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customerrank",
                                verbose_name="rank",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.tag",
                                verbose_name="tag",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="campaigns.campaign",
                                verbose_name="campaign",
                            ),
                        ),
                        ("prefecture", models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="prefecture")),
                    ],
                    options={
                        "verbose_name": "condition of a segment",
                        "verbose_name_plural": "conditions",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "kind__in",
                                            [
                                                "recency",
                                                "first_purchase",
                                                "frequency",
                                                "amount",
                                                "birth_month",
                                                "product",
                                                "category",
                                                "sales_channel",
                                                "rank",
                                                "tag",
                                                "written_to",
                                                "prefecture",
                                            ],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("kind__in", ["recency", "first_purchase", "frequency", "amount", "birth_month"]),
                                        models.Q(("at_least__isnull", False), ("at_most__isnull", False), _connector="OR"),
                                    ),
                                    models.Q(("kind", "product"), ("product__isnull", False)),
                                    models.Q(("kind", "category"), ("category__isnull", False)),
                                    models.Q(("kind", "sales_channel"), ("sales_channel__isnull", False)),
                                    models.Q(("kind", "rank"), ("rank__isnull", False)),
                                    models.Q(("kind", "tag"), ("tag__isnull", False)),
                                    models.Q(("kind", "written_to"), ("campaign__isnull", False)),
                                    models.Q(("kind", "prefecture"), models.Q(("prefecture", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="campaigns_segmentcondition_says_enough",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("at_least__isnull", True),
                                    ("at_most__isnull", True),
                                    ("at_most__gte", models.F("at_least")),
                                    _connector="OR",
                                ),
                                name="campaigns_segmentcondition_bounds",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SendingRule",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("quiet_from", models.TimeField(db_default="21:00", default="21:00", verbose_name="quiet from")),
                        ("quiet_until", models.TimeField(db_default="08:00", default="08:00", verbose_name="quiet until")),
                        (
                            "most_offers",
                            models.PositiveSmallIntegerField(
                                db_default=3,
                                default=3,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="most offers to one customer",
                            ),
                        ),
                        (
                            "most_within_days",
                            models.PositiveSmallIntegerField(
                                db_default=7,
                                default=7,
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)],
                                verbose_name="within so many days",
                            ),
                        ),
                        (
                            "per_minute",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="Of one send; empty for no limit.",
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="most mails per minute",
                            ),
                        ),
                        (
                            "sender_name",
                            models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="sender's name"),
                        ),
                        (
                            "sender_email",
                            models.CharField(blank=True, db_default="", default="", max_length=254, verbose_name="sender's e-mail"),
                        ),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "sending rule",
                        "verbose_name_plural": "sending rules",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("most_offers__gte", 1), ("most_within_days__gte", 1)), name="campaigns_sendingrule_cap"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("per_minute__isnull", True), ("per_minute__gte", 1), _connector="OR"),
                                name="campaigns_sendingrule_pace",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
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
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="offer", default="offer", max_length=32, values=["offer", "dialogue"], verbose_name="kind"
                            ),
                        ),
                        ("language", models.CharField(db_default="ja", default="ja", max_length=8, verbose_name="language")),
                        ("subject", models.CharField(max_length=150, verbose_name="mail subject")),
                        ("body", models.TextField(max_length=20000, verbose_name="text")),
                        ("body_html", models.TextField(blank=True, db_default="", default="", max_length=200000, verbose_name="HTML")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "message",
                        "verbose_name_plural": "messages",
                        "constraints": [models.UniqueConstraint(fields=("company", "name"), name="campaigns_message_name_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Send",
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
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sends",
                                to="campaigns.campaign",
                                verbose_name="campaign",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="campaigns.segment",
                                verbose_name="segment",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="campaigns.message",
                                verbose_name="message",
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
                            "channel",
                            core.fields.EnumField(
                                db_default="mail",
                                default="mail",
                                max_length=32,
                                values=["web", "app", "chat", "mail", "sns", "call", "sms", "store", "paper"],
                                verbose_name="channel",
                            ),
                        ),
                        (
                            "purpose",
                            core.fields.EnumField(
                                db_default="advertising",
                                default="advertising",
                                max_length=32,
                                values=["advertising", "survey", "profiling", "terms"],
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="offer", default="offer", max_length=32, values=["offer", "dialogue"], verbose_name="kind"
                            ),
                        ),
                        ("planned_at", models.DateTimeField(verbose_name="planned at")),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="draft",
                                default="draft",
                                max_length=32,
                                values=["draft", "planned", "preparing", "sending", "done", "stopped"],
                                verbose_name="state",
                            ),
                        ),
                        (
                            "per_minute",
                            models.PositiveIntegerField(
                                blank=True,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="most mails per minute",
                            ),
                        ),
                        (
                            "holdout_percent",
                            models.PositiveSmallIntegerField(
                                db_default=0,
                                default=0,
                                validators=[django.core.validators.MaxValueValidator(90)],
                                verbose_name="left out to compare (%)",
                            ),
                        ),
                        ("language", models.CharField(db_default="ja", editable=False, max_length=8, verbose_name="language")),
                        (
                            "subject",
                            models.CharField(blank=True, db_default="", editable=False, max_length=150, verbose_name="mail subject"),
                        ),
                        ("body", models.TextField(blank=True, db_default="", editable=False, verbose_name="text")),
                        ("body_html", models.TextField(blank=True, db_default="", editable=False, verbose_name="HTML")),
                        ("asked", models.TextField(blank=True, db_default="", editable=False, verbose_name="segment as asked")),
                        ("started_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="began at")),
                        ("finished_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="finished at")),
                        (
                            "stop_reason",
                            models.CharField(blank=True, db_default="", editable=False, max_length=200, verbose_name="reason for stopping"),
                        ),
                        ("recipient_count", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="recipients")),
                        ("queued_count", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="yet to go out")),
                        ("sent_count", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="sent")),
                        ("failed_count", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="failed")),
                        ("unknown_count", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="unknown")),
                        ("suppressed_count", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="not written to")),
                        ("counted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("pace", models.PositiveIntegerField(db_default=0, editable=False, verbose_name="per minute now")),
                        ("window_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("window_count", models.PositiveIntegerField(db_default=0, editable=False)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "send",
                        "verbose_name_plural": "sends",
                        "permissions": [("plan_send", "Can plan sends"), ("stop_send", "Can stop and resume sends")],
                        "indexes": [
                            models.Index(fields=["company", "-planned_at", "-id"], name="campaigns_send_newest"),
                            models.Index(
                                condition=models.Q(("state__in", ["planned", "preparing", "sending"])),
                                fields=["planned_at", "id"],
                                name="campaigns_send_due",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("per_minute__isnull", True), ("per_minute__gte", 1), _connector="OR"),
                                name="campaigns_send_pace",
                            ),
                            models.CheckConstraint(condition=models.Q(("holdout_percent__lte", 90)), name="campaigns_send_holdout"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Recipient",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "send",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recipients",
                                to="campaigns.send",
                                verbose_name="send",
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
                            "state",
                            core.fields.EnumField(
                                db_default="queued",
                                max_length=32,
                                values=["queued", "sending", "sent", "failed", "unknown", "suppressed"],
                                verbose_name="state",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, db_default="", max_length=120, verbose_name="reason")),
                        ("tries", models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts")),
                        (
                            "due_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="due at"
                            ),
                        ),
                        ("lease_ref", models.UUIDField(blank=True, editable=False, null=True)),
                        ("lease_until_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("marked_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="handed over at")),
                        ("written_at", models.DateTimeField(blank=True, null=True, verbose_name="written at")),
                        (
                            "consent",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.consent",
                                verbose_name="consent relied on",
                            ),
                        ),
                        ("address_mark", models.BigIntegerField(blank=True, editable=False, null=True)),
                        ("unsubscribed_at", models.DateTimeField(blank=True, null=True, verbose_name="unsubscribed at")),
                    ],
                    options={
                        "verbose_name": "recipient of a send",
                        "verbose_name_plural": "recipients of sends",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "queued")), fields=["send", "due_at", "id"], name="campaigns_recipient_due"
                            ),
                            models.Index(fields=["send", "state", "-id"], name="campaigns_recipient_state"),
                            models.Index(
                                condition=models.Q(("state", "sending")), fields=["lease_until_at"], name="campaigns_recipient_in_hand"
                            ),
                            models.Index(fields=["customer", "-written_at"], name="campaigns_recipient_customer"),
                            models.Index(
                                condition=models.Q(("lease_until_at__isnull", False), ("state__in", ["queued", "sending"])),
                                fields=["send", "lease_until_at", "lease_ref"],
                                name="campaigns_recipient_leased",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("send", "customer"), name="campaigns_recipient_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("address_mark__isnull", False)),
                                fields=("send", "address_mark"),
                                name="campaigns_recipient_one_per_address",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["sending", "sent", "unknown"]), _negated=True),
                                    models.Q(("consent__isnull", False), ("written_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="campaigns_recipient_written_with_consent",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
