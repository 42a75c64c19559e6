"""Saved questions that answer with customers, as typed rows."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.rules import ConditionKind
from core.fields import EnumField, PublicIdField, RecordedAtField, down, text

_NAMED = {
    ConditionKind.PRODUCT: Q(product__isnull=False),
    ConditionKind.CATEGORY: Q(category__isnull=False),
    ConditionKind.SALES_CHANNEL: Q(sales_channel__isnull=False),
    ConditionKind.RANK: Q(rank__isnull=False),
    ConditionKind.TAG: Q(tag__isnull=False),
    ConditionKind.WRITTEN_TO: Q(campaign__isnull=False),
    ConditionKind.PREFECTURE: ~Q(prefecture=""),
}
_BOUNDED = [
    ConditionKind.RECENCY, ConditionKind.FIRST_PURCHASE, ConditionKind.DELIVERED, ConditionKind.FREQUENCY, ConditionKind.AMOUNT,
    ConditionKind.BIRTH_MONTH,
]  # fmt: skip


def _says_enough() -> Q:
    """Every kind carries what it asks about."""
    bounded = Q(at_least__isnull=False) | Q(at_most__isnull=False)
    enough = ~Q(kind__in=[kind.value for kind in (*_BOUNDED, *_NAMED)]) | (Q(kind__in=[kind.value for kind in _BOUNDED]) & bounded)
    for kind, named in _NAMED.items():
        enough |= Q(kind=kind.value) & named
    return enough


class Segment(models.Model):
    """A saved question that answers with customers of a company; answered anew whenever it is asked."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    name = models.CharField(_("name"), max_length=120)
    note = text(_("what it is for"), max_length=400)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        permissions = [("export_segment", _("Can export the customers of a segment"))]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="campaigns_segment_name_once")]

    def __str__(self) -> str:
        return self.name


class SegmentCondition(models.Model):
    """One condition of a segment. Of one kind any holds, of different kinds all hold, excluding ones never."""

    segment = models.ForeignKey(Segment, verbose_name=_("segment"), on_delete=models.PROTECT, related_name="conditions")
    kind = EnumField(ConditionKind, verbose_name=_("what is asked"))
    excluded = models.BooleanField(_("excluding"), db_default=False, default=False)
    at_least = models.BigIntegerField(_("at least"), null=True, blank=True, validators=[MinValueValidator(0)])
    at_most = models.BigIntegerField(_("at most"), null=True, blank=True, validators=[MinValueValidator(0)])
    within_days = models.PositiveIntegerField(
        _("within days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20_000)]
    )
    product = down("catalog.Product", _("product"), null=True, blank=True, db_index=False)
    category = down("catalog.Category", _("category"), null=True, blank=True, db_index=False)
    sales_channel = down("core.SalesChannel", _("sales channel"), null=True, blank=True, db_index=False)
    rank = down("customers.CustomerRank", _("rank"), null=True, blank=True, db_index=False)
    tag = down("customers.Tag", _("tag"), null=True, blank=True, db_index=False)
    campaign = models.ForeignKey(
        Campaign, verbose_name=_("campaign"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    prefecture = text(_("prefecture"), max_length=60, default="")

    class Meta:
        verbose_name = _("condition of a segment")
        verbose_name_plural = _("conditions")
        constraints = [
            models.CheckConstraint(condition=_says_enough(), name="campaigns_segmentcondition_says_enough"),
            models.CheckConstraint(
                condition=Q(at_least__isnull=True) | Q(at_most__isnull=True) | Q(at_most__gte=models.F("at_least")),
                name="campaigns_segmentcondition_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
