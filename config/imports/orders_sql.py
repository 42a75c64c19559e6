"""Moving staged order rows into the final tables: set-based, a few statements per chunk, one for each table.

An order is taken as a whole, once: what was agreed is frozen. Nothing here touches stock, payments or the ledger.
"""

from typing import Final

from config.imports.columns import Column
from config.imports.orders_words import FAULTS, tax_sql
from config.imports.running import Job, Loaded
from core.actor import Actor
from core.db import operation, rows, run
from core.operations import series_for
from core.tax import TaxBasis
from orders.operations import write_order_words

_TABLES: Final = (
    """CREATE TEMP TABLE import_head (head bigint, first_row bigint, order_number text, channel text, channel_id bigint, customer_id bigint,
        store_id bigint, placed_on date, order_id bigint, known boolean, status text, payment_status text, fulfilment text, fault text) ON COMMIT DELETE ROWS""",
    """CREATE TEMP TABLE import_line (row_no bigint, head bigint, line_id bigint, variant_id bigint, name text, category_path text, tax_class text,
        rate integer, quantity integer, unit_price bigint, discount bigint, rounding bigint, amount bigint, total bigint, outside_line text,
        known boolean, fault text) ON COMMIT DELETE ROWS""",
    "CREATE TEMP TABLE import_fee (head bigint, kind text, amount bigint, total bigint, rate integer) ON COMMIT DELETE ROWS",
    "CREATE TEMP TABLE import_tax (head bigint, tax_class text, rate integer, taxable bigint, tax bigint) ON COMMIT DELETE ROWS",
    """CREATE TEMP TABLE import_variant AS
        SELECT v.sku, v.id AS variant_id, left(btrim(coalesce(t.name, p.code) || ' ' || v.option), 300) AS name,
            coalesce(c.full_name, '') AS category_path, p.tax_class
        FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
        LEFT JOIN (SELECT DISTINCT ON (product_id) product_id, name FROM catalog_producttext
            ORDER BY product_id, language = %(language)s DESC, id) t ON t.product_id = p.id
        LEFT JOIN (SELECT DISTINCT ON (pc.product_id) pc.product_id, k.full_name FROM catalog_productcategory pc
            JOIN catalog_category k ON k.id = pc.category_id WHERE pc.is_main ORDER BY pc.product_id, pc.id DESC) c ON c.product_id = p.id
        WHERE v.company_id = %(company)s""",
    "CREATE UNIQUE INDEX import_variant_sku ON import_variant (sku)",
    "ANALYZE import_variant",
)
_TEMPORARY: Final = "import_head, import_line, import_fee, import_tax, import_variant"

# The first row of every order speaks for it: who, where, when, and whether it is here already.
_HEADS: Final = """
INSERT INTO import_head
SELECT f.row_no, f.row_no, f.order_number, f.channel, ch.id, cu.id, lo.id, (f.ordered_at AT TIME ZONE %(timezone)s)::date,
    coalesce(o.id, nextval('orders_order_id_seq')), o.id IS NOT NULL,
    CASE WHEN f.status = 'cancelled' THEN 'cancelled' WHEN d.gone AND d.paid THEN 'completed' ELSE 'confirmed' END,
    CASE WHEN f.status = 'cancelled' THEN 'voided' WHEN d.paid THEN 'paid' ELSE 'unpaid' END,
    CASE WHEN f.status = 'cancelled' THEN 'cancelled' WHEN f.fulfilment <> '' THEN f.fulfilment WHEN d.gone THEN 'shipped' ELSE 'planned' END,
    CASE WHEN ch.id IS NULL THEN 'channel' WHEN cu.id IS NULL THEN 'customer' WHEN f.store <> '' AND lo.id IS NULL THEN 'store'
        WHEN o.origin = 'placed' OR o.placed_at <> f.ordered_at OR (o.customer_id <> cu.id) THEN 'differs' END
FROM (SELECT DISTINCT ON (channel, order_number) * FROM import_orders ORDER BY channel, order_number, row_no) f
CROSS JOIN LATERAL (SELECT CASE WHEN f.fulfilment <> '' THEN f.fulfilment <> 'planned' ELSE f.status <> 'confirmed' END AS gone,
    CASE WHEN f.payment_status <> '' THEN f.payment_status = 'paid' ELSE f.status <> 'confirmed' END AS paid) d
LEFT JOIN core_saleschannel ch ON ch.company_id = %(company)s AND ch.code = f.channel
LEFT JOIN customers_customer cu ON cu.company_id = %(company)s AND cu.outside_number = f.customer AND cu.outside_number <> ''
LEFT JOIN inventory_location lo ON f.store <> '' AND lo.company_id = %(company)s AND lo.code = f.store
LEFT JOIN LATERAL (SELECT id, origin, placed_at, customer_id FROM orders_order
    WHERE channel_id = ch.id AND outside_number = f.order_number AND outside_number <> '' LIMIT 1) o ON true
ORDER BY f.row_no
"""

_HEADER: Final = (
    "ordered_at", "customer", "status", "payment_status", "fulfilment", "payment_method", "store", "shipping_fee", "payment_fee", "remark",
    "cancelled_at", "to_name", "to_postal_code", "to_prefecture", "to_city", "to_street", "to_building", "to_phone",
)  # fmt: skip

# A line without a unit price gets the smallest whole one that covers it; what that is too much is the discount "rounding".
_LINES: Final = f"""
INSERT INTO import_line (row_no, head, line_id, variant_id, name, category_path, tax_class, rate, quantity, unit_price, discount, rounding,
    amount, total, outside_line, known, fault)
SELECT n.row_no, n.head, CASE WHEN NOT n.known THEN nextval('orders_line_id_seq') END, n.variant_id, n.name, n.category_path, n.tax_class, n.rate, n.quantity, n.unit, n.off + n.rounding, n.rounding,
    n.kept, n.kept, n.outside_line, n.known, CASE
        WHEN n.head_fault IS NOT NULL THEN n.head_fault WHEN n.strange THEN 'header' WHEN n.variant_id IS NULL THEN 'sku'
        WHEN n.charged IS NULL THEN 'price' WHEN n.kept IS NULL THEN 'large' WHEN n.charged < 0 THEN 'negative'
        WHEN n.unit::numeric * n.quantity - n.off - n.rounding <> n.charged THEN 'sum'
        WHEN n.rate IS NULL THEN 'rate' WHEN n.rank > 5000 THEN 'lines' WHEN n.again > 1 THEN 'twice' END
FROM (
    SELECT m.*, {{again}} AS again, CASE WHEN m.unit::numeric * m.quantity <= 1e13 AND m.charged <= 1e13 THEN m.charged::bigint END AS kept FROM (
        SELECT i.row_no, h.head, v.variant_id, coalesce(nullif(i.item_name, ''), v.name) AS name, v.category_path, v.tax_class, r.rate_bp AS rate,
            i.quantity, u.unit, s.off, CASE WHEN i.unit_price IS NULL THEN u.unit * i.quantity - i.amount - s.off ELSE 0 END AS rounding,
            coalesce(i.amount, i.unit_price::numeric * i.quantity - s.off) AS charged, h.known, h.fault AS head_fault, h.channel, h.order_number,
            coalesce(nullif(i.line_no, ''), i.sku || CASE WHEN i.copy > 1 THEN '#' || i.copy ELSE '' END) AS outside_line,
            i.rank, ({", ".join(f"i.{name}" for name in _HEADER)}) IS DISTINCT FROM ({", ".join(f"f.{name}" for name in _HEADER)}) AS strange
        FROM (SELECT *, row_number() OVER (PARTITION BY channel, order_number, sku ORDER BY row_no) AS copy,
                row_number() OVER (PARTITION BY channel, order_number ORDER BY row_no) AS rank FROM import_orders) i
        JOIN import_head h ON h.channel = i.channel AND h.order_number = i.order_number
        JOIN import_orders f ON f.row_no = h.first_row
        LEFT JOIN import_variant v ON v.sku = i.sku
        LEFT JOIN core_taxrate r ON r.country = %(country)s AND r.tax_class_id = v.tax_class AND r.valid_from_on <= h.placed_on
            AND (r.valid_until_on IS NULL OR r.valid_until_on > h.placed_on)
        CROSS JOIN LATERAL (SELECT {{off}} AS off) s
        CROSS JOIN LATERAL (SELECT coalesce(i.unit_price, (i.amount + s.off + i.quantity - 1) / i.quantity) AS unit) u
    ) m
) n
ORDER BY n.row_no
"""

# Orders that are here already: each row must be there as it says.
_COMPARE: Final = """
UPDATE import_line n SET fault = CASE WHEN l.id IS NULL THEN 'taken'
        WHEN (l.variant_id, l.quantity, l.amount, l.discount) IS DISTINCT FROM (n.variant_id, n.quantity, n.amount, n.discount) THEN 'differs' END
FROM import_line m JOIN import_head h ON h.head = m.head
LEFT JOIN orders_line l ON l.order_id = h.order_id AND l.outside_line = m.outside_line AND l.outside_line <> ''
WHERE n.row_no = m.row_no AND m.known AND m.fault IS NULL
"""

_FEES: Final = """
INSERT INTO import_fee SELECT h.head, x.kind, x.amount, x.amount, r.rate_bp
FROM import_head h JOIN import_orders f ON f.row_no = h.first_row
CROSS JOIN LATERAL (VALUES ('shipping', f.shipping_fee), ('cash_on_delivery', f.payment_fee)) x (kind, amount)
JOIN core_taxrate r ON r.country = %(country)s AND r.tax_class_id = 'standard' AND r.valid_from_on <= h.placed_on
    AND (r.valid_until_on IS NULL OR r.valid_until_on > h.placed_on)
WHERE NOT h.known AND h.fault IS NULL AND x.amount > 0
"""
_TAXES: Final = """
INSERT INTO import_tax SELECT p.head, p.tax_class, p.rate, {taxable}, {tax} FROM (
    SELECT head, tax_class, rate, sum(amount)::bigint AS amount FROM (
        SELECT head, tax_class, rate, amount FROM import_line WHERE fault IS NULL AND NOT known
        UNION ALL SELECT head, 'standard', rate, amount FROM import_fee WHERE head IN (SELECT head FROM import_line WHERE fault IS NULL AND NOT known)
    ) parts GROUP BY head, tax_class, rate
) p
"""

# Tax on top is spread over the lines and fees of its rate by largest remainder, so that parts add up to the total.
_SPREAD: Final = """
WITH part AS (
    SELECT row_no, NULL AS kind, head, tax_class, rate, amount FROM import_line WHERE fault IS NULL AND NOT known
    UNION ALL SELECT NULL, kind, head, 'standard', rate, amount FROM import_fee
), share AS (
    SELECT p.*, CASE WHEN t.taxable = 0 THEN 0 ELSE ((t.taxable + t.tax)::numeric * p.amount / t.taxable) END AS exact, t.taxable + t.tax AS whole
    FROM part p JOIN import_tax t ON t.head = p.head AND t.tax_class = p.tax_class AND t.rate = p.rate
), ranked AS (
    SELECT *, floor(exact)::bigint AS least, whole - sum(floor(exact)) OVER (PARTITION BY head, tax_class, rate) AS left_over,
        row_number() OVER (PARTITION BY head, tax_class, rate ORDER BY exact - floor(exact) DESC, amount DESC, row_no NULLS LAST, kind) AS place
    FROM share
), lines AS (
    UPDATE import_line l SET total = r.least + CASE WHEN r.place <= r.left_over THEN 1 ELSE 0 END FROM ranked r WHERE r.row_no = l.row_no
)
UPDATE import_fee f SET total = r.least + CASE WHEN r.place <= r.left_over THEN 1 ELSE 0 END FROM ranked r WHERE r.kind = f.kind AND r.head = f.head
"""

_ORDERS: Final = """
INSERT INTO orders_order (id, company_id, number, channel_id, origin, outside_number, customer_id, taken_at_id, status, payment_status,
    fulfilment_status, placed_at, placed_on, language, currency, tax_basis, payment_method, goods_total, discount_total, fee_total, tax_total,
    total, paid_total, buyer_name, buyer_email, buyer_phone, remark, cancelled_at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT h.order_id, %(company)s, {number}, h.channel_id, 'imported', h.order_number, h.customer_id, h.store_id, h.status, h.payment_status,
    h.fulfilment, f.ordered_at, h.placed_on, coalesce(nullif(c.language, ''), %(language)s), %(currency)s, %(basis)s,
    coalesce(nullif(f.payment_method, ''), CASE WHEN h.store_id IS NULL THEN 'bank_transfer' ELSE 'cash_at_store' END),
    s.goods, s.discount, coalesce(e.fees, 0), t.tax, s.total + coalesce(e.total, 0),
    CASE WHEN h.payment_status = 'paid' THEN s.total + coalesce(e.total, 0) ELSE 0 END,
    coalesce(nullif(c.organisation_name, ''), btrim(c.family_name || ' ' || c.given_name)), coalesce(mail.value, ''), left(coalesce(phone.value, ''), 32),
    f.remark, CASE WHEN h.status = 'cancelled' THEN coalesce(f.cancelled_at, f.ordered_at) END,
    %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(on_behalf_of)s
FROM import_head h JOIN import_orders f ON f.row_no = h.first_row
JOIN (SELECT head, sum(unit_price * quantity)::bigint AS goods, sum(discount)::bigint AS discount, sum(total)::bigint AS total
    FROM import_line WHERE fault IS NULL AND NOT known GROUP BY head) s ON s.head = h.head
JOIN (SELECT head, sum(tax)::bigint AS tax FROM import_tax GROUP BY head) t ON t.head = h.head
LEFT JOIN (SELECT head, sum(amount)::bigint AS fees, sum(total)::bigint AS total FROM import_fee GROUP BY head) e ON e.head = h.head
JOIN customers_customer c ON c.id = h.customer_id
LEFT JOIN LATERAL (SELECT value FROM customers_contactpoint WHERE customer_id = c.id AND kind = 'email' AND ended_at IS NULL ORDER BY is_primary DESC, id LIMIT 1) mail ON true
LEFT JOIN LATERAL (SELECT value FROM customers_contactpoint WHERE customer_id = c.id AND kind = 'phone' AND ended_at IS NULL ORDER BY is_primary DESC, id LIMIT 1) phone ON true
ORDER BY h.head
"""
_ORDER_TAXES: Final = """
INSERT INTO orders_ordertax (order_id, tax_class, tax_rate_bp, taxable, tax)
SELECT h.order_id, t.tax_class, t.rate, t.taxable, t.tax FROM import_tax t JOIN import_head h ON h.head = t.head ORDER BY t.head, t.rate DESC
"""
_ORDER_FEES: Final = """
INSERT INTO orders_fee (order_id, kind, amount, total, tax_class, tax_rate_bp, invoiced)
SELECT h.order_id, e.kind, e.amount, e.total, 'standard', e.rate, h.fulfilment NOT IN ('planned', 'cancelled')
FROM import_fee e JOIN import_head h ON h.head = e.head
WHERE EXISTS (SELECT 1 FROM import_line l WHERE l.head = h.head AND l.fault IS NULL AND NOT l.known)
"""
_DESTINATIONS: Final = """
INSERT INTO orders_destination (order_id, name, country, postal_code, prefecture, city, street, building, phone)
SELECT h.order_id, f.to_name, %(country)s, f.to_postal_code, f.to_prefecture, f.to_city, f.to_street, f.to_building, f.to_phone
FROM import_head h JOIN import_orders f ON f.row_no = h.first_row
WHERE NOT h.known AND h.fault IS NULL AND f.to_name || f.to_postal_code || f.to_street <> ''
    AND EXISTS (SELECT 1 FROM import_line l WHERE l.head = h.head AND l.fault IS NULL)
ORDER BY h.head
"""
_WRITTEN: Final = """
SELECT h.order_id FROM import_head h JOIN orders_order o ON o.id = h.order_id WHERE NOT h.known AND h.fault IS NULL ORDER BY h.order_id
"""
_ORDER_LINES: Final = """
INSERT INTO orders_line (id, order_id, position, outside_line, variant_id, sku, name, language, category_path, purchase_type, quantity,
    cancelled_quantity, shipped_quantity, list_price, unit_price, price_reason, discount, amount, total, tax_class, tax_rate_bp,
    campaign_ref, campaign_name, route_medium, outbound_at, ad_code, referral_code)
SELECT n.line_id, h.order_id, row_number() OVER (PARTITION BY n.head ORDER BY n.row_no), n.outside_line, n.variant_id, i.sku, n.name, %(language)s, n.category_path, coalesce(nullif(i.purchase_type, ''), 'normal'), n.quantity,
    CASE WHEN h.status = 'cancelled' THEN n.quantity ELSE 0 END, CASE WHEN h.fulfilment IN ('shipped', 'delivered') THEN n.quantity ELSE 0 END,
    i.list_price, n.unit_price, 'import', n.discount, n.amount, n.total, n.tax_class, n.rate,
    i.campaign, coalesce(ca.name, ''), i.route_medium, i.outbound_at, i.ad_code, i.referral_code
FROM import_line n JOIN import_head h ON h.head = n.head JOIN import_orders i ON i.row_no = n.row_no
LEFT JOIN campaigns_campaign ca ON i.campaign <> '' AND ca.company_id = %(company)s AND ca.code = i.campaign
WHERE n.fault IS NULL AND NOT n.known ORDER BY n.row_no
"""
_DISCOUNTS: Final = """
INSERT INTO orders_linediscount (line_id, source, reason, amount)
SELECT n.line_id, x.source, x.reason, x.amount FROM import_line n JOIN import_orders i ON i.row_no = n.row_no
CROSS JOIN LATERAL (VALUES {sources}('rounding', 'unit price rounded up', n.rounding)) x (source, reason, amount)
WHERE n.fault IS NULL AND NOT n.known AND n.discount > 0 AND x.amount > 0 ORDER BY n.row_no
"""

# The former system may have gone on; an order that nobody touched here follows it.
_FOLLOW: Final = """
UPDATE orders_order o SET status = h.status, payment_status = h.payment_status, fulfilment_status = h.fulfilment,
    paid_total = CASE WHEN h.payment_status = 'paid' THEN o.total ELSE 0 END,
    cancelled_at = CASE WHEN h.status = 'cancelled' THEN coalesce(o.cancelled_at, f.cancelled_at, o.placed_at) END, version = o.version + 1
FROM import_head h JOIN import_orders f ON f.row_no = h.first_row
WHERE h.known AND h.fault IS NULL AND o.id = h.order_id AND o.origin = 'imported'
    AND (o.status, o.payment_status, o.fulfilment_status) IS DISTINCT FROM (h.status, h.payment_status, h.fulfilment)
    AND NOT EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id)
RETURNING o.id
"""
_FOLLOW_LINES: Final = """
UPDATE orders_line l SET cancelled_quantity = CASE WHEN o.status = 'cancelled' THEN l.quantity ELSE 0 END,
    shipped_quantity = CASE WHEN o.fulfilment_status IN ('shipped', 'delivered') THEN l.quantity ELSE 0 END
FROM orders_order o WHERE o.id = l.order_id AND o.id = ANY(%s::bigint[])
"""
_COUNTS: Final = """
SELECT count(*) FILTER (WHERE n.fault IS NULL AND NOT n.known) AS created,
    count(*) FILTER (WHERE n.fault IS NULL AND n.known AND h.order_id = ANY(%s::bigint[])) AS updated,
    count(*) FILTER (WHERE n.fault IS NULL AND n.known AND NOT h.order_id = ANY(%s::bigint[])) AS unchanged
FROM import_line n JOIN import_head h ON h.head = n.head
"""


def prepare(job: Job) -> None:
    """The tables of this run, and what a SKU stands for, asked once for all rows."""
    _make_tables(job, actor=job.actor)


@operation
def _make_tables(job: Job, *, actor: Actor) -> None:
    # Products that have only just come are not in the statistics yet: hashes bear that, loops would sort the texts for each product.
    run("SET LOCAL enable_nestloop = off", prepare=False)
    run(f"DROP TABLE IF EXISTS {_TEMPORARY}", prepare=False)
    for sql in _TABLES:
        run(sql.replace("%(company)s", str(int(job.company.id))).replace("%(language)s", f"'{job.company.language[:2]}'"), prepare=False)
    run("SET LOCAL enable_nestloop = on", prepare=False)


def load(job: Job) -> Loaded:
    """The staged rows are orders, lines, discounts, taxes and fees; those that can't be say why."""
    run("TRUNCATE import_head, import_line, import_fee, import_tax", prepare=False)
    values = _values(job)
    run(_HEADS, values, prepare=False)
    run("ANALYZE import_head (head, first_row, order_number)", prepare=False)
    off = " + ".join(f"coalesce(i.{column.name}, 0)" for column in _discounts(job)) or "0"
    again = (
        "row_number() OVER (PARTITION BY m.channel, m.order_number, m.outside_line ORDER BY m.row_no)" if "line_no" in job.given else "1"
    )
    run(_LINES.replace("{off}", off).replace("{again}", again), values, prepare=False)
    known = bool(rows("SELECT 1 FROM import_head WHERE known LIMIT 1", prepare=False))
    if known:
        run(_COMPARE, prepare=False)
    run("ANALYZE import_line (row_no, head)", prepare=False)
    if {"shipping_fee", "payment_fee"} & job.given:
        run(_FEES, values, prepare=False)
    taxable, tax = tax_sql(job.company.tax_basis, job.company.tax_rounding)
    run(_TAXES.replace("{taxable}", taxable).replace("{tax}", tax), prepare=False)
    if job.company.tax_basis is TaxBasis.EXCLUDED:
        run(_SPREAD, prepare=False)
    _write(job, values)
    followed = [row.id for row in rows(_FOLLOW, prepare=False)] if known and {"status", "payment_status", "fulfilment"} & job.given else []
    if followed:
        run(_FOLLOW_LINES, (followed,))
    faults = [
        (row.row_no, *FAULTS[row.fault])
        for row in rows("SELECT row_no, fault FROM import_line WHERE fault IS NOT NULL ORDER BY row_no", prepare=False)
    ]
    counts = rows(_COUNTS, (followed, followed), prepare=False)[0]
    return Loaded(created=counts.created, updated=counts.updated, unchanged=counts.unchanged, faults=faults)


def _write(job: Job, values: dict[str, object]) -> None:
    series = series_for(job.company.id, kind="order")
    run(_ORDERS.replace("{number}", series.sql(job.company.business_date(job.at))), values, prepare=False)
    run(_ORDER_TAXES, prepare=False)
    if {"shipping_fee", "payment_fee"} & job.given:
        run(_ORDER_FEES, prepare=False)
    if {"to_name", "to_postal_code", "to_street"} & job.given:
        run(_DESTINATIONS, values, prepare=False)
    write_order_words([row.order_id for row in rows(_WRITTEN, prepare=False)])
    run(_ORDER_LINES, values, prepare=False)
    sources = "".join(f"(%(source_{n})s, '', i.{column.name}), " for n, column in enumerate(_discounts(job)))
    named = {f"source_{n}": column.note for n, column in enumerate(_discounts(job))}
    run(_DISCOUNTS.replace("{sources}", sources), named, prepare=False)


def _discounts(job: Job) -> list[Column]:
    return [column for column in job.columns if column.name.startswith("discount_")]


def _values(job: Job) -> dict[str, object]:
    company, actor = job.company, job.actor
    return {
        "company": company.id,
        "timezone": company.timezone,
        "country": company.country,
        "language": company.language,
        "currency": company.currency,
        "basis": str(company.tax_basis),
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "actor_label": actor.label,
        "on_behalf_of": actor.on_behalf_of,
    }
