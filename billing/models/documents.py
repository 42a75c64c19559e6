"""Invoices, payments and how they meet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.rules import IntentStatus, InvoiceKind, PaymentMethod, PaymentStatus
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from core.tax import TaxBasis


class PaymentIntent(models.Model):
    """How an order is going to be paid, and how far that has come; one open attempt per order."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    order_ref = models.UUIDField(_("order"))
    customer = down("customers.Customer", _("customer"))
    attempt = models.PositiveSmallIntegerField(_("attempt"), db_default=1)
    method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    provider = text(_("provider"), max_length=40)
    status = EnumField(IntentStatus, verbose_name=_("status"), db_default=IntentStatus.REQUESTED)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"))
    requested_at = models.DateTimeField(_("requested at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("payment intent")
        verbose_name_plural = _("payment intents")
        constraints = [
            models.UniqueConstraint(fields=["order_ref", "attempt"], name="billing_paymentintent_attempt_once"),
            models.UniqueConstraint(
                fields=["order_ref"],
                condition=models.Q(status__in=["requested", "authorised", "unknown"]),
                name="billing_paymentintent_one_open",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="billing_paymentintent_not_negative"),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="billing_paymentintent_customer")]

    def __str__(self) -> str:
        return f"{self.method} {self.amount}"


class Invoice(Actored):
    """A qualified invoice for goods shipped or served, frozen when issued; a mistake is corrected by a credit note."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    number = models.CharField(_("invoice number"), max_length=40)
    kind = EnumField(InvoiceKind, verbose_name=_("kind"), db_default=InvoiceKind.QUALIFIED)
    customer = down("customers.Customer", _("customer"))
    order_ref = models.UUIDField(_("order"))
    order_number = models.CharField(_("order number"), max_length=40)
    shipment_ref = models.UUIDField(_("shipment"), unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    tax_basis = EnumField(TaxBasis, verbose_name=_("tax basis"))
    issuer_name = models.CharField(_("issuer"), max_length=200)
    registration_number = text(_("registration number"), max_length=14)
    recipient_name = text(_("recipient"), max_length=320)
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    supplied_on = models.DateField(_("date of supply"))
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    total = MoneyField(_("total (tax included)"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="billing_invoice_number_once")]
        indexes = [
            models.Index(fields=["company", "-issued_on", "-id"], name="billing_invoice_newest"),
            models.Index(fields=["customer", "-id"], name="billing_invoice_customer"),
            models.Index(fields=["order_ref"], name="billing_invoice_order"),
            models.Index(fields=["company", "total"], name="billing_invoice_amount"),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """What was supplied, as said on the invoice."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    description = models.CharField(_("description"), max_length=300)
    sku = text(_("SKU"), max_length=64)
    quantity = models.IntegerField(_("quantity"))
    unit_price = MoneyField(_("unit price"))
    amount = MoneyField(_("amount"))
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class")
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="billing_invoiceline_position_once")]

    def __str__(self) -> str:
        return self.description


class InvoiceTax(models.Model):
    """The total and the tax of one rate on an invoice, rounded once."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="taxes")
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class")
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))
    taxable = MoneyField(_("total of the rate, without tax"))
    tax = MoneyField(_("tax"))

    class Meta:
        verbose_name = _("invoice tax")
        verbose_name_plural = _("invoice taxes")
        constraints = [models.UniqueConstraint(fields=["invoice", "tax_class", "tax_rate_bp"], name="billing_invoicetax_once")]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.tax}"


class Receivable(models.Model):
    """What a customer owes for one invoice; `open_amount` = invoice total − what was applied or credited."""

    invoice = models.OneToOneField(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, primary_key=True, related_name="receivable")
    company = down("core.Company", _("company"))
    customer = down("customers.Customer", _("customer"))
    method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"))
    open_amount = MoneyField(_("still open"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("receivable")
        verbose_name_plural = _("receivables")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(open_amount__gte=0) & models.Q(open_amount__lte=models.F("amount")), name="billing_receivable_open_within"
            )
        ]
        indexes = [
            models.Index(fields=["company", "due_on", "invoice"], name="billing_receivable_due", condition=models.Q(open_amount__gt=0)),
            models.Index(fields=["customer"], name="billing_receivable_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.open_amount}/{self.amount}"


class Payment(Actored):
    """Money received, once per outside reference."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    customer = down("customers.Customer", _("customer"), null=True, blank=True)
    order_ref = models.UUIDField(_("order"), null=True, blank=True)
    method = EnumField(PaymentMethod, verbose_name=_("payment method"))
    status = EnumField(PaymentStatus, verbose_name=_("status"), db_default=PaymentStatus.RECEIVED)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyField(_("amount"))
    unapplied_amount = MoneyField(_("not yet applied"))
    payer_name = text(_("payer"), max_length=160)
    reference = text(_("reference"), max_length=80)
    once_key = models.CharField(max_length=120, unique=True)
    received_on = models.DateField(_("received on"))
    received_at = models.DateTimeField(_("received at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("record_payment", _("Can record payments")), ("refund_payment", _("Can refund"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_payment_positive"),
            models.CheckConstraint(
                condition=models.Q(unapplied_amount__gte=0) & models.Q(unapplied_amount__lte=models.F("amount")),
                name="billing_payment_unapplied_within",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="billing_payment_newest"),
            models.Index(fields=["order_ref"], name="billing_payment_order", condition=models.Q(order_ref__isnull=False)),
            models.Index(fields=["customer", "-id"], name="billing_payment_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Application(Actored):
    """Money received matched to a receivable; append-only."""

    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="applications")
    receivable = models.ForeignKey(Receivable, verbose_name=_("receivable"), on_delete=models.PROTECT, related_name="applications")
    amount = MoneyField(_("amount"))
    applied_on = models.DateField(_("applied on"))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_application_positive")]
        indexes = [models.Index(fields=["receivable"], name="billing_application_receivable")]

    def __str__(self) -> str:
        return f"{self.amount}"


class Refund(Actored):
    """Money given back from a payment, never more than was received."""

    public_id = PublicIdField()
    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds")
    amount = MoneyField(_("amount"))
    reason = text(_("reason"), max_length=200)
    once_key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_refund_positive")]

    def __str__(self) -> str:
        return f"{self.amount}"


class CreditNote(Actored):
    """A correction of an invoice, with its own tax lines."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="credit_notes")
    number = models.CharField(_("credit note number"), max_length=40)
    issued_on = models.DateField(_("issued on"))
    total = MoneyField(_("total (tax included)"))
    reason = text(_("reason"), max_length=200)
    once_key = models.CharField(max_length=120, unique=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="billing_creditnote_number_once"),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="billing_creditnote_positive"),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteTax(models.Model):
    """The total and the tax of one rate on a credit note, rounded once."""

    credit_note = models.ForeignKey(CreditNote, verbose_name=_("credit note"), on_delete=models.PROTECT, related_name="taxes")
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class")
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))
    taxable = MoneyField(_("total of the rate, without tax"))
    tax = MoneyField(_("tax"))

    class Meta:
        verbose_name = _("credit note tax")
        verbose_name_plural = _("credit note taxes")
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "tax_class", "tax_rate_bp"], name="billing_creditnotetax_once")
        ]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.tax}"
