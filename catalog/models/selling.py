"""Where, to whom and for how much a variant is sold."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Variant
from catalog.rules import PurchaseType
from core.fields import EnumField, MoneyField, RecordedAtField, down, text
from core.tax import TaxBasis


class Listing(models.Model):
    """A variant put on sale: in a channel (none: all), to a rank (none: all), from and until (exclusive)."""

    variant = models.ForeignKey(Variant, verbose_name=_("variant"), on_delete=models.CASCADE, related_name="listings")
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True)
    site = down("core.Site", _("site"), null=True, blank=True)
    rank_code = text(_("customer rank"), max_length=40)
    from_at = models.DateTimeField(_("from"), null=True, blank=True)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [models.Index(fields=["variant", "channel"], name="catalog_listing_variant")]

    def __str__(self) -> str:
        return f"{self.variant}"


class PriceList(models.Model):
    """Prices that hold together: for a channel, rank, purchase type, cycle and period; the highest priority wins."""

    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, db_default="JPY")
    tax_basis = EnumField(TaxBasis, verbose_name=_("tax basis"), db_default="included")
    channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True)
    rank_code = text(_("customer rank"), max_length=40)
    purchase_type = EnumField(PurchaseType, verbose_name=_("purchase type"), null=True, blank=True)
    cycle_from = models.PositiveIntegerField(_("from cycle"), null=True, blank=True)
    cycle_until = models.PositiveIntegerField(_("until cycle (exclusive)"), null=True, blank=True)
    priority = models.IntegerField(_("priority"), db_default=0)
    from_at = models.DateTimeField(_("from"), null=True, blank=True)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_list_price = models.BooleanField(_("list price (teika)"), db_default=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="catalog_pricelist_code_once")]

    def __str__(self) -> str:
        return self.name


_PERIOD = models.Func("from_at", "until_at", RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField())


class Price(models.Model):
    """A unit price from a quantity on, as entered, tax-included or not as its list says.

    The rows are the evidence of what was charged when: one ends and another begins, none is changed or deleted. A row
    that ends when it begins never held.
    """

    price_list = models.ForeignKey(PriceList, verbose_name=_("price list"), on_delete=models.PROTECT, related_name="prices")
    variant = models.ForeignKey(Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="prices")
    min_quantity = models.PositiveIntegerField(_("from quantity"), db_default=1)
    amount = MoneyField(_("unit price"))
    from_at = models.DateTimeField(_("from"), null=True, blank=True)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="catalog_price_not_negative"),
            models.CheckConstraint(condition=models.Q(min_quantity__gte=1), name="catalog_price_quantity_positive"),
            models.CheckConstraint(
                condition=models.Q(from_at__isnull=True) | models.Q(until_at__isnull=True) | models.Q(until_at__gte=models.F("from_at")),
                name="catalog_price_period",
            ),
            ExclusionConstraint(
                name="catalog_price_one_at_a_time",
                # Always true, but unknown to the planner: it would else take this slow index to look up a variant's prices.
                condition=models.Q(amount__gte=0),
                expressions=[
                    (models.F("price_list"), RangeOperators.EQUAL),
                    (models.F("variant"), RangeOperators.EQUAL),
                    (models.F("min_quantity"), RangeOperators.EQUAL),
                    (_PERIOD, RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another price holds at some time of this period."),
            ),
        ]
        indexes = [models.Index(fields=["variant", "price_list"], name="catalog_price_variant")]

    def __str__(self) -> str:
        return f"{self.variant}: {self.amount}"
