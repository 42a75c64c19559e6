"""Contact points, addresses and account links one by one: ended, verified, corrected by verbs. Reached from the customer's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin_site import LedgerAdmin, PersonalData, ReasonForm, Verb, VerbCall
from core.text import format_phone
from customers import operations
from customers.admin.verbs import PlaceForm
from customers.models import Address, ContactPoint, CustomerAccount
from customers.rules import ChangeAddress, ContactKind, PlaceOfDelivery

_PLACE = (
    "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "country", "postal_code", "prefecture", "city",
    "street", "building", "phone",
)  # fmt: skip


class _OfPerson(LedgerAdmin):
    """Rows about a customer, for readers who may know people; found from the customer's page, not from the menu."""

    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The menu stays short; the customer's page leads here."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        account: Any = request.user
        return bool(super().has_view_permission(request, obj) and account.has_perm("customers.view_personal"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        account: Any = request.user
        found = self.model._default_manager.select_related("customer").defer("customer__search").order_by("-id")
        return found.filter(customer__company_id=account.company_id) if account.company_id else found

    @display(description=_("customer number"))
    def number(self, row: Any) -> str:
        return str(row.customer.number)


def _in_use(row: Any) -> bool:
    return row.ended_at is None


def _end_point(call: VerbCall) -> Any:
    return operations.end_contact_points(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _verify(call: VerbCall) -> Any:
    return operations.verify_contact_points(call.ids, actor=call.actor, at=call.at)


def _unreachable(call: VerbCall) -> Any:
    return operations.mark_unreachable(call.ids, reason=call.reason, actor=call.actor, at=call.at)


@admin.register(ContactPoint)
class ContactPointAdmin(_OfPerson):
    list_display = ("shown", "kind", "number", "is_primary", "verified_at", "unreachable_at", "ended_at")
    list_filter = ("kind",)
    fields = ("number", "kind", "shown", "is_primary", "verified_at", "unreachable_at", "ended_at", "recorded_at")
    readonly_fields = fields
    personal = PersonalData(fields=("contact_point",), subject=lambda row: f"customer:{row.customer.public_id}")
    verbs = (
        Verb(name="verify", label=_("Verified"), permission="customers.change_contactpoint", run=_verify, form=None, icon="verified",
             offered=lambda p: _in_use(p) and p.verified_at is None, explanation=_("You made sure that this reaches the customer.")),
        Verb(name="unreachable", label=_("Does not arrive"), permission="customers.change_contactpoint", run=_unreachable, form=ReasonForm,
             icon="phone_disabled", offered=lambda p: _in_use(p) and p.unreachable_at is None),
        Verb(name="end", label=_("No longer used"), permission="customers.change_contactpoint", run=_end_point, form=ReasonForm,
             icon="block", offered=_in_use, explanation=_("It is no longer used to reach or recognise the customer; the row stays.")),
    )  # fmt: skip

    @display(description=_("value"))
    def shown(self, row: ContactPoint) -> str:
        return format_phone(row.value_key) if row.kind in (ContactKind.PHONE, ContactKind.FAX) else row.value


def _change_address(call: VerbCall) -> Any:
    place = PlaceOfDelivery(**{name: call.values[name] for name in _PLACE})
    asks = [ChangeAddress(address_id=number, place=place, label=call.values["label"]) for number in call.ids]
    return operations.change_addresses(asks, actor=call.actor, at=call.at)


def _first_of_address(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("label", *_PLACE)}


def _default_address(call: VerbCall) -> Any:
    return operations.make_default_addresses(call.ids, actor=call.actor, at=call.at)


def _end_address(call: VerbCall) -> Any:
    return operations.end_addresses(call.ids, reason=call.reason, actor=call.actor, at=call.at)


@admin.register(Address)
class AddressAdmin(_OfPerson):
    list_display = ("whole", "label", "number", "is_default", "ended_at")
    fields = ("number", "label", "addressee", "whole", "phone", "is_default", "ended_at", "recorded_at")
    readonly_fields = fields
    personal = PersonalData(fields=("address",), subject=lambda row: f"customer:{row.customer.public_id}")
    verbs = (
        Verb(name="edit", label=_("Edit"), permission="customers.change_address", run=_change_address, form=PlaceForm,
             initial=_first_of_address, icon="edit", variant="primary", offered=_in_use, on_list=False,
             explanation=_("Orders that were placed keep the address they were told.")),
        Verb(name="default", label=_("Make it the default"), permission="customers.change_address", run=_default_address, form=None,
             icon="star", offered=lambda a: _in_use(a) and not a.is_default),
        Verb(name="end", label=_("No longer used"), permission="customers.change_address", run=_end_address, form=ReasonForm,
             icon="block", offered=_in_use, explanation=_("It is no longer offered; the row stays.")),
    )  # fmt: skip

    @display(description=_("address"))
    def whole(self, row: Address) -> str:
        return f"{row.postal_code} {row}".strip()

    @display(description=_("addressee"))
    def addressee(self, row: Address) -> str:
        return " ".join(part for part in (row.organisation_name, row.family_name, row.given_name) if part)


def _unlink(call: VerbCall) -> Any:
    return operations.unlink_accounts(call.ids, reason=call.reason, actor=call.actor, at=call.at)


@admin.register(CustomerAccount)
class CustomerAccountAdmin(_OfPerson):
    list_display = ("number", "account", "evidence", "linked_at", "ended_at", "actor_label")
    list_filter = ("evidence",)
    fields = ("number", "account", "evidence", "evidence_note", "linked_at", "ended_at", "actor_label")
    readonly_fields = fields
    personal = PersonalData(fields=("account",), subject=lambda row: f"customer:{row.customer.public_id}")
    verbs = (
        Verb(name="unlink", label=_("Unlink account"), permission="customers.change_customeraccount", run=_unlink, form=ReasonForm, icon="link_off",
             variant="warning", offered=_in_use, explanation=_("The account's owner no longer sees this customer's orders.")),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("account")
