"""Returns, from asking to settling: requested is not received, and received not accepted."""

from datetime import timedelta

import pytest

from billing.models import CreditNote, Invoice, Refund
from catalog.models import Variant
from core.actor import Actor, ActorKind
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Movement
from orders.models import Line, Order, PurchaseFacts, ReturnCase, ReturnLine
from orders.operations import (
    Found,
    InspectAsk,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    inspect_returns,
    note_refunds,
    receive_returns,
    refuse_returns,
    request_returns,
    return_undelivered,
    settle_returns,
    withdraw_returns,
)
from orders.rules import CaseDone, RefundWay, ReturnAsk, ReturnAskLine, ReturnCondition, ReturnKind
from tests.factories.orders import STAFF, Shop, a_fee, a_shipped_order, a_shop
from tests.factories.returns import (
    NOW,
    a_case,
    a_delivered_order,
    a_policy,
    a_reason,
    a_received_case,
    a_settled_case,
    an_approved_case,
    an_inspected_case,
    asked,
    broken_promises,
    line_refs,
    paid,
    shelf,
)

pytestmark = pytest.mark.django_db
BUYER = Actor(ActorKind.CUSTOMER, "acc_1", "花子")


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1)


@pytest.fixture
def tea(shop: Shop) -> Variant:
    return shop.variant(1_000, stock=[10], tax_class="reduced")


def test_asking_counts_the_pieces_as_in_returns_and_nothing_else(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 3))

    case = a_case(asked(order, 2))

    order.refresh_from_db()
    assert (case.status, case.lines.get().quantity, case.lines.get().received) == ("requested", 2, 0)
    assert (order.return_status, Line.objects.get(order=order).returning_quantity) == ("under_way", 2)
    assert (shelf(tea).on_hand, CreditNote.objects.count()) == (7, 0)
    assert OutboxEvent.objects.filter(name="orders.ReturnRequested").count() == 1


def test_the_same_key_is_the_same_case(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 3))
    ask = asked(order, 2)

    first, second = request_returns([ask, ask], actor=STAFF, at=NOW)
    (third,) = request_returns([ask], actor=STAFF, at=NOW)

    assert isinstance(first, CaseDone)
    assert isinstance(second, CaseDone)
    assert isinstance(third, CaseDone)
    assert (first.repeated, second.repeated, third.repeated) == (False, True, True)
    assert ReturnCase.objects.get().number == first.number == third.number


def test_no_more_is_taken_back_than_was_sent(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 3))
    a_case(asked(order, 2))

    (refused,) = request_returns([asked(order, 2)], actor=STAFF, at=NOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field, refused.params["free"]) == ("return.more_than_sent", "/lines/0/quantity", 1)
    assert ReturnCase.objects.count() == 1


def test_received_goods_wait_for_inspection_and_cannot_be_sold(shop: Shop, tea: Variant) -> None:
    case = an_approved_case(asked(a_delivered_order(shop, (tea, 3)), 2))

    (half,) = receive_returns([ReceiveAsk(case_id=case.pk, received={1: 1})], actor=STAFF, at=NOW)
    (whole, again) = (receive_returns([ReceiveAsk(case_id=case.pk, received={1: 2})], actor=STAFF, at=NOW)[0] for _ in range(2))

    assert isinstance(half, CaseDone)
    assert isinstance(whole, CaseDone)
    assert isinstance(again, CaseDone)
    assert (half.status, whole.status, again.status, again.repeated) == ("partly_received", "received", "received", True)
    assert (shelf(tea).on_hand, shelf(tea).sellable, shelf(tea).quality_check) == (9, 7, 2)
    assert sorted(Movement.objects.filter(kind="return").values_list("quantity", flat=True)) == [1, 1]


def test_what_was_inspected_is_what_the_inspection_says(shop: Shop, tea: Variant) -> None:
    case = a_received_case(asked(a_delivered_order(shop, (tea, 4)), 4))
    found = InspectAsk(case_id=case.pk, found={1: Found(restocked=1, scrapped=1, repaired=1, declined=1)})

    (result, again) = (inspect_returns([found], actor=STAFF, at=NOW)[0] for _ in range(2))

    line = ReturnLine.objects.get()
    assert isinstance(result, CaseDone)
    assert isinstance(again, CaseDone)
    assert (result.status, again.repeated, line.accepted, line.declined) == ("inspected", True, 3, 1)
    assert (shelf(tea).on_hand, shelf(tea).sellable, shelf(tea).in_repair, shelf(tea).quality_check) == (8, 7, 1, 0)


def test_settling_credits_what_was_invoiced_and_proposes_the_refund(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 3))
    paid(order)

    case = a_settled_case(asked(order, 2))

    order.refresh_from_db()
    note = CreditNote.objects.get()
    assert (note.total, case.credited_total, case.refund_total, case.refunded_total) == (2_000, 2_000, 2_000, 0)
    assert (order.return_status, order.returned_total, order.status, order.payment_status) == (
        "partly_returned",
        2_000,
        "completed",
        "paid",
    )
    (noted, again) = (note_refunds([case.pk], actor=STAFF, at=NOW)[0] for _ in range(2))
    assert isinstance(noted, CaseDone)
    assert isinstance(again, CaseDone)
    assert again.repeated
    order.refresh_from_db()
    assert (Refund.objects.get().amount, order.paid_total) == (2_000, 1_000)
    assert broken_promises() == []


def test_settling_twice_credits_once(shop: Shop, tea: Variant) -> None:
    case = an_inspected_case(asked(a_delivered_order(shop, (tea, 3)), 2))

    (first, second) = (settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)[0] for _ in range(2))

    assert isinstance(first, CaseDone)
    assert isinstance(second, CaseDone)
    assert (first.repeated, second.repeated, CreditNote.objects.count()) == (False, True, 1)


def test_nothing_is_settled_before_it_was_looked_at(shop: Shop, tea: Variant) -> None:
    case = a_received_case(asked(a_delivered_order(shop, (tea, 3)), 2))

    (refused,) = settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, CreditNote.objects.count()) == ("return.not_inspected", 0)


def test_pieces_that_never_come_can_be_left_with_the_customer(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 3))
    case = an_approved_case(asked(order, 2))
    receive_returns([ReceiveAsk(case_id=case.pk, received={1: 1})], actor=STAFF, at=NOW)
    inspect_returns([InspectAsk(case_id=case.pk, found={1: Found(restocked=1)})], actor=STAFF, at=NOW)

    (waits,) = settle_returns([SettleAsk(case_id=case.pk)], actor=STAFF, at=NOW)
    (done,) = settle_returns([SettleAsk(case_id=case.pk, rest_stays=True)], actor=STAFF, at=NOW)

    assert isinstance(waits, Refusal)
    assert waits.code == "return.goods_missing"
    assert isinstance(done, CaseDone)
    assert CreditNote.objects.get().total == 1_000
    assert Line.objects.get(order=order).returning_quantity == 1
    assert broken_promises() == []


def test_all_of_it_in_pieces_gives_back_exactly_the_invoice(shop: Shop) -> None:
    odd = shop.variant(333, stock=[10])
    order = a_delivered_order(shop, (odd, 7))
    invoice = Invoice.objects.get()

    for _ in range(7):
        a_settled_case(asked(order, 1))

    order.refresh_from_db()
    notes = CreditNote.objects.all()
    assert (len(notes), sum(note.total for note in notes)) == (7, invoice.total)
    assert (order.return_status, order.returned_total) == ("returned", order.total)
    assert broken_promises() == []


def test_two_cases_about_one_parcel_are_settled_in_one_call(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 4))
    cases = [an_inspected_case(asked(order, 1)), an_inspected_case(asked(order, 2))]

    results = settle_returns([SettleAsk(case_id=case.pk) for case in cases], actor=STAFF, at=NOW)

    assert [isinstance(result, CaseDone) for result in results] == [True, True]
    assert sorted(CreditNote.objects.values_list("total", flat=True)) == [1_000, 2_000]
    assert broken_promises() == []


def test_the_customer_bears_fee_and_postage_where_it_is_not_our_fault(shop: Shop, tea: Variant) -> None:
    a_policy(shop, fee=300, postage=500)
    a_reason(shop)
    order = a_delivered_order(shop, (tea, 3))
    paid(order)

    case = a_settled_case(asked(order, 2, reason="not_liked"))

    assert (case.postage_by, case.charged_total, case.refund_total) == ("customer", 800, 1_200)
    fees = Invoice.objects.get(shipment_ref=case.public_id)
    assert (fees.total, list(fees.lines.values_list("amount", flat=True))) == (800, [300, 500])
    assert broken_promises() == []


def test_what_is_our_fault_costs_nothing_and_gives_the_postage_back(shop: Shop, tea: Variant) -> None:
    a_fee(shop, 600)
    a_policy(shop, fee=300, postage=500)
    a_reason(shop, "broken", is_defect=True, postage_by="company")
    order = a_delivered_order(shop, (tea, 2))
    paid(order)

    case = a_settled_case(asked(order, 2, reason="broken"), scrapped=2)

    assert (case.refunds_postage, case.charged_total, case.credited_total, case.refund_total) == (True, 0, 2_600, 2_600)
    assert CreditNote.objects.get().total == Invoice.objects.get().total == order.total
    assert broken_promises() == []


def test_credit_on_account_stays_with_us(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 1))
    paid(order)

    case = a_settled_case(asked(order, 1, refund_way=RefundWay.CREDIT))

    assert (case.credited_total, case.refund_total, Refund.objects.count()) == (1_000, 0, 0)
    assert broken_promises() == []


def test_an_order_all_of_which_came_back_is_no_purchase(shop: Shop, tea: Variant) -> None:
    first = a_delivered_order(shop, (tea, 1))
    second = a_delivered_order(shop, (tea, 2), customer_id=first.customer_id, at=NOW)
    facts = _facts(first)
    assert facts == (2, 3_000, first.pk)

    a_settled_case(asked(first, 1))

    assert _facts(first) == (1, 2_000, second.pk)
    assert broken_promises() == []


def _facts(order: Order) -> tuple[int, int, int | None]:
    facts = PurchaseFacts.objects.get(customer_id=order.customer_id)
    return facts.order_count, facts.amount_total, facts.entry_order_id


@pytest.mark.parametrize(
    ("_case", "given", "code"),
    [
        ("too late", {}, "return.too_late"),
        ("not returnable", {"is_returnable": False, "days": 30}, "return.not_returnable"),
        ("opened", {"takes_opened": False, "days": 30}, "return.opened"),
    ],
)
def test_the_terms_hold_for_customers_and_staff_may_go_against_them(
    shop: Shop, tea: Variant, _case: str, given: dict[str, object], code: str
) -> None:
    a_policy(shop, **{"days": 2, **given})
    a_reason(shop)
    order = a_delivered_order(shop, (tea, 1))
    (ref,) = line_refs(order)
    line = ReturnAskLine(line_ref=ref, quantity=1, reason="not_liked", condition=ReturnCondition.OPENED)
    ask = ReturnAsk(order_id=order.pk, kind=ReturnKind.RETURN, lines=(line,), once_key="a", override_reason="ご愛顧のお客様")

    (refused,) = request_returns([ask], actor=BUYER, at=NOW)
    (taken,) = request_returns([ask], actor=STAFF, at=NOW)

    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert isinstance(taken, CaseDone)
    assert ReturnCase.objects.get().override_reason == "ご愛顧のお客様"


def test_without_a_policy_the_law_gives_eight_days(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 1))
    delivered = NOW - timedelta(days=3)

    (late,) = request_returns([asked(order, 1)], actor=STAFF, at=delivered + timedelta(days=9))
    (in_time,) = request_returns([asked(order, 1)], actor=STAFF, at=delivered + timedelta(days=8))

    assert isinstance(late, Refusal)
    assert late.code == "return.too_late"
    assert isinstance(in_time, CaseDone)


def test_a_refused_case_frees_its_pieces_and_cannot_go_on(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 2))
    case = a_case(asked(order, 2))

    (done, again) = (refuse_returns([case.pk], reason="開封済みのため", actor=STAFF, at=NOW)[0] for _ in range(2))
    (too_late,) = approve_returns([case.pk], actor=STAFF, at=NOW)

    order.refresh_from_db()
    assert isinstance(done, CaseDone)
    assert isinstance(again, CaseDone)
    assert again.repeated
    assert isinstance(too_late, Refusal)
    assert too_late.code == "return.ended"
    assert (order.return_status, Line.objects.get(order=order).returning_quantity) == ("none", 0)
    assert broken_promises() == []


def test_a_case_whose_goods_are_here_is_not_withdrawn(shop: Shop, tea: Variant) -> None:
    case = a_received_case(asked(a_delivered_order(shop, (tea, 2)), 2))

    (refused,) = withdraw_returns([case.pk], reason="不要", actor=STAFF, at=NOW)

    assert isinstance(refused, Refusal)
    assert refused.code == "return.decided"


def test_a_parcel_with_a_case_does_not_come_back_undelivered_as_well(shop: Shop, tea: Variant) -> None:
    order = a_shipped_order(shop, (tea, 2))
    parcel = order.shipments.get()
    case = an_approved_case(asked(order, 1))

    (refused,) = return_undelivered([parcel.pk], reason="不在", actor=STAFF, at=NOW)
    receive_returns([ReceiveAsk(case_id=case.pk, received={1: 1})], actor=STAFF, at=NOW)

    parcel.refresh_from_db()
    assert isinstance(refused, Refusal)
    assert refused.code == "order.parcel_in_a_return"
    assert parcel.status == "delivered"
