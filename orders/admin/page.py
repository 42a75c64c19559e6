"""The order's page in words: what stands on it, what happened to it, where to go from here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from core import clock
from core.actor import ActorKind
from core.words import gettext_noop
from customers.queries import CustomerRow, customer_rows
from orders.models import Order
from orders.queries import (
    AgreedLine,
    CaseLineView,
    ChangeView,
    Happened,
    LineView,
    OrderPoints,
    OrderView,
    PlaceView,
    agreed_at,
    cases_of_order,
    changes_of,
    open_change_of,
    order_story,
    order_view,
    points_of_orders,
    workflow_of,
)
from orders.rules import (
    CARRIERS,
    OPEN_CASES,
    DelayReason,
    FulfilmentStatus,
    Gate,
    HoldKind,
    OrderPaymentStatus,
    OrderStatus,
    PurchaseForm,
    ReturnKind,
    ReturnStatus,
    ShipmentStatus,
    TrackingState,
)

ORDER_TONES = {
    OrderStatus.PENDING: "warning",
    OrderStatus.CONFIRMED: "info",
    OrderStatus.COMPLETED: "success",
    OrderStatus.CANCELLED: "danger",
}
PAYMENT_TONES = {
    OrderPaymentStatus.UNPAID: "warning",
    OrderPaymentStatus.PARTLY_PAID: "warning",
    OrderPaymentStatus.AUTHORISED: "info",
    OrderPaymentStatus.PAID: "success",
    OrderPaymentStatus.REFUNDED: "danger",
}
FULFILMENT_TONES = {
    FulfilmentStatus.WAITING: "danger",
    FulfilmentStatus.PLANNED: "warning",
    FulfilmentStatus.PARTLY_SHIPPED: "info",
    FulfilmentStatus.SHIPPED: "success",
    FulfilmentStatus.DELIVERED: "success",
    FulfilmentStatus.RETURNED: "danger",
    FulfilmentStatus.CANCELLED: "danger",
}
SHIPMENT_TONES = {
    ShipmentStatus.PLANNED: "warning",
    ShipmentStatus.INSTRUCTED: "info",
    ShipmentStatus.SHIPPED: "success",
    ShipmentStatus.DELIVERED: "success",
    ShipmentStatus.RETURNED: "danger",
    ShipmentStatus.CANCELLED: "danger",
}
KINDS = {
    "placed": gettext_noop("Order taken"),
    "cancelled": gettext_noop("Cancelled"),
    "changed": gettext_noop("Changed"),
    "held": gettext_noop("Hold"),
    "released": gettext_noop("Hold released"),
    "note": gettext_noop("Note"),
    "shipped": gettext_noop("Shipped"),
    "delivered": gettext_noop("Delivered"),
    "returned": gettext_noop("Came back"),
    "tracked": gettext_noop("Carrier"),
    "delayed": gettext_noop("Delay"),
    "return_requested": gettext_noop("Return asked for"),
    "return_approved": gettext_noop("Return approved"),
    "return_ended": gettext_noop("Return ended"),
    "return_received": gettext_noop("Return received"),
    "return_settled": gettext_noop("Return settled"),
    "credit_note": gettext_noop("Credit note"),
    "mail": gettext_noop("Mail"),
    "invoice": gettext_noop("Invoice"),
    "payment": gettext_noop("Payment"),
}
PAGES = {
    "mail": "admin:core_outgoingmail_change",
    "invoice": "admin:billing_invoice_change",
    "payment": "admin:billing_payment_change",
    "shipped": "admin:orders_shipment_change",
    "delivered": "admin:orders_shipment_change",
    "returned": "admin:orders_shipment_change",
    "tracked": "admin:orders_shipment_change",
    "delayed": "admin:orders_shipment_change",
    "held": "admin:orders_hold_change",
    "credit_note": "admin:billing_creditnote_change",
    **{f"return_{step}": "admin:orders_returncase_change" for step in ("requested", "approved", "ended", "received", "settled")},
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in words and its tone."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the story, ready to be read."""

    at: datetime
    kind: str
    word: str
    title: str
    detail: str
    link: str
    amount: int | None
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel with what is in it."""

    key: int
    number: str
    badge: Badge
    location: str
    carrier: str
    tracking_number: str
    planned_on: Any
    expected_on: Any
    lines: tuple[tuple[LineView, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOnPage:
    """A return, exchange or claim about the order, or the one it was sent for."""

    key: int
    number: str
    kind: str
    badge: Badge
    amount: int
    other: str
    lines: tuple[CaseLineView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowOnPage:
    """Which profiles decided what the order needs, the leading one first: each with its goods and what it asks."""

    name: str
    told: tuple[str, ...]
    because: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(name and form, SKUs, what it asks)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything the order's page shows."""

    order: OrderView
    customer: CustomerRow
    badges: tuple[Badge, ...]
    channel: str
    method: str
    places: tuple[PlaceView, ...]
    parcels: tuple[Parcel, ...]
    cases: tuple[CaseOnPage, ...]
    story: tuple[Line, ...]
    holds: tuple[Line, ...]
    notes: tuple[Line, ...]
    invoices: tuple[Line, ...]
    payments: tuple[Line, ...]
    came_by: str
    workflow: WorkflowOnPage | None
    points: OrderPoints | None
    owed: int
    link_to_payment: str


def page_of(row: Order, *, may: Any) -> Page:
    """The page of an order, in four statements besides the row itself, and as many for its points where it may earn any."""
    order = order_view(row.pk)
    assert order is not None
    story = tuple(_told(one, may=may) for one in order_story(row.pk, ref=order.id))
    owed = max(0, order.total - order.paid_total) if order.status != OrderStatus.CANCELLED else 0
    record = f"{reverse('admin:billing_payment_record')}?number={order.number}" if owed and may("billing.record_payment") else ""
    return Page(
        order=order,
        customer=customer_rows([order.customer_id])[0],
        badges=_badges(order),
        channel=row.channel.name,
        method=_(PaymentMethod.labels()[PaymentMethod(order.payment_method)]),
        places=order.destinations,
        parcels=_parcels(order),
        cases=_cases(order),
        story=story,
        holds=tuple(line for line in story if line.kind == "held" and line.open),
        notes=tuple(line for line in story if line.kind == "note"),
        invoices=tuple(line for line in story if line.kind == "invoice"),
        payments=tuple(line for line in story if line.kind == "payment"),
        came_by=row.actor_label or (_("Customer") if row.actor_kind == ActorKind.CUSTOMER else row.actor_id),
        workflow=_workflow(order),
        points=points_of_orders([order.key], at=clock.now()).get(order.key) if order.may_earn else None,
        owed=owed,
        link_to_payment=record,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionShown:
    """A revision of the order with what was agreed at it, and the change that ended it."""

    number: int
    lines: tuple[AgreedLine, ...]
    change: ChangeView


def changing(row: Order, account: Any) -> dict[str, Any]:
    """Whether this member of staff may change the order, who is changing it now, and what was agreed before."""
    done = [change for change in changes_of(row.pk) if change.revision is not None]
    before = [
        RevisionShown(number=change.revision - 1, lines=tuple(agreed_at(row.pk, revision=change.revision - 1)), change=change)
        for change in done
        if change.revision is not None
    ]
    may = account.has_perm("orders.change_placed_order") and row.status in ("pending", "confirmed")
    return {"may_change": may, "being_changed": open_change_of(row.pk) if may else None, "revisions": before}


def _badges(order: OrderView) -> tuple[Badge, ...]:
    status, paid, gone = OrderStatus(order.status), OrderPaymentStatus(order.payment_status), FulfilmentStatus(order.fulfilment_status)
    found = [
        Badge(_(OrderStatus.labels()[status]), ORDER_TONES.get(status, "")),
        Badge(_(OrderPaymentStatus.labels()[paid]), PAYMENT_TONES.get(paid, "")),
        Badge(_(FulfilmentStatus.labels()[gone]), FULFILMENT_TONES.get(gone, "")),
    ]
    if order.open_holds:
        found.append(Badge(_("On hold"), "danger"))
    return tuple(found)


def _workflow(order: OrderView) -> WorkflowOnPage | None:
    found = workflow_of(order.key) if order.workflow is not None else None
    if found is None:
        return None
    gates, forms = Gate.labels(), PurchaseForm.labels()
    return WorkflowOnPage(
        name=found.name,
        told=tuple(_(gates[gate]) for gate in found.told),
        because=tuple(
            (f"{one.name}（{_(forms[PurchaseForm(one.form)])}）", ", ".join(one.skus), tuple(_(gates[gate]) for gate in one.gates))
            for one in found.because
        ),
    )


def _parcels(order: OrderView) -> tuple[Parcel, ...]:
    lines = {line.position: line for line in order.lines}
    return tuple(
        Parcel(
            key=p.key,
            number=p.number,
            badge=Badge(_(ShipmentStatus.labels()[ShipmentStatus(p.status)]), SHIPMENT_TONES[ShipmentStatus(p.status)]),
            location=p.location,
            carrier=p.service or (_(CARRIERS[p.carrier]) if p.carrier in CARRIERS else p.carrier),
            tracking_number=p.tracking_number,
            planned_on=p.planned_on,
            expected_on=p.expected_on,
            lines=tuple((lines[position], quantity) for position, quantity in p.lines if position in lines),
        )
        for p in order.parcels
    )


def _cases(order: OrderView) -> tuple[CaseOnPage, ...]:
    return tuple(
        CaseOnPage(
            key=case.key,
            number=case.number,
            kind=_(ReturnKind.labels()[ReturnKind(case.kind)]),
            badge=Badge(_(ReturnStatus.labels()[ReturnStatus(case.status)]), "info" if case.status in OPEN_CASES else ""),
            amount=case.credited_total,
            other=case.exchange_number if case.order_key == order.key else case.order_number,
            lines=case.lines,
        )
        for case in cases_of_order(order.key)
    )


def _told(one: Happened, *, may: Any) -> Line:
    title, detail = one.title, one.detail
    if one.kind in ("held", "released"):
        title = _(HoldKind.labels()[HoldKind(one.title)])
    elif one.kind == "mail":
        state = {"sent": _("was sent"), "failed": _("could not be sent")}.get(one.state, _("waits to be sent"))
        detail = f"{one.detail}({state})"
    elif one.kind == "note" and one.state == "customer":
        detail = f"{one.detail}({_('Customer may read')})"
    elif one.kind == "shipped":
        code, _sep, number = one.detail.partition(" ")
        detail = f"{_(CARRIERS[code])} {number}".strip() if code in CARRIERS else one.detail
    elif one.kind == "tracked":
        detail = f"{_(TrackingState.labels()[TrackingState(one.state)]) if one.state else _('Unknown code')} {one.detail}".strip()
    elif one.kind == "delayed":
        detail = _(DelayReason.labels()[DelayReason(one.state)])
    view = PAGES.get(one.kind)
    allowed = view is not None and one.key is not None and may("{}.view_{}".format(*view.removeprefix("admin:").split("_")[:2]))
    link = reverse(view, args=[one.key]) if view is not None and allowed else ""
    return Line(
        at=one.at,
        kind=one.kind,
        word=_(KINDS[one.kind]),
        title=title,
        detail=detail,
        link=link,
        amount=one.amount,
        open=one.state == "open",
    )
