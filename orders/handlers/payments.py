"""What orders do when billing announces money."""

from datetime import datetime

from django.utils.translation import gettext as _

from billing.events import InvoiceIssued, PaymentAuthorised, PaymentFailed, PaymentReceived, PaymentReversed
from billing.operations import request_captures
from billing.rules import decline_words
from core.actor import SYSTEM
from orders.events import OrderCancelled, OrderChanged, ShipmentShipped
from orders.operations import follow_return_money, note_lost_payment, refresh_statuses, settle_card_orders
from orders.queries import keys_of_refs, totals_of_refs


def note_payment(event: PaymentReceived | PaymentReversed, *, at: datetime) -> None:
    """Bring the order's payment status in line with the money that came or went."""
    if event.order_ref is not None:
        follow_return_money([event.order_ref], actor=SYSTEM, at=at)  # first: it locks the order and those of its cases together, by id
        refresh_statuses(list(keys_of_refs([event.order_ref]).values()), actor=SYSTEM, at=at)


def pay_exchange(event: InvoiceIssued | OrderCancelled | OrderChanged, *, at: datetime) -> None:
    """What was sent in exchange is invoiced: what its return set free pays it. Costs it less, or is it not sent, the rest goes back."""
    if event.order_ref is not None:
        follow_return_money([event.order_ref], actor=SYSTEM, at=at)


def follow_card(event: PaymentAuthorised | PaymentFailed, *, at: datetime) -> None:
    """Accept or cancel an order whose card was decided while no counter waited; hold one whose money could not be taken."""
    if event.order_ref is None:
        return
    orders = list(keys_of_refs([event.order_ref]).values())
    if isinstance(event, PaymentFailed) and event.stage == "capture":
        note_lost_payment(orders, actor=SYSTEM, at=at, reason=_(decline_words(event.code)))
    elif not isinstance(event, PaymentFailed) or event.stage == "authorise":
        settle_card_orders(orders, actor=SYSTEM, at=at, told=isinstance(event, PaymentFailed) and event.told)


def take_card_money(event: ShipmentShipped, *, at: datetime) -> None:
    """A parcel has left: what the card holds for its order is to be taken, once, and no more than the order costs by now."""
    request_captures([event.order_ref], actor=SYSTEM, at=at, most=totals_of_refs([event.order_ref]))
