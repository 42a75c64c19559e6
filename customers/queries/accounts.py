"""An account as its owner and staff see it: the ways to sign in, second factors, where it is signed in, whom it may act for."""

from dataclasses import dataclass
from datetime import datetime

from core.db import rows

EMAIL, PASSKEY = "email", "passkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdRow:
    """One way to sign in: ``id`` names it to ``end_identity``; ``provider`` is email, passkey, line, google or apple.

    ``label`` is ready to be shown. ``can_end`` is false for the address, which is changed instead, and for the last usable way in.
    """

    id: str
    provider: str
    label: str
    since: datetime
    can_end: bool
    verified: bool = True
    used_at: datetime | None = None


_NAMES = {"line": "LINE", "google": "Google", "apple": "Apple"}

_IDS = """
SELECT 'identity:' || i.id AS id, i.provider, CASE WHEN i.provider = 'email' THEN a.email ELSE '' END AS label, i.recorded_at AS since,
    i.verified_at IS NOT NULL AS verified, NULL::timestamptz AS used_at,
    i.provider <> 'email' OR i.verified_at IS NOT NULL OR (a.password <> '' AND left(a.password, 1) <> '!') AS usable
FROM customers_identity i JOIN customers_account a ON a.id = i.account_id
WHERE i.account_id = %(account)s AND i.ended_at IS NULL
UNION ALL
SELECT 'passkey:' || m.id, 'passkey', coalesce(m.data ->> 'name', ''), m.created_at, true, m.last_used_at, true
FROM mfa_authenticator m WHERE m.user_id = %(account)s AND m.type = 'webauthn'
ORDER BY since, id
"""


def ids_of_account(account_id: int) -> list[IdRow]:
    """The ways in that an account has in use, oldest first; one statement."""
    found = rows(_IDS, {"account": account_id})
    usable = [row.id for row in found if row.usable]
    return [
        IdRow(
            id=row.id,
            provider=row.provider,
            label=row.label or _NAMES.get(row.provider, row.provider),
            since=row.since,
            can_end=row.provider != EMAIL and usable != [row.id],
            verified=row.verified,
            used_at=row.used_at,
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRow:
    """A second factor: ``kind`` is totp, webauthn or recovery_codes; nothing of the secret."""

    kind: str
    name: str
    since: datetime
    used_at: datetime | None


def factors_of_account(account_id: int) -> list[FactorRow]:
    """What an account has beside its password, oldest first."""
    found = rows(
        "SELECT type AS kind, coalesce(data ->> 'name', '') AS name, created_at AS since, last_used_at AS used_at FROM mfa_authenticator"
        " WHERE user_id = %s ORDER BY id",
        (account_id,),
    )
    return [FactorRow(**row._asdict()) for row in found]


def has_second_factor(account_id: int) -> bool:
    """Whether an account has a second factor of its own (recovery codes alone are none)."""
    return bool(rows("SELECT 1 AS one FROM mfa_authenticator WHERE user_id = %s AND type IN ('totp', 'webauthn') LIMIT 1", (account_id,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """Where an account is signed in."""

    since: datetime
    seen_at: datetime
    browser: str


def sessions_of_account(account_id: int, *, at: datetime) -> list[SessionRow]:
    """The living sessions of an account, newest first."""
    found = rows(
        "SELECT u.created_at AS since, u.last_seen_at AS seen_at, u.user_agent AS browser FROM usersessions_usersession u"
        " JOIN django_session s ON s.session_key = u.session_key AND s.expire_date > %s WHERE u.user_id = %s ORDER BY u.id DESC LIMIT 50",
        (at, account_id),
    )
    return [SessionRow(**row._asdict()) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A customer that an account may act for, with the evidence; of one company."""

    link_id: int
    customer_id: int
    number: str
    name: str
    evidence: str
    linked_at: datetime


def links_of_account(account_id: int, *, company_id: int) -> list[LinkRow]:
    """The open links of an account with a company, oldest first."""
    found = rows(
        "SELECT l.id AS link_id, c.id AS customer_id, c.number, l.evidence, l.linked_at,"
        " coalesce(nullif(c.organisation_name, ''), trim(c.family_name || ' ' || c.given_name)) AS name"
        " FROM customers_customeraccount l JOIN customers_customer c ON c.id = l.customer_id"
        " WHERE l.account_id = %s AND l.ended_at IS NULL AND c.company_id = %s AND c.status <> 'erased' ORDER BY l.id",
        (account_id, company_id),
    )
    return [LinkRow(**row._asdict()) for row in found]


def is_address_proven(account_id: int, address_key: str) -> bool:
    """Whether an account's owner has proved to read an address (as compared)."""
    found = rows(
        "SELECT 1 AS one FROM customers_identity WHERE account_id = %s AND provider = 'email' AND subject = %s"
        " AND ended_at IS NULL AND verified_at IS NOT NULL",
        (account_id, address_key),
    )
    return bool(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNews:
    """What a customer is told when an account is linked: the address on the ledger, "" where none is known."""

    company_id: int
    number: str
    to_address: str
    language: str


def link_news(customer_id: int) -> LinkNews | None:
    """Whom to tell that an account was linked to a customer; None for nobody any more."""
    found = rows(
        "SELECT c.company_id, c.number, c.language, coalesce((SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id"
        " AND p.kind = 'email' AND p.ended_at IS NULL AND p.unreachable_at IS NULL ORDER BY p.is_primary DESC, p.id LIMIT 1), '') AS to_address"
        " FROM customers_customer c WHERE c.id = %s AND c.status <> 'erased'",
        (customer_id,),
    )
    return LinkNews(**found[0]._asdict()) if found else None
