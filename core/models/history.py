"""A company whose past is being lived through: how far the simulation has come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import RecordedAtField


class HistoryRun(models.Model):
    """One simulation of one company, day by day; its row is what a broken run goes on from."""

    company = models.OneToOneField("core.Company", models.PROTECT, related_name="+", verbose_name=_("company"))
    seed = models.BigIntegerField(_("seed"))
    orders_per_day = models.PositiveIntegerField(_("orders per day"))
    since_on = models.DateField(_("first day"))
    until_on = models.DateField(_("last day"))
    lived_on = models.DateField(_("lived until"), null=True, blank=True)
    broken_days = models.PositiveIntegerField(_("days broken off and taken up again"), db_default=0)
    began_at = RecordedAtField(verbose_name=_("begun at"))
    told_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("simulated history")
        verbose_name_plural = _("simulated histories")
        constraints = [models.CheckConstraint(condition=Q(until_on__gte=models.F("since_on")), name="core_historyrun_days")]

    def __str__(self) -> str:
        return f"{self.since_on} – {self.until_on}"
