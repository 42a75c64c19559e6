"""Mails the buyer is owed about an order: written down with the event's handling, sent by the mail workers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from core import clock
from core.actor import SYSTEM
from core.operations import NewMail, owe_mails
from core.queries import LegalTextKind, company_context, legal_texts
from customers.queries import buyer_details
from orders.events import OrderAccepted, OrderCancelled, OrderChanged, OrderPaid, OrderPlaced, ShipmentShipped
from orders.queries import OrderView, buyers_mailed_by_counter, change_by_ref, order_path, order_view, pickups_of_order
from orders.rules import CARRIERS, NOT_FETCHED, OrderStatus

OLD_NEWS = timedelta(days=100)
"""Orders older than this are history that was brought in or caught up with; nobody wants mail about them."""


def mail_placed(event: OrderPlaced, *, at: datetime) -> None:
    """Confirm the order to its buyer, once; one that waits for its card is confirmed when it is accepted."""
    if not event.pending:
        owe_order_mail(event.order_id, kind="placed", key="placed")


def mail_accepted(event: OrderAccepted, *, at: datetime) -> None:
    """Confirm an order whose card was authorised to its buyer, once."""
    owe_order_mail(event.order_id, kind="placed", key="placed")


def mail_paid(event: OrderPaid, *, at: datetime) -> None:
    """Thank for a payment that was waited for, once."""
    order = order_view(event.order_id)
    if order is not None and order.payment_method == "bank_transfer":
        owe_order_mail(event.order_id, kind="paid", key="paid")


def mail_cancelled(event: OrderCancelled, *, at: datetime) -> None:
    """Tell the buyer that nothing will come, once; who saw their card refused at the counter knows it already.

    Who did not fetch their goods in time is told so, and no more.
    """
    if event.reason == NOT_FETCHED:
        return
    if not event.declined:
        owe_order_mail(event.order_id, kind="cancelled", key="cancelled")
    elif not event.told:
        owe_order_mail(event.order_id, kind="declined", key="declined", reason=event.reason)


def mail_changed(event: OrderChanged, *, at: datetime) -> None:
    """Tell the buyer what is agreed now, once per revision, unless whoever changed it said that they know."""
    if not event.untold:
        owe_order_mail(event.order_id, kind="changed", key=f"changed:{event.revision}", change=event.change_ref)


def mail_shipped(event: ShipmentShipped, *, at: datetime) -> None:
    """Tell the buyer that a parcel left, once per parcel; who fetched it knows."""
    if event.shipment_id not in pickups_of_order(event.order_id):
        owe_order_mail(event.order_id, kind="shipped", key=f"shipped:{event.shipment_id}", parcel_key=event.shipment_id)


def mail_waiting(order_id: int, *, kind: str, key: str) -> None:
    """Tell the buyer what became of the lines that wait, however long ago they were ordered; once per key."""
    order = order_view(order_id)
    if order is None or order.status == OrderStatus.CANCELLED or (kind == "promise" and not order.waits):
        return  # it was settled meanwhile
    owe_order_mail(order_id, kind=kind, key=key, oldest=None)


def owe_order_mail(
    order_id: int,
    *,
    kind: str,
    key: str,
    parcel_key: int = 0,
    reason: str = "",
    oldest: timedelta | None = OLD_NEWS,
    change: UUID | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """The buyer is owed a mail of a kind, once per key, in the order's language; ``more`` is what else its template says."""
    order = order_view(order_id)
    if order is None or (oldest is not None and clock.now() - order.placed_at > oldest):
        return
    if order.outside_number and buyers_mailed_by_counter([order_id]):
        return  # the counter writes to its buyers itself
    # A partner who names a known customer tells no address: theirs is the ledger's.
    address = order.buyer_email or (buyer_details(order.customer_id) or {}).get("email", "")
    if not address:
        return
    company = company_context(order.company_id)
    pay = _where_to_pay(order) if order.payment_method == PaymentMethod.BANK_TRANSFER else ""
    with translation.override(order.language):
        words: dict[str, Any] = {
            **(more or {}),
            "order": order,
            "owed": max(order.total - order.paid_total, 0),
            "reason": reason,
            "order_url": f"{settings.PUBLIC_URL}{order_path(order)}",
            "bank_account": pay,
            "signature": f"{company.name}\n{company.phone}\n{company.email}".strip(),
        }
        if change is not None:
            words["change"] = change_by_ref(change, order_id=order.key)
        parcel = next((p for p in order.parcels if p.key == parcel_key), None)
        if parcel is not None:
            by_position = {line.position: line for line in order.lines}
            words["parcel"] = parcel
            words["carrier_name"] = _(CARRIERS[parcel.carrier]) if parcel.carrier in CARRIERS else parcel.carrier
            words["lines"] = [{"name": by_position[position].name, "quantity": quantity} for position, quantity in parcel.lines]
        subject = _subject(order, kind)
        body = render_to_string(f"orders/mail/{kind}.txt", words)
    owe_mails(
        [
            NewMail(
                company_id=order.company_id,
                kind=f"order.{kind}",
                about=f"order:{order.key}",
                once_key=f"order:{order.key}:{key}",
                to_address=address,
                subject=subject,
                body=body,
                from_address=f"{company.name} <{company.email}>" if company.email else "",
                language=order.language,
                customer_ref=order.customer_id,
            )
        ],
        actor=SYSTEM,
    )


def _where_to_pay(order: OrderView) -> str:
    kind = LegalTextKind.PAYMENT_INSTRUCTIONS
    text = legal_texts(order.company_id, on=order.placed_on, language=order.language, kinds=[kind]).get(kind)
    return text.body if text else ""


def _subject(order: OrderView, kind: str) -> str:
    subjects = {
        "placed": _("[%(shop)s] Thank you for your order (%(number)s)"),
        "paid": _("[%(shop)s] We have received your payment (%(number)s)"),
        "cancelled": _("[%(shop)s] Your order was cancelled (%(number)s)"),
        "declined": _("[%(shop)s] Your card could not be charged (%(number)s)"),
        "changed": _("[%(shop)s] Your order was changed (%(number)s)"),
        "shipped": _("[%(shop)s] Your order is on its way (%(number)s)"),
        "delivery_out_for_delivery": _("[%(shop)s] Your parcel comes today (%(number)s)"),
        "delivery_attempted": _("[%(shop)s] Nobody was in when your parcel came (%(number)s)"),
        "delivery_waiting_pickup": _("[%(shop)s] Your parcel can be picked up (%(number)s)"),
        "delivery_delivered": _("[%(shop)s] Your parcel has arrived (%(number)s)"),
        "delivery_delayed": _("[%(shop)s] Your parcel is late (%(number)s)"),
        "pickup_ready": _("[%(shop)s] Your goods can be fetched (%(number)s)"),
        "pickup_reminded": _("[%(shop)s] Your goods are still waiting for you (%(number)s)"),
        "pickup_lapsed": _("[%(shop)s] Your goods were not fetched (%(number)s)"),
        "arrived": _("[%(shop)s] What you are waiting for has come in (%(number)s)"),
        "promise": _("[%(shop)s] Your goods come on another day (%(number)s)"),
        "return_requested": _("[%(shop)s] We have your request for a return or exchange (%(number)s)"),
        "return_approved": _("[%(shop)s] How to send your goods back (%(number)s)"),
        "return_refused": _("[%(shop)s] About your request for a return (%(number)s)"),
        "return_received": _("[%(shop)s] Your goods have reached us (%(number)s)"),
        "return_settled": _("[%(shop)s] Your return is settled (%(number)s)"),
    }
    return subjects[kind] % {"shop": order.company_name, "number": order.number}
