import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models

import core.fields
from core.tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        CreateModels(
            [
                migrations.CreateModel(
                    name="AuditEntry",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("table_name", models.TextField(verbose_name="table")),
                        ("row_key", models.TextField(verbose_name="row")),
                        ("verb", models.TextField(verbose_name="deed")),
                        ("changes", models.JSONField(db_default=models.Value({}, models.JSONField()), verbose_name="changes")),
                        (
                            "personal_fields",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(), db_default=[], size=None, verbose_name="personal fields changed"
                            ),
                        ),
                        ("actor_kind", models.TextField(verbose_name="actor kind")),
                        ("actor_id", models.TextField(verbose_name="actor")),
                        ("actor_label", models.TextField(db_default="", verbose_name="actor name")),
                        ("on_behalf_of", models.TextField(db_default="", verbose_name="on behalf of")),
                        ("reason", models.TextField(db_default="", verbose_name="reason")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "change",
                        "verbose_name_plural": "changes",
                        "indexes": [
                            models.Index(fields=["table_name", "row_key", "id"], name="core_auditentry_row"),
                            models.Index(fields=["actor_kind", "actor_id", "id"], name="core_auditentry_actor"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditPersonal",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="personal",
                                to="core.auditentry",
                                verbose_name="change",
                            ),
                        ),
                        ("changes", models.JSONField(verbose_name="changes")),
                    ],
                    options={
                        "verbose_name": "personal values of a change",
                        "verbose_name_plural": "personal values of changes",
                    },
                ),
                migrations.CreateModel(
                    name="PersonalDataRead",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("subject", models.TextField(verbose_name="whose")),
                        ("screen", models.TextField(verbose_name="screen")),
                        (
                            "fields_read",
                            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None, verbose_name="fields"),
                        ),
                        ("people", models.IntegerField(db_default=1, verbose_name="people on the screen")),
                        ("actor_kind", models.TextField(verbose_name="actor kind")),
                        ("actor_id", models.TextField(verbose_name="actor")),
                        ("actor_label", models.TextField(db_default="", verbose_name="actor name")),
                        ("on_behalf_of", models.TextField(db_default="", verbose_name="on behalf of")),
                        ("reason", models.TextField(db_default="", verbose_name="reason")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reading of personal data",
                        "verbose_name_plural": "readings of personal data",
                        "indexes": [
                            models.Index(fields=["subject", "id"], name="core_personalread_subject"),
                            models.Index(fields=["actor_kind", "actor_id", "id"], name="core_personalread_actor"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Company",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                max_length=40,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z0-9][a-z0-9_-]*$", "Small letters, digits, hyphens and underscores only."
                                    )
                                ],
                                verbose_name="code",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "legal_name",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="As registered; printed on invoices.",
                                max_length=160,
                                verbose_name="legal name",
                            ),
                        ),
                        (
                            "registration_number",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="T and 13 digits; required for qualified invoices.",
                                max_length=14,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^T[1-9][0-9]{12}$", "T and 13 digits, as the tax office issued it."
                                    )
                                ],
                                verbose_name="invoice registration number",
                            ),
                        ),
                        ("country", models.CharField(db_default="JP", default="JP", max_length=2, verbose_name="country")),
                        ("currency", models.CharField(db_default="JPY", default="JPY", max_length=3, verbose_name="currency")),
                        ("language", models.CharField(db_default="ja", default="ja", max_length=8, verbose_name="language")),
                        (
                            "timezone",
                            models.CharField(db_default="Asia/Tokyo", default="Asia/Tokyo", max_length=40, verbose_name="time zone"),
                        ),
                        (
                            "tax_basis",
                            core.fields.EnumField(
                                db_default="included",
                                default="included",
                                max_length=32,
                                values=["included", "excluded"],
                                verbose_name="tax basis",
                            ),
                        ),
                        (
                            "tax_rounding",
                            core.fields.EnumField(
                                db_default="floor",
                                default="floor",
                                max_length=32,
                                values=["floor", "half_up", "ceil"],
                                verbose_name="tax rounding",
                            ),
                        ),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=10, verbose_name="postal code")),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=20, verbose_name="prefecture")),
                        ("address", models.CharField(blank=True, db_default="", max_length=255, verbose_name="address")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=32, verbose_name="phone")),
                        ("email", models.CharField(blank=True, db_default="", max_length=254, verbose_name="e-mail")),
                        ("representative", models.CharField(blank=True, db_default="", max_length=120, verbose_name="representative")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "history_until_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                help_text="While this is set, what the clock starts passes the company by.",
                                null=True,
                                verbose_name="its history is being filled in until",
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
                        "verbose_name": "company",
                        "verbose_name_plural": "companies",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("registration_number", ""), ("registration_number__regex", "^T[1-9][0-9]{12}$"), _connector="OR"
                                ),
                                name="core_company_registration_number",
                            ),
                            models.CheckConstraint(condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="core_company_currency"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LegalText",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legal_texts",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "commercial_transactions",
                                    "terms",
                                    "privacy",
                                    "returns",
                                    "subscription_terms",
                                    "invoice_note",
                                    "payment_instructions",
                                ],
                                verbose_name="kind",
                            ),
                        ),
                        ("language", models.CharField(db_default="ja", default="ja", max_length=8, verbose_name="language")),
                        ("title", models.CharField(max_length=160, verbose_name="title")),
                        ("body", models.TextField(verbose_name="text")),
                        ("valid_from_on", models.DateField(verbose_name="valid from")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "legal text",
                        "verbose_name_plural": "legal texts",
                        "ordering": ["company_id", "kind", "language", "-valid_from_on"],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "kind", "language", "valid_from_on"), name="core_legaltext_version")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Brand",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="brands",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                max_length=40,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z0-9][a-z0-9_-]*$", "Small letters, digits, hyphens and underscores only."
                                    )
                                ],
                                verbose_name="code",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "brand",
                        "verbose_name_plural": "brands",
                        "ordering": ["company_id", "id"],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="core_brand_code")],
                    },
                ),
                migrations.CreateModel(
                    name="Site",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="sites", to="core.company", verbose_name="company"
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sites",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                max_length=40,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z0-9][a-z0-9_-]*$", "Small letters, digits, hyphens and underscores only."
                                    )
                                ],
                                verbose_name="code",
                            ),
                        ),
                        ("domain", models.CharField(max_length=253, unique=True, verbose_name="domain")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("language", models.CharField(db_default="ja", default="ja", max_length=8, verbose_name="language")),
                        ("theme", models.CharField(db_default="default", default="default", max_length=40, verbose_name="theme")),
                        (
                            "holds_at_most_minutes",
                            models.PositiveSmallIntegerField(
                                db_default=120,
                                default=120,
                                help_text="From the first time, however busy its buyer is; then they are for everybody. With 0 a checkout holds nothing.",
                                verbose_name="a checkout holds its goods at most (minutes)",
                            ),
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
                        "verbose_name": "site",
                        "verbose_name_plural": "sites",
                        "ordering": ["company_id", "id"],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="core_site_code")],
                    },
                ),
                migrations.CreateModel(
                    name="SalesChannel",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="channels",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                max_length=40,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z0-9][a-z0-9_-]*$", "Small letters, digits, hyphens and underscores only."
                                    )
                                ],
                                verbose_name="code",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32, values=["web", "phone", "paper", "store", "chat", "marketplace", "b2b"], verbose_name="kind"
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="channels",
                                to="core.site",
                                verbose_name="site",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="channels",
                                to="core.brand",
                                verbose_name="brand",
                            ),
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
                        "verbose_name": "sales channel",
                        "verbose_name_plural": "sales channels",
                        "ordering": ["company_id", "id"],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="core_saleschannel_code")],
                    },
                ),
                migrations.CreateModel(
                    name="NumberSeries",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="number_series",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("kind", models.CharField(help_text="order, shipment, invoice and so on", max_length=40, verbose_name="document")),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="number_series",
                                to="core.saleschannel",
                                verbose_name="sales channel",
                            ),
                        ),
                        (
                            "prefix",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="Letters, digits and hyphens; {yyyy}, {yy} and {mm} stand for the date.",
                                max_length=20,
                                verbose_name="prefix",
                            ),
                        ),
                        ("digits", models.PositiveSmallIntegerField(db_default=8, default=8, verbose_name="digits")),
                        ("start", models.BigIntegerField(db_default=1, default=1, verbose_name="first number")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "number series",
                        "verbose_name_plural": "number series",
                        "ordering": ["company_id", "kind", models.OrderBy(models.F("channel_id"), nulls_first=True)],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("company", "kind", "channel"), name="core_numberseries_once", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("prefix__regex", "^([A-Za-z0-9/_-]|\\{yyyy\\}|\\{yy\\}|\\{mm\\})*$")),
                                name="core_numberseries_prefix",
                            ),
                            models.CheckConstraint(condition=models.Q(("digits__range", (1, 18))), name="core_numberseries_digits"),
                            models.CheckConstraint(condition=models.Q(("start__gte", 1)), name="core_numberseries_start"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BusinessCalendar",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calendars",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                max_length=40,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z0-9][a-z0-9_-]*$", "Small letters, digits, hyphens and underscores only."
                                    )
                                ],
                                verbose_name="code",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("closed_monday", models.BooleanField(db_default=False, default=False, verbose_name="closed on Mondays")),
                        ("closed_tuesday", models.BooleanField(db_default=False, default=False, verbose_name="closed on Tuesdays")),
                        ("closed_wednesday", models.BooleanField(db_default=False, default=False, verbose_name="closed on Wednesdays")),
                        ("closed_thursday", models.BooleanField(db_default=False, default=False, verbose_name="closed on Thursdays")),
                        ("closed_friday", models.BooleanField(db_default=False, default=False, verbose_name="closed on Fridays")),
                        ("closed_saturday", models.BooleanField(db_default=True, default=True, verbose_name="closed on Saturdays")),
                        ("closed_sunday", models.BooleanField(db_default=True, default=True, verbose_name="closed on Sundays")),
                        (
                            "closed_on_holidays",
                            models.BooleanField(db_default=True, default=True, verbose_name="closed on national holidays"),
                        ),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "business calendar",
                        "verbose_name_plural": "business calendars",
                        "ordering": ["company_id", "code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "code"), name="core_businesscalendar_code", nulls_distinct=False),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_friday", True),
                                    ("closed_monday", True),
                                    ("closed_saturday", True),
                                    ("closed_sunday", True),
                                    ("closed_thursday", True),
                                    ("closed_tuesday", True),
                                    ("closed_wednesday", True),
                                    _negated=True,
                                ),
                                name="core_businesscalendar_some_day_open",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "calendar",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="days",
                                to="core.businesscalendar",
                                verbose_name="business calendar",
                            ),
                        ),
                        ("on", models.DateField(verbose_name="day")),
                        ("kind", core.fields.EnumField(max_length=32, values=["closed", "open"], verbose_name="kind")),
                        ("name", models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "calendar day",
                        "verbose_name_plural": "calendar days",
                        "ordering": ["calendar_id", "on"],
                        "constraints": [models.UniqueConstraint(fields=("calendar", "on"), name="core_calendarday_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoryRun",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("seed", models.BigIntegerField(verbose_name="seed")),
                        ("orders_per_day", models.PositiveIntegerField(verbose_name="orders per day")),
                        ("since_on", models.DateField(verbose_name="first day")),
                        ("until_on", models.DateField(verbose_name="last day")),
                        ("lived_on", models.DateField(blank=True, null=True, verbose_name="lived until")),
                        ("broken_days", models.PositiveIntegerField(db_default=0, verbose_name="days broken off and taken up again")),
                        (
                            "began_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="begun at"
                            ),
                        ),
                        ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="last sign of life")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "simulated history",
                        "verbose_name_plural": "simulated histories",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("until_on__gte", models.F("since_on"))), name="core_historyrun_days")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotencyResult",
                    fields=[
                        ("pk", models.CompositePrimaryKey("client", "key", blank=True, editable=False, primary_key=True, serialize=False)),
                        ("client", models.TextField(verbose_name="client")),
                        ("key", models.TextField(verbose_name="idempotency key")),
                        ("fingerprint", models.BinaryField(verbose_name="fingerprint of the request")),
                        ("status", models.SmallIntegerField(verbose_name="status")),
                        ("content_type", models.TextField(db_default="application/json", verbose_name="content type")),
                        ("location", models.TextField(db_default="", verbose_name="address of the answer")),
                        ("body", models.BinaryField(verbose_name="answer")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stored answer",
                        "verbose_name_plural": "stored answers",
                        "indexes": [models.Index(fields=["recorded_at"], name="core_idempotency_recorded")],
                    },
                ),
                migrations.CreateModel(
                    name="OutgoingMail",
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
                        ("kind", models.CharField(max_length=60, verbose_name="kind")),
                        ("about", models.CharField(max_length=80, verbose_name="about")),
                        ("customer_ref", models.BigIntegerField(blank=True, null=True, verbose_name="customer")),
                        ("once_key", models.CharField(max_length=120, unique=True)),
                        ("to_address", models.CharField(max_length=254, verbose_name="recipient")),
                        ("from_address", models.CharField(blank=True, db_default="", max_length=254, verbose_name="sender")),
                        ("subject", models.CharField(max_length=200, verbose_name="mail subject")),
                        ("body", models.TextField(verbose_name="text")),
                        ("body_html", models.TextField(blank=True, db_default="", verbose_name="HTML")),
                        ("language", models.CharField(db_default="ja", max_length=8, verbose_name="language")),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="queued",
                                max_length=32,
                                values=["queued", "sending", "sent", "failed", "history"],
                                verbose_name="state",
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts")),
                        (
                            "due_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="due at"
                            ),
                        ),
                        ("lease_until_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                        ("last_error", models.CharField(blank=True, db_default="", max_length=300, verbose_name="last error")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mail",
                        "verbose_name_plural": "mails",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["queued", "sending"])),
                                fields=["due_at", "id"],
                                name="core_outgoingmail_due",
                            ),
                            models.Index(condition=models.Q(("state", "failed")), fields=["id"], name="core_outgoingmail_failed"),
                            models.Index(fields=["about", "id"], name="core_outgoingmail_about"),
                            models.Index(fields=["customer_ref", "-id"], name="core_outgoingmail_customer"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxEvent",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.TextField(verbose_name="event")),
                        ("stream", models.TextField(verbose_name="stream")),
                        ("payload", models.JSONField(verbose_name="content")),
                        ("actor_kind", models.TextField(db_default="", verbose_name="actor kind")),
                        ("actor_id", models.TextField(db_default="", verbose_name="actor")),
                        (
                            "lane",
                            models.TextField(
                                db_default="",
                                help_text="Empty: carried by the relays. Else by the simulation of that name.",
                                verbose_name="lane",
                            ),
                        ),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                        ("routed_at", models.DateTimeField(blank=True, null=True, verbose_name="handed to handlers at")),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                        "indexes": [
                            models.Index(models.F("id"), condition=models.Q(("routed_at__isnull", True)), name="core_outboxevent_unrouted"),
                            models.Index(fields=["stream", "id"], name="core_outboxevent_stream"),
                            models.Index(
                                condition=models.Q(("lane", ""), _negated=True), fields=["lane", "id"], name="core_outboxevent_lane"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxDelivery",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="core.outboxevent",
                                verbose_name="event",
                            ),
                        ),
                        ("handler", models.TextField(verbose_name="handler")),
                        ("stream", models.TextField(verbose_name="stream")),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="pending",
                                max_length=32,
                                values=["waiting", "pending", "done", "parked", "skipped"],
                                verbose_name="state",
                            ),
                        ),
                        ("attempts", models.IntegerField(db_default=0, verbose_name="attempts")),
                        (
                            "due_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="next attempt at"),
                        ),
                        ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                        ("reason", models.TextField(blank=True, db_default="", verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "event delivery",
                        "verbose_name_plural": "event deliveries",
                        "indexes": [
                            models.Index(condition=models.Q(("state", "pending")), fields=["event"], name="core_outboxdelivery_pending"),
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["handler", "stream", "event"],
                                name="core_outboxdelivery_waiting",
                            ),
                            models.Index(condition=models.Q(("state", "parked")), fields=["id"], name="core_outboxdelivery_parked"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "handler"), name="core_outboxdelivery_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["pending", "parked"])),
                                fields=("handler", "stream"),
                                name="core_outboxdelivery_head",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Relay",
                    fields=[
                        ("name", models.TextField(primary_key=True, serialize=False, verbose_name="name")),
                        (
                            "started_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="started at"),
                        ),
                        (
                            "seen_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="last seen at"),
                        ),
                        ("listening", models.BooleanField(db_default=True, verbose_name="waiting to be called")),
                    ],
                    options={
                        "verbose_name": "relay",
                        "verbose_name_plural": "relays",
                    },
                ),
                migrations.CreateModel(
                    name="PostalCode",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("code", models.CharField(max_length=7, verbose_name="postal code")),
                        ("jis_code", models.CharField(max_length=5, verbose_name="municipality code")),
                        ("prefecture", models.CharField(max_length=8, verbose_name="prefecture")),
                        ("city", models.CharField(max_length=60, verbose_name="city")),
                        ("town", models.CharField(blank=True, db_default="", max_length=120, verbose_name="town")),
                        ("street", models.CharField(blank=True, db_default="", max_length=200, verbose_name="street and building")),
                        ("prefecture_kana", models.CharField(blank=True, db_default="", max_length=24, verbose_name="prefecture (kana)")),
                        ("city_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="city (kana)")),
                        ("town_kana", models.CharField(blank=True, db_default="", max_length=200, verbose_name="town (kana)")),
                        ("note", models.TextField(blank=True, db_default="", verbose_name="note")),
                        ("is_office", models.BooleanField(db_default=False, verbose_name="code of one office")),
                        ("office_name", models.CharField(blank=True, db_default="", max_length=200, verbose_name="office")),
                        ("office_kana", models.CharField(blank=True, db_default="", max_length=255, verbose_name="office (kana)")),
                        (
                            "withdrawn_on",
                            models.DateField(
                                blank=True,
                                help_text="No longer in the published list; kept for old addresses.",
                                null=True,
                                verbose_name="withdrawn on",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "postal code",
                        "verbose_name_plural": "postal codes",
                        "ordering": ["code", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code", "jis_code", "town", "street", "office_name"), name="core_postalcode_place"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaxClass",
                    fields=[
                        ("code", models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name="code")),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        (
                            "mark",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="Printed beside lines, such as ※ for the reduced rate.",
                                max_length=4,
                                verbose_name="mark on documents",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="position")),
                    ],
                    options={
                        "verbose_name": "tax class",
                        "verbose_name_plural": "tax classes",
                        "ordering": ["position", "code"],
                    },
                ),
                migrations.CreateModel(
                    name="TaxRate",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("country", models.CharField(db_default="JP", default="JP", max_length=2, verbose_name="country")),
                        (
                            "tax_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rates",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        ("rate_bp", models.PositiveIntegerField(help_text="10 % is 1,000.", verbose_name="rate in basis points")),
                        ("valid_from_on", models.DateField(verbose_name="valid from")),
                        ("valid_until_on", models.DateField(blank=True, null=True, verbose_name="valid until (exclusive)")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "tax rate",
                        "verbose_name_plural": "tax rates",
                        "ordering": ["country", "tax_class_id", "-valid_from_on"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("rate_bp__lte", 10000)), name="core_taxrate_rate"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until_on__isnull", True), ("valid_until_on__gt", models.F("valid_from_on")), _connector="OR"
                                ),
                                name="core_taxrate_days",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (models.F("country"), "="),
                                    (models.F("tax_class"), "="),
                                    (
                                        core.fields.DateRange(
                                            "valid_from_on", "valid_until_on", django.contrib.postgres.fields.ranges.RangeBoundary()
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="core_taxrate_one_per_day",
                                violation_error_message="Another rate of this class is valid on some of these days.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookEndpoint",
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
                            "client_id",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Its client id. Empty: the company's own, for every kind of event.",
                                max_length=100,
                                verbose_name="partner application",
                            ),
                        ),
                        ("name", models.CharField(blank=True, db_default="", max_length=80, verbose_name="name")),
                        ("url", models.CharField(max_length=2048, verbose_name="web address")),
                        (
                            "types",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60), size=None, verbose_name="events"
                            ),
                        ),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="active",
                                default="active",
                                max_length=32,
                                values=["active", "paused", "disabled"],
                                verbose_name="state",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("secret", models.TextField(editable=False, verbose_name="secret")),
                        ("former_secret", models.TextField(blank=True, db_default="", editable=False, verbose_name="former secret")),
                        (
                            "former_until_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="former secret signs until"),
                        ),
                        (
                            "listens_from_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="hears of events since"
                            ),
                        ),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "webhook endpoint",
                        "verbose_name_plural": "webhook endpoints",
                        "indexes": [models.Index(fields=["company", "-recorded_at", "-id"], name="core_webhookendpoint_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("types", []), _negated=True), name="core_webhookendpoint_asks_something"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("company", "client_id", "url"),
                                name="core_webhookendpoint_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookHealth",
                    fields=[
                        (
                            "endpoint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="health",
                                serialize=False,
                                to="core.webhookendpoint",
                                verbose_name="webhook endpoint",
                            ),
                        ),
                        ("failures", models.PositiveIntegerField(db_default=0, verbose_name="failures in a row")),
                        ("failing_since_at", models.DateTimeField(blank=True, null=True, verbose_name="failing since")),
                        ("slow", models.BooleanField(db_default=False, verbose_name="one at a time")),
                        ("tried_at", models.DateTimeField(blank=True, null=True, verbose_name="last try at")),
                        ("succeeded_at", models.DateTimeField(blank=True, null=True, verbose_name="last success at")),
                    ],
                    options={
                        "verbose_name": "webhook health",
                        "verbose_name_plural": "webhook health",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("failing_since_at__isnull", False)),
                                fields=["failing_since_at"],
                                name="core_webhookhealth_failing",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookMessage",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "endpoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="core.webhookendpoint",
                                verbose_name="webhook endpoint",
                            ),
                        ),
                        (
                            "event_id",
                            models.BigIntegerField(blank=True, help_text="Empty for a test message.", null=True, verbose_name="event"),
                        ),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        ("type", models.CharField(max_length=60, verbose_name="event")),
                        ("version", models.PositiveSmallIntegerField(db_default=1, verbose_name="version")),
                        ("occurred_at", models.DateTimeField(verbose_name="happened at")),
                        ("body", models.TextField(verbose_name="content")),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="queued",
                                max_length=32,
                                values=["queued", "sending", "delivered", "failed"],
                                verbose_name="state",
                            ),
                        ),
                        ("tries", models.PositiveIntegerField(db_default=0, verbose_name="tries")),
                        ("round_from", models.PositiveIntegerField(db_default=0, verbose_name="tries before this round")),
                        (
                            "due_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="next try at"
                            ),
                        ),
                        ("lease_until_at", models.DateTimeField(blank=True, null=True, verbose_name="being tried until")),
                        ("last_status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="last answer")),
                        ("last_error", models.CharField(blank=True, db_default="", max_length=40, verbose_name="last error")),
                        ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="taken at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "webhook message",
                        "verbose_name_plural": "webhook messages",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["queued", "sending"])),
                                fields=["endpoint", "due_at", "id"],
                                name="core_webhookmessage_due",
                            ),
                            models.Index(fields=["endpoint", "-recorded_at", "-id"], name="core_webhookmessage_newest"),
                            models.Index(fields=["state", "-id"], name="core_webhookmessage_state"),
                            models.Index(fields=["recorded_at", "id"], name="core_webhookmessage_oldest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("endpoint", "event_id"), name="core_webhookmessage_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("delivered_at__isnull", False), ("state", "delivered")),
                                    models.Q(("state", "delivered"), _negated=True),
                                    _connector="OR",
                                ),
                                name="core_webhookmessage_delivered",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
