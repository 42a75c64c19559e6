"""What contact adds to the customer's page: the call form, what is under way, and the buttons of a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from contact.queries import DeskState, desk_state, form_offer
from contact.rules import CaseState
from core.money import format_money
from customers.ports import DeskAction, DeskAsk, DeskPanel
from orders.rules import FulfilmentStatus, OrderPaymentStatus, OrderStatus
from subscriptions.queries import contracts_of
from subscriptions.rules import ContractStatus

CSS: Final = ("contact/desk.css",)
ENDED: Final = frozenset(ContractStatus) - {ContractStatus.ACTIVE, ContractStatus.PAUSED}
CONTRACTS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure under the customer's name."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    link: str = ""


def desk_actions(ask: DeskAsk) -> Sequence[DeskAction]:
    """Log a contact, take an order, look for somebody else."""
    found = []
    if ask.may("contact.add_case"):
        found.append(DeskAction(label=_("Log a contact"), link="#log", icon="add_call", key="c", primary=True, position=10))
    if ask.may("orders.place_order"):
        link = f"{reverse('admin:orders_order_entry')}?{urlencode({'customer': ask.customer_id})}"
        found.append(DeskAction(label=_("Take an order"), link=link, icon="add_shopping_cart", key="o", position=20))
    if ask.may("contact.view_case"):
        found.append(
            DeskAction(label=_("Somebody else"), link=reverse("admin:contact_case_desk"), icon="person_search", key="f", position=90)
        )
    return found


def desk_panels(ask: DeskAsk) -> Sequence[DeskPanel]:
    """The call form, figures, and cards of what is under way; two statements."""
    state = desk_state(ask.group, company_id=ask.company_id, at=ask.at)
    panels = [
        DeskPanel(template="contact/admin/desk_figures.html", words={"figures": _figures(state, ask)}, place="head", position=10, css=CSS)
    ]
    if ask.may("contact.add_case"):
        panels.append(DeskPanel(template="contact/admin/desk_log.html", words=_form(ask, state), place="top", position=10))
    if ask.may("contact.view_case"):
        words = {"cases": [_case(case, ask) for case in state.cases], "more": max(0, state.unsolved - len(state.cases)), "ask": ask}
        panels.append(DeskPanel(template="contact/admin/desk_cases.html", words=words, position=10))
    if ask.may("orders.view_order"):
        panels.append(
            DeskPanel(template="contact/admin/desk_orders.html", words={"orders": [_order(o, ask) for o in state.orders]}, position=20)
        )
    if ask.may("subscriptions.view_subscription"):
        contracts = sorted(contracts_of(list(ask.group)), key=lambda contract: contract.status in ENDED)[:CONTRACTS_SHOWN]
        panels.append(
            DeskPanel(
                template="contact/admin/desk_contracts.html", words={"contracts": [_contract(c, ask) for c in contracts]}, position=30
            )
        )
    return panels


def _form(ask: DeskAsk, state: DeskState) -> dict[str, object]:
    return {"offer": form_offer(state.reasons, orders=state.orders), "action": reverse("admin:contact_case_log", args=[ask.customer_id])}


def _figures(state: DeskState, ask: DeskAsk) -> list[Figure]:
    found, facts = [], state.facts
    if ask.may("orders.view_purchasefacts"):
        if facts is not None and facts.order_count:
            bought = _("%(count)s orders since %(day)s") % {"count": f"{facts.order_count:,}", "day": f"{facts.first_on:%Y/%m/%d}"}
            found.append(Figure(_("Bought in all"), _money(facts.amount_total, facts.currency), bought))
            found.append(Figure(_("Last purchase"), f"{facts.last_on:%Y/%m/%d}", _ago(facts.last_on, state.today)))
        else:
            found.append(Figure(_("Bought in all"), "-", _("No order yet.")))
    if ask.may("billing.view_receivable"):
        owed, held = (" / ".join(_money(one.amount, one.currency) for one in rows) for rows in (state.owed, state.held))
        late = any(one.overdue for one in state.owed)
        note = _("overdue since %(day)s") % {"day": f"{min(o.due_on for o in state.owed if o.overdue):%Y/%m/%d}"} if late else ""
        note = note or (_("held for them: %(amount)s") % {"amount": held} if held else "")
        found.append(Figure(_("Still owed"), owed or "-", note, "bad" if late else "warn" if owed else ""))
    if ask.may("contact.view_case"):
        complaint = any(case.complaint for case in state.cases)
        note = _("Complaint: no offers are sent") if complaint else ""
        found.append(Figure(_("Unsolved cases"), f"{state.unsolved:,}", note, "bad" if complaint else "warn" if state.unsolved else ""))
    return found


def _ago(day: date, today: date) -> str:
    days = (today - day).days
    return _("today") if days <= 0 else _("%(count)s days ago") % {"count": f"{days:,}"}


def _money(amount: int, currency: str) -> str:
    return format_money(int(amount), currency, get_language() or "ja")


def _case(case: Any, ask: DeskAsk) -> dict[str, object]:
    return {
        "number": case.number,
        "link": reverse("admin:contact_case_change", args=[case.id]),
        "theme": (case.theme or case.reason) if ask.in_full else case.reason,
        "reason": case.reason,
        "state": _(CaseState.labels()[CaseState(case.state)]),
        "owner": case.owner or "",
        "complaint": case.complaint,
        "due_at": case.due_at,
        "late": case.due_at is not None and case.due_at < ask.at,
    }


def _order(order: Any, ask: DeskAsk) -> dict[str, object]:
    goods = order.goods or ""
    if order.lines > 1:
        goods = _("%(goods)s and %(count)s more") % {"goods": goods, "count": order.lines - 1}
    parcel = next((p for p in order.parcels if p.status != "cancelled"), None)
    tone = {"cancelled": "bad", "completed": "good"}.get(order.status, "bad" if order.open_holds else "warn")
    state = _(FulfilmentStatus.labels()[FulfilmentStatus(order.fulfilment_status)])
    if order.status in (OrderStatus.CANCELLED, OrderStatus.PENDING):
        state = _(OrderStatus.labels()[OrderStatus(order.status)])
    cancel = reverse("admin:orders_order_verb_cancel", args=[order.id]) if order.may_cancel and ask.may("orders.cancel_order") else ""
    return {
        "number": order.number,
        "link": reverse("admin:orders_order_change", args=[order.id]),
        "goods": goods,
        "placed_at": order.placed_at,
        "total": _money(order.total, order.currency),
        "state": _("On hold") if order.open_holds else state,
        "tone": tone,
        "open": order.open,
        "paid": _(OrderPaymentStatus.labels()[OrderPaymentStatus(order.payment_status)]),
        "method": _(PaymentMethod.labels()[PaymentMethod(order.payment_method)]),
        "parcel": parcel,
        "wished_on": order.wished_on,
        "cancel": f"{cancel}?{urlencode({'next': ask.path})}" if cancel else "",
    }


def _contract(contract: Any, ask: DeskAsk) -> dict[str, object]:
    may = ask.may("subscriptions.manage_subscription")
    verbs: list[tuple[str, str]] = []
    if may and contract.status == ContractStatus.ACTIVE and contract.next_on:
        verbs = [("skip", _("Skip the next one")), ("pause", _("Pause")), ("schedule", _("Change dates"))]
    elif may and contract.status == ContractStatus.PAUSED:
        verbs = [("resume", _("Resume"))]
    here = urlencode({"next": ask.path})
    return {
        "number": contract.number,
        "link": reverse("admin:subscriptions_subscription_change", args=[contract.key]),
        "plan": contract.plan_name,
        "interval": contract.interval_label,
        "goods": "、".join(f"{name} × {quantity}" for _sku, name, quantity in contract.items),
        "next_number": contract.next_number,
        "next_on": contract.next_on,
        "failing": contract.failing,
        "over": contract.status in ENDED,
        "state": "" if contract.status == ContractStatus.ACTIVE else _(ContractStatus.labels()[ContractStatus(contract.status)]),
        "verbs": [
            (words, f"{reverse(f'admin:subscriptions_subscription_verb_{name}', args=[contract.key])}?{here}") for name, words in verbs
        ],
    }
