"""What ending a repair, a collection or a purchase moves: an invoice, a shelf, points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from billing.operations import record_sales
from billing.rules import SaleAsk
from core.actor import Actor
from core.db import rows
from core.errors import Refusal
from core.errors import Refused as RuleRefused
from core.queries import company_context, tax_rates_on
from customers.operations import grant_points
from customers.rules import Grant, PointSource
from inventory.operations import receive_stock
from inventory.rules import MovementKind, Receipt, StockState
from orders.rules import (
    PayoutWay,
    PostageBearer,
    ServiceDeed,
    ServiceKind,
    ServiceStanding,
    ServiceStatus,
    ServiceStep,
    charged_lines,
    fee_of,
)


class ServiceNotEnded(RuleRefused):
    """Stock or points refused what a request wants to book; nothing of the batch remains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What ending a request came to, in minor units; ``is_paid`` once the customer has the price."""

    charged: int = 0
    payout: int = 0
    is_paid: bool = False


_PEOPLE = """
SELECT id, language, CASE WHEN organisation_name <> '' THEN organisation_name ELSE trim(family_name || ' ' || given_name) END AS name
FROM customers_customer WHERE id = ANY(%s::bigint[])
"""


def standing_of(row: Any) -> ServiceStanding:
    """What a step of the request is judged by."""
    return ServiceStanding(
        kind=ServiceKind(row.kind), status=ServiceStatus(row.status), number=row.number, amount=row.amount,
        postage_out_by=PostageBearer(row.postage_out_by),
    )  # fmt: skip


def end_services(ends: Sequence[tuple[Any, ServiceStep]], *, actor: Actor, at: datetime) -> dict[int, Ended]:
    """Everything that follows from the ends, by request. The customers and requests are locked by the caller; locks points, then stock,
    then as billing does. Raises ServiceNotEnded."""
    found: dict[int, Ended] = {}
    for row, step in ends:
        payout = (row.amount or 0) if step.deed is ServiceDeed.BUY else 0
        by_points = payout > 0 and row.payout_way == PayoutWay.POINTS
        found[row.id] = Ended(charged=fee_of(step.deed, standing_of(row)) + step.postage, payout=payout, is_paid=by_points)
    _give_points([(row, found[row.id]) for row, _step in ends if found[row.id].is_paid], actor=actor, at=at)
    _take_in(ends, actor=actor, at=at)
    _charge([(row, step, found[row.id]) for row, step in ends if found[row.id].charged], actor=actor, at=at)
    return found


def _take_in(ends: Sequence[tuple[Any, ServiceStep]], *, actor: Actor, at: datetime) -> None:
    """What is ours now lies in quality check, at what we paid for it; inventory's own pages grade it."""
    for company_id in sorted({row.company_id for row, _step in ends}):
        receipts = [
            Receipt(
                stock_item_id=step.stock_item_id,
                location_id=step.location_id,
                quantity=1,
                sellable_quantity=0,
                state=StockState.QUALITY_CHECK,
                kind=MovementKind.RECEIPT,
                cause=f"service:{row.public_id}",
                once_key=f"service:{row.public_id}",
                value=(row.amount or 0) if step.deed is ServiceDeed.BUY else 0,
            )
            for row, step in ends
            if row.company_id == company_id and step.stock_item_id is not None and step.location_id is not None
        ]
        if receipts:
            _must(receive_stock(receipts, company_id=company_id, actor=actor, at=at, reason=""))


def _give_points(bought: Sequence[tuple[Any, Ended]], *, actor: Actor, at: datetime) -> None:
    grants = [
        Grant(
            customer_id=row.customer_id,
            points=end.payout,
            once_key=f"service:{row.public_id}",
            reference=row.number,
            source=PointSource.PAID,
        )
        for row, end in bought
    ]
    if grants:
        _must(grant_points(grants, actor=actor, at=at))


def _charge(ends: Sequence[tuple[Any, ServiceStep, Ended]], *, actor: Actor, at: datetime) -> None:
    """Work and postage are a sale of their own, at the standard rate, under the request's id."""
    people = {row.id: row for row in rows(_PEOPLE, ([row.customer_id for row, _step, _end in ends],))}
    asks = []
    for row, step, end in ends:
        company, person = company_context(row.company_id), people[row.customer_id]
        today, language = company.business_date(at), person.language or company.language
        rate = tax_rates_on(today, company.country)["standard"]
        with translation.override(language):
            work = gettext("Repair %(number)s") if row.kind == ServiceKind.REPAIR else gettext("Collection %(number)s")
            sold = ((work, end.charged - step.postage), (gettext("Postage back %(number)s"), step.postage))
        asks.append(
            SaleAsk(
                shipment_ref=row.public_id,
                order_ref=row.public_id,
                order_number=row.number,
                company_id=row.company_id,
                customer_id=row.customer_id,
                method=step.method,
                currency=row.currency,
                recipient_name=person.name,
                language=language,
                supplied_on=today,
                lines=charged_lines(sold, number=row.number, rate_bp=rate),
            )
        )
    if asks:
        record_sales(asks, actor=actor, at=at)


def _must(results: Sequence[object]) -> None:
    for result in results:
        if isinstance(result, Refusal):
            raise ServiceNotEnded(result.code, result.message, params=result.params, field=result.field)
