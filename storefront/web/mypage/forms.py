"""Forms of My Page: they read and label, the rules judge."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from customers.rules import PlaceOfDelivery
from storefront.web.forms import JudgedForm, prefecture_field, text_field

PLACE_FIELDS = (
    "family_name", "given_name", "family_kana", "given_kana", "postal_code", "prefecture", "city", "street", "building", "phone",
)  # fmt: skip
NEEDED = ("family_name", "given_name", "postal_code", "prefecture", "city", "street", "phone")


class AddressForm(JudgedForm):
    """A place to send to."""

    label = text_field(_("Name of this address"), max_length=60, complete="off", attrs={"placeholder": _("Home, parents, office…")})
    family_name = text_field(_("Family name"), max_length=120, complete="family-name")
    given_name = text_field(_("Given name"), max_length=120, complete="given-name")
    family_kana = text_field(_("Family name (kana)"), max_length=120, complete="off")
    given_kana = text_field(_("Given name (kana)"), max_length=120, complete="off")
    postal_code = text_field(_("Postal code"), max_length=16, complete="postal-code", attrs={"inputmode": "numeric", "data-postal": "1"})
    prefecture = prefecture_field()
    city = text_field(_("City or ward"), max_length=120, complete="address-level2")
    street = text_field(_("Street and number"), max_length=200, complete="address-line1")
    building = text_field(_("Building and room"), max_length=200, complete="address-line2")
    phone = text_field(_("Phone"), max_length=64, complete="tel", attrs={"inputmode": "tel"})
    is_default = forms.BooleanField(label=_("Use this address by default"), required=False)

    def clean(self) -> dict[str, Any]:
        """A parcel needs all of these to arrive."""
        values: dict[str, Any] = super().clean() or {}
        for name in NEEDED:
            if name not in self.errors and not str(values.get(name) or "").strip("　 "):
                self.add_error(name, _t("Please fill this in."))
        return values

    def place(self) -> PlaceOfDelivery:
        """The place as typed."""
        return PlaceOfDelivery(**{name: self.cleaned_data.get(name) or "" for name in PLACE_FIELDS})

    def show_one(self, fault: Refusal) -> None:
        """Put the rules' refusal beside its field."""
        self.show([fault.at("/" + fault.field.rpartition("/")[2])])


class ProfileForm(JudgedForm):
    """Who the shopper is."""

    family_name = text_field(_("Family name"), max_length=120, complete="family-name")
    given_name = text_field(_("Given name"), max_length=120, complete="given-name")
    family_kana = text_field(_("Family name (kana)"), max_length=120, complete="off")
    given_kana = text_field(_("Given name (kana)"), max_length=120, complete="off")
    birth_on = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d")
    )


class ContactPointForm(JudgedForm):
    """One more way to reach the shopper."""

    value = text_field(_("Phone or e-mail"), max_length=254, complete="off")
