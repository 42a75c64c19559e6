"""What courses there are, under which rules, and of which articles."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField, down, text
from subscriptions.rules import PlanKind

INTERVALS = r"^[1-9][0-9]{0,2}[dwm](:[a-z0-9-]+)?(,[1-9][0-9]{0,2}[dwm](:[a-z0-9-]+)?)*$"


class Plan(models.Model):
    """A course: how often, by which rules it may be changed and left. Prices come from the catalogue's lists, by delivery."""

    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    name_en = text(_("name (English)"), max_length=120)
    kind = EnumField(PlanKind, verbose_name=_("kind"), db_default=PlanKind.REPLENISHMENT)
    intervals = models.CharField(
        _("intervals offered"), max_length=200, help_text=_("Such as 1m,2m,30d,2w,1m:25,1m:end,1m:2tue; the first is shown first.")
    )
    default_interval = models.CharField(_("usual interval"), max_length=20)
    lead_days = models.PositiveSmallIntegerField(
        _("order made so many days before delivery"), db_default=3, help_text=_("Earlier where that day is closed in the calendar.")
    )
    calendar = down("core.BusinessCalendar", _("business calendar"), null=True, blank=True)
    change_deadline_days = models.PositiveSmallIntegerField(_("changes until so many days before delivery"), db_default=5)
    notice_days = models.PositiveSmallIntegerField(
        _("reminder so many days before delivery"), db_default=8, help_text=_("0: no reminder is sent.")
    )
    minimum_cycles = models.PositiveSmallIntegerField(_("deliveries before cancelling"), db_default=0)
    maximum_cycles = models.PositiveSmallIntegerField(_("deliveries in all"), null=True, blank=True, help_text=_("Empty: until cancelled."))
    skip_allowed = models.BooleanField(_("deliveries may be skipped"), db_default=True, default=True)
    skip_limit = models.PositiveSmallIntegerField(_("skips in a row at most"), db_default=0, help_text=_("0: no limit."))
    pause_allowed = models.BooleanField(_("may be paused"), db_default=True, default=True)
    payment_methods = text(_("payment methods"), max_length=200, help_text=_("Such as card,cash_on_delivery; empty: all the shop offers."))
    retry_days = models.CharField(
        _("failed deliveries are tried again after (days)"), max_length=60, blank=True, db_default="1,3,7", default="1,3,7"
    )
    note = text(_("more about the rules"), max_length=500)
    note_en = text(_("more about the rules (English)"), max_length=500)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("subscription course")
        verbose_name_plural = _("subscription courses")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="subscriptions_plan_code"),
            models.CheckConstraint(condition=Q(intervals__regex=INTERVALS), name="subscriptions_plan_intervals"),
            models.CheckConstraint(condition=Q(retry_days__regex=r"^([0-9]{1,3}(,[0-9]{1,3})*)?$"), name="subscriptions_plan_retry_days"),
            models.CheckConstraint(condition=Q(change_deadline_days__gte=F("lead_days")), name="subscriptions_plan_deadline_before_order"),
            models.CheckConstraint(
                condition=Q(notice_days=0) | Q(notice_days__gte=F("change_deadline_days")), name="subscriptions_plan_notice_in_time"
            ),
            models.CheckConstraint(
                condition=Q(maximum_cycles__isnull=True) | Q(maximum_cycles__gte=1) & Q(maximum_cycles__gte=F("minimum_cycles")),
                name="subscriptions_plan_maximum",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanVariant(models.Model):
    """An article that can be had by a course."""

    plan = models.ForeignKey(Plan, verbose_name=_("course"), on_delete=models.CASCADE, related_name="variants", db_index=False)
    variant = down("catalog.Variant", _("variant"))
    position = models.PositiveSmallIntegerField(_("position"), db_default=0)

    class Meta:
        verbose_name = _("article of the course")
        verbose_name_plural = _("articles of the course")
        constraints = [models.UniqueConstraint(fields=["plan", "variant"], name="subscriptions_planvariant_once")]

    def __str__(self) -> str:
        return f"{self.variant}"
