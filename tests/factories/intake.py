"""Outside shops, and documents as their counters write them."""

import copy
import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from core.actor import SYSTEM
from core.db import acting
from core.models import ChannelKind
from orders.models import IntakeOrder, OutsideShop
from orders.operations import TakenIn, take_in
from tests.factories.core import a_channel
from tests.factories.orders import AT, STAFF, Shop

GOLDEN = Path(__file__).parent.parent / "orders" / "golden" / "intake"
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
_numbers = count(1)


def an_outside_shop(shop: Shop, adapter: str = "table", **given: Any) -> OutsideShop:
    """A shop of the company at a counter, with a sales channel of its own."""
    number = next(_numbers)
    channel = given.pop("channel", None) or a_channel(shop.company, kind=ChannelKind.MARKETPLACE, code=f"mall{number}")
    with acting(SYSTEM):
        return OutsideShop.objects.create(
            **{"company": shop.company, "channel": channel, "code": f"shop{number}", "name": f"店舗{number}", "adapter": adapter, **given}
        )


def golden(name: str) -> bytes:
    """A recorded document."""
    return (GOLDEN / name).read_bytes()


def told(name: str, **changes: Any) -> bytes:
    """A recorded JSON document with the first order changed."""
    document = json.loads(golden(name))
    order = next(iter(document.values()))[0] if not isinstance(document.get("id"), int) else document
    order.update(copy.deepcopy(changes))
    return json.dumps(document, ensure_ascii=False).encode()


def taken(raw: bytes, outside: OutsideShop, **given: Any) -> TakenIn:
    """A document that is taken in."""
    answer = take_in(raw, **{"shop_id": outside.pk, "name": "orders", "source": "test", "actor": STAFF, "at": AT, **given})
    assert isinstance(answer, TakenIn), answer
    return answer


def the_intake(number: str) -> IntakeOrder:
    """What is kept of an outside order."""
    return IntakeOrder.objects.get(outside_number=number)


def house_order(number: str = "C-1", *, sku: str, quantity: int = 1, price: int = 1_000, **changes: Any) -> dict[str, Any]:
    """An order as the house asks counters to write it."""
    order: dict[str, Any] = {
        "number": number,
        "status": "open",
        "ordered_at": "2026-11-29T10:00:00+09:00",
        "buyer": {"family_name": "髙橋", "given_name": "花子", "family_kana": "タカハシ", "given_kana": "ハナコ", "phone": "090-1234-5678"},
        "destinations": [
            {
                "family_name": "𠮷田", "given_name": "太郎", "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区",
                "street": "神田神保町1-1", "building": "〜ビル2階", "phone": "03-1234-5678",
            }
        ],
        "lines": [{"line": "1", "sku": sku, "name": "品物", "quantity": quantity, "unit_price": price}],
        "total": quantity * price,
        "payment": "",
    }  # fmt: skip
    order.update(changes)
    return order


def house_document(*orders: dict[str, Any]) -> bytes:
    """Orders in the house's own JSON."""
    return json.dumps({"orders": list(orders)}, ensure_ascii=False).encode()
