"""A send's counts are recounted from its recipients: while it goes out every few seconds, and once more when it is done."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows, run

_RECOUNT = """
WITH counted AS (
    SELECT s.id, count(r.id) AS recipients,
        count(r.id) FILTER (WHERE r.state IN ('queued', 'sending')) AS queued, count(r.id) FILTER (WHERE r.state = 'sent') AS sent,
        count(r.id) FILTER (WHERE r.state = 'failed') AS failed, count(r.id) FILTER (WHERE r.state = 'unknown') AS unknown,
        count(r.id) FILTER (WHERE r.state = 'suppressed') AS suppressed
    FROM unnest(%(ids)s::bigint[]) AS s (id) LEFT JOIN campaigns_recipient r ON r.send_id = s.id GROUP BY s.id
)
UPDATE campaigns_send s SET recipient_count = n.recipients, queued_count = n.queued, sent_count = n.sent, failed_count = n.failed,
    unknown_count = n.unknown, suppressed_count = n.suppressed, counted_at = clock_timestamp(),
    pace = CASE WHEN s.counted_at IS NULL OR n.recipients <> s.recipient_count THEN 0
        WHEN clock_timestamp() - s.counted_at < interval '4 seconds' THEN s.pace
        ELSE least(2000000000, greatest(0, s.queued_count::bigint - n.queued) * 60
            / greatest(1, extract(epoch FROM clock_timestamp() - s.counted_at)))::int END
FROM counted n WHERE s.id = n.id
"""

_DONE = """
UPDATE campaigns_send s SET state = 'done', finished_at = %(at)s
WHERE s.state = 'sending' AND s.id = ANY(%(ids)s::bigint[])
    AND NOT EXISTS (SELECT FROM campaigns_recipient r WHERE r.send_id = s.id AND r.state IN ('queued', 'sending'))
RETURNING s.id
"""


@operation
def recount_sends(send_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """The counts of these sends are those of their recipients, as of now; one statement."""
    return run(_RECOUNT, {"ids": sorted(set(send_ids))}) if send_ids else 0


@operation
def close_sends(send_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[int]:
    """Of these sends, those with nobody waiting and nothing being handed over are done; answers with their ids."""
    if not send_ids:
        return []
    done = [row.id for row in rows(_DONE, {"ids": sorted(set(send_ids)), "at": at})]
    recount_sends(done, actor=actor, at=at)
    return done
