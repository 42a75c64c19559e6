"""The promises about sends and coupons that SQL can prove over the whole database."""

from campaigns.rules import SOURCE
from core.ports import Invariant
from core.words import gettext_noop as _
from orders.queries import UNDONE

_OF_COUPON = "(%(company)s::bigint IS NULL OR c.company_id = %(company)s)"
_OF_COMPANY = "(%(company)s::bigint IS NULL OR s.company_id = %(company)s)"


def invariants() -> tuple[Invariant, ...]:
    """Every promise of campaigns, in the order it should be read."""
    return _PROMISES


_PROMISES = (
    Invariant(
        "campaigns.one_message_per_customer",
        _("A customer, with everybody merged into it at the time, gets at most one message of a send, and so does an address."),
        f"""SELECT r.send_id, r.customer_id, count(*) FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
            WHERE {_OF_COMPANY} GROUP BY 1, 2 HAVING count(*) > 1
            UNION ALL
            SELECT r.send_id, r.address_mark, count(*) FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
            WHERE {_OF_COMPANY} AND r.address_mark IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1""",
    ),
    Invariant(
        "campaigns.recipients_of_company",
        _("A send writes to its own company's customers only, in that company's campaign, with its segment and message."),
        f"""SELECT s.id, r.customer_id FROM campaigns_send s JOIN campaigns_recipient r ON r.send_id = s.id
            JOIN customers_customer c ON c.id = r.customer_id WHERE {_OF_COMPANY} AND c.company_id <> s.company_id
            UNION ALL
            SELECT s.id, c.id FROM campaigns_send s JOIN campaigns_campaign c ON c.id = s.campaign_id
            JOIN campaigns_segment g ON g.id = s.segment_id JOIN campaigns_message m ON m.id = s.message_id
            WHERE {_OF_COMPANY} AND (c.company_id <> s.company_id OR g.company_id <> s.company_id OR m.company_id <> s.company_id)""",
    ),
    Invariant(
        "campaigns.states_add_up",
        _("The states of a finished send's recipients add up to their number, and nobody is left waiting."),
        f"""SELECT s.id, s.state, count(r.id), s.recipient_count FROM campaigns_send s LEFT JOIN campaigns_recipient r ON r.send_id = s.id
            WHERE {_OF_COMPANY} AND s.state = 'done' GROUP BY s.id
            HAVING count(r.id) <> s.recipient_count OR count(r.id) FILTER (WHERE r.state IN ('queued', 'sending')) > 0
                OR s.recipient_count <> s.sent_count + s.failed_count + s.unknown_count + s.suppressed_count + s.queued_count""",
    ),
    Invariant(
        "campaigns.written_with_consent",
        _("Nobody was written to without consent in force at that moment."),
        # A word that was entered later with an earlier date could not be known; a minute is left for a word being entered just then.
        f"""SELECT r.id, r.send_id, r.customer_id FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
            LEFT JOIN customers_consent w ON w.id = r.consent_id
            WHERE {_OF_COMPANY} AND r.state IN ('sending', 'sent', 'unknown') AND (w.id IS NULL OR w.status <> 'given'
                OR w.channel <> s.channel OR w.purpose <> s.purpose OR w.at > r.written_at
                OR (w.brand_id IS NOT NULL AND w.brand_id IS DISTINCT FROM s.brand_id)
                OR EXISTS (SELECT FROM customers_consent x WHERE x.customer_id = w.customer_id AND x.channel = w.channel
                    AND x.purpose = w.purpose AND x.status = 'withdrawn' AND (x.brand_id IS NULL OR x.brand_id = s.brand_id)
                    AND (x.at, x.id) > (w.at, w.id) AND x.at <= r.written_at AND x.recorded_at < r.marked_at - interval '1 minute'))""",
    ),
    Invariant(
        "campaigns.silent_when_not_written",
        _("Whoever was not written to is told why, and counts as not written to."),
        f"""SELECT r.id, r.state, r.reason FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
            WHERE {_OF_COMPANY} AND ((r.state = 'suppressed' AND r.reason = '')
                OR (r.state IN ('queued', 'failed', 'suppressed') AND (r.written_at IS NOT NULL OR r.address_mark IS NOT NULL)))""",
    ),
    Invariant(
        "campaigns.coupon_counts",
        _("A coupon with a limit counts exactly its uses less those given back, and no more than it may."),
        f"""SELECT c.id, c.used_count, q.used FROM campaigns_coupon c CROSS JOIN LATERAL (
                SELECT coalesce(sum(CASE u.deed WHEN 'used' THEN 1 ELSE -1 END), 0) AS used FROM campaigns_couponuse u WHERE u.coupon_id = c.id) q
            WHERE {_OF_COUPON} AND ((c.use_limit IS NULL AND c.used_count <> 0)
                OR (c.use_limit IS NOT NULL AND (c.used_count <> q.used OR c.used_count > c.use_limit)))""",
    ),
    Invariant(
        "campaigns.coupon_took_off",
        _("What a coupon took off an order stands on the lines of that order as they were placed, and nothing else does in its name."),
        f"""SELECT c.id, coalesce(u.order_id, d.order_id), u.amount, d.amount
            FROM (SELECT u.coupon_id, u.order_id, u.amount FROM campaigns_couponuse u WHERE u.deed = 'used') u
            FULL JOIN (
                SELECT k.id AS coupon_id, l.order_id, sum(x.amount) AS amount FROM orders_linediscount x JOIN orders_line l ON l.id = x.line_id
                JOIN orders_order o ON o.id = l.order_id JOIN campaigns_coupon k ON k.company_id = o.company_id AND x.source = '{SOURCE}' || k.code
                WHERE l.from_revision = 1 GROUP BY 1, 2) d USING (coupon_id, order_id)
            JOIN campaigns_coupon c ON c.id = coupon_id
            WHERE {_OF_COUPON} AND u.amount IS DISTINCT FROM d.amount""",
    ),
    Invariant(
        "campaigns.coupon_back_once",
        _("A coupon is given back only where it was used, by an order of its company of which nothing is left."),
        f"""SELECT c.id, b.order_id FROM campaigns_couponuse b JOIN campaigns_coupon c ON c.id = b.coupon_id JOIN orders_order o ON o.id = b.order_id
            WHERE {_OF_COUPON} AND (o.company_id <> c.company_id OR (b.deed = 'given_back' AND (NOT {UNDONE} OR NOT EXISTS (
                SELECT FROM campaigns_couponuse u WHERE u.order_id = b.order_id AND u.coupon_id = b.coupon_id AND u.deed = 'used'
                    AND u.amount = b.amount))))""",
    ),
)
