"""What operations on customers take and answer with, one value per item of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules.people import Person, PlaceOfDelivery
from customers.rules.statuses import ContactKind, CustomerKind, CustomerStatus, LinkEvidence, PointSource, Visibility

EDITABLE: Final = frozenset(
    {"kind", "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "birth_on", "language"}
)  # fmt: skip
"""What may be edited by hand; status and attention change by verbs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """A ledger entry to be opened by hand or by a partner; nobody is recognised, alike ones become candidates."""

    company_id: int
    person: Person
    address: PlaceOfDelivery | None = None
    kind: CustomerKind = CustomerKind.PERSON
    status: CustomerStatus = CustomerStatus.ACTIVE
    outside_number: str = ""
    channel_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    customer_id: int
    public_id: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCustomer:
    """New values by field name (see EDITABLE); ``version`` is the one the editor saw, None overwrites."""

    customer_id: int
    changes: Mapping[str, str | date | None]
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    customer_id: int
    version: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContactPoint:
    customer_id: int
    kind: ContactKind
    value: str
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    customer_id: int
    place: PlaceOfDelivery
    label: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddress:
    address_id: int
    place: PlaceOfDelivery
    label: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    customer_id: int
    body: str
    visibility: Visibility = Visibility.STAFF
    show_until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Points to be given: once per key, to one brand or (None) to the company as a whole."""

    customer_id: int
    points: int
    once_key: str
    reference: str
    brand_id: int | None = None
    source: PointSource = PointSource.FREE
    expires_at: datetime | None = None
    programme_id: int | None = None
    """By which programme they were earned, and at which rate."""
    rate_bp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Points to be taken: the brand's and the company's lots, soonest to expire first; None takes the company's only."""

    customer_id: int
    points: int
    once_key: str
    reference: str
    brand_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """A former spend, by its key, to be returned to the lots it was taken from."""

    spend_key: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """Of what a company's reference names (an order's number) so much was undone so far: ``part`` of ``whole``, in minor units."""

    company_id: int
    reference: str
    part: int
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsAsk:
    """An order, by its number, that may have earned points; where ``is_new`` it may begin to by the programme in force when it was placed."""

    company_id: int
    brand_id: int | None
    customer_id: int
    reference: str
    placed_at: datetime
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTerms:
    """By which programme an order earns, and how much: what it began with stays, whatever becomes of programme and rank."""

    programme_id: int
    brand_id: int | None
    rate_bp: int
    with_tax: bool
    after_days: int
    expires_days: int | None
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """So many points in all an order has earned by now, by its number; ``key`` names it for good."""

    company_id: int
    customer_id: int
    reference: str
    key: str
    points: int
    terms: PointTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsSettled:
    """What was granted or taken back so that an order's points are what it earned; ``short`` could not be taken, being spent."""

    granted: int = 0
    taken_back: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsUndone:
    """What this call took back and gave back; ``short`` is what could not be taken, since it was spent meanwhile."""

    taken_back: int = 0
    given_back: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsMoved:
    """``points`` as moved by this key, now or at an earlier call with the same key."""

    customer_id: int
    points: int
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAccount:
    customer_id: int
    account_id: int
    evidence: LinkEvidence
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAsk:
    principal_id: int
    merged_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The row a single item of a batch is about; ``repeated`` when it was so before."""

    id: int
    repeated: bool = False


def not_found(*, field: str = "/customer_id") -> Refusal:
    """The refusal of an id that is no customer here."""
    return Refusal("customers.not_found", _("There is no such customer."), field=field)


def erased(*, field: str = "/customer_id") -> Refusal:
    """The refusal of any change to an erased customer."""
    return Refusal("customers.erased", _("This customer's data was erased; nothing can be changed."), field=field)


def changed_meanwhile(*, given: int, current: int) -> Refusal:
    """The refusal of an edit that started from an older version."""
    return Refusal(
        "customers.changed_meanwhile",
        _("Somebody changed this in the meantime: you saw version %(given)s, it is %(current)s now."),
        {"given": given, "current": current},
        "/version",
    )
