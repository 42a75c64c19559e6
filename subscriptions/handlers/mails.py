"""Mails a customer is owed about a contract: written down with the event's handling, sent by the mail workers."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.operations import NewMail, owe_mails
from core.queries import company_context
from customers.queries import buyer_details
from orders.events import OrderAccepted
from orders.queries import Sight
from subscriptions.events import (
    CycleFailed,
    CycleSkipped,
    DeliveryComing,
    SubscriptionCancelled,
    SubscriptionEvent,
    SubscriptionPaused,
    SubscriptionStarted,
)
from subscriptions.queries import contract_languages, contract_view, first_orders
from subscriptions.rules import ORDER_CANCELLED, PAYMENT_FAILED, ContractView, reason_words


def mail_started(event: SubscriptionStarted, *, at: datetime) -> None:
    """Confirm a contract with its terms, once; where the order still waits for its card, its acceptance is waited for."""
    if not first_orders([event.order_id])[event.order_id].waits:
        _owe(event, kind="started", key="started", at=at)


def mail_accepted(event: OrderAccepted, *, at: datetime) -> None:
    """Confirm the contracts that an order opened when its card was accepted, once."""
    found = first_orders([event.order_id]).get(event.order_id)
    for contract_id, contract_ref in found.contracts if found else ():
        started = SubscriptionEvent(
            contract_id=contract_id, contract_ref=contract_ref, company_id=event.company_id, customer_id=event.customer_id
        )
        _owe(started, kind="started", key="started", at=at)


def mail_coming(event: DeliveryComing, *, at: datetime) -> None:
    """Remind of a delivery while it can still be changed, once per delivery and date."""
    more = {"planned_on": event.planned_on, "change_until": event.change_until}
    _owe(event, kind="coming", key=f"coming:{event.number}:{event.planned_on}", at=at, **more)


def mail_skipped(event: CycleSkipped, *, at: datetime) -> None:
    """Confirm that a delivery is left out, once per delivery; a cancelled order has told of itself."""
    if event.reason != ORDER_CANCELLED:
        _owe(event, kind="skipped", key=f"skipped:{event.number}:{event.next_on}", at=at, next_on=event.next_on)


def mail_failed(event: CycleFailed, *, at: datetime) -> None:
    """Say why a delivery is late, at its first failure; a declined card has been told by its order."""
    if event.tries == 1 and event.reason != PAYMENT_FAILED and event.retry_on is not None:
        _owe(event, kind="failed", key=f"failed:{event.number}", at=at, reason=event.reason, retry_on=event.retry_on)


def mail_paused(event: SubscriptionPaused, *, at: datetime) -> None:
    """Say that nothing comes for the time being: as asked, or because a delivery failed too often."""
    _owe(event, kind="paused", key=f"paused:{event.on}", at=at, gave_up=bool(event.reason), until_on=event.until_on)


def mail_cancelled(event: SubscriptionCancelled, *, at: datetime) -> None:
    """Confirm a cancellation at once, and say which delivery still comes."""
    _owe(event, kind="cancelled", key=f"cancelled:{event.ends_after or 0}", at=at, ends_after=event.ends_after)


def _owe(event: SubscriptionEvent, *, kind: str, key: str, at: datetime, **more: date | str | int | bool | None) -> None:
    details = buyer_details(event.customer_id)
    address = details.get("email", "") if details else ""
    language = first_language(event)
    contract = contract_view(event.contract_ref, Sight(everything=True), language=language, at=at) if address else None
    if contract is None or details is None:
        return
    company = company_context(event.company_id)
    with translation.override(language):
        words: dict[str, Any] = {
            **more,
            "contract": contract,
            "customer_name": f"{details.get('family_name', '')} {details.get('given_name', '')}".strip(),
            "shop": company.name,
            "next": next((c for c in contract.coming if c.status != "skipped"), None),
            "contract_url": f"{settings.PUBLIC_URL}/mypage/subscriptions/{contract.id}/",
            "why": reason_words(str(more.get("reason", "")), translate=_),
            "signature": f"{company.name}\n{company.phone}\n{company.email}".strip(),
        }
        subject = _subject(contract, kind, shop=company.name)
        body = render_to_string(f"subscriptions/mail/{kind}.txt", words)
    owe_mails(
        [
            NewMail(
                company_id=event.company_id,
                kind=f"subscription.{kind}",
                about=f"subscription:{contract.key}",
                once_key=f"subscription:{contract.key}:{key}",
                to_address=address,
                subject=subject,
                body=body,
                from_address=f"{company.name} <{company.email}>" if company.email else "",
                language=language,
                customer_ref=event.customer_id,
            )
        ],
        actor=SYSTEM,
    )


def first_language(event: SubscriptionEvent) -> str:
    """The language a contract was made in."""
    return contract_languages([event.contract_id]).get(event.contract_id, "ja")


def _subject(contract: ContractView, kind: str, *, shop: str) -> str:
    subjects = {
        "started": _("[%(shop)s] Your subscription has begun (%(number)s)"),
        "coming": _("[%(shop)s] Your next delivery comes soon (%(number)s)"),
        "skipped": _("[%(shop)s] A delivery is skipped (%(number)s)"),
        "failed": _("[%(shop)s] Your delivery is late (%(number)s)"),
        "paused": _("[%(shop)s] Your subscription is paused (%(number)s)"),
        "cancelled": _("[%(shop)s] Your subscription was cancelled (%(number)s)"),
    }
    return subjects[kind] % {"shop": shop, "number": contract.number}
