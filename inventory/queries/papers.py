"""Purchase orders and transfers as partner systems read them, and the ids behind what they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseRow:
    """A purchase order."""

    id: int
    public_id: UUID
    number: str
    supplier: str
    location: str
    status: str
    currency: str
    expected_on: date | None
    drafted_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """A transfer between locations."""

    id: int
    public_id: UUID
    number: str
    from_location: str
    to_location: str
    status: str
    expected_on: date | None
    planned_at: datetime


_PURCHASES = """
SELECT p.id, p.public_id, p.number, s.code AS supplier, l.code AS location, p.status, p.currency, p.expected_on, p.drafted_at, p.version
FROM inventory_purchaseorder p JOIN inventory_supplier s ON s.id = p.supplier_id JOIN inventory_location l ON l.id = p.location_id
WHERE p.company_id = %(company)s
"""
_TRANSFERS = """
SELECT t.id, t.public_id, t.number, f.code AS from_location, o.code AS to_location, t.status, t.expected_on, t.planned_at
FROM inventory_stocktransfer t JOIN inventory_location f ON f.id = t.from_location_id JOIN inventory_location o ON o.id = t.to_location_id
WHERE t.company_id = %(company)s
"""


def purchase_page(company_id: int | None, *, limit: int, before_id: int | None = None, status: str | None = None) -> list[PurchaseRow]:
    """A company's purchase orders, the newest first, below an id. One statement."""
    told = {"company": company_id, "status": status, "before": before_id, "limit": limit}
    found = rows(f"{_PURCHASES}{_wanted('p', status, before_id)} ORDER BY p.id DESC LIMIT %(limit)s", told, prepare=False)
    return [PurchaseRow(**row._asdict()) for row in found]


def transfer_page(company_id: int | None, *, limit: int, before_id: int | None = None, status: str | None = None) -> list[TransferRow]:
    """A company's transfers, the newest first, below an id. One statement."""
    told = {"company": company_id, "status": status, "before": before_id, "limit": limit}
    found = rows(f"{_TRANSFERS}{_wanted('t', status, before_id)} ORDER BY t.id DESC LIMIT %(limit)s", told, prepare=False)
    return [TransferRow(**row._asdict()) for row in found]


def purchase_rows(public_ids: Sequence[UUID], *, company_id: int | None) -> list[PurchaseRow]:
    """The company's purchase orders of these public ids; foreign ones are left out."""
    found = rows(f"{_PURCHASES} AND p.public_id = ANY(%(ids)s::uuid[]) ORDER BY p.id", {"company": company_id, "ids": list(public_ids)})
    return [PurchaseRow(**row._asdict()) for row in found]


def transfer_rows(public_ids: Sequence[UUID], *, company_id: int | None) -> list[TransferRow]:
    """The company's transfers of these public ids; foreign ones are left out."""
    found = rows(f"{_TRANSFERS} AND t.public_id = ANY(%(ids)s::uuid[]) ORDER BY t.id", {"company": company_id, "ids": list(public_ids)})
    return [TransferRow(**row._asdict()) for row in found]


def purchase_by_id(purchase_order_id: int) -> PurchaseRow:
    """The purchase order of an id that an operation has just answered with."""
    found = rows(f"{_PURCHASES.replace('p.company_id = %(company)s', 'p.id = %(id)s')}", {"id": purchase_order_id})
    return PurchaseRow(**found[0]._asdict())


def supplier_keys(codes: Sequence[str], *, company_id: int) -> dict[str, int]:
    """The ids of a company's suppliers in use by code; an unknown code is left out."""
    found = rows(
        "SELECT code, id FROM inventory_supplier WHERE company_id = %s AND ended_at IS NULL AND code = ANY(%s::text[])",
        (company_id, list(codes)),
    )
    return {row.code: row.id for row in found}


def transfer_by_id(transfer_id: int) -> TransferRow:
    """The transfer of an id that an operation has just answered with."""
    found = rows(f"{_TRANSFERS.replace('t.company_id = %(company)s', 't.id = %(id)s')}", {"id": transfer_id})
    return TransferRow(**found[0]._asdict())


def _wanted(name: str, status: str | None, before_id: int | None) -> str:
    wanted = f" AND {name}.status = %(status)s" if status is not None else ""
    return wanted + (f" AND {name}.id < %(before)s" if before_id is not None else "")
