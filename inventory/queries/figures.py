"""What marketplaces were told of the figures they may show."""

from dataclasses import dataclass
from datetime import datetime

from core.db import rows


def told_channels() -> list[int]:
    """The channels whose figures are announced."""
    return [row.channel_id for row in rows("SELECT channel_id FROM inventory_poolchannel WHERE is_told ORDER BY channel_id")]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What a channel was last told of a variant, and when."""

    variant_id: int
    sku: str
    units: int | None
    told_at: datetime


def figure_page(
    channel_id: int, *, limit: int, before: tuple[datetime, int] | None = None, since: datetime | None = None
) -> list[FigureRow]:
    """What a channel was told, the latest first, below a (time, variant), no earlier than ``since``."""
    wanted = " AND f.told_at >= %(since)s" if since is not None else ""
    wanted += " AND (f.told_at, f.variant_id) < (%(at)s, %(variant)s)" if before is not None else ""
    at, variant = before or (None, None)
    found = rows(
        "SELECT f.variant_id, v.sku, f.units, f.told_at FROM inventory_channelfigure f JOIN catalog_variant v ON v.id = f.variant_id"
        f" WHERE f.channel_id = %(channel)s{wanted} ORDER BY f.told_at DESC, f.variant_id DESC LIMIT %(limit)s",
        {"channel": channel_id, "limit": limit, "since": since, "at": at, "variant": variant},
        prepare=False,
    )
    return [FigureRow(*row) for row in found]
