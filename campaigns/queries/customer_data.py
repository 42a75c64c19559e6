"""What campaigns know of a customer: what they were aimed at by, and every message written to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db import rows

TABLES = (
    "campaigns_campaigntarget.customer_id",
    "campaigns_coupon.customer_id",
    "campaigns_couponuse.customer_id",
    "campaigns_recipient.customer_id",
)

_TOLD = """
SELECT * FROM (
    (SELECT t.customer_id, c.starts_on::timestamp AT TIME ZONE co.timezone AS at, 'campaign' AS kind, c.name AS title, c.kind AS detail,
        NULL::bigint AS recipient_id, NULL::bigint AS coupon_id, c.id AS row_id
    FROM campaigns_campaigntarget t JOIN campaigns_campaign c ON c.id = t.campaign_id JOIN core_company co ON co.id = c.company_id
    WHERE t.customer_id = ANY(%(ids)s::bigint[]) AND c.starts_on IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR c.starts_on::timestamp AT TIME ZONE co.timezone < %(before)s)
    ORDER BY at DESC, c.id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT r.customer_id, r.written_at, 'message', s.subject, r.state, r.id, NULL, r.id
    FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
    WHERE r.customer_id = ANY(%(ids)s::bigint[]) AND r.written_at IS NOT NULL AND r.state IN ('sending', 'sent', 'unknown')
        AND (%(before)s::timestamptz IS NULL OR r.written_at < %(before)s)
    ORDER BY r.written_at DESC, r.id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT u.customer_id, u.at, 'coupon_' || u.deed, k.name, o.number, NULL, k.id, u.id
    FROM campaigns_couponuse u JOIN campaigns_coupon k ON k.id = u.coupon_id JOIN orders_order o ON o.id = u.order_id
    WHERE u.customer_id = ANY(%(ids)s::bigint[]) AND (%(before)s::timestamptz IS NULL OR u.at < %(before)s)
    ORDER BY u.at DESC, u.id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT r.customer_id, r.unsubscribed_at, 'unsubscribed', s.subject, '', r.id, NULL, r.id
    FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
    WHERE r.customer_id = ANY(%(ids)s::bigint[]) AND r.unsubscribed_at IS NOT NULL
        AND (%(before)s::timestamptz IS NULL OR r.unsubscribed_at < %(before)s)
    ORDER BY r.unsubscribed_at DESC, r.id DESC LIMIT %(limit)s)
) told ORDER BY at DESC, kind, row_id DESC LIMIT %(limit)s
"""


def told(customer_ids: Sequence[int], *, before: datetime | None, limit: int) -> list[Any]:
    """Campaigns that began, messages written, coupons used and given back, and unsubscriptions, newest first; one statement."""
    return rows(_TOLD, {"ids": list(customer_ids), "before": before, "limit": limit})


_HELD_CAMPAIGNS = """
SELECT t.customer_id, c.code, c.name, c.starts_on, c.ends_on FROM campaigns_campaigntarget t
JOIN campaigns_campaign c ON c.id = t.campaign_id WHERE t.customer_id = ANY(%s::bigint[]) ORDER BY t.customer_id, c.id
"""

_HELD_MESSAGES = """
SELECT r.customer_id, s.subject, r.state, r.reason, r.written_at, r.unsubscribed_at FROM campaigns_recipient r
JOIN campaigns_send s ON s.id = r.send_id WHERE r.customer_id = ANY(%s::bigint[]) ORDER BY r.customer_id, r.id
"""


_HELD_COUPONS = """
SELECT c.customer_id, c.code, c.name, 'given' AS deed, NULL AS order_number, NULL::bigint AS amount, NULL::timestamptz AS at, c.id AS row_id
FROM campaigns_coupon c WHERE c.customer_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT u.customer_id, c.code, c.name, u.deed, o.number, u.amount, u.at, u.id FROM campaigns_couponuse u
JOIN campaigns_coupon c ON c.id = u.coupon_id JOIN orders_order o ON o.id = u.order_id WHERE u.customer_id = ANY(%(ids)s::bigint[])
ORDER BY customer_id, at NULLS FIRST, row_id
"""


def held_coupons(customer_ids: Sequence[int]) -> list[Any]:
    """The coupons customers were given, used, and were given back."""
    return rows(_HELD_COUPONS, {"ids": list(customer_ids)})


def held_campaigns(customer_ids: Sequence[int]) -> list[Any]:
    """The campaigns customers were aimed at by."""
    return rows(_HELD_CAMPAIGNS, (list(customer_ids),))


def held_messages(customer_ids: Sequence[int]) -> list[Any]:
    """What was, or was not, written to customers."""
    return rows(_HELD_MESSAGES, (list(customer_ids),))


_FIGURES = """
SELECT (SELECT count(*) FROM campaigns_send WHERE state IN ('preparing', 'sending')) AS running,
    (SELECT count(*) FROM campaigns_send WHERE state = 'planned') AS planned,
    coalesce((SELECT sum(queued_count) FROM campaigns_send WHERE state IN ('preparing', 'sending')), 0)::bigint AS waiting,
    coalesce((SELECT sum(unknown_count + failed_count) FROM campaigns_send
        WHERE state IN ('sending', 'done', 'stopped') AND planned_at > %(since)s), 0)::bigint AS odd,
    coalesce((SELECT sum(sent_count) FROM campaigns_send WHERE state IN ('sending', 'done', 'stopped') AND planned_at > %(since)s), 0)::bigint AS sent
"""


def send_figures(*, since: datetime) -> Any:
    """What goes out now, what is planned, and what became of the messages since a moment; one statement."""
    return rows(_FIGURES, {"since": since})[0]
