"""The counter of the organisation: companies, sites, channels, tax, calendars, postal codes."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import HouseAdmin, HouseInline, LedgerAdmin
from core.models import (
    Brand,
    BusinessCalendar,
    CalendarDay,
    Company,
    LegalText,
    NumberSeries,
    PostalCode,
    Restart,
    SalesChannel,
    Site,
    TaxClass,
    TaxRate,
)
from core.queries import forget_kept
from core.text import postal_key


class MasterAdmin(HouseAdmin):
    """A list of masters: what is changed here is seen by this process at once, by the others within five seconds."""

    after_saving = staticmethod(forget_kept)


class BrandInline(HouseInline):
    model = Brand
    fields = ("code", "name", "ended_at")


class SiteInline(HouseInline):
    model = Site
    fields = ("code", "name", "domain", "brand", "language", "theme")


class ChannelInline(HouseInline):
    model = SalesChannel
    fields = ("code", "name", "kind", "site", "brand", "earns_points", "ended_at")


@admin.register(Company)
class CompanyAdmin(MasterAdmin):
    list_display = ("name", "code", "registration_number", "currency", "tax_basis", "ended_at")
    list_select_related = ()
    search_fields = ("name", "legal_name", "code")
    inlines = (BrandInline, SiteInline, ChannelInline)
    fieldsets = (
        (None, {"fields": (("name", "code"), ("legal_name", "representative"), "registration_number")}),
        (_("Money and tax"), {"fields": (("currency", "country"), ("tax_basis", "tax_rounding"))}),
        (_("Language and time"), {"fields": (("language", "timezone"),)}),
        (_("Where the company is reached"), {"fields": (("postal_code", "prefecture"), "address", ("phone", "email"))}),
        (_("End of business"), {"fields": ("ended_at",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[Any, ...]:
        """A company's currency and code stand on its documents: they are chosen once."""
        fixed = ("code", "currency") if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


@admin.register(LegalText)
class LegalTextAdmin(MasterAdmin):
    list_display = ("title", "kind", "company", "language", "valid_from_on")
    list_select_related = ("company",)
    list_filter = ("kind", "language", "company")
    search_fields = ("title",)
    empty_words = _("Add the texts a shop must show: disclosure, terms, privacy, returns.")


@admin.register(Brand)
class BrandAdmin(MasterAdmin):
    list_display = ("name", "code", "company", "ended_at")
    list_select_related = ("company",)
    search_fields = ("name", "code")


@admin.register(Site)
class SiteAdmin(MasterAdmin):
    list_display = ("name", "domain", "company", "brand", "language", "theme")
    list_select_related = ("company", "brand")
    search_fields = ("name", "domain", "code")


@admin.register(SalesChannel)
class SalesChannelAdmin(MasterAdmin):
    list_display = ("name", "code", "kind", "company", "site", "ended_at")
    list_select_related = ("company", "site")
    list_filter = ("kind", "company")
    search_fields = ("name", "code")


@admin.register(NumberSeries)
class NumberSeriesAdmin(MasterAdmin):
    list_display = ("kind", "company", "channel", "prefix", "digits", "restarts")
    list_select_related = ("company", "channel")
    list_filter = ("company",)
    empty_words = _("A series opens by itself with the first document of its kind.")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[Any, ...]:
        """What is being counted can't change; how it is written can."""
        fixed: tuple[str, ...] = ("company", "kind", "channel", "start") if obj is not None else ()
        fixed += ("restarts",) if isinstance(obj, NumberSeries) and obj.restarts != Restart.NEVER else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


class TaxRateInline(HouseInline):
    model = TaxRate
    fields = ("country", "rate_bp", "valid_from_on", "valid_until_on")


@admin.register(TaxClass)
class TaxClassAdmin(MasterAdmin):
    list_display = ("name", "code", "mark", "position")
    list_select_related = ()
    inlines = (TaxRateInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[Any, ...]:
        return (*super().get_readonly_fields(request, obj), *(("code",) if obj is not None else ()))


@admin.register(TaxRate)
class TaxRateAdmin(MasterAdmin):
    list_display = ("tax_class", "shown_rate", "country", "valid_from_on", "valid_until_on")
    list_select_related = ("tax_class",)
    list_filter = ("country", "tax_class")

    @display(description=_("tax rate"), ordering="rate_bp")
    def shown_rate(self, row: TaxRate) -> str:
        return f"{row.rate_bp / 100:g}%"


class CalendarDayInline(HouseInline):
    model = CalendarDay
    fields = ("on", "kind", "name")
    per_page = 60

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A day entered by mistake may go: the calendar's rule then holds again."""
        return self.has_change_permission(request, obj)


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(MasterAdmin):
    list_display = ("name", "code", "company", "closed_weekdays", "closed_on_holidays")
    list_select_related = ("company",)
    inlines = (CalendarDayInline,)
    fieldsets = (
        (None, {"fields": (("name", "code"), "company")}),
        (
            _("Closed every week"),
            {
                "fields": (
                    ("closed_monday", "closed_tuesday", "closed_wednesday", "closed_thursday"),
                    ("closed_friday", "closed_saturday", "closed_sunday", "closed_on_holidays"),
                )
            },
        ),
    )
    empty_words = _("Without a calendar, Monday to Friday are business days, national holidays are not.")

    @display(description=_("closed every week"))
    def closed_weekdays(self, row: BusinessCalendar) -> str:
        days = {
            "monday": _("Mon"),
            "tuesday": _("Tue"),
            "wednesday": _("Wed"),
            "thursday": _("Thu"),
            "friday": _("Fri"),
            "saturday": _("Sat"),
            "sunday": _("Sun"),
        }
        return " ".join(str(words) for name, words in days.items() if getattr(row, f"closed_{name}")) or "-"


@admin.register(PostalCode)
class PostalCodeAdmin(LedgerAdmin):
    list_display = ("shown_code", "prefecture", "city", "town", "office_name", "is_office", "withdrawn_on")
    list_select_related = ()
    search_fields = ("code__startswith",)
    search_help_text = _("Postal code, from the left: 106, 106-0032")
    ordering = ("code", "id")
    empty_words = _("Load the published list: python manage.py seed_postal_codes")

    @display(description=_("postal code"), ordering="code")
    def shown_code(self, row: PostalCode) -> str:
        return f"〒{row.code[:3]}-{row.code[3:]}"

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        key = postal_key(search_term) or "".join(c for c in search_term if c.isascii() and c.isdigit())
        return super().get_search_results(request, queryset, key or search_term)
