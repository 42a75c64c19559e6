"""Segments answered: how many customers, how many of them may be written to, and a few to look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from campaigns.models import Segment, SegmentCondition
from campaigns.queries.asking import REACHED, WORDS, meant_sql
from campaigns.rules import Condition, ConditionKind, Question, question_of
from core.db import one_view, rows, run
from core.errors import NotFound
from core.queries import company_context
from core.words import gettext_noop as _
from customers.rules import ConsentPurpose

_COLUMNS = (
    "kind", "excluded", "at_least", "at_most", "within_days", "product_id", "category_id", "sales_channel_id", "rank_id", "tag_id",
    "campaign_id", "prefecture",
)  # fmt: skip


class UnknownSegment(NotFound):
    """There is no such segment."""

    code = "campaigns.segment_not_found"
    message = _("There is no such segment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A segment's question with what it is asked about."""

    segment_id: int
    company_id: int
    name: str
    question: Question


def asked(segment_id: int) -> Asked:
    """The question of a segment; two statements. Raises "campaigns.segment_not_found"."""
    found = Segment.objects.filter(pk=segment_id).values_list("company_id", "name").first()
    if found is None:
        raise UnknownSegment
    stored = SegmentCondition.objects.filter(segment_id=segment_id).order_by("id").values(*_COLUMNS)
    conditions = [Condition(**{**row, "kind": ConditionKind(row["kind"])}) for row in stored]
    return Asked(segment_id=segment_id, company_id=found[0], name=found[1], question=question_of(conditions))


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """How many customers are meant, and how many of them may be written to now: they consent, and mail reaches them."""

    meant: int
    writable: int


def segment_count(
    question: Question,
    *,
    company_id: int,
    at: datetime,
    brand_id: int | None = None,
    purpose: ConsentPurpose = ConsentPurpose.ADVERTISING,
) -> SegmentCount:
    """One statement, whatever is asked, with memory enough to sort a million words on consent. Merged customers count once."""
    sql, values = meant_sql(question, company_id=company_id, on=_day(company_id, at), at=at, brand_id=brand_id, purpose=purpose)
    with one_view():
        run("SET LOCAL work_mem = '128MB'")
        (found,) = rows(
            f"""WITH meant AS MATERIALIZED ({sql}), word AS ({WORDS}), reached AS (SELECT DISTINCT id FROM ({REACHED}) r)
            SELECT count(*) AS meant, count(*) FILTER (WHERE word.status = 'given' AND reached.id IS NOT NULL) AS writable
            FROM meant LEFT JOIN word ON word.id = meant.id LEFT JOIN reached ON reached.id = meant.id""",
            values,
            prepare=False,
        )
    return SegmentCount(found.meant, found.writable)


def segment_count_of(send: Any, *, at: datetime) -> SegmentCount:
    """Whom a planned send would mean, were it to begin now; three statements."""
    question = asked(send.segment_id).question
    return segment_count(question, company_id=send.company_id, at=at, brand_id=send.brand_id, purpose=ConsentPurpose(send.purpose))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A customer whom a segment means, with the facts that matter for it."""

    customer_id: int
    public_id: Any
    number: str
    name: str
    email: str
    prefecture: str
    f_number: int
    last_on: date | None
    amount: int
    currency: str
    writable: bool


_MEMBERS = "(SELECT c.id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = c.id)"

_FACTS = f"""
SELECT c.id AS customer_id, c.public_id, c.number,
    coalesce(nullif(c.organisation_name, ''), trim(c.family_name || ' ' || c.given_name)) AS name,
    coalesce(point.value, '') AS email, coalesce(place.prefecture, '') AS prefecture,
    coalesce(f.f_number, 0) AS f_number, f.last_on, coalesce(f.amount_total, 0) AS amount, coalesce(f.currency, co.currency) AS currency,
    (coalesce(word.status, '') = 'given' AND point.value IS NOT NULL) AS writable
FROM customers_customer c JOIN core_company co ON co.id = c.company_id LEFT JOIN orders_purchasefacts f ON f.customer_id = c.id
LEFT JOIN LATERAL (SELECT w.status FROM customers_consent w WHERE w.customer_id IN {_MEMBERS}
    AND w.channel = %(consent_channel)s AND w.purpose = %(consent_purpose)s AND (w.at <= %(at)s OR w.status = 'withdrawn')
    AND (w.brand_id IS NULL OR w.brand_id = %(brand)s::bigint) ORDER BY w.at DESC, w.id DESC LIMIT 1) word ON true
LEFT JOIN LATERAL (SELECT p.value FROM customers_contactpoint p
    WHERE p.customer_id IN {_MEMBERS} AND p.kind = 'email' AND p.ended_at IS NULL AND p.unreachable_at IS NULL AND p.value_key <> ''
    ORDER BY p.customer_id <> c.id, p.is_primary DESC, p.id LIMIT 1) point ON true
LEFT JOIN LATERAL (SELECT a.prefecture FROM customers_address a WHERE a.customer_id = c.id AND a.is_default AND a.ended_at IS NULL LIMIT 1) place ON true
WHERE c.id IN (SELECT id FROM picked) ORDER BY c.id
"""


def segment_sample(question: Question, *, company_id: int, at: datetime, most: int = 12) -> list[Meant]:
    """The customers meant who joined last, with their facts; one statement."""
    sql, values = meant_sql(question, company_id=company_id, on=_day(company_id, at), at=at)
    found = rows(
        f"WITH picked AS MATERIALIZED (SELECT id FROM ({sql}) m ORDER BY id DESC LIMIT %(most)s::bigint) {_FACTS}",
        {**values, "most": most},
        prepare=False,
    )
    return [Meant(**row._asdict()) for row in found]


def segment_members(question: Question, *, company_id: int, at: datetime, page: int = 2_000) -> Iterator[Sequence[Meant]]:
    """Everybody meant, with facts, a page at a time; for an export. The segment is asked once, the facts once per page."""
    sql, values = meant_sql(question, company_id=company_id, on=_day(company_id, at), at=at)
    ids = [row.id for row in rows(sql, values, prepare=False)]
    ids.sort()
    for start in range(0, len(ids), page):
        found = rows(
            f"WITH picked AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[]) AS id) {_FACTS}",
            {**values, "ids": ids[start : start + page]},
            prepare=False,
        )
        yield [Meant(**row._asdict()) for row in found]


def _day(company_id: int, at: datetime) -> date:
    return company_context(company_id).business_date(at)
