"""A return, exchange or claim is asked for: checked against what was sent and the terms, numbered and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from core.actor import Actor, ActorKind
from core.db import operation, rows, run
from core.errors import Refusal
from core.money import spread
from core.operations import series_for, take_numbers
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _
from orders.events import ReturnRequested
from orders.operations.return_states import refresh_returns
from orders.queries.return_ground import ParcelLine, ReasonRow, TermsBook, parcel_lines, return_reasons, return_terms
from orders.rules import (
    CaseDone,
    ExchangeTiming,
    PostageBearer,
    ReturnAsk,
    ReturnAskLine,
    ReturnCondition,
    ReturnFacts,
    ReturnKind,
    ReturnStatus,
    ReturnTerms,
    ask_faults,
    bearer_of,
    charge_of,
    may_choose_instead,
    return_fault,
)

SERIES: Final = "return"

_ORDERS = """
SELECT id, public_id, number, company_id, customer_id, origin FROM orders_order WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE
"""
_KNOWN = """
SELECT id, public_id, number, order_id, once_key, status FROM orders_returncase
WHERE order_id = ANY(%(orders)s::bigint[]) AND once_key = ANY(%(keys)s::text[])
"""
_VARIANTS = """
SELECT v.id, v.sku, v.company_id, v.product_id, v.ended_at FROM catalog_variant v WHERE v.sku = ANY(%s::text[]) AND v.company_id = ANY(%s::bigint[])
"""
_WRITE = """
INSERT INTO orders_returncase (company_id, number, kind, order_id, customer_id, exchange_timing, postage_by, fee, postage, refunds_postage,
    refund_way, remark, override_reason, once_key, requested_at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT q.*, %(at)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(for)s
FROM unnest(%(companies)s::bigint[], %(numbers)s::text[], %(kinds)s::text[], %(orders)s::bigint[], %(customers)s::bigint[], %(timings)s::text[],
    %(bearers)s::text[], %(fees)s::bigint[], %(postages)s::bigint[], %(refunds)s::boolean[], %(ways)s::text[], %(remarks)s::text[],
    %(overrides)s::text[], %(keys)s::text[]) AS q
RETURNING id, public_id, number, company_id
"""
_WRITE_LINES = """
INSERT INTO orders_returnline (case_id, position, line_id, shipment_id, reason_id, remark, condition, comes_back, first_unit, quantity, part_refund)
SELECT * FROM unnest(%(cases)s::bigint[], %(positions)s::int[], %(lines)s::bigint[], %(shipments)s::bigint[], %(reasons)s::bigint[],
    %(remarks)s::text[], %(conditions)s::text[], %(back)s::boolean[], %(firsts)s::int[], %(quantities)s::int[], %(parts)s::bigint[])
"""
_WRITE_EXCHANGES = """
INSERT INTO orders_exchangeline (case_id, position, line_id, variant_id, quantity)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::int[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """So many pieces of an ask's line out of one parcel."""

    ask: ReturnAskLine
    parcel: ParcelLine
    first_unit: int
    quantity: int
    reason: ReasonRow | None
    part_refund: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A case about to be written."""

    ask: ReturnAsk
    order: Any
    pieces: tuple[_Piece, ...]
    exchanges: tuple[tuple[int, int, int], ...]
    """(line, variant, quantity)"""
    postage_by: PostageBearer
    fee: int
    postage: int
    refunds_postage: bool
    timing: ExchangeTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What asks are checked against; ``left`` counts down as a batch is gone through."""

    lines: Mapping[UUID, list[ParcelLine]]
    left: dict[tuple[int, int], int]
    reasons: Mapping[tuple[int, str], ReasonRow]
    terms: TermsBook
    variants: Mapping[tuple[int, str], Any]
    todays: Mapping[int, date]


@operation
def request_returns(asks: Sequence[ReturnAsk], *, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """Goods are asked to come back, or something is claimed about them: one case per ask, once per order and key.

    What a customer asks is held to the terms; staff and partners may name an ``override_reason``. Refuses "order.not_found",
    "return.no_such_line", "return.more_than_sent", "return.came_in_parts", "return.no_invoice", "return.reason_unknown",
    "return.too_late", "return.not_returnable", "return.opened", "return.remark_missing", "return.no_such_variant" and what
    ``ask_faults`` finds. Locks orders by id. Announces ReturnRequested. A constant number of statements.
    """
    if not asks:
        return []
    ids = sorted({ask.order_id for ask in asks})
    orders = {o.id: o for o in rows(_ORDERS, (ids,))}
    before = rows(_KNOWN, {"orders": ids, "keys": [ask.once_key for ask in asks]})
    known = {(c.order_id, c.once_key): c for c in before}
    ground = _ground(asks, orders, at=at)
    answers: dict[int, Refusal | tuple[int, str]] = {}
    drafts: dict[tuple[int, str], _Draft] = {}
    for place, ask in enumerate(asks):
        key = (ask.order_id, ask.once_key)
        if key in known or key in drafts:
            answers[place] = key
            continue
        draft = _draft(ask, orders.get(ask.order_id), ground, by_customer=actor.kind == ActorKind.CUSTOMER)
        answers[place] = draft if isinstance(draft, Refusal) else key
        if isinstance(draft, _Draft):
            drafts[key] = draft
    written = _write(list(drafts.values()), actor=actor, at=at) if drafts else {}
    refresh_returns([order_id for order_id, _key in drafts], actor=actor, at=at)
    results: list[CaseDone | Refusal] = []
    seen: set[tuple[int, str]] = set()
    for place in range(len(asks)):
        answer = answers[place]
        if isinstance(answer, Refusal):
            results.append(answer)
            continue
        row = known.get(answer) or written[answer]
        status = getattr(row, "status", ReturnStatus.REQUESTED)
        results.append(
            CaseDone(
                case_id=row.id,
                public_id=row.public_id,
                number=row.number,
                order_id=answer[0],
                status=str(status),
                repeated=answer in known or answer in seen,
            )
        )
        seen.add(answer)
    return results


def _ground(asks: Sequence[ReturnAsk], orders: Mapping[int, Any], *, at: datetime) -> _Ground:
    companies = sorted({o.company_id for o in orders.values()})
    lines: dict[UUID, list[ParcelLine]] = {}
    found = parcel_lines(list(orders))
    for row in found:
        lines.setdefault(row.line_ref, []).append(row)
    skus = sorted({one.sku for ask in asks for one in ask.exchanges})
    variants = rows(_VARIANTS, (skus, companies)) if skus else []
    return _Ground(
        lines=lines,
        left={(row.line_id, row.shipment_id): row.free for row in found},
        reasons={(reason.company_id, reason.code): reason for reason in return_reasons(companies)},
        terms=return_terms(companies),
        variants={(v.company_id, v.sku): v for v in variants},
        todays={company_id: company_context(company_id).business_date(at) for company_id in companies},
    )


def _draft(ask: ReturnAsk, order: Any, ground: _Ground, *, by_customer: bool) -> _Draft | Refusal:
    if order is None:
        return Refusal("order.not_found", _("There is no such order."))
    if wrong := ask_faults(ask):
        return wrong[0]
    override = "" if by_customer else ask.override_reason.strip()
    pieces: list[_Piece] = []
    for place, line in enumerate(ask.lines):
        found = _pieces(line, order, ground, place=place, override=override, by_customer=by_customer)
        if isinstance(found, Refusal):
            return found
        pieces += found
    exchanges = []
    for place, one in enumerate(ask.exchanges):
        variant = ground.variants.get((order.company_id, one.sku))
        if variant is None:
            return Refusal("return.no_such_variant", _("“%(sku)s” is not sold here."), {"sku": one.sku}, f"/exchanges/{place}/sku")
        sent = ground.lines[one.line_ref][0]
        if by_customer and not may_choose_instead(sent.product_id, variant.product_id, is_sold=variant.ended_at is None):
            return Refusal("return.another_product", _("Choose one of what is offered in exchange."), {}, f"/exchanges/{place}/sku")
        exchanges.append((sent.line_id, variant.id, one.quantity))
    for piece in pieces:
        ground.left[piece.parcel.line_id, piece.parcel.shipment_id] -= piece.quantity
    terms = [ground.terms[order.company_id, piece.parcel.product_id] for piece in pieces]
    bearer = bearer_of(None if by_customer else ask.postage_by, ask.kind, [piece.reason.postage_by for piece in pieces if piece.reason])
    return _Draft(
        ask=ask,
        order=order,
        pieces=tuple(pieces),
        exchanges=tuple(exchanges),
        postage_by=bearer,
        fee=charge_of(None if by_customer else ask.fee, bearer, [one.fee for one in terms]),
        postage=charge_of(None if by_customer else ask.postage, bearer, [one.postage for one in terms]),
        refunds_postage=_gives_postage_back(ask, pieces, bearer, ground, by_customer=by_customer),
        timing=(None if by_customer else ask.exchange_timing) or _timing(ask, terms),
    )


def _timing(ask: ReturnAsk, terms: Sequence[ReturnTerms]) -> ExchangeTiming:
    if not ask.comes_back:
        return ExchangeTiming.AT_ONCE
    late = any(one.exchange_timing is ExchangeTiming.AFTER_ARRIVAL for one in terms)
    return ExchangeTiming.AFTER_ARRIVAL if late else ExchangeTiming.AT_ONCE


def _gives_postage_back(ask: ReturnAsk, pieces: Sequence[_Piece], bearer: PostageBearer, ground: _Ground, *, by_customer: bool) -> bool:
    """Where it is our fault and nothing of the order stays, what sending it cost goes back as well."""
    if ask.refunds_postage is not None and not by_customer:
        return ask.refunds_postage
    if bearer is not PostageBearer.COMPANY or ask.kind is not ReturnKind.RETURN:
        return False
    taken = {(piece.parcel.line_id, piece.parcel.shipment_id): piece.quantity for piece in pieces}
    of_order = [row for found in ground.lines.values() for row in found if row.order_id == ask.order_id]
    return all(taken.get((row.line_id, row.shipment_id), 0) == row.units for row in of_order)


def _pieces(line: ReturnAskLine, order: Any, ground: _Ground, *, place: int, override: str, by_customer: bool) -> list[_Piece] | Refusal:
    """The pieces of an ask's line out of the parcels that brought them, the latest first; or why not."""
    at = f"/lines/{place}"
    found = [row for row in ground.lines.get(line.line_ref, ()) if row.order_id == order.id]
    if not found:
        return Refusal("return.no_such_line", _("Nothing of this line has left; there is nothing to send back."), {}, f"{at}/line")
    name = {"name": found[0].name}
    if found[0].in_parts:
        return Refusal(
            "return.came_in_parts", _("Parts of “%(name)s” came back already. Take back the other parts the same way."), name, at
        )
    if not any(row.invoiced for row in found):
        return Refusal("return.no_invoice", _("“%(name)s” was never invoiced here, so there is nothing to credit."), name, at)
    free = sum(ground.left[row.line_id, row.shipment_id] for row in found)
    if line.quantity > free:
        sent = sum(row.units for row in found)
        return Refusal(
            "return.more_than_sent",
            _("Of “%(name)s”, %(sent)s were sent and %(taken)s are in returns already: at most %(free)s more."),
            {**name, "sent": sent, "taken": sent - free, "free": free},
            f"{at}/quantity",
        )
    if line.part_refund is not None and line.part_refund > found[0].total:
        return Refusal(
            "return.part_refund_too_much", _("“%(name)s” cost %(most)s in all."), {**name, "most": found[0].total}, f"{at}/part_refund"
        )
    reason = ground.reasons.get((order.company_id, line.reason)) if line.reason else None
    if (line.reason or by_customer) and (reason is None or (by_customer and not reason.for_customers)):
        return Refusal("return.reason_unknown", _("Choose one of the reasons offered."), {}, f"{at}/reason")
    pieces: list[_Piece] = []
    wanted = line.quantity
    for row in reversed(found):
        now = min(wanted, ground.left[row.line_id, row.shipment_id])
        if now:
            if not override and (fault := _fault(line, row, reason, order, ground, at=at)):
                return fault
            first = row.units - ground.left[row.line_id, row.shipment_id]
            pieces.append(_Piece(ask=line, parcel=row, first_unit=first, quantity=now, reason=reason))
            wanted -= now
    if line.part_refund is None:
        return pieces
    # One amount for the line: each parcel's invoice bears its share. A share of nothing is no line of a case.
    shares = spread(line.part_refund, [piece.quantity for piece in pieces])
    return [replace(piece, part_refund=share) for piece, share in zip(pieces, shares, strict=True) if share]


def _fault(line: ReturnAskLine, row: ParcelLine, reason: ReasonRow | None, order: Any, ground: _Ground, *, at: str) -> Refusal | None:
    facts = ReturnFacts(
        name=row.name,
        delivered_on=row.delivered_on,
        is_defect=bool(reason and reason.is_defect),
        is_opened=line.condition is ReturnCondition.OPENED,
        remark=line.remark,
        needs_remark=bool(reason and reason.needs_remark),
    )
    return return_fault(ground.terms[order.company_id, row.product_id], facts, today=ground.todays[order.company_id], field=at)


def _write(drafts: Sequence[_Draft], *, actor: Actor, at: datetime) -> dict[tuple[int, str], Any]:
    """The cases with their lines, and their announcement; by order and key."""
    by_company: dict[int, list[_Draft]] = {}
    for draft in drafts:
        by_company.setdefault(draft.order.company_id, []).append(draft)
    ordered: list[tuple[_Draft, str]] = []
    for company_id, ours in by_company.items():
        series = series_for(company_id, kind=SERIES, prefix="R")
        numbers = take_numbers(series, count=len(ours), on=company_context(company_id).business_date(at))
        ordered += zip(ours, numbers, strict=True)
    made = {(row.company_id, row.number): row for row in rows(_WRITE, _columns(ordered, actor=actor, at=at))}
    case_of = [(draft, made[draft.order.company_id, number]) for draft, number in ordered]
    pieces = [(case.id, place, draft.ask, piece) for draft, case in case_of for place, piece in enumerate(draft.pieces, 1)]
    run(
        _WRITE_LINES,
        {
            "cases": [case_id for case_id, _place, _ask, _piece in pieces],
            "positions": [place for _case, place, _ask, _piece in pieces],
            "lines": [piece.parcel.line_id for _case, _place, _ask, piece in pieces],
            "shipments": [piece.parcel.shipment_id for _case, _place, _ask, piece in pieces],
            "reasons": [piece.reason.id if piece.reason else None for _case, _place, _ask, piece in pieces],
            "remarks": [piece.ask.remark[:500] for _case, _place, _ask, piece in pieces],
            "conditions": [str(piece.ask.condition) for _case, _place, _ask, piece in pieces],
            "back": [ask.comes_back for _case, _place, ask, _piece in pieces],
            "firsts": [piece.first_unit for _case, _place, _ask, piece in pieces],
            "quantities": [piece.quantity for _case, _place, _ask, piece in pieces],
            "parts": [piece.part_refund for _case, _place, _ask, piece in pieces],
        },
    )
    exchanges = [(case.id, place, *one) for draft, case in case_of for place, one in enumerate(draft.exchanges, 1)]
    if exchanges:
        run(_WRITE_EXCHANGES, tuple(list(column) for column in zip(*exchanges, strict=True)))
    announce(*(_requested(draft, case) for draft, case in case_of))
    return {(draft.order.id, draft.ask.once_key): case for draft, case in case_of}


def _columns(ordered: Sequence[tuple[_Draft, str]], *, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "companies": [draft.order.company_id for draft, _number in ordered],
        "numbers": [number for _draft, number in ordered],
        "kinds": [str(draft.ask.kind) for draft, _number in ordered],
        "orders": [draft.order.id for draft, _number in ordered],
        "customers": [draft.order.customer_id for draft, _number in ordered],
        "timings": [str(draft.timing) for draft, _number in ordered],
        "bearers": [str(draft.postage_by) for draft, _number in ordered],
        "fees": [draft.fee for draft, _number in ordered],
        "postages": [draft.postage for draft, _number in ordered],
        "refunds": [draft.refunds_postage for draft, _number in ordered],
        "ways": [str(draft.ask.refund_way) for draft, _number in ordered],
        "remarks": [draft.ask.remark[:1000] for draft, _number in ordered],
        "overrides": [draft.ask.override_reason.strip()[:200] if actor.kind != ActorKind.CUSTOMER else "" for draft, _number in ordered],
        "keys": [draft.ask.once_key for draft, _number in ordered],
        "at": at,
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "actor_label": actor.label,
        "for": actor.on_behalf_of,
    }


def _requested(draft: _Draft, case: Any) -> ReturnRequested:
    order = draft.order
    return ReturnRequested(
        order_id=order.id,
        order_ref=order.public_id,
        company_id=order.company_id,
        customer_id=order.customer_id,
        case_id=case.id,
        case_ref=case.public_id,
        kind=str(draft.ask.kind),
    )
