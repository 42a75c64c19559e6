"""What partners hear of stock and its papers: codes and numbers, and where the API tells how much."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from core.db import rows
from core.ids import public
from core.ports import ForPartners, WebhookType
from core.words import gettext_noop as _
from inventory.events import (
    AvailabilityChanged,
    ChannelFiguresChanged,
    PurchaseOrderEnded,
    PurchaseOrderReceived,
    PurchaseOrderSent,
    StockAdjusted,
    StockReceived,
    StockReleased,
    StocktakeClosed,
    TransferEnded,
    TransferReceived,
    TransferSent,
)

READ = "inventory:read"
_ID = "00000000000000000000000000000000"
_ITEMS = "SELECT id, code FROM inventory_stockitem WHERE id = ANY (%s::bigint[])"
_PLACES = "SELECT id, code FROM inventory_location WHERE id = ANY (%s::bigint[])"
_CHANNELS = "SELECT id, code FROM core_saleschannel WHERE id = ANY (%s::bigint[])"
_PAPERS = {
    "purchase_order": ("pur", "purchase_order_id", "inventory_purchaseorder", "/api/v1/purchase-orders"),
    "transfer": ("trf", "transfer_id", "inventory_stocktransfer", "/api/v1/stock/transfers"),
    "stocktake": ("stk", "stocktake_id", "inventory_stocktake", "/api/v1/stock/stocktakes"),
}


def _codes(sql: str, keys: Sequence[int]) -> dict[int, str]:
    return {row.id: row.code for row in rows(sql, (sorted(set(keys)),))}


def _tell_stock(events: Sequence[Any]) -> list[ForPartners | None]:
    """Two statements, however many events."""
    items, places = _codes(_ITEMS, [e.stock_item_id for e in events]), _codes(_PLACES, [e.location_id for e in events])
    return [_of_shelf(event, items.get(event.stock_item_id), places.get(event.location_id)) for event in events]


def _of_shelf(event: Any, item: str | None, place: str | None) -> ForPartners | None:
    if item is None or place is None:
        return None
    path = f"/api/v1/stock?item={quote(item, safe='')}&location={quote(place, safe='')}"
    data: dict[str, Any] = {"stock": {"item": item, "location": place, "path": path}}
    if isinstance(event, AvailabilityChanged):
        data["stock"]["available"] = event.is_available
    return ForPartners(event.company_id, data)


def _tell_figures(events: Sequence[ChannelFiguresChanged]) -> list[ForPartners | None]:
    channels = _codes(_CHANNELS, [event.channel_id for event in events])
    return [_of_channel(event, channels[event.channel_id]) if event.channel_id in channels else None for event in events]


def _of_channel(event: ChannelFiguresChanged, code: str) -> ForPartners:
    path = f"/api/v1/availability/figures?channel={quote(code, safe='')}"
    return ForPartners(event.company_id, {"channel": {"code": code, "changed": len(event.skus), "path": path}})


def _tell_papers(events: Sequence[Any], *, kind: str) -> list[ForPartners | None]:
    prefix, key, table, path = _PAPERS[kind]
    refs = {
        r.id: r.public_id
        for r in rows(f"SELECT id, public_id FROM {table} WHERE id = ANY (%s::bigint[])", ([getattr(e, key) for e in events],))
    }
    return [
        ForPartners(e.company_id, {kind: {"id": public(prefix, refs[getattr(e, key)]), "number": e.number, "path": path}})
        if getattr(e, key) in refs
        else None
        for e in events
    ]


def _example(kind: str) -> dict[str, Any]:
    prefix, _key, _table, path = _PAPERS[kind]
    return {kind: {"id": f"{prefix}_{_ID}", "number": "P-000001", "path": path}}


def webhook_types() -> Sequence[WebhookType]:
    """The published events of stock."""
    path = "/api/v1/stock?item=A-1&location=TOKYO"
    shelf = {"stock": {"item": "A-1", "location": "TOKYO", "path": path}}
    turned = {"stock": {**shelf["stock"], "available": False}}
    figures = {"channel": {"code": "web", "changed": 3, "path": "/api/v1/availability/figures?channel=web"}}

    def of(name: str, event: type[Any], about: str, tell: Callable[..., Any], example: dict[str, Any]) -> WebhookType:
        return WebhookType(name, event, READ, about, tell, example)

    def paper(name: str, event: type[Any], about: str) -> WebhookType:
        kind = name.partition(".")[0]
        return of(name, event, about, partial(_tell_papers, kind=kind), _example(kind))

    return (
        of("stock.received", StockReceived, _("Goods came in."), _tell_stock, shelf),
        of("stock.adjusted", StockAdjusted, _("What is on hand was corrected."), _tell_stock, shelf),
        of("stock.released", StockReleased, _("Allocated goods may be sold again."), _tell_stock, shelf),
        of(
            "stock.availability_changed",
            AvailabilityChanged,
            _("The last free piece is promised, or there is one again."),
            _tell_stock,
            turned,
        ),
        of("channel.figures_changed", ChannelFiguresChanged, _("What a channel may promise changed."), _tell_figures, figures),
        paper("purchase_order.sent", PurchaseOrderSent, _("The supplier has a purchase order.")),
        paper("purchase_order.received", PurchaseOrderReceived, _("A delivery of a purchase order was taken in.")),
        paper("purchase_order.ended", PurchaseOrderEnded, _("Nothing of a purchase order is coming any more.")),
        paper("transfer.sent", TransferSent, _("Goods of a transfer left.")),
        paper("transfer.received", TransferReceived, _("Goods of a transfer arrived.")),
        paper("transfer.ended", TransferEnded, _("Nothing of a transfer is on the road any more.")),
        paper("stocktake.closed", StocktakeClosed, _("A count was approved.")),
    )
