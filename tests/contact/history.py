"""A customer to whom so much of everything has happened, through the operations of the counters."""

from datetime import timedelta
from typing import Any

from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from campaigns.models import Recipient
from contact.operations import open_cases
from contact.rules import Solution
from customers.models import Customer
from customers.operations import add_notes, grant_points, record_consents
from customers.rules import ConsentPurpose, ConsentSaid, ConsentStatus, ContactChannel, Grant, NewNote
from orders.models import Shipment
from orders.operations import Leaving, place_orders, ship_shipments
from orders.rules import Placed
from tests.factories import contact as make
from tests.factories import customers as people
from tests.factories.orders import Shop, a_draft, a_shop
from tests.factories.rows import rows_of
from tests.factories.subscriptions import a_plan, something_to_subscribe, subscribing

AT = people.NOON - timedelta(days=30)
DOING: dict[str, Any] = {"actor": people.STAFF, "at": AT}


def a_rich_customer(size: int, *, shop: Shop | None = None, contracts: int | None = None) -> Customer:
    """So many orders (shipped and invoiced), payments, contracts, cases, notes, consents, points and messages of one customer."""
    shop = shop or a_shop()
    customer = people.a_customer(shop.company, phone="090-1234-5678", email="hanako@example.com")
    people.an_address(customer)
    tea = shop.variant(stock=[size * 2, 0, 0])
    placed = place_orders([a_draft(shop, (tea, 1), customer_id=customer.pk)] * size, **DOING)
    assert all(isinstance(one, Placed) for one in placed)
    parcels = Shipment.objects.filter(order__customer=customer).order_by("id").values_list("id", flat=True)
    ship_shipments([Leaving(shipment_id=key) for key in parcels], **DOING)
    _money(customer, size)
    _contracts(shop, customer, size if contracts is None else contracts)
    _words(customer, size)
    rows_of(Recipient, size, customer_id=customer.pk, state="sent", written_at=AT, unsubscribed_at=None)
    return customer


def _money(customer: Customer, size: int) -> None:
    asks = [
        PaymentAsk(
            company_id=customer.company_id, method=PaymentMethod.BANK_TRANSFER, currency="JPY", amount=100, received_on=AT.date(),
            reference=f"振込 {n}", payer_name="ヤマダ ハナコ", customer_id=customer.pk, once_key=f"p{n}",
        )
        for n in range(size)
    ]  # fmt: skip
    receive_payments(asks, **DOING)


def _contracts(shop: Shop, customer: Customer, size: int) -> None:
    wanted = something_to_subscribe(shop, stock=[size * 2, 0, 0])
    a_plan(shop, wanted)
    place_orders([subscribing(shop, (wanted, 1), customer_id=customer.pk)] * size, **DOING)


def _words(customer: Customer, size: int) -> None:
    solved = Solution(resolution="ご案内済み")
    open_cases([make.an_ask(customer, solution=solved if n % 2 else None) for n in range(size)], **DOING)
    add_notes([NewNote(customer_id=customer.pk, body=f"メモ {n}") for n in range(size)], **DOING)
    said: dict[str, Any] = {
        "customer_id": customer.pk, "channel": ContactChannel.MAIL, "purpose": ConsentPurpose.ADVERTISING, "source": "電話", "wording": "1",
        "brand_id": None,
    }  # fmt: skip
    record_consents([ConsentSaid(**said, status=ConsentStatus.GIVEN if n % 2 else ConsentStatus.WITHDRAWN) for n in range(size)], **DOING)
    grant_points([Grant(customer_id=customer.pk, points=1, once_key=f"g{customer.pk}-{n}", reference="購入") for n in range(size)], **DOING)
