"""What is offered with gifts, and what packers, papers and labels must know of a parcel that is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from core.db import rows
from orders.rules import CardRow, GiftFacts, GiftMasters, Knot, NoshiPlacement, NoshiRow, Pairing, WrappingRow

# All masters of a company are few; those out of season or ended come along, so that what was agreed before can be kept.
_OFFERED = """(ended_at IS NULL AND (from_on IS NULL OR from_on <= %(day)s) AND (until_on IS NULL OR until_on >= %(day)s))"""
_SHARED = "'id', id, 'code', code, 'name', name, 'fee', fee, 'tax_class', tax_class, 'brand_id', brand_id"
_MASTERS = f"""
SELECT
    (SELECT jsonb_agg(jsonb_build_object({_SHARED}, 'is_offered', {_OFFERED}, 'knot', knot, 'own_title', own_title, 'most_names', most_names,
        'longest_name', longest_name) ORDER BY position, id) FROM orders_noshikind WHERE company_id = %(company)s) AS noshi,
    (SELECT jsonb_agg(jsonb_build_object({_SHARED}, 'is_offered', {_OFFERED}, 'by_piece', by_piece, 'largest_size', largest_size)
        ORDER BY position, id) FROM orders_wrapping WHERE company_id = %(company)s) AS wrappings,
    (SELECT jsonb_agg(jsonb_build_object({_SHARED}, 'is_offered', {_OFFERED}, 'most_characters', most_characters, 'most_lines', most_lines)
        ORDER BY position, id) FROM orders_messagecard WHERE company_id = %(company)s) AS cards,
    (SELECT jsonb_agg(jsonb_build_object('title', title, 'knot', knot, 'is_refused', is_refused, 'why', why) ORDER BY id)
        FROM orders_noshipairing WHERE company_id = %(company)s AND ended_at IS NULL) AS pairings,
    (SELECT jsonb_agg(jsonb_build_array(x.product_id, coalesce(w.code, ''))) FROM orders_giftexclusion x
        LEFT JOIN orders_wrapping w ON w.id = x.wrapping_id WHERE x.company_id = %(company)s AND x.ended_at IS NULL) AS barred,
    (SELECT jsonb_object_agg(v.id, v.parcel_size) FROM catalog_variant v WHERE v.id = ANY(%(variants)s::bigint[])
        AND v.parcel_size ~ '^[0-9]{{1,3}}$') AS sizes,
    (SELECT jsonb_object_agg(v.id, v.product_id) FROM catalog_variant v WHERE v.id = ANY(%(variants)s::bigint[])) AS products
"""


def gift_masters(company_id: int, *, on: date, variant_ids: Sequence[int] = ()) -> GiftMasters:
    """What the company offers with gifts on a day, and how large these variants are. One statement."""
    (row,) = rows(_MASTERS, {"company": company_id, "day": on, "variants": list(variant_ids)})
    noshi = [NoshiRow(**{**told, "knot": Knot(told["knot"])}) for told in row.noshi or ()]
    wrappings = [WrappingRow(**told) for told in row.wrappings or ()]
    cards = [CardRow(**told) for told in row.cards or ()]
    return GiftMasters(
        noshi={one.code: one for one in noshi},
        wrappings={one.code: one for one in wrappings},
        cards={one.code: one for one in cards},
        pairings=tuple(Pairing(**{**told, "knot": Knot(told["knot"])}) for told in row.pairings or ()),
        barred=frozenset((product, code) for product, code in row.barred or ()),
        sizes={int(variant): int(size) for variant, size in (row.sizes or {}).items()},
        products={int(variant): product for variant, product in (row.products or {}).items()},
    )


# A destination without a row of its own may be a gift all the same: marketplaces only say so.
_FACTS = """
SELECT s.id AS shipment_id, d.is_gift, coalesce(g.hides_prices, d.is_gift) AS hides_prices, coalesce(g.sender_name, '') AS sender_name,
    coalesce(g.noshi_name, '') AS noshi_name, coalesce(g.title, '') AS title, g.knot, coalesce(g.placement, 'inside') AS placement,
    coalesce(g.names, '') AS names, coalesce(g.wrapping_name, '') AS wrapping_name, coalesce(w.by_piece, false) AS wraps_each,
    coalesce(g.card_name, '') AS card_name, d.gift_message AS message
FROM orders_shipment s JOIN orders_destination d ON d.id = s.destination_id LEFT JOIN orders_gift g ON g.destination_id = d.id
LEFT JOIN orders_wrapping w ON w.id = g.wrapping_id WHERE s.id = ANY(%s::bigint[])
"""


def gift_facts(shipment_ids: Sequence[int]) -> dict[int, GiftFacts]:
    """What is to be known of these parcels as gifts, by parcel; one that is no gift says so. One statement."""
    return {row.shipment_id: _facts(row) for row in rows(_FACTS, (list(shipment_ids),))} if shipment_ids else {}


def _facts(row: Any) -> GiftFacts:
    return GiftFacts(
        **{
            **row._asdict(),
            "knot": Knot(row.knot) if row.knot else None,
            "placement": NoshiPlacement(row.placement),
            "names": tuple(row.names.splitlines()),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftView:
    """The gift of a destination as a person reads it; ``noshi``, ``wrapping`` and ``card`` are the codes behind the words."""

    noshi: str = ""
    noshi_name: str = ""
    title: str = ""
    knot: Knot | None = None
    placement: NoshiPlacement = NoshiPlacement.INSIDE
    names: tuple[str, ...] = ()
    wrapping: str = ""
    wrapping_name: str = ""
    card: str = ""
    card_name: str = ""
    sender_name: str = ""
    hides_prices: bool = True

    @property
    def knot_name(self) -> str:
        """The knot in words of the reader's language."""
        return gettext(Knot.labels()[self.knot]) if self.knot else ""

    @property
    def placement_name(self) -> str:
        """Where the noshi goes, in words of the reader's language."""
        return gettext(NoshiPlacement.labels()[self.placement])


# Told of a destination "de" wherever an order is read, in the same statement.
GIFT_OF_DESTINATION = """(SELECT jsonb_build_object('noshi', coalesce(n.code, ''), 'noshi_name', g.noshi_name, 'title', g.title, 'knot', g.knot,
    'placement', g.placement, 'names', g.names, 'wrapping', coalesce(w.code, ''), 'wrapping_name', g.wrapping_name, 'card', coalesce(c.code, ''),
    'card_name', g.card_name, 'sender_name', g.sender_name, 'hides_prices', g.hides_prices)
    FROM orders_gift g LEFT JOIN orders_noshikind n ON n.id = g.noshi_id LEFT JOIN orders_wrapping w ON w.id = g.wrapping_id
    LEFT JOIN orders_messagecard c ON c.id = g.card_id WHERE g.destination_id = de.id)"""


def gift_view(told: dict[str, Any] | None) -> GiftView | None:
    """What ``GIFT_OF_DESTINATION`` told."""
    if told is None:
        return None
    knot = told["knot"]
    given = {
        "knot": Knot(knot) if knot else None,
        "placement": NoshiPlacement(told["placement"]),
        "names": tuple(told["names"].splitlines()),
    }
    return GiftView(**{**told, **given})
