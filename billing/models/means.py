"""What customers pay with and let us keep: never a number, only what a gateway calls it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.rules import CardBrand
from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text


class PaymentMeans(Actored):
    """A card its gateway keeps for a customer; here is only enough to recognise it."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    customer = down("customers.Customer", _("customer"), null=True, blank=True, db_index=False)
    provider = models.CharField(_("payment provider"), max_length=40)
    provider_ref = models.CharField(_("provider's reference"), max_length=120)
    provider_customer = text(_("provider's customer"), max_length=120)
    brand = EnumField(CardBrand, verbose_name=_("brand"))
    last4 = text(_("last four digits"), max_length=4)
    exp_month = models.PositiveSmallIntegerField(_("valid until (month)"))
    exp_year = models.PositiveSmallIntegerField(_("valid until (year)"))
    reusable = models.BooleanField(_("kept for later orders"), db_default=False)
    kept_at = models.DateTimeField(_("kept since"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("card on file")
        verbose_name_plural = _("cards on file")
        permissions = [("end_paymentmeans", _("Can forget cards"))]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_ref"], name="billing_paymentmeans_once"),
            models.CheckConstraint(
                condition=models.Q(exp_month__gte=1, exp_month__lte=12, exp_year__gte=2000), name="billing_paymentmeans_valid_until"
            ),
            models.CheckConstraint(condition=models.Q(last4__regex=r"^(\d{4})?$"), name="billing_paymentmeans_four_digits"),
            models.CheckConstraint(
                condition=models.Q(reusable=False) | models.Q(customer__isnull=False), name="billing_paymentmeans_kept_for_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="billing_paymentmeans_customer", condition=models.Q(customer__isnull=False)),
            models.Index(fields=["company", "-id"], name="billing_paymentmeans_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_brand_display()} •••• {self.last4}"
