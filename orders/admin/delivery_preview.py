"""A page to try deliveries on: what would an order to this address cost, and when would it come?"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from catalog.rules import TemperatureZone
from core import clock
from core.admin_site import company_of
from core.queries import ChannelContext, open_channels, postal_lookup
from core.text import postal_key
from orders.queries import DeliveryAsk, ServiceAnswer, delivery_answer, delivery_masters
from orders.rules import BANDS, FeeKind, FeeLine, band_words
from orders.rules.parcel_sizes import read_size

DAYS_SHOWN = 14


class AskForm(forms.Form):
    """An order in a few words."""

    channel = forms.ChoiceField(label=_("sales channel"))
    postal_code = forms.CharField(label=_("postal code"), max_length=9)
    size = forms.CharField(
        label=_("size"), max_length=12, initial="60", required=False, help_text=_("80, packet, or 60/4 for a quarter of 60.")
    )
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=9_999, initial=1)
    grams = forms.IntegerField(label=_("weight of one (g)"), min_value=0, max_value=10_000_000, required=False)
    temperature = forms.ChoiceField(label=_("temperature zone"))
    goods_total = forms.IntegerField(label=_("goods total"), min_value=0, initial=3_000)
    cash = forms.BooleanField(label=_("cash on delivery"), required=False)
    wished_on = forms.DateField(label=_("wished delivery date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    time_band = forms.ChoiceField(label=_("time band"), required=False)
    location = forms.ChoiceField(label=_("ships from"), required=False)

    def __init__(self, *args: Any, channels: Sequence[ChannelContext], locations: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("channel", [(str(ch.id), f"{ch.name} ({ch.company.name})") for ch in channels])
        self._choose("temperature", [(z.value, gettext(TemperatureZone.labels()[z])) for z in TemperatureZone])
        self._choose("time_band", [("", "—"), *((code, gettext(words)) for code, words in BANDS.items())])
        self._choose("location", [("", gettext("as drawn from first")), *locations])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean_postal_code(self) -> str:
        code = postal_key(self.cleaned_data["postal_code"])
        if not code:
            raise forms.ValidationError(_("A postal code has seven digits."))
        return code

    def clean_size(self) -> str:
        size: str = self.cleaned_data["size"]
        if size and read_size(size) is None:
            raise forms.ValidationError(_("Write 60, 80, 100 and so on, packet or compact; 60/4 where four fill one."))
        return size


def preview_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """The form, and for each service the fees line by line, the days and bands, or why it does not go."""
    if not counter.has_view_permission(request):
        raise PermissionDenied
    channels = open_channels(company_of(request))
    by_id, owners = {ch.id: ch for ch in channels}, sorted({ch.company.id for ch in channels})
    at = clock.now()
    today = clock.business_date(at, settings.TIME_ZONE)
    places_of = [origin for owner in owners for origin in delivery_masters(owner, on=today).origins.values()]
    locations = [(str(origin.location_id), origin.name) for origin in places_of]
    form = AskForm(request.GET if "postal_code" in request.GET else None, channels=channels, locations=locations)
    words: dict[str, Any] = {
        **counter.admin_site.each_context(request), "opts": counter.opts, "title": _("Try out a delivery"), "form": form,
        "back": reverse("admin:orders_deliveryservice_changelist"),
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        channel = by_id[int(said["channel"])]
        places = postal_lookup(said["postal_code"])
        ask = DeliveryAsk(
            channel_id=channel.id, prefecture=places[0].prefecture if places else "", postal_code=said["postal_code"], size=said["size"],
            quantity=said["quantity"], grams=said["grams"], temperature=said["temperature"], goods_total=said["goods_total"],
            method=str(PaymentMethod.CASH_ON_DELIVERY if said["cash"] else PaymentMethod.CARD), wished_on=said["wished_on"],
            time_band=said["time_band"], location_id=int(said["location"]) if said["location"] else None,
        )  # fmt: skip
        answer = delivery_answer(ask, company_id=channel.company.id, timezone=channel.company.timezone, at=at)
        words |= {
            "answer": answer, "services": [_shown(one) for one in answer.services], "place": places[0] if places else None,
            "currency": channel.company.currency,
        }  # fmt: skip
    return render(request, "orders/admin/delivery_preview.html", words)


def _shown(one: ServiceAnswer) -> dict[str, Any]:
    """What a service would do, in words."""

    def fee(line: FeeLine) -> dict[str, Any]:
        return {
            "label": line.label or gettext(FeeKind.labels()[line.kind]),
            "amount": line.amount,
            "why": line.explanation,
            "by": line.waived,
        }

    days = one.offer.days if one.offer else ()
    return {
        "one": one, "faults": [fault.text(gettext) for fault in one.faults], "fees": [fee(f) for f in one.fees],
        "waived": [fee(f) for f in one.waived], "count": len(days),
        "days": [(day.on, [gettext(band_words(band)) for band in day.bands]) for day in days[:DAYS_SHOWN]],
    }  # fmt: skip
