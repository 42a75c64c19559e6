"""What orders do when goods come in or are free again, and when a promise moves."""

from datetime import datetime

from core.actor import SYSTEM
from core.clock import business_date
from core.queries import company_context
from inventory.events import (
    BackOrderPromiseMoved,
    PurchaseOrderEvent,
    StockAdjusted,
    StockReceived,
    StockReleased,
    TransferEvent,
)
from inventory.operations import repromise_back_orders
from inventory.queries import are_waited_for
from orders.events import WaitingAllocated
from orders.handlers.mails import mail_waiting
from orders.operations import allocate_waiting
from orders.queries import orders_of_lines


def give_to_waiting(event: StockReceived | StockAdjusted | StockReleased, *, at: datetime) -> None:
    """Whoever waits for the goods gets what is free of them; who still waits is promised what is still to come."""
    items = [event.stock_item_id]
    if event.quantity < 0 or not are_waited_for(items):
        return
    allocate_waiting(items, company_id=event.company_id, actor=SYSTEM, at=at)
    today = business_date(at, company_context(event.company_id).timezone)
    repromise_back_orders(items, company_id=event.company_id, today=today, actor=SYSTEM, at=at)


def promise_anew(event: PurchaseOrderEvent | TransferEvent, *, at: datetime) -> None:
    """What is on its way has changed: whoever waits for it is promised the day on which it reaches their place in line."""
    today = business_date(at, company_context(event.company_id).timezone)
    repromise_back_orders(event.stock_item_ids, company_id=event.company_id, today=today, actor=SYSTEM, at=at)


def mail_allocated(event: WaitingAllocated, *, at: datetime) -> None:
    """Tell the buyer that what was waited for is here, once for each time goods came."""
    mail_waiting(event.order_id, kind="arrived", key=f"arrived:{event.line_refs[0]}")


def mail_promise(event: BackOrderPromiseMoved, *, at: datetime) -> None:
    """Tell the buyer the new day; lines of an order that move together are told in one mail."""
    for order_id in orders_of_lines([event.demand_id]).values():
        mail_waiting(order_id, kind="promise", key=f"promise:{event.at:%Y%m%d%H%M%S}")
