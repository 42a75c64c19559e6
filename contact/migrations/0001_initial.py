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
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="CaseReason",
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
                        ("code", models.CharField(max_length=60, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "desk",
                            core.fields.EnumField(
                                db_default="support", default="support", max_length=32, values=["support", "success"], verbose_name="desk"
                            ),
                        ),
                        ("complaint", models.BooleanField(db_default=False, default=False, verbose_name="complaint")),
                        (
                            "due_hours",
                            models.PositiveIntegerField(
                                db_default=24,
                                default=24,
                                help_text="0: no answer is owed by a certain time.",
                                verbose_name="answer owed within (hours)",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(db_default=100, default=100, verbose_name="position")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case reason",
                        "verbose_name_plural": "case reasons",
                        "ordering": ["company_id", "position", "id"],
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="contact_casereason_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
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
                        ("number", models.CharField(max_length=40, verbose_name="case number")),
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
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "desk",
                            core.fields.EnumField(db_default="support", max_length=32, values=["support", "success"], verbose_name="desk"),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="contact.casereason",
                                verbose_name="reason",
                            ),
                        ),
                        ("theme", models.CharField(blank=True, max_length=200, verbose_name="matter")),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="open", max_length=32, values=["open", "waiting", "solved"], verbose_name="state"
                            ),
                        ),
                        (
                            "priority",
                            core.fields.EnumField(
                                db_default="normal", max_length=32, values=["low", "normal", "high", "urgent"], verbose_name="priority"
                            ),
                        ),
                        ("complaint", models.BooleanField(db_default=False, verbose_name="complaint")),
                        ("caller_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="caller")),
                        (
                            "caller_contact",
                            models.CharField(blank=True, db_default="", max_length=254, verbose_name="caller's number or address"),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="looked after by",
                            ),
                        ),
                        ("handover_note", models.TextField(blank=True, db_default="", verbose_name="handover note")),
                        ("occurred_at", models.DateTimeField(verbose_name="occurred at")),
                        ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="answer owed by")),
                        ("last_at", models.DateTimeField(verbose_name="last word at")),
                        ("solved_at", models.DateTimeField(blank=True, null=True, verbose_name="solved at")),
                        ("reopened_count", models.PositiveSmallIntegerField(db_default=0, verbose_name="times reopened")),
                        (
                            "cause_class",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=["product", "delivery", "billing", "site", "ordering", "staff", "customer", "other"],
                                verbose_name="where the cause lay",
                            ),
                        ),
                        ("cause_detail", models.CharField(blank=True, db_default="", max_length=400, verbose_name="cause in detail")),
                        ("resolution", models.TextField(blank=True, db_default="", verbose_name="resolution")),
                        ("once_key", models.CharField(blank=True, editable=False, max_length=120, null=True)),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False, verbose_name="version")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case",
                        "verbose_name_plural": "cases",
                        "permissions": [("solve_case", "Can solve and reopen cases")],
                        "indexes": [
                            models.Index(fields=["customer", "-occurred_at"], name="contact_case_customer"),
                            models.Index(fields=["company", "-occurred_at", "-id"], name="contact_case_newest"),
                            models.Index(
                                condition=models.Q(("state", "solved"), _negated=True), fields=["state", "due_at"], name="contact_case_due"
                            ),
                            models.Index(
                                condition=models.Q(("state", "solved"), _negated=True), fields=["owner", "state"], name="contact_case_owner"
                            ),
                            models.Index(fields=["reason"], name="contact_case_reason"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="contact_case_number_once"),
                            models.UniqueConstraint(fields=("company", "once_key"), name="contact_case_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("solved_at__isnull", False), ("state", "solved")),
                                    models.Q(models.Q(("state", "solved"), _negated=True), ("solved_at", None)),
                                    _connector="OR",
                                ),
                                name="contact_case_solved_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("last_at__gte", models.F("occurred_at"))), name="contact_case_last_word"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseOrder",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="contact.case", verbose_name="case"
                            ),
                        ),
                        ("order_ref", models.UUIDField(db_index=True, verbose_name="order")),
                    ],
                    options={
                        "verbose_name": "order of a case",
                        "verbose_name_plural": "orders of a case",
                        "constraints": [models.UniqueConstraint(fields=("case", "order_ref"), name="contact_caseorder_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Interaction",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="interactions",
                                to="contact.case",
                                verbose_name="case",
                            ),
                        ),
                        (
                            "deed",
                            core.fields.EnumField(
                                db_default="talk",
                                max_length=32,
                                values=["talk", "handover", "solution", "reopening", "identified"],
                                verbose_name="deed",
                            ),
                        ),
                        (
                            "channel",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=["web", "app", "chat", "mail", "sns", "call", "sms", "store", "paper"],
                                verbose_name="channel",
                            ),
                        ),
                        (
                            "direction",
                            core.fields.EnumField(max_length=32, values=["inbound", "outbound", "internal"], verbose_name="direction"),
                        ),
                        ("body", models.TextField(blank=True, db_default="", verbose_name="what was said")),
                        ("to_whom", models.CharField(blank=True, db_default="", max_length=160, verbose_name="handed to")),
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
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("once_key", models.CharField(blank=True, editable=False, max_length=120, null=True)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "interaction",
                        "verbose_name_plural": "interactions",
                        "indexes": [models.Index(fields=["case", "-at", "-id"], name="contact_interaction_story")],
                        "constraints": [
                            models.UniqueConstraint(fields=("case", "once_key"), name="contact_interaction_once"),
                            models.CheckConstraint(
                                condition=models.Q(("direction", "internal"), ("channel__isnull", False), _connector="OR"),
                                name="contact_interaction_channel",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("direction", "internal"), _negated=True), ("visibility", "staff"), _connector="OR"
                                ),
                                name="contact_interaction_among_staff",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
