"""What a label needs to know of its parcel, contracts with carriers, and who is named in their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.db import rows
from core.text import format_phone
from inventory.rules import FileKind
from orders.ports import LABEL_CARRIER, LabelCarrier
from orders.queries.leaving import may_leave_sql
from orders.rules import LabelLayout, LabelParcel, LabelParty, LabelTerms

KEPT_DAYS = 7
MOST_NAMED = 5
"""So many products are named where a contract has no words for the contents."""


def label_carriers() -> dict[str, LabelCarrier]:
    """Every carrier whose files we know, by its code."""
    return {one.carrier(): one for one in LABEL_CARRIER.all()}


def label_layouts() -> dict[str, LabelLayout]:
    """Every file a carrier's program reads, by its code."""
    return {layout.code: layout for one in LABEL_CARRIER.all() for layout in one.label_layouts()}


def label_kinds() -> tuple[FileKind, ...]:
    """The kinds of file that go to carriers' programs and come from them."""
    return tuple(kind for one in LABEL_CARRIER.all() for kind in (*(layout.kind for layout in one.label_layouts()), one.result_kind()))


def carrier_of_result(kind: str) -> LabelCarrier | None:
    """The carrier whose program writes this kind of file."""
    return next((one for one in LABEL_CARRIER.all() if one.result_kind().code == kind), None)


_TO_LABEL = f"""
SELECT s.id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
WHERE s.location_id = %(location)s AND s.status = 'planned' AND {may_leave_sql()}
  AND (s.carrier = '' OR s.carrier = ANY(%(carriers)s::text[]))
  AND CASE WHEN s.service_id IS NULL THEN d.wished_on IS NULL OR d.wished_on <= %(until)s ELSE s.planned_on <= %(leaves)s END
  AND NOT EXISTS (SELECT 1 FROM orders_shipmentlabel l WHERE l.shipment_id = s.id)
  AND NOT EXISTS (
    SELECT 1 FROM orders_shipment m WHERE m.box = s.box AND m.box IS NOT NULL AND m.id < s.id AND m.status IN ('planned', 'instructed'))
ORDER BY s.id LIMIT %(most)s
"""


def parcels_to_label(location_id: int, *, leaves_on: date, limit: int) -> list[int]:
    """Parcels of a location that may leave on a day and have no label data yet, the oldest first; of a box the first. One statement.

    Carriers keep a parcel ``KEPT_DAYS`` for the day its buyer wishes; what is wished for later waits. What was planned by a delivery
    service leaves on its planned day.
    """
    asked = {
        "until": leaves_on + timedelta(days=KEPT_DAYS),
        "leaves": leaves_on,
        "location": location_id,
        "carriers": list(label_carriers()),
        "most": limit,
    }
    return [row.id for row in rows(_TO_LABEL, asked, prepare=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How a company sends with a carrier."""

    layout: str
    terms: LabelTerms
    sender: LabelParty


_CONTRACTS = "SELECT * FROM orders_carriercontract WHERE company_id = ANY(%s::bigint[]) AND ended_at IS NULL"


class Contracts:
    """The contracts in force of some companies: one of the location before one of the company."""

    def __init__(self, company_ids: Sequence[int]) -> None:
        self._rows = {(row.company_id, row.carrier, row.location_id): row for row in rows(_CONTRACTS, (sorted(set(company_ids)),))}

    def of(self, company_id: int, carrier: str, location_id: int) -> Contract | None:
        """The one that holds there."""
        row = self._rows.get((company_id, carrier, location_id)) or self._rows.get((company_id, carrier, None))
        return _contract(row) if row else None


def _contract(row: Any) -> Contract:
    return Contract(
        layout=row.layout,
        terms=LabelTerms(
            customer_code=row.customer_code, classification=row.classification, freight_code=row.freight_code, goods=row.goods,
            handling_1=row.handling_1, handling_2=row.handling_2, packing=row.packing, phone=row.sender_phone,
        ),
        sender=LabelParty(
            name=row.sender_name, phone=row.sender_phone, postal_code=row.sender_postal_code, address=row.sender_address,
            building=row.sender_building,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelToLabel:
    """A parcel before its contract is known; ``buyer`` is the sender of a gift."""

    shipment_id: int
    ref: UUID
    number: str
    order_number: str
    company_id: int
    location_id: int
    location: str
    carrier: str
    timezone: str
    wished_on: date | None
    time_band: str
    pieces: int
    collect: int | None
    collect_tax: int
    currency: str
    recipient: LabelParty
    buyer: LabelParty | None
    temperatures: frozenset[str]
    goods: tuple[str, ...]
    label_kind: str
    known_file: str
    """The file that told of it before."""

    def as_told(self, contract: Contract, *, today: date, leaves_on: date) -> LabelParcel:
        """The parcel as its label tells it."""
        return LabelParcel(
            number=self.number, order_number=self.order_number, today=today, leaves_on=leaves_on, wished_on=self.wished_on,
            time_band=self.time_band, pieces=self.pieces, collect=self.collect, collect_tax=self.collect_tax, currency=self.currency,
            recipient=self.recipient, sender=_sender(self.buyer, contract.sender), temperatures=self.temperatures, goods=self.goods,
            label_kind=self.label_kind,
        )  # fmt: skip


def _sender(buyer: LabelParty | None, company: LabelParty) -> LabelParty:
    """A gift is from its buyer; where nobody knows where they live, it comes from the company's address."""
    if buyer is None:
        return company
    if buyer.address and buyer.postal_code:
        return buyer
    return LabelParty(
        name=buyer.name, phone=buyer.phone or company.phone, postal_code=company.postal_code, address=company.address,
        building=company.building or company.name,
    )  # fmt: skip


# The first parcel of an order that goes to the buyer takes all its cash at the door: the others must not take it once more.
# A label speaks for everything in its box: the goods, the wished day of whoever has one, the cash of the one order that is paid so.
_PARCELS = """
SELECT s.id AS shipment_id, s.public_id AS ref, s.number, o.number AS order_number, s.company_id, s.location_id, loc.code AS location, s.carrier, c.timezone,
    coalesce(d.wished_on, cash.wished_on) AS wished_on, coalesce(nullif(d.time_band, ''), cash.time_band) AS time_band, s.pieces, o.currency,
    d.is_gift, cash.collect, cash.total, cash.tax_total,
    d.name, d.organisation_name, d.phone, d.postal_code, d.prefecture || d.city || d.street AS address, d.building, d.country,
    coalesce(nullif(gift.sender_name, ''), o.buyer_name) AS buyer_name, o.buyer_phone, a.postal_code AS buyer_postal_code, a.prefecture || a.city || a.street AS buyer_address,
    a.building AS buyer_building, a.phone AS buyer_address_phone, coalesce(f.name, '') AS known_file, g.goods, g.zones,
    CASE WHEN ds.carrier = s.carrier THEN ds.label_kind ELSE '' END AS label_kind
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN core_company c ON c.id = s.company_id JOIN inventory_location loc ON loc.id = s.location_id
LEFT JOIN orders_gift gift ON gift.destination_id = d.id
LEFT JOIN orders_deliveryservice ds ON ds.id = s.service_id
LEFT JOIN customers_address a ON d.is_gift AND a.customer_id = o.customer_id AND a.is_default AND a.ended_at IS NULL
JOIN LATERAL (SELECT ARRAY(
    SELECT s.id UNION SELECT m.id FROM orders_shipment m WHERE m.box = s.box AND m.box IS NOT NULL AND m.status IN ('planned', 'instructed')
) AS ids) box ON true
LEFT JOIN LATERAL (SELECT file_id FROM orders_shipmentlabel WHERE shipment_id = ANY(box.ids) ORDER BY id DESC LIMIT 1) l ON true
LEFT JOIN inventory_exchangefile f ON f.id = l.file_id
JOIN LATERAL (
    SELECT array_agg(n.name ORDER BY n.position) AS goods, array_remove(array_agg(DISTINCT i.temperature_zone), NULL) AS zones
    FROM orders_shipmentline sl JOIN orders_line n ON n.id = sl.line_id
    LEFT JOIN inventory_allocation al ON al.id = sl.allocation_id LEFT JOIN inventory_stockitem i ON i.id = al.stock_item_id
    WHERE sl.shipment_id = ANY(box.ids)
) g ON true
JOIN LATERAL (
    SELECT max(bd.wished_on) AS wished_on, max(bd.time_band) AS time_band, sum(bo.total - bo.paid_total) FILTER (WHERE takes) AS collect,
        sum(bo.total) FILTER (WHERE takes) AS total, sum(bo.tax_total) FILTER (WHERE takes) AS tax_total
    FROM orders_shipment bs JOIN orders_order bo ON bo.id = bs.order_id JOIN orders_destination bd ON bd.id = bs.destination_id
    CROSS JOIN LATERAL (SELECT bo.payment_method = 'cash_on_delivery' AND bo.total > bo.paid_total AND bs.id = (
        SELECT min(x.id) FROM orders_shipment x WHERE x.order_id = bo.id AND x.status NOT IN ('cancelled', 'returned')) AS takes) t
    WHERE bs.id = ANY(box.ids)
) cash ON true
WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id
"""


def parcels_as_labels(shipment_ids: Sequence[int]) -> list[ParcelToLabel]:
    """Everything labels tell of these parcels. One statement."""
    return [_parcel(row) for row in rows(_PARCELS, (list(shipment_ids),))]


def _parcel(row: Any) -> ParcelToLabel:
    buyer = LabelParty(
        name=row.buyer_name, phone=format_phone(row.buyer_phone or row.buyer_address_phone or ""), postal_code=row.buyer_postal_code or "",
        address=row.buyer_address or "", building=row.buyer_building or "",
    )  # fmt: skip
    return ParcelToLabel(
        shipment_id=row.shipment_id, ref=row.ref, number=row.number, order_number=row.order_number, company_id=row.company_id,
        location_id=row.location_id, location=row.location, carrier=row.carrier, timezone=row.timezone,
        wished_on=row.wished_on, time_band=row.time_band, pieces=row.pieces, collect=int(row.collect) if row.collect else None,
        collect_tax=int(row.tax_total * row.collect // row.total) if row.collect else 0, currency=row.currency,
        recipient=LabelParty(
            name=row.name, organisation=row.organisation_name, phone=format_phone(row.phone), postal_code=row.postal_code,
            address=row.address, building=row.building, country=row.country,
        ),
        buyer=buyer if row.is_gift and row.buyer_name else None, temperatures=frozenset(row.zones or ()),
        goods=tuple(dict.fromkeys(row.goods or ()))[:MOST_NAMED], known_file=row.known_file,
        label_kind=row.label_kind or "",
    )  # fmt: skip


def parcels_by_ref(refs: Sequence[UUID], *, company_id: int) -> dict[UUID, int]:
    """The keys of a company's parcels. One statement."""
    found = rows(
        "SELECT id, public_id FROM orders_shipment WHERE company_id = %s AND public_id = ANY(%s::uuid[])", (company_id, list(refs))
    )
    return {row.public_id: row.id for row in found}


def refs_of_parcels(shipment_ids: Sequence[int]) -> dict[int, UUID]:
    """The public ids of parcels. One statement."""
    return {
        row.id: row.public_id
        for row in rows("SELECT id, public_id FROM orders_shipment WHERE id = ANY(%s::bigint[])", (list(shipment_ids),))
    }


_BUYERS = """
SELECT DISTINCT c.public_id FROM orders_shipmentlabel l JOIN orders_shipment s ON s.id = l.shipment_id
JOIN orders_order o ON o.id = s.order_id JOIN customers_customer c ON c.id = o.customer_id WHERE l.file_id = %s
"""


def buyers_in_label_file(file_id: int) -> list[UUID]:
    """The customers whose parcels a file for a carrier tells of. One statement."""
    return [row.public_id for row in rows(_BUYERS, (file_id,))]


def numbers_of_shipment(shipment_id: int) -> list[str]:
    """Every tracking number on the pieces of a parcel. One statement."""
    found = rows("SELECT number FROM orders_trackingnumber WHERE shipment_id = %s AND ended_at IS NULL ORDER BY id", (shipment_id,))
    return [row.number for row in found]
