"""Business days: weekly closed days, national holidays, and the days that differ."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EnumField, RecordedAtField
from core.models.organisation import CODE, Company
from core.words import gettext_noop


class DayKind(StrEnum):
    """How a single day differs from the rule of its calendar."""

    CLOSED = "closed"
    OPEN = "open"

    @classmethod
    def labels(cls) -> dict["DayKind", str]:
        return {cls.CLOSED: gettext_noop("Closed that day"), cls.OPEN: gettext_noop("Open after all")}


class BusinessCalendar(models.Model):
    """When an office, a warehouse or a carrier works. Without a company it serves the whole group."""

    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="calendars", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    closed_monday = models.BooleanField(_("closed on Mondays"), db_default=False, default=False)
    closed_tuesday = models.BooleanField(_("closed on Tuesdays"), db_default=False, default=False)
    closed_wednesday = models.BooleanField(_("closed on Wednesdays"), db_default=False, default=False)
    closed_thursday = models.BooleanField(_("closed on Thursdays"), db_default=False, default=False)
    closed_friday = models.BooleanField(_("closed on Fridays"), db_default=False, default=False)
    closed_saturday = models.BooleanField(_("closed on Saturdays"), db_default=True, default=True)
    closed_sunday = models.BooleanField(_("closed on Sundays"), db_default=True, default=True)
    closed_on_holidays = models.BooleanField(_("closed on national holidays"), db_default=True, default=True)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")
        ordering = ["company_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], nulls_distinct=False, name="core_businesscalendar_code"),
            models.CheckConstraint(
                condition=~Q(
                    closed_monday=True,
                    closed_tuesday=True,
                    closed_wednesday=True,
                    closed_thursday=True,
                    closed_friday=True,
                    closed_saturday=True,
                    closed_sunday=True,
                ),
                name="core_businesscalendar_some_day_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """A day that differs from its calendar's rule: closed for the year's end, or open on a holiday."""

    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, related_name="days", verbose_name=_("business calendar"))
    on = models.DateField(_("day"))
    kind = EnumField(DayKind, verbose_name=_("kind"))
    name = models.CharField(_("reason"), max_length=120, blank=True, db_default="", default="")

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["calendar_id", "on"]
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="core_calendarday_once")]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_kind_display()}"
