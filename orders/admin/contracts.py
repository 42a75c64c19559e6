"""How the company sends with each carrier: written down here, tried out before it is kept."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.decorators import display

from core.admin_site import HouseAdmin
from orders.models import CarrierContract
from orders.queries import label_carriers, label_layouts
from orders.rules import CARRIERS, LabelParty, LabelTerms, contract_faults


class ContractForm(forms.ModelForm):  # type: ignore[type-arg]
    """A contract whose labels could be printed."""

    carrier = forms.ChoiceField(label=_("carrier"), widget=widgets.UnfoldAdminSelectWidget)
    layout = forms.ChoiceField(
        label=_("file"), widget=widgets.UnfoldAdminSelectWidget, help_text=_("The file that the carrier’s program on your machine reads.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("carrier", [(code, gettext(CARRIERS[code])) for code in label_carriers()])
        self._choose("layout", [(code, gettext(layout.kind.label)) for code, layout in label_layouts().items()])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            field: Any = self.fields[name]
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """What would keep every label from being printed is said before it is kept."""
        said: dict[str, Any] = super().clean() or {}
        layout = label_layouts().get(said.get("layout", ""))
        if layout is None or self.errors:
            return said
        if layout.carrier != said["carrier"]:
            self.add_error("layout", gettext("This file is another carrier’s."))
            return said
        terms = LabelTerms(
            **{name: said[name] for name in ("customer_code", "classification", "freight_code", "goods", "handling_1", "handling_2", "packing")},
            phone=said["sender_phone"],
        )  # fmt: skip
        sender = LabelParty(
            name=said["sender_name"], phone=said["sender_phone"], postal_code=said["sender_postal_code"], address=said["sender_address"],
            building=said["sender_building"],
        )  # fmt: skip
        for fault in contract_faults(layout, terms, sender):
            self.add_error(None, fault.text(gettext))
        return said


@admin.register(CarrierContract)
class CarrierContractAdmin(HouseAdmin):
    """Contracts with carriers, one of a location before one of the company."""

    company_path = "company"
    form = ContractForm
    list_display = ("carrier_name", "company", "location", "layout_name", "customer_code", "sender_name", "ended_at")
    list_select_related = ("company", "location")
    list_filter = ("carrier", "company")
    ordering = ("company", "carrier", "pk")
    empty_words = _("No carrier is known yet. Write the first contract down: labels need its customer code and the sender.")
    fields = (
        ("company", "location"), ("carrier", "layout"), ("customer_code", "classification"), ("freight_code", "packing"),
        ("sender_name", "sender_phone"), "sender_postal_code", ("sender_address", "sender_building"), "goods", ("handling_1", "handling_2"),
        "ended_at",
    )  # fmt: skip

    @display(description=_("carrier"), ordering="carrier")
    def carrier_name(self, row: CarrierContract) -> Any:
        return _(CARRIERS[row.carrier]) if row.carrier in CARRIERS else row.carrier

    @display(description=_("file"))
    def layout_name(self, row: CarrierContract) -> str:
        known = label_layouts().get(row.layout)
        return gettext(known.kind.label) if known else row.layout
