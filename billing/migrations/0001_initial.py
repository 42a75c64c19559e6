import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
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
                    name="LedgerAccount",
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
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=[
                                    "receivable",
                                    "cash",
                                    "sales",
                                    "tax_payable",
                                    "customer_deposit",
                                    "suspense",
                                    "fee_expense",
                                    "points_liability",
                                    "discount",
                                ],
                                verbose_name="kind",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "tax_class",
                            models.ForeignKey(
                                blank=True,
                                db_column="tax_class",
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.taxclass",
                                verbose_name="tax class",
                            ),
                        ),
                        (
                            "party_kind",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=["customer", "seller", "partner", "carrier", "provider"],
                                verbose_name="party",
                            ),
                        ),
                        ("party_id", models.BigIntegerField(blank=True, null=True, verbose_name="party id")),
                        (
                            "key",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.Func(
                                    django.db.models.functions.comparison.Cast("company", models.TextField()),
                                    models.Value(":"),
                                    models.F("kind"),
                                    models.Value(":"),
                                    models.F("currency"),
                                    models.Value(":"),
                                    django.db.models.functions.comparison.Coalesce(
                                        "tax_class", models.Value(""), output_field=models.TextField()
                                    ),
                                    models.Value(":"),
                                    django.db.models.functions.comparison.Coalesce(
                                        "party_kind", models.Value(""), output_field=models.TextField()
                                    ),
                                    models.Value(":"),
                                    django.db.models.functions.comparison.Coalesce(
                                        django.db.models.functions.comparison.Cast("party_id", models.TextField()),
                                        models.Value(""),
                                        output_field=models.TextField(),
                                    ),
                                    arg_joiner=" || ",
                                    output_field=models.TextField(),
                                    template="(%(expressions)s)",
                                ),
                                output_field=models.CharField(max_length=160),
                                unique=True,
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "ledger account",
                        "verbose_name_plural": "ledger accounts",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("party_id__isnull", False)),
                                fields=["party_kind", "party_id"],
                                name="billing_ledgeraccount_party",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("party_id__isnull", True), ("party_kind__isnull", True)),
                                    models.Q(("party_id__isnull", False), ("party_kind__isnull", False)),
                                    _connector="OR",
                                ),
                                name="billing_ledgeraccount_party_whole",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartyBalance",
                    fields=[
                        (
                            "account",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="balance",
                                serialize=False,
                                to="billing.ledgeraccount",
                                verbose_name="ledger account",
                            ),
                        ),
                        ("balance", core.fields.MoneyField(db_default=0, verbose_name="balance")),
                    ],
                    options={
                        "verbose_name": "party balance",
                        "verbose_name_plural": "party balances",
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
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
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=["sale", "payment", "application", "refund", "credit", "reversal", "identification"],
                                verbose_name="kind",
                            ),
                        ),
                        ("reference", models.CharField(max_length=80, verbose_name="document number")),
                        ("order_ref", models.UUIDField(blank=True, null=True, verbose_name="order")),
                        ("once_key", models.CharField(editable=False, max_length=160, unique=True)),
                        ("booked_on", models.DateField(verbose_name="booked on")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("memo", models.CharField(blank=True, db_default="", max_length=200, verbose_name="narration")),
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="billing.entry",
                                verbose_name="reverses",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "ledger entry",
                        "verbose_name_plural": "ledger entries",
                        "indexes": [
                            models.Index(fields=["company", "booked_on", "id"], name="billing_entry_booked"),
                            models.Index(fields=["reference"], name="billing_entry_reference"),
                            models.Index(
                                condition=models.Q(("order_ref__isnull", False)), fields=["order_ref"], name="billing_entry_order"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "entry",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="postings",
                                to="billing.entry",
                                verbose_name="entry",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.ledgeraccount",
                                verbose_name="ledger account",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        (
                            "party_kind",
                            core.fields.EnumField(
                                blank=True,
                                max_length=32,
                                null=True,
                                values=["customer", "seller", "partner", "carrier", "provider"],
                                verbose_name="party",
                            ),
                        ),
                        ("party_id", models.BigIntegerField(blank=True, null=True, verbose_name="party id")),
                    ],
                    options={
                        "verbose_name": "posting",
                        "verbose_name_plural": "postings",
                        "indexes": [
                            models.Index(fields=["account", "-id"], name="billing_posting_account"),
                            models.Index(fields=["entry"], name="billing_posting_entry"),
                        ],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="billing_posting_not_zero")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invoice",
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
                        ("number", models.CharField(max_length=40, verbose_name="invoice number")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="qualified", max_length=32, values=["qualified", "simplified", "plain"], verbose_name="kind"
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
                        ("order_ref", models.UUIDField(verbose_name="order")),
                        ("order_number", models.CharField(max_length=40, verbose_name="order number")),
                        ("shipment_ref", models.UUIDField(unique=True, verbose_name="shipment")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("tax_basis", core.fields.EnumField(max_length=32, values=["included", "excluded"], verbose_name="tax basis")),
                        (
                            "tax_rounding",
                            core.fields.EnumField(
                                db_default="floor", max_length=32, values=["floor", "half_up", "ceil"], verbose_name="tax rounding"
                            ),
                        ),
                        ("issuer_name", models.CharField(max_length=200, verbose_name="issuer")),
                        (
                            "registration_number",
                            models.CharField(blank=True, db_default="", max_length=14, verbose_name="registration number"),
                        ),
                        ("recipient_name", models.CharField(blank=True, db_default="", max_length=320, verbose_name="addressee")),
                        ("language", models.CharField(db_default="ja", max_length=8, verbose_name="language")),
                        ("supplied_on", models.DateField(verbose_name="date of supply")),
                        ("issued_on", models.DateField(verbose_name="issued on")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                        ("total", core.fields.MoneyField(verbose_name="total (tax included)")),
                        (
                            "entry",
                            models.OneToOneField(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.entry",
                                verbose_name="ledger entry",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "invoice",
                        "verbose_name_plural": "invoices",
                        "permissions": [("issue_creditnote", "Can issue credit notes")],
                        "indexes": [
                            models.Index(fields=["company", "-issued_on", "-id"], name="billing_invoice_newest"),
                            models.Index(fields=["customer", "-id"], name="billing_invoice_customer"),
                            models.Index(fields=["order_ref"], name="billing_invoice_order"),
                            models.Index(fields=["-issued_on", "-id"], name="billing_invoice_all_newest"),
                            models.Index(fields=["company", "-id"], name="billing_invoice_latest"),
                            models.Index(fields=["number"], name="billing_invoice_number"),
                            models.Index(fields=["company", "total"], name="billing_invoice_amount"),
                            models.Index(fields=["order_number"], name="billing_invoice_order_number"),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["recipient_name"], name="billing_invoice_recipient", opclasses=["gin_trgm_ops"]
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="billing_invoice_number_once"),
                            models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="billing_invoice_not_negative"),
                            models.CheckConstraint(
                                condition=models.Q(("entry__isnull", False), ("total", 0), _connector="OR"), name="billing_invoice_booked"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="billing.invoice",
                                verbose_name="invoice",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="line no.")),
                        ("description", models.CharField(max_length=300, verbose_name="item")),
                        ("sku", models.CharField(blank=True, db_default="", max_length=64, verbose_name="SKU")),
                        ("quantity", models.IntegerField(verbose_name="quantity")),
                        ("unit_price", core.fields.MoneyField(verbose_name="unit price")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
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
                        ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (bp)")),
                    ],
                    options={
                        "verbose_name": "invoice line",
                        "verbose_name_plural": "invoice lines",
                        "constraints": [models.UniqueConstraint(fields=("invoice", "position"), name="billing_invoiceline_position_once")],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceTax",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taxes",
                                to="billing.invoice",
                                verbose_name="invoice",
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
                        ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (bp)")),
                        ("taxable", core.fields.MoneyField(verbose_name="total of the rate, without tax")),
                        ("tax", core.fields.MoneyField(verbose_name="tax")),
                    ],
                    options={
                        "verbose_name": "invoice tax",
                        "verbose_name_plural": "invoice taxes",
                        "constraints": [
                            models.UniqueConstraint(fields=("invoice", "tax_class", "tax_rate_bp"), name="billing_invoicetax_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Receivable",
                    fields=[
                        (
                            "invoice",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="receivable",
                                serialize=False,
                                to="billing.invoice",
                                verbose_name="invoice",
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
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        ("order_ref", models.UUIDField(verbose_name="order")),
                        (
                            "method",
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
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        ("open_amount", core.fields.MoneyField(verbose_name="still open")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "receivable",
                        "verbose_name_plural": "receivables",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("open_amount__gt", 0)),
                                fields=["company", "due_on", "invoice"],
                                name="billing_receivable_due",
                            ),
                            models.Index(
                                condition=models.Q(("open_amount__gt", 0)), fields=["due_on", "invoice"], name="billing_receivable_all_due"
                            ),
                            models.Index(fields=["customer"], name="billing_receivable_customer"),
                            models.Index(fields=["order_ref"], name="billing_receivable_order"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("open_amount__gte", 0), ("open_amount__lte", models.F("amount"))),
                                name="billing_receivable_open_within",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNote",
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
                            "invoice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_notes",
                                to="billing.invoice",
                                verbose_name="invoice",
                            ),
                        ),
                        ("number", models.CharField(max_length=40, verbose_name="credit note number")),
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
                        ("order_ref", models.UUIDField(verbose_name="order")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("issuer_name", models.CharField(max_length=200, verbose_name="issuer")),
                        (
                            "registration_number",
                            models.CharField(blank=True, db_default="", max_length=14, verbose_name="registration number"),
                        ),
                        ("recipient_name", models.CharField(blank=True, db_default="", max_length=320, verbose_name="addressee")),
                        ("language", models.CharField(db_default="ja", max_length=8, verbose_name="language")),
                        ("issued_on", models.DateField(verbose_name="issued on")),
                        ("total", core.fields.MoneyField(verbose_name="total (tax included)")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("once_key", models.CharField(max_length=120, unique=True)),
                        (
                            "entry",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.entry",
                                verbose_name="ledger entry",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "credit note",
                        "verbose_name_plural": "credit notes",
                        "indexes": [
                            models.Index(fields=["company", "-issued_on", "-id"], name="billing_creditnote_newest"),
                            models.Index(fields=["-issued_on", "-id"], name="billing_creditnote_all_newest"),
                            models.Index(fields=["number"], name="billing_creditnote_number"),
                            models.Index(fields=["customer", "-id"], name="billing_creditnote_customer"),
                            models.Index(fields=["order_ref"], name="billing_creditnote_order"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="billing_creditnote_number_once"),
                            models.CheckConstraint(condition=models.Q(("total__gt", 0)), name="billing_creditnote_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNoteLine",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "credit_note",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="billing.creditnote",
                                verbose_name="credit note",
                            ),
                        ),
                        (
                            "invoice_line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credits",
                                to="billing.invoiceline",
                                verbose_name="invoice line",
                            ),
                        ),
                        ("quantity", models.IntegerField(db_default=0, verbose_name="quantity")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                    ],
                    options={
                        "verbose_name": "credit note line",
                        "verbose_name_plural": "credit note lines",
                        "constraints": [
                            models.UniqueConstraint(fields=("credit_note", "invoice_line"), name="billing_creditnoteline_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0), ("quantity__gte", 0)), name="billing_creditnoteline_positive"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNoteTax",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "credit_note",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taxes",
                                to="billing.creditnote",
                                verbose_name="credit note",
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
                        ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (bp)")),
                        ("taxable", core.fields.MoneyField(verbose_name="total of the rate, without tax")),
                        ("tax", core.fields.MoneyField(verbose_name="tax")),
                    ],
                    options={
                        "verbose_name": "credit note tax",
                        "verbose_name_plural": "credit note taxes",
                        "constraints": [
                            models.UniqueConstraint(fields=("credit_note", "tax_class", "tax_rate_bp"), name="billing_creditnotetax_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentMeans",
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
                        ("provider", models.CharField(max_length=40, verbose_name="payment provider")),
                        ("provider_ref", models.CharField(max_length=120, verbose_name="provider's reference")),
                        (
                            "provider_customer",
                            models.CharField(blank=True, db_default="", max_length=120, verbose_name="provider's customer"),
                        ),
                        (
                            "brand",
                            core.fields.EnumField(
                                max_length=32,
                                values=["visa", "mastercard", "jcb", "amex", "diners", "discover", "unionpay", "other"],
                                verbose_name="brand",
                            ),
                        ),
                        ("last4", models.CharField(blank=True, db_default="", max_length=4, verbose_name="last four digits")),
                        ("exp_month", models.PositiveSmallIntegerField(verbose_name="valid until (month)")),
                        ("exp_year", models.PositiveSmallIntegerField(verbose_name="valid until (year)")),
                        ("reusable", models.BooleanField(db_default=False, verbose_name="kept for later orders")),
                        ("kept_at", models.DateTimeField(verbose_name="kept since")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "card on file",
                        "verbose_name_plural": "cards on file",
                        "permissions": [("end_paymentmeans", "Can forget cards")],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("customer__isnull", False)),
                                fields=["customer", "-id"],
                                name="billing_paymentmeans_customer",
                            ),
                            models.Index(fields=["company", "-id"], name="billing_paymentmeans_newest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("provider", "provider_ref"), name="billing_paymentmeans_once"),
                            models.CheckConstraint(
                                condition=models.Q(("exp_month__gte", 1), ("exp_month__lte", 12), ("exp_year__gte", 2000)),
                                name="billing_paymentmeans_valid_until",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("last4__regex", "^(\\d{4})?$")), name="billing_paymentmeans_four_digits"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reusable", False), ("customer__isnull", False), _connector="OR"),
                                name="billing_paymentmeans_kept_for_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentIntent",
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
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("order_ref", models.UUIDField(verbose_name="order")),
                        ("order_number", models.CharField(blank=True, db_default="", max_length=40, verbose_name="order number")),
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
                        ("attempt", models.PositiveSmallIntegerField(db_default=1, verbose_name="attempt")),
                        (
                            "method",
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
                        ("provider", models.CharField(blank=True, db_default="", max_length=40, verbose_name="payment provider")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="requested",
                                max_length=32,
                                values=["requested", "authorised", "captured", "voided", "failed", "unknown"],
                                verbose_name="status",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        ("requested_at", models.DateTimeField(verbose_name="requested at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        (
                            "means",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.paymentmeans",
                                verbose_name="card",
                            ),
                        ),
                        ("provider_ref", models.CharField(blank=True, db_default="", max_length=120, verbose_name="provider's reference")),
                        ("authorised_amount", core.fields.MoneyField(db_default=0, verbose_name="authorised")),
                        ("captured_amount", core.fields.MoneyField(db_default=0, verbose_name="captured")),
                        ("authorised_at", models.DateTimeField(blank=True, null=True, verbose_name="authorised at")),
                        ("capture_until_at", models.DateTimeField(blank=True, null=True, verbose_name="capture until")),
                        ("action_url", models.TextField(blank=True, db_default="", verbose_name="where the buyer confirms")),
                        ("decline_code", models.CharField(blank=True, db_default="", max_length=60, verbose_name="refused because")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "payment intent",
                        "verbose_name_plural": "payment intents",
                        "indexes": [
                            models.Index(fields=["company", "-id"], name="billing_paymentintent_newest"),
                            models.Index(fields=["customer", "-id"], name="billing_paymentintent_customer"),
                            models.Index(
                                condition=models.Q(("order_number", ""), _negated=True),
                                fields=["order_number"],
                                name="billing_paymentintent_number",
                            ),
                            models.Index(
                                condition=models.Q(("means__isnull", False)), fields=["means"], name="billing_paymentintent_means"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("order_ref", "attempt"), name="billing_paymentintent_attempt_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["requested", "authorised", "unknown"])),
                                fields=("order_ref",),
                                name="billing_paymentintent_one_open",
                            ),
                            models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="billing_paymentintent_not_negative"),
                            models.UniqueConstraint(
                                condition=models.Q(("provider_ref", ""), _negated=True),
                                fields=("provider", "provider_ref"),
                                name="billing_paymentintent_reference_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("captured_amount__gte", 0),
                                    ("captured_amount__lte", models.F("authorised_amount")),
                                    ("authorised_amount__lte", models.F("amount")),
                                ),
                                name="billing_paymentintent_captured_within",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("authorised_at__isnull", False), ("authorised_amount", 0), _connector="OR"),
                                name="billing_paymentintent_authorised_first",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GatewayEvent",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("provider", models.CharField(max_length=40, verbose_name="payment provider")),
                        ("event_ref", models.CharField(max_length=120, verbose_name="event")),
                        ("kind", models.CharField(max_length=80, verbose_name="kind")),
                        ("object_ref", models.CharField(blank=True, db_default="", max_length=120, verbose_name="about")),
                        ("payment_ref", models.CharField(blank=True, db_default="", max_length=120, verbose_name="provider's reference")),
                        (
                            "intent",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.paymentintent",
                                verbose_name="payment intent",
                            ),
                        ),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="received", max_length=32, values=["received", "done", "ignored", "stuck"], verbose_name="state"
                            ),
                        ),
                        ("note", models.CharField(blank=True, db_default="", max_length=200, verbose_name="note")),
                        ("created_at", models.DateTimeField(verbose_name="happened at")),
                        ("attempts", models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts")),
                        ("due_at", models.DateTimeField(verbose_name="next attempt")),
                        ("lease_until_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "gateway event",
                        "verbose_name_plural": "gateway events",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "received")), fields=["due_at", "id"], name="billing_gatewayevent_due"
                            ),
                            models.Index(
                                condition=models.Q(("intent__isnull", False)), fields=["intent", "id"], name="billing_gatewayevent_intent"
                            ),
                            models.Index(
                                condition=models.Q(("payment_ref", ""), _negated=True),
                                fields=["payment_ref"],
                                name="billing_gatewayevent_payment",
                            ),
                            models.Index(condition=models.Q(("state", "stuck")), fields=["-id"], name="billing_gatewayevent_stuck"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("provider", "event_ref"), name="billing_gatewayevent_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Payment",
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
                        ("order_ref", models.UUIDField(blank=True, null=True, verbose_name="order")),
                        (
                            "method",
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
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="received", max_length=32, values=["received", "applied", "reversed"], verbose_name="status"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        ("unapplied_amount", core.fields.MoneyField(verbose_name="not yet applied")),
                        ("payer_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="payer")),
                        ("reference", models.CharField(blank=True, db_default="", max_length=80, verbose_name="payment reference")),
                        ("once_key", models.CharField(max_length=120, unique=True)),
                        ("received_on", models.DateField(verbose_name="received on")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "entry",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.entry",
                                verbose_name="ledger entry",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "payment",
                        "verbose_name_plural": "payments",
                        "permissions": [
                            ("record_payment", "Can record payments"),
                            ("refund_payment", "Can refund"),
                            ("reverse_payment", "Can reverse payments"),
                        ],
                        "indexes": [
                            models.Index(fields=["company", "-received_on", "-id"], name="billing_payment_newest"),
                            models.Index(fields=["-received_on", "-id"], name="billing_payment_all_newest"),
                            models.Index(fields=["company", "-id"], name="billing_payment_latest"),
                            models.Index(fields=["company", "amount"], name="billing_payment_amount"),
                            models.Index(
                                condition=models.Q(("unapplied_amount__gt", 0)), fields=["company", "-id"], name="billing_payment_deposit"
                            ),
                            models.Index(
                                condition=models.Q(("reference", ""), _negated=True), fields=["reference"], name="billing_payment_reference"
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["payer_name"], name="billing_payment_payer", opclasses=["gin_trgm_ops"]
                            ),
                            models.Index(
                                condition=models.Q(("order_ref__isnull", False)), fields=["order_ref"], name="billing_payment_order"
                            ),
                            models.Index(fields=["customer", "-id"], name="billing_payment_customer"),
                        ],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="billing_payment_positive"),
                            models.CheckConstraint(
                                condition=models.Q(("unapplied_amount__gte", 0), ("unapplied_amount__lte", models.F("amount"))),
                                name="billing_payment_unapplied_within",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Application",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "payment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="billing.payment",
                                verbose_name="payment",
                            ),
                        ),
                        (
                            "receivable",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="billing.receivable",
                                verbose_name="receivable",
                            ),
                        ),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        (
                            "reverses",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversals",
                                to="billing.application",
                                verbose_name="takes back",
                            ),
                        ),
                        ("applied_on", models.DateField(verbose_name="applied on")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "entry",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.entry",
                                verbose_name="ledger entry",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "application",
                        "verbose_name_plural": "applications",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("amount__gt", 0), ("reverses__isnull", True)),
                                    models.Q(("amount__lt", 0), ("reverses__isnull", False)),
                                    _connector="OR",
                                ),
                                name="billing_application_sign",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refund",
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
                            "payment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="billing.payment",
                                verbose_name="payment",
                            ),
                        ),
                        ("amount", core.fields.MoneyField(verbose_name="amount")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason")),
                        ("once_key", models.CharField(max_length=120, unique=True)),
                        ("refunded_on", models.DateField(verbose_name="refunded on")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "entry",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.entry",
                                verbose_name="ledger entry",
                            ),
                        ),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "refund",
                        "verbose_name_plural": "refunds",
                        "constraints": [models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="billing_refund_positive")],
                    },
                ),
                migrations.CreateModel(
                    name="GatewayCall",
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
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32, values=["authorise", "capture", "void", "refund", "forget"], verbose_name="request"
                            ),
                        ),
                        (
                            "state",
                            core.fields.EnumField(
                                db_default="requested",
                                max_length=32,
                                values=["requested", "action", "unknown", "stuck", "ok", "failed"],
                                verbose_name="state",
                            ),
                        ),
                        ("provider", models.CharField(blank=True, db_default="", max_length=40, verbose_name="payment provider")),
                        (
                            "intent",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.paymentintent",
                                verbose_name="payment intent",
                            ),
                        ),
                        (
                            "means",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.paymentmeans",
                                verbose_name="card",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.refund",
                                verbose_name="refund",
                            ),
                        ),
                        ("amount", core.fields.MoneyField(db_default=0, verbose_name="amount")),
                        ("currency", models.CharField(blank=True, db_default="", max_length=3, verbose_name="currency")),
                        ("provider_ref", models.CharField(blank=True, db_default="", max_length=120, verbose_name="provider's reference")),
                        ("code", models.CharField(blank=True, db_default="", max_length=60, verbose_name="answer")),
                        ("attempts", models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts")),
                        ("requested_at", models.DateTimeField(verbose_name="requested at")),
                        ("due_at", models.DateTimeField(verbose_name="next attempt")),
                        ("lease_until_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                        ("note", models.CharField(blank=True, db_default="", max_length=200, verbose_name="note")),
                        ("recorded_at", core.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        "verbose_name": "gateway call",
                        "verbose_name_plural": "gateway calls",
                        "permissions": [("settle_gatewaycall", "Can settle unclear card payments")],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["requested", "unknown", "action"])),
                                fields=["due_at", "id"],
                                name="billing_gatewaycall_due",
                            ),
                            models.Index(
                                condition=models.Q(("intent__isnull", False)), fields=["intent", "id"], name="billing_gatewaycall_intent"
                            ),
                            models.Index(fields=["company", "-id"], name="billing_gatewaycall_newest"),
                            models.Index(condition=models.Q(("state", "stuck")), fields=["-id"], name="billing_gatewaycall_stuck"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("kind__in", ["authorise", "capture", "void"])),
                                fields=("intent", "kind"),
                                name="billing_gatewaycall_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("refund__isnull", False)), fields=("refund",), name="billing_gatewaycall_refund_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("means__isnull", False)), fields=("means",), name="billing_gatewaycall_forget_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("intent__isnull", False),
                                        ("kind__in", ["authorise", "capture", "void"]),
                                        ("means__isnull", True),
                                        ("refund__isnull", True),
                                    ),
                                    models.Q(
                                        ("intent__isnull", False), ("kind", "refund"), ("means__isnull", True), ("refund__isnull", False)
                                    ),
                                    models.Q(
                                        ("intent__isnull", True), ("kind", "forget"), ("means__isnull", False), ("refund__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="billing_gatewaycall_about_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("settled_at__isnull", False), ("state__in", ["ok", "failed"])),
                                    models.Q(models.Q(("state__in", ["ok", "failed"]), _negated=True), ("settled_at__isnull", True)),
                                    _connector="OR",
                                ),
                                name="billing_gatewaycall_settled",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
