"""What the clock starts, in the house's own dress; and packages' lists that nobody may need to see, taken away.

Tokens and grants of partners and of social sign-ins are secrets or machinery: no list shows them.
"""

from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from oauth2_provider.models import get_access_token_model, get_grant_model, get_id_token_model, get_refresh_token_model

from core.admin_site import HouseAdmin

SECRETS = (SocialToken, SocialApp, get_access_token_model(), get_grant_model(), get_id_token_model(), get_refresh_token_model())
REPLACED = (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule)

for model in (*SECRETS, *REPLACED):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(HouseAdmin):
    """When the house's regular work runs. What work there is, the code says; staff change how often, or pause it."""

    list_display = ("name", "interval", "crontab", "enabled", "last_run_at", "total_run_count")
    list_select_related = ("interval", "crontab", "solar", "clocked")
    list_filter = ("enabled",)
    ordering = ("name",)
    search_fields = ("name", "task")
    fields = ("name", "task", ("interval", "crontab"), "enabled", "description", ("last_run_at", "total_run_count"))
    readonly_fields = ("name", "task", "last_run_at", "total_run_count")
    empty_words = _("The schedule appears here once beat has started.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(HouseAdmin):
    """Every so many seconds, minutes or days."""

    list_display = ("__str__", "every", "period")
    list_select_related = ()
    ordering = ("period", "every")
    fields = (("every", "period"),)


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(HouseAdmin):
    """At fixed times of day, week or month."""

    list_display = ("__str__", "minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone")
    list_select_related = ()
    ordering = ("hour", "minute")
    fields = (("minute", "hour"), ("day_of_week", "day_of_month", "month_of_year"), "timezone")
