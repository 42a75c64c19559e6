"""Parcels are told to a warehouse, taken back while it has not accepted them, and accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, override

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import FilePlace
from orders.operations.inserting import choose_inserts
from orders.operations.shipping import in_box_with, lock_parcels
from orders.queries import may_leave_sql
from orders.rules import NEW, WITHDRAWAL, InstructionStatus, Knot, NoshiPlacement, ShipmentStatus

MOST = 2_000
"""So many parcels go into one file; the rest go into the next."""

_READY = f"""
SELECT s.id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
WHERE s.location_id = %(location)s AND s.company_id = %(company)s AND s.status = 'planned' AND {may_leave_sql()}
  AND (%(ids)s::bigint[] IS NULL OR s.id = ANY(%(ids)s::bigint[]))
  AND (s.box IS NULL OR NOT EXISTS (
    SELECT FROM orders_shipment m JOIN orders_order mo ON mo.id = m.order_id
    WHERE m.box = s.box AND m.box IS NOT NULL AND m.status = 'planned' AND NOT {may_leave_sql(parcel="m", order="mo")}))
ORDER BY s.id LIMIT %(most)s
"""
_TELL = """
WITH told AS (
    INSERT INTO orders_shipmentinstruction (shipment_id, company_id, number, version, file_id, sent_at)
    SELECT s.id, s.company_id, s.number || '-' || n.version, n.version, %(file)s::bigint, %(at)s
    FROM orders_shipment s
    CROSS JOIN LATERAL (
        SELECT coalesce(max(i.version), 0) + 1 AS version FROM orders_shipmentinstruction i WHERE i.shipment_id = s.id
    ) n
    WHERE s.id = ANY(%(ids)s::bigint[]) ORDER BY s.id
    RETURNING shipment_id
)
UPDATE orders_shipment s SET status = 'instructed', instructed_at = %(at)s, version = s.version + 1 FROM told WHERE s.id = told.shipment_id
"""
# All of an order's cash is taken at the door by its first parcel: the others must not take it once more.
_ROWS = """
SELECT i.number AS instruction, i.version, o.number AS "order", s.planned_on, loc.code AS location, d.wished_on, d.time_band,
    CASE WHEN o.payment_method = 'cash_on_delivery' AND s.id = (
        SELECT min(x.id) FROM orders_shipment x WHERE x.order_id = o.id AND x.status NOT IN ('cancelled', 'returned')
    ) THEN o.total - o.paid_total END AS collect, d.name, d.kana,
    d.organisation_name AS organisation, d.postal_code, d.prefecture, d.city, d.street, d.building, d.phone,
    CASE WHEN coalesce(g.hides_prices, d.is_gift) THEN 1 END AS hide_prices,
    CASE WHEN d.is_gift THEN coalesce(nullif(g.sender_name, ''), o.buyer_name) END AS sender, g.title AS noshi, g.noshi_name AS noshi_kind,
    g.knot, g.placement, replace(g.names, E'\\n', ' / ') AS noshi_names, g.wrapping_name AS wrapping, g.card_name AS card,
    nullif(d.gift_message, '') AS message, row_number() OVER (PARTITION BY i.id ORDER BY n.is_insert, n.position, n.id) AS line, n.sku,
    n.product, n.quantity, box.number AS box, CASE WHEN n.is_insert THEN 1 END AS insert
FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id JOIN orders_order o ON o.id = s.order_id
JOIN orders_destination d ON d.id = s.destination_id LEFT JOIN orders_gift g ON g.destination_id = d.id
JOIN inventory_location loc ON loc.id = s.location_id
JOIN LATERAL (
    SELECT false AS is_insert, l.position, min(sl.id) AS id, l.sku, l.name AS product, max(sl.quantity)::int AS quantity
    FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id WHERE sl.shipment_id = s.id GROUP BY l.id
    UNION ALL
    SELECT true, 0, x.id, k.code, k.name, x.quantity::int FROM orders_shipmentinsert x JOIN inventory_stockitem k ON k.id = x.stock_item_id
    WHERE x.shipment_id = s.id AND x.ended_at IS NULL AND s.insert_count > 0
) n ON true
LEFT JOIN LATERAL (
    SELECT min(m.number) FILTER (WHERE m.first) AS number FROM (
        SELECT b.number, row_number() OVER (ORDER BY b.id) = 1 AS first FROM orders_shipment b
        WHERE b.box = s.box AND b.box IS NOT NULL AND b.status = 'instructed'
    ) m HAVING count(*) > 1
) box ON true
WHERE i.file_id = %s ORDER BY i.id, line
"""
_TAKEN_BACK = """
UPDATE orders_shipmentinstruction i SET withdrawal_file_id = %(file)s::bigint FROM orders_shipment s
WHERE s.id = i.shipment_id AND s.location_id = %(location)s AND i.company_id = %(company)s AND i.status = 'withdrawn'
  AND i.withdrawal_file_id IS NULL
RETURNING i.number AS instruction, i.version
"""


@operation
def instruct_shipments(*, place: FilePlace, actor: Actor, at: datetime) -> list[Mapping[str, object]]:
    """Every parcel of the location that may leave is told to its warehouse, once per version; answers with the rows of the file.

    What was taken back and not yet told so comes first, as withdrawals. What is in one box is told in one file or not yet. Locks
    orders, then parcels. The rest of what ``MOST`` leaves out goes with the next file.
    """
    told = {"location": place.location_id, "company": place.company_id, "file": place.file_id or None, "at": at}
    back = rows(_TAKEN_BACK, told)
    asked = {**told, "most": MOST}
    ready = [row.id for row in rows(_READY, {**asked, "ids": None}, prepare=False)]
    held = [parcel.id for parcel in lock_parcels(ready)]  # with what is in one box with them, though it be more than the most
    served = choose_inserts(held, actor=actor, at=at) if held else []
    held = [
        i for i, found in zip(held, served, strict=True) if not isinstance(found, Refusal)
    ]  # whose insert is short waits, if a rule says so
    ids = [row.id for row in rows(_READY, {**asked, "ids": held, "most": len(held)}, prepare=False)]  # as they are once they are locked
    if ids:
        run(_TELL, {**told, "ids": ids})
    withdrawals: list[Mapping[str, object]] = [{"action": WITHDRAWAL, **row._asdict()} for row in sorted(back)]
    return withdrawals + [{"action": NEW, **_in_words(row._asdict())} for row in (rows(_ROWS, (place.file_id,)) if ids else [])]


def _in_words(told: dict[str, object]) -> dict[str, object]:
    """Knot and placement of a noshi in the words that a packer reads."""
    if told["knot"] is None:
        return {**told, "placement": None}
    knot, placement = Knot.labels()[Knot(str(told["knot"]))], NoshiPlacement.labels()[NoshiPlacement(str(told["placement"]))]
    with override("ja"):  # the file is the warehouse's, whoever has it written
        return {**told, "knot": gettext(knot), "placement": gettext(placement)}


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The parcel is planned again; the warehouse is told with its next file."""

    shipment_id: int
    repeated: bool = False


_INSTRUCTIONS = """
SELECT i.number, i.status, i.shipment_id FROM orders_shipmentinstruction i
WHERE i.shipment_id = ANY(%s::bigint[]) AND i.status IN ('sent', 'accepted')
"""
_WITHDRAW = """
WITH gone AS (
    UPDATE orders_shipmentinstruction SET status = 'withdrawn', ended_at = %s
    WHERE shipment_id = ANY(%s::bigint[]) AND status IN ('sent', 'accepted') RETURNING shipment_id
)
UPDATE orders_shipment s SET status = 'planned', instructed_at = NULL, version = s.version + 1 FROM gone
WHERE s.id = gone.shipment_id AND s.status = 'instructed'
"""


@operation
def withdraw_instructions(
    shipment_ids: Sequence[int], *, actor: Actor, at: datetime, has_stopped: bool = False
) -> list[Withdrawn | Refusal]:
    """The warehouse need not ship these parcels: they are planned again, and it is told with its next file.

    What it has accepted can be taken back only when it ``has_stopped``, as somebody has found out. Refuses "order.not_found",
    "order.instruction_accepted". A parcel that was not instructed is answered as repeated. A box is taken back with all that is in it.
    """
    found = {shipment.id: shipment for shipment in lock_parcels(shipment_ids)}
    told = {row.shipment_id: row for row in rows(_INSTRUCTIONS, (list(found),))}
    boxes = {i: [m.id for m in in_box_with(s, found.values(), (ShipmentStatus.INSTRUCTED,))] for i, s in found.items()}
    firm = {row.shipment_id for row in told.values() if not has_stopped and row.status != InstructionStatus.SENT}
    take_back([i for i in told if not firm.intersection(boxes[i])], at=at)
    # Of a box, one that its warehouse has accepted speaks for all.
    spoken = {i: next((told[m] for m in mates if m in firm), told.get(i)) for i, mates in boxes.items()}
    return [_withdrawal(i, found.get(i), spoken.get(i), has_stopped=has_stopped) for i in shipment_ids]


def take_back(shipment_ids: Sequence[int], *, at: datetime) -> None:
    """What a warehouse was told of these held parcels holds no longer; those that were to leave are planned again."""
    if shipment_ids:
        run(_WITHDRAW, (at, list(shipment_ids)))


def _withdrawal(shipment_id: int, shipment: Any, told: Any, *, has_stopped: bool) -> Withdrawn | Refusal:
    if shipment is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    if told is not None and told.status == InstructionStatus.ACCEPTED and not has_stopped:
        return accepted_already(told.number)
    return Withdrawn(shipment_id, repeated=told is None)


def accepted_already(number: str) -> Refusal:
    """Why nothing of an accepted instruction can be taken back."""
    return Refusal(
        "order.instruction_accepted",
        _(
            "The warehouse has accepted instruction %(number)s and may be packing. Ask it to stop, then take the instruction back on the parcel’s page."
        ),
        {"number": number},
    )


@dataclass(frozen=True, slots=True)
class Accepted:
    """An instruction as it stands after its warehouse has spoken; ``is_new`` where that changed it."""

    status: InstructionStatus
    is_new: bool


_ASKED = """
SELECT i.shipment_id AS id FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id
WHERE i.company_id = %s AND s.location_id = %s AND i.number = ANY(%s::text[])
"""
_ACCEPT = """
UPDATE orders_shipmentinstruction i SET status = 'accepted' FROM orders_shipment s
WHERE s.id = i.shipment_id AND i.company_id = %s AND s.location_id = %s AND i.number = ANY(%s::text[]) AND i.status = 'sent'
RETURNING i.number
"""
_KNOWN = """
SELECT i.number, i.status FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id
WHERE i.company_id = %s AND s.location_id = %s AND i.number = ANY(%s::text[])
"""


@operation
def accept_instructions(numbers: Sequence[str], *, place: FilePlace, actor: Actor, at: datetime) -> dict[str, Accepted]:
    """The warehouse has taken these instructions on; answers for each that is its own. Again changes nothing."""
    asked = (place.company_id, place.location_id, list(numbers))
    lock_parcels([row.id for row in rows(_ASKED, asked, prepare=False)])
    now = {row.number for row in rows(_ACCEPT, asked, prepare=False)}
    return {row.number: Accepted(InstructionStatus(row.status), is_new=row.number in now) for row in rows(_KNOWN, asked, prepare=False)}
