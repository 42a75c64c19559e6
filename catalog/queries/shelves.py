"""What lies on a shelf: one statement for a page of products with words, picture, variants and prices."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.core.files.storage import default_storage

from catalog.queries.offers import LISTED, OPTION, PRICE, TEXT
from catalog.rules.kinds import ProductKind, ShelfOrder, TemperatureZone, purchase_types_of
from catalog.rules.prices import PriceQuestion, unit_price
from catalog.rules.searching import SearchAsk, search_ask
from catalog.rules.views import Shelf, ShelfItem, ShownPrice, ShownVariant
from core.db import rows
from core.errors import Malformed
from core.tax import TaxBasis
from core.text import has_unstorable
from core.words import gettext_noop as _

LARGEST_PAGE: Final = 100
BAD_CURSOR: Final = _("The position in the list could not be read; start again from the first page.")

CURRENT_TREE: Final = """
    SELECT ct.id FROM catalog_categorytree ct JOIN core_company tc ON tc.id = ct.company_id
    WHERE ct.company_id = %(company)s
      AND (ct.valid_from_on IS NULL OR ct.valid_from_on <= (%(at)s::timestamptz AT TIME ZONE tc.timezone)::date)
      AND (ct.valid_until_on IS NULL OR ct.valid_until_on > (%(at)s::timestamptz AT TIME ZONE tc.timezone)::date)
    ORDER BY ct.valid_from_on DESC NULLS LAST, ct.id LIMIT 1"""
_BUYABLE: Final = f"""
    (v.ended_at IS NULL OR v.ended_at > %(at)s)
    AND EXISTS (SELECT 1 FROM ({LISTED.replace("array_agg(l.rank_code) AS ranks", "1")} AND l.rank_code IN ('', %(rank)s)) listing)"""
_IN_CATEGORY: Final = f"""
    EXISTS (SELECT 1 FROM catalog_productcategory pc JOIN catalog_category c ON c.id = pc.category_id
            JOIN catalog_category top ON top.tree_id = c.tree_id AND c.path LIKE top.path || '%%'
            WHERE pc.product_id = p.id AND top.code = %(category)s AND top.tree_id = ({CURRENT_TREE}))"""
# The same order as catalog.rules.prices.precedence; a test holds the two together.
PRECEDENCE: Final = """
    w.is_list_price, w.priority DESC,
    8 * (w.cycle_from IS NOT NULL OR w.cycle_until IS NOT NULL)::int + 4 * (w.rank_code <> '')::int
    + 2 * (w.purchase_type IS NOT NULL)::int + (w.channel_id IS NOT NULL)::int DESC,
    w.min_quantity DESC, coalesce(w.from_at, '-infinity') DESC, w.amount, w.price_id DESC"""
# Sorting by price looks at every price of the shelf, so it is written for hash joins, not row by row.
_ON_SALE_HERE: Final = f"""
    (v.ended_at IS NULL OR v.ended_at > %(at)s)
    AND v.id IN ({LISTED.replace("array_agg(l.rank_code) AS ranks", "l.variant_id").replace("l.variant_id = v.id AND", "")} AND l.rank_code IN ('', %(rank)s))"""
_LOWEST: Final = f"""
lowest AS (
    SELECT won.product_id AS id, min(won.amount) AS amount FROM (
        SELECT DISTINCT ON (v.id) v.product_id, w.amount
        FROM candidates JOIN catalog_variant v ON v.product_id = candidates.id CROSS JOIN LATERAL ({PRICE}) w
        WHERE {_ON_SALE_HERE}
          AND w.min_quantity <= 1 AND w.rank_code IN ('', %(rank)s) AND (w.purchase_type IS NULL OR w.purchase_type = 'normal')
          AND w.cycle_from IS NULL AND w.cycle_until IS NULL
        ORDER BY v.id, {PRECEDENCE}
    ) won GROUP BY won.product_id
)"""
_ORDERS: Final = {
    ShelfOrder.POSITION: ("p.position", "p.position, p.id", "(p.position, p.id) > (%(after_key)s, %(after_id)s)"),
    ShelfOrder.NEW: ("p.id", "p.id DESC", "p.id < %(after_id)s"),
    ShelfOrder.PRICE: ("p.amount", "p.amount, p.id", "(p.amount, p.id) > (%(after_key)s, %(after_id)s)"),
    ShelfOrder.PRICE_DOWN: (
        "p.amount",
        "p.amount DESC, p.id",
        "(p.amount < %(after_key)s OR (p.amount = %(after_key)s AND p.id > %(after_id)s))",
    ),
}
_BY_PRICE: Final = (ShelfOrder.PRICE, ShelfOrder.PRICE_DOWN)


def shelf(
    *,
    company_id: int,
    channel_id: int,
    language: str,
    at: datetime,
    category_code: str = "",
    search: str = "",
    rank_code: str = "",
    order: ShelfOrder = ShelfOrder.POSITION,
    page_size: int = 24,
    after: str = "",
) -> Shelf:
    """A page of what may be bought on a channel: products with words, picture, variants and prices, in ONE statement.

    ``after`` is the cursor of the page before ("" for the first). A category holds its sub-categories too. Prices are
    what the rank pays for one piece in a normal purchase. Raises Malformed on a cursor that isn't ours.
    """
    asked = search_ask(search)
    if (search.strip() and asked.is_empty) or has_unstorable(category_code):
        return Shelf(items=(), next_cursor="")
    size = max(1, min(page_size, LARGEST_PAGE))
    params: dict[str, Any] = {
        "company": company_id, "channel": channel_id, "language": language, "at": at, "rank": rank_code, "limit": size + 1,
    }  # fmt: skip
    if category_code:
        params["category"] = category_code
    if after:
        params["after_key"], params["after_id"] = _read_cursor(after)
        if order == ShelfOrder.NEW:
            del params["after_key"]
    found = rows(_sql(order, bool(category_code), bool(after), asked, params), params, prepare=asked.is_empty)
    question = PriceQuestion(channel_id=channel_id, at=at, rank_code=rank_code)
    items = [_item(list(group), question) for _id, group in groupby(found, key=lambda row: row.product_id)]
    keys = [(row.sort_key, row.product_id) for row in found]
    next_cursor = ""
    if len(items) > size:
        last = items[size - 1].product_id
        next_cursor = "{}:{}".format(*next(key for key in keys if key[1] == last))
    return Shelf(items=tuple(items[:size]), next_cursor=next_cursor)


def _sql(order: ShelfOrder, in_category: bool, has_cursor: bool, asked: SearchAsk, params: dict[str, Any]) -> str:
    sort_key, sorting, after = _ORDERS[order]
    conditions = ["p.company_id = %(company)s AND p.status = 'active' AND p.kind <> 'reference'"]
    steps = []
    if not asked.is_empty:
        steps.append(f"hits AS MATERIALIZED ({hits_sql(asked, params)})")
        conditions.append("p.id IN (SELECT product_id FROM hits)")
    if in_category:
        conditions.append(_IN_CATEGORY)
    if order in _BY_PRICE:
        steps += [f"candidates AS MATERIALIZED (SELECT p.id FROM catalog_product p WHERE {' AND '.join(conditions)})", _LOWEST]
        source, conditions = "lowest p", ["true"]
    else:
        source = "catalog_product p"
        conditions.append(f"EXISTS (SELECT 1 FROM catalog_variant v WHERE v.product_id = p.id AND {_BUYABLE})")
    if has_cursor:
        conditions.append(after)
    steps.append(f"""page AS MATERIALIZED (
    SELECT p.id, {sort_key} AS sort_key, row_number() OVER (ORDER BY {sorting}) AS place
    FROM {source} WHERE {" AND ".join(conditions)} ORDER BY {sorting} LIMIT %(limit)s
)""")
    return f"""
WITH {", ".join(steps)}
SELECT p.id AS product_id, page.sort_key, p.public_id, p.code, p.brand_id, p.kind, p.tax_class, p.temperature_zone, t.name, t.summary,
       i.file, i.alt, v.id AS variant_id, v.public_id AS variant_public_id, v.sku, v.jan, {OPTION} AS option, v.purchase_types,
       v.max_quantity, price.*
FROM page
JOIN catalog_product p ON p.id = page.id
JOIN core_company co ON co.id = p.company_id
{TEXT}
LEFT JOIN LATERAL (SELECT pi.file, pi.alt FROM catalog_productimage pi WHERE pi.product_id = p.id ORDER BY pi.position, pi.id LIMIT 1) i ON true
JOIN catalog_variant v ON v.product_id = p.id AND {_BUYABLE}
LEFT JOIN LATERAL ({PRICE}) price ON true
ORDER BY page.place, v.position, v.id"""


def hits_sql(asked: SearchAsk, params: dict[str, Any]) -> str:
    """The products, of any company, whose words or codes hold what was asked; adds its parameters."""
    return f"SELECT DISTINCT pt.product_id FROM catalog_producttext pt WHERE {search_condition(asked, params)}"


def search_condition(asked: SearchAsk, params: dict[str, Any]) -> str:
    """What the words ``pt`` must hold; adds its parameters."""
    conditions = []
    if asked.tsquery:
        params["tsquery"] = asked.tsquery
        conditions.append("pt.bigrams @@ %(tsquery)s::tsquery")
    for place, pattern in enumerate(asked.like):
        params[f"like{place}"] = pattern
        conditions.append(f"pt.search_key LIKE %(like{place})s")
    return " AND ".join(conditions)


def _read_cursor(cursor: str) -> tuple[int, int]:
    key, _sep, row = cursor.partition(":")
    try:
        numbers = int(key), int(row)
    except ValueError:
        numbers = None
    if numbers is None or len(cursor) > 40 or any(abs(number) >= 2**63 for number in numbers):
        raise Malformed("catalog.bad_cursor", BAD_CURSOR, field="after")
    return numbers


def _item(found: Sequence[Any], question: PriceQuestion) -> ShelfItem:
    row = found[0]
    return ShelfItem(
        product_id=row.product_id,
        public_id=row.public_id,
        code=row.code,
        name=row.name or row.code,
        summary=row.summary or "",
        brand_id=row.brand_id,
        kind=ProductKind(row.kind),
        tax_class=row.tax_class,
        temperature_zone=TemperatureZone(row.temperature_zone),
        image_url=default_storage.url(row.file) if row.file else "",
        image_alt=row.alt or "",
        variants=tuple(shown_variant(list(group), question) for _id, group in groupby(found, key=lambda row: row.variant_id)),
    )


def shown_variant(found: Sequence[Any], question: PriceQuestion) -> ShownVariant:
    """A variant with its price, from its candidate rows."""
    row = found[0]
    return ShownVariant(
        variant_id=row.variant_id,
        public_id=row.variant_public_id,
        sku=row.sku,
        option=row.option,
        jan=row.jan,
        price=shown_price(found, question),
        purchase_types=purchase_types_of(row.purchase_types),
        max_quantity=row.max_quantity,
    )


def shown_price(found: Sequence[Any], question: PriceQuestion, *, before: int | None = None) -> ShownPrice | None:
    """The answer of the price rule, as pages show it."""
    answer = unit_price(found, question) if found[0].price_id is not None else None
    if answer is None:
        return None
    return ShownPrice(
        amount=answer.amount,
        currency=answer.currency,
        tax_basis=TaxBasis(answer.tax_basis),
        list_price=answer.list_price if answer.list_price is not None and answer.list_price > answer.amount else None,
        before=before,
        reason=answer.reason,
    )
