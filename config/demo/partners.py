"""Where the demo company tells a partner of events: paused, because nobody listens there."""

from datetime import datetime

from config.demo.access import PARTNER_ID
from config.demo.house import House
from core.actor import SYSTEM
from core.errors import Refusal
from core.operations import NewEndpoint, open_webhook_endpoints, pause_webhook_endpoints, ping_webhook_endpoints

URL = "https://hooks.example.com/daifuku"
TYPES = ("order.placed", "order.cancelled", "hold.raised", "shipment.shipped", "stock.received", "channel.figures_changed")


def open_webhooks(house: House, *, at: datetime) -> None:
    """The demo partner's endpoint, with a test message that waits. What happens in the demo from now on waits there as well."""
    ask = NewEndpoint(company_id=house.company_id, client_id=PARTNER_ID, name="倉庫システム（見本）", url=URL, types=TYPES)
    (opened,) = open_webhook_endpoints([ask], actor=SYSTEM)
    if isinstance(opened, Refusal):
        raise TypeError(opened.code)
    ping_webhook_endpoints([opened.endpoint_id], actor=SYSTEM, at=at)
    pause_webhook_endpoints([opened.endpoint_id], actor=SYSTEM, reason="見本です。URLを受け取れる先に替えて再開してください。")
