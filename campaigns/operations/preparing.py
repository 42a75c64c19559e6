"""A due send gets its recipients: the segment is asked once, and everybody it means is listed by one statement."""

from datetime import datetime

from campaigns.models import Message
from campaigns.operations.counting import recount_sends
from campaigns.queries import asked, in_words, meant_sql
from campaigns.rules import Prepared, SendState, Suppression
from core.actor import Actor
from core.db import LockSpace, operation, rows, run, try_advisory
from core.queries import company_context

_BEGIN = (
    "UPDATE campaigns_send SET state = 'preparing' WHERE id = %s AND state IN ('planned', 'preparing') AND planned_at <= %s RETURNING id"
)

# Chance decides who is left out to compare, the same way whenever it is asked.
_LIST = """
INSERT INTO campaigns_recipient (send_id, customer_id, state, reason)
SELECT %(send)s, m.id, CASE WHEN held.out THEN 'suppressed' ELSE 'queued' END, CASE WHEN held.out THEN %(holdout)s ELSE '' END
FROM ({meant}) m
CROSS JOIN LATERAL (SELECT abs(hashtextextended(m.id::text, %(send)s) %% 100) < %(percent)s::int AS out) held
ORDER BY m.id
ON CONFLICT (send_id, customer_id) DO NOTHING
"""

_OPEN = """
UPDATE campaigns_send SET state = CASE WHEN state = 'preparing' THEN 'sending' ELSE state END, started_at = coalesce(started_at, %(at)s),
    kind = %(kind)s, language = %(language)s, subject = %(subject)s, body = %(body)s, body_html = %(html)s, asked = %(asked)s
WHERE id = %(send)s
"""


def prepare_send(send_id: int, *, actor: Actor, at: datetime) -> Prepared | None:
    """Everybody the segment means is a recipient, the message is as it was at this moment, and the send goes out.

    Not one operation but two: first it shows that the send is being prepared, then it lists, all or nobody. None where the
    send isn't due, was stopped, or another worker is listing. Repeating it changes nothing.
    """
    return _list(send_id, actor=actor, at=at) if _begin(send_id, actor=actor, at=at) else None


@operation
def _begin(send_id: int, *, actor: Actor, at: datetime) -> bool:
    return bool(rows(_BEGIN, (send_id, at)))


@operation
def _list(send_id: int, *, actor: Actor, at: datetime) -> Prepared | None:
    if not try_advisory(LockSpace.CAMPAIGN, f"prepare:{send_id}"):
        return None
    found = rows(
        "SELECT company_id, segment_id, message_id, brand_id, purpose, holdout_percent, state FROM campaigns_send WHERE id = %s", (send_id,)
    )
    if not found or found[0].state != SendState.PREPARING:
        return None
    send = found[0]
    segment = asked(send.segment_id)
    on = company_context(send.company_id).business_date(at)
    sql, values = meant_sql(segment.question, company_id=send.company_id, on=on, at=at, brand_id=send.brand_id, purpose=send.purpose)
    listed = run(
        _LIST.format(meant=sql),
        {**values, "send": send_id, "percent": send.holdout_percent, "holdout": str(Suppression.HOLDOUT)},
        prepare=False,
    )
    message = Message.objects.values("kind", "language", "subject", "body", "body_html").get(pk=send.message_id)
    run(
        _OPEN,
        {
            "send": send_id, "at": at, "kind": str(message["kind"]), "language": message["language"], "subject": message["subject"],
            "body": message["body"], "html": message["body_html"], "asked": "\n".join(in_words(segment.segment_id)),
        },
    )  # fmt: skip
    recount_sends([send_id], actor=actor, at=at)
    return Prepared(send_id, listed)
