"""What orders answer when customers ask for somebody's data and warehouses exchange files, and their cards on the first page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.ports import NamedProfile
from core import clock
from core.actor import SYSTEM, Actor
from core.db import current_actor
from core.errors import Refusal
from core.money import format_money
from core.ports import CardRow, DashboardCard
from core.words import gettext_noop
from customers.ports import DeskAction, DeskAsk, DeskPanel, ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow
from inventory.rules import FileKind, FilePlace, FileRow, RowFate, RowNote, typed_code
from orders.operations import (
    Accepted,
    accept_instructions,
    blank_customers,
    instruct_shipments,
    refresh_facts,
    take_actuals,
    take_label_numbers,
    take_tracking_rows,
)
from orders.queries import (
    TABLES,
    DayFigures,
    buyers_in_file,
    buyers_in_label_file,
    carrier_of_result,
    day_figures,
    held,
    label_kinds,
    profile_choices,
    served,
    told,
    under_way,
)
from orders.rules import (
    SHIPPING_ACCEPTANCE,
    SHIPPING_ACTUAL,
    SHIPPING_INSTRUCTION,
    SHIPPING_TRACKING,
    EstimateStatus,
    FulfilmentStatus,
    InstructionStatus,
    OrderStatus,
    ReturnKind,
    ServiceKind,
    ServiceStatus,
    ShipmentStatus,
)

tables = TABLES


def workflow_profiles(company_ids: Sequence[int]) -> Sequence[NamedProfile]:
    """The workflow profiles that products may name."""
    return [NamedProfile(code=one.code, name=one.name) for one in profile_choices(company_ids)]


lanes = {Lane.ORDERS: "orders.view_order"}


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """Orders, parcels that left and arrived, cancellations."""
    return [
        TimelineRow(
            customer_id=row.customer_id,
            at=row.at,
            kind=_WORDS[row.kind](),
            title=row.title,
            detail=_state(row.kind, row.state),
            link=reverse(f"admin:orders_{_PAGES.get(row.kind, 'order')}_change", args=[row.order_id]),
            amount=row.amount,
            currency=row.currency,
            for_customer=True,
        )
        for row in told(customer_ids, before=before, limit=limit)
    ]


_WORDS: dict[str, Callable[[], str]] = {
    "order": lambda: _("Order"),
    "shipment": lambda: _("Shipment"),
    "delivery": lambda: _("Delivery"),
    "cancellation": lambda: _("Cancellation"),
    "estimate": lambda: _("estimate"),
    "return_asked": lambda: _("Return asked for"),
    "return_settled": lambda: _("Return settled"),
    "service_asked": lambda: _("Repair, collection or purchase asked for"),
    "service_ended": lambda: _("Repair, collection or purchase over"),
}

_PAGES = {"estimate": "estimate", "service_asked": "servicerequest", "service_ended": "servicerequest"}
"""Whose page a row of the timeline leads to, where it isn't the order's."""


def _state(kind: str, state: str) -> str:
    if kind == "order":
        status, _sep, fulfilment = state.partition("/")
        return f"{_(OrderStatus.labels()[OrderStatus(status)])} / {_(FulfilmentStatus.labels()[FulfilmentStatus(fulfilment)])}"
    if kind == "estimate":
        return _(EstimateStatus.labels()[EstimateStatus(state)])
    if kind == "service_asked":
        return _(ServiceKind.labels()[ServiceKind(state)])
    if kind == "service_ended":
        return _(ServiceStatus.labels()[ServiceStatus(state)])
    if kind.startswith("return_"):
        return _(ReturnKind.labels()[ReturnKind(state)])
    return _(ShipmentStatus.labels()[ShipmentStatus(state)]) if state in set(ShipmentStatus) else state


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Count purchase facts for the group from now on, or apart again."""
    refresh_facts([i for pair in pairs for i in (pair.principal_id, pair.merged_id)], actor=current_actor() or SYSTEM, at=at)


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """An order that is still under way needs its address; whose goods lie here, or whom we owe their price, we must know."""
    return [
        Objection(customer_id=row.customer_id, code=code, message=message, params={"number": row.number})
        for code, message, found in (
            ("order.under_way", "Order %(number)s is still under way.", under_way(customer_ids)),
            ("service.under_way", gettext_noop("Request %(number)s is not over yet."), served(customer_ids)),
        )
        for row in found
    ]


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Blank names, addresses, contact points and free texts; what was agreed in goods and money stays as the law wants it."""
    blank_customers(customer_ids, actor=current_actor() or SYSTEM, at=at)
    return [
        Kept(customer_id=i, table="orders_order", reason=_("Order records are kept for the tax office without names and addresses."))
        for i in customer_ids
    ]


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """Orders, lines, destinations and parcels in words."""
    return [ExportRow(customer_id=row.customer_id, table=row.table_name, values=row.values) for row in held(customer_ids)]


def desk_actions(ask: DeskAsk) -> Sequence[DeskAction]:
    """Which lots the customer received, for those who see parcels; and taking a repair, a collection or a purchase."""
    found = []
    if ask.may("orders.view_shipment"):
        link = reverse("admin:orders_shipment_lots_of", args=[ask.customer_id])
        found.append(DeskAction(label=_("Lots received"), link=link, icon="qr_code_2", position=95))
    if ask.may("orders.work_service"):
        link = f"{reverse('admin:orders_servicerequest_take')}?customer={ask.customer_id}"
        found.append(DeskAction(label=_("Repair, collect, buy"), link=link, icon="home_repair_service", position=30))
    return found


def desk_panels(ask: DeskAsk) -> Sequence[DeskPanel]:
    """None: what is under way stands in contact's."""
    return ()


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """Today's orders, what waits to be shipped, what is held or unpaid."""
    if not may("orders.view_order"):
        return []
    figures = day_figures(clock.business_date(at, "Asia/Tokyo"))
    orders = reverse("admin:orders_order_changelist")
    parcels = reverse("admin:orders_shipment_changelist")
    cards = []
    if may("orders.place_order"):
        desk = reverse("admin:orders_order_entry")
        note = _("By phone, from paper, in the store")
        cards.append(DashboardCard(title=_("Take an order"), value="＋", note=note, link=desk, icon="add_call", position=9))
    cards += [
        DashboardCard(
            title=_("Orders today"),
            value=f"{figures.orders:,}",
            note=" / ".join(format_money(amount, currency) for currency, amount in figures.sums) or _("No order yet today"),
            link=orders,
            icon="receipt_long",
            position=10,
        ),
        DashboardCard(
            title=_("Waiting to be shipped"),
            value=f"{figures.to_ship:,}",
            link=f"{parcels}?status__exact=planned",
            icon="local_shipping",
            tone="warn" if figures.to_ship else "good",
            position=20,
        ),
        DashboardCard(
            title=_("On hold"),
            value=f"{figures.held:,}",
            link=f"{orders}?held=1",
            icon="pause_circle",
            tone="bad" if figures.held else "good",
            position=30,
        ),
        DashboardCard(
            title=_("Waiting for payment"),
            value=f"{figures.unpaid:,}",
            note=_("Bank transfers not yet received"),
            link=f"{orders}?payment_method__exact=bank_transfer&payment_status__exact=unpaid",
            icon="account_balance",
            tone="warn" if figures.unpaid else "good",
            position=40,
        ),
        DashboardCard(
            title=_("Customers met in 30 days"),
            value=f"{figures.first_buyers:,}",
            note=_("%(count)s in the 30 days before") % {"count": f"{figures.first_buyers_before:,}"},
            link=reverse("admin:customers_customer_changelist"),
            icon="person_add",
            position=50,
        ),
    ]
    return [*cards, _returns(figures), *_latest(figures, link=orders)]


def _returns(figures: DayFigures) -> DashboardCard:
    return DashboardCard(
        title=_("Returns to work on"),
        value=f"{figures.returns:,}",
        link=reverse("admin:orders_returncase_changelist"),
        icon="assignment_return",
        tone="warn" if figures.returns else "good",
        position=35,
    )


def _latest(figures: DayFigures, *, link: str) -> list[DashboardCard]:
    """The latest orders, one row each; no card without any."""
    if not figures.recent:
        return []
    latest = tuple(
        CardRow(
            label=f"{r.number}  {r.buyer_name}",
            value=format_money(r.total, r.currency),
            link=reverse("admin:orders_order_change", args=[r.id]),
        )
        for r in figures.recent
    )
    return [DashboardCard(title=_("Latest orders"), link=link, icon="history", position=200, rows=latest)]


def file_kinds() -> Sequence[FileKind]:
    """What orders tell a warehouse and carriers, and what these tell them."""
    return (SHIPPING_INSTRUCTION, SHIPPING_ACCEPTANCE, SHIPPING_ACTUAL, SHIPPING_TRACKING, *label_kinds())


def take_rows(kind: str, rows: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[RowNote]:
    """A warehouse has accepted or shipped, or a carrier's program has printed labels."""
    if printer := carrier_of_result(kind):
        return take_label_numbers(rows, by=printer, place=place, actor=actor, at=at)
    if kind == SHIPPING_ACTUAL.code:
        return take_actuals(rows, place=place, actor=actor, at=at)
    if kind == SHIPPING_TRACKING.code:
        return take_tracking_rows(rows, place=place, actor=actor, at=at)
    numbers = [typed_code(row.values["instruction"]) for row in rows]
    known = accept_instructions(numbers, place=place, actor=actor, at=at)
    return [_accepted(row, number, known.get(number)) for row, number in zip(rows, numbers, strict=True)]


def _accepted(row: FileRow, number: str, answer: Accepted | None) -> RowNote:
    if answer and answer.status is not InstructionStatus.WITHDRAWN:
        return RowNote(number=row.number, key=number, fate=RowFate.DONE if answer.is_new else RowFate.REPEATED)
    refusal = (
        Refusal(
            "order.instruction_withdrawn_before",
            gettext_noop("Instruction %(number)s was withdrawn before the warehouse accepted it. Tell it not to ship."),
            {"number": number},
            "/instruction",
        )
        if answer
        else Refusal(
            "order.no_such_instruction",
            gettext_noop("This location has no shipping instruction “%(number)s”. Check the number, and which warehouse the file is from."),
            {"number": number[:60]},
            "/instruction",
        )
    )
    return RowNote(number=row.number, key=number, fate=RowFate.REFUSED, refusal=refusal)


def give_rows(kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[Mapping[str, object]]:
    """What a warehouse is to ship, and what it need not ship any more."""
    return instruct_shipments(place=place, actor=actor, at=at) if kind == SHIPPING_INSTRUCTION.code else ()


def people_in(file_id: int) -> Sequence[str]:
    """Whose addresses a file of instructions or labels holds."""
    return [f"customer:{ref}" for ref in (*buyers_in_file(file_id), *buyers_in_label_file(file_id))]
