"""Putting variants on sale, and keeping the trees of shelves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson

from catalog.models import Category, CategoryTree
from catalog.rules.drafts import MAIN_TREE, CategoryDraft, ListingAsk
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refused
from core.words import gettext_noop as _

UNKNOWN_PARENT: Final = _("The category “%(code)s” hangs under “%(parent)s”, which isn't there.")

_PUT: Final = """
WITH ask AS (
    SELECT * FROM jsonb_to_recordset(%(records)s::jsonb)
    AS r (place int, variant_id bigint, channel_id bigint, site_id bigint, rank_code text, from_at timestamptz, until_at timestamptz)
), put AS (
    INSERT INTO catalog_listing (variant_id, channel_id, site_id, rank_code, from_at, until_at)
    SELECT DISTINCT variant_id, channel_id, site_id, rank_code, from_at, until_at FROM ask a
    WHERE NOT EXISTS (
        SELECT 1 FROM catalog_listing l WHERE l.variant_id = a.variant_id AND l.channel_id IS NOT DISTINCT FROM a.channel_id
          AND l.site_id IS NOT DISTINCT FROM a.site_id AND l.rank_code = a.rank_code AND (l.until_at IS NULL OR l.until_at > %(at)s)
          AND coalesce(l.from_at, '-infinity') <= coalesce(a.from_at, '-infinity')
          AND coalesce(l.until_at, 'infinity') >= coalesce(a.until_at, 'infinity'))
    RETURNING variant_id
)
SELECT variant_id FROM put
"""
_PATHS: Final = """
UPDATE catalog_category c SET full_name = path.names
FROM (
    SELECT c.id, string_agg(a.name, ' > ' ORDER BY a.path) AS names FROM catalog_category c
    JOIN catalog_category a ON a.tree_id = c.tree_id AND c.path LIKE a.path || '%%'
    WHERE c.tree_id = ANY(%s::bigint[]) GROUP BY c.id
) path WHERE path.id = c.id AND c.full_name <> path.names
"""


@operation
def put_on_shelf(asks: Sequence[ListingAsk], *, actor: Actor, at: datetime) -> list[int]:
    """The variants are on sale as asked; answers with the ids of those that weren't yet. One statement; repeating it changes nothing."""
    fields = ("variant_id", "channel_id", "site_id", "rank_code", "from_at", "until_at")
    records = [{"place": place, **{f: getattr(ask, f) for f in fields}} for place, ask in enumerate(asks)]
    rows(
        "SELECT id FROM catalog_variant WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE", (sorted({a.variant_id for a in asks}),)
    )
    return sorted({row.variant_id for row in rows(_PUT, {"records": orjson.dumps(records).decode(), "at": at})})


@operation
def take_off_shelf(variant_ids: Sequence[int], *, actor: Actor, at: datetime, channel_id: int | None = None, reason: str = "") -> int:
    """The variants' listings end now: all of them, or those of one channel. Answers with how many ended."""
    return run(
        "UPDATE catalog_listing SET until_at = %(at)s WHERE variant_id = ANY(%(ids)s::bigint[]) AND (until_at IS NULL OR until_at > %(at)s)"
        " AND (%(channel)s::bigint IS NULL OR channel_id = %(channel)s) AND (from_at IS NULL OR from_at <= %(at)s)",
        {"at": at, "ids": list(variant_ids), "channel": channel_id},
    )


@operation
def save_categories(
    drafts: Sequence[CategoryDraft], *, company_id: int, actor: Actor, at: datetime, tree_code: str = MAIN_TREE, tree_name: str = ""
) -> dict[str, int]:
    """The shelves of a tree stand as drafted, parents before children; answers with their ids by code.

    Makes the tree where it isn't there. A shelf already there is renamed, never moved. Refuses with "catalog.unknown_parent".
    """
    tree, _made = CategoryTree.objects.get_or_create(company_id=company_id, code=tree_code, defaults={"name": tree_name or tree_code})
    there = {shelf.code: shelf for shelf in Category.objects.filter(tree=tree)}
    for draft in drafts:
        if draft.parent_code and draft.parent_code not in there:
            raise Refused("catalog.unknown_parent", UNKNOWN_PARENT, params={"code": draft.code, "parent": draft.parent_code})
        shelf = there.get(draft.code)
        if shelf is None:
            values = {"tree": tree, "code": draft.code, "name": draft.name, "name_en": draft.name_en}
            # The parent is read again: a tree path moves on with every child.
            parent = Category.objects.get(pk=there[draft.parent_code].pk) if draft.parent_code else None
            there[draft.code] = Category.objects.add_child(parent, values) if parent else Category.objects.add_root(values)
        elif (shelf.name, shelf.name_en) != (draft.name, draft.name_en):
            Category.objects.filter(pk=shelf.pk).update(name=draft.name, name_en=draft.name_en)
    write_category_paths([tree.pk], actor=actor)
    return {code: shelf.pk for code, shelf in there.items()}


@operation
def write_category_paths(tree_ids: Sequence[int], *, actor: Actor) -> int:
    """Every shelf of the trees carries the names from the root to itself; answers with how many changed."""
    return run(_PATHS, (list(tree_ids),))
