"""The estimates of somebody, as they may read them, and as paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.db import rows
from orders.models import Estimate
from orders.queries.estimate_paper import estimate_paper
from orders.rules import EstimateStatus

_OWN = """
SELECT e.id, e.number, e.status, e.issued_at, e.valid_until_on, e.currency, e.total, e.note, e.shown, o.number AS order_number,
    e.status = 'open' AND e.valid_until_on >= (%(at)s::timestamptz AT TIME ZONE c.timezone)::date AS may_order
FROM orders_estimate e JOIN core_company c ON c.id = e.company_id LEFT JOIN orders_order o ON o.id = e.order_id
WHERE e.customer_id = ANY(%(ids)s::bigint[]) AND e.company_id = %(company)s AND (%(number)s = '' OR e.number = %(number)s)
ORDER BY e.issued_at DESC, e.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateView:
    """An estimate as its customer reads it; amounts in minor units of its currency. ``may_order`` while its prices stand."""

    key: int
    number: str
    status: EstimateStatus
    issued_at: datetime
    valid_until_on: date
    currency: str
    total: int
    note: str
    lines: Sequence[dict[str, Any]]
    fee_total: int
    discount_total: int
    order_number: str
    may_order: bool


def estimates_of(customer_ids: Sequence[int], *, company_id: int, at: datetime, number: str = "", limit: int = 50) -> list[EstimateView]:
    """The estimates of these entries, which are one person, newest first; of one ``number`` only where it is given."""
    told = {"ids": list(customer_ids), "company": company_id, "at": at, "number": number, "limit": limit}
    return [
        EstimateView(
            key=row.id, number=row.number, status=EstimateStatus(row.status), issued_at=row.issued_at, valid_until_on=row.valid_until_on,
            currency=row.currency, total=row.total, note=row.note, lines=row.shown.get("lines", ()), fee_total=row.shown.get("fee_total", 0),
            discount_total=row.shown.get("discount_total", 0), order_number=row.order_number or "", may_order=row.may_order,
        )
        for row in rows(_OWN, told)
    ]  # fmt: skip


def estimate_pdf(key: int, *, language: str) -> bytes:
    """The paper of an estimate. Whoever asks has made sure whose it is. Raises "paper.no_font"."""
    return estimate_paper(Estimate.objects.get(pk=key), language=language)


_ROWS = """
SELECT e.id AS key, e.public_id AS id, e.number, e.status, c.public_id AS customer_id, ch.code AS channel, e.issued_at, e.valid_until_on,
    e.currency, e.total, e.note, e.shown, o.public_id AS order_id, e.decline_reason
FROM orders_estimate e JOIN customers_customer c ON c.id = e.customer_id JOIN core_saleschannel ch ON ch.id = e.channel_id
LEFT JOIN orders_order o ON o.id = e.order_id
WHERE e.company_id = %(company)s AND (%(status)s::text IS NULL OR e.status = %(status)s) AND (%(customer)s::uuid IS NULL OR c.public_id = %(customer)s)
    AND (%(ref)s::uuid IS NULL OR e.public_id = %(ref)s) AND (%(keys)s::bigint[] IS NULL OR e.id = ANY(%(keys)s::bigint[]))
    AND (%(at)s::timestamptz IS NULL OR (e.issued_at, e.id) < (%(at)s, %(key)s))
ORDER BY e.issued_at DESC, e.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """An estimate as a company's machines read it; amounts in minor units of its currency."""

    key: int
    id: UUID
    number: str
    status: EstimateStatus
    customer_id: UUID
    channel: str
    issued_at: datetime
    valid_until_on: date
    currency: str
    total: int
    note: str
    lines: Sequence[dict[str, Any]]
    order_id: UUID | None
    decline_reason: str


def estimate_rows(
    company_id: int,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    status: EstimateStatus | None = None,
    customer: UUID | None = None,
    ref: UUID | None = None,
    keys: Sequence[int] | None = None,
) -> list[EstimateRow]:
    """A company's estimates, newest first, below ``after`` (issued at, key). One statement."""
    told = {
        "company": company_id, "status": str(status) if status else None, "customer": customer, "ref": ref,
        "keys": list(keys) if keys is not None else None, "at": after[0] if after else None, "key": after[1] if after else None, "limit": limit,
    }  # fmt: skip
    found = []
    for row in rows(_ROWS, told):
        said = row._asdict()
        shown = said.pop("shown")
        found.append(EstimateRow(**{**said, "status": EstimateStatus(row.status)}, lines=shown.get("lines", ())))
    return found


def estimate_keys(refs: Sequence[UUID], *, company_id: int) -> dict[UUID, int]:
    """The keys of a company's estimates by their public ids; unknown ones are left out."""
    found = rows(
        "SELECT id, public_id FROM orders_estimate WHERE company_id = %s AND public_id = ANY(%s::uuid[])", (company_id, list(refs))
    )
    return {row.public_id: row.id for row in found}
