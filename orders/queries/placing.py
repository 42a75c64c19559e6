"""What placing needs to know of the company, the channel, the fee rules and earlier orders: one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import rows
from core.tax import Rounding
from orders.rules import FeeKind, FeeRow, OrderDraft, Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingContext:
    """The house rules an order of this company and channel is placed under."""

    company_id: int
    channel_id: int
    channel_kind: str
    country: str
    timezone: str
    rounding: Rounding
    fee_rules: tuple[FeeRow, ...]
    by_cart: Mapping[UUID, Placed]
    by_outside_number: Mapping[str, Placed]


_CONTEXT = """
WITH known AS (
    SELECT id, public_id, number, customer_id, total, currency, cart_ref, outside_number FROM orders_order
    WHERE cart_ref IS NOT NULL AND cart_ref = ANY(%(carts)s::uuid[])
    UNION
    SELECT id, public_id, number, customer_id, total, currency, cart_ref, outside_number FROM orders_order
    WHERE outside_number <> '' AND channel_id = %(channel)s AND outside_number = ANY(%(outside)s::text[])
)
SELECT ch.kind, ch.ended_at, c.country, c.timezone, c.tax_rounding,
    (SELECT jsonb_agg(jsonb_build_array(f.kind, f.label, f.channel_id, f.method, f.prefecture, f.from_goods_total, f.amount, f.tax_class))
     FROM orders_feerule f WHERE f.company_id = c.id AND f.ended_at IS NULL) AS fees,
    (SELECT jsonb_agg(to_jsonb(known)) FROM known) AS repeated
FROM core_company c JOIN core_saleschannel ch ON ch.company_id = c.id
WHERE c.id = %(company)s AND ch.id = %(channel)s
"""


def placing_context(drafts: Sequence[OrderDraft], *, at: datetime) -> PlacingContext | None:
    """The context of drafts that share company and channel; None where the channel is not the company's or has ended."""
    company_id, channel_id = drafts[0].company_id, drafts[0].channel_id
    found = rows(
        _CONTEXT,
        {
            "company": company_id,
            "channel": channel_id,
            "carts": [d.cart_ref for d in drafts if d.cart_ref],
            "outside": [d.outside_number for d in drafts if d.outside_number],
        },
    )
    if not found or (found[0].ended_at is not None and found[0].ended_at <= at):
        return None
    row = found[0]
    repeated = [(_placed(r), r) for r in row.repeated or ()]
    return PlacingContext(
        company_id=company_id,
        channel_id=channel_id,
        channel_kind=row.kind,
        country=row.country,
        timezone=row.timezone,
        rounding=Rounding(row.tax_rounding),
        fee_rules=tuple(_fee(f) for f in row.fees or ()),
        by_cart={UUID(r["cart_ref"]): placed for placed, r in repeated if r["cart_ref"]},
        by_outside_number={r["outside_number"]: placed for placed, r in repeated if r["outside_number"]},
    )


def _fee(f: Sequence[Any]) -> FeeRow:
    return FeeRow(
        kind=FeeKind(f[0]), label=f[1], channel_id=f[2], method=f[3], prefecture=f[4], from_goods_total=f[5], amount=f[6], tax_class=f[7]
    )


def _placed(r: Mapping[str, Any]) -> Placed:
    return Placed(
        order_id=r["id"],
        public_id=UUID(r["public_id"]),
        number=r["number"],
        customer_id=r["customer_id"],
        total=r["total"],
        currency=r["currency"],
        repeated=True,
    )
