"""What orders do when something was announced: mails the buyer is owed, payment states that follow the money."""

from datetime import timedelta

import pytest

from billing.operations import receive_payments
from core import operations
from core.clock import travel
from core.models import OutboxEvent, OutgoingMail
from orders import hooks
from orders.events import OrderPlaced
from orders.handlers import mail_placed
from orders.models import Order, Shipment
from orders.operations import Leaving, cancel_orders, ship_shipments
from tests.factories.billing import a_payment
from tests.factories.customers import a_customer
from tests.factories.orders import AT, STAFF, a_draft, a_fee, a_known_customer, a_person, a_shop, an_order, placed

pytestmark = pytest.mark.django_db


def relayed() -> None:
    """Everything announced so far is handled, as the relay does it."""
    with travel(AT):
        while not operations.carry(at=lambda: AT).idle:
            pass


def mails(kind: str = "") -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind__startswith=f"order.{kind}").order_by("id"))


def paid(order: Order, amount: int, *, key: str = "bank:1") -> None:
    asked = a_payment(
        order.company_id, amount=amount, order_ref=order.public_id, customer_id=order.customer_id, once_key=key, received_on=AT.date()
    )
    receive_payments([asked], actor=STAFF, at=AT)
    relayed()


def test_placing_owes_one_mail_with_the_agreed_totals():
    shop = a_shop()
    a_fee(shop, 600)
    order = an_order(shop, (shop.variant(3_300), 1), (shop.variant(1_080, tax_class="reduced", name="煎茶"), 2))

    relayed()

    (mail,) = mails()
    assert (mail.kind, mail.to_address, mail.language, mail.about) == ("order.placed", order.buyer_email, "ja", f"order:{order.pk}")
    assert order.number in mail.subject
    for words in ("山田 花子 様", "ご注文番号", order.number, "6,060円", "1,080円 × 2 = 2,160円", "送料", "10%対象: 3,900円", "8%対象: 2,160円", "軽減税率", "配達員",
                  "神田神保町1-1", "/orders/"):  # fmt: skip
        assert words in mail.body, words
    assert "{" not in mail.body
    assert "Thank you" not in mail.body


def test_an_english_order_is_answered_in_english():
    order = an_order(a_shop(), language="en", person=a_person(family_name="Smith", given_name="Ann", language="en"))

    relayed()

    (mail,) = mails()
    assert "Thank you for your order" in mail.subject
    assert order.number in mail.body
    assert "¥1,000" in mail.body
    assert not any("\u3040" <= c <= "\u30ff" for c in mail.body.replace(order.company.name, ""))


def test_the_same_event_twice_owes_one_mail():
    an_order()
    relayed()
    event = OutboxEvent.objects.get(name="orders.OrderPlaced")

    with travel(AT):
        mail_placed(OrderPlaced(**event.payload), at=AT)

    assert len(mails()) == 1


def test_a_buyer_without_a_mail_address_gets_none():
    an_order(a_shop(), person=a_person(email=""))

    relayed()

    assert mails() == []


def test_a_known_customer_named_without_an_address_is_written_to_at_the_ledgers():
    shop = a_shop()
    customer = a_known_customer(shop, email="known@example.jp")
    an_order(shop, (shop.variant(), 1), customer_id=customer.pk)

    relayed()

    assert [mail.to_address for mail in mails()] == ["known@example.jp"]


def test_a_transfer_tells_where_to_pay_and_thanks_once_it_came():
    shop = a_shop()
    order = an_order(shop, (shop.variant(3_300), 1), payment_method="bank_transfer")
    relayed()

    paid(order, 3_300)

    assert [m.kind for m in mails()] == ["order.placed", "order.paid"]
    assert "お振り込み" in mails()[0].body
    assert "3,300円" in mails()[1].body


def test_the_state_of_payment_follows_the_money():
    shop = a_shop()
    order = an_order(shop, (shop.variant(3_300), 1), payment_method="bank_transfer")
    seen = [order.payment_status]

    for n, amount in enumerate((300, 3_000)):
        paid(order, amount, key=f"bank:{n}")
        order.refresh_from_db()
        seen.append(order.payment_status)

    assert seen == ["unpaid", "partly_paid", "paid"]
    assert order.paid_total == 3_300
    assert OutboxEvent.objects.filter(name="orders.OrderPaid").count() == 1


def test_the_same_payment_announced_twice_changes_nothing():
    shop = a_shop()
    order = an_order(shop, (shop.variant(3_300), 1), payment_method="bank_transfer")

    paid(order, 3_300)
    paid(order, 3_300)

    order.refresh_from_db()
    assert (order.paid_total, order.payment_status) == (3_300, "paid")
    assert len(mails("paid")) == 1


def test_a_parcel_that_left_is_told_with_carrier_and_number():
    order = an_order()

    ship_shipments([Leaving(shipment_id=Shipment.objects.get().pk, carrier="yamato", tracking_number="123456789012")], actor=STAFF, at=AT)
    relayed()

    (mail,) = mails("shipped")
    for words in ("ヤマト運輸", "123456789012", order.number, "出荷"):
        assert words in mail.body + mail.subject


def test_each_parcel_is_told_once():
    shop = a_shop(locations=2)
    tea = shop.variant(stock=[1, 1])
    an_order(shop, (tea, 2))

    for shipment in Shipment.objects.order_by("id"):
        ship_shipments([Leaving(shipment_id=shipment.pk)], actor=STAFF, at=AT)
    relayed()

    assert len(mails("shipped")) == 2
    assert len({m.once_key for m in mails()}) == 3


def test_a_cancelled_order_is_told_and_says_what_happens_to_the_money():
    shop = a_shop()
    order = an_order(shop, (shop.variant(3_300), 1), payment_method="bank_transfer")
    paid(order, 3_300)

    cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=AT)
    relayed()

    (mail,) = mails("cancelled")
    assert "キャンセル" in mail.subject
    assert "3,300円" in mail.body
    order.refresh_from_db()
    assert order.payment_status == "refunded"


def test_history_brought_in_owes_nobody_a_mail():
    an_order()

    with travel(AT.replace(year=2027)):
        while not operations.carry(at=lambda: AT).idle:
            pass

    assert mails() == []


def test_the_first_page_tells_how_many_customers_were_met() -> None:
    shop = a_shop()
    variant = shop.variant(1_000, stock=[20])
    known, fresh = a_customer(shop.company), a_customer(shop.company)
    placed(a_draft(shop, (variant, 1), customer_id=known.pk), at=AT - timedelta(days=45))
    placed(a_draft(shop, (variant, 1), customer_id=known.pk), a_draft(shop, (variant, 1), customer_id=fresh.pk), at=AT)

    cards = hooks.dashboard_cards(may=lambda right: right == "orders.view_order", at=AT)

    assert [(card.value, card.note[-1:]) for card in cards if card.icon == "person_add"] == [("1", "1")]
