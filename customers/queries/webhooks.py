"""What partners hear of customers: that something happened to an entry, under its public id; never what."""

from collections.abc import Sequence
from typing import Any

from core.db import rows
from core.ids import public
from core.ports import ForPartners, WebhookType
from core.words import gettext_noop as _
from customers.events import CustomerChanged, CustomerErased, CustomerRegistered, CustomersMerged, MergeUndone

READ = "customers:read"
_ENTRIES = "SELECT id, public_id, company_id FROM customers_customer WHERE id = ANY (%s::bigint[])"
_ID = "00000000000000000000000000000000"
_CUSTOMER = {"customer": {"id": f"cus_{_ID}", "path": f"/api/v1/customers/cus_{_ID}"}}
_PAIR = {**_CUSTOMER, "merged": {"id": f"cus_{_ID}", "path": f"/api/v1/customers/cus_{_ID}"}}


def _tell(events: Sequence[Any]) -> list[ForPartners | None]:
    """One statement, however many events."""
    keys = {event.customer_id for event in events} | {event.merged_id for event in events if hasattr(event, "merged_id")}
    entries = {row.id: row for row in rows(_ENTRIES, (sorted(keys),))}
    return [_told(event, entries) if event.customer_id in entries else None for event in events]


def _told(event: Any, entries: dict[int, Any]) -> ForPartners:
    data = {"customer": _entry(entries[event.customer_id])}
    if hasattr(event, "merged_id") and event.merged_id in entries:
        data["merged"] = _entry(entries[event.merged_id])
    return ForPartners(entries[event.customer_id].company_id, data)


def _entry(row: Any) -> dict[str, str]:
    ref = public("cus", row.public_id)
    return {"id": ref, "path": f"/api/v1/customers/{ref}"}


def webhook_types() -> Sequence[WebhookType]:
    """The published events of customers."""
    return (
        WebhookType("customer.registered", CustomerRegistered, READ, _("A customer was entered."), _tell, _CUSTOMER),
        WebhookType("customer.changed", CustomerChanged, READ, _("What is known of a customer changed."), _tell, _CUSTOMER),
        WebhookType("customer.merged", CustomersMerged, READ, _("Two entries are read as one from now on."), _tell, _PAIR),
        WebhookType("customer.merge_undone", MergeUndone, READ, _("Two entries are read apart again."), _tell, _PAIR),
        WebhookType(
            "customer.erased", CustomerErased, READ, _("The personal values of a customer are gone: forget yours."), _tell, _CUSTOMER
        ),
    )
