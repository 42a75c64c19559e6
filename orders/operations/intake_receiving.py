"""Documents of outside counters are kept as they came, and read: each of their orders stands once, whatever is repeated."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.text import clean_line
from core.words import gettext_noop as _
from orders.operations.holding import HoldAsk, hold
from orders.queries import MapInUse, ShopRow, intake_map, intake_sources, shops
from orders.rules import (
    DocumentState,
    HoldKind,
    IntakeFate,
    IntakeState,
    KnownIntake,
    ReadDocument,
    ReadOrder,
    Standing,
    Step,
    Unreadable,
    UnreadableDocument,
    digest_of,
    said_of,
    step,
    twins,
)

MOST_BYTES = 40 * 2**20
MOST_ORDERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A document is kept; ``repeated`` where the same bytes, or the same event, had been handed in before."""

    document_id: int
    state: DocumentState
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a document told: so many orders of each fate, or why it could not be read."""

    fates: Mapping[IntakeFate, int]
    state: DocumentState
    unread: Refusal | None = None

    @property
    def orders(self) -> int:
        return sum(self.fates.values())


_KEEP = """
INSERT INTO orders_intakedocument (company_id, shop_id, name, source, event_ref, state, content, content_hash, received_at, params,
    actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(company)s, %(shop)s, %(name)s, %(source)s, %(event)s, %(state)s, %(content)s, %(hash)s, %(at)s, '{}'::jsonb,
    %(actor)s, %(id)s, %(label)s, %(for)s)
ON CONFLICT DO NOTHING RETURNING id
"""
_KNOWN = """
SELECT id, state FROM orders_intakedocument
WHERE shop_id = %(shop)s AND ((content_hash = %(hash)s AND state <> 'discarded') OR (%(event)s::text <> '' AND event_ref = %(event)s)) ORDER BY id LIMIT 1
"""
_AGAIN = """
UPDATE orders_intakedocument SET state = %s, content = %s, content_ended_at = NULL WHERE id = %s AND state = %s
"""
_LOCK = "SELECT id, shop_id, state, content, received_at FROM orders_intakedocument WHERE id = %s FOR UPDATE"
_ORDERS = """
SELECT id, outside_number, state, standing, digest, agreed_digest, said_at
FROM orders_intakeorder WHERE channel_id = %s AND outside_number = ANY(%s::text[]) ORDER BY outside_number FOR UPDATE
"""
_INSERT = """
INSERT INTO orders_intakeorder (company_id, shop_id, channel_id, outside_number, state, standing, document_id, "row", part, said, digest, said_at,
    total, received_at, agreed, params)
SELECT %(company)s, %(shop)s, %(channel)s, q.number, q.state, q.standing, %(document)s, q.place, q.part, q.said::jsonb, q.digest, q.said_at, q.total,
    %(at)s, '{}'::jsonb, '{}'::jsonb
FROM unnest(%(numbers)s::text[], %(states)s::text[], %(standings)s::text[], %(places)s::int[], %(parts)s::text[], %(saids)s::text[],
    %(digests)s::text[], %(said_ats)s::text[], %(totals)s::bigint[]) AS q (number, state, standing, place, part, said, digest, said_at, total)
ON CONFLICT (channel_id, outside_number) DO NOTHING RETURNING outside_number
"""
_UPDATE = """
UPDATE orders_intakeorder i SET state = q.state, standing = q.standing, document_id = %(document)s, "row" = q.place, part = q.part, said = q.said::jsonb,
    digest = q.digest, said_at = q.said_at, total = q.total, code = '', message = '', params = '{}'::jsonb, field = ''
FROM unnest(%(numbers)s::text[], %(states)s::text[], %(standings)s::text[], %(places)s::int[], %(parts)s::text[], %(saids)s::text[],
    %(digests)s::text[], %(said_ats)s::text[], %(totals)s::bigint[]) AS q (number, state, standing, place, part, said, digest, said_at, total)
WHERE i.channel_id = %(channel)s AND i.outside_number = q.number
"""
_CHANGED = """
UPDATE orders_intakeorder SET changed_at = %s WHERE channel_id = %s AND outside_number = ANY(%s::text[]) AND order_id IS NOT NULL
RETURNING order_id, outside_number
"""
_ROWS = """
INSERT INTO orders_intakerow (document_id, number, outside_number, fate, code, message, params, field)
SELECT %s, q.number, q.outside, q.fate, q.code, q.message, q.params::jsonb, q.field
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS q (number, outside, fate, code, message, params, field)
"""
_CLOSE = """
UPDATE orders_intakedocument SET state = %(state)s, encoding = %(encoding)s, map_version = %(version)s::int, order_count = %(orders)s, new_count = %(new)s,
    problem_count = %(bad)s, code = %(code)s, message = %(message)s, params = %(params)s::text::jsonb WHERE id = %(id)s
"""


@operation
def receive_document(
    raw: bytes, *, shop_id: int, name: str, source: str, actor: Actor, at: datetime, event_ref: str = "", preview: bool = False
) -> Received | Refusal:
    """The bytes are kept, to be read. The same bytes of the same shop, or the same event, are kept once and answer as before.

    A document of which something could not be read is read again: the column map may be another now. What was taken in is known.

    Refuses "intake.no_such_shop", "intake.empty", "intake.too_large".
    """
    shop = shops([shop_id]).get(shop_id)
    if shop is None:
        return no_shop()
    if not raw.strip():
        return Refusal("intake.empty", _("The document is empty. Nothing was taken in."), {}, "/content")
    if len(raw) > MOST_BYTES:
        return Refusal(
            "intake.too_large_file", _("The document is larger than %(most)s MB. Part it."), {"most": MOST_BYTES // 2**20}, "/content"
        )
    state = DocumentState.PREVIEW if preview else DocumentState.RECEIVED
    given = {
        "company": shop.company_id, "shop": shop.id, "name": clean_line(name)[-200:] or source, "source": source, "event": event_ref[:120],
        "state": str(state), "content": raw, "hash": hashlib.sha256(raw).hexdigest(), "at": at,
        "actor": str(actor.kind), "id": actor.id, "label": actor.label, "for": actor.on_behalf_of,
    }  # fmt: skip
    if kept := rows(_KEEP, given):
        return Received(document_id=kept[0].id, state=state)
    known = rows(_KNOWN, {name: given[name] for name in ("shop", "hash", "event")})[0]
    unread = known.state in (DocumentState.FAILED, DocumentState.PARTLY)
    if (unread or (known.state == DocumentState.PREVIEW and not preview)) and run(_AGAIN, (str(state), raw, known.id, known.state)):
        return Received(document_id=known.id, state=state, repeated=unread)
    return Received(document_id=known.id, state=DocumentState(known.state), repeated=True)


@operation
def settle_preview(document_id: int, *, take: bool, actor: Actor) -> bool:
    """What was only looked at is to be taken in, or is thrown away; whether it was waiting for that."""
    if take:
        return bool(run("UPDATE orders_intakedocument SET state = 'received' WHERE id = %s AND state = 'preview'", (document_id,)))
    sql = """UPDATE orders_intakedocument SET state = 'discarded', content = NULL, content_ended_at = clock_timestamp()
             WHERE id = %s AND state = 'preview'"""
    return bool(run(sql, (document_id,)))


def preview_document(document_id: int) -> Counted:
    """What would come of a document if it were taken in now. Reads only."""
    document = rows("SELECT shop_id, content FROM orders_intakedocument WHERE id = %s", (document_id,))[0]
    shop = shops([document.shop_id]).get(document.shop_id)
    if shop is None:
        return Counted(fates={}, state=DocumentState.FAILED, unread=no_shop())
    read = _read(shop, bytes(document.content or b""), intake_map(shop))
    if isinstance(read, Refusal):
        return Counted(fates={}, state=DocumentState.FAILED, unread=read)
    known = _known(shop, [one.order.number for one in read.found if isinstance(one, ReadOrder)], lock=False)
    fates: dict[IntakeFate, int] = {}
    for one in read.found:
        fate = IntakeFate.UNREADABLE if isinstance(one, Unreadable) else _step(one, known).fate
        fates[fate] = fates.get(fate, 0) + 1
    return Counted(fates=fates, state=DocumentState.PREVIEW)


def told_as_known(raw: bytes, *, shop: ShopRow) -> list[str] | None:
    """The numbers of a document in which every order stands as we know it; None where one does not, or cannot be read. Reads only."""
    read = _read(shop, raw, intake_map(shop))
    if isinstance(read, Refusal) or not read.found:
        return None
    orders = [one for one in read.found if isinstance(one, ReadOrder)]
    known = _known(shop, [one.order.number for one in orders], lock=False)
    if len(orders) < len(read.found) or any(_step(one, known).fate is not IntakeFate.KNOWN for one in orders):
        return None
    return [one.order.number for one in orders]


@operation
def read_document(document_id: int, *, actor: Actor, at: datetime) -> Counted:
    """Every order of a received document stands as the counter tells it, and each part that is no order is listed with its faults.

    Orders that were placed and are told otherwise now are held; those cancelled at the counter wait to be cancelled here. Reading
    a document again changes nothing. Locks: the document, then its orders by outside number.
    """
    document = rows(_LOCK, (document_id,))[0]
    if document.state != DocumentState.RECEIVED:
        return Counted(fates={}, state=DocumentState(document.state))
    shop = shops([document.shop_id]).get(document.shop_id)
    refusal = no_shop() if shop is None else None
    columns = intake_map(shop) if shop else MapInUse(())
    read = _read(shop, bytes(document.content or b""), columns) if shop else refusal
    if isinstance(read, Refusal) or read is None or shop is None:
        _close(document_id, None, {}, columns, read if isinstance(read, Refusal) else refusal)
        return Counted(fates={}, state=DocumentState.FAILED, unread=read if isinstance(read, Refusal) else refusal)
    run("DELETE FROM orders_intakerow WHERE document_id = %s", (document_id,))  # it may have been read before, by another map
    found = [one for one in read.found if isinstance(one, ReadOrder)]
    steps = _write(shop, document_id, sorted(found, key=lambda one: one.order.number), at=at)
    _hold_changed(shop, steps, actor=actor, at=at)
    fates: dict[IntakeFate, int] = {}
    notes: list[tuple[int, str, IntakeFate, Refusal]] = []
    for one in read.found:
        if isinstance(one, Unreadable):
            fates[IntakeFate.UNREADABLE] = fates.get(IntakeFate.UNREADABLE, 0) + 1
            notes += [(one.row, one.number, IntakeFate.UNREADABLE, fault) for fault in one.faults]
        else:
            fate = steps[one.order.number].fate
            fates[fate] = fates.get(fate, 0) + 1
            notes.append((one.row, one.order.number, fate, Refusal("", "")))
    _keep_rows(document_id, notes)
    state = _close(document_id, read, fates, columns, None)
    return Counted(fates=fates, state=state)


@operation
def give_up_document(document_id: int, *, actor: Actor) -> None:
    """A received document that nobody could read, by a mistake of ours, waits no longer: it is kept, and says so."""
    if rows(_LOCK, (document_id,))[0].state == DocumentState.RECEIVED:
        words = _("Reading it broke off by a mistake of the program. Report it; once that is mended, hand the document in again.")
        _close(document_id, None, {}, MapInUse(()), Refusal("intake.broke_off", words))


def no_shop() -> Refusal:
    """Why nothing can be done for a shop that ended."""
    return Refusal("intake.no_such_shop", _("There is no such outside shop, or it has ended."), {}, "/shop")


def _read(shop: ShopRow, raw: bytes, columns: MapInUse) -> ReadDocument | Refusal:
    source = intake_sources().get(shop.adapter)
    if source is None:
        return Refusal(
            "intake.no_adapter", _("Nobody knows how to read documents of “%(adapter)s”."), {"adapter": shop.adapter}, "/adapter"
        )
    try:
        read = source.read_orders(raw, columns=columns.columns, statuses=shop.statuses)
    except UnreadableDocument as error:
        return error.refusal
    if len(read.found) > MOST_ORDERS:
        return Refusal("intake.too_many", _("The document holds more than %(most)s orders. Part it."), {"most": MOST_ORDERS}, "/content")
    return ReadDocument(encoding=read.encoding, found=twins(read.found))


def _known(shop: ShopRow, numbers: Sequence[str], *, lock: bool = True) -> dict[str, KnownIntake]:
    sql = _ORDERS if lock else _ORDERS.replace(" FOR UPDATE", "")
    return {
        row.outside_number: KnownIntake(
            state=IntakeState(row.state), digest=row.digest, agreed_digest=row.agreed_digest, standing=Standing(row.standing), said_at=row.said_at
        )
        for row in rows(sql, (shop.terms.channel_id, sorted(set(numbers))))
    }  # fmt: skip


def _step(one: ReadOrder, known: Mapping[str, KnownIntake]) -> Step:
    said = said_of(one.order)
    return step(known.get(one.order.number), one.order.standing, digest_of(said), one.order.said_at)


def _write(shop: ShopRow, document_id: int, found: Sequence[ReadOrder], *, at: datetime) -> dict[str, Step]:
    """New orders are inserted, known ones follow; what another transaction inserted meanwhile is known the second time."""
    steps: dict[str, Step] = {}
    left = list(found)
    while left:
        known = _known(shop, [one.order.number for one in left])
        now = {one.order.number: _step(one, known) for one in left}
        fresh = [one for one in left if one.order.number not in known]
        again = [one for one in left if one.order.number in known and now[one.order.number].keep]
        given = {"company": shop.company_id, "shop": shop.id, "channel": shop.terms.channel_id, "document": document_id, "at": at}
        inserted = {row.outside_number for row in rows(_INSERT, {**given, **_columns(fresh, now)})} if fresh else set()
        if again:
            run(
                _UPDATE, {name: value for name, value in {**given, **_columns(again, now)}.items() if name not in ("company", "shop", "at")}
            )
        raced = [one for one in fresh if one.order.number not in inserted]
        steps |= {number: step for number, step in now.items() if number not in {one.order.number for one in raced}}
        left = raced
    return steps


def _columns(found: Sequence[ReadOrder], steps: Mapping[str, Step]) -> dict[str, list[Any]]:
    saids = [said_of(one.order) for one in found]
    return {
        "numbers": [one.order.number for one in found],
        "states": [str(steps[one.order.number].state) for one in found],
        "standings": [str(one.order.standing) for one in found],
        "places": [one.row for one in found],
        "parts": [storable(one.part) for one in found],
        "saids": [json.dumps(said, ensure_ascii=False) for said in saids],
        "digests": [digest_of(said) for said in saids],
        "said_ats": [one.order.said_at for one in found],
        "totals": [one.order.total for one in found],
    }


def _hold_changed(shop: ShopRow, steps: Mapping[str, Step], *, actor: Actor, at: datetime) -> None:
    changed = [number for number, step in steps.items() if step.fate is IntakeFate.CHANGED and step.state is IntakeState.CHANGED]
    if not changed:
        return
    hold_changed(shop, rows(_CHANGED, (at, shop.terms.channel_id, changed)), actor=actor, at=at)


def hold_changed(shop: ShopRow, changed: Sequence[Any], *, actor: Actor, at: datetime) -> None:
    """Our orders (``order_id``) wait until somebody has seen what the counter tells otherwise now."""
    asks = [HoldAsk(row.order_id, f"{shop.name}: {row.outside_number}"[:200]) for row in changed]
    if asks:
        hold(asks, kind=HoldKind.MANUAL, actor=actor, at=at)


def storable(text: str) -> str:
    """The text as PostgreSQL can keep it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def params_text(params: Mapping[str, Any]) -> str:
    """The values of a refusal as JSON that can be kept."""
    return json.dumps({name: storable(str(value)) for name, value in params.items()}, ensure_ascii=False)


def _keep_rows(document_id: int, notes: Sequence[tuple[int, str, IntakeFate, Refusal]]) -> None:
    if not notes:
        return
    run(
        _ROWS,
        (
            document_id,
            [row for row, _n, _f, _r in notes],
            [storable(number)[:80] for _row, number, _f, _r in notes],
            [str(fate) for _row, _n, fate, _r in notes],
            [refusal.code[:80] for *_rest, refusal in notes],
            [refusal.message[:400] for *_rest, refusal in notes],
            [params_text(refusal.params) for *_rest, refusal in notes],
            [storable(refusal.field)[:200] for *_rest, refusal in notes],
        ),
    )


def _close(
    document_id: int, read: ReadDocument | None, fates: Mapping[IntakeFate, int], columns: MapInUse, refusal: Refusal | None
) -> DocumentState:
    bad = fates.get(IntakeFate.UNREADABLE, 0)
    good = sum(fates.values()) - bad
    state = DocumentState.FAILED if read is None or (bad and not good) else DocumentState.PARTLY if bad else DocumentState.DONE
    told = refusal or Refusal("", "")
    run(
        _CLOSE,
        {
            "state": str(state), "encoding": read.encoding if read else "", "version": columns.version, "orders": good + bad,
            "new": fates.get(IntakeFate.NEW, 0), "bad": bad, "code": told.code[:80], "message": told.message[:400],
            "params": params_text(told.params), "id": document_id,
        },
    )  # fmt: skip
    return state
