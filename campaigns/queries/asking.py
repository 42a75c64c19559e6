"""A segment's question as one statement over the maintained purchase facts, order lines, consents and addresses."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from campaigns.rules import Condition, ConditionKind, Question
from customers.rules import ConsentPurpose, ContactChannel

# Who is asked about: a company's customers, merged ones as their principal, with the purchase facts of the whole group.
_MEANT: Final = """
SELECT c.id FROM customers_customer c LEFT JOIN orders_purchasefacts f ON f.customer_id = c.id
WHERE c.company_id = %(company)s AND c.principal_id IS NULL AND c.status IN ('active', 'prospect')
"""

# The members of a group are those whose principal is the customer, and the customer itself.
_GROUP: Final = "coalesce(b.principal_id, b.id) = c.id"

_BOUGHT: Final = f"""EXISTS (SELECT FROM customers_customer b JOIN orders_order o ON o.customer_id = b.id
    JOIN orders_line l ON l.order_id = o.id {{join}}
    WHERE {_GROUP} AND o.company_id = %(company)s AND o.status <> 'cancelled' AND l.quantity > l.cancelled_quantity AND {{what}}{{since}})"""

_CHANNEL: Final = f"""EXISTS (SELECT FROM customers_customer b JOIN orders_order o ON o.customer_id = b.id
    WHERE {_GROUP} AND o.company_id = %(company)s AND o.status <> 'cancelled' AND o.channel_id = {{value}}{{since}})"""

_WRITTEN_TO: Final = f"""EXISTS (SELECT FROM campaigns_send s JOIN campaigns_recipient r ON r.send_id = s.id JOIN customers_customer b ON b.id = r.customer_id
    WHERE {_GROUP} AND s.campaign_id = {{value}} AND r.state IN ('sent', 'unknown'){{since}})"""

_SUBSCRIPTION: Final = f"""EXISTS (SELECT FROM customers_customer b JOIN subscriptions_subscription t ON t.customer_id = b.id
    WHERE {_GROUP} AND t.company_id = %(company)s AND t.status IN ('active', 'paused'))"""

# A parcel arrives on a day of the company's own calendar. Days before the earliest that may count are left out by the index.
_ARRIVED: Final = """c.id IN (SELECT coalesce(b.principal_id, b.id) FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
    JOIN customers_customer b ON b.id = o.customer_id JOIN core_company y ON y.id = s.company_id
    WHERE s.company_id = %(company)s AND s.status = 'delivered'{since} GROUP BY 1 HAVING {bounds})"""

# The latest word of the whole group counts; one for the brand or for all brands. A withdrawal counts even if its clock ran ahead.
WORDS: Final = """SELECT DISTINCT ON (coalesce(b.principal_id, b.id)) coalesce(b.principal_id, b.id) AS id, w.status
    FROM customers_consent w JOIN customers_customer b ON b.id = w.customer_id
    WHERE b.company_id = %(company)s AND w.channel = %(consent_channel)s AND w.purpose = %(consent_purpose)s
        AND (w.at <= %(at)s OR w.status = 'withdrawn') AND (w.brand_id IS NULL OR w.brand_id = %(brand)s::bigint)
    ORDER BY coalesce(b.principal_id, b.id), w.at DESC, w.id DESC"""

REACHED: Final = """SELECT coalesce(b.principal_id, b.id) AS id FROM customers_contactpoint p JOIN customers_customer b ON b.id = p.customer_id
    WHERE b.company_id = %(company)s AND p.kind = 'email' AND p.ended_at IS NULL AND p.unreachable_at IS NULL AND p.value_key <> ''"""


def _range(column: str) -> Callable[["_Writer", Condition], str]:
    def write(writer: "_Writer", asked: Condition) -> str:
        bounds = []
        if asked.at_least is not None:
            bounds.append(f"{column} >= {writer.holds(asked.at_least, 'bigint')}")
        if asked.at_most is not None:
            bounds.append(f"{column} <= {writer.holds(asked.at_most, 'bigint')}")
        return " AND ".join(bounds)

    return write


def _days_since(column: str) -> Callable[["_Writer", Condition], str]:
    def write(writer: "_Writer", asked: Condition) -> str:
        bounds = []
        if asked.at_least is not None:
            bounds.append(f"{column} <= {writer.holds(writer.days_ago(asked.at_least), 'date')}")
        if asked.at_most is not None:
            bounds.append(f"{column} >= {writer.holds(writer.days_ago(asked.at_most), 'date')}")
        return " AND ".join(bounds)

    return write


def _arrived(writer: "_Writer", asked: Condition) -> str:
    since = ""
    if asked.at_most is not None:
        since = f" AND s.delivered_at >= {writer.holds(writer.days_ago(min(asked.at_most, 500_000) + 1), 'date')}"
    return _ARRIVED.format(since=since, bounds=_days_since("max((s.delivered_at AT TIME ZONE y.timezone)::date)")(writer, asked))


def _bought(name: str, *, what: str, join: str) -> Callable[["_Writer", Condition], str]:
    def write(writer: "_Writer", asked: Condition) -> str:
        value = writer.holds(getattr(asked, name), "bigint")
        return _BOUGHT.format(join=join, what=what.format(value=value), since=writer.since("o.placed_on", asked))

    return write


def _of_group(table: str, what: str, name: str, kind: str = "bigint") -> Callable[["_Writer", Condition], str]:
    def write(writer: "_Writer", asked: Condition) -> str:
        value = writer.holds(getattr(asked, name), kind)
        return f"EXISTS (SELECT FROM {table} x JOIN customers_customer b ON b.id = x.customer_id WHERE {_GROUP} AND {what.format(value=value)})"

    return write


_WRITERS: Final[dict[ConditionKind, Callable[["_Writer", Condition], str]]] = {
    ConditionKind.RECENCY: _days_since("f.last_on"),
    ConditionKind.FIRST_PURCHASE: _days_since("f.first_on"),
    ConditionKind.DELIVERED: _arrived,
    ConditionKind.FREQUENCY: _range("coalesce(f.f_number, 0)"),
    ConditionKind.AMOUNT: _range("coalesce(f.amount_total, 0)"),
    ConditionKind.BIRTH_MONTH: _range("extract(month FROM c.birth_on)"),
    ConditionKind.PRODUCT: _bought("product_id", what="v.product_id = {value}", join="JOIN catalog_variant v ON v.id = l.variant_id"),
    ConditionKind.CATEGORY: _bought(
        "category_id",
        what="k.path LIKE (SELECT top.path || '%%' FROM catalog_category top WHERE top.id = {value})",
        join=(
            "JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_productcategory pk ON pk.product_id = v.product_id"
            " JOIN catalog_category k ON k.id = pk.category_id"
        ),
    ),
    ConditionKind.SALES_CHANNEL: lambda writer, asked: _CHANNEL.format(
        value=writer.holds(asked.sales_channel_id, "bigint"), since=writer.since("o.placed_on", asked)
    ),
    ConditionKind.WRITTEN_TO: lambda writer, asked: _WRITTEN_TO.format(
        value=writer.holds(asked.campaign_id, "bigint"), since=writer.since_moment("r.written_at", asked)
    ),
    ConditionKind.CONSENT: lambda _writer, _asked: f"EXISTS (SELECT FROM ({WORDS}) w WHERE w.id = c.id AND w.status = 'given')",
    ConditionKind.PREFECTURE: _of_group(
        "customers_address", "x.is_default AND x.ended_at IS NULL AND x.prefecture = {value}", "prefecture", "text"
    ),
    ConditionKind.RANK: _of_group("customers_rankassignment", "x.until_at IS NULL AND x.rank_id = {value}", "rank_id"),
    ConditionKind.TAG: _of_group("customers_customertag", "x.tag_id = {value}", "tag_id"),
    ConditionKind.SUBSCRIPTION: lambda _writer, _asked: _SUBSCRIPTION,
}


class _Writer:
    """Writes conditions, and keeps the values they are bound to."""

    def __init__(self, *, company_id: int, on: date, at: datetime, brand_id: int | None, purpose: ConsentPurpose) -> None:
        self.on = on
        self.values: dict[str, Any] = {
            "company": company_id,
            "at": at,
            "brand": brand_id,
            "consent_channel": str(ContactChannel.MAIL),
            "consent_purpose": str(purpose),
        }

    def holds(self, value: object, kind: str) -> str:
        """A placeholder for a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{kind}"

    def days_ago(self, days: int) -> date:
        """The day so many days before the one that is asked about; the calendar's first day at the earliest."""
        return self.on - timedelta(days=min(days, self.on.toordinal() - 1))

    def since(self, column: str, asked: Condition) -> str:
        if asked.within_days is None:
            return ""
        return f" AND {column} >= {self.holds(self.days_ago(asked.within_days), 'date')}"

    def since_moment(self, column: str, asked: Condition) -> str:
        if asked.within_days is None:
            return ""
        days = min(asked.within_days, self.on.toordinal() - 2)
        return f" AND {column} >= {self.holds(self.values['at'] - timedelta(days=days), 'timestamptz')}"

    def condition(self, asked: Condition) -> str:
        return f"(({_WRITERS[asked.kind](self, asked)}) IS TRUE)"


def meant_sql(
    question: Question,
    *,
    company_id: int,
    on: date,
    at: datetime,
    brand_id: int | None = None,
    purpose: ConsentPurpose = ConsentPurpose.ADVERTISING,
) -> tuple[str, dict[str, Any]]:
    """The statement that answers with the ids (``id``) of the customers meant, and its values. Values never stand in its text."""
    writer = _Writer(company_id=company_id, on=on, at=at, brand_id=brand_id, purpose=purpose)
    parts = [_MEANT.strip()]
    for alternatives in question.alternatives:
        parts.append("AND (" + " OR ".join(writer.condition(asked) for asked in alternatives.any_of) + ")")
    for asked in question.excluded:
        parts.append(f"AND NOT {writer.condition(asked)}")
    return "\n".join(parts), writer.values
