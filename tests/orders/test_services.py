"""Repairs, collections and purchases: from asking to the end, and the money and goods that move with it."""

import pytest

from billing.models import Invoice
from core.actor import Actor, ActorKind
from core.db import rows
from core.errors import Refusal
from core.models import OutboxEvent
from customers.models import Customer, PointEntry, PointLot
from inventory.models import Movement, Stock
from orders.models import ServiceRequest
from orders.operations import ServiceNotEnded, note_service_payouts, request_services, step_services
from orders.rules import PayoutWay, PostageBearer, ServiceDeed, ServiceDone, ServiceKind, ServiceStep
from tests.factories.core import a_company
from tests.factories.customers import a_customer
from tests.factories.inventory import a_stock_item
from tests.factories.orders import STAFF, Shop, a_known_customer, a_shop
from tests.factories.returns import NOW, a_delivered_order, broken_promises, line_refs
from tests.factories.services import a_service, an_estimated_service, asked_service, stepped

pytestmark = pytest.mark.django_db
BUYER = Actor(ActorKind.CUSTOMER, "acc_1", "花子")
D = ServiceDeed


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1)


@pytest.fixture
def hanako(shop: Shop) -> Customer:
    return a_known_customer(shop)


def events() -> list[str]:
    return [
        name.removeprefix("orders.")
        for name in OutboxEvent.objects.filter(name__startswith="orders.Service").order_by("id").values_list("name", flat=True)
    ]


def refusal(result: object) -> Refusal:
    assert isinstance(result, Refusal), result
    return result


def test_a_repair_that_is_agreed_to_is_invoiced_at_what_was_agreed_with_the_postage_back(hanako: Customer) -> None:
    service = a_service(hanako)
    accept = ServiceStep(request_id=service.pk, deed=D.ACCEPT, postage_out_by=PostageBearer.CUSTOMER)
    estimate = ServiceStep(request_id=service.pk, deed=D.ESTIMATE, amount=8_800, note="ゼンマイ交換")
    stepped(service, accept, D.RECEIVE, estimate)

    stepped(service, ServiceStep(request_id=service.pk, deed=D.AGREE, amount=8_800), actor=BUYER)
    stepped(service, ServiceStep(request_id=service.pk, deed=D.REPAIR, postage=1_100))

    invoice = Invoice.objects.get(shipment_ref=service.public_id)
    assert (service.status, service.charged_total, invoice.total, invoice.order_number) == ("repaired", 9_900, 9_900, service.number)
    assert list(invoice.lines.order_by("position").values_list("amount", flat=True)) == [8_800, 1_100]
    assert events() == ["ServiceRequested", "ServiceAccepted", "ServiceReceived", "ServiceEstimated", "ServiceDecided", "ServiceEnded"]
    assert Movement.objects.count() == 0
    assert broken_promises() == []


def test_a_repair_that_is_too_dear_goes_back_and_costs_nothing(hanako: Customer) -> None:
    service = an_estimated_service(hanako, 30_000)

    stepped(service, D.DISAGREE, D.GIVE_BACK)

    assert (service.status, service.charged_total, Invoice.objects.count()) == ("returned", 0, 0)
    assert broken_promises() == []


def test_what_we_buy_for_points_lies_in_quality_check_at_its_price_and_the_points_are_there(shop: Shop, hanako: Customer) -> None:
    service = an_estimated_service(hanako, 12_000, kind=ServiceKind.RESALE)
    item = a_stock_item(shop.company, "used-watch")
    stepped(service, ServiceStep(request_id=service.pk, deed=D.AGREE, amount=12_000, payout_way=PayoutWay.POINTS), actor=BUYER)

    buy = ServiceStep(
        request_id=service.pk, deed=D.BUY, identity_note="運転免許証", stock_item_id=item.pk, location_id=shop.locations[0].pk
    )  # fmt: skip
    stepped(service, buy)
    (again,) = step_services([buy], actor=STAFF, at=NOW)

    shelf = Stock.objects.get(stock_item=item)
    (movement,) = Movement.objects.filter(stock_item=item)
    assert (service.status, service.payout_total, service.paid_out_at) == ("bought", 12_000, NOW)
    assert isinstance(again, ServiceDone)
    assert (shelf.on_hand, shelf.sellable, shelf.quality_check, movement.value) == (1, 0, 1, 12_000)
    assert list(PointLot.objects.values_list("customer_id", "granted", "source")) == [(hanako.pk, 12_000, "paid")]
    assert PointEntry.objects.count() == 1
    assert broken_promises() == []


def test_what_we_buy_by_transfer_is_to_be_paid_until_it_is_noted_and_noted_once(hanako: Customer) -> None:
    service = an_estimated_service(hanako, 3_000, kind=ServiceKind.RESALE)
    stepped(service, ServiceStep(request_id=service.pk, deed=D.AGREE, payout_way=PayoutWay.BANK), D.BUY)

    before = service.paid_out_at
    first, again = (note_service_payouts([service.pk], actor=STAFF, at=NOW)[0] for _ in range(2))

    service.refresh_from_db()
    assert (before, service.paid_out_at, PointLot.objects.count()) == (None, NOW, 0)
    assert isinstance(first, ServiceDone)
    assert isinstance(again, ServiceDone)
    assert (first.repeated, again.repeated) == (False, True)


def test_nothing_is_paid_for_what_was_not_bought(hanako: Customer) -> None:
    (result,) = note_service_payouts([a_service(hanako).pk], actor=STAFF, at=NOW)

    assert refusal(result).code == "service.nothing_to_pay"


def test_a_collection_for_a_fee_is_charged_and_disposed_of(hanako: Customer) -> None:
    service = an_estimated_service(hanako, 2_200, kind=ServiceKind.COLLECTION)

    stepped(service, D.AGREE, D.DISPOSE)

    assert (service.status, Invoice.objects.get().total) == ("disposed", 2_200)
    assert broken_promises() == []


def test_the_same_key_is_the_same_request_and_numbers_follow(hanako: Customer) -> None:
    ask = asked_service(hanako)

    first, twin, other = request_services([ask, ask, asked_service(hanako)], actor=BUYER, at=NOW)
    (again,) = request_services([ask], actor=BUYER, at=NOW)

    assert all(isinstance(one, ServiceDone) for one in (first, twin, other, again))
    assert isinstance(first, ServiceDone)
    assert isinstance(other, ServiceDone)
    assert ServiceRequest.objects.count() == 2
    assert first.number < other.number
    assert [one.repeated for one in (first, twin, other, again)] == [False, True, False, True]
    assert events() == ["ServiceRequested", "ServiceRequested"]


def test_goods_that_were_bought_here_are_linked_and_those_of_somebody_else_are_not(shop: Shop, hanako: Customer) -> None:
    order = a_delivered_order(shop, (shop.variant(1_000), 1), customer_id=hanako.pk)
    (ref,) = line_refs(order)

    own, others = request_services(
        [asked_service(hanako, line_ref=ref), asked_service(a_known_customer(shop), line_ref=ref)], actor=BUYER, at=NOW
    )

    assert isinstance(own, ServiceDone)
    assert ServiceRequest.objects.get().line.public_id == ref
    assert (refusal(others).code, refusal(others).field) == ("service.no_such_line", "/line")


def test_a_customer_of_another_company_and_goods_of_no_name_are_refused(shop: Shop, hanako: Customer) -> None:
    stranger = a_customer(a_company())

    strange, nameless = request_services(
        [asked_service(stranger, company_id=shop.company.pk), asked_service(hanako, goods=" ")], actor=STAFF, at=NOW
    )

    assert (refusal(strange).code, refusal(nameless).code) == ("customers.not_found", "service.goods_missing")
    assert ServiceRequest.objects.count() == 0
    assert events() == []


def test_a_customer_does_not_do_what_is_ours_and_nothing_changes(hanako: Customer) -> None:
    service = a_service(hanako)

    (result,) = step_services([ServiceStep(request_id=service.pk, deed=D.ACCEPT)], actor=BUYER, at=NOW)

    service.refresh_from_db()
    assert (refusal(result).code, service.status, service.version, events()) == ("service.not_yours", "requested", 1, ["ServiceRequested"])


def test_another_estimate_than_was_seen_is_not_agreed_to(hanako: Customer) -> None:
    service = an_estimated_service(hanako, 5_000)
    stepped(service, ServiceStep(request_id=service.pk, deed=D.ESTIMATE, amount=6_000))

    (result,) = step_services([ServiceStep(request_id=service.pk, deed=D.AGREE, amount=5_000)], actor=BUYER, at=NOW)

    service.refresh_from_db()
    assert (refusal(result).code, service.status) == ("service.other_estimate", "estimated")


def test_a_step_done_twice_is_done_once_and_the_same_estimate_is_no_new_one(hanako: Customer) -> None:
    service = an_estimated_service(hanako, 5_000)
    told = len(events())

    (again,) = step_services([ServiceStep(request_id=service.pk, deed=D.ESTIMATE, amount=5_000, note="部品交換")], actor=STAFF, at=NOW)

    assert isinstance(again, ServiceDone)
    assert again.repeated
    assert len(events()) == told


def test_a_shelf_that_is_not_there_undoes_the_purchase(shop: Shop, hanako: Customer) -> None:
    service = an_estimated_service(hanako, 5_000, kind=ServiceKind.RESALE)
    stepped(service, ServiceStep(request_id=service.pk, deed=D.AGREE, payout_way=PayoutWay.POINTS))
    elsewhere = a_stock_item(a_company(), "not-ours")

    with pytest.raises(ServiceNotEnded):
        step_services(
            [ServiceStep(request_id=service.pk, deed=D.BUY, stock_item_id=elsewhere.pk, location_id=shop.locations[0].pk)],
            actor=STAFF,
            at=NOW,
        )

    service.refresh_from_db()
    assert (service.status, PointLot.objects.count(), Stock.objects.filter(stock_item=elsewhere).count()) == ("agreed", 0, 0)


def test_the_database_refuses_goods_of_a_customer_on_our_shelf(shop: Shop, hanako: Customer) -> None:
    broken = rows(
        "SELECT conname FROM pg_constraint WHERE conname = ANY(%s::text[]) ORDER BY conname",
        (["orders_service_takes_in_its_own", "orders_service_ended_as_said", "orders_service_paid_for_what_was_bought"],),
    )

    assert len(broken) == 3
