"""Goods that were delivered, and cases about them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from billing.operations import receive_payments
from billing.rules import PaymentAsk
from catalog.models import Variant
from core.actor import SYSTEM
from core.db import acting, rows
from core.hooks import INVARIANTS
from inventory.models import Stock
from orders.models import Line, Order, ReturnCase, ReturnPolicy, ReturnReason, Shipment
from orders.operations import (
    Found,
    InspectAsk,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    inspect_returns,
    mark_delivered,
    receive_returns,
    request_returns,
    settle_returns,
)
from orders.rules import CaseDone, ExchangeAsk, ReturnAsk, ReturnAskLine, ReturnKind
from tests.factories.orders import AT, STAFF, Shop, a_shipped_order

DELIVERED = AT + timedelta(days=2)
NOW = AT + timedelta(days=5)


def a_delivered_order(shop: Shop, *wanted: tuple[Variant, int], **given: Any) -> Order:
    """An order whose parcels have all arrived."""
    order = a_shipped_order(shop, *wanted, **given)
    mark_delivered(list(Shipment.objects.filter(order=order).values_list("id", flat=True)), actor=STAFF, at=DELIVERED)
    order.refresh_from_db()
    return order


def paid(order: Order, amount: int | None = None, *, method: str = "bank_transfer", at: datetime = NOW) -> None:
    """Money came for the order."""
    (result,) = receive_payments(
        [
            PaymentAsk(
                company_id=order.company_id,
                order_ref=order.public_id,
                method=method,
                currency=order.currency,
                amount=order.total if amount is None else amount,
                received_on=at.date(),
                once_key=f"pay:{uuid4()}",
            )
        ],
        actor=SYSTEM,
        at=at,
    )
    assert hasattr(result, "payment_id"), result


def a_reason(shop: Shop, code: str = "not_liked", **given: Any) -> ReturnReason:
    """A reason of the shop."""
    with acting(SYSTEM):
        return ReturnReason.objects.create(company=shop.company, **{"code": code, "name": "イメージと違う", **given})


def a_policy(shop: Shop, **given: Any) -> ReturnPolicy:
    """What the shop takes back."""
    with acting(SYSTEM):
        return ReturnPolicy.objects.create(company=shop.company, **{"days": 14, "takes_opened": True, **given})


def asked(order: Order, *quantities: int, **given: Any) -> ReturnAsk:
    """A return of so many pieces of the order's lines, one figure a line; 0 leaves a line out."""
    refs = line_refs(order)
    lines = tuple(
        ReturnAskLine(line_ref=ref, quantity=quantity, reason=given.get("reason", ""))
        for ref, quantity in zip(refs, quantities, strict=False)
        if quantity
    )
    given.pop("reason", None)
    return ReturnAsk(**{"order_id": order.pk, "kind": ReturnKind.RETURN, "lines": lines, "once_key": f"{uuid4()}", **given})


def line_refs(order: Order) -> list[UUID]:
    """The order's lines, in their order."""
    return list(Line.objects.filter(order=order).order_by("position").values_list("public_id", flat=True))


def an_exchange(order: Order, variant: Variant, quantity: int = 1, **given: Any) -> ReturnAsk:
    """Pieces of the first line for as many of something else."""
    (ref, *_others) = line_refs(order)
    exchanges = (ExchangeAsk(line_ref=ref, sku=variant.sku, quantity=quantity),)
    return asked(order, quantity, kind=ReturnKind.EXCHANGE, exchanges=exchanges, **given)


def a_case(ask: ReturnAsk, *, at: datetime = NOW) -> ReturnCase:
    """A case as it was asked for."""
    (result,) = request_returns([ask], actor=STAFF, at=at)
    assert isinstance(result, CaseDone), result
    return ReturnCase.objects.get(pk=result.case_id)


def an_approved_case(ask: ReturnAsk, *, at: datetime = NOW) -> ReturnCase:
    """A case whose goods are awaited."""
    case = a_case(ask, at=at)
    (result,) = approve_returns([case.pk], actor=STAFF, at=at)
    assert isinstance(result, CaseDone), result
    case.refresh_from_db()
    return case


def a_received_case(ask: ReturnAsk, *, at: datetime = NOW) -> ReturnCase:
    """A case all of whose goods are here."""
    case = an_approved_case(ask, at=at)
    here = dict(case.lines.values_list("position", "quantity"))
    (result,) = receive_returns([ReceiveAsk(case_id=case.pk, received=here)], actor=STAFF, at=at)
    assert isinstance(result, CaseDone), result
    case.refresh_from_db()
    return case


def an_inspected_case(ask: ReturnAsk, *, at: datetime = NOW, **found: int) -> ReturnCase:
    """A case whose goods were looked at; all of them are sold again unless told otherwise."""
    case = a_received_case(ask, at=at)
    seen = {line.position: Found(**(found or {"restocked": line.quantity})) for line in case.lines.all()}
    (result,) = inspect_returns([InspectAsk(case_id=case.pk, found=seen)], actor=STAFF, at=at)
    assert isinstance(result, CaseDone), result
    case.refresh_from_db()
    return case


def a_settled_case(ask: ReturnAsk, *, at: datetime = NOW, **found: int) -> ReturnCase:
    """A case that is over."""
    case = an_inspected_case(ask, at=at, **found)
    (result,) = settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=at)
    assert isinstance(result, CaseDone), result
    case.refresh_from_db()
    return case


def shelf(variant: Variant) -> Stock:
    """Where the goods of a variant lie."""
    return Stock.objects.get(stock_item__code=variant.sku)


def broken_promises() -> list[str]:
    """The promises of the whole house that the database breaks now."""
    promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
    return [promise.name for promise in promises if rows(promise.sql, {"company": None}, prepare=False)]
