"""A case is settled: what was accepted is credited at exactly what it was invoiced at, costs are charged, and money goes where it belongs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext

from billing.operations import MoveAsk, issue_credit_notes, move_deposits, record_sales, refund_payments
from billing.queries import held_for_orders
from billing.rules import CreditAsk, Credited, CreditLine, PaymentMethod, RefundAsk, SaleAsk
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.errors import Refused as RuleRefused
from core.outbox import announce
from core.queries import company_context, tax_rates_on
from core.words import gettext_noop as _
from orders.events import ReturnSettled
from orders.operations.cancelling import cancel_orders
from orders.operations.return_decisions import done, no_case
from orders.operations.return_goods import let_exchanges_go
from orders.operations.return_states import about, lines_of_cases, lock_cases, refresh_cases, refresh_returns
from orders.queries import keys_of_refs
from orders.queries.return_worth import WorthAsk, worth_of
from orders.rules import CaseDone, OrderStatus, RefundWay, ReturnKind, ReturnStatus, charged_lines, return_money


class ReturnNotCredited(RuleRefused):
    """Billing refused what a case wants to credit; nothing of the batch remains."""


_SETTLE = """
UPDATE orders_returncase c SET settled_at = %(at)s, credited_total = n.credited, freed_total = n.freed, charged_total = n.charged
FROM unnest(%(ids)s::bigint[], %(credited)s::bigint[], %(freed)s::bigint[], %(charged)s::bigint[]) AS n (id, credited, freed, charged)
WHERE c.id = n.id
"""
_CREDITED = (
    "UPDATE orders_returnline rl SET credited = n.amount FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, amount) WHERE rl.id = n.id"
)
_DUE = "UPDATE orders_returncase c SET refund_total = n.due FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, due) WHERE c.id = n.id AND c.refund_total <> n.due"
_REFUNDED = """
UPDATE orders_returncase c SET refunded_total = c.refunded_total + n.amount, version = c.version + 1
FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, amount) WHERE c.id = n.id
"""
_SETTLED = """
SELECT c.id FROM orders_returncase c WHERE c.settled_at IS NOT NULL
    AND (c.order_id = ANY(%(ids)s::bigint[]) OR c.exchange_order_id = ANY(%(ids)s::bigint[])) ORDER BY c.id
"""
_STILL_TO_LEAVE = """
SELECT DISTINCT order_id FROM orders_shipment WHERE order_id = ANY(%s::bigint[]) AND status IN ('planned', 'instructed')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleAsk:
    """A case whose goods were inspected. ``rest_stays``: what has not come is not waited for any longer."""

    case_id: int
    rest_stays: bool = False


@dataclass(slots=True, kw_only=True)
class _Sum:
    """What a case comes to."""

    case: Any
    credited: int = 0
    freed: int = 0
    charged: int = 0


@operation
def settle_returns(asks: Sequence[SettleAsk], *, actor: Actor, at: datetime, reason: str = "") -> list[CaseDone | Refusal]:
    """Credit notes for what was accepted, an invoice for what is charged, the exchange paid, and the refund made or proposed.

    A card gets its money back through its gateway; any other refund is noted with ``note_refunds`` once it was transferred;
    credit stays the customer's deposit. Refuses "return.not_found", "return.not_inspected", "return.goods_missing".
    Raises ReturnNotCredited. Repeating it changes nothing. Locks orders, then cases, then as billing does. Announces
    ReturnSettled.
    """
    cases = lock_cases([ask.case_id for ask in asks])
    lines = lines_of_cases(list(cases))
    refused = {ask.case_id: found for ask in asks if (found := _refusal(ask, cases.get(ask.case_id), lines)) is not None}
    due = {ask.case_id: cases[ask.case_id] for ask in asks if ask.case_id in cases and cases[ask.case_id].settled_at is None}
    going = [case for case in due.values() if case.id not in refused]
    if going:
        ids = [case.id for case in going]
        sums = _credit(going, lines, reason=reason, actor=actor, at=at)
        _charge([sums[i] for i in ids], actor=actor, at=at)
        columns = {
            "ids": ids,
            "credited": [sums[i].credited for i in ids],
            "freed": [sums[i].freed for i in ids],
            "charged": [sums[i].charged for i in ids],
        }
        run(_SETTLE, {**columns, "at": at})
        _end_exchanges(going, lines, actor=actor, at=at)
        refresh_cases(ids, at=at)
        # What other cases of these orders still owe is kept for them.
        refunds = _move_money([row.id for row in rows(_SETTLED, {"ids": [case.order_id for case in going]})], actor=actor, at=at)
        refresh_returns([case.order_id for case in going], actor=actor, at=at)
        announce(*(_settled(sums[i], refunds.get(i, 0)) for i in ids))
    settled = {case.id for case in going}
    return [
        refused[ask.case_id]
        if ask.case_id in refused
        else done(cases[ask.case_id], ReturnStatus.SETTLED, repeated=ask.case_id not in settled)
        for ask in asks
    ]


def _refusal(ask: SettleAsk, case: Any, lines: Mapping[int, Sequence[Any]]) -> Refusal | None:
    if case is None:
        return no_case()
    if case.settled_at is not None or case.status == ReturnStatus.INSPECTED:
        return None
    own = lines[case.id]
    looked_at = all(line.accepted + line.declined == line.received for line in own if line.comes_back)
    if case.status == ReturnStatus.PARTLY_RECEIVED and looked_at:
        if ask.rest_stays and case.kind != ReturnKind.EXCHANGE:
            return None
        return Refusal(
            "return.goods_missing",
            _("Not all goods of case %(number)s are here. Wait for them, or say that the rest stays with the customer."),
            {"number": case.number},
        )
    return Refusal(
        "return.not_inspected", _("Case %(number)s is to be received and inspected before it is settled."), {"number": case.number}
    )


def _credit(cases: Sequence[Any], lines: Mapping[int, Sequence[Any]], *, reason: str, actor: Actor, at: datetime) -> dict[int, _Sum]:
    """One credit note per case and invoice. What an undeliverable parcel gave back, it gave when it came."""
    sums = {case.id: _Sum(case=case) for case in cases}
    crediting = [case for case in cases if case.kind != ReturnKind.UNDELIVERED and not _is_replaced(case)]
    for case in cases:
        if case.kind == ReturnKind.UNDELIVERED:
            sums[case.id].credited, sums[case.id].freed = case.credited_total, case.freed_total
    asked = [
        WorthAsk(key=line.id, line_id=line.line_id, shipment_id=line.shipment_id, quantity=line.accepted, amount=line.part_refund)
        for case in crediting
        for line in lines[case.id]
        if line.accepted
    ]
    book = worth_of(asked)
    worth = {one.ask.key: one for one in book.worths}
    run(_CREDITED, (list(worth), [one.amount for one in worth.values()]))
    notes: list[tuple[int, int, list[CreditLine]]] = []
    fees_taken: set[tuple[int, int]] = set()
    for case in crediting:
        by_invoice: dict[int, list[CreditLine]] = {}
        for line in lines[case.id]:
            one = worth.get(line.id)
            if one is not None and one.credit is not None and one.invoice_id is not None:
                by_invoice.setdefault(one.invoice_id, []).append(one.credit)
        if case.refunds_postage:
            for invoice_id, fee, row in book.fees_of([line.shipment_id for line in lines[case.id] if line.accepted]):
                if (invoice_id, row.position) not in fees_taken:
                    fees_taken.add((invoice_id, row.position))
                    by_invoice.setdefault(invoice_id, []).append(fee)
        notes += [(case.id, invoice_id, credits) for invoice_id, credits in by_invoice.items()]
    for together in _one_per_invoice(notes):
        asks = [
            CreditAsk(
                invoice_id=invoice_id,
                once_key=f"return:{sums[case_id].case.public_id}:{invoice_id}",
                reason=(reason or sums[case_id].case.number)[:200],
                lines=tuple(credits),
            )
            for case_id, invoice_id, credits in together
        ]
        for (case_id, _invoice, _credits), result in zip(
            together, issue_credit_notes(asks, actor=actor, at=at, reason=reason), strict=True
        ):
            made = _must(result)
            sums[case_id].credited += made.total
            sums[case_id].freed += made.freed
    return sums


def _is_replaced(case: Any) -> bool:
    """A claim that is made good by new goods keeps its price."""
    return bool(case.kind == ReturnKind.CLAIM and case.exchange_order_id is not None)


def _one_per_invoice(notes: Iterable[tuple[int, int, list[CreditLine]]]) -> list[list[tuple[int, int, list[CreditLine]]]]:
    """Billing corrects an invoice once a call: cases about one parcel come one after the other."""
    rounds: list[dict[int, tuple[int, int, list[CreditLine]]]] = []
    for note in notes:
        free = next((one for one in rounds if note[1] not in one), None)
        if free is None:
            rounds.append(free := {})
        free[note[1]] = note
    return [list(one.values()) for one in rounds]


def _must(result: Credited | Refusal) -> Credited:
    if isinstance(result, Refusal):
        raise ReturnNotCredited(result.code, result.message, params=result.params, field=result.field)
    return result


def _charge(sums: Sequence[_Sum], *, actor: Actor, at: datetime) -> None:
    """What the customer bears is a sale of its own, at the standard rate, never more than what is credited."""
    asks = []
    for one in sums:
        case = one.case
        fee = min(case.fee, one.credited)
        postage = min(case.postage, one.credited - fee)
        if not fee + postage or case.kind == ReturnKind.UNDELIVERED:
            continue
        one.charged = fee + postage
        company = company_context(case.company_id)
        today = company.business_date(at)
        rate = tax_rates_on(today, company.country)["standard"]
        with translation.override(case.language):
            words = ((gettext("Return fee %(number)s"), fee), (gettext("Return postage %(number)s"), postage))
        asks.append(
            SaleAsk(
                shipment_ref=case.public_id,
                order_ref=case.order_ref,
                order_number=case.order_number,
                company_id=case.company_id,
                customer_id=case.customer_id,
                method=case.payment_method,
                currency=case.currency,
                recipient_name=case.buyer_name,
                language=case.language,
                supplied_on=today,
                lines=charged_lines(words, number=case.number, rate_bp=rate),
            )
        )
    record_sales(asks, actor=actor, at=at)


def _end_exchanges(cases: Sequence[Any], lines: Mapping[int, Sequence[Any]], *, actor: Actor, at: datetime) -> None:
    """Where nothing was accepted, nothing is sent; else what is sent waits no longer."""
    vain = [
        case
        for case in cases
        if case.exchange_order_id is not None and not any(line.accepted for line in lines[case.id]) and case.kind != ReturnKind.UNDELIVERED
    ]
    if vain:
        cancel_orders([case.exchange_order_id for case in vain], reason=gettext("Nothing was accepted of the return"), actor=actor, at=at)
    let_exchanges_go([case.id for case in cases if case not in vain], actor=actor, at=at)


def _settled(one: _Sum, refund: int) -> ReturnSettled:
    case = one.case
    return ReturnSettled(
        **about(case),
        credited=one.credited,
        charged=one.charged,
        refund=refund,
        currency=case.currency,
    )


def _move_money(case_ids: Sequence[int], *, actor: Actor, at: datetime) -> dict[int, int]:
    """What was set free pays the exchange, then goes back; answers with what each case is to give back in all."""
    cases = [case for case in lock_cases(case_ids).values() if case.settled_at is not None]
    exchanged = [case for case in cases if case.exchange_ref is not None and case.exchange_status != OrderStatus.CANCELLED]
    moves = [
        MoveAsk(from_order=case.order_ref, to_order=case.exchange_ref, most=case.credited_total - case.charged_total)
        for case in exchanged
        if not _is_replaced(case)
    ]
    move_deposits(moves, actor=actor, at=at)
    held = held_for_orders([case.order_ref for case in cases])
    left = {payment.payment_id: payment.held for payment in held}
    leaving = {row.order_id for row in rows(_STILL_TO_LEAVE, ([case.order_id for case in cases],))}
    exchange_ids = {case.id for case in exchanged}
    due: dict[int, int] = {}
    refunds: list[tuple[Any, RefundAsk]] = []
    for case in cases:
        of_case = [payment for payment in held if payment.order_ref == case.order_ref]
        loose = sum(left[payment.payment_id] for payment in of_case)
        freed = case.freed_total if case.order_id in leaving else case.charged_total + case.refunded_total + loose
        total = case.exchange_total if case.id in exchange_ids and not _is_replaced(case) else 0
        money = return_money(credited=case.credited_total, freed=freed, wanted_charge=case.charged_total, exchange_total=total)
        due[case.id] = 0 if case.refund_way == RefundWay.CREDIT else max(money.refund, case.refunded_total)
        wanted = due[case.id] - case.refunded_total
        for payment in of_case:
            amount = min(wanted, left[payment.payment_id])
            if amount <= 0:
                continue
            left[payment.payment_id] -= amount
            wanted -= amount
            if payment.method is PaymentMethod.CARD and case.refund_way == RefundWay.ORIGINAL:
                refunds.append((case, _refund(case, payment.payment_id, amount)))
    run(_DUE, (list(due), list(due.values())))
    _pay_back(refunds, actor=actor, at=at)
    return due


def _refund(case: Any, payment_id: int, amount: int) -> RefundAsk:
    return RefundAsk(
        payment_id=payment_id,
        amount=amount,
        once_key=f"return:{case.public_id}:{payment_id}:{case.refunded_total}",
        reason=case.number,
    )


def _pay_back(refunds: Sequence[tuple[Any, RefundAsk]], *, actor: Actor, at: datetime) -> None:
    if not refunds:
        return
    given: dict[int, int] = {}
    for (case, _ask), result in zip(refunds, refund_payments([ask for _case, ask in refunds], actor=actor, at=at), strict=True):
        if isinstance(result, Refusal):
            raise ReturnNotCredited(result.code, result.message, params=result.params, field=result.field)
        given[case.id] = given.get(case.id, 0) + result.amount
    run(_REFUNDED, (list(given), list(given.values())))


@operation
def note_refunds(case_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[CaseDone | Refusal]:
    """What settled cases still owe the customer was transferred: it has gone out of the payments that hold it.

    Refuses "return.not_found", "return.not_settled", "return.nothing_to_refund". Repeating it changes nothing.
    """
    cases = lock_cases(case_ids)
    open_cases = [case for case in cases.values() if case.settled_at is not None and case.refund_total > case.refunded_total]
    refunds: list[tuple[Any, RefundAsk]] = []
    held = held_for_orders([case.order_ref for case in open_cases])
    left = {payment.payment_id: payment.held for payment in held}
    for case in open_cases:
        wanted = case.refund_total - case.refunded_total
        for payment in held:
            amount = min(wanted, left[payment.payment_id]) if payment.order_ref == case.order_ref else 0
            if amount > 0:
                left[payment.payment_id] -= amount
                wanted -= amount
                refunds.append((case, _refund(case, payment.payment_id, amount)))
    _pay_back(refunds, actor=actor, at=at)
    paid = {case.id for case, _ask in refunds}
    refresh_returns([case.order_id for case, _ask in refunds], actor=actor, at=at)
    return [_noted(cases.get(case_id), paid) for case_id in case_ids]


def _noted(case: Any, paid: set[int]) -> CaseDone | Refusal:
    if case is None:
        return no_case()
    if case.settled_at is None:
        return Refusal("return.not_settled", _("Case %(number)s is not settled yet."), {"number": case.number})
    if case.id not in paid and case.refund_total > case.refunded_total:
        return Refusal("return.nothing_to_refund", _("No payment of the order holds anything that could be refunded."))
    if not case.refund_total:
        return Refusal("return.nothing_to_refund", _("Nothing of case %(number)s is to be refunded."), {"number": case.number})
    return done(case, ReturnStatus.SETTLED, repeated=case.id not in paid)


@operation
def follow_return_money(order_refs: Sequence[UUID], *, actor: Actor, at: datetime) -> int:
    """Money came for orders, or an exchange was invoiced, after their cases were settled: it goes where it belongs.

    Answers with how many cases were looked at. Repeating it changes nothing.
    """
    ids = [row.id for row in rows(_SETTLED, {"ids": list(keys_of_refs(order_refs).values())})]
    if ids:
        _move_money(ids, actor=actor, at=at)
        found = rows("SELECT order_id, exchange_order_id FROM orders_returncase WHERE id = ANY(%s::bigint[])", (ids,))
        refresh_returns(
            [row.order_id for row in found] + [row.exchange_order_id for row in found if row.exchange_order_id], actor=actor, at=at
        )
    return len(ids)
