"""What sends are due, how far they have come, and what they brought."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.rules import Sender
from core.db import rows
from core.queries import CompanyContext, company_context
from core.text import format_postal


@dataclass(frozen=True, slots=True)
class DueSend:
    """A send that wants work: ``free`` more chunks may be worked on at once."""

    send_id: int
    state: str
    free: int


# A planned send is due at its time. One that goes out is due while somebody waits whom nobody has in hand.
_DUE = """
SELECT s.id, s.state, CASE WHEN s.state <> 'sending' THEN 1 ELSE %(abreast)s::int - (
        SELECT count(DISTINCT r.lease_ref) FROM campaigns_recipient r
        WHERE r.send_id = s.id AND r.lease_until_at > clock_timestamp() AND r.lease_until_at IS NOT NULL AND r.state IN ('queued', 'sending'))
    END::int AS free
FROM campaigns_send s JOIN core_company co ON co.id = s.company_id
WHERE s.state IN ('planned', 'preparing', 'sending') AND s.planned_at <= %(at)s
    AND (s.company_id = %(company)s::bigint OR (%(company)s::bigint IS NULL AND co.history_until_at IS NULL))
    AND (s.state <> 'sending' OR EXISTS (SELECT FROM campaigns_recipient r WHERE r.send_id = s.id AND r.state = 'queued'
        AND r.due_at <= clock_timestamp() AND (r.lease_until_at IS NULL OR r.lease_until_at <= clock_timestamp())))
ORDER BY s.planned_at, s.id
"""


def due_sends(*, at: datetime, company_id: int | None = None, abreast: int = 2) -> list[DueSend]:
    """The sends that want work now, the earliest first; one statement.

    Without a company, those whose history is being lived by a simulation are passed by: it sends for them itself.
    """
    found = rows(_DUE, {"at": at, "company": company_id, "abreast": abreast}, prepare=False)
    return [DueSend(r.id, r.state, r.free) for r in found if r.free > 0]


def running_sends() -> list[int]:
    """The sends that go out now, wherever time runs by itself."""
    found = rows(
        "SELECT s.id FROM campaigns_send s JOIN core_company co ON co.id = s.company_id WHERE s.state = 'sending' AND co.history_until_at IS NULL ORDER BY s.id"
    )
    return [row.id for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many recipients stand where, counted now."""

    recipients: int = 0
    queued: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    suppressed: int = 0

    @property
    def finished(self) -> int:
        """Recipients whose state is final."""
        return self.recipients - self.queued - self.sending

    @property
    def percent(self) -> int:
        return 100 * self.finished // self.recipients if self.recipients else 0


def progress(send_id: int) -> Progress:
    """The states of a send's recipients, counted in the index."""
    found = {
        r.state: r.n for r in rows("SELECT state, count(*) AS n FROM campaigns_recipient WHERE send_id = %s GROUP BY state", (send_id,))
    }
    return Progress(recipients=sum(found.values()), **found)


@dataclass(frozen=True, slots=True)
class Why:
    """How many recipients stand in a state for one reason."""

    state: str
    reason: str
    count: int


def reasons(send_id: int, *, most: int = 12) -> list[Why]:
    """Why recipients weren't written to, failed or stay unknown; the commonest first."""
    found = rows(
        "SELECT state, reason, count(*) AS n FROM campaigns_recipient WHERE send_id = %s AND (state IN ('suppressed', 'failed', 'unknown') OR reason <> '')"
        " GROUP BY state, reason ORDER BY n DESC, state, reason LIMIT %s",
        (send_id, most),
    )
    return [Why(r.state, r.reason, r.n) for r in found]


@dataclass(frozen=True, slots=True)
class Result:
    """What those written to (or left out to compare) did in the days after."""

    written: int
    unsubscribed: int
    buyers: int
    held_out: int
    held_out_buyers: int


_RESULT = """
SELECT count(*) FILTER (WHERE r.state <> 'suppressed') AS written, count(*) FILTER (WHERE r.unsubscribed_at IS NOT NULL) AS unsubscribed,
    count(*) FILTER (WHERE r.state <> 'suppressed' AND bought.yes) AS buyers,
    count(*) FILTER (WHERE r.state = 'suppressed') AS held_out,
    count(*) FILTER (WHERE r.state = 'suppressed' AND bought.yes) AS held_out_buyers
FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id
LEFT JOIN LATERAL (SELECT true AS yes FROM orders_order o
    WHERE o.customer_id IN (SELECT r.customer_id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = r.customer_id)
        AND o.status <> 'cancelled' AND o.placed_at >= coalesce(r.written_at, s.started_at)
        AND o.placed_at < coalesce(r.written_at, s.started_at) + make_interval(days => %(days)s::int) LIMIT 1) bought ON true
WHERE r.send_id = %(send)s AND (r.state IN ('sent', 'unknown') OR (r.state = 'suppressed' AND r.reason = 'holdout'))
"""


def result(send_id: int, *, days: int = 14) -> Result:
    """How many of those written to bought within so many days, beside those left out to compare; one statement."""
    (found,) = rows(_RESULT, {"send": send_id, "days": days}, prepare=False)
    return Result(*found)


def sender_of(company: CompanyContext, *, shop_url: str, brand: str = "", name: str = "", email: str = "") -> Sender:
    """Who sends in a company's name: its legal details, and the name and mailbox that recipients see."""
    postal = f"〒{format_postal(company.postal_code)} " if company.country == "JP" and company.postal_code else company.postal_code
    return Sender(
        name=name or brand or company.name,
        legal_name=company.legal_name or company.name,
        address=f"{postal}{company.prefecture}{company.address}".strip() if company.address else "",
        phone=company.phone,
        email=company.email,
        from_email=email or company.email,
        shop_url=shop_url,
    )


_SENDER = """
SELECT coalesce(sr.sender_name, '') AS name, coalesce(sr.sender_email, '') AS email, coalesce(b.name, '') AS brand
FROM (SELECT %s::bigint AS company_id, %s::bigint AS brand_id) asked
LEFT JOIN campaigns_sendingrule sr ON sr.company_id = asked.company_id LEFT JOIN core_brand b ON b.id = asked.brand_id
"""


def sender(company_id: int, *, brand_id: int | None, shop_url: str) -> Sender:
    """Who sends for a company, or one of its brands; one statement, and the company's that is kept."""
    (found,) = rows(_SENDER, (company_id, brand_id))
    return sender_of(company_context(company_id), shop_url=shop_url, brand=found.brand, name=found.name, email=found.email)
