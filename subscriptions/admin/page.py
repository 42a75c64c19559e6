"""A contract's page in words: what comes within a year, what was, where it goes, what may be done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from customers.queries import CustomerRow, customer_rows
from orders.queries import Sight
from subscriptions.models import Subscription
from subscriptions.queries import contract_view
from subscriptions.rules import ContractStatus, ContractView, CycleShown, CycleStatus

CONTRACT_TONES = {
    ContractStatus.ACTIVE: "success",
    ContractStatus.PAUSED: "warning",
    ContractStatus.CANCELLED: "danger",
    ContractStatus.COMPLETED: "info",
}
CYCLE_TONES = {CycleStatus.PLANNED: "info", CycleStatus.SKIPPED: "", CycleStatus.GENERATED: "success", CycleStatus.FAILED: "danger"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A delivery as a line of the table."""

    cycle: CycleShown
    words: str
    tone: str
    order_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A bar of the chart: what comes in a month."""

    first: date
    amount: int
    deliveries: int
    share: int
    """Of the greatest month, in per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything the contract's page shows."""

    contract: ContractView
    customer: CustomerRow
    tone: str
    method: str
    coming: tuple[Row, ...]
    past: tuple[Row, ...]
    months: tuple[Month, ...]
    first_order: str
    may_manage: bool


def page_of(row: Subscription, *, may: Callable[[str], bool]) -> Page | None:
    """The page of a contract for somebody who may do what `may` says."""
    contract = contract_view(row.public_id, Sight(everything=True), language=get_language() or "ja")
    if contract is None:
        return None
    (customer,) = customer_rows([contract.customer_key])
    coming = tuple(_row(c) for c in contract.coming)
    return Page(
        contract=contract,
        customer=customer,
        tone=CONTRACT_TONES[ContractStatus(contract.status)],
        method=_(PaymentMethod.labels()[PaymentMethod(contract.payment_method)]),
        coming=coming,
        past=tuple(_row(c) for c in contract.past),
        months=_months(contract),
        first_order=reverse("admin:orders_order_change", args=[row.first_order_id]),
        may_manage=may("subscriptions.manage_subscription"),
    )


def _row(cycle: CycleShown) -> Row:
    status = CycleStatus(cycle.status)
    link = f"{reverse('admin:orders_order_changelist')}?q={cycle.order_number}" if cycle.order_number else ""
    return Row(cycle=cycle, words=_(CycleStatus.labels()[status]), tone=CYCLE_TONES[status], order_link=link)


def _months(contract: ContractView) -> tuple[Month, ...]:
    """The next twelve months with their deliveries, empty ones too."""
    made = [c for c in contract.coming if c.status != CycleStatus.SKIPPED]
    if not made:
        return ()
    first = made[0].planned_on.year * 12 + made[0].planned_on.month - 1
    sums = [[0, 0] for _n in range(12)]
    for cycle in made:
        place = cycle.planned_on.year * 12 + cycle.planned_on.month - 1 - first
        if 0 <= place < 12:
            sums[place][0] += cycle.amount or 0
            sums[place][1] += 1
    greatest = max(amount for amount, _n in sums) or 1
    return tuple(
        Month(first=date((first + n) // 12, (first + n) % 12 + 1, 1), amount=amount, deliveries=count, share=round(100 * amount / greatest))
        for n, (amount, count) in enumerate(sums)
    )
