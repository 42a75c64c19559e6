"""What partners may say about returns, and how cases are shown to them."""

from typing import Any

from core.api.shapes import Choice, Code, Flag, Many, PublicId, Record, Text, Whole
from core.ids import public
from orders.api.answers import MOMENT, MONEY, TEXT, WHOLE, an_id, an_object, many, one_of, or_null
from orders.operations import Found
from orders.queries import CaseView, ReasonRow
from orders.rules import (
    MAX_LINES,
    MAX_QUANTITY,
    ExchangeTiming,
    PostageBearer,
    RefundWay,
    ReturnCondition,
    ReturnKind,
    ReturnStatus,
)

QUANTITY = Whole(min=1, max=MAX_QUANTITY)
COUNT = Whole(min=0, max=MAX_QUANTITY)
RETURN_LINE = Record(
    line=PublicId("orl"),
    quantity=QUANTITY,
    reason=Code(max=40).optional("").described("The code of one of the company's reasons."),
    remark=Text(max=500, blank=True).optional(""),
    condition=Choice(ReturnCondition).optional(ReturnCondition.UNKNOWN),
    part_refund=Whole(min=1, max=10**12).optional(None).described("A claim whose goods stay: so much goes back, tax included."),
)
EXCHANGE = Record(line=PublicId("orl"), sku=Code(max=64), quantity=QUANTITY)
RETURN = Record(
    order=PublicId("ord"),
    kind=Choice(ReturnKind),
    lines=Many(RETURN_LINE, max=MAX_LINES),
    exchanges=Many(EXCHANGE, min=0, max=MAX_LINES).optional([]).described("What is sent instead."),
    comes_back=Flag().optional(True).described("Only a claim may leave the goods with the customer."),
    remark=Text(max=1000, lines=True, blank=True).optional(""),
    postage_by=Choice(PostageBearer).optional(None).described("Without it as the reasons say."),
    fee=Whole(max=10**12).optional(None).described("Without it as the policy says."),
    postage=Whole(max=10**12).optional(None).described("Without it as the policy says."),
    refunds_postage=Flag().optional(None).described("Whether the order's own postage goes back as well."),
    refund_way=Choice(RefundWay).optional(RefundWay.ORIGINAL),
    exchange_timing=Choice(ExchangeTiming).optional(None).described("Without it as the policy says."),
    override_reason=Text(max=200, blank=True).optional("").described("Goes against the terms, and is kept."),
)
DECISION = Record(reason=Text(max=200, blank=True).optional(""))
REFUSAL = Record(reason=Text(max=200))
ARRIVAL = Record(
    location=Code(max=40).optional("").described("Code of the location; without it, where the goods were sent from."),
    lines=Many(Record(position=Whole(min=1, max=MAX_LINES), received=COUNT.described("Pieces that are here in all.")), max=MAX_LINES),
)
INSPECTION = Record(
    lines=Many(
        Record(
            position=Whole(min=1, max=MAX_LINES),
            restocked=COUNT.optional(0),
            b_grade=COUNT.optional(0),
            repaired=COUNT.optional(0),
            scrapped=COUNT.optional(0),
            declined=COUNT.optional(0).described("Goes back to the customer."),
            condition=Choice(ReturnCondition).optional(ReturnCondition.UNKNOWN),
        ),
        max=MAX_LINES,
    )
)
SETTLEMENT = Record(rest_stays=Flag().optional(False).described("What has not come is not waited for any longer."))

_LINE = an_object(
    position=WHOLE, line=an_id("orl"), sku=TEXT, name=TEXT, reason=TEXT, remark=TEXT, condition=one_of(ReturnCondition),
    comes_back={"type": "boolean"}, quantity=WHOLE, received=WHOLE, accepted=WHOLE, declined=WHOLE, restocked=WHOLE, b_grade=WHOLE,
    repaired=WHOLE, scrapped=WHOLE, part_refund=or_null(MONEY), credited=MONEY,
)  # fmt: skip
CASE = an_object(
    id=an_id("ret"), number=TEXT, kind=one_of(ReturnKind), status=one_of(ReturnStatus), order=an_id("ord"), order_number=TEXT,
    exchange_order=or_null(an_id("ord")), exchange_on_hold={"type": "boolean"}, exchange_timing=one_of(ExchangeTiming),
    postage_by=one_of(PostageBearer), fee=MONEY, postage=MONEY, refunds_postage={"type": "boolean"}, refund_way=one_of(RefundWay), remark=TEXT,
    decision_reason=TEXT, currency=TEXT, credited_total=MONEY, charged_total=MONEY, refund_total=MONEY, refunded_total=MONEY,
    requested_at=MOMENT, approved_at=or_null(MOMENT), ended_at=or_null(MOMENT), received_at=or_null(MOMENT), inspected_at=or_null(MOMENT),
    settled_at=or_null(MOMENT), lines=many(_LINE), exchanges=many(an_object(sku=TEXT, name=TEXT, quantity=WHOLE)),
)  # fmt: skip
REASONS = an_object(
    data=many(
        an_object(
            code=TEXT, name=TEXT, name_en=TEXT, postage_by=one_of(PostageBearer), is_defect={"type": "boolean"}, needs_remark={"type": "boolean"},
            for_customers={"type": "boolean"},
        )
    )
)  # fmt: skip


def case_shown(case: CaseView) -> dict[str, Any]:
    """A case with everything on it; amounts in minor units of its currency."""
    return {
        "id": public("ret", case.id), "number": case.number, "kind": case.kind, "status": case.status, "order": public("ord", case.order_id),
        "order_number": case.order_number, "exchange_order": public("ord", case.exchange_id) if case.exchange_id else None,
        "exchange_on_hold": case.exchange_held, "exchange_timing": case.exchange_timing, "postage_by": case.postage_by, "fee": case.fee,
        "postage": case.postage, "refunds_postage": case.refunds_postage, "refund_way": case.refund_way, "remark": case.remark,
        "decision_reason": case.decision_reason, "currency": case.currency, "credited_total": case.credited_total,
        "charged_total": case.charged_total, "refund_total": case.refund_total, "refunded_total": case.refunded_total,
        "requested_at": case.requested_at, "approved_at": case.approved_at, "ended_at": case.ended_at, "received_at": case.received_at,
        "inspected_at": case.inspected_at, "settled_at": case.settled_at,
        "lines": [
            {
                "position": n.position, "line": public("orl", n.line_id), "sku": n.sku, "name": n.name, "reason": n.reason_code, "remark": n.remark,
                "condition": n.condition, "comes_back": n.comes_back, "quantity": n.quantity, "received": n.received, "accepted": n.accepted,
                "declined": n.declined, "restocked": n.restocked, "b_grade": n.b_grade, "repaired": n.repaired, "scrapped": n.scrapped,
                "part_refund": n.part_refund, "credited": n.credited,
            }
            for n in case.lines
        ],
        "exchanges": [{"sku": x.sku, "name": x.name, "quantity": x.quantity} for x in case.exchanges],
    }  # fmt: skip


def reason_shown(reason: ReasonRow) -> dict[str, Any]:
    """A reason as partners offer it."""
    return {
        "code": reason.code, "name": reason.name, "name_en": reason.name_en, "postage_by": reason.postage_by, "is_defect": reason.is_defect,
        "needs_remark": reason.needs_remark, "for_customers": reason.for_customers,
    }  # fmt: skip


def found_in(said: dict[str, Any]) -> dict[int, Found]:
    """What an inspection says, by the position of its line."""
    return {one["position"]: Found(**{name: value for name, value in one.items() if name != "position"}) for one in said["lines"]}
