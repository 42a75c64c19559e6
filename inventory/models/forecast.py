"""What will be wanted: forecasts of shelves, and how careful a company is when it orders."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, down
from inventory.models.goods import Location, StockItem
from inventory.models.stock import Stock
from inventory.rules.forecasting import Method
from inventory.rules.replenishing import REVIEW_DAYS, SERVICE_LEVEL_BP


class Forecast(models.Model):
    """What is expected to leave a shelf on each day from ``first_on``, in thousandths of a piece; made anew every night.

    ``means`` hold what is ``planned`` (deliveries agreed beforehand) and what is forecast beside it. The errors are those of
    the last four weeks, held back: of the method, and of "as last week".
    """

    stock = models.OneToOneField(Stock, verbose_name=_("stock"), on_delete=models.PROTECT, related_name="+", primary_key=True)
    stock_item = models.ForeignKey(StockItem, verbose_name=_("stock item"), on_delete=models.PROTECT, related_name="+", db_constraint=False)
    location = models.ForeignKey(
        Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    method = EnumField(Method, verbose_name=_("method"))
    first_on = models.DateField(_("forecast from"))
    history_days = models.PositiveIntegerField(_("days of history"))
    means = ArrayField(models.BigIntegerField())
    lows = ArrayField(models.BigIntegerField())
    highs = ArrayField(models.BigIntegerField())
    planned = ArrayField(models.BigIntegerField())
    month_quantity = models.IntegerField(_("expected in 28 days"))
    deviation = models.BigIntegerField(_("deviation of a day"))
    error_bp = models.IntegerField(_("error"), null=True, blank=True)
    naive_error_bp = models.IntegerField(_("error of “as last week”"), null=True, blank=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("demand forecast")
        verbose_name_plural = _("demand forecasts")
        indexes = [models.Index(fields=["-month_quantity", "stock"], name="inventory_forecast_most")]

    def __str__(self) -> str:
        return f"{self.stock_item} @ {self.location}"


class ReplenishmentPolicy(models.Model):
    """How a company orders: how often, and with what chance of not running out meanwhile."""

    company = down("core.Company", _("company"), db_index=False)  # the constraint below is its index
    service_level_bp = models.PositiveIntegerField(
        _("service level (1/100 %)"),
        db_default=SERVICE_LEVEL_BP,
        default=SERVICE_LEVEL_BP,
        validators=[MinValueValidator(5_000), MaxValueValidator(9_999)],
        help_text=_("9500 means: in 95 of 100 cycles nothing runs out."),
    )
    review_days = models.PositiveSmallIntegerField(
        _("days between orders"), db_default=REVIEW_DAYS, default=REVIEW_DAYS, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )

    class Meta:
        verbose_name = _("replenishment policy")
        verbose_name_plural = _("replenishment policies")
        constraints = [
            models.UniqueConstraint(fields=["company"], name="inventory_replenishmentpolicy_once"),
            models.CheckConstraint(
                condition=Q(service_level_bp__gte=5_000, service_level_bp__lte=9_999, review_days__gte=1, review_days__lte=90),
                name="inventory_replenishmentpolicy_sane",
            ),
        ]

    def __str__(self) -> str:
        return str(self.company)
