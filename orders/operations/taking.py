"""Orders that wait for their card: the gateway is asked after the order stands, and the order follows what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from billing.operations import Charged, authorise_orders, open_intents
from billing.queries import card_intents_of
from billing.rules import UNCLEAR_WORDS, IntentAsk, IntentStatus, Outcome, PaymentMethod, decline_words
from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from orders.events import OrderAccepted
from orders.operations.cancelling import cancel_orders
from orders.operations.holding import raise_holds
from orders.operations.statuses import refresh_statuses
from orders.rules import HoldKind, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of an order's payment. ``action`` sends the buyer to ``action_url``; ``message`` is to be translated and shown."""

    order_id: int
    outcome: Outcome
    action_url: str = ""
    message: str = ""
    code: str = ""


_FOUND = "SELECT id, public_id, status, payment_method FROM orders_order WHERE id = ANY(%s::bigint[])"
_LOCK = """
SELECT id, public_id, company_id, customer_id, number, total, currency, status, language, revision FROM orders_order
WHERE id = ANY(%s::bigint[]) AND status = 'pending' ORDER BY id FOR UPDATE
"""


def take_payments(order_ids: Sequence[int], *, actor: Actor, at: datetime, return_url: str = "") -> list[Taken]:
    """The cards of these orders have been asked, and the orders have followed: accepted, cancelled, or still waiting.

    No operation: it asks the gateway and must not be called inside a transaction. One answer per order, in order; an order
    that waits for no card answers by how it stands. With ``return_url`` the buyer is there: they may be sent to their bank
    (`action`) and come back to it, then call this again. Without it nobody is asked anything (renewals). Repeating it is
    harmless; what it leaves open, the clock takes up.
    """
    found = {row.id: row for row in rows(_FOUND, (list(order_ids),))}
    waiting = [row.public_id for row in found.values() if row.status == OrderStatus.PENDING]
    charged = {one.order_ref: one for one in authorise_orders(waiting, actor=actor, at=at, return_url=return_url)} if waiting else {}
    decided = [row.id for row in found.values() if row.public_id in charged and charged[row.public_id].outcome in _DECIDED]
    if decided:
        settle_card_orders(decided, actor=actor, at=at, told=bool(return_url))
    return [_taken(i, found.get(i), charged.get(found[i].public_id) if i in found else None) for i in order_ids]


_DECIDED = (Outcome.OK, Outcome.FAILED)


def _taken(order_id: int, order: object, charged: Charged | None) -> Taken:
    if charged is None:
        stands = order is not None and order.status != OrderStatus.CANCELLED  # type: ignore[attr-defined]
        return Taken(order_id=order_id, outcome=Outcome.OK if stands else Outcome.FAILED, code="" if stands else "cancelled",
                     message="" if stands else decline_words("cancelled"))  # fmt: skip
    message = {Outcome.FAILED: decline_words(charged.code), Outcome.UNKNOWN: UNCLEAR_WORDS}.get(charged.outcome, "")
    return Taken(order_id=order_id, outcome=charged.outcome, action_url=charged.action_url, message=message, code=charged.code)


@operation
def settle_card_orders(order_ids: Sequence[int], *, actor: Actor, at: datetime, told: bool = False) -> None:
    """Orders that waited for their card follow it: accepted where it is authorised, cancelled with the reason where it isn't.

    One that had been accepted, and whose card was asked again because it was changed, is held instead: somebody asks the buyer. Orders that wait no longer, or whose card is undecided, stay as they are. Announces OrderAccepted, OrderCancelled.
    """
    waiting = {order.public_id: order for order in rows(_LOCK, (sorted(set(order_ids)),))}
    intents = card_intents_of(list(waiting)) if waiting else []
    held = [waiting[i.order_ref] for i in intents if i.status in (IntentStatus.AUTHORISED, IntentStatus.CAPTURED)]
    if held:
        refresh_statuses([order.id for order in held], actor=actor, at=at, confirmed=True, authorised=True)
        announce(*(
            OrderAccepted(order_id=o.id, order_ref=o.public_id, company_id=o.company_id, customer_id=o.customer_id,
                          number=o.number, total=o.total, currency=o.currency)
            for o in held
        ))  # fmt: skip
    for intent in intents:
        if intent.status in (IntentStatus.FAILED, IntentStatus.VOIDED):
            order = waiting[intent.order_ref]
            with translation.override(order.language):
                reason = gettext(decline_words(intent.decline_code or "cancelled"))
            if order.revision > 1:
                _hold_unpaid(order, reason=reason, actor=actor, at=at)
                continue
            cancel_orders([order.id], reason=reason, actor=actor, at=at, declined=True, told=told)


def _hold_unpaid(order: Any, *, reason: str, actor: Actor, at: datetime) -> None:
    """A changed order stands although its card refused the new total: it is to be paid some other way, and nothing leaves before."""
    ask = IntentAsk(
        order_ref=order.public_id, company_id=order.company_id, customer_id=order.customer_id, method=PaymentMethod.CARD,
        currency=order.currency, amount=order.total, order_number=order.number,
    )  # fmt: skip
    open_intents([ask], actor=actor, at=at)
    refresh_statuses([order.id], actor=actor, at=at, confirmed=True, authorised=False)
    raise_holds([order.id], reason=reason[:200], actor=actor, at=at, kind=HoldKind.PAYMENT)


@operation
def note_lost_payment(order_ids: Sequence[int], *, actor: Actor, at: datetime, reason: str) -> None:
    """The money of accepted orders could not be taken after all: they are unpaid again, and nothing more of them leaves unseen."""
    refresh_statuses(order_ids, actor=actor, at=at, authorised=False)
    raise_holds(order_ids, reason=reason, actor=actor, at=at, kind=HoldKind.PAYMENT)
