"""How the company delivers: services, zones, fees, lead times and days left out, and a page to try them on."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.decorators import action, display

from catalog.rules import TemperatureZone
from core.admin_site import HouseAdmin, HouseInline, money_column
from orders.admin.delivery_preview import preview_page
from orders.models import (
    DeliveryArea,
    DeliveryClosure,
    DeliveryLeadTime,
    DeliveryService,
    DeliveryServiceArea,
    DeliveryZone,
    FeeRule,
    FreeDelivery,
)
from orders.queries import label_carriers
from orders.rules import BANDS, CARRIERS, LABEL_KINDS

Form = forms.ModelForm  # type: ignore[type-arg]


class CompanyForm(Form):
    """What a row of a company points at is that company's too, whoever writes it."""

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        owner = said.get("company") or (self.instance.company if self.instance.company_id else None)
        for name, value in list(said.items()):
            if name != "company" and owner is not None and getattr(value, "company_id", owner.pk) not in (owner.pk, None):
                self.add_error(name, gettext("This one belongs to another company."))
        return said


class ServiceForm(CompanyForm):
    """A service in the words of its carrier."""

    carrier = forms.ChoiceField(label=_("carrier"), widget=widgets.UnfoldAdminSelectWidget)
    bands = forms.MultipleChoiceField(
        label=_("time bands"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("What buyers may choose from. None: no time of day can be wished."),
    )  # fmt: skip
    label_kind = forms.ChoiceField(
        label=_("kind of label"), required=False, widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("What it is called on the carrier’s labels, where it is not the usual one."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, f"{gettext(CARRIERS[carrier])}: {name}") for carrier, own in LABEL_KINDS.items() for code, name in own.items()]
        carriers = [(code, gettext(CARRIERS[code])) for code in label_carriers()]
        self._choose("carrier", carriers)
        self._choose("bands", [(code, gettext(words)) for code, words in BANDS.items()])
        self._choose("label_kind", [("", gettext("the usual one")), *kinds])
        if self.instance.pk:
            self.initial["bands"] = self.instance.bands.split(",") if self.instance.bands else []

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            field: Any = self.fields[name]
            field.choices = choices

    def clean_bands(self) -> str:
        return ",".join(band for band in BANDS if band in self.cleaned_data["bands"])

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        kind = said.get("label_kind")
        if kind and kind not in LABEL_KINDS.get(said.get("carrier", ""), {}):
            self.add_error("label_kind", gettext("This carrier has no such label."))
        return said


class _AreaInline(HouseInline):
    """Rows that may go again: a place entered by mistake."""

    verbose_name_plural = _("areas")
    show_change_link = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class ServiceAreaInline(_AreaInline):
    model = DeliveryServiceArea
    fields = ("is_served", "prefecture", "postal_prefix")


class AreaInline(_AreaInline):
    model = DeliveryArea
    fields = ("prefecture", "postal_prefix")


@admin.register(DeliveryService)
class DeliveryServiceAdmin(HouseAdmin):
    """The services of carriers; of those that can do what a buyer wishes the first in this order takes the parcel."""

    company_path = "company"
    list_select_related = ("company",)
    form = ServiceForm
    list_display = ("position", "name", "carrier_name", "takes", "most_size", "bands_told", "takes_cash", "company", "ended_at")
    list_display_links = ("name",)
    list_filter = ("carrier", "company")
    search_fields = ("name", "code")
    search_help_text = _("Name or code")
    ordering = ("company", "position", "pk")
    editable_fields = ("most_size", "most_cash")
    fieldsets = (
        (None, {"fields": (("company", "position"), ("carrier", "label_kind"), ("code", "name"), "ended_at")}),
        (
            _("What it takes"),
            {
                "fields": (
                    ("takes_ambient", "takes_chilled", "takes_frozen"), ("most_size", "most_grams", "most_pieces"), ("takes_cash", "most_cash"),
                )
            },
        ),
        (_("When it comes"), {"fields": ("takes_day", "bands", ("latest_days", "early_days"))}),
    )  # fmt: skip
    inlines = (ServiceAreaInline,)
    actions_list = ("open_preview",)
    empty_words = _("No service yet: fees alone are asked, and no days are promised. Bring in the usual ones: manage.py seed_delivery.")

    @display(description=_("carrier"), ordering="carrier")
    def carrier_name(self, row: DeliveryService) -> str:
        return gettext(CARRIERS[row.carrier]) if row.carrier in CARRIERS else row.carrier

    @display(description=_("takes"))
    def takes(self, row: DeliveryService) -> str:
        told = ((row.takes_ambient, _("Ambient")), (row.takes_chilled, _("Chilled")), (row.takes_frozen, _("Frozen")))
        return gettext(", ").join(str(words) for yes, words in told if yes)

    @display(description=_("time bands"))
    def bands_told(self, row: DeliveryService) -> str:
        return gettext(", ").join(gettext(BANDS.get(band, band)) for band in row.bands.split(",") if band) or "–"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", page, name="orders_deliveryservice_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What an order would cost and when it would come."""
        return preview_page(request, counter=self)

    @action(description=_("Try out a delivery"), url_path="open-preview", icon="science")  # type: ignore[untyped-decorator]
    def open_preview(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads to the page to try things on."""
        return HttpResponseRedirect(reverse("admin:orders_deliveryservice_preview"))


@admin.register(DeliveryZone)
class DeliveryZoneAdmin(HouseAdmin):
    """Regions with one price and lead time, and islands within them."""

    form = CompanyForm
    company_path = "company"
    list_select_related = ("company",)
    list_display = ("name", "code", "is_remote", "areas_told", "company")
    list_filter = ("is_remote", "company")
    search_fields = ("name", "code", "areas__prefecture")
    search_help_text = _("Name, code or prefecture")
    ordering = ("company", "position", "pk")
    fields = (("company", "position"), ("code", "name"), "is_remote")
    inlines = (AreaInline,)
    empty_words = _("No zone yet. Fees may name prefectures without one; lead times by region need them.")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("areas")

    @display(description=_("areas"))
    def areas_told(self, row: DeliveryZone) -> str:
        names = [str(area) for area in row.areas.all()]
        return gettext(", ").join(names[:8]) + (f" … ({len(names)})" if len(names) > 8 else "")


@admin.register(FeeRule)
class FeeRuleAdmin(HouseAdmin):
    """What postage, surcharges and payment charges cost. Of each kind the most particular rule speaks; kinds add up."""

    form = CompanyForm
    company_path = "company"
    list_display = ("label", "kind", "amount", "applies", "valid_from_on", "valid_until_on", "company", "ended_at")
    list_select_related = ("channel", "company", "service", "zone")
    list_filter = ("kind", ("zone", admin.RelatedOnlyFieldListFilter), ("service", admin.RelatedOnlyFieldListFilter), "company")
    search_fields = ("label", "prefecture")
    search_help_text = _("Label or prefecture")
    editable_fields = ("amount", "from_goods_total")
    ordering = ("company", "kind", "zone", "service", "up_to_size", "prefecture", "from_goods_total", "pk")
    fieldsets = (
        (None, {"fields": (("company", "kind"), "label", ("amount", "tax_class"), ("valid_from_on", "valid_until_on"), "ended_at")}),
        (
            _("Where it applies; empty means everywhere"),
            {"fields": (("zone", "prefecture"), ("service", "up_to_size", "temperature"), ("channel", "method"), "from_goods_total")},
        ),
    )

    @display(description=_("where it applies"))
    def applies(self, row: FeeRule) -> str:
        told = (row.service, row.zone, row.prefecture, row.channel)
        words = [str(one) for one in told if one]
        words += [gettext(TemperatureZone.labels()[TemperatureZone(row.temperature)])] if row.temperature else []
        words += [f"≤ {row.up_to_size}"] if row.up_to_size else []
        words += [f"{row.from_goods_total:,d}+"] if row.from_goods_total else []
        return " · ".join(words) or gettext("everywhere")


@admin.register(FreeDelivery)
class FreeDeliveryAdmin(HouseAdmin):
    """From which total delivery is free; the most particular condition speaks alone."""

    form = CompanyForm
    company_path = "company"
    list_display = ("label", "channel", "zone", "shown_total", "with_surcharges", "valid_from_on", "valid_until_on", "company", "ended_at")
    list_select_related = ("company", "channel", "zone")
    list_filter = (("zone", admin.RelatedOnlyFieldListFilter), "company")
    search_fields = ("label",)
    search_help_text = _("What buyers read")
    ordering = ("company", "zone", "channel", "pk")
    editable_fields = ("from_goods_total",)
    fields = (
        "company", "label", ("channel", "zone"), "from_goods_total", "with_surcharges", ("valid_from_on", "valid_until_on"), "ended_at",
    )  # fmt: skip
    empty_words = _("Delivery is never free yet, but where a fee rule says 0.")
    shown_total = money_column("from_goods_total", description=_("from goods total"), currency="company.currency")


class LeadTimeForm(CompanyForm):
    """A band from the list."""

    first_band = forms.ChoiceField(
        label=_("first time band"), required=False, widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("On the first possible day only this time of day and later ones. Empty: all of them."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "first_band" in self.fields:
            field: Any = self.fields["first_band"]
            field.choices = [("", "—"), *((code, gettext(words)) for code, words in BANDS.items())]


class _Correctable(HouseAdmin):
    """Rows without a past: what was entered by mistake may go."""

    company_path = "company"
    list_select_related = ("company", "zone", "service", "location")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(DeliveryLeadTime)
class DeliveryLeadTimeAdmin(_Correctable):
    """How long the way is. What names more goes first: the zone, then the location, its prefecture, the service."""

    form = LeadTimeForm
    list_display = ("way", "service", "days", "first_band_told", "company")
    list_filter = (("zone", admin.RelatedOnlyFieldListFilter), "company")
    search_fields = ("zone__name", "location__name", "origin_prefecture")
    search_help_text = _("Zone, location or prefecture of origin")
    ordering = ("company", "zone", "location", "origin_prefecture", "pk")
    fields = ("company", ("location", "origin_prefecture"), ("zone", "service"), ("days", "first_band"))
    empty_words = _("No lead time yet: no day is promised. One without any condition holds for every way.")

    @display(description=_("way"), ordering="zone")
    def way(self, row: DeliveryLeadTime) -> str:
        return f"{row.location or row.origin_prefecture or _('everywhere')} → {row.zone or _('everywhere')}"

    @display(description=_("first time band"))
    def first_band_told(self, row: DeliveryLeadTime) -> str:
        return gettext(BANDS[row.first_band]) if row.first_band in BANDS else "–"


@admin.register(DeliveryClosure)
class DeliveryClosureAdmin(_Correctable):
    """Days left out: the end of the year, a typhoon, stocktaking."""

    form = CompanyForm
    list_display = ("reason_told", "kind", "from_on", "until_on", "service", "zone", "location", "company")
    list_filter = ("kind", "company")
    search_fields = ("reason",)
    search_help_text = _("Reason")
    ordering = ("-from_on", "pk")
    fields = ("company", "kind", ("from_on", "until_on"), "reason", ("service", "zone", "location"))
    empty_words = _("No days are left out. Closed days of a location stand in its calendar.")

    @display(description=_("reason"), ordering="reason")
    def reason_told(self, row: DeliveryClosure) -> str:
        return row.reason or "–"
