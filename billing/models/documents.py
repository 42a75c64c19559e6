"""Invoices and what is owed on them."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.ledger import Entry
from billing.rules import InvoiceKind, PaymentMethod
from core.fields import Actored, EnumField, MoneyField, PublicIdField, RecordedAtField, down, text
from core.money import format_money
from core.tax import Rounding, TaxBasis


def booked_by(**kwargs: Any) -> models.OneToOneField:
    """The ledger entry of a document: exactly one each, so that none is unbooked and none is booked twice."""
    return models.OneToOneField(Entry, verbose_name=_("ledger entry"), on_delete=models.PROTECT, related_name="+", editable=False, **kwargs)


class Invoice(Actored):
    """A qualified invoice for goods shipped or served, frozen when issued; a mistake is corrected by a credit note."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    number = models.CharField(_("invoice number"), max_length=40)
    kind = EnumField(InvoiceKind, verbose_name=_("kind"), db_default=InvoiceKind.QUALIFIED.value)
    customer = down("customers.Customer", _("customer"), db_index=False)
    order_ref = models.UUIDField(_("order"))
    order_number = models.CharField(_("order number"), max_length=40)
    shipment_ref = models.UUIDField(_("shipment"), unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    tax_basis = EnumField(TaxBasis, verbose_name=_("tax basis"))
    tax_rounding = EnumField(Rounding, verbose_name=_("tax rounding"), db_default=Rounding.FLOOR.value)
    issuer_name = models.CharField(_("issuer"), max_length=200)
    registration_number = text(_("registration number"), max_length=14)
    recipient_name = text(_("addressee"), max_length=320)
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    supplied_on = models.DateField(_("date of supply"))
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    total = MoneyField(_("total (tax included)"))
    entry = booked_by(null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        permissions = [("issue_creditnote", _("Can issue credit notes"))]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="billing_invoice_number_once"),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="billing_invoice_not_negative"),
            models.CheckConstraint(condition=models.Q(entry__isnull=False) | models.Q(total=0), name="billing_invoice_booked"),
        ]
        indexes = [
            models.Index(fields=["company", "-issued_on", "-id"], name="billing_invoice_newest"),
            models.Index(fields=["customer", "-id"], name="billing_invoice_customer"),
            models.Index(fields=["order_ref"], name="billing_invoice_order"),
            models.Index(fields=["-issued_on", "-id"], name="billing_invoice_all_newest"),
            models.Index(fields=["company", "-id"], name="billing_invoice_latest"),
            models.Index(fields=["number"], name="billing_invoice_number"),
            models.Index(fields=["company", "total"], name="billing_invoice_amount"),
            models.Index(fields=["order_number"], name="billing_invoice_order_number"),
            GinIndex(fields=["recipient_name"], opclasses=["gin_trgm_ops"], name="billing_invoice_recipient"),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """What was supplied, as said on the invoice."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField(_("line no."))
    description = models.CharField(_("item"), max_length=300)
    sku = text(_("SKU"), max_length=64)
    quantity = models.IntegerField(_("quantity"))
    unit_price = MoneyField(_("unit price"))
    amount = MoneyField(_("amount"))
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False)
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="billing_invoiceline_position_once")]

    def __str__(self) -> str:
        return self.description


class InvoiceTax(models.Model):
    """The total and the tax of one rate on an invoice, rounded once."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="taxes", db_index=False)
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False)
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

    invoice = models.OneToOneField(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, primary_key=True, related_name="receivable"
    )
    company = down("core.Company", _("company"), db_index=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    order_ref = models.UUIDField(_("order"))
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
                condition=models.Q(open_amount__gte=0) & models.Q(open_amount__lte=models.F("amount")),
                name="billing_receivable_open_within",
            )
        ]
        indexes = [
            models.Index(fields=["company", "due_on", "invoice"], name="billing_receivable_due", condition=models.Q(open_amount__gt=0)),
            models.Index(fields=["due_on", "invoice"], name="billing_receivable_all_due", condition=models.Q(open_amount__gt=0)),
            models.Index(fields=["customer"], name="billing_receivable_customer"),
            models.Index(fields=["order_ref"], name="billing_receivable_order"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice.number} {format_money(self.open_amount, self.currency)}"
