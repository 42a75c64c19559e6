"""What is kept of outside shops: their terms, column maps and secrets, and the articles behind their product codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from core.db import rows
from core.errors import Refusal
from orders.ports import INTAKE_SOURCE, IntakeSource
from orders.rules import CodeKind, IntakeColumn, NoticeWay, ShopTerms, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRow:
    """An outside shop as kept, with what its words mean."""

    id: int
    public_id: UUID
    code: str
    adapter: str
    name: str
    company_id: int
    secret_name: str
    tells_by: NoticeWay
    terms: ShopTerms
    statuses: Mapping[str, str]
    carriers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MapInUse:
    """The columns that hold, and their version; None where the counter's usual ones do."""

    columns: tuple[IntakeColumn, ...]
    version: int | None = None


_SHOPS = """
SELECT s.id, s.public_id, s.code, s.adapter, s.name, s.company_id, s.channel_id, s.secret_name, s.default_payment, s.tells_by
FROM orders_outsideshop s WHERE (%(ids)s::bigint[] IS NULL OR s.id = ANY(%(ids)s::bigint[])) AND s.ended_at IS NULL ORDER BY s.id
"""
_CODES = "SELECT shop_id, kind, theirs, ours FROM orders_outsidecode WHERE shop_id = ANY(%s::bigint[])"
_MAP = """
SELECT version, columns FROM orders_intakemap WHERE shop_id = %s AND outgoing = %s ORDER BY version DESC LIMIT 1
"""
# A code that staff mapped before one that is our SKU, before one that is a JAN.
_VARIANTS = """
SELECT DISTINCT ON (code) code, variant_id FROM (
    SELECT a.code, a.variant_id, 0 AS rank FROM orders_outsidearticle a WHERE a.shop_id = %(shop)s AND a.code = ANY(%(codes)s::text[])
    UNION ALL
    SELECT v.sku, v.id, 1 FROM catalog_variant v
    WHERE v.company_id = %(company)s AND v.sku = ANY(%(codes)s::text[]) AND v.ended_at IS NULL
    UNION ALL
    SELECT v.jan, min(v.id), 2 FROM catalog_variant v
    WHERE v.jan <> '' AND v.jan = ANY(%(codes)s::text[]) AND v.company_id = %(company)s AND v.ended_at IS NULL
    GROUP BY v.jan HAVING count(*) = 1
) known ORDER BY code, rank, variant_id
"""


def intake_sources() -> dict[str, IntakeSource]:
    """Every counter that can be read, by its code."""
    return {source.code: source for source in INTAKE_SOURCE.all()}


def shops(ids: Sequence[int] | None = None) -> dict[int, ShopRow]:
    """Outside shops in use, by their keys; of these keys, or all. Two statements."""
    found = rows(_SHOPS, {"ids": list(ids) if ids is not None else None})
    codes = rows(_CODES, ([row.id for row in found],)) if found else []
    return {row.id: _shop(row, [code for code in codes if code.shop_id == row.id]) for row in found}


def _shop(row: Any, codes: Sequence[Any]) -> ShopRow:
    own: dict[str, dict[str, str]] = {str(kind): {} for kind in CodeKind}
    for code in codes:
        if code.kind == CodeKind.CARRIER:
            own[code.kind][code.ours] = code.theirs
        else:
            own[code.kind][code.theirs] = code.ours
    source = intake_sources().get(row.adapter)
    return ShopRow(
        id=row.id,
        public_id=row.public_id,
        code=row.code,
        adapter=row.adapter,
        name=row.name,
        company_id=row.company_id,
        secret_name=row.secret_name,
        tells_by=NoticeWay(row.tells_by),
        statuses=own[CodeKind.STATUS],
        carriers={**(source.carriers if source else {}), **own[CodeKind.CARRIER]},
        terms=ShopTerms(
            shop_id=row.id,
            company_id=row.company_id,
            channel_id=row.channel_id,
            name=row.name,
            adapter=row.adapter,
            payments={**(source.payments if source else {}), **own[CodeKind.PAYMENT]},
            bands=own[CodeKind.TIME_BAND],
            default_payment=row.default_payment or "",
            noshi=own[CodeKind.NOSHI],
            wrappings=own[CodeKind.WRAPPING],
        ),
    )


def shop_by_ref(public_id: UUID) -> ShopRow | None:
    """The shop in use behind a public id."""
    found = rows("SELECT id FROM orders_outsideshop WHERE public_id = %s AND ended_at IS NULL", (public_id,))
    return shops([found[0].id])[found[0].id] if found else None


def shop_by_code(company_id: int | None, code: str) -> ShopRow | None:
    """The shop in use of a company by its code."""
    found = rows("SELECT id FROM orders_outsideshop WHERE company_id = %s AND code = %s AND ended_at IS NULL", (company_id, code))
    return shops([found[0].id])[found[0].id] if found else None


def intake_map(shop: ShopRow, *, outgoing: bool = False) -> MapInUse:
    """The columns that hold for a shop: its newest version, else the counter's usual ones."""
    found = rows(_MAP, (shop.id, outgoing))
    if found:
        columns = columns_of(found[0].columns, outgoing=outgoing)
        if not isinstance(columns, list):
            return MapInUse(columns, found[0].version)
    source = intake_sources().get(shop.adapter)
    usual = (source.out_columns if outgoing else source.columns) if source else ()
    return MapInUse(tuple(usual))


def variants_behind(codes: Sequence[str], *, shop: ShopRow) -> dict[str, int]:
    """The variant behind each outside code that is known, in one statement."""
    found = rows(_VARIANTS, {"shop": shop.id, "company": shop.company_id, "codes": sorted(set(codes))})
    return {row.code: row.variant_id for row in found}


def secrets_of(shop: ShopRow) -> Mapping[str, Any]:
    """The secrets of a shop, as the installation's settings hold them; none where it names none."""
    kept: Mapping[str, Any] = settings.INTAKE_SECRETS.get(shop.secret_name, {}) if shop.secret_name else {}
    return kept


def buyers_mailed_by_counter(order_ids: Sequence[int]) -> set[int]:
    """Of these orders, those whose buyers hear from the counter and not from us. One statement."""
    found = rows(
        """SELECT o.id FROM orders_order o JOIN orders_intakeorder i ON i.channel_id = o.channel_id AND i.outside_number = o.outside_number
           JOIN orders_outsideshop s ON s.id = i.shop_id WHERE o.id = ANY(%s::bigint[]) AND o.outside_number <> '' AND NOT s.mails_buyers""",
        (list(order_ids),),
    )
    return {row.id for row in found}


def people_in_intake(document_id: int) -> list[str]:
    """Whose data a document holds: the customers of its orders that stand, the outside numbers of the others."""
    found = rows(
        """SELECT r.outside_number, c.public_id FROM orders_intakerow r JOIN orders_intakedocument d ON d.id = r.document_id
           JOIN orders_outsideshop s ON s.id = d.shop_id
           LEFT JOIN orders_intakeorder i ON i.channel_id = s.channel_id AND i.outside_number = r.outside_number
           LEFT JOIN orders_order o ON o.id = i.order_id LEFT JOIN customers_customer c ON c.id = o.customer_id
           WHERE r.document_id = %s ORDER BY r.number""",
        (document_id,),
    )
    return [f"customer:{row.public_id}" if row.public_id else f"outside order:{row.outside_number}" for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRowShown:
    """What became of an order of a document, and how it stands now."""

    number: int
    outside_number: str
    fate: str
    fault: Refusal | None
    state: str
    order_ref: UUID | None
    problem: Refusal | None


def intake_rows(document_id: int, *, limit: int = 20_000) -> tuple[Any, list[IntakeRowShown]]:
    """A document as it was read, and what became of each of its orders. Two statements."""
    document = rows("SELECT public_id, state, code, message, params FROM orders_intakedocument WHERE id = %s", (document_id,))[0]
    found = rows(
        """SELECT r.number, r.outside_number, r.fate, r.code, r.message, r.params, r.field, i.state, i.code AS problem, i.message AS why, i.params AS about,
               i.field AS at, o.public_id AS order_ref
           FROM orders_intakerow r JOIN orders_intakedocument d ON d.id = r.document_id JOIN orders_outsideshop s ON s.id = d.shop_id
           LEFT JOIN orders_intakeorder i ON i.channel_id = s.channel_id AND i.outside_number = r.outside_number AND r.outside_number <> ''
           LEFT JOIN orders_order o ON o.id = i.order_id
           WHERE r.document_id = %s ORDER BY r.number, r.id LIMIT %s""",
        (document_id, limit),
    )
    return document, [
        IntakeRowShown(
            number=row.number,
            outside_number=row.outside_number,
            fate=row.fate,
            fault=Refusal(row.code, row.message, row.params, row.field) if row.code else None,
            state=row.state or "",
            order_ref=row.order_ref,
            problem=Refusal(row.problem, row.why, row.about, row.at) if row.problem else None,
        )
        for row in found
    ]
