"""Forms of the shop: they read and label, the rules judge."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from core.errors import Refusal
from orders.operations import ServiceChoice
from orders.rules import TIME_BANDS, DeliveryOffer, band_words
from storefront.rules import CheckoutData

PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県",
    "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県",
    "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip


def text_field(label: Any, *, max_length: int, complete: str, **given: Any) -> forms.CharField:
    """A line of text that the browser may know how to fill in; whether it is needed is for the rules."""
    attrs = {"autocomplete": complete, **given.pop("attrs", {})}
    return forms.CharField(label=label, max_length=max_length, required=False, widget=forms.TextInput(attrs=attrs), **given)


def prefecture_field() -> forms.ChoiceField:
    """One of the 47, or none yet."""
    return forms.ChoiceField(label=_("Prefecture"), required=False, choices=[("", "—"), *((p, p) for p in PREFECTURES)])


def days_to_choose(offer: DeliveryOffer) -> list[tuple[str, Any]]:
    """The days on which it can come, the earliest first as "as soon as possible"."""
    written = str(_("D, j N"))
    first: Any = _("As soon as possible")
    if offer.earliest_on:
        first = _("As soon as possible (from %(day)s)") % {"day": date_format(offer.earliest_on, written)}
    return [("", first), *((one.on.isoformat(), date_format(one.on, written)) for one in offer.days)]


def bands_to_choose(offer: DeliveryOffer, day: date | None) -> list[tuple[str, Any]]:
    """The times of day of a day that is offered, else those of any."""
    can = offer.bands_on(day) if day in {one.on for one in offer.days} else offer.bands_on(None)
    return [("", _("Any time")), *((band, _t(band_words(band))) for band in can)]


class JudgedForm(forms.Form):
    """A form whose faults are found by rules and shown beside its fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            if self.is_bound and name in self.errors:
                self._mark(name)

    def show(self, faults: Any) -> None:
        """Put the rules' refusals beside their fields."""
        for fault in faults:
            assert isinstance(fault, Refusal)
            name = fault.field.strip("/")
            self.add_error(name if name in self.fields else None, fault.text(_t))
            if name in self.fields:
                self._mark(name)

    def _mark(self, name: str) -> None:
        self.fields[name].widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"{name}-error"})


class CheckoutForm(JudgedForm):
    """Who buys, where it goes, how it is paid."""

    family_name = text_field(_("Family name"), max_length=120, complete="family-name")
    given_name = text_field(_("Given name"), max_length=120, complete="given-name")
    family_kana = text_field(_("Family name (kana)"), max_length=120, complete="off")
    given_kana = text_field(_("Given name (kana)"), max_length=120, complete="off")
    email = text_field(_("E-mail"), max_length=254, complete="email", attrs={"inputmode": "email"})
    phone = text_field(_("Phone"), max_length=64, complete="tel", attrs={"inputmode": "tel"})
    postal_code = text_field(_("Postal code"), max_length=16, complete="postal-code", attrs={"inputmode": "numeric", "data-postal": "1"})
    prefecture = prefecture_field()
    city = text_field(_("City or ward"), max_length=120, complete="address-level2")
    street = text_field(_("Street and number"), max_length=200, complete="address-line1")
    building = text_field(_("Building and room"), max_length=200, complete="address-line2")
    payment_method = forms.ChoiceField(
        label=_("How would you like to pay?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (PaymentMethod.CARD, _("Card")),
            (PaymentMethod.CASH_ON_DELIVERY, _("Cash on delivery")),
            (PaymentMethod.BANK_TRANSFER, _("Bank transfer (in advance)")),
            (PaymentMethod.CASH_AT_STORE, _("At the store when you fetch it")),
        ],
    )
    wished_on = forms.DateField(label=_("Wished delivery date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    time_band = forms.ChoiceField(
        label=_("Time of day"),
        required=False,
        choices=[("", _("Any time")), *((band, band_words(band)) for band in TIME_BANDS if band)],
    )
    service = forms.CharField(label=_("Delivery service"), required=False, max_length=40, widget=forms.RadioSelect)
    remark = forms.CharField(label=_("Message to the shop"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    pickup_at = forms.CharField(required=False, max_length=18)

    def offer(self, methods: Collection[PaymentMethod]) -> None:
        """Only these ways to pay can be chosen."""
        shown: Any = self.fields["payment_method"]
        shown.choices = [choice for choice in shown.choices if choice[0] in methods]

    def offer_services(self, choices: Sequence[ServiceChoice]) -> None:
        """Only these delivery services can be chosen, each with what it costs and when it comes; none are shown where there is no choice."""
        shown: Any = self.fields["service"]
        shown.widget.choices = [
            (one.code, _("Left to the shop: %(name)s") % {"name": one.name} if not one.code else one.name) for one in choices
        ]
        shown.told = {one.code: one for one in choices}

    @property
    def services(self) -> list[tuple[Any, ServiceChoice]]:
        """The radio buttons of the services, each with its choice."""
        told = getattr(self.fields["service"], "told", {})
        return [(radio, told[radio.data["value"]]) for radio in self["service"]] if told else []

    def offer_days(self, offer: DeliveryOffer, day: date | None) -> None:
        """Only the days on which it can come can be chosen, and the times of day of the one that stands."""
        self.fields["wished_on"].widget = forms.Select(choices=days_to_choose(offer))
        bands: Any = self.fields["time_band"]
        bands.choices = bands_to_choose(offer, day)

    def said(self) -> CheckoutData:
        """What was typed; a field the form could not read is left empty. Which card it is, is found out elsewhere."""
        values = self.cleaned_data
        words: dict[str, Any] = {name: values.get(name) or "" for name in self.fields if name not in ("wished_on", "pickup_at")}
        store = values.get("pickup_at") or ""
        return CheckoutData(
            **words,
            wished_on=None if store else values.get("wished_on"),
            pickup_at_id=int(store) if store.isascii() and store.isdigit() else None,
        )


class LookUpForm(forms.Form):
    """Finds a guest's order by its number and a phone or mail that was given with it."""

    number = forms.CharField(label=_("Order number"), max_length=40)
    proof = forms.CharField(label=_("Phone or e-mail you gave with the order"), max_length=254)
