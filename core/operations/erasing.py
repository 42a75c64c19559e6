"""The personal half of the change history can be erased; the entry that something changed stays."""

from collections.abc import Mapping, Sequence

from core.actor import Actor
from core.db import operation, run


@operation
def erase_personal_history(keys_by_table: Mapping[str, Sequence[int]], *, actor: Actor) -> int:
    """The before and after values kept for these rows are gone; answers how many. One statement; repeating it changes nothing."""
    tables = [table for table, keys in keys_by_table.items() for _key in keys]
    keys = [str(key) for keys in keys_by_table.values() for key in keys]
    if not keys:
        return 0
    return run(
        "DELETE FROM core_auditpersonal p USING core_auditentry e"
        " WHERE e.id = p.entry_id AND (e.table_name, e.row_key) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
        (tables, keys),
    )
