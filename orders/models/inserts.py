"""Leaflets and samples that go into parcels: the rules, and what was given."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, MoneyField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.models.order import Order
from orders.rules import InsertEnd, WhenShort


def _words(verbose_name: Any, help_text: Any, length: int = 80) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=length), verbose_name=verbose_name, db_default=[], default=list, blank=True, help_text=help_text
    )


class InsertRule(models.Model):
    """Parcels that meet all of its conditions get so many pieces of a stock item, at no price."""

    company = down("core.Company", _("company"), db_index=False)
    position = models.PositiveSmallIntegerField(
        _("position"), db_default=1, default=1, help_text=_("Rules are asked in this order; in an exclusive group the first that can be served wins.")
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120)
    stock_item = down("inventory.StockItem", _("what goes in"), db_index=False)
    quantity = models.PositiveSmallIntegerField(_("pieces"), db_default=1, default=1)
    group = text(_("exclusive group"), max_length=40, help_text=_("Of rules with the same word here an order gets one only."))
    is_once = models.BooleanField(_("once per customer"), db_default=False, default=False)
    when_short = EnumField(WhenShort, verbose_name=_("where it is short"), db_default=WhenShort.SKIP.value, default=WhenShort.SKIP.value)
    skus = _words(_("with one of the products"), _("SKUs, parted by commas. In the same parcel."), 64)
    cycle_from = models.PositiveSmallIntegerField(
        _("delivery number from"), null=True, blank=True, help_text=_("Of a subscription; 1 is the first.")
    )
    cycle_until = models.PositiveSmallIntegerField(_("delivery number up to"), null=True, blank=True)
    first_order = models.BooleanField(_("first order"), db_default=False, default=False)
    f_from = models.PositiveSmallIntegerField(
        _("purchase number from"), null=True, blank=True, help_text=_("2 is the second day on which the customer bought.")
    )
    f_until = models.PositiveSmallIntegerField(_("purchase number up to"), null=True, blank=True)
    ad_codes = _words(_("ad codes"), _("Parted by commas."), 60)
    media = _words(_("route media"), _("Parted by commas."), 60)
    campaigns = _words(_("campaigns"), _("Their codes, parted by commas."))
    ranks = _words(_("ranks"), _("Their codes, parted by commas."), 40)
    prefectures = _words(_("prefectures"), _("Where the parcel goes, in full and parted by commas."), 20)
    profiles = _words(_("workflow profiles"), _("Their codes, parted by commas. With goods of one of them in the same parcel."), 40)
    amount_from = MoneyField(_("order amount from"), null=True, blank=True, help_text=_("Tax included."))
    amount_until = MoneyField(_("order amount up to"), null=True, blank=True)
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True, db_index=False)
    from_on = models.DateField(_("first day"), null=True, blank=True)
    until_on = models.DateField(_("until (not any more)"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("insert rule")
        verbose_name_plural = _("insert rules")
        ordering = ["company", "position", "id"]
        indexes = [models.Index(fields=["company"], name="orders_insertrule_company", condition=Q(ended_at__isnull=True))]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=99), name="orders_insertrule_quantity"),
            models.CheckConstraint(
                condition=(Q(cycle_until__isnull=True) | Q(cycle_from__isnull=True) | Q(cycle_until__gte=F("cycle_from")))
                & (Q(f_until__isnull=True) | Q(f_from__isnull=True) | Q(f_until__gte=F("f_from")))
                & (Q(amount_until__isnull=True) | Q(amount_from__isnull=True) | Q(amount_until__gte=F("amount_from")))
                & (Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gt=F("from_on"))),
                name="orders_insertrule_spans",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        for name in ("channel", "stock_item"):
            row = getattr(self, name) if getattr(self, f"{name}_id") else None
            if row is not None and self.company_id and row.company_id != self.company_id:
                raise ValidationError({name: _("It belongs to another company.")})


class ShipmentInsert(Actored):
    """An insert given to a parcel, with its stock and why; it ends when the parcel is cancelled or it is taken out."""

    shipment = models.ForeignKey(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="inserts", db_index=False)
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.ForeignKey(InsertRule, verbose_name=_("insert rule"), on_delete=models.PROTECT, related_name="given", db_index=False)
    customer = down("customers.Customer", _("customer"), db_index=False)
    demand_id = models.UUIDField(editable=False, unique=True)
    stock_item = down("inventory.StockItem", _("stock item"), db_index=False)
    allocation = down("inventory.Allocation", _("allocation"), null=True, blank=True, db_index=False)
    quantity = models.PositiveSmallIntegerField(_("pieces"))
    is_once = models.BooleanField(_("once per customer"), editable=False)
    group = text(_("exclusive group"), max_length=40)
    reasons = models.JSONField(_("because"), default=list)
    """Told to people only: which conditions were met by what, as the rule stood then."""
    at = models.DateTimeField(_("chosen at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end = EnumField(InsertEnd, verbose_name=_("ended because"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("insert of a parcel")
        verbose_name_plural = _("inserts of parcels")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "rule"],
                condition=Q(is_once=True, ended_at__isnull=True),
                name="orders_shipmentinsert_once_per_customer",
            ),
            models.UniqueConstraint(
                fields=["order", "rule"], condition=Q(ended_at__isnull=True), name="orders_shipmentinsert_once_per_order"
            ),
            models.UniqueConstraint(
                fields=["order", "group"], condition=Q(ended_at__isnull=True) & ~Q(group=""), name="orders_shipmentinsert_one_of_a_group"
            ),
            models.UniqueConstraint(fields=["allocation"], condition=Q(allocation__isnull=False), name="orders_shipmentinsert_allocation"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_shipmentinsert_positive"),
        ]
        indexes = [
            models.Index(fields=["shipment"], name="orders_shipmentinsert_parcel"),
            models.Index(fields=["rule", "-id"], name="orders_shipmentinsert_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} × {self.quantity}"
