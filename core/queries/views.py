"""The lists of the back office that somebody gave a name."""

from dataclasses import dataclass

from core.db import rows


@dataclass(frozen=True, slots=True)
class ListView:
    """A named view of a list; ``own`` is the asker's, else it is shared."""

    id: int
    name: str
    query: str
    own: bool


def views_of_list(list_name: str, *, owner_id: str, company_id: int | None) -> list[ListView]:
    """What this member of staff sees: shared ones first, then their own, by name. Who works for all companies sees those of all."""
    found = rows(
        "SELECT id, name, query, owner_id <> '' AS own FROM core_savedview WHERE list_name = %s AND owner_id IN ('', %s)"
        " AND (owner_id <> '' OR company_id IS NULL OR %s::bigint IS NULL OR company_id = %s::bigint) ORDER BY own, name, id",
        (list_name, owner_id, company_id, company_id),
    )
    return [ListView(r.id, r.name, r.query, r.own) for r in found]
