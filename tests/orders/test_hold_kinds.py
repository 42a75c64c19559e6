"""Every kind of hold there is: an order that meets its rule waits, one that does not goes on, and a change asks again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.ids import new_id
from core.models import PostalCode
from core.text import search_key
from customers.models import Customer
from customers.operations import set_credit_limits
from orders.models import Hold, HoldRule, Order, Shipment
from orders.operations import (
    ApprovalAsk,
    Confirming,
    Leaving,
    cancel_orders,
    confirm_change,
    decide_approvals,
    open_change,
    place_orders,
    ship_shipments,
    tick_off_holds,
)
from orders.rules import (
    BoughtBefore,
    ChangeItem,
    ChangeKind,
    DraftDestination,
    HeldDestination,
    HoldFacts,
    HoldKind,
    HoldRow,
    OrderDraft,
    Refused,
    raised_holds,
)
from tests.factories.orders import (
    AT,
    STAFF,
    Shop,
    a_draft,
    a_hold_rule,
    a_known_customer,
    a_place,
    a_profile,
    a_shipped_order,
    a_shop,
    an_order,
    placed,
)
from tests.orders.test_entry import a_desk

needs_database = pytest.mark.django_db
LATER = AT + timedelta(hours=1)

# ------------------------------------------------------------------------------------------- rules


def facts(**given: Any) -> HoldFacts:
    return HoldFacts(**{"channel_id": 1, "method": PaymentMethod.CARD, "total": 5_000, **given})


def holds(given: HoldFacts, **conditions: Any) -> bool:
    return bool(raised_holds([HoldRow(id=1, name="確認", kind=HoldKind.MANUAL, **conditions)], given, at=AT))


def text(words: str) -> HoldFacts:
    return facts(destinations=(HeldDestination(text=search_key(words)),))


BEFORE = (BoughtBefore(AT - timedelta(days=3), "TEA", 4), BoughtBefore(AT - timedelta(days=20), "TEA", 50), BoughtBefore(AT, "CUP", 2))


@pytest.mark.parametrize(
    ("_case", "conditions", "met", "missed"),
    [
        ("a word in an address, folded", {"words": (search_key("レオパレス"),)}, text("千代田区1-1 ﾚｵﾊﾟﾚｽ 203"), text("千代田区1-1")),
        ("a word in the remark", {"words": (search_key("領収書"),)}, facts(remark="領収書をください"), facts(remark="領収の書類")),
        ("one of several words", {"words": ("ア", "イ")}, facts(remark="い"), facts(remark="う")),
        ("pieces of one article", {"article_pieces_from": 5}, facts(pieces={"TEA": 5}), facts(pieces={"TEA": 4, "CUP": 4})),
        ("pieces in all", {"pieces_from": 8}, facts(pieces={"TEA": 4, "CUP": 4}), facts(pieces={"TEA": 7})),
        (
            "pieces of one article within days", {"article_pieces_from": 5, "pieces_within_days": 7}, facts(pieces={"TEA": 1}, before=BEFORE),
            facts(pieces={"CUP": 2}, before=BEFORE),
        ),
        (
            "pieces in all within days", {"pieces_from": 8, "pieces_within_days": 7}, facts(pieces={"SOAP": 2}, before=BEFORE),
            facts(pieces={"SOAP": 1}, before=BEFORE),
        ),
        ("over the credit limit", {"over_credit_limit": True}, facts(owed=5_001, credit_limit=10_000), facts(owed=5_000, credit_limit=10_000)),
        ("no limit, no hold", {"over_credit_limit": True}, facts(credit_limit=0), facts(owed=10**9)),
        ("not approved", {"awaits_approval": True}, facts(method=PaymentMethod.DEFERRED), facts(method=PaymentMethod.DEFERRED, is_approved=True)),
        ("paid otherwise", {"awaits_approval": True}, facts(method=PaymentMethod.DEFERRED), facts()),
        ("goods of a profile", {"profile": "wine"}, facts(profiles={"wine", ""}), facts(profiles={""})),
    ],
)  # fmt: skip
def test_a_condition_is_met_or_missed(_case: str, conditions: dict[str, Any], met: HoldFacts, missed: HoldFacts) -> None:
    assert holds(met, **conditions)
    assert not holds(missed, **conditions)


# ------------------------------------------------------------------------------------------- every kind, through placing

TAKE = PaymentMethod.BANK_TRANSFER


def an_island(**given: Any) -> tuple[DraftDestination, ...]:
    return (DraftDestination(place=a_place(postal_code="907-0001", prefecture="沖縄県"), **given),)


@dataclass(frozen=True)
class Case:
    """A rule, an order that it holds and one that it does not, of a customer with something behind them."""

    kind: str
    rule: dict[str, Any]
    held: dict[str, Any]
    free: dict[str, Any]
    before: Callable[[Shop, Customer], None] = lambda shop, customer: None


def _bought_before(shop: Shop, customer: Customer) -> None:
    an_order(shop, (shop.variant(sku="SAME"), 1), customer_id=customer.pk)


def _owes(shop: Shop, customer: Customer) -> None:
    a_shipped_order(shop, (shop.variant(5_000), 1), customer_id=customer.pk, payment_method=PaymentMethod.DEFERRED)
    set_credit_limits([customer.pk], amount=8_000, reason="与信", actor=STAFF, at=AT)


def _asks_attention(shop: Shop, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(attention=True)


KINDS = {
    "remark": Case("remark", {"has_remark": True}, {"remark": "急ぎ"}, {"remark": " "}),
    "words in a remark": Case("words", {"words": ["代理店"]}, {"remark": "代理店の者です"}, {"remark": "急ぎ"}),
    "words in an address": Case(
        "words", {"words": ["れおぱれす"]},
        {"destinations": (DraftDestination(place=a_place(building="ﾚｵﾊﾟﾚｽ 203")),)}, {"destinations": (DraftDestination(place=a_place()),)},
    ),
    "postal code and prefecture": Case(
        "address", {"postal_differs": True}, {"destinations": (DraftDestination(place=a_place(prefecture="大阪府")),)}, {},
        lambda shop, customer: PostalCode.objects.create(code="1010051", jis_code="13101", prefecture="東京都", city="千代田区", town="x") and None,
    ),
    "ordered twice": Case("duplicate", {"repeats_within_days": 1}, {"sku": "SAME"}, {}, _bought_before),
    "high amount": Case("amount", {"total_from": 3_000}, {"quantity": 3}, {"quantity": 2}),
    "attention customer": Case("attention", {"has_remark": True}, {"known": True}, {"known": False}, _asks_attention),
    "island and time band": Case(
        "address", {"postal_prefixes": ["907"], "has_time_band": True}, {"destinations": an_island(time_band="0812")},
        {"destinations": an_island()},
    ),
    "first order on delivery over an amount": Case(
        "amount", {"method": "cash_on_delivery", "first_order": True, "total_from": 1_000},
        {"known": False, "payment_method": PaymentMethod.CASH_ON_DELIVERY}, {"payment_method": PaymentMethod.CASH_ON_DELIVERY}, _bought_before,
    ),
    "pieces": Case("quantity", {"article_pieces_from": 10}, {"quantity": 10}, {"quantity": 9}),
    "pieces in a period": Case("quantity", {"pieces_from": 3, "pieces_within_days": 30}, {"quantity": 2}, {"quantity": 1}, _bought_before),
    "credit limit": Case("credit", {"over_credit_limit": True}, {"quantity": 4}, {"quantity": 2}, _owes),
    "credit limit of somebody else": Case("credit", {"over_credit_limit": True}, {"quantity": 4}, {"quantity": 4, "known": False}, _owes),
    "deferred payment": Case(
        "approval", {"awaits_approval": True}, {"payment_method": PaymentMethod.DEFERRED}, {"payment_method": TAKE},
    ),
    "profile": Case("manual", {"profile": "wine"}, {"profile": "wine"}, {"profile": "tea"}),
}  # fmt: skip


def drafted(shop: Shop, customer: Customer, given: dict[str, Any]) -> OrderDraft:
    given = dict(given)
    sku, profile, quantity, known = given.pop("sku", ""), given.pop("profile", ""), given.pop("quantity", 1), given.pop("known", True)
    variant = shop.variant(profile=profile) if sku != "SAME" else None
    who = {"customer_id": customer.pk} if known else {}
    draft = a_draft(shop, (variant, quantity) if variant else (shop.variant(), 1), **{"payment_method": TAKE, **who, **given})
    return replace(draft, lines=(replace(draft.lines[0], variant_id=None, sku="SAME"),)) if sku == "SAME" else draft


@needs_database
@pytest.mark.parametrize("name", KINDS)
def test_an_order_is_held_where_it_meets_the_rule_and_goes_on_where_not(name: str) -> None:
    case, shop = KINDS[name], a_shop()
    customer = a_known_customer(shop)
    case.before(shop, customer)
    Hold.objects.all().delete()
    a_hold_rule(shop, name="確認", kind=case.kind if case.kind != "attention" else "remark", **case.rule)

    free, held = placed(drafted(shop, customer, case.free))[0], placed(drafted(shop, customer, case.held))[0]

    assert list(Hold.objects.filter(order=held.order_id).values_list("kind", flat=True)) == [case.kind]
    if name != "attention customer":
        assert Hold.objects.get(order=held.order_id).reason == "確認"
    assert not Hold.objects.filter(order=free.order_id).exists()
    parcel = Shipment.objects.get(order=held.order_id)
    (answer,) = ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=LATER)
    assert isinstance(answer, Refusal)
    assert answer.code == "order.on_hold"


@needs_database
def test_several_rules_hold_an_order_at_once_each_with_its_kind_reason_and_role():
    shop, accounting = a_shop(), Group.objects.create(name="経理担当")
    a_hold_rule(shop, name="言葉", kind="words", words=["代理店"])
    a_hold_rule(shop, name="数量", kind="quantity", pieces_from=2, position=2)
    a_hold_rule(shop, name="後払い", kind="approval", awaits_approval=True, role=accounting, position=3)

    order = an_order(shop, (shop.variant(), 2), remark="代理店", payment_method=PaymentMethod.DEFERRED)

    assert list(order.holds.order_by("pk").values_list("kind", "reason", "role__name")) == [
        ("words", "言葉", None), ("quantity", "数量", None), ("approval", "後払い", "経理担当"),
    ]  # fmt: skip
    words, quantity, approval = order.holds.order_by("pk")
    (done, later) = tick_off_holds([words.pk, approval.pk], reason="確認", actor=STAFF, at=LATER)
    order.refresh_from_db()
    assert (isinstance(done, Refusal), later.code, order.open_holds) == (False, "order.approval_awaited", 2)
    tick_off_holds([quantity.pk], reason="確認", actor=STAFF, at=LATER)
    decide_approvals([ApprovalAsk(order_id=order.pk, is_approved=True)], actor=STAFF, at=LATER)
    order.refresh_from_db()
    assert order.open_holds == 0


@needs_database
def test_what_merged_numbers_owe_and_may_is_counted_together():
    shop = a_shop()
    a_hold_rule(shop, kind="credit", over_credit_limit=True)
    customer, twin = a_known_customer(shop), a_known_customer(shop)
    a_shipped_order(shop, (shop.variant(5_000), 1), customer_id=twin.pk, payment_method=PaymentMethod.DEFERRED)
    set_credit_limits([customer.pk], amount=5_500, reason="与信", actor=STAFF, at=AT)
    Customer.objects.filter(pk=twin.pk).update(principal=customer)

    assert an_order(shop, (shop.variant(1_000), 1), customer_id=twin.pk).holds.get().kind == "credit"


@needs_database
def test_orders_that_stand_count_towards_the_limit_before_they_are_invoiced_and_once_when_they_are():
    shop = a_shop()
    a_hold_rule(shop, kind="credit", over_credit_limit=True)
    customer = a_known_customer(shop)
    set_credit_limits([customer.pk], amount=10_000, reason="与信", actor=STAFF, at=AT)
    deferred = {"customer_id": customer.pk, "payment_method": PaymentMethod.DEFERRED}
    first = an_order(shop, (shop.variant(6_000), 1), **deferred)
    paid_first = an_order(shop, (shop.variant(3_000), 1), customer_id=customer.pk, payment_method=TAKE)

    second = an_order(shop, (shop.variant(5_000), 1), **deferred)
    ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=first).pk)], actor=STAFF, at=AT)
    cancel_orders([second.pk], reason="お客様のご都合", actor=STAFF, at=AT)
    third = an_order(shop, (shop.variant(4_000), 1), **deferred)

    assert [order.open_holds for order in (first, paid_first, second, third)] == [0, 0, 1, 0]


@needs_database
def test_orders_that_come_together_count_together():
    shop = a_shop()
    a_hold_rule(shop, kind="credit", over_credit_limit=True)
    customer = a_known_customer(shop)
    set_credit_limits([customer.pk], amount=10_000, reason="与信", actor=STAFF, at=AT)
    drafts = [
        a_draft(shop, (shop.variant(6_000), 1), customer_id=customer.pk, payment_method=PaymentMethod.DEFERRED, cart_ref=new_id())
        for _n in range(2)
    ]

    place_orders(drafts, actor=STAFF, at=AT)

    assert list(Order.objects.order_by("pk").values_list("open_holds", flat=True)) == [0, 1]


@needs_database
def test_a_credit_limit_is_set_changed_and_lifted():
    shop = a_shop()
    customer = a_known_customer(shop)

    def limited(amount: int | None) -> Any:
        (answer,) = set_credit_limits([customer.pk], amount=amount, reason="与信", actor=STAFF, at=AT)
        customer.refresh_from_db()
        return (answer.code, answer.field) if isinstance(answer, Refusal) else (answer.fields, customer.credit_limit)

    assert limited(30_000) == (("credit_limit",), 30_000)
    assert limited(30_000) == ((), 30_000)
    assert limited(-1) == ("customer.credit_limit", "/credit_limit")
    assert limited(None) == (("credit_limit",), None)


# ------------------------------------------------------------------------------------------- changes


def change(order: Order, *items: ChangeItem) -> None:
    opened = open_change(order.pk, items=items, actor=STAFF, at=LATER)
    assert not isinstance(opened, Refused), opened
    result = confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=LATER)  # type: ignore[union-attr]
    assert not isinstance(result, Refused), result
    order.refresh_from_db()


def more(order: Order, quantity: int) -> ChangeItem:
    line = order.lines.get(until_revision=None)
    return ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after=str(quantity))


@needs_database
@pytest.mark.parametrize(
    ("_case", "rule", "item"),
    [
        ("quantity", {"kind": "quantity", "article_pieces_from": 5}, lambda order: more(order, 5)),
        ("quantity in a period", {"kind": "quantity", "pieces_from": 5, "pieces_within_days": 3}, lambda order: more(order, 5)),
        ("credit", {"kind": "credit", "over_credit_limit": True}, lambda order: more(order, 5)),
        (
            "words", {"kind": "words", "words": ["代理店"]},
            lambda order: ChangeItem(kind=ChangeKind.DESTINATION, target="1", field="building", after="代理店方"),
        ),
        ("profile", {"kind": "manual", "profile": "wine"}, lambda order: ChangeItem(kind=ChangeKind.ADDED, target="WINE", after="1")),
        ("deferred", {"kind": "approval", "awaits_approval": True}, lambda order: ChangeItem(kind=ChangeKind.PAYMENT, after="deferred")),
    ],
)  # fmt: skip
def test_a_change_is_asked_again_and_holds_what_it_meets_only_now(_case: str, rule: dict[str, Any], item: Any) -> None:
    shop = a_shop()
    shop.variant(sku="WINE", profile="wine")
    customer = a_known_customer(shop)
    set_credit_limits([customer.pk], amount=3_000, reason="与信", actor=STAFF, at=AT)
    a_hold_rule(shop, **rule)
    order = an_order(shop, (shop.variant(), 1), customer_id=customer.pk)
    assert order.open_holds == 0

    change(order, item(order))

    assert list(order.holds.values_list("kind", flat=True)) == [rule["kind"]]
    assert order.open_holds == 1
    change(order, ChangeItem(kind=ChangeKind.DESTINATION, target="1", field="street", after="神田2-2"))
    assert order.open_holds == 1


# ------------------------------------------------------------------------------------------- the counter


@needs_database
@pytest.mark.parametrize(
    ("_case", "given", "field"),
    [
        ("an approval without its kind", {"kind": "manual", "awaits_approval": True}, "__all__"),
        ("a kind without its approval", {"kind": "approval", "has_remark": True}, "__all__"),
        ("days without pieces", {"kind": "quantity", "has_remark": True, "pieces_within_days": 3}, "__all__"),
        ("a profile that is not there", {"kind": "manual", "profile": "wine"}, "profile"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(_case: str, given: dict[str, Any], field: str) -> None:
    shop = a_shop()
    with pytest.raises(ValidationError) as refused:
        HoldRule(company=shop.company, name="確認", **given).full_clean()
    assert list(refused.value.message_dict) == [field]
    if field == "__all__":
        with pytest.raises(IntegrityError):
            a_hold_rule(shop, **given)


@needs_database
def test_an_operator_writes_a_rule_of_words_and_pieces_and_the_list_tells_it():
    shop, desk = a_shop(), a_desk()
    a_profile(shop, "wine", name="お酒")
    page = {
        "company": shop.company.pk, "position": "1", "name": "業者の確認", "kind": "words", "words": "代理店， レオパレス", "profile": "wine",
        "article_pieces_from": "10", "pieces_within_days": "30", "postal_prefixes": "",
    }  # fmt: skip

    response = desk.post(reverse("admin:orders_holdrule_add"), page)

    assert response.status_code == 302, response.context["errors"]
    rule = HoldRule.objects.get()
    assert rule.words == ["代理店", "レオパレス"]
    told = desk.get(reverse("admin:orders_holdrule_changelist")).content.decode()
    assert "住所・備考の言葉" in told
    assert "一つの商品の点数（以上）: 10" in told
