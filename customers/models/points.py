"""Points: by which programmes orders earn them, the lots they come in, and every change of a lot."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, RecordedAtField, down
from customers.models.relation import CustomerRank, of_customer
from customers.rules import PointKind, PointSource

MOST_BP = 10_000
_PERIOD = models.Func("from_at", "until_at", RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField())


class PointProgramme(models.Model):
    """What orders earn in points, from and until (exclusive), by the moment they were placed; a brand's own goes before its company's.

    ``rate_bp`` of the goods after discounts, a fraction of a point staying with the house. Once points were earned by it its terms stay
    (a trigger sees to that): another takes its place.
    """

    company = down("core.Company", _("company"), db_index=False)
    brand = down(
        "core.Brand", _("brand"), null=True, blank=True, db_index=False, help_text=_("Empty: every brand without a programme of its own.")
    )
    name = models.CharField(_("name"), max_length=80)
    rate_bp = models.PositiveIntegerField(_("points in basis points"), help_text=_("1 % is 100: one point for every 100 yen of goods."))
    with_tax = models.BooleanField(_("of the price with tax"), db_default=True, default=True)
    after_days = models.PositiveSmallIntegerField(
        _("days after the parcel left"), db_default=0, default=0, help_text=_("0: points come when the parcel leaves.")
    )
    expires_days = models.PositiveSmallIntegerField(
        _("good for days"), null=True, blank=True, help_text=_("Until the end of that day after they came. Empty: for good.")
    )
    from_at = models.DateTimeField(_("applies from"), help_text=_("Orders placed from then on."))
    until_at = models.DateTimeField(
        _("applies until"), null=True, blank=True, help_text=_("Exclusive: the first moment that is not covered.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("point programme")
        verbose_name_plural = _("point programmes")
        ordering = ["company", "-from_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate_bp__lte=MOST_BP), name="customers_pointprogramme_rate"),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("from_at")),
                name="customers_pointprogramme_period",
                violation_error_message=_("It ends before it begins."),
            ),
            ExclusionConstraint(
                name="customers_pointprogramme_one_at_a_time",
                expressions=[
                    (models.F("company"), RangeOperators.EQUAL),
                    (Coalesce("brand", 0), RangeOperators.EQUAL),
                    (_PERIOD, RangeOperators.OVERLAPS),
                ],
                condition=models.Q(ended_at__isnull=True),
                violation_error_message=_("Another programme holds at some time of this period. End that one first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PointRate(models.Model):
    """What customers of a rank earn by a programme instead of its own rate."""

    programme = models.ForeignKey(PointProgramme, verbose_name=_("point programme"), on_delete=models.PROTECT, related_name="rates")
    rank = models.ForeignKey(CustomerRank, verbose_name=_("rank"), on_delete=models.PROTECT, related_name="+")
    rate_bp = models.PositiveIntegerField(_("points in basis points"))

    class Meta:
        verbose_name = _("points of a rank")
        verbose_name_plural = _("points of ranks")
        constraints = [
            models.UniqueConstraint(fields=["programme", "rank"], name="customers_pointrate_once"),
            models.CheckConstraint(condition=models.Q(rate_bp__lte=MOST_BP), name="customers_pointrate_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.rank} {self.rate_bp / 100:g}%"

    def clean(self) -> None:
        programme = getattr(self, "programme", None)  # not saved yet where both are made on one page
        if self.rank_id and programme is not None and self.rank.company_id != programme.company_id:
            raise ValidationError({"rank": _("The rank belongs to another company.")})


class PointLot(models.Model):
    """Points granted together and expiring together; `remaining` equals the sum of the lot's entries.

    What an order earned names the programme and the rate it was earned by.
    """

    customer = of_customer("point_lots")
    brand = down("core.Brand", _("brand"), null=True, blank=True)
    source = EnumField(PointSource, verbose_name=_("source"), db_default=PointSource.FREE.value)
    granted = models.PositiveIntegerField(_("granted"))
    remaining = models.PositiveIntegerField(_("remaining"))
    granted_at = models.DateTimeField(_("granted at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    programme = models.ForeignKey(
        PointProgramme, verbose_name=_("point programme"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rate_bp = models.PositiveIntegerField(_("points in basis points"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("point lot")
        verbose_name_plural = _("point lots")
        constraints = [
            models.CheckConstraint(condition=models.Q(remaining__lte=models.F("granted")), name="customers_pointlot_remaining_within"),
            models.CheckConstraint(
                condition=models.Q(programme__isnull=True, rate_bp__isnull=True) | models.Q(programme__isnull=False, rate_bp__isnull=False),
                name="customers_pointlot_earned_by",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "expires_at", "id"], name="customers_pointlot_soonest"),
            models.Index(fields=["programme"], condition=models.Q(programme__isnull=False), name="customers_pointlot_programme"),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.granted}"


class PointEntry(Actored):
    """One change of a point lot; append-only, once per key."""

    lot = models.ForeignKey(PointLot, verbose_name=_("lot"), on_delete=models.PROTECT, related_name="entries")
    customer = of_customer()
    kind = EnumField(PointKind, verbose_name=_("kind"))
    points = models.IntegerField(_("points"))
    reference = models.CharField(_("reference"), max_length=80)
    once_key = models.CharField(_("once key"), max_length=120, unique=True)
    deed_key = models.CharField(_("deed key"), max_length=120, help_text=_("The same for all entries of one grant, spend or return."))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("point entry")
        verbose_name_plural = _("point entries")
        indexes = [
            models.Index(fields=["customer", "-id"], name="customers_pointentry_newest"),
            models.Index(fields=["deed_key"], name="customers_pointentry_deed"),
            models.Index(fields=["reference"], condition=~models.Q(reference=""), name="customers_pointentry_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.points}"
