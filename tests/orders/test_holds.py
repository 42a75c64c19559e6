"""Orders wait for somebody to look at them: by rules an operator edits, ticked off one by one by whoever may."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import PaymentMethod
from core.actor import SYSTEM, Actor, ActorKind
from core.db import rows
from core.errors import Refusal
from core.models import OutboxEvent, PostalCode
from orders.models import Hold, HoldRule, Order, Shipment
from orders.operations import Leaving, cancel_orders, raise_holds, release_holds, ship_shipments, tick_off_holds
from orders.queries import invariants
from orders.rules import DraftDestination, HeldDestination, HoldFacts, HoldKind, HoldRow, raised_holds
from tests.factories import customers as make
from tests.factories.orders import AT, STAFF, a_channel, a_draft, a_hold_rule, a_known_customer, a_place, a_shop, an_order, placed
from tests.orders.test_admin import said
from tests.orders.test_entry import a_desk

needs_database = pytest.mark.django_db
LATER = AT + timedelta(hours=1)

# ------------------------------------------------------------------------------------------- rules

PLAIN = HoldFacts(
    channel_id=1, method=PaymentMethod.CARD, total=5_000, destinations=(HeldDestination(postal_code="1010051", prefecture="東京都"),)
)


def holds(facts: HoldFacts, **conditions: Any) -> bool:
    return bool(raised_holds([HoldRow(id=1, name="確認", kind=HoldKind.MANUAL, **conditions)], facts, at=AT))


def facts(**given: Any) -> HoldFacts:
    return HoldFacts(**{**{name: getattr(PLAIN, name) for name in PLAIN.__slots__}, **given})


def to(**given: Any) -> tuple[HeldDestination, ...]:
    return (HeldDestination(**{"postal_code": "1010051", "prefecture": "東京都", **given}),)


@pytest.mark.parametrize(
    ("conditions", "met", "missed"),
    [
        ({"channel_id": 1}, facts(), facts(channel_id=2)),
        ({"method": PaymentMethod.CARD}, facts(), facts(method=PaymentMethod.CASH_ON_DELIVERY)),
        ({"total_from": 5_000}, facts(), facts(total=4_999)),
        ({"first_order": True}, facts(is_first=True), facts()),
        ({"has_remark": True}, facts(remark="玄関先に"), facts(remark=" \n　")),
        ({"repeats_within_days": 2}, facts(repeated_at=AT - timedelta(days=2)), facts(repeated_at=AT - timedelta(days=2, seconds=1))),
        ({"repeats_within_days": 2}, facts(repeated_at=AT), facts()),
        ({"has_time_band": True}, facts(destinations=to(time_band="am")), facts()),
        ({"postal_differs": True}, facts(destinations=to(prefectures={"大阪府"})), facts(destinations=to(prefectures={"東京都", "大阪府"}))),
        ({"postal_differs": True}, facts(destinations=to(prefectures={"大阪府"})), facts(destinations=to(prefectures=()))),
        ({"postal_prefixes": ("906", "1010")}, facts(), facts(destinations=to(postal_code="9010051"))),
    ],
)  # fmt: skip
def test_a_condition_is_met_or_missed(conditions: dict[str, Any], met: HoldFacts, missed: HoldFacts) -> None:
    assert holds(met, **conditions)
    assert not holds(missed, **conditions)


def test_conditions_of_an_address_are_met_by_one_and_the_same_destination() -> None:
    island, town = {"postal_code": "9070001", "prefecture": "沖縄県"}, {"time_band": "am"}

    assert holds(facts(destinations=to(**island, **town)), postal_prefixes=("907",), has_time_band=True)
    assert not holds(facts(destinations=(*to(**island), *to(**town))), postal_prefixes=("907",), has_time_band=True)


NAMED: dict[str, Any] = {
    "channel_id": 2, "method": PaymentMethod.CASH_ON_DELIVERY, "total_from": 30_000, "first_order": True, "has_remark": True,
    "repeats_within_days": 3, "has_time_band": True, "postal_differs": True, "postal_prefixes": ("907",),
}  # fmt: skip
MEETS_ALL = HoldFacts(
    channel_id=2, method=PaymentMethod.CASH_ON_DELIVERY, total=30_000, remark="急ぎ", is_first=True, repeated_at=AT,
    destinations=to(postal_code="9070001", time_band="am", prefectures={"沖縄県"}),
)  # fmt: skip


@given(st.sets(st.sampled_from(sorted(NAMED)), min_size=1))
def test_a_rule_holds_what_meets_all_of_its_conditions_and_nothing_that_misses_one(names: set[str]) -> None:
    conditions = {name: NAMED[name] for name in names}

    assert holds(MEETS_ALL, **conditions)
    assert not holds(PLAIN, **conditions)
    for other in set(NAMED) - names:
        assert not holds(PLAIN, **conditions, **{other: NAMED[other]})


# ------------------------------------------------------------------------------------------- placing


@needs_database
def test_an_order_is_held_by_each_rule_it_meets_and_nothing_of_it_leaves():
    shop = a_shop()
    a_hold_rule(shop, name="備考欄の確認", kind="remark", has_remark=True, position=2)
    a_hold_rule(shop, name="3千円以上", kind="amount", total_from=3_000, position=1)
    a_hold_rule(shop, name="1万円以上", kind="amount", total_from=10_000)

    order = an_order(shop, (shop.variant(1_080), 3), remark="不在時は宅配ボックスへ")

    assert list(order.holds.order_by("pk").values_list("kind", "reason", "actor_kind")) == [
        ("amount", "3千円以上", "rule"), ("remark", "備考欄の確認", "rule"),
    ]  # fmt: skip
    assert order.open_holds == 2
    assert OutboxEvent.objects.filter(name="orders.HoldRaised").count() == 2
    (answer,) = ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=order).pk)], actor=STAFF, at=LATER)
    assert isinstance(answer, Refusal)
    assert answer.code == "order.on_hold"


@needs_database
def test_an_order_that_meets_no_rule_of_its_company_goes_on():
    shop, other = a_shop(), a_shop()
    a_hold_rule(shop, has_remark=True)
    a_hold_rule(shop, channel=a_channel(shop.company))
    a_hold_rule(shop, total_from=1, ended_at=AT)
    a_hold_rule(other, total_from=1)

    assert an_order(shop).open_holds == 0


@needs_database
def test_a_first_order_on_delivery_over_an_amount_is_held_and_the_second_is_not():
    shop = a_shop()
    a_hold_rule(shop, method="cash_on_delivery", first_order=True, total_from=2_000)
    tea, known = shop.variant(1_000), a_known_customer(shop)

    first, second, paid = placed(
        a_draft(shop, (tea, 2), customer_id=known.pk),
        a_draft(shop, (tea, 3), customer_id=known.pk),
        a_draft(shop, (tea, 3), payment_method=PaymentMethod.BANK_TRANSFER),
    )
    (later,) = placed(a_draft(shop, (tea, 4), customer_id=known.pk), at=LATER)

    held = dict(Order.objects.values_list("pk", "open_holds"))
    assert [held[one.order_id] for one in (first, second, paid, later)] == [1, 0, 0, 0]


@needs_database
def test_the_same_products_ordered_again_are_held_under_whichever_number_the_person_ordered_them():
    shop = a_shop()
    a_hold_rule(shop, kind="duplicate", repeats_within_days=1)
    tea, cup, known = shop.variant(), shop.variant(), a_known_customer(shop)
    twin = a_known_customer(shop)
    an_order(shop, (tea, 1), (cup, 1), customer_id=twin.pk)
    type(twin).objects.filter(pk=twin.pk).update(principal=known)

    other, again, late = (
        placed(a_draft(shop, *wanted, customer_id=known.pk), at=at)[0].order_id
        for wanted, at in (([(tea, 1)], LATER), ([(cup, 5), (tea, 2)], LATER), ([(tea, 1), (cup, 1)], AT + timedelta(days=3)))
    )

    held = dict(Order.objects.values_list("pk", "open_holds"))
    assert [held[order] for order in (other, again, late)] == [0, 1, 0]


@needs_database
def test_what_was_cancelled_is_no_duplicate():
    shop = a_shop()
    a_hold_rule(shop, repeats_within_days=1)
    tea, known = shop.variant(), a_known_customer(shop)
    first = an_order(shop, (tea, 1), customer_id=known.pk)
    cancel_orders([first.pk], reason="間違い", actor=STAFF, at=AT)

    assert an_order(shop, (tea, 1), customer_id=known.pk).open_holds == 0


@needs_database
def test_a_prefecture_that_is_not_that_of_the_postal_code_is_held():
    shop = a_shop()
    a_hold_rule(shop, kind="address", postal_differs=True)
    PostalCode.objects.create(code="1010051", jis_code="13101", prefecture="東京都", city="千代田区", town="神田神保町")
    tea = shop.variant()

    right, wrong, unknown = placed(
        *(
            a_draft(shop, (tea, 1), destinations=(DraftDestination(place=a_place(**place)),))
            for place in ({}, {"prefecture": "大阪府"}, {"postal_code": "999-9999", "prefecture": "大阪府"})
        )
    )

    held = dict(Order.objects.values_list("pk", "open_holds"))
    assert [held[one.order_id] for one in (right, wrong, unknown)] == [0, 1, 0]


@needs_database
def test_rules_that_ask_the_past_take_one_statement_more_however_many_orders():
    shop = a_shop()
    tea = shop.variant(stock=[10_000])
    an_order(shop, (tea, 1))
    spent = []
    for rules in (0, 1):
        for many in (1, 30):
            if rules and many == 1:
                a_hold_rule(shop, repeats_within_days=1)
                a_hold_rule(shop, first_order=True, has_time_band=True)
            drafts = [a_draft(shop, (tea, 1)) for _n in range(many)]
            with CaptureQueriesContext(connection) as captured:
                placed(*drafts)
            spent.append(len([q for q in captured.captured_queries if "orders_holdrule" not in q["sql"]]))

    assert spent[1] == spent[0]
    assert spent[2:] == [spent[0] + 1] * 2


# ------------------------------------------------------------------------------------------- ticking off


def an_accountant(**given: Any) -> tuple[Actor, Group]:
    role = Group.objects.create(name="経理担当")
    account = make.a_staff_account(**given)
    account.groups.add(role)
    return Actor(ActorKind.STAFF, str(account.pk), "経理 花子"), role


@needs_database
def test_holds_are_ticked_off_one_by_one_and_the_order_goes_on_with_the_last():
    shop = a_shop()
    a_hold_rule(shop, name="備考", has_remark=True)
    a_hold_rule(shop, name="金額", total_from=1)
    order = an_order(shop, remark="急ぎ")
    first, second = order.holds.order_by("pk")

    (answer,) = tick_off_holds([first.pk], reason="読んだ", actor=STAFF, at=LATER)
    order.refresh_from_db()
    assert (answer.order_id, answer.repeated, order.open_holds) == (order.pk, False, 1)

    again, done, unknown = tick_off_holds([first.pk, second.pk, 10**9], reason="確認", actor=STAFF, at=LATER + timedelta(hours=1))
    order.refresh_from_db()
    assert (again.repeated, done.repeated, unknown.code, order.open_holds) == (True, False, "order.hold_not_found", 0)
    assert list(Hold.objects.order_by("pk").values_list("released_by", flat=True)) == ["受注 太郎: 読んだ", "受注 太郎: 確認"]
    assert OutboxEvent.objects.filter(name="orders.HoldReleased").count() == 2


@needs_database
def test_a_guarded_hold_is_released_by_its_role_alone():
    accountant, role = an_accountant()
    clerk = make.a_staff_account()
    chief = make.a_staff_account()
    chief.user_permissions.add(Permission.objects.get(codename="change_holdrule"))
    shop = a_shop()
    a_hold_rule(shop, name="与信", total_from=1, role=role)
    a_hold_rule(shop, name="備考", has_remark=True)
    orders = [an_order(shop, remark="急ぎ") for _n in range(4)]

    def release(order: Order, actor: Actor) -> Any:
        (answer,) = release_holds([order.pk], reason="確認", actor=actor, at=LATER)
        order.refresh_from_db()
        return answer and (answer.code, answer.params), order.open_holds

    refused = ("order.hold_of_another_role", {"role": "経理担当"})
    assert release(orders[0], Actor(ActorKind.STAFF, str(clerk.pk), "受注")) == (refused, 2)
    assert release(orders[0], Actor(ActorKind.PARTNER, str(chief.pk), "連携")) == (refused, 2)
    assert release(orders[0], accountant) == (None, 0)
    assert release(orders[1], Actor(ActorKind.STAFF, str(chief.pk), "管理")) == (None, 0)
    assert release(orders[2], SYSTEM) == (None, 0)
    cancel_orders([orders[3].pk], reason="お客様のご都合", actor=Actor(ActorKind.STAFF, str(clerk.pk), "受注"), at=LATER)
    assert not [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)]


@needs_database
def test_whoever_has_left_the_company_releases_nothing():
    accountant, role = an_accountant(is_active=False)
    shop = a_shop()
    a_hold_rule(shop, total_from=1, role=role)
    hold = an_order(shop).holds.get()

    (answer,) = tick_off_holds([hold.pk], reason="確認", actor=accountant, at=LATER)

    assert answer.code == "order.hold_of_another_role"
    assert Hold.objects.get().released_at is None


# ------------------------------------------------------------------------------------------- the counter


@needs_database
def test_a_rule_without_conditions_is_refused_by_the_form_and_by_the_database():
    shop = a_shop()
    with pytest.raises(ValidationError):
        HoldRule(company=shop.company, name="全部", kind="manual").full_clean()
    with pytest.raises(IntegrityError):
        a_hold_rule(shop)


@needs_database
def test_an_operator_writes_a_rule_and_the_next_order_is_held():
    shop, desk = a_shop(), a_desk()
    add = reverse("admin:orders_holdrule_add")
    page = {
        "company": shop.company.pk,
        "position": "1",
        "name": "高額の確認",
        "kind": "amount",
        "total_from": "５０００",
        "postal_prefixes": "",
    }

    empty = desk.post(add, {**page, "total_from": ""})
    assert empty.status_code == 200
    assert "条件を一つ以上" in empty.content.decode()
    odd = desk.post(add, {**page, "postal_prefixes": "90A"})
    assert "郵便番号" in str(odd.context["errors"])
    assert desk.post(add, {**page, "postal_prefixes": "１０１－, 907", "total_from": "5000"}).status_code == 302

    assert HoldRule.objects.get().postal_prefixes == ["101", "907"]
    assert an_order(shop, (shop.variant(5_000), 1)).open_holds == 1
    assert "合計金額（以上）: 5,000" in desk.get(reverse("admin:orders_holdrule_changelist")).content.decode()


@needs_database
def test_the_list_of_holds_is_worked_off_row_by_row():
    shop, desk = a_shop(), a_desk("orders.view_hold", "orders.release_hold")
    _accountant, role = an_accountant()
    a_hold_rule(shop, name="備考", has_remark=True)
    free = an_order(shop, remark="急ぎ").holds.get()
    a_hold_rule(shop, name="与信", total_from=1, role=role)
    guarded = an_order(shop).holds.get()
    url = reverse("admin:orders_hold_changelist")

    shown = desk.get(url)
    assert [row.pk for row in shown.context["cl"].result_list] == [free.pk, guarded.pk]
    response = desk.post(
        url, {"action": "verb_release", "_selected_action": [free.pk, guarded.pk], "verb_confirmed": "1", "reason": "確認"}
    )

    words = " ".join(str(m) for m in response.wsgi_request._messages)
    assert "経理担当" in words
    assert [row.pk for row in desk.get(url).context["cl"].result_list] == [guarded.pk]
    assert [row.pk for row in desk.get(url, {"state": "released"}).context["cl"].result_list] == [free.pk]
    assert [row.pk for row in desk.get(url, {"state": "all"}).context["cl"].result_list] == [free.pk, guarded.pk]


@needs_database
def test_a_hold_on_the_order_page_leads_to_its_release():
    desk = a_desk()
    order = an_order()
    raise_holds([order.pk], reason="住所の確認", actor=STAFF, at=AT)
    hold = order.holds.get()
    path = reverse("admin:orders_hold_change", args=[hold.pk])

    assert path in desk.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    said(desk, hold, "release", reason="電話で確認")
    order.refresh_from_db()
    assert order.open_holds == 0


@needs_database
def test_staff_of_another_company_see_no_holds_and_release_none():
    order = an_order()
    raise_holds([order.pk], reason="x", actor=STAFF, at=AT)
    desk = a_desk(company=make.a_company())

    assert list(desk.get(reverse("admin:orders_hold_changelist")).context["cl"].result_list) == []
    assert desk.get(reverse("admin:orders_hold_change", args=[order.holds.get().pk])).status_code == 302


@needs_database
def test_staff_of_a_company_see_and_write_its_rules_only():
    shop, own = a_shop(), make.a_company()
    rule = a_hold_rule(shop, total_from=1)
    desk = a_desk(company=own)
    page = {"company": shop.company.pk, "position": "1", "name": "x", "kind": "amount", "total_from": "1", "postal_prefixes": ""}

    assert list(desk.get(reverse("admin:orders_holdrule_changelist")).context["cl"].result_list) == []
    assert desk.get(reverse("admin:orders_holdrule_change", args=[rule.pk])).status_code == 302
    refused = desk.post(reverse("admin:orders_holdrule_add"), page)
    assert "company" in refused.context["adminform"].form.errors
    assert HoldRule.objects.count() == 1


@needs_database
@pytest.mark.parametrize("many", [1, 50])
def test_the_list_of_holds_takes_as_many_statements_however_long(many: int):
    shop, desk = a_shop(), a_desk()
    tea = shop.variant()
    raise_holds([an_order(shop, (tea, 1)).pk for _n in range(many)], reason="x", actor=STAFF, at=AT)
    url = reverse("admin:orders_hold_changelist")
    desk.get(url)

    with CaptureQueriesContext(connection) as spent:
        response = desk.get(url)

    assert len(response.context["cl"].result_list) == many
    assert len(spent) <= 12, "\n".join(q["sql"][:100] for q in spent)
