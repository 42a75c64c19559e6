"""A customer of the measuring shop with so much of everything behind them, through the operations of the counters."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from benchmarks.bench_placing import a_draft
from benchmarks.shop import AT, CUSTOMERS, BenchShop


def customer_with(shop: BenchShop, size: int) -> int:
    """The key of a customer with so many shipped orders, payments, cases, notes, consents and points; made once per size."""
    from core.db import rows

    customer = shop.first_customer + CUSTOMERS - 1 - size
    if not rows("SELECT 1 FROM contact_case WHERE customer_id = %s LIMIT 1", (customer,)):
        _orders(shop, customer, size)
        _money(shop, customer, size)
        _words(shop, customer, size)
    return customer


def _doing() -> dict[str, Any]:
    from core.actor import SYSTEM

    return {"actor": SYSTEM, "at": AT}


def _orders(shop: BenchShop, customer: int, size: int) -> None:
    from core.db import rows
    from orders.operations import Leaving, place_orders, ship_shipments

    chance = random.Random(size)
    place_orders([replace(a_draft(shop, chance), customer_id=customer) for _n in range(size)], **_doing())
    parcels = rows(
        "SELECT s.id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id WHERE o.customer_id = %s ORDER BY s.id", (customer,)
    )
    ship_shipments([Leaving(shipment_id=row.id) for row in parcels], **_doing())


def _money(shop: BenchShop, customer: int, size: int) -> None:
    from billing.operations import receive_payments
    from billing.rules import PaymentAsk, PaymentMethod

    usual: dict[str, Any] = {
        "company_id": shop.company_id, "customer_id": customer, "method": PaymentMethod.BANK_TRANSFER, "currency": "JPY", "amount": 100,
        "received_on": AT.date(), "payer_name": "ヤマダ ハナコ",
    }  # fmt: skip
    receive_payments([PaymentAsk(**usual, reference=f"振込 {n}", once_key=f"bench{customer}-{n}") for n in range(size)], **_doing())


def _words(shop: BenchShop, customer: int, size: int) -> None:
    from contact.operations import open_cases
    from contact.rules import OpenCase, Solution
    from customers.operations import add_notes, grant_points, record_consents
    from customers.rules import ConsentPurpose, ConsentSaid, ConsentStatus, ContactChannel, Grant, NewNote

    solved = Solution(resolution="ご案内済み")
    case: dict[str, Any] = {"company_id": shop.company_id, "customer_id": customer, "theme": "お届け日の確認", "body": "いつ届きますか"}
    spread = [AT - timedelta(hours=n) for n in range(size)]
    open_cases([OpenCase(**case, occurred_at=at, solution=solved if n % 2 else None) for n, at in enumerate(spread)], **_doing())
    add_notes([NewNote(customer_id=customer, body=f"メモ {n}") for n in range(size)], **_doing())
    said: dict[str, Any] = {
        "customer_id": customer,
        "channel": ContactChannel.MAIL,
        "purpose": ConsentPurpose.ADVERTISING,
        "brand_id": None,
    }
    words = [ConsentStatus.GIVEN if n % 2 else ConsentStatus.WITHDRAWN for n in range(size)]
    record_consents([ConsentSaid(**said, status=status, source="電話", wording="1") for status in words], **_doing())
    grant_points(
        [Grant(customer_id=customer, points=1, once_key=f"bench{customer}-{n}", reference="購入") for n in range(size)], **_doing()
    )


def operator() -> Any:
    """A signed-in member of staff who may do everything."""
    from django.test import Client

    from customers.models import Account
    from customers.rules import AccountKind

    account = Account.objects.filter(handle="bench").first() or Account.objects.create_user(
        "bench", "correct horse battery", email="bench@example.com", kind=AccountKind.STAFF, is_staff=True, is_superuser=True
    )
    client = Client(headers={"host": "bench.localhost"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client
