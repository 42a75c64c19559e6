"""What partners hear of subscription contracts: ids and numbers."""

from collections.abc import Sequence
from typing import Any

from core.db import rows
from core.ids import public
from core.ports import ForPartners, WebhookType
from core.words import gettext_noop as _
from subscriptions.events import (
    CycleFailed,
    CycleGenerated,
    CycleSkipped,
    SubscriptionCancelled,
    SubscriptionChanged,
    SubscriptionCompleted,
    SubscriptionEvent,
    SubscriptionPaused,
    SubscriptionResumed,
    SubscriptionStarted,
)

READ = "subscriptions:read"
_CONTRACTS = "SELECT id, number FROM subscriptions_subscription WHERE id = ANY (%s::bigint[])"
_ID = "00000000000000000000000000000000"
_CONTRACT = {"subscription": {"id": f"sub_{_ID}", "number": "S-000001", "path": f"/api/v1/subscriptions/sub_{_ID}"}}
_DELIVERY = {**_CONTRACT, "order": {"id": f"ord_{_ID}", "path": f"/api/v1/orders/ord_{_ID}"}}


def _tell(events: Sequence[SubscriptionEvent]) -> list[ForPartners | None]:
    """One statement, however many events."""
    numbers = {row.id: row.number for row in rows(_CONTRACTS, (sorted({event.contract_id for event in events}),))}
    return [_told(event, numbers[event.contract_id]) if event.contract_id in numbers else None for event in events]


def _told(event: SubscriptionEvent, number: str) -> ForPartners:
    ref = public("sub", event.contract_ref)
    data: dict[str, Any] = {"subscription": {"id": ref, "number": number, "path": f"/api/v1/subscriptions/{ref}"}}
    if isinstance(event, CycleGenerated | SubscriptionStarted):
        order = public("ord", event.order_ref)
        data["order"] = {"id": order, "path": f"/api/v1/orders/{order}"}
    return ForPartners(event.company_id, data)


def webhook_types() -> Sequence[WebhookType]:
    """The published events of contracts."""
    return (
        WebhookType("subscription.started", SubscriptionStarted, READ, _("An order opened a contract."), _tell, _DELIVERY),
        WebhookType("subscription.order_made", CycleGenerated, READ, _("A due delivery became an order."), _tell, _DELIVERY),
        WebhookType("subscription.delivery_skipped", CycleSkipped, READ, _("A delivery is left out."), _tell, _CONTRACT),
        WebhookType("subscription.delivery_failed", CycleFailed, READ, _("A due delivery did not become an order."), _tell, _CONTRACT),
        WebhookType("subscription.paused", SubscriptionPaused, READ, _("Nothing comes until a contract is resumed."), _tell, _CONTRACT),
        WebhookType("subscription.resumed", SubscriptionResumed, READ, _("Deliveries go on."), _tell, _CONTRACT),
        WebhookType(
            "subscription.changed", SubscriptionChanged, READ, _("A contract is different from the coming delivery on."), _tell, _CONTRACT
        ),
        WebhookType("subscription.cancelled", SubscriptionCancelled, READ, _("A contract ends."), _tell, _CONTRACT),
        WebhookType("subscription.completed", SubscriptionCompleted, READ, _("Every delivery of a contract was made."), _tell, _CONTRACT),
    )
