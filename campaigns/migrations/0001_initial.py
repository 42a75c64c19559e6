import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    core.fields.PublicIdField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
                ),
                ("code", models.CharField(max_length=80, verbose_name="campaign code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "aim",
                    core.fields.EnumField(
                        db_default="other", default="other", max_length=32, values=["meet", "keep", "win_back", "other"], verbose_name="aim"
                    ),
                ),
                ("kind", models.CharField(blank=True, db_default="", max_length=60, verbose_name="type")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="starts on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends before")),
                ("outside_code", models.CharField(blank=True, db_default="", max_length=80, verbose_name="code in the former system")),
                ("version", models.PositiveIntegerField(db_default=1, editable=False)),
                (
                    "recorded_at",
                    core.fields.RecordedAtField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
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
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
            },
        ),
        migrations.CreateModel(
            name="CampaignTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "recorded_at",
                    core.fields.RecordedAtField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                    ),
                ),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer", verbose_name="customer"
                    ),
                ),
            ],
            options={
                "verbose_name": "targeted customer",
                "verbose_name_plural": "targeted customers",
            },
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(fields=["company", "-starts_on", "-id"], name="campaigns_campaign_newest"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="campaigns_campaign_code_once"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_on__isnull", True), ("ends_on__isnull", True), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="campaigns_campaign_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntarget",
            constraint=models.UniqueConstraint(fields=("campaign", "customer"), name="campaigns_campaigntarget_once"),
        ),
    ]
