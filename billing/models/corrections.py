"""Credit notes: an issued invoice is corrected, never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.documents import Invoice, InvoiceLine, booked_by
from core.fields import Actored, MoneyField, PublicIdField, RecordedAtField, down, text


class CreditNote(Actored):
    """A correction of an invoice (返還インボイス), with its own lines and tax rows."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="credit_notes")
    number = models.CharField(_("credit note number"), max_length=40)
    customer = down("customers.Customer", _("customer"), db_index=False)
    order_ref = models.UUIDField(_("order"))
    currency = models.CharField(_("currency"), max_length=3)
    issuer_name = models.CharField(_("issuer"), max_length=200)
    registration_number = text(_("registration number"), max_length=14)
    recipient_name = text(_("addressee"), max_length=320)
    language = models.CharField(_("language"), max_length=8, db_default="ja")
    issued_on = models.DateField(_("issued on"))
    total = MoneyField(_("total (tax included)"))
    reason = text(_("reason"), max_length=200)
    once_key = models.CharField(max_length=120, unique=True)
    entry = booked_by()
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="billing_creditnote_number_once"),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="billing_creditnote_positive"),
        ]
        indexes = [
            models.Index(fields=["company", "-issued_on", "-id"], name="billing_creditnote_newest"),
            models.Index(fields=["-issued_on", "-id"], name="billing_creditnote_all_newest"),
            models.Index(fields=["number"], name="billing_creditnote_number"),
            models.Index(fields=["customer", "-id"], name="billing_creditnote_customer"),
            models.Index(fields=["order_ref"], name="billing_creditnote_order"),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(models.Model):
    """What a credit note takes back of a line of its invoice."""

    credit_note = models.ForeignKey(
        CreditNote, verbose_name=_("credit note"), on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    invoice_line = models.ForeignKey(InvoiceLine, verbose_name=_("invoice line"), on_delete=models.PROTECT, related_name="credits")
    quantity = models.IntegerField(_("quantity"), db_default=0)
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "invoice_line"], name="billing_creditnoteline_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0, quantity__gte=0), name="billing_creditnoteline_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class CreditNoteTax(models.Model):
    """The total and the tax of one rate on a credit note, rounded once."""

    credit_note = models.ForeignKey(
        CreditNote, verbose_name=_("credit note"), on_delete=models.PROTECT, related_name="taxes", db_index=False
    )
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False)
    tax_rate_bp = models.PositiveIntegerField(_("tax rate (bp)"))
    taxable = MoneyField(_("total of the rate, without tax"))
    tax = MoneyField(_("tax"))

    class Meta:
        verbose_name = _("credit note tax")
        verbose_name_plural = _("credit note taxes")
        constraints = [models.UniqueConstraint(fields=["credit_note", "tax_class", "tax_rate_bp"], name="billing_creditnotetax_once")]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.tax}"
