"""Fees by rule, what orders know of each customer, and which points are still to come."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from catalog.rules import TemperatureZone
from core.fields import EnumField, MoneyField, RecordedAtField, down, text
from orders.rules import FeeKind, ParcelSize


class FeeRule(models.Model):
    """What postage, a surcharge or a payment charge costs; of each kind the most particular rule that applies wins, and kinds add up."""

    company = down("core.Company", _("company"), db_index=False)
    kind = EnumField(FeeKind, verbose_name=_("kind"))
    label = text(_("label"), max_length=120)
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True, db_index=False)
    method = EnumField(PaymentMethod, verbose_name=_("payment method"), null=True, blank=True)
    prefecture = text(_("prefecture"), max_length=60)
    service = down("orders.DeliveryService", _("delivery service"), null=True, blank=True, db_index=False)
    zone = down("orders.DeliveryZone", _("delivery zone"), null=True, blank=True, db_index=False)
    up_to_size = EnumField(ParcelSize, verbose_name=_("up to size"), null=True, blank=True)
    temperature = EnumField(TemperatureZone, verbose_name=_("temperature zone"), null=True, blank=True)
    from_goods_total = MoneyField(_("from goods total"), db_default=0, default=0)
    amount = MoneyField(_("fee"))
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class", db_index=False)
    valid_from_on = models.DateField(_("valid from"), null=True, blank=True)
    valid_until_on = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The first day on which it does not hold any more.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("fee rule")
        verbose_name_plural = _("fee rules")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="orders_feerule_not_negative"),
            models.CheckConstraint(
                condition=models.Q(valid_from_on__isnull=True)
                | models.Q(valid_until_on__isnull=True)
                | models.Q(valid_until_on__gt=models.F("valid_from_on")),
                name="orders_feerule_period",
                violation_error_message=_("It ends after it begins."),
            ),
        ]
        indexes = [models.Index(fields=["company", "kind"], name="orders_feerule_company")]

    def __str__(self) -> str:
        return f"{self.label or self.kind} {self.amount}"


class PurchaseFacts(models.Model):
    """Purchase facts per principal customer: entry product, F-number, first and last purchase, totals.

    Counted over orders that were not cancelled; purchase date is the order date. Recomputed on cancel, return and merge.
    """

    customer = models.OneToOneField(
        "customers.Customer", verbose_name=_("customer"), primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    company = down("core.Company", _("company"), db_index=False, db_constraint=False)
    entry_order = models.ForeignKey(
        "orders.Order", verbose_name=_("first order"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    entry_sku = text(_("entry product"), max_length=64)
    entry_channel = down("core.SalesChannel", _("entry channel"), null=True, blank=True, db_index=False, db_constraint=False)
    f_number = models.PositiveIntegerField(_("F-number"), db_default=0)
    first_on = models.DateField(_("first purchase"), null=True, blank=True)
    last_on = models.DateField(_("last purchase"), null=True, blank=True)
    order_count = models.PositiveIntegerField(_("orders"), db_default=0)
    amount_total = MoneyField(_("bought in all"), db_default=0)
    currency = models.CharField(_("currency"), max_length=3)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("purchase facts")
        verbose_name_plural = _("purchase facts")
        indexes = [
            models.Index(fields=["company", "-last_on", "customer"], name="orders_facts_recency"),
            models.Index(fields=["company", "f_number", "customer"], name="orders_facts_frequency"),
            models.Index(fields=["company", "-amount_total", "customer"], name="orders_facts_amount"),
        ]

    def __str__(self) -> str:
        return f"F{self.f_number}"


class PointsDue(models.Model):
    """An order that earns points some days after its parcels left, and when the next is due; gone once nothing more is to come."""

    order = models.OneToOneField("orders.Order", verbose_name=_("order"), primary_key=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("due at"))

    class Meta:
        verbose_name = _("points to come")
        verbose_name_plural = _("points to come")
        indexes = [models.Index(fields=["due_at", "order"], name="orders_pointsdue_next")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.due_at}"
