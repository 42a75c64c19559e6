"""Tax classes and their dated rates: what parliament decides is entered here, not coded."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import DateRange, RecordedAtField


class TaxClass(models.Model):
    """What kind of tax a thing bears: standard, reduced, zero, exempt, out of scope. Never just a percentage."""

    code = models.CharField(_("code"), max_length=32, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    mark = models.CharField(
        _("mark on documents"),
        max_length=4,
        blank=True,
        db_default="",
        default="",
        help_text=_("Printed beside lines, such as ※ for the reduced rate."),
    )
    position = models.PositiveSmallIntegerField(_("position"), db_default=0, default=0)

    class Meta:
        verbose_name = _("tax class")
        verbose_name_plural = _("tax classes")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class TaxRate(models.Model):
    """The rate of a class in a country from a day until (not including) another; never two on one day."""

    country = models.CharField(_("country"), max_length=2, db_default="JP", default="JP")
    tax_class = models.ForeignKey(TaxClass, models.PROTECT, related_name="rates", verbose_name=_("tax class"))
    rate_bp = models.PositiveIntegerField(_("rate in basis points"), help_text=_("10 % is 1,000."))
    valid_from_on = models.DateField(_("valid from"))
    valid_until_on = models.DateField(_("valid until (exclusive)"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["country", "tax_class_id", "-valid_from_on"]
        constraints = [
            models.CheckConstraint(condition=Q(rate_bp__lte=10_000), name="core_taxrate_rate"),
            models.CheckConstraint(
                condition=Q(valid_until_on__isnull=True) | Q(valid_until_on__gt=F("valid_from_on")), name="core_taxrate_days"
            ),
            ExclusionConstraint(
                name="core_taxrate_one_per_day",
                expressions=[
                    (F("country"), RangeOperators.EQUAL),
                    (F("tax_class"), RangeOperators.EQUAL),
                    (DateRange("valid_from_on", "valid_until_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another rate of this class is valid on some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.rate_bp / 100:g}%"
