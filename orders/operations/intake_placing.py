"""Outside orders become orders of ours, a batch at a time and by the one way in; cancelled ones are cancelled, or held."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Busy, Refusal
from core.words import gettext_noop as _
from orders.operations.cancelling import cancel_orders
from orders.operations.holding import HoldAsk, hold
from orders.operations.intake_mending import Mended, map_article, try_intake_again
from orders.operations.intake_receiving import (
    Counted,
    Received,
    give_up_document,
    hold_changed,
    no_shop,
    params_text,
    read_document,
    receive_document,
    settle_preview,
)
from orders.operations.noting import Remark, note
from orders.operations.placing import place_orders
from orders.queries import ShopRow, shops, variants_behind
from orders.rules import (
    HoldKind,
    IntakeState,
    OrderDraft,
    OutsideOrder,
    Placed,
    Refused,
    draft_of,
    notes_of,
    order_from,
)

log = structlog.get_logger("orders.intake")
CHUNK = 500
LEASE = "5 minutes"
_FOR_A_PERSON = frozenset({"order.total_changed", "order.discount_too_large", "intake.other_order"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What came of a document: what it told, and how its orders ended."""

    document_id: int
    counted: Counted
    repeated: bool = False
    states: Mapping[IntakeState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How the placing of an outside order ended."""

    intake: Any
    order: OutsideOrder
    placed: Placed | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Refused:
    """An outside order that cannot be placed now, and why."""

    intake: Any
    refusal: Refusal


_DUE = """
UPDATE orders_intakeorder SET leased_until = clock_timestamp() + %(lease)s::text::interval, tries = tries + 1
WHERE id IN (
    SELECT id FROM orders_intakeorder WHERE state = 'new' AND (leased_until IS NULL OR leased_until < clock_timestamp())
        AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[])) AND (%(document)s::bigint IS NULL OR document_id = %(document)s)
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, shop_id, digest, said
"""
# Whoever placed it, an order that stands is noted; what the counter told meanwhile is a change of it.
_PLACED = """
UPDATE orders_intakeorder i SET order_id = q.order_id, agreed = q.said::jsonb, agreed_digest = q.digest, leased_until = NULL,
    state = CASE WHEN i.standing = 'cancelled' THEN 'cancelling' WHEN i.digest = q.digest THEN 'placed' ELSE 'changed' END,
    changed_at = CASE WHEN i.digest <> q.digest THEN clock_timestamp() END, code = '', message = '', params = '{}'::jsonb, field = ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS q (id, order_id, digest, said)
WHERE i.id = q.id AND i.agreed_digest = '' RETURNING i.id, i.order_id, i.outside_number, i.state
"""
_REFUSED = """
UPDATE orders_intakeorder i SET leased_until = NULL, state = CASE WHEN i.digest = q.digest AND i.state = 'new' THEN q.state ELSE i.state END,
    code = q.code, message = q.message, params = q.params::jsonb, field = q.place
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS q (id, digest, state, code, message, params, place)
WHERE i.id = q.id AND i.agreed_digest = ''
"""
_CANCELLING = """
SELECT id, order_id, outside_number, shop_id FROM orders_intakeorder WHERE state = 'cancelling' AND order_id IS NOT NULL
    AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[])) AND (%(document)s::bigint IS NULL OR document_id = %(document)s)
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_CANCELLED = "UPDATE orders_intakeorder SET state = 'cancelled' WHERE id = ANY(%s::bigint[])"
_UNCANCELLED = """
UPDATE orders_intakeorder i SET state = 'changed', code = q.code, message = q.message, params = q.params::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS q (id, code, message, params) WHERE i.id = q.id
"""
_STATES = """
SELECT i.state, count(*) AS count FROM orders_intakerow r JOIN orders_intakedocument d ON d.id = r.document_id
JOIN orders_outsideshop s ON s.id = d.shop_id
JOIN orders_intakeorder i ON i.channel_id = s.channel_id AND i.outside_number = r.outside_number
WHERE r.document_id = %s AND r.code = '' GROUP BY i.state
"""


def take_in(raw: bytes, *, shop_id: int, name: str, source: str, actor: Actor, at: datetime) -> TakenIn | Refusal:
    """A document is kept, read, and its orders are placed, each once; one bad order never blocks the others.

    Several transactions: what one of them has done stays, and doing all of it again changes nothing. Refuses as ``receive_document``.
    """
    received = receive_document(raw, shop_id=shop_id, name=name, source=source, actor=actor, at=at)
    return received if isinstance(received, Refusal) else take_in_received(received, actor=actor, at=at)


def take_in_received(received: Received, *, actor: Actor, at: datetime) -> TakenIn:
    """A document that is kept is read, and its orders are placed or cancelled."""
    counted = read_document(received.document_id, actor=actor, at=at)
    work_intake(actor=actor, at=at, document_id=received.document_id)
    states = {IntakeState(row.state): int(row.count) for row in rows(_STATES, (received.document_id,))}
    return TakenIn(document_id=received.document_id, counted=counted, repeated=received.repeated, states=states)


def take_previewed(document_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[TakenIn | Refusal]:
    """Documents that were looked at are taken in; the orders of a large one are placed by the worker, within seconds.

    Refuses "intake.not_previewed" where somebody has taken it in or thrown it away meanwhile.
    """
    answers: list[TakenIn | Refusal] = []
    for document_id in document_ids:
        if not settle_preview(document_id, take=True, actor=actor):
            answers.append(Refusal("intake.not_previewed", _("It was taken in or thrown away meanwhile.")))
            continue
        counted = read_document(document_id, actor=actor, at=at)
        if counted.orders <= CHUNK:
            work_intake(actor=actor, at=at, document_id=document_id)
        answers.append(TakenIn(document_id=document_id, counted=counted))
    return answers


def place_again(ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Mended | Refusal]:
    """Orders that could not be placed are tried once more, at once. Refuses as ``try_intake_again``."""
    answers = try_intake_again(ids, actor=actor)
    work_intake(actor=actor, at=at, ids=[one.intake_id for one in answers if isinstance(one, Mended)])
    return answers


def name_article(code: str, sku: str, *, shop_id: int, actor: Actor, at: datetime) -> int | Refusal:
    """A shop's product code has its variant, and whatever waited for it is placed; answers with how many orders were tried."""
    waiting = map_article(code, sku, shop_id=shop_id, actor=actor)
    if isinstance(waiting, Refusal):
        return waiting
    work_intake(actor=actor, at=at, ids=waiting)
    return len(waiting)


def work_received(*, actor: Actor, at: datetime) -> int:
    """Documents that were received and not yet read are read, and what waits is placed or cancelled: whatever a dead process left."""
    due = rows("SELECT id FROM orders_intakedocument WHERE state = 'received' ORDER BY id LIMIT 100")
    for row in due:
        _read_one(row.id, actor=actor, at=at)
    return len(due) + work_intake(actor=actor, at=at)


def _read_one(document_id: int, *, actor: Actor, at: datetime) -> None:
    """One that breaks off never blocks the others. What is busy waits for the next time; without a database nothing goes on."""
    try:
        read_document(document_id, actor=actor, at=at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.error("orders.intake_broke_off", document=document_id, kind=type(error).__name__)
        if not isinstance(error, Busy):
            give_up_document(document_id, actor=actor)


def work_intake(*, actor: Actor, at: datetime, ids: Sequence[int] | None = None, document_id: int | None = None) -> int:
    """Outside orders that wait to be cancelled are, and new ones are placed, a batch per transaction; answers with their number.

    Several may work at once: each order is one's own for five minutes, and ``place_orders`` knows an outside number again.
    """
    total = 0
    wanted = {"ids": list(ids) if ids is not None else None, "document": document_id, "limit": CHUNK}
    while done := _cancel_some(wanted, actor=actor, at=at):
        total += done
    while due := _lease({**wanted, "lease": LEASE}, actor=actor):
        known = shops(sorted({row.shop_id for row in due}))
        for shop_id, shop in known.items():
            _place([row for row in due if row.shop_id == shop_id], shop, actor=actor, at=at)
        _note_refused([_Refused(row, no_shop()) for row in due if row.shop_id not in known], actor=actor)
        total += len(due)
    while done := _cancel_some(wanted, actor=actor, at=at):
        total += done
    return total


@operation
def _lease(wanted: Mapping[str, Any], *, actor: Actor) -> list[Any]:
    """Whoever wants certain orders waits for those who are just reading about them; whoever takes what there is passes them by."""
    certain = wanted["ids"] is not None or wanted["document"] is not None
    return rows(_DUE.replace(" SKIP LOCKED", "") if certain else _DUE, wanted)


def _place(due: Sequence[Any], shop: ShopRow, *, actor: Actor, at: datetime) -> None:
    """Orders of one shop; those that a person must decide are told apart before anything is placed."""
    told = [order_from(row.said) for row in due]
    variants = variants_behind([code for order in told for line in order.lines for code in line.codes], shop=shop)
    outcomes: list[_Outcome] = []
    going: list[tuple[Any, OutsideOrder, OrderDraft]] = []
    for row, order in zip(due, told, strict=True):
        draft = draft_of(order, shop.terms, variants)
        if isinstance(draft, OrderDraft):
            going.append((row, order, draft))
        else:
            outcomes.append(_Outcome(row, order, refusal=draft[0]))
    results = place_orders([draft for _row, _order, draft in going], actor=actor, at=at) if going else []
    for (row, order, _draft), result in zip(going, results, strict=True):
        outcomes.append(_outcome(row, order, result))
    _note_outcomes(outcomes, shop, actor=actor, at=at)


def _outcome(row: Any, order: OutsideOrder, result: Placed | Refused) -> _Outcome:
    if isinstance(result, Refused):
        return _Outcome(
            row, order, refusal=result.reasons[0] if result.reasons else Refusal("order.refused", _("The order was not placed."))
        )
    if result.total != order.total:
        return _Outcome(
            row,
            order,
            refusal=Refusal(
                "intake.other_order",
                _("Order %(number)s stands already under this outside number, with %(ours)s yen instead of %(theirs)s. Compare both."),
                {"number": result.number, "ours": result.total, "theirs": order.total},
                "/number",
            ),
        )
    return _Outcome(row, order, placed=result)


@operation
def _note_outcomes(outcomes: Sequence[_Outcome], shop: ShopRow, *, actor: Actor, at: datetime) -> None:
    """How each ended is kept. What the counter changed while it was being placed is held, as what it changes afterwards is."""
    placed = sorted((one for one in outcomes if one.placed), key=lambda one: one.intake.id)
    if placed:
        noted = rows(
            _PLACED,
            (
                [one.intake.id for one in placed],
                [one.placed.order_id for one in placed if one.placed],
                [one.intake.digest for one in placed],
                [json.dumps(one.intake.said, ensure_ascii=False) for one in placed],
            ),
        )
        hold_changed(shop, [row for row in noted if row.state == IntakeState.CHANGED], actor=actor, at=at)
        first = {row.id for row in noted}
        remarks = [
            Remark(one.placed.order_id, words) for one in placed if one.placed and one.intake.id in first and (words := notes_of(one.order))
        ]
        if remarks:
            note(remarks, actor=actor, at=at)
    _note_refused([_Refused(one.intake, one.refusal) for one in outcomes if one.refusal], actor=actor)


@operation
def _note_refused(refused: Sequence[_Refused], *, actor: Actor) -> None:
    """Why each waits, unless the counter has told it anew meanwhile."""
    if not refused:
        return
    told = sorted(refused, key=lambda one: one.intake.id)
    run(
        _REFUSED,
        (
            [one.intake.id for one in told],
            [one.intake.digest for one in told],
            [str(_state_of(one.refusal)) for one in told],
            [one.refusal.code[:80] for one in told],
            [one.refusal.message[:400] for one in told],
            [params_text(one.refusal.params) for one in told],
            [one.refusal.field[:200] for one in told],
        ),
    )


def _state_of(refusal: Refusal) -> IntakeState:
    """Codes to be mapped and totals to be compared want a person's decision; what placing refused may go better the next time."""
    decided_by_person = refusal.code.startswith("intake.") or refusal.code in _FOR_A_PERSON
    return IntakeState.PERSON if decided_by_person else IntakeState.REFUSED


@operation
def _cancel_some(wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> int:
    """Cancelled at the counter and not yet shipped: cancelled here. Where the warehouse packs already, the order is held instead."""
    found = rows(_CANCELLING, wanted)
    if not found:
        return 0
    names = shops(sorted({row.shop_id for row in found}))
    reasons = {row.id: f"{names[row.shop_id].name if row.shop_id in names else ''} {row.outside_number}".strip()[:200] for row in found}
    results = cancel_orders([row.order_id for row in found], reason=_reason(reasons.values()), actor=actor, at=at)
    gone = [row.id for row, result in zip(found, results, strict=True) if not isinstance(result, Refusal)]
    left = [(row, result) for row, result in zip(found, results, strict=True) if isinstance(result, Refusal)]
    if gone:
        run(_CANCELLED, (gone,))
    if left:
        hold([HoldAsk(row.order_id, reasons[row.id]) for row, _result in left], kind=HoldKind.MANUAL, actor=actor, at=at)
        run(
            _UNCANCELLED,
            (
                [row.id for row, _r in left],
                [refusal.code for _row, refusal in left],
                [refusal.message[:400] for _row, refusal in left],
                [params_text(refusal.params) for _row, refusal in left],
            ),
        )
    return len(found)


def _reason(reasons: Any) -> str:
    """One reason for all: the shop and number where there is one order, else how many."""
    several = list(reasons)
    return several[0] if len(several) == 1 else _("Cancelled at the outside counter")
