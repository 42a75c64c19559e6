"""Counters hear that parcels left: each once, by a file or by a call that is repeated until it is answered."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.actor import Actor
from core.csv import ExportWriter
from core.db import in_operation, operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.queries import zone_of
from orders.ports import Declined, NoAnswer, Notice, NoticeDoor, missing_secrets
from orders.queries import ShopRow, intake_map, intake_sources, secrets_of, shops

MOST_TRIES = 12
LEASE = "2 minutes"

# Once per parcel by its unique key. The order is found by its outside number, whatever was noted of it meanwhile.
_QUEUE = """
INSERT INTO orders_outsidenotice (company_id, shop_id, shipment_id, intake_order_id, way, due_at)
SELECT i.company_id, i.shop_id, s.id, i.id, sh.tells_by, %(at)s
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
JOIN orders_intakeorder i ON i.channel_id = o.channel_id AND i.outside_number = o.outside_number
JOIN orders_outsideshop sh ON sh.id = i.shop_id
WHERE s.id = ANY(%(ids)s::bigint[]) AND o.outside_number <> '' AND s.status IN ('shipped', 'delivered') AND sh.tells_by <> 'none'
ORDER BY s.id ON CONFLICT (shipment_id) DO NOTHING RETURNING id
"""
_LEASE = """
UPDATE orders_outsidenotice SET leased_until = clock_timestamp() + %(lease)s::text::interval, tries = tries + 1
WHERE id IN (
    SELECT n.id FROM orders_outsidenotice n JOIN orders_shipment s ON s.id = n.shipment_id
    WHERE n.state = 'due' AND n.way = 'call' AND n.due_at <= %(at)s AND s.tracking_number <> ''
        AND (n.leased_until IS NULL OR n.leased_until < clock_timestamp())
    ORDER BY n.due_at, n.id LIMIT %(limit)s FOR UPDATE OF n SKIP LOCKED)
RETURNING id
"""
_TOLD = """
SELECT n.id, n.shop_id, n.tries, n.shipment_id, i.outside_number, i.said, i.agreed, s.carrier, s.tracking_number, s.shipped_on, s.shipped_at,
    d.position AS destination,
    (SELECT jsonb_agg(jsonb_build_array(q.outside_line, q.quantity) ORDER BY q.position) FROM (
        SELECT l.outside_line, l.position, max(sl.quantity) AS quantity FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id
        WHERE sl.shipment_id = s.id GROUP BY l.id, l.outside_line, l.position) q) AS items
FROM orders_outsidenotice n JOIN orders_intakeorder i ON i.id = n.intake_order_id JOIN orders_shipment s ON s.id = n.shipment_id
JOIN orders_destination d ON d.id = s.destination_id WHERE n.id = ANY(%s::bigint[]) ORDER BY n.id
"""
_OUTCOME = """
UPDATE orders_outsidenotice SET leased_until = NULL, state = %(state)s::text, answer = %(answer)s,
    sent_at = CASE WHEN %(state)s::text = 'sent' THEN %(at)s::timestamptz END,
    due_at = %(at)s::timestamptz + make_interval(secs => least(30 * 2 ^ least(tries, 10), 3600)) WHERE id = %(id)s AND state = 'due'
"""
_FOR_FILE = """
SELECT n.id FROM orders_outsidenotice n JOIN orders_shipment s ON s.id = n.shipment_id
WHERE n.shop_id = %s AND n.state = 'due' AND n.way = 'file' AND s.tracking_number <> '' ORDER BY n.id LIMIT 5000 FOR UPDATE OF n SKIP LOCKED
"""
_KEEP_FILE = """
INSERT INTO orders_noticefile (company_id, shop_id, name, content, row_count, at, actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(company)s, %(shop)s, %(name)s, %(content)s, %(rows)s, %(at)s, %(kind)s, %(who)s, %(label)s, %(for)s) RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesWritten:
    """A file with what a counter is to be told."""

    file_id: int
    name: str
    content: bytes
    rows: int


@operation
def queue_notices(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Parcels of outside orders that left are to be told to their counters, each once; answers with how many are new."""
    return len(rows(_QUEUE, {"ids": list(shipment_ids), "at": at}))


def tell_counters(*, actor: Actor, at: datetime, limit: int = 50) -> int:
    """Counters with an interface are called, one parcel after the other, outside every transaction; answers with how many heard it.

    A call that nobody answered is made again, later each time; one that was declined, or twelve that were not answered, wait for a
    person. A process that dies between the call and its note leaves a notice that is told twice at most: adapters bear that.
    """
    if in_operation():
        raise RuntimeError("Counters are called outside transactions")
    told = 0
    for row in _due(limit, actor=actor, at=at):
        state, answer = _tell(row)
        told += state == "sent"
        _note_outcome(row.id, state=state, answer=answer, actor=actor, at=at)
    return told


@operation
def _due(limit: int, *, actor: Actor, at: datetime) -> list[Any]:
    leased = rows(_LEASE, {"lease": LEASE, "at": at, "limit": limit})
    return rows(_TOLD, ([row.id for row in leased],)) if leased else []


def _tell(row: Any) -> tuple[str, str]:
    """What became of one call, as its state and in a word for people."""
    shop = shops([row.shop_id]).get(row.shop_id)
    source = intake_sources().get(shop.adapter) if shop else None
    if shop is None or source is None:
        return "failed", "no_such_shop"
    secrets = secrets_of(shop)
    missing = missing_secrets(source.secrets, secrets)
    address = secrets.get("base_url") or source.base_url  # never from the database: whoever edits shops must not choose who gets its keys
    if missing or not address:
        return _again(row, f"missing: {', '.join(missing) or 'base_url'}")
    try:
        source.tell(_notice(row, shop), NoticeDoor(base_url=address, secrets=secrets))
    except Declined as no:
        return "failed", f"{no.code} {no.message}".strip()
    except NoAnswer as silence:
        return _again(row, silence.code)
    return "sent", ""


def _again(row: Any, answer: str) -> tuple[str, str]:
    return ("failed" if row.tries >= MOST_TRIES else "due"), answer


def _notice(row: Any, shop: ShopRow) -> Notice:
    said = row.agreed or row.said
    destinations = said.get("destinations") or [{}]
    place = destinations[row.destination - 1] if row.destination <= len(destinations) else destinations[0]
    return Notice(
        number=row.outside_number,
        ref=said.get("ref") or row.outside_number,
        parcel=row.shipment_id,
        destination=place.get("ref") or "",
        carrier=shop.carriers.get(row.carrier) or shop.carriers.get("other") or row.carrier,
        tracking_number=row.tracking_number,
        shipped_on=row.shipped_on,
        items=tuple((str(line), int(quantity)) for line, quantity in row.items or [] if line),
    )


@operation
def _note_outcome(notice_id: int, *, state: str, answer: str, actor: Actor, at: datetime) -> None:
    run(_OUTCOME, {"id": notice_id, "state": state, "answer": answer[:300], "at": at})


@operation
def tell_again(notice_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Notices that were declined are to be told once more."""
    return run(
        """UPDATE orders_outsidenotice SET state = 'due', tries = 0, due_at = %s, leased_until = NULL, answer = ''
           WHERE id = ANY(%s::bigint[]) AND state = 'failed'""",
        (at, list(notice_ids)),
    )


@operation
def write_notices(*, shop_id: int, actor: Actor, at: datetime) -> NoticesWritten | Refusal:
    """What is to be told a counter by file stands in one, each parcel once. Refuses "intake.no_such_shop", "intake.nothing_to_tell"."""
    shop = shops([shop_id]).get(shop_id)
    if shop is None:
        return Refusal("intake.no_such_shop", _("There is no such outside shop, or it has ended."), {}, "/shop")
    due = [row.id for row in rows(_FOR_FILE, (shop_id,))]
    if not due:
        return Refusal("intake.nothing_to_tell", _("No parcel with a tracking number waits to be told to this counter."))
    columns = intake_map(shop, outgoing=True).columns
    file = io.BytesIO()
    writer = ExportWriter(file, header=[column.heading for column in columns], encoding="cp932")
    found = rows(_TOLD, (due,))
    for row in found:
        values = _cells(_notice(row, shop))
        writer.write([column.constant if not column.field else values[column.field] for column in columns])
    writer.close()
    local = at.astimezone(ZoneInfo(zone_of(shop.company_id)))
    name = f"{shop.code}_shipped_{local:%Y%m%d%H%M%S}_{due[0]}.csv"
    given = {"company": shop.company_id, "shop": shop.id, "name": name, "content": file.getvalue(), "rows": len(found), "at": at}
    who = {"kind": str(actor.kind), "who": actor.id, "label": actor.label, "for": actor.on_behalf_of}
    file_id: int = rows(_KEEP_FILE, {**given, **who})[0].id
    run("UPDATE orders_outsidenotice SET state = 'sent', sent_at = %s, file_id = %s WHERE id = ANY(%s::bigint[])", (at, file_id, due))
    return NoticesWritten(file_id=file_id, name=name, content=file.getvalue(), rows=len(found))


def write_notice_files(shop_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[NoticesWritten | Refusal]:
    """What waits to be told stands in a file for each of these shops. Refuses as ``write_notices``."""
    return [write_notices(shop_id=shop_id, actor=actor, at=at) for shop_id in shop_ids]


def _cells(notice: Notice) -> Mapping[str, str]:
    return {
        "number": notice.number,
        "destination": notice.destination,
        "carrier": notice.carrier,
        "tracking": notice.tracking_number,
        "shipped_on": f"{notice.shipped_on:%Y/%m/%d}",
        "status": "shipped",
    }
