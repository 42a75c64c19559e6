"""A person and a place as an order, a form or a partner tells of them, and the keys they are compared by."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from core.errors import Refusal
from core.text import (
    address_number_key,
    email_key,
    has_unstorable,
    kana_key,
    name_key,
    normalise_kana,
    normalise_name,
    phone_key,
    postal_key,
)
from core.words import gettext_noop as _

NUMBER_MARK: Final = "C"
"""What a customer number begins with; the rest is a sequence of at least seven digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody says they are; texts as typed. Nothing but a name of some kind is needed."""

    family_name: str = ""
    given_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    organisation_name: str = ""
    email: str = ""
    phone: str = ""
    birth_on: date | None = None
    language: str = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfDelivery:
    """Where something goes and who takes it there; texts as typed."""

    family_name: str = ""
    given_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    organisation_name: str = ""
    country: str = "JP"
    postal_code: str = ""
    prefecture: str = ""
    city: str = ""
    street: str = ""
    building: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        """The one to whom it is addressed, in one line."""
        person = f"{self.family_name} {self.given_name}".strip()
        return f"{self.organisation_name} {person}".strip()


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """What a person is compared by. An empty key compares with nothing."""

    name: str = ""
    kana: str = ""
    given_kana: str = ""
    organisation: str = ""
    phone: str = ""
    email: str = ""


LIMITS: Final = {
    "family_name": 120, "given_name": 120, "family_kana": 120, "given_kana": 120, "organisation_name": 160,
    "email": 254, "phone": 64, "language": 8, "country": 2, "postal_code": 16, "prefecture": 60, "city": 120,
    "street": 200, "building": 200, "label": 60,
}  # fmt: skip


def keys_of(person: Person, *, country: str = "JP") -> PersonKeys:
    """The keys of a person: name, reading, phone (E.164) and mailbox."""
    reading = reading_key(person)
    return PersonKeys(
        name=full_name_key(person.family_name, person.given_name, person.organisation_name),
        kana=reading,
        given_kana=kana_key(person.given_kana),
        organisation=name_key(person.organisation_name),
        phone=phone_key(person.phone, country=country) if person.phone else "",
        email=email_key(person.email) if person.email else "",
    )


def full_name_key(family_name: str, given_name: str, organisation_name: str = "") -> str:
    """The name for comparing: the person's, or the organisation's where no person is named."""
    return name_key(f"{family_name}{given_name}") or name_key(organisation_name)


def reading_key(person: Person) -> str:
    """The reading for comparing. A name written in kana or Latin letters alone is its own reading; kanji without kana have none."""
    if typed := kana_key(f"{person.family_kana}{person.given_kana}"):
        return typed
    name = kana_key(f"{person.family_name}{person.given_name}")
    return name if name and all(_is_spoken_letter(c) for c in name) else ""


def _is_spoken_letter(c: str) -> bool:
    return c.isascii() or "ァ" <= c <= "ヺ" or "\u00c0" <= c <= "\u024f"


def place_keys(place: PlaceOfDelivery) -> tuple[str, str]:
    """Postal code and block numbers of a place for comparing; foreign postal codes are taken as typed, blanks removed."""
    postal = postal_key(place.postal_code) if place.country == "JP" else "".join(place.postal_code.split()).upper()
    return postal, address_number_key(f"{place.city}{place.street} {place.building}")


def tidy_person(person: Person) -> Person:
    """The person as it will be kept and printed: clean lines, kana in full-width katakana."""
    return Person(
        family_name=normalise_name(person.family_name),
        given_name=normalise_name(person.given_name),
        family_kana=normalise_kana(person.family_kana),
        given_kana=normalise_kana(person.given_kana),
        organisation_name=normalise_name(person.organisation_name),
        email=person.email.strip(" \t\u3000"),
        phone=person.phone.strip(),
        birth_on=person.birth_on,
        language=person.language.strip(),
    )


def tidy_place(place: PlaceOfDelivery) -> PlaceOfDelivery:
    """The place as it will be kept and printed."""
    return PlaceOfDelivery(
        family_name=normalise_name(place.family_name),
        given_name=normalise_name(place.given_name),
        family_kana=normalise_kana(place.family_kana),
        given_kana=normalise_kana(place.given_kana),
        organisation_name=normalise_name(place.organisation_name),
        country=place.country.strip().upper() or "JP",
        postal_code=place_keys(place)[0] or normalise_name(place.postal_code),
        prefecture=normalise_name(place.prefecture),
        city=normalise_name(place.city),
        street=normalise_name(place.street),
        building=normalise_name(place.building),
        phone=place.phone.strip(),
    )


def faults_of_person(person: Person, *, pointer: str = "", today: date | None = None) -> list[Refusal]:
    """Why a person can't be kept as told; empty when it can. Phone and e-mail may be missing, but not unreadable."""
    faults = faults_of_texts(person, pointer=pointer)
    if faults:
        return faults
    tidy = tidy_person(person)
    if not (tidy.family_name or tidy.given_name or tidy.organisation_name):
        faults.append(Refusal("customers.name_missing", _("A name is needed."), field=f"{pointer}/family_name"))
    elif not full_name_key(tidy.family_name, tidy.given_name, tidy.organisation_name):
        faults.append(Refusal("customers.name_unreadable", _("This name has no letters."), field=f"{pointer}/family_name"))
    if tidy.phone and not phone_key(tidy.phone):
        faults.append(phone_unreadable(tidy.phone, field=f"{pointer}/phone"))
    if tidy.email and not email_key(tidy.email):
        faults.append(email_unreadable(field=f"{pointer}/email"))
    if today and tidy.birth_on and not (today.year - 130 <= tidy.birth_on.year and tidy.birth_on <= today):
        faults.append(Refusal("customers.birth_impossible", _("This date of birth is not possible."), field=f"{pointer}/birth_on"))
    return faults


def faults_of_place(place: PlaceOfDelivery, *, pointer: str = "") -> list[Refusal]:
    """Why a place can't be kept as told. Whether parcels get there is another question; a doubtful postal code is no fault."""
    faults = faults_of_texts(place, pointer=pointer)
    if faults:
        return faults
    tidy = tidy_place(place)
    if len(tidy.country) != 2 or not tidy.country.isascii() or not tidy.country.isalpha():
        faults.append(Refusal("customers.country_unreadable", _("A country is two letters, such as JP."), field=f"{pointer}/country"))
    if tidy.country == "JP" and place.postal_code.strip() and not postal_key(place.postal_code):
        faults.append(Refusal("customers.postal_code_unreadable", _("A postal code has seven digits."), field=f"{pointer}/postal_code"))
    if tidy.phone and not phone_key(tidy.phone, country=tidy.country if len(tidy.country) == 2 else "JP"):
        faults.append(phone_unreadable(tidy.phone, field=f"{pointer}/phone"))
    return faults


LONGEST_FOLD: Final = 18
"""Letters that one may become when it is folded: U+FDFA does."""


def faults_of_texts(told: Person | PlaceOfDelivery, *, pointer: str = "") -> list[Refusal]:
    """What the database could not keep unchanged: NUL, half characters, and texts over their length."""
    faults = []
    for name in (f.name for f in fields(told)):
        value = getattr(told, name)
        if isinstance(value, str) and (fault := fault_of_text(value, limit=LIMITS[name], field=f"{pointer}/{name}")):
            faults.append(fault)
    return faults


def fault_of_text(value: str, *, limit: int, field: str) -> Refusal | None:
    """Why one text can't be kept, or None."""
    if len(value) * LONGEST_FOLD <= limit and value.isprintable():
        return None  # nearly every text: neither half characters nor controls, and short whatever becomes of it
    if has_unstorable(value):
        return Refusal("customers.text_unstorable", _("This text holds characters that can't be kept."), field=field)
    if len(normalise_name(value)) > limit:
        return Refusal("customers.text_too_long", _("At most %(limit)s characters fit here."), {"limit": limit}, field)
    return None


def phone_unreadable(typed: str, *, field: str) -> Refusal:
    """The refusal of what is no phone number."""
    return Refusal("customers.phone_unreadable", _("This is not a phone number that can be dialled."), field=field)


def email_unreadable(*, field: str) -> Refusal:
    """The refusal of what is not exactly one mail address."""
    return Refusal("customers.email_unreadable", _("This is not an e-mail address that can be written to."), field=field)
