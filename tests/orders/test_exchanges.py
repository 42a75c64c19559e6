"""Exchanges wait for the goods, claims are made good, parcels that nobody took go once more."""

import pytest

from billing.models import CreditNote, Refund
from catalog.models import Variant
from core.actor import Actor, ActorKind
from core.errors import Refusal
from core.operations import carry
from inventory.models import Component
from orders.models import Hold, Order, ReturnCase, Shipment
from orders.operations import (
    Leaving,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    cancel_orders,
    follow_return_money,
    receive_returns,
    request_returns,
    reship_undelivered,
    return_undelivered,
    settle_returns,
    ship_shipments,
    withdraw_returns,
)
from orders.queries import parcel_lines
from orders.queries.return_preview import charge_foreseen, return_preview
from orders.rules import CaseDone, ExchangeTiming, RefundWay, ReturnAsk, ReturnAskLine, ReturnKind
from tests.factories.inventory import a_stock_item, stock_of
from tests.factories.orders import AT, STAFF, Shop, a_shipped_order, a_shop
from tests.factories.returns import (
    NOW,
    a_case,
    a_delivered_order,
    a_policy,
    a_reason,
    a_settled_case,
    an_approved_case,
    an_exchange,
    asked,
    broken_promises,
    line_refs,
    paid,
    shelf,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1)


@pytest.fixture
def tea(shop: Shop) -> Variant:
    return shop.variant(1_000, stock=[10], tax_class="reduced")


def relayed() -> None:
    """Everything announced so far is handled, as the relay does it."""
    while not carry(at=lambda: NOW).idle:
        pass


def parcel(order: Order) -> int:
    return Shipment.objects.get(order=order).pk


def test_an_exchange_waits_on_hold_until_the_goods_are_back(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 2))

    case = an_approved_case(an_exchange(order, tea, 2))

    new = case.exchange_order
    assert new is not None
    (held,) = ship_shipments([Leaving(shipment_id=parcel(new))], actor=STAFF, at=NOW)
    assert isinstance(held, Refusal)
    assert (new.open_holds, new.total, Hold.objects.get(order=new).kind) == (1, order.total, "exchange")
    assert broken_promises() == []

    receive_returns([ReceiveAsk(case_id=case.pk, received={1: 1})], actor=STAFF, at=NOW)
    new.refresh_from_db()
    assert new.open_holds == 1
    receive_returns([ReceiveAsk(case_id=case.pk, received={1: 2})], actor=STAFF, at=NOW)
    new.refresh_from_db()
    assert new.open_holds == 0
    assert broken_promises() == []


def test_by_policy_an_exchange_leaves_at_once(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 1))

    case = an_approved_case(an_exchange(order, tea, exchange_timing=ExchangeTiming.AT_ONCE))

    assert case.exchange_order is not None
    assert (case.exchange_order.open_holds, case.status) == (0, "approved")


def test_approving_twice_orders_the_exchange_once(shop: Shop, tea: Variant) -> None:
    case = a_case(an_exchange(a_delivered_order(shop, (tea, 1)), tea))

    (first, second) = (approve_returns([case.pk], actor=STAFF, at=NOW)[0] for _ in range(2))

    assert isinstance(first, CaseDone)
    assert isinstance(second, CaseDone)
    assert (first.repeated, second.repeated, Order.objects.count(), Hold.objects.count()) == (False, True, 2, 1)


def test_an_exchange_that_is_sold_out_is_not_approved(shop: Shop, tea: Variant) -> None:
    rare = shop.variant(1_000, stock=[0])
    case = a_case(an_exchange(a_delivered_order(shop, (tea, 1)), rare))

    (refused,) = approve_returns([case.pk], actor=STAFF, at=NOW)

    case.refresh_from_db()
    assert isinstance(refused, Refusal)
    assert (case.status, case.exchange_order_id, Order.objects.count()) == ("requested", None, 1)


def test_what_the_return_set_free_pays_the_exchange_and_the_rest_goes_back(shop: Shop, tea: Variant) -> None:
    cheaper = shop.variant(700, stock=[5], tax_class="reduced")
    order = a_delivered_order(shop, (tea, 1))
    paid(order)

    case = a_settled_case(an_exchange(order, cheaper))
    new = case.exchange_order
    assert new is not None
    ship_shipments([Leaving(shipment_id=parcel(new))], actor=STAFF, at=NOW)
    follow_return_money([new.public_id], actor=STAFF, at=NOW)
    follow_return_money([new.public_id], actor=STAFF, at=NOW)

    new.refresh_from_db()
    case.refresh_from_db()
    order.refresh_from_db()
    assert (new.total, new.paid_total, new.payment_status, case.refund_total) == (700, 700, "paid", 300)
    assert (order.paid_total, Refund.objects.count()) == (300, 0)
    assert broken_promises() == []


def test_an_exchange_that_is_cancelled_after_all_sets_its_money_free(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 1))
    paid(order)
    case = a_settled_case(an_exchange(order, tea))
    new = case.exchange_order
    assert new is not None
    relayed()
    case.refresh_from_db()
    assert case.refund_total == 0

    cancel_orders([new.pk], reason="在庫違い", actor=STAFF, at=NOW)
    relayed()

    case.refresh_from_db()
    assert (case.refund_total, case.refunded_total) == (1_000, 0)
    assert broken_promises() == []


def test_a_part_refund_of_a_line_out_of_two_parcels_is_given_once(shop: Shop) -> None:
    two = a_shop(locations=2)
    tea = two.variant(1_000, stock=[2, 3])
    order = a_delivered_order(two, (tea, 5))
    assert order.shipments.count() == 2
    paid(order)
    (ref,) = line_refs(order)
    line = ReturnAskLine(line_ref=ref, quantity=5, part_refund=501)
    claim = ReturnAsk(order_id=order.pk, kind=ReturnKind.CLAIM, lines=(line,), once_key="p", comes_back=False, refund_way=RefundWay.BANK)
    shown = return_preview(order.pk, {1: 5}, part_refunds={1: 501}, comes_back=False)

    case = an_approved_case(claim)
    settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)

    case.refresh_from_db()
    assert (shown.credited, case.credited_total, case.refund_total) == (501, 501, 501)
    assert broken_promises() == []


@pytest.mark.parametrize("quantities", [((1, 0), (0, 1)), ((0, 1), (1, 0))])
def test_money_that_one_case_still_owes_is_not_promised_to_another(shop: Shop, quantities: tuple[tuple[int, int], ...]) -> None:
    """Two parcels, one of them paid: whichever comes back first."""
    two = a_shop(locations=2)
    order = a_delivered_order(two, (two.variant(1_000, stock=[1, 0]), 1), (two.variant(1_000, stock=[0, 1]), 1))
    assert order.shipments.count() == 2
    paid(order, 1_000)

    cases = [a_settled_case(asked(order, *these, refund_way=RefundWay.BANK)) for these in quantities]

    for case in cases:
        case.refresh_from_db()
    assert sum(case.refund_total for case in cases) == 1_000
    assert broken_promises() == []


def test_a_withdrawn_exchange_cancels_its_order(shop: Shop, tea: Variant) -> None:
    case = an_approved_case(an_exchange(a_delivered_order(shop, (tea, 1)), tea))

    (done,) = withdraw_returns([case.pk], reason="お客様都合", actor=STAFF, at=NOW)

    case.refresh_from_db()
    assert isinstance(done, CaseDone)
    assert case.exchange_order is not None
    assert (case.status, case.exchange_order.status, shelf(tea).allocated) == ("withdrawn", "cancelled", 0)
    assert broken_promises() == []


def test_an_exchange_is_no_second_purchase(shop: Shop, tea: Variant) -> None:
    from orders.models import PurchaseFacts

    order = a_delivered_order(shop, (tea, 1))

    a_settled_case(an_exchange(order, tea))

    facts = PurchaseFacts.objects.get(customer_id=order.customer_id)
    assert (facts.order_count, facts.f_number, facts.amount_total, facts.entry_order_id) == (1, 1, 1_000, order.pk)
    assert broken_promises() == []


def test_a_claim_is_made_good_without_sending_anything_back(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 2))
    ask = an_exchange(order, tea, 1)
    claim = ReturnAsk(order_id=order.pk, kind=ReturnKind.CLAIM, lines=ask.lines, exchanges=ask.exchanges, once_key="c", comes_back=False)

    case = an_approved_case(claim)
    (done,) = settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)

    case.refresh_from_db()
    assert isinstance(done, CaseDone)
    assert case.exchange_order is not None
    assert (case.exchange_order.total, case.exchange_order.open_holds, case.credited_total, CreditNote.objects.count()) == (0, 0, 0, 0)
    assert broken_promises() == []


def test_part_of_the_price_goes_back_and_the_goods_stay(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 2))
    paid(order)
    (ref,) = line_refs(order)
    line = ReturnAskLine(line_ref=ref, quantity=1, part_refund=300)
    claim = ReturnAsk(order_id=order.pk, kind=ReturnKind.CLAIM, lines=(line,), once_key="p", comes_back=False, refund_way=RefundWay.BANK)

    case = an_approved_case(claim)
    settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)

    case.refresh_from_db()
    assert (case.credited_total, case.refund_total, shelf(tea).on_hand) == (300, 300, 8)
    assert broken_promises() == []


def test_a_set_comes_back_with_all_its_parts(shop: Shop, tea: Variant) -> None:
    cup = a_stock_item(shop.company, "CUP")
    stock_of(cup, shop.locations[0], 20)
    Component.objects.create(variant=tea, stock_item=cup, quantity=2)
    order = a_delivered_order(shop, (tea, 3))

    a_settled_case(asked(order, 2))

    from inventory.models import Stock

    assert (shelf(tea).sellable, Stock.objects.get(stock_item=cup).sellable) == (9, 18)
    assert broken_promises() == []


def test_a_parcel_nobody_took_stands_among_the_returns_and_goes_once_more(shop: Shop, tea: Variant) -> None:
    order = a_shipped_order(shop, (tea, 2))
    paid(order, at=AT)
    return_undelivered([parcel(order)], reason="保管期限切れ", actor=STAFF, at=NOW)
    case = ReturnCase.objects.get()
    assert (case.kind, case.status, case.credited_total, case.freed_total) == ("undelivered", "inspected", order.total, order.total)

    (first, second) = (reship_undelivered([case.pk], actor=STAFF, at=NOW)[0] for _ in range(2))
    settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)

    case.refresh_from_db()
    assert isinstance(first, CaseDone)
    assert isinstance(second, CaseDone)
    assert case.exchange_order is not None
    assert (first.repeated, second.repeated, case.exchange_order.total, case.refund_total) == (False, True, order.total, 0)
    assert broken_promises() == []


def test_a_parcel_nobody_took_and_nobody_wants_is_refunded(shop: Shop, tea: Variant) -> None:
    order = a_shipped_order(shop, (tea, 2))
    paid(order, at=AT)
    return_undelivered([parcel(order)], reason="保管期限切れ", actor=STAFF, at=NOW)
    case = ReturnCase.objects.get()

    settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)

    case.refresh_from_db()
    order.refresh_from_db()
    assert (case.refund_total, order.return_status, order.returned_total) == (order.total, "returned", order.total)
    assert broken_promises() == []


def test_a_customer_exchanges_within_the_product_and_staff_give_anything(shop: Shop, tea: Variant) -> None:
    buyer = Actor(ActorKind.CUSTOMER, "acc_1", "花子")
    pot = shop.variant(3_000, stock=[5])
    order = a_delivered_order(shop, (tea, 2))
    a_reason(shop)
    ask = an_exchange(order, pot, reason="not_liked")

    (refused,) = request_returns([ask], actor=buyer, at=NOW)
    (given,) = request_returns([ask], actor=STAFF, at=NOW)
    (same,) = request_returns([an_exchange(order, tea, reason="not_liked")], actor=buyer, at=NOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == ("return.another_product", "/exchanges/0/sku")
    assert isinstance(given, CaseDone)
    assert isinstance(same, CaseDone)


def test_what_is_shown_beforehand_takes_the_policys_charges_off_as_the_case_does(shop: Shop, tea: Variant) -> None:
    a_policy(shop, fee=300, postage=500)
    a_reason(shop, "not_liked")
    a_reason(shop, "broken", postage_by="company")
    order = a_delivered_order(shop, (tea, 2))
    own = {"kind": ReturnKind.RETURN}
    found = parcel_lines([order.pk])

    charges = [charge_foreseen(shop.company.pk, found, {1: code}, **own).total for code in ("not_liked", "broken")]
    told = charge_foreseen(shop.company.pk, found, {1: "not_liked"}, fee=0, postage=None, **own).total
    case = a_case(asked(order, 1, reason="not_liked"))

    assert (charges, told, case.fee + case.postage) == ([800, 0], 500, 800)
    assert return_preview(order.pk, {1: 1}, charge=charges[0]).refund == return_preview(order.pk, {1: 1}).refund - 800
