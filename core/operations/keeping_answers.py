"""Removing what the machine counter no longer has to answer again."""

from core.actor import Actor
from core.db import operation, run

KEPT_DAYS = 7


@operation
def prune_answers(*, actor: Actor, kept_days: int = KEPT_DAYS, limit: int = 20_000) -> int:
    """Remove stored answers older than ``kept_days``, a chunk at a time; their keys may then be used anew."""
    return run(
        "DELETE FROM core_idempotencyresult r USING ("
        " SELECT client, key FROM core_idempotencyresult WHERE recorded_at < clock_timestamp() - %s * interval '1 day'"
        " ORDER BY recorded_at LIMIT %s) old WHERE r.client = old.client AND r.key = old.key",
        (kept_days, limit),
    )
