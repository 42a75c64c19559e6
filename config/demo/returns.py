"""What the demo company takes back, and why; and one return and one exchange somebody can look at."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from catalog.models import Product
from config.demo.finding import Cast
from config.demo.house import House
from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from orders.models import ReturnPolicy, ReturnReason
from orders.operations import (
    Found,
    InspectAsk,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    inspect_returns,
    receive_returns,
    request_returns,
    settle_returns,
)
from orders.rules import CaseDone, ExchangeAsk, PostageBearer, ReturnAsk, ReturnAskLine, ReturnCondition, ReturnKind

REASONS: Final = (
    ("changed_mind", "お客様のご都合", "Changed my mind", PostageBearer.CUSTOMER, False, False),
    ("not_as_shown", "イメージと違った", "Not as I imagined", PostageBearer.CUSTOMER, False, False),
    ("defective", "商品の不良・破損", "Defective or damaged", PostageBearer.COMPANY, True, True),
    ("wrong_item", "違う商品が届いた", "Not what I ordered", PostageBearer.COMPANY, True, False),
)

# Lines that arrived lately, of orders nobody has asked to send back; the latest first.
_DELIVERED: Final = """
SELECT o.id AS order_id, l.public_id AS line_ref, l.sku, s.delivered_at FROM orders_order o JOIN orders_shipment s ON s.order_id = o.id
JOIN orders_shipmentline sl ON sl.shipment_id = s.id JOIN orders_line l ON l.id = sl.line_id
WHERE o.company_id = %s AND s.status = 'delivered' AND s.delivered_at > %s::timestamptz - interval '7 days' AND s.delivered_at < %s
    AND o.return_status = 'none' AND l.purchase_type = 'normal' AND l.total > 0 AND l.shipped_quantity = l.quantity
    AND EXISTS (SELECT FROM billing_invoice i WHERE i.shipment_ref = s.public_id)
ORDER BY s.delivered_at DESC, l.id LIMIT 40
"""


def write_return_terms(house: House) -> None:
    """Four reasons; a fortnight unopened, food only where it is our fault beyond that."""
    with acting(SYSTEM, reason="demo"):
        for position, (code, name, name_en, bearer, ours, words) in enumerate(REASONS, 1):
            ReturnReason.objects.create(
                company_id=house.company_id, position=position, code=code, name=name, name_en=name_en, postage_by=bearer, is_defect=ours,
                needs_remark=words,
            )  # fmt: skip
        ReturnPolicy.objects.create(company_id=house.company_id, days=14, takes_opened=False)
        care = Product.objects.filter(company_id=house.company_id, code__istartswith="CARE").order_by("pk").first()
        if care is not None:
            ReturnPolicy.objects.create(company_id=house.company_id, product=care, days=14, is_returnable=False)


def tell_returns(cast: Cast, *, now: datetime) -> int:
    """A return that is settled, an exchange that waits for its goods, and a request that nobody has looked at; told once."""
    company_id = cast.house.company_id
    if rows("SELECT FROM orders_returncase WHERE company_id = %s AND kind <> 'undelivered' LIMIT 1", (company_id,)):
        return 0
    at = now - timedelta(hours=2)  # of the past that is told, not of this morning's mails
    desk, keeper, books = (cast.staff.actor(role) for role in ("order_desk", "warehouse", "accounting"))
    orders: dict[int, object] = {}
    for row in rows(_DELIVERED, (company_id, at, at)):
        orders.setdefault(row.order_id, row)
    found = list(orders.values())[:3]
    asks = [
        _ask(row, kind, nth)
        for nth, (row, kind) in enumerate(zip(found, (ReturnKind.RETURN, ReturnKind.EXCHANGE, ReturnKind.RETURN), strict=False))
    ]
    cases = _cases(request_returns(asks, actor=desk, at=at))
    _cases(approve_returns([case.case_id for case in cases[:2]], actor=desk, at=at))
    for case in cases[:1]:
        _cases(receive_returns([ReceiveAsk(case_id=case.case_id, received={1: 1})], actor=keeper, at=at))
        _cases(inspect_returns([InspectAsk(case_id=case.case_id, found={1: Found(restocked=1)})], actor=keeper, at=at))
        _cases(settle_returns([SettleAsk(case_id=case.case_id)], actor=books, at=at))
    return len(cases)


def _ask(row: object, kind: ReturnKind, nth: int) -> ReturnAsk:
    ref, sku, order_id = row.line_ref, row.sku, row.order_id  # type: ignore[attr-defined]
    line = ReturnAskLine(
        line_ref=ref, quantity=1, reason=("not_as_shown", "wrong_item", "changed_mind")[nth], condition=ReturnCondition.UNOPENED
    )
    exchanges = (ExchangeAsk(line_ref=ref, sku=sku, quantity=1),) if kind is ReturnKind.EXCHANGE else ()
    return ReturnAsk(order_id=order_id, kind=kind, lines=(line,), exchanges=exchanges, once_key=f"demo:{nth}", override_reason="デモ")


def _cases(results: Sequence[CaseDone | Refusal]) -> list[CaseDone]:
    for result in results:
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's own deed was refused: {result.code} {result.text()}")
    return [result for result in results if isinstance(result, CaseDone)]
