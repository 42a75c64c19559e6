"""What customers see of themselves on their own pages; every question takes the whole group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.db import rows
from customers.ports import CUSTOMER_DATA, ExportRow
from customers.rules import ConsentPurpose, ConsentStatus, ContactChannel, ContactKind, PlaceOfDelivery, PointKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddress:
    """An address in use, with the version its editor saw."""

    address_id: int
    customer_id: int
    label: str
    is_default: bool
    version: int
    place: PlaceOfDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnContactPoint:
    """A phone number or mailbox in use."""

    point_id: int
    kind: ContactKind
    value: str
    is_verified: bool
    is_reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDetails:
    """The person behind a ledger entry, ready for a form."""

    customer_id: int
    number: str
    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    organisation_name: str
    birth_on: date | None
    version: int
    rank_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWord:
    """The latest word on one purpose by one channel."""

    purpose: ConsentPurpose
    channel: ContactChannel
    status: ConsentStatus
    wording: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PointMove:
    """Points that came or went."""

    entry_id: int
    at: datetime
    kind: PointKind
    points: int
    reference: str
    expires_at: datetime | None


_ADDRESSES = """
SELECT a.id AS address_id, a.customer_id, a.label, a.is_default, a.version, a.family_name, a.given_name, a.family_kana, a.given_kana,
    a.organisation_name, a.country, a.postal_code, a.prefecture, a.city, a.street, a.building, a.phone
FROM customers_address a WHERE a.customer_id = ANY(%s::bigint[]) AND a.ended_at IS NULL
ORDER BY a.customer_id <> (%s::bigint[])[1], a.is_default DESC, a.id
"""
_POINTS = """
SELECT id AS point_id, kind, value, verified_at IS NOT NULL AS is_verified, unreachable_at IS NULL AS is_reachable
FROM customers_contactpoint WHERE customer_id = ANY(%s::bigint[]) AND ended_at IS NULL ORDER BY kind, is_primary DESC, id
"""
_DETAILS = """
SELECT c.id AS customer_id, c.number, c.family_name, c.given_name, c.family_kana, c.given_kana, c.organisation_name, c.birth_on, c.version,
    coalesce((SELECT r.name FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
        WHERE a.customer_id IN (SELECT c.id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = c.id)
          AND a.until_at IS NULL AND (a.brand_id IS NULL OR a.brand_id = %s::bigint) ORDER BY a.brand_id IS NULL, r.level DESC LIMIT 1), '')
        AS rank_name
FROM customers_customer c WHERE c.id = %s
"""
_WORDS = """
SELECT DISTINCT ON (purpose, channel) purpose, channel, status, wording, at FROM customers_consent
WHERE customer_id = ANY(%s::bigint[]) AND at <= %s AND (brand_id IS NULL OR brand_id = %s::bigint)
ORDER BY purpose, channel, at DESC, id DESC
"""
_MOVES = """
SELECT e.id AS entry_id, e.at, e.kind, e.points, e.reference, l.expires_at
FROM customers_pointentry e JOIN customers_pointlot l ON l.id = e.lot_id
WHERE e.customer_id = ANY(%(ids)s::bigint[]) AND (%(before)s::bigint IS NULL OR e.id < %(before)s) ORDER BY e.id DESC LIMIT %(limit)s
"""


def own_addresses(customer_ids: Sequence[int]) -> list[OwnAddress]:
    """The addresses in use of a group, its first member's and defaults first; one statement."""
    found = rows(_ADDRESSES, (list(customer_ids), list(customer_ids))) if customer_ids else []
    own = ("address_id", "customer_id", "label", "is_default", "version")
    return [
        OwnAddress(
            **{name: getattr(row, name) for name in own},
            place=PlaceOfDelivery(**{name: value for name, value in row._asdict().items() if name not in own}),
        )
        for row in found
    ]


def own_contact_points(customer_ids: Sequence[int]) -> list[OwnContactPoint]:
    """The contact points in use of a group; one statement."""
    found = rows(_POINTS, (list(customer_ids),)) if customer_ids else []
    return [OwnContactPoint(**{**row._asdict(), "kind": ContactKind(row.kind)}) for row in found]


def own_details(customer_id: int, *, brand_id: int | None = None) -> OwnDetails | None:
    """The person behind a ledger entry with the rank held now; one statement."""
    found = rows(_DETAILS, (brand_id, customer_id))
    return OwnDetails(**found[0]._asdict()) if found else None


def consent_words(customer_ids: Sequence[int], *, brand_id: int | None, at: datetime) -> list[ConsentWord]:
    """The latest word of a group on each purpose by each channel; where nothing was said there is none. One statement."""
    found = rows(_WORDS, (list(customer_ids), at, brand_id)) if customer_ids else []
    return [
        ConsentWord(
            purpose=ConsentPurpose(row.purpose),
            channel=ContactChannel(row.channel),
            status=ConsentStatus(row.status),
            wording=row.wording,
            at=row.at,
        )
        for row in found
    ]


def point_moves(customer_ids: Sequence[int], *, before: int | None = None, limit: int = 50) -> list[PointMove]:
    """Points that came and went, newest first, from below an entry on; one statement."""
    found = rows(_MOVES, {"ids": list(customer_ids), "before": before, "limit": limit}) if customer_ids else []
    return [PointMove(**{**row._asdict(), "kind": PointKind(row.kind)}) for row in found]


def export_of(customer_ids: Sequence[int]) -> list[ExportRow]:
    """Every row that any app holds about a group, for handing it to the person it is about."""
    return [row for answer in CUSTOMER_DATA.all() for row in answer.export(customer_ids)] if customer_ids else []
