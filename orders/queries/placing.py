"""What placing needs to know of the company, the channel and earlier orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import rows
from core.queries import UnknownChannel, channel_context_by_id
from core.tax import Rounding
from orders.rules import OrderDraft, Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingContext:
    """The house rules an order of this company and channel is placed under."""

    company_id: int
    channel_id: int
    channel_kind: str
    country: str
    timezone: str
    rounding: Rounding
    by_cart: Mapping[UUID, Placed]
    by_outside_number: Mapping[str, Placed]


_EARLIER = """
SELECT id, public_id, number, customer_id, total, currency, cart_ref, outside_number FROM orders_order
WHERE cart_ref IS NOT NULL AND cart_ref = ANY(%(carts)s::uuid[])
UNION
SELECT id, public_id, number, customer_id, total, currency, cart_ref, outside_number FROM orders_order
WHERE outside_number <> '' AND channel_id = %(channel)s AND outside_number = ANY(%(outside)s::text[])
"""


def placing_context(drafts: Sequence[OrderDraft], *, at: datetime) -> PlacingContext | None:
    """The context of drafts that share company and channel; None where the channel is not the company's or has ended.

    Company and channel as kept for up to five seconds; earlier orders where drafts name a cart or an outside number: one statement,
    else none.
    """
    company_id, channel_id = drafts[0].company_id, drafts[0].channel_id
    try:
        channel = channel_context_by_id(channel_id)
    except UnknownChannel:
        return None
    company = channel.company
    if company.id != company_id or (channel.ended_at is not None and channel.ended_at <= at):
        return None
    earlier = [(_placed(row), row) for row in _earlier_orders(drafts)]
    return PlacingContext(
        company_id=company_id,
        channel_id=channel_id,
        channel_kind=channel.kind,
        country=company.country,
        timezone=company.timezone,
        rounding=company.tax_rounding,
        by_cart={row.cart_ref: placed for placed, row in earlier if row.cart_ref},
        by_outside_number={row.outside_number: placed for placed, row in earlier if row.outside_number},
    )


def _earlier_orders(drafts: Sequence[OrderDraft]) -> list[Any]:
    carts = [draft.cart_ref for draft in drafts if draft.cart_ref]
    outside = [draft.outside_number for draft in drafts if draft.outside_number]
    if not carts and not outside:
        return []
    return rows(_EARLIER, {"carts": carts, "channel": drafts[0].channel_id, "outside": outside})


def _placed(row: Any) -> Placed:
    return Placed(
        order_id=row.id,
        public_id=row.public_id,
        number=row.number,
        customer_id=row.customer_id,
        total=row.total,
        currency=row.currency,
        repeated=True,
    )
