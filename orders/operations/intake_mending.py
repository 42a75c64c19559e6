"""What people do to outside orders: name the article, try again, note a change, set aside; and column maps in versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.queries import shops
from orders.rules import columns_of

_AGAIN = """
UPDATE orders_intakeorder SET state = 'new', leased_until = NULL WHERE id = ANY(%s::bigint[]) AND state IN ('refused', 'person')
    AND standing = 'open' AND agreed_digest = '' AND said <> '{}'::jsonb RETURNING id
"""
_NOTED = """
UPDATE orders_intakeorder SET state = CASE WHEN standing = 'cancelled' THEN 'cancelled' ELSE 'placed' END, agreed = said, agreed_digest = digest,
    code = '', message = '', params = '{}'::jsonb, field = ''
WHERE id = ANY(%s::bigint[]) AND state = 'changed' RETURNING id
"""
_ASIDE = """
UPDATE orders_intakeorder SET state = 'passed' WHERE id = ANY(%s::bigint[]) AND state IN ('refused', 'person', 'waiting') RETURNING id
"""
_ARTICLE = """
INSERT INTO orders_outsidearticle (shop_id, code, variant_id)
SELECT %(shop)s, %(code)s, v.id FROM catalog_variant v
WHERE v.company_id = %(company)s AND v.ended_at IS NULL AND (v.sku = %(sku)s OR (v.jan <> '' AND v.jan = %(sku)s)) ORDER BY v.id LIMIT 1
ON CONFLICT (shop_id, code) DO UPDATE SET variant_id = excluded.variant_id RETURNING id
"""
_WITH_CODE = """
SELECT id FROM orders_intakeorder WHERE shop_id = %s AND company_id = %s AND state = 'person' AND code = 'intake.unknown_article'
"""
_NEXT_MAP = """
INSERT INTO orders_intakemap (shop_id, outgoing, version, columns, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT %(shop)s, %(outgoing)s, coalesce((SELECT max(version) FROM orders_intakemap WHERE shop_id = %(shop)s AND outgoing = %(outgoing)s), 0) + 1,
    %(columns)s, %(at)s, %(kind)s, %(who)s, %(label)s, %(for)s
RETURNING version
"""
_FORGET = """
WITH gone AS (
    UPDATE orders_intakedocument SET content = NULL, content_ended_at = clock_timestamp()
    WHERE content_ended_at IS NULL AND state <> 'received' AND (id = ANY(%(ids)s::bigint[]) OR received_at < %(before)s::timestamptz)
    RETURNING id)
UPDATE orders_intakeorder SET part = '', said = CASE WHEN order_id IS NULL THEN '{}'::jsonb ELSE said END,
    digest = CASE WHEN order_id IS NULL AND state IN ('refused', 'person') THEN '' ELSE digest END
WHERE document_id IN (SELECT id FROM gone) AND state NOT IN ('new', 'cancelling')
"""


@dataclass(frozen=True, slots=True)
class Mended:
    """An outside order goes on."""

    intake_id: int


@operation
def try_intake_again(ids: Sequence[int], *, actor: Actor) -> list[Mended | Refusal]:
    """Orders that could not be placed are new once more. Refuses "intake.nothing_to_try"."""
    done = {row.id for row in rows(_AGAIN, (list(ids),))}
    words = _(
        "There is nothing to try: it was placed, it is not to be shipped at the counter, or what it said was thrown away. Hand it in again."
    )
    return [Mended(i) if i in done else Refusal("intake.nothing_to_try", words) for i in ids]


@operation
def note_intake_changes(ids: Sequence[int], *, reason: str, actor: Actor) -> list[Mended | Refusal]:
    """Somebody has seen what changed at the counter and done what was to be done. Refuses "intake.nothing_changed"."""
    done = {row.id for row in rows(_NOTED, (list(ids),))}
    return [
        Mended(i) if i in done else Refusal("intake.nothing_changed", _("Nothing has changed at the counter since it was placed."))
        for i in ids
    ]


@operation
def set_intake_aside(ids: Sequence[int], *, reason: str, actor: Actor) -> list[Mended | Refusal]:
    """These outside orders are not to be placed here. Refuses "intake.stands"."""
    done = {row.id for row in rows(_ASIDE, (list(ids),))}
    return [Mended(i) if i in done else Refusal("intake.stands", _("An order of ours stands for it, or nothing waits here.")) for i in ids]


@operation
def map_article(code: str, sku: str, *, shop_id: int, actor: Actor) -> list[int] | Refusal:
    """A shop's product code means this variant (SKU or JAN) from now on; answers with the orders that waited for an article.

    Refuses "intake.no_such_shop", "intake.no_such_variant". Saying it again changes nothing.
    """
    shop = shops([shop_id]).get(shop_id)
    if shop is None:
        return Refusal("intake.no_such_shop", _("There is no such outside shop, or it has ended."), {}, "/shop")
    given = {"shop": shop_id, "code": code.strip()[:120], "company": shop.company_id, "sku": sku.strip()}
    if not given["code"] or not rows(_ARTICLE, given):
        return Refusal("intake.no_such_variant", _("No variant on sale has the SKU or JAN “%(sku)s”."), {"sku": sku[:64]}, "/sku")
    waiting = [row.id for row in rows(_WITH_CODE, (shop_id, shop.company_id))]
    return [row.id for row in rows(_AGAIN, (waiting,))]


@operation
def save_intake_map(text: str, *, shop_id: int, actor: Actor, at: datetime, outgoing: bool = False) -> int | list[Refusal]:
    """The next version of a shop's column map is in force; answers with it. Two writers at once: one waits, both versions stand."""
    if not rows("SELECT id FROM orders_outsideshop WHERE id = %s FOR UPDATE", (shop_id,)):
        return [Refusal("intake.no_such_shop", _("There is no such outside shop, or it has ended."), {}, "/shop")]
    columns = columns_of(text, outgoing=outgoing)
    if isinstance(columns, list):
        return columns
    given = {"shop": shop_id, "outgoing": outgoing, "columns": text.strip(), "at": at}
    who = {"kind": str(actor.kind), "who": actor.id, "label": actor.label, "for": actor.on_behalf_of}
    version: int = rows(_NEXT_MAP, {**given, **who})[0].version
    return version


@operation
def forget_intake(document_ids: Sequence[int] | None = None, *, before: datetime | None = None, actor: Actor) -> int:
    """What these documents, or those received before a moment, say is thrown away; that they came, and what came of them, stays known.

    Of an order that was never placed here nothing is left but its number: whoever stands on it is nobody's customer, and would be
    found by nobody who forgets them. Told again, one that could not be placed is new.
    """
    return run(_FORGET, {"ids": list(document_ids or []), "before": before})
