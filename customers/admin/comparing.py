"""Two customers side by side, line by line, and which lines agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.text import format_phone, format_postal, name_key, phone_key
from core.words import gettext_noop
from customers.queries import CustomerView, customer_views
from customers.rules import CustomerStatus, masked_birth, masked_email, masked_name, masked_phone


@dataclass(frozen=True, slots=True)
class Line:
    """One thing about both: said of the older, said of the newer, and whether they agree."""

    label: str
    one: str
    two: str
    same: bool = False
    links: tuple[str, str] = ("", "")


def compared(one_id: int, other_id: int, *, full: bool) -> list[Line]:
    """Every line of the comparison; masked where the reader may not know people."""
    one, two = customer_views([one_id, other_id])
    links = tuple(reverse("admin:customers_customer_change", args=[number]) for number in (one_id, other_id))
    facts = [(label, say(one, full), say(two, full)) for label, say in _LINES]
    lines = [Line(_("Customer number"), one.number, two.number, links=(links[0], links[1]))]
    return lines + [
        Line(_(label), a, b, same=label in _TELLING and bool(a) and name_key(a) == name_key(b)) for label, a, b in facts if a or b
    ]


def _name(view: CustomerView, full: bool) -> str:
    name = f"{view.family_name} {view.given_name}".strip()
    return name if full else masked_name(name)


def _organisation(view: CustomerView, full: bool) -> str:
    return view.organisation_name if full else masked_name(view.organisation_name)


def _kana(view: CustomerView, full: bool) -> str:
    return f"{view.family_kana} {view.given_kana}".strip() if full else ""


def _birth(view: CustomerView, full: bool) -> str:
    return (f"{view.birth_on:%Y/%m/%d}" if view.birth_on else "") if full else masked_birth(view.birth_on)


def _points(view: CustomerView, kind: str) -> Sequence[Any]:
    return [point["value"] for point in view.contact_points if point["kind"] == kind]


def _phones(view: CustomerView, full: bool) -> str:
    return " / ".join(format_phone(phone_key(phone)) if full else masked_phone(phone) for phone in _points(view, "phone"))


def _emails(view: CustomerView, full: bool) -> str:
    return " / ".join(email if full else masked_email(email) for email in _points(view, "email"))


def _addresses(view: CustomerView, full: bool) -> str:
    said = []
    for place in view.addresses:
        town = f"{place['prefecture']}{place['city']}"
        postal = f"〒{format_postal(place['postal_code'])} " if place["postal_code"] else ""
        said.append(f"{postal}{town}{place['street']} {place['building']}".strip() if full else town)
    return " / ".join(said)


def _status(view: CustomerView, full: bool) -> str:
    return _(CustomerStatus.labels()[CustomerStatus(view.status)])


def _rank(view: CustomerView, full: bool) -> str:
    return view.rank_code


def _attention(view: CustomerView, full: bool) -> str:
    return _("Attention") if view.attention else ""


def _recorded(view: CustomerView, full: bool) -> str:
    return date_format(view.recorded_at, "Y/m/d")


_LINES = (
    (gettext_noop("full name"), _name),
    (gettext_noop("reading"), _kana),
    (gettext_noop("organisation"), _organisation),
    (gettext_noop("date of birth"), _birth),
    (gettext_noop("phone"), _phones),
    (gettext_noop("e-mail"), _emails),
    (gettext_noop("address"), _addresses),
    (gettext_noop("rank"), _rank),
    (gettext_noop("status"), _status),
    (gettext_noop("signs"), _attention),
    (gettext_noop("recorded at"), _recorded),
)
_TELLING = frozenset({"full name", "reading", "organisation", "date of birth", "phone", "e-mail", "address"})
"""Lines whose agreement says something about being one person."""
