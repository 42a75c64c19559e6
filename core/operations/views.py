"""Naming lists of the back office, and forgetting the names."""

from dataclasses import dataclass

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _

MOST_VIEWS = 30
LONGEST_NAME, LONGEST_QUERY = 40, 1_000


@dataclass(frozen=True, slots=True)
class ViewSaved:
    """The list has the name; ``repeated`` when one of that name was there and shows something else now."""

    id: int
    name: str
    repeated: bool = False


@operation
def save_list_view(list_name: str, *, name: str, query: str, shared: bool, company_id: int | None, actor: Actor) -> ViewSaved | Refusal:
    """A list with these filters is found under the name from now on; the same name again takes the new filters.

    Refuses "view.no_name", "view.too_long", "view.nothing_chosen", "view.too_many".
    """
    title = " ".join(name.split())
    if not title:
        return Refusal("view.no_name", _("Give the view a name."), {}, "/name")
    if len(title) > LONGEST_NAME:
        return Refusal("view.too_long", _("A name has at most %(most)s characters."), {"most": LONGEST_NAME}, "/name")
    if not query:
        return Refusal("view.nothing_chosen", _("Choose filters or an order first: this is the whole list."), {}, "/query")
    if len(query) > LONGEST_QUERY:
        return Refusal("view.too_long", _("These are too many filters for one view. Leave some out."), {}, "/query")
    owner = "" if shared else actor.id
    count = "SELECT count(*) AS n FROM core_savedview WHERE list_name = %s AND owner_id = %s AND company_id IS NOT DISTINCT FROM %s::bigint AND name <> %s"
    if rows(count, (list_name, owner, company_id, title))[0].n >= MOST_VIEWS:
        return Refusal("view.too_many", _("A list has at most %(most)s views. Remove one first."), {"most": MOST_VIEWS}, "/name")
    made = rows(
        "INSERT INTO core_savedview (list_name, owner_id, company_id, name, query) VALUES (%s, %s, %s::bigint, %s, %s)"
        " ON CONFLICT (list_name, owner_id, company_id, name) DO UPDATE SET query = excluded.query RETURNING id, xmax <> 0 AS repeated",
        (list_name, owner, company_id, title, query),
    )[0]
    return ViewSaved(made.id, title, repeated=made.repeated)


@operation
def remove_list_view(list_name: str, view_id: int, *, may_share: bool, company_id: int | None, actor: Actor) -> bool:
    """The name is gone, the list stays; whether there was one that this member of staff may remove."""
    sql = (
        "DELETE FROM core_savedview WHERE list_name = %s AND id = %s AND (owner_id = %s"
        " OR (owner_id = '' AND %s AND (%s::bigint IS NULL OR company_id = %s::bigint)))"
    )
    return bool(run(sql, (list_name, view_id, actor.id, may_share, company_id, company_id)))
