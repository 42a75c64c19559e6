"""Recalling a lot at the machine counter: who received it. Personal data, so it has a scope of its own and is written down."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core.api.shapes import Text
from core.api.views import ApiView
from core.errors import Forbidden, NotFound
from core.ids import public
from core.operations import record_personal_read
from customers.queries import PREFIX
from inventory.queries import lots_named
from orders.queries import Recipient, recipients_page

READ = ("name", "email", "phone", "address")
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # parcels are ordered by their key alone
_TEXT = {"type": "string"}
RECIPIENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_number": _TEXT, "shipment_number": _TEXT, "shipment_status": _TEXT, "shipped_on": {"type": ["string", "null"], "format": "date"},
        "quantity": {"type": "integer"}, "customer": _TEXT, "buyer_name": _TEXT, "buyer_email": _TEXT, "buyer_phone": _TEXT,
        "recipient_name": _TEXT, "recipient_phone": _TEXT, "postal_code": _TEXT, "address": _TEXT,
    },
}  # fmt: skip
RECIPIENT["required"] = list(RECIPIENT["properties"])


class RecallView(ApiView):
    """Who received a lot."""

    scopes = {"GET": "recalls:read"}
    filters = {
        "item": Text(max=64).described("Code of the stock item."),
        "lot": Text(max=64).described("Number of the lot."),
    }
    gives = {"GET": RECIPIENT}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Everybody to whom pieces of the lot were shipped, a row per parcel, the newest first. Each reading is written down."""
        asked, given = self.page(request)
        company_id = self.partner(request).company_id
        if company_id is None:
            raise Forbidden
        lot = next((one for one in lots_named(given["lot"]) if one.item == given["item"] and one.company_id == company_id), None)
        if lot is None:
            raise NotFound
        found = recipients_page(lot.lot_id, company_id=company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1])
        record_personal_read(
            [f"customer:{one.customer_ref}" for one in found[: asked.limit]], actor=self.actor(request), screen="api /recalls", fields=READ,
            reason=f"lot {lot.number}",
        )  # fmt: skip
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.shipment_id), show=_shown)


def _shown(row: Recipient) -> dict[str, Any]:
    return {
        "order_number": row.order_number, "shipment_number": row.shipment_number, "shipment_status": row.shipment_status,
        "shipped_on": row.shipped_on, "quantity": row.quantity, "customer": public(PREFIX, row.customer_ref), "buyer_name": row.buyer_name,
        "buyer_email": row.buyer_email, "buyer_phone": row.buyer_phone, "recipient_name": row.recipient_name,
        "recipient_phone": row.recipient_phone, "postal_code": row.postal_code, "address": row.address,
    }  # fmt: skip
