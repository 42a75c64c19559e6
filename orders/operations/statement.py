"""The one statement that writes placed orders with everything that hangs on them.

The ids are drawn from the tables' sequences first, as arrays, and every row says by its place which of them it means: line 3
of the batch hangs on order 2. So no part has to wait for another one's rows, and none is looked up again. What the orders of a
batch have in common travels once, the rest as one JSON list per table.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

_IDS: Final = """
ids AS MATERIALIZED (
    SELECT ARRAY(SELECT nextval('orders_order_id_seq') FROM generate_series(1, %(order_count)s)) AS orders,
        ARRAY(SELECT {number} FROM generate_series(1, %(order_count)s)) AS numbers,
        ARRAY(SELECT nextval('orders_destination_id_seq') FROM generate_series(1, %(destination_count)s)) AS destinations,
        ARRAY(SELECT nextval('orders_line_id_seq') FROM generate_series(1, %(line_count)s)) AS lines,
        ARRAY(SELECT nextval('orders_shipment_id_seq') FROM generate_series(1, %(shipment_count)s)) AS shipments
)"""


def _insert(part: str, table: str, *, known: Mapping[str, str], given: str, places: str = "o int") -> str:
    """Insert the rows of the list `part`: columns that follow from places or the batch, and columns `given` in the list."""
    names = ", ".join(column.split()[0] for column in given.split(", "))
    return (
        f"{part} AS (INSERT INTO {table} ({', '.join(known)}, {names}) SELECT {', '.join(known.values())}, {names}"
        f" FROM ids, jsonb_to_recordset(%({part})s::jsonb) AS r ({places}, {given}))"
    )


_ORDER: Final = {"order_id": "ids.orders[o]"}

# The number is known to the database alone at first; it is folded as `rules.words_of` would.
_WORDS: Final = """words AS (
    INSERT INTO orders_orderwords (order_id, company_id, placed_at, words)
    SELECT ids.orders[o], %(company)s, %(at)s, rtrim(concat_ws(' ', lower(ids.numbers[o]),
        CASE WHEN ids.numbers[o] ~ '^[0-9][0-9/-]*-[0-9/-]*$' THEN translate(ids.numbers[o], '-/', '') END, rest))
    FROM ids, jsonb_to_recordset(%(words)s::jsonb) AS r (o int, rest text)
)"""

_PARTS: Final = {
    "words": _WORDS,
    "orders": _insert(
        "orders",
        "orders_order",
        known={
            "id": "ids.orders[o]",
            "number": "ids.numbers[o]",
            "company_id": "%(company)s",
            "channel_id": "%(channel)s",
            "placed_at": "%(at)s",
            "placed_on": "%(placed_on)s",
            "actor_kind": "%(actor_kind)s",
            "actor_id": "%(actor_id)s",
            "actor_label": "%(actor_label)s",
            "on_behalf_of": "%(on_behalf_of)s",
        },
        given="public_id uuid, site_id bigint, brand_id bigint, outside_number text, cart_ref uuid, customer_id bigint, account_id bigint,"
        " taken_by_id bigint, taken_at_id bigint, status text, payment_status text, fulfilment_status text, open_holds int,"
        " paid_first boolean, inspected_first boolean, language text,"
        " currency text, tax_basis text, payment_method text, goods_total bigint, discount_total bigint, fee_total bigint,"
        " tax_total bigint, total bigint, buyer_name text, buyer_email text, buyer_phone text, remark text",
    ),
    "destinations": _insert(
        "destinations",
        "orders_destination",
        places="d int, o int",
        known={"id": "ids.destinations[d]", **_ORDER},
        given="position int, name text, kana text, organisation_name text, country text, postal_code text, prefecture text, city text,"
        " street text, building text, phone text, wished_on date, time_band text, service text, is_gift boolean, gift_message text,"
        " pickup_at_id bigint",
    ),
    "gifts": _insert(
        "gifts",
        "orders_gift",
        places="d int",
        known={"destination_id": "ids.destinations[d]"},
        given="noshi_id bigint, noshi_name text, title text, knot text, placement text, names text, wrapping_id bigint, wrapping_name text,"
        " card_id bigint, card_name text, sender_name text, hides_prices boolean",
    ),
    "lines": _insert(
        "lines",
        "orders_line",
        places="l int, o int, d int",
        known={"id": "ids.lines[l]", **_ORDER, "destination_id": "ids.destinations[d]"},
        given="public_id uuid, position int, outside_line text, variant_id bigint, sku text, name text, language text, category_path text,"
        " profile text, purchase_type text, cycle int, quantity int, list_price bigint, unit_price bigint, price_reason text, discount bigint,"
        " amount bigint, total bigint, tax_class text, tax_rate_bp int, campaign_ref text, campaign_name text, route_medium text,"
        " outbound_at timestamptz, offer_from_at timestamptz, offer_until_at timestamptz, ad_code text, referral_code text,"
        " recommendation_ref text",
    ),
    "discounts": _insert(
        "discounts",
        "orders_linediscount",
        places="l int",
        known={"line_id": "ids.lines[l]"},
        given="source text, reason text, amount bigint",
    ),
    "fees": _insert(
        "fees",
        "orders_fee",
        places="o int, d int",
        known={**_ORDER, "destination_id": "ids.destinations[d]"},
        given="kind text, label text, amount bigint, total bigint, tax_class text, tax_rate_bp int, rule_id bigint, explanation text",
    ),
    "taxes": _insert("taxes", "orders_ordertax", known=_ORDER, given="tax_class text, tax_rate_bp int, taxable bigint, tax bigint"),
    "shipments": _insert(
        "shipments",
        "orders_shipment",
        places="s int, o int, d int, n int",
        known={
            "id": "ids.shipments[s]",
            **_ORDER,
            "destination_id": "ids.destinations[d]",
            "company_id": "%(company)s",
            "number": "ids.numbers[o] || '-' || n",
        },
        given="public_id uuid, location_id bigint, planned_on date, expected_on date, service_id bigint, carrier text, pieces int",
    ),
    "shipment_lines": _insert(
        "shipment_lines",
        "orders_shipmentline",
        places="s int, l int",
        known={"shipment_id": "ids.shipments[s]", "line_id": "ids.lines[l]"},
        given="allocation_id bigint, quantity int",
    ),
    "holds": _insert(
        "holds",
        "orders_hold",
        known={**_ORDER, "raised_at": "%(at)s", "actor_kind": "'rule'", "actor_id": "'placing'"},
        given="kind text, reason text, rule_id bigint, role_id int",
    ),
    "workflows": _insert(
        "workflows", "orders_orderworkflow", known=_ORDER, given="code text, name text, gates text[], told text[], because jsonb"
    ),
    "approvals": _insert("approvals", "orders_paymentapproval", known={**_ORDER, "asked_at": "%(at)s"}, given="amount bigint"),
    "confirmations": _insert(
        "confirmations", "orders_finalconfirmation", known=_ORDER, given="terms_version text, shown text, shown_at timestamptz"
    ),
}

PARTS: Final = (*_PARTS, "facts")

# The first order of each customer in the batch counts here. One who was merged meanwhile counts for the principal.
_FACTS: Final = """
facts AS (
    INSERT INTO orders_purchasefacts AS f (customer_id, company_id, entry_order_id, entry_sku, entry_channel_id, f_number, first_on,
        last_on, order_count, amount_total, currency)
    SELECT DISTINCT ON (p.id) p.id, %(company)s, ids.orders[r.o], r.sku, %(channel)s, 1, %(placed_on)s::date, %(placed_on)s::date, 1,
        r.total, r.currency
    FROM ids, jsonb_to_recordset(%(facts)s::jsonb) AS r (o int, customer_id bigint, sku text, total bigint, currency text)
        JOIN customers_customer c ON c.id = r.customer_id CROSS JOIN LATERAL (SELECT COALESCE(c.principal_id, c.id) AS id) p
    ORDER BY p.id, r.o
    ON CONFLICT (customer_id) DO UPDATE SET
        f_number = f.f_number + CASE WHEN f.last_on IS NULL OR EXCLUDED.last_on > f.last_on THEN 1 ELSE 0 END,
        entry_order_id = COALESCE(f.entry_order_id, EXCLUDED.entry_order_id),
        entry_sku = CASE WHEN f.entry_order_id IS NULL THEN EXCLUDED.entry_sku ELSE f.entry_sku END,
        entry_channel_id = CASE WHEN f.entry_order_id IS NULL THEN EXCLUDED.entry_channel_id ELSE f.entry_channel_id END,
        first_on = COALESCE(f.first_on, EXCLUDED.first_on),
        last_on = GREATEST(f.last_on, EXCLUDED.last_on),
        order_count = f.order_count + 1,
        amount_total = f.amount_total + EXCLUDED.amount_total
    RETURNING last_on
)
SELECT ids.orders, ids.numbers, (SELECT count(*) FROM facts WHERE last_on = %(placed_on)s::date) AS counted FROM ids
"""


@lru_cache(maxsize=64)
def write_statement(number: str, parts: Sequence[str]) -> str:
    """The statement for a batch that has rows of these parts; `number` is the SQL expression that takes the next order number.

    Parts without rows are left out: opening a table that gets none costs as much as filling it.
    """
    return "WITH " + ",\n".join((_IDS.replace("{number}", number), *(_PARTS[part] for part in parts), _FACTS.strip()))
