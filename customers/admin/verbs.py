"""What staff do to customers, and what each verb asks."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_site import ReasonForm, Verb, VerbCall, VerbForm
from core.ids import new_id
from customers import operations
from customers.models import CustomerRank, Tag
from customers.rules import (
    EDITABLE,
    LIMITS,
    ChangeCustomer,
    ConsentPurpose,
    ConsentSaid,
    ConsentStatus,
    ContactChannel,
    ContactKind,
    CustomerKind,
    Grant,
    LinkAccount,
    LinkEvidence,
    NewAddress,
    NewContactPoint,
    NewNote,
    PlaceOfDelivery,
    Visibility,
)

CHANGE = "customers.change_customer"
_PLACE = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name", "country", "postal_code", "prefecture", "city", "street",
          "building", "phone")  # fmt: skip


def _choices(enum: Any) -> list[tuple[str, Any]]:
    return [(str(member), _(words)) for member, words in enum.labels().items()]


def _text(label: Any, name: str, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=LIMITS[name], required=required)


def _end_of(day: Any) -> datetime | None:
    return datetime.combine(day, time.max, tzinfo=ZoneInfo(settings.TIME_ZONE)) if day else None


class EditForm(VerbForm):
    """Names and basic facts, from the version that was seen."""

    kind = forms.ChoiceField(label=_("Kind"), choices=_choices(CustomerKind))
    family_name = _text(_("Family name"), "family_name")
    given_name = _text(_("Given name"), "given_name")
    family_kana = _text(_("Family name (kana)"), "family_kana")
    given_kana = _text(_("Given name (kana)"), "given_kana")
    organisation_name = _text(_("Organisation"), "organisation_name")
    birth_on = forms.DateField(label=_("Date of birth"), required=False)
    language = _text(_("Language"), "language")
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class ContactForm(VerbForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=_choices(ContactKind))
    value = forms.CharField(label=_("Number or address"), max_length=254)


class PlaceForm(VerbForm):
    """An address as it is told."""

    label = _text(_("Label"), "label")
    family_name = _text(_("Family name"), "family_name")
    given_name = _text(_("Given name"), "given_name")
    family_kana = _text(_("Family name (kana)"), "family_kana")
    given_kana = _text(_("Given name (kana)"), "given_kana")
    organisation_name = _text(_("Organisation"), "organisation_name")
    country = forms.CharField(label=_("Country"), max_length=2, initial="JP", help_text=_("Two letters, such as JP"))
    postal_code = _text(_("Postal code"), "postal_code", required=True)
    prefecture = _text(_("Prefecture"), "prefecture", required=True)
    city = _text(_("City"), "city", required=True)
    street = _text(_("Street and number"), "street", required=True)
    building = _text(_("Building"), "building")
    phone = _text(_("Phone number"), "phone")


class AddressForm(PlaceForm):
    is_default = forms.BooleanField(label=_("Use as the default address"), required=False)


class NoteForm(VerbForm):
    body = forms.CharField(label=_("Note"), widget=forms.Textarea, max_length=4000)
    visibility = forms.ChoiceField(label=_("Visibility"), choices=_choices(Visibility), initial=Visibility.STAFF.value)
    show_until = forms.DateField(label=_("Shown until"), required=False)


class ConsentForm(VerbForm):
    channel = forms.ChoiceField(label=_("Channel"), choices=_choices(ContactChannel))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=_choices(ConsentPurpose))
    status = forms.ChoiceField(label=_("What was said"), choices=_choices(ConsentStatus))
    source = forms.CharField(label=_("Where it was said"), max_length=120, help_text=_("For example: phone call on 20 November"))
    wording = forms.CharField(label=_("Version of the wording"), max_length=120)


class PointsForm(VerbForm):
    points = forms.IntegerField(label=_("Points"), min_value=1)
    expires = forms.DateField(label=_("Valid until"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=80)


class RankForm(VerbForm):
    rank = forms.ModelChoiceField(label=_("Rank"), queryset=CustomerRank.objects.order_by("company_id", "-level"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class CreditForm(VerbForm):
    amount = forms.IntegerField(
        label=_("Credit limit"), min_value=0, required=False, help_text=_("What the customer may owe at once. Empty: no limit.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)


class TagForm(VerbForm):
    tag = forms.ModelChoiceField(label=_("Tag"), queryset=Tag.objects.order_by("company_id", "name"))


class LinkForm(VerbForm):
    account_id = forms.IntegerField(label=_("Account number"), min_value=1)
    note = forms.CharField(label=_("How you made sure"), max_length=255, help_text=_("For example: date of birth and last order, by phone"))


class MergeForm(ReasonForm):
    principal = forms.CharField(label=_("Number of the customer that stays"), max_length=32)


def _edit(call: VerbCall) -> Any:
    changes = {name: call.values[name] for name in EDITABLE}
    asks = [ChangeCustomer(customer_id=number, changes=changes, version=call.values["version"]) for number in call.ids]
    return operations.update_customers(asks, actor=call.actor, at=call.at, reason=call.reason)


def _first_of_edit(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*EDITABLE, "version")}


def _first_of_address(request: HttpRequest, row: Any) -> dict[str, Any]:
    names = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name")
    return {"country": "JP", **{name: getattr(row, name) for name in names}}


def _contact(call: VerbCall) -> Any:
    kind = ContactKind(call.values["kind"])
    asks = [NewContactPoint(customer_id=number, kind=kind, value=call.values["value"]) for number in call.ids]
    return operations.add_contact_points(asks, actor=call.actor, at=call.at)


def _address(call: VerbCall) -> Any:
    place = PlaceOfDelivery(**{name: call.values[name] for name in _PLACE})
    wanted = {"label": call.values["label"], "is_default": call.values["is_default"]}
    asks = [NewAddress(customer_id=number, place=place, **wanted) for number in call.ids]
    return operations.add_addresses(asks, actor=call.actor, at=call.at)


def _note(call: VerbCall) -> Any:
    visibility, until = Visibility(call.values["visibility"]), _end_of(call.values["show_until"])
    asks = [NewNote(customer_id=n, body=call.values["body"], visibility=visibility, show_until_at=until) for n in call.ids]
    return operations.add_notes(asks, actor=call.actor, at=call.at)


def _consent(call: VerbCall) -> Any:
    said = {
        "channel": ContactChannel(call.values["channel"]),
        "purpose": ConsentPurpose(call.values["purpose"]),
        "status": ConsentStatus(call.values["status"]),
        "source": call.values["source"],
        "wording": call.values["wording"],
    }
    return operations.record_consents([ConsentSaid(customer_id=number, **said) for number in call.ids], actor=call.actor, at=call.at)


def _grant(call: VerbCall) -> Any:
    deed = new_id()
    asks = [
        Grant(
            customer_id=number,
            points=call.values["points"],
            once_key=f"staff:{deed}:{number}",
            reference=call.reason,
            expires_at=_end_of(call.values["expires"]),
        )
        for number in call.ids
    ]
    return operations.grant_points(asks, actor=call.actor, at=call.at)


def _rank(call: VerbCall) -> Any:
    asks = [operations.AssignRank(customer_id=number, rank_id=call.values["rank"].pk) for number in call.ids]
    return operations.assign_ranks(asks, actor=call.actor, at=call.at, reason=call.reason)


def _tag(call: VerbCall) -> Any:
    return operations.tag_customers(call.ids, tag_id=call.values["tag"].pk, actor=call.actor, at=call.at)


def _link(call: VerbCall) -> Any:
    evidence = LinkEvidence.STAFF_CONFIRMED
    asks = [LinkAccount(customer_id=n, account_id=call.values["account_id"], evidence=evidence, note=call.values["note"]) for n in call.ids]
    return operations.link_accounts(asks, actor=call.actor, at=call.at)


def _merge(call: VerbCall) -> Any:
    return operations.merge_into(call.ids, principal_number=call.values["principal"], reason=call.reason, actor=call.actor, at=call.at)


def _attention(call: VerbCall) -> Any:
    return operations.set_attention(call.ids, attention=True, reason=call.reason, actor=call.actor, at=call.at)


def _calm(call: VerbCall) -> Any:
    return operations.set_attention(call.ids, attention=False, reason=call.reason, actor=call.actor, at=call.at)


def _credit(call: VerbCall) -> Any:
    amount = call.values["amount"]
    return operations.set_credit_limits(call.ids, amount=amount, reason=call.reason, actor=call.actor, at=call.at)


def _first_of_credit(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {"amount": row.credit_limit}


def _close(call: VerbCall) -> Any:
    return operations.close_customers(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _reopen(call: VerbCall) -> Any:
    return operations.reopen_customers(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _erase(call: VerbCall) -> Any:
    return operations.erase_customers(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _living(row: Any) -> bool:
    return bool(row.status != "erased")


VERBS = (
    Verb(name="edit", label=_("Edit"), permission=CHANGE, run=_edit, form=EditForm, initial=_first_of_edit, offered=_living,
         icon="edit", variant="primary", on_list=False),
    Verb(name="note", label=_("Note"), permission="customers.add_note", run=_note, form=NoteForm, icon="sticky_note_2", offered=_living,
         explanation=_("The note stands on top of the page until it is done with or its day has passed.")),
    Verb(name="contact", label=_("Contact point"), permission="customers.add_contactpoint", run=_contact, form=ContactForm,
         icon="call", offered=_living, on_list=False),
    Verb(name="address", label=_("Address"), permission="customers.add_address", run=_address, form=AddressForm, initial=_first_of_address,
         icon="home", offered=_living, on_list=False),
    Verb(name="consent", label=_("Consent"), permission="customers.add_consent", run=_consent, form=ConsentForm, icon="task_alt",
         offered=_living, on_list=False, explanation=_("Nothing is overwritten: what was said is added, and the latest word counts.")),
    Verb(name="points", label=_("Grant points"), permission="customers.add_pointentry", run=_grant, form=PointsForm, icon="savings",
         offered=_living),
    Verb(name="rank", label=_("Assign rank"), permission="customers.add_rankassignment", run=_rank, form=RankForm, icon="military_tech",
         offered=_living),
    Verb(name="tag", label=_("Add tag"), permission="customers.add_customertag", run=_tag, form=TagForm, icon="sell", offered=_living),
    Verb(name="attention", label=_("Ask for attention"), permission=CHANGE, run=_attention, icon="warning", variant="warning",
         offered=lambda c: _living(c) and not c.attention,
         explanation=_("Orders of this customer stop for a person to look at them.")),
    Verb(name="calm", label=_("Attention no longer needed"), permission=CHANGE, run=_calm, icon="check", offered=lambda c: c.attention),
    Verb(name="credit", label=_("Credit limit"), permission="customers.limit_credit", run=_credit, form=CreditForm,
         initial=_first_of_credit, icon="credit_score", offered=_living,
         explanation=_("Hold rules ask for it: what is owed with the new order is more.")),
    Verb(name="link", label=_("Link account"), permission="customers.add_customeraccount", run=_link, form=LinkForm, icon="link",
         offered=_living, on_list=False,
         explanation=_("The account's owner will see this customer's orders. Make sure that they are the same person.")),
    Verb(name="merge", label=_("Merge into another customer"), permission="customers.merge_customer", run=_merge, form=MergeForm,
         icon="merge", offered=lambda c: _living(c) and c.principal_id is None,
         explanation=_("Both numbers stay valid and nothing is moved; the two are read as one. It can be undone.")),
    Verb(name="close", label=_("Close the record"), permission=CHANGE, run=_close, icon="lock",
         offered=lambda c: c.status in ("active", "prospect"),
         explanation=_("The customer stays in the ledger; new orders ask for attention.")),
    Verb(name="reopen", label=_("Resume trading"), permission=CHANGE, run=_reopen, icon="lock_open", offered=lambda c: c.status == "closed"),
    Verb(name="erase", label=_("Erase personal data"), permission="customers.erase_customer", run=_erase, icon="delete_forever",
         variant="danger", offered=_living, on_list=False,
         explanation=_("Names, addresses, contact points and notes are gone for good, here and in every merged entry. Amounts stay.")),
)  # fmt: skip

GROUPS: tuple[Any, ...] = (
    "verb_edit",
    {
        "title": _("Add"),
        "icon": "add",
        "items": ["verb_note", "verb_contact", "verb_address", "verb_consent", "verb_points", "verb_rank", "verb_tag"],
    },
    {
        "title": _("More"),
        "icon": "more_horiz",
        "items": ["verb_attention", "verb_calm", "verb_credit", "verb_link", "verb_merge", "verb_close", "verb_reopen", "verb_erase"],
    },
)
