"""What a partner may say of a customer, and what it is told."""

from typing import Any, Final

from core.api.shapes import Choice, Code, Day, Kind, Record, Text
from core.ids import public
from customers.queries import PREFIX, CustomerView
from customers.rules import LIMITS, CustomerKind, Person, PlaceOfDelivery

UNSAID: Final[Any] = object()
"""A field that a change doesn't mention."""


def _name(field: str) -> Text:
    return Text(max=LIMITS[field], blank=True)


PLACE_FIELDS = (
    "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "postal_code", "prefecture", "city", "street",
    "building", "phone",
)  # fmt: skip
NAME_FIELDS = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name")

PLACE = Record(
    PlaceOfDelivery,
    **{field: _name(field).optional("") for field in PLACE_FIELDS},
    country=Code(max=2, pattern="[A-Z]{2}").optional("JP"),
)
_LANGUAGE = Code(max=8, pattern="[a-z]{2}(-[A-Za-z]{2,4})?")

NEW_CUSTOMER = Record(
    **{field: _name(field).optional("") for field in NAME_FIELDS},
    email=_name("email").optional(""),
    phone=_name("phone").optional(""),
    birth_on=Day().or_null().optional(None),
    language=_LANGUAGE.optional("ja"),
    kind=Choice(CustomerKind).optional(CustomerKind.PERSON),
    outside_number=Text(max=64, blank=True).optional("").described("The number in the partner's or a former system; once per company."),
    address=PLACE.or_null().optional(None),
)

_CHANGEABLE: dict[str, Kind] = {
    **{field: _name(field) for field in NAME_FIELDS},
    "birth_on": Day().or_null(),
    "language": _LANGUAGE,
    "kind": Choice(CustomerKind),
}
CUSTOMER_CHANGE = Record(**{field: kind.optional(UNSAID) for field, kind in _CHANGEABLE.items()})


def person_of(said: dict[str, Any]) -> Person:
    """The person a body tells of."""
    return Person(**{field: said[field] for field in (*NAME_FIELDS, "email", "phone", "birth_on", "language")})


def customer_shown(customer: CustomerView) -> dict[str, Any]:
    """A customer as partners are told."""
    return {
        "id": public(PREFIX, customer.public_id),
        "number": customer.number,
        "kind": customer.kind,
        "status": customer.status,
        **{field: getattr(customer, field) for field in NAME_FIELDS},
        "outside_number": customer.outside_number,
        "birth_on": customer.birth_on,
        "language": customer.language,
        "rank": customer.rank_code,
        "attention": customer.attention,
        "principal": public(PREFIX, customer.principal) if customer.principal else None,
        "contact_points": customer.contact_points,
        "addresses": customer.addresses,
        "version": customer.version,
        "recorded_at": customer.recorded_at,
    }


_TEXT, _FLAG = {"type": "string"}, {"type": "boolean"}
CUSTOMER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": f"^{PREFIX}_[0-9a-f]{{32}}$"},
        **dict.fromkeys(("number", "kind", "status", *NAME_FIELDS, "outside_number", "language", "rank"), _TEXT),
        "birth_on": {"type": ["string", "null"], "format": "date"},
        "attention": _FLAG,
        "principal": {"type": ["string", "null"], "description": "The customer this one is merged into."},
        "contact_points": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"kind": _TEXT, "value": _TEXT, "primary": _FLAG, "verified": _FLAG, "reachable": _FLAG},
            },
        },
        "addresses": {
            "type": "array",
            "items": {"type": "object", "properties": {**dict.fromkeys((*PLACE_FIELDS, "label", "country"), _TEXT), "default": _FLAG}},
        },
        "version": {"type": "integer"},
        "recorded_at": {"type": "string", "format": "date-time"},
    },
}
