import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields
from core.audit import audited

# A queue: every row changes soon, and goes in the end.
SWEEP = "ALTER TABLE core_webhookmessage SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);"
SWEEP_AS_OTHERS = "ALTER TABLE core_webhookmessage RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_how_long_a_checkout_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    core.fields.PublicIdField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
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
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None, verbose_name="events"),
                ),
                (
                    "state",
                    core.fields.EnumField(
                        db_default="active", default="active", max_length=32, values=["active", "paused", "disabled"], verbose_name="state"
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                ("secret", models.TextField(editable=False, verbose_name="secret")),
                ("former_secret", models.TextField(blank=True, db_default="", editable=False, verbose_name="former secret")),
                ("former_until_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="former secret signs until")),
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
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook endpoint",
                "verbose_name_plural": "webhook endpoints",
            },
        ),
        migrations.CreateModel(
            name="WebhookMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.BigIntegerField(blank=True, help_text="Empty for a test message.", null=True, verbose_name="event")),
                (
                    "public_id",
                    core.fields.PublicIdField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
                ),
                ("type", models.CharField(max_length=60, verbose_name="event")),
                ("version", models.PositiveSmallIntegerField(db_default=1, verbose_name="version")),
                ("occurred_at", models.DateTimeField(verbose_name="happened at")),
                ("body", models.TextField(verbose_name="content")),
                (
                    "state",
                    core.fields.EnumField(
                        db_default="queued", max_length=32, values=["queued", "sending", "delivered", "failed"], verbose_name="state"
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
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="core.webhookendpoint",
                        verbose_name="webhook endpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook message",
                "verbose_name_plural": "webhook messages",
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
        migrations.AddIndex(
            model_name="webhookendpoint",
            index=models.Index(fields=["company", "-recorded_at", "-id"], name="core_webhookendpoint_newest"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(condition=models.Q(("types", []), _negated=True), name="core_webhookendpoint_asks_something"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("company", "client_id", "url"), name="core_webhookendpoint_once"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookmessage",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending"])),
                fields=["endpoint", "due_at", "id"],
                name="core_webhookmessage_due",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookmessage",
            index=models.Index(fields=["endpoint", "-recorded_at", "-id"], name="core_webhookmessage_newest"),
        ),
        migrations.AddIndex(
            model_name="webhookmessage",
            index=models.Index(fields=["state", "-id"], name="core_webhookmessage_state"),
        ),
        migrations.AddIndex(
            model_name="webhookmessage",
            index=models.Index(fields=["recorded_at", "id"], name="core_webhookmessage_oldest"),
        ),
        migrations.AddConstraint(
            model_name="webhookmessage",
            constraint=models.UniqueConstraint(fields=("endpoint", "event_id"), name="core_webhookmessage_once"),
        ),
        migrations.AddConstraint(
            model_name="webhookmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delivered_at__isnull", False), ("state", "delivered")),
                    models.Q(("state", "delivered"), _negated=True),
                    _connector="OR",
                ),
                name="core_webhookmessage_delivered",
            ),
        ),
        audited("core_webhookendpoint", inserts=True, ignore=["secret", "former_secret"]),
        migrations.RunSQL(SWEEP, SWEEP_AS_OTHERS),
    ]
