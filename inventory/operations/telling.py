"""Marketplaces are told what they may promise: only figures that changed, found by whole pages, never by the path of an order."""

from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from inventory.events import ChannelFiguresChanged
from inventory.queries import promised

TOLD_AT_ONCE = 500
"""So many figures fit into one announcement."""

# The next variants by id, their figures now, and of these what differs from what the channel was told last.
_TELL = (
    promised("""v.id = ANY(ARRAY(
        SELECT id FROM catalog_variant WHERE company_id = (SELECT company_id FROM core_saleschannel WHERE id = %(channel)s::bigint)
        AND id > %(after)s::bigint ORDER BY id LIMIT %(limit)s::int
    ))""")
    + """, told AS (
    INSERT INTO inventory_channelfigure (channel_id, variant_id, units, told_at)
    SELECT %(channel)s::bigint, variant_id, units::int, %(at)s::timestamptz FROM promised ORDER BY variant_id
    ON CONFLICT (channel_id, variant_id) DO UPDATE SET units = excluded.units, told_at = excluded.told_at
    WHERE inventory_channelfigure.units IS DISTINCT FROM excluded.units
    RETURNING variant_id, units
)
SELECT c.company_id, p.last, t.variant_id, v.sku, t.units
FROM core_saleschannel c CROSS JOIN (SELECT max(variant_id) AS last FROM promised) p
LEFT JOIN told t ON true LEFT JOIN catalog_variant v ON v.id = t.variant_id
WHERE c.id = %(channel)s::bigint ORDER BY t.variant_id
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """So many figures had changed; ``last_id`` is the last variant looked at, None where there were no more."""

    changed: int
    last_id: int | None


@operation
def tell_figures(channel_id: int, *, after_id: int = 0, limit: int = 5_000, actor: Actor, at: datetime) -> Told:
    """A channel is told what changed of what it may promise, among the next so many variants; go on from ``last_id``.

    One statement, and one to announce; twice changes nothing. Announces ChannelFiguresChanged.
    """
    found = rows(_TELL, {"channel": channel_id, "after": after_id, "limit": limit, "at": at}, prepare=False)
    changed = [row for row in found if row.variant_id is not None]
    announce(
        *(
            ChannelFiguresChanged(
                company_id=page[0].company_id,
                channel_id=channel_id,
                variant_ids=tuple(row.variant_id for row in page),
                skus=tuple(row.sku for row in page),
                units=tuple(row.units for row in page),
                at=at,
            )
            for page in (changed[n : n + TOLD_AT_ONCE] for n in range(0, len(changed), TOLD_AT_ONCE))
        )
    )
    return Told(changed=len(changed), last_id=found[0].last if found else None)
