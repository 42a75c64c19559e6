"""Writing down who saw whose personal data."""

from collections.abc import Sequence

from core.actor import Actor
from core.db import run


def record_personal_read(subjects: Sequence[str], *, actor: Actor, screen: str, fields: Sequence[str], reason: str = "") -> int:
    """One row per person seen ("customer:cus_…"), in one statement; answers with the number of rows.

    Joins a running transaction, else commits on its own: reading needs no operation. Call it where the values are
    shown, with all people of the page at once.
    """
    seen = list(dict.fromkeys(subjects))
    if not seen:
        return 0
    return run(
        "INSERT INTO core_personaldataread"
        " (subject, screen, fields_read, people, actor_kind, actor_id, actor_label, on_behalf_of, reason)"
        " SELECT s, %s, %s::text[], %s, %s, %s, %s, %s, %s FROM unnest(%s::text[]) s",
        (screen, list(fields), len(seen), str(actor.kind), actor.id, actor.label, actor.on_behalf_of, reason, seen),
    )
