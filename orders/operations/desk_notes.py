"""What the order desk keeps along with the orders it places: the texts that were read, the paper it was typed from. Part of placing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.actor import Actor
from core.db import rows, run
from core.errors import Refused as RuleRefused
from core.words import gettext_noop as _
from orders.rules import SaidScript

_SAID: Final = """
INSERT INTO orders_scriptsaid (order_id, script_id, text, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT q.order_id, q.script_id, q.text, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
FROM unnest(%(orders)s::bigint[], %(scripts)s::bigint[], %(texts)s::text[]) AS q (order_id, script_id, text)
"""


def keep_said(orders: Sequence[tuple[int, Sequence[SaidScript]]], *, actor: Actor, at: datetime) -> None:
    """(order, what was read before it was placed): kept with the order, and by whom. For placing, in its transaction."""
    told = [(order_id, one) for order_id, said in orders for one in said]
    run(
        _SAID,
        {
            "orders": [order_id for order_id, _one in told], "scripts": [one.script_id for _order, one in told],
            "texts": [one.text[:4000] for _order, one in told], "at": at, "kind": str(actor.kind), "actor": actor.id,
            "label": actor.label, "for": actor.on_behalf_of,
        },
    )  # fmt: skip


class PaperGone(RuleRefused):
    """The paper is somebody else's by now, or has its order; nothing of this order remains."""


# Whoever let a paper lie longer than its lease may still place it, as long as nobody else has taken it.
_ORDERED: Final = """
UPDATE orders_receivedpaper p SET state = 'ordered', order_id = n.order_id, decided_at = %(at)s, typist_id = n.typist_id, typed_until_at = NULL
FROM unnest(%(papers)s::bigint[], %(orders)s::bigint[], %(typists)s::bigint[]) AS n (paper_id, order_id, typist_id)
JOIN orders_order o ON o.id = n.order_id
WHERE p.id = n.paper_id AND p.state = 'waiting' AND p.company_id = o.company_id
    AND (p.typist_id IS NULL OR p.typist_id = n.typist_id OR p.typed_until_at < clock_timestamp()) RETURNING p.id
"""


def settle_papers(orders: Sequence[tuple[int, int, int | None]], *, at: datetime) -> None:
    """(paper, order, who typed it): the papers have their orders. For placing, in its transaction. Raises PaperGone."""
    told = {
        "papers": [paper for paper, _order, _typist in orders], "orders": [order for _paper, order, _typist in orders],
        "typists": [typist for _paper, _order, typist in orders], "at": at,
    }  # fmt: skip
    if len(rows(_ORDERED, told)) != len(orders):
        raise PaperGone("paper.gone", _("Somebody else has typed this paper, or put it away. Look at it again."), field="/paper")
