"""Workflow profiles: the strictest of an order's goods says what must be there before it is placed and before it leaves."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Allocation
from orders.models import Hold, Line, Order, OrderWorkflow, Shipment
from orders.operations import (
    Confirming,
    Leaving,
    choose_inserts,
    confirm_change,
    open_change,
    place_orders,
    quote_orders,
    ship_shipments,
)
from orders.queries import insert_preview, workflow_of
from orders.rules import (
    NEUTRAL,
    ChangeItem,
    ChangeKind,
    Confirmation,
    DraftDestination,
    DraftLine,
    Gate,
    GiftPart,
    GiftRule,
    GiftWish,
    Placed,
    ProfileRow,
    Profiles,
    PurchaseForm,
    Refused,
    SubscriptionWish,
    Workflow,
    combine,
    leading,
    strictest,
)
from tests.factories.orders import AT, STAFF, a_draft, a_place, a_profile, a_shop, an_insert_rule, an_order, placed

needs_database = pytest.mark.django_db

# ------------------------------------------------------------------------------------------- rules

workflows = st.builds(
    Workflow,
    gates=st.frozensets(st.sampled_from(list(Gate))),
    gifts=st.dictionaries(st.sampled_from(list(GiftPart)), st.sampled_from([GiftRule.REQUIRED, GiftRule.REFUSED])),
    without_groups=st.frozensets(st.sampled_from(["spring", "catalogue"])),
    scripts=st.frozensets(st.tuples(st.sampled_from(["酒", "贈り物"]), st.just("伺います"))),
)


@given(workflows, workflows, workflows)
def test_the_strictest_of_several_is_the_same_in_whichever_order_and_however_often(a: Workflow, b: Workflow, c: Workflow) -> None:
    assert combine(a, b) == combine(b, a)
    assert combine(combine(a, b), c) == combine(a, combine(b, c))
    assert combine(a, a) == a
    assert combine(a, NEUTRAL) == a


@given(workflows, workflows)
def test_what_one_profile_asks_no_other_takes_away(a: Workflow, b: Workflow) -> None:
    both = combine(a, b)

    assert a.gates <= both.gates
    assert a.without_groups <= both.without_groups
    assert all(both.gifts[part] is GiftRule.REFUSED for part, rule in a.gifts.items() if rule is GiftRule.REFUSED)
    assert all(both.gifts[part] is not GiftRule.OFFERED for part in a.gifts)


def a_row(key: int, code: str, form: PurchaseForm = PurchaseForm.ANY, *gates: Gate) -> ProfileRow:
    return ProfileRow(id=key, code=code, form=form, name=code, needs=Workflow(gates=frozenset(gates)))


@pytest.mark.parametrize(
    ("_case", "code", "form", "found"),
    [
        ("the very form goes before every form", "gift", "subscription", 2),
        ("every form serves what has no row of its own", "gift", "normal", 1),
        ("spot and free goods are one-off", "tea", "spot", 4),
        ("a form without a row falls back on the default", "tea", "subscription", 3),
        ("an unknown code is the default's", "wine", "normal", 3),
        ("no code is the default's", "", "normal", 3),
    ],
)
def test_a_profile_is_found_by_code_and_form(_case: str, code: str, form: str, found: int) -> None:
    rows = [
        a_row(1, "gift"), a_row(2, "gift", PurchaseForm.SUBSCRIPTION), a_row(3, "default"), a_row(4, "tea", PurchaseForm.ONE_OFF),
    ]  # fmt: skip
    profiles = Profiles({(row.code, row.form): row for row in rows})

    profile = profiles.of(code, form)

    assert profile is not None
    assert profile.id == found


def test_a_company_without_profiles_asks_nothing_of_anything():
    assert Profiles().of("gift", "normal") is None
    assert strictest([]) == NEUTRAL
    assert leading([]) is None


def test_the_profile_that_asks_most_leads():
    mild, strict = a_row(1, "a", PurchaseForm.ANY, Gate.AGE), a_row(2, "b", PurchaseForm.ANY, Gate.AGE, Gate.PAYMENT)

    assert leading([mild, strict]) is leading([strict, mild]) is strict


# ------------------------------------------------------------------------------------------- placing

CONFIRMED = Confirmation(terms_version="2026-05", shown="合計 1,100円", shown_at=AT)


def refused(draft: Any) -> tuple[tuple[str, str], ...]:
    (answer,) = place_orders([draft], actor=STAFF, at=AT)
    assert isinstance(answer, Refused), answer
    assert not Order.objects.exists()
    assert not Hold.objects.exists()
    assert not Allocation.objects.exists()
    assert not OutboxEvent.objects.filter(name="orders.OrderPlaced").exists()
    return tuple((reason.code, reason.field) for reason in answer.reasons)


@needs_database
def test_a_shop_without_profiles_places_as_ever_and_writes_nothing_of_them():
    order = an_order(shop := a_shop(), (shop.variant(profile="wine"), 1))

    assert (order.open_holds, order.paid_first, order.inspected_first) == (0, False, False)
    assert not OrderWorkflow.objects.exists()
    assert Line.objects.get().profile == "wine"


@needs_database
@pytest.mark.parametrize(
    ("_case", "needs", "given", "expected"),
    [
        ("confirmation", {"needs_confirmation": True}, {}, (("order.gate_confirmation", "/told_confirmation"),)),
        ("age", {"needs_age": True}, {"confirmation": CONFIRMED}, (("order.gate_age", "/told_age"),)),
        ("cash on delivery", {"needs_payment": True}, {}, (("order.gate_payment", "/payment_method"),)),
        (
            "deferred", {"needs_payment": True}, {"payment_method": PaymentMethod.DEFERRED}, (("order.gate_payment", "/payment_method"),),
        ),
        ("noshi", {"noshi": "required"}, {}, (("gift.required", "/destinations/0/gift/noshi"),)),
        (
            "message and sender", {"message": "required", "sender": "required"}, {},
            (("gift.required", "/destinations/0/gift_message"), ("gift.required", "/destinations/0/gift/sender_name")),
        ),
        (
            "no sender", {"sender": "refused"},
            {"destinations": (DraftDestination(place=a_place(), gift=GiftWish(sender_name="田中商店")),)},
            (("gift.not_taken", "/destinations/0/gift/sender_name"),),
        ),
        (
            "no message", {"message": "refused"}, {"destinations": (DraftDestination(place=a_place(), gift_message="おめでとう"),)},
            (("gift.not_taken", "/destinations/0/gift_message"),),
        ),
        (
            "several at once", {"needs_confirmation": True, "needs_age": True, "needs_payment": True}, {},
            (
                ("order.gate_confirmation", "/told_confirmation"), ("order.gate_age", "/told_age"), ("order.gate_payment", "/payment_method"),
            ),
        ),
    ],
)  # fmt: skip
def test_an_order_that_lacks_what_its_profile_asks_is_refused_beside_its_field(
    _case: str, needs: dict[str, Any], given: dict[str, Any], expected: tuple[tuple[str, str], ...]
) -> None:
    shop = a_shop()
    a_profile(shop, "wine", **needs)

    assert refused(a_draft(shop, (shop.variant(profile="wine"), 1), **given)) == expected


@needs_database
def test_an_order_that_has_all_of_it_is_placed_with_what_was_told_and_who_led():
    shop = a_shop()
    a_profile(shop, "wine", name="お酒", needs_confirmation=True, needs_age=True, needs_payment=True, needs_inspection=True)
    a_profile(shop, "default", name="通常", needs_inspection=True)
    wine, tea = shop.variant(profile="wine", sku="WINE"), shop.variant(sku="TEA")

    order = an_order(shop, (wine, 1), (tea, 1), confirmation=CONFIRMED, told=(Gate.AGE,), payment_method=PaymentMethod.BANK_TRANSFER)

    assert (order.open_holds, order.paid_first, order.inspected_first) == (0, True, True)
    found = workflow_of(order.pk)
    assert found is not None
    assert (found.code, found.name, found.told) == ("wine", "お酒", (Gate.CONFIRMATION, Gate.AGE))
    assert [(one.code, one.skus, one.gates) for one in found.because] == [
        ("wine", ("WINE",), (Gate.CONFIRMATION, Gate.AGE, Gate.PAYMENT, Gate.INSPECTION)), ("default", ("TEA",), (Gate.INSPECTION,)),
    ]  # fmt: skip


@needs_database
def test_a_remark_waits_for_its_answer_where_a_profile_asks_and_for_the_role_it_names():
    shop, role = a_shop(), Group.objects.create(name="ギフト担当")
    a_profile(shop, "gift", name="贈り物", needs_answer=True, role=role)
    gift, tea = shop.variant(profile="gift"), shop.variant()

    orders = [
        an_order(shop, (gift, 1), remark="名入れできますか"), an_order(shop, (gift, 1)), an_order(shop, (tea, 1), remark="名入れできますか"),
    ]  # fmt: skip

    assert [order.open_holds for order in orders] == [1, 0, 0]
    hold = Hold.objects.get()
    assert (hold.kind, hold.reason, hold.role) == ("remark", "贈り物", role)


@needs_database
def test_prices_stay_hidden_by_themselves_where_a_profile_says_so():
    shop = a_shop()
    a_profile(shop, "gift", hidden_prices="required")
    gift = shop.variant(profile="gift")
    own = a_draft(shop, (gift, 1), destinations=(DraftDestination(place=a_place()),))
    shown = a_draft(shop, (gift, 1), destinations=(DraftDestination(place=a_place(), gift=GiftWish(hides_prices=False)),))

    (result,) = placed(own)
    (answer,) = place_orders([shown], actor=STAFF, at=AT)

    assert Order.objects.get(pk=result.order_id).destinations.get().gift.hides_prices is True
    assert isinstance(answer, Refused)
    assert (answer.code, answer.reasons[0].field) == ("gift.required", "/destinations/0/gift/hides_prices")


@needs_database
def test_a_quote_tells_what_is_missed_and_what_is_still_to_be_asked():
    shop = a_shop()
    a_profile(shop, "wine", needs_age=True, needs_payment=True, script="お届け先は成人の方のみです。")

    (quote,) = quote_orders([a_draft(shop, (shop.variant(profile="wine"), 1))], at=AT)

    assert not isinstance(quote, Refused)
    assert [fault.code for fault in quote.faults] == ["order.gate_payment"]
    assert quote.asks == (Gate.AGE,)
    assert quote.gated is not None
    assert [script for _name, script in quote.gated.needs.scripts] == ["お届け先は成人の方のみです。"]


@needs_database
def test_placing_with_profiles_takes_not_one_statement_more():
    shop = a_shop()
    variant = shop.variant(profile="gift", stock=[1_000])
    an_order(shop, (variant, 1))
    spent = []
    for profiles in (False, True):
        if profiles:
            a_profile(shop, "gift", needs_inspection=True, needs_answer=True)
            an_order(shop, (variant, 1))
        with CaptureQueriesContext(connection) as captured:
            placed(a_draft(shop, (variant, 1), remark="急ぎ"))
        spent.append(
            len([q for q in captured.captured_queries if "orders_workflowprofile" not in q["sql"] and "orders_holdrule" not in q["sql"]])
        )

    assert spent[1] == spent[0]
    assert OrderWorkflow.objects.count() == 2


@needs_database
def test_what_was_agreed_elsewhere_is_held_not_refused():
    shop = a_shop()
    a_profile(shop, "wine", name="お酒", needs_age=True, noshi="required")
    draft = a_draft(shop, (shop.variant(profile="wine"), 1), days_agreed=True)

    (result,) = placed(draft)

    assert list(Hold.objects.filter(order=result.order_id).values_list("kind", flat=True)) == ["gate", "gate"]
    assert all("お酒" in reason or "のし" in reason or "noshi" in reason for reason in Hold.objects.values_list("reason", flat=True))


@needs_database
def test_a_delivery_of_a_contract_is_of_the_subscription_form_and_was_confirmed_with_the_contract():
    shop = a_shop()
    a_profile(shop, "tea", form="one_off", needs_age=True, needs_confirmation=True, noshi="required")
    a_profile(shop, "tea", form="subscription", name="定期", needs_age=True, needs_confirmation=True, needs_inspection=True)
    tea = shop.variant(profile="tea", purchase_types="normal,subscription")
    line = DraftLine(
        variant_id=tea.pk, purchase_type=PurchaseType.SUBSCRIPTION, cycle=2,
        subscription=SubscriptionWish(contract=Order._meta.get_field("public_id").to_python("00000000-0000-4000-8000-000000000001")),
    )  # fmt: skip
    draft = replace(a_draft(shop, (tea, 1)), lines=(line,), days_agreed=True)

    (answer,) = quote_orders([draft], at=AT)

    assert not isinstance(answer, Refused)
    assert answer.gated is not None
    assert [p.name for p in answer.gated.profiles] == ["定期"]
    assert answer.gated.unmet == []


# ------------------------------------------------------------------------------------------- leaving


def leave(order: Order) -> Any:
    (answer,) = ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=order).pk)], actor=STAFF, at=AT)
    return answer.code if isinstance(answer, Refusal) else "left"


@needs_database
def test_goods_that_are_paid_first_stay_until_the_money_is_there():
    shop = a_shop()
    a_profile(shop, "gift", needs_payment=True)
    order = an_order(shop, (shop.variant(profile="gift"), 1), payment_method=PaymentMethod.CONVENIENCE_STORE)

    assert leave(order) == "order.awaiting_payment"
    assert insert_preview(shop.company.pk, at=AT).parcels == ()
    Order.objects.filter(pk=order.pk).update(payment_status="authorised")
    assert leave(order) == "left"


@needs_database
def test_goods_that_are_inspected_first_stay_until_they_were_whatever_the_location_says():
    shop = a_shop()
    a_profile(shop, "gift", needs_inspection=True)
    gift, tea = shop.variant(profile="gift"), shop.variant()
    order, plain = an_order(shop, (gift, 1)), an_order(shop, (tea, 1))

    assert leave(order) == "order.not_inspected"
    assert leave(plain) == "left"
    with pytest.raises(IntegrityError):
        Shipment.objects.filter(order=order).update(status="shipped")


# ------------------------------------------------------------------------------------------- inserts


@needs_database
def test_an_insert_rule_is_narrowed_to_profiles_and_a_profile_wants_nothing_of_a_group():
    shop = a_shop()
    a_profile(shop, "gift", without_groups=["catalogue"])
    narrowed = an_insert_rule(shop, profiles=["gift"])
    catalogue = an_insert_rule(shop, group="catalogue")
    gift, tea = shop.variant(profile="gift"), shop.variant()
    orders = [an_order(shop, (gift, 1)), an_order(shop, (tea, 1))]
    parcels = [Shipment.objects.get(order=order) for order in orders]

    choose_inserts([parcel.pk for parcel in parcels], actor=STAFF, at=AT)

    given = [list(parcel.inserts.values_list("rule_id", flat=True)) for parcel in parcels]
    assert given == [[narrowed.pk], [catalogue.pk]]


# ------------------------------------------------------------------------------------------- edits


def change(order: Order, *items: ChangeItem) -> Any:
    opened = open_change(order.pk, items=items, actor=STAFF, at=AT)
    if isinstance(opened, Refused):
        return opened
    return confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=AT)  # type: ignore[union-attr]


def added(sku: str) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.ADDED, target=sku, after="1")


@needs_database
def test_a_change_that_adds_goods_of_another_profile_asks_its_gates():
    shop = a_shop()
    a_profile(shop, "wine", name="お酒", needs_age=True, needs_inspection=True, needs_answer=True)
    shop.variant(profile="wine", sku="WINE")
    order = an_order(shop, (shop.variant(), 1), remark="夜に")

    result = change(order, added("WINE"))

    assert not isinstance(result, Refused), result
    order.refresh_from_db()
    assert (order.open_holds, order.inspected_first) == (2, True)
    assert sorted(order.holds.values_list("kind", flat=True)) == ["gate", "remark"]
    found = workflow_of(order.pk)
    assert found is not None
    assert [one.skus for one in found.because] == [("WINE",)]
    assert Line.objects.get(sku="WINE").profile == "wine"


@needs_database
def test_a_change_that_takes_the_goods_away_takes_their_gates_away():
    shop = a_shop()
    a_profile(shop, "gift", needs_inspection=True)
    order = an_order(shop, (shop.variant(profile="gift"), 1), (shop.variant(), 1))
    line = order.lines.get(profile="gift")

    result = change(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after="0"))

    assert not isinstance(result, Refused), result
    order.refresh_from_db()
    assert order.inspected_first is False
    assert workflow_of(order.pk) is None
    assert leave(order) == "left"


@needs_database
@pytest.mark.parametrize(
    ("_case", "needs", "expected"),
    [
        ("paid on delivery", {"needs_payment": True}, ("order.gate_payment", "/items/0/after")),
        ("no noshi", {"noshi": "required"}, ("gift.required", "/items/0/after")),
    ],
)
def test_a_change_that_a_profile_cannot_go_with_is_refused_beside_what_was_added(
    _case: str, needs: dict[str, Any], expected: tuple[str, str]
) -> None:
    shop = a_shop()
    a_profile(shop, "wine", **needs)
    shop.variant(profile="wine", sku="WINE")
    order = an_order(shop, (shop.variant(), 1))

    result = change(order, added("WINE"))

    assert isinstance(result, Refused)
    assert (result.code, result.reasons[0].field) == expected
    order.refresh_from_db()
    assert (order.revision, order.lines.count()) == (1, 1)


@needs_database
def test_a_change_that_has_nothing_to_do_with_it_is_not_refused_for_what_was_missing_before():
    shop = a_shop()
    gift = shop.variant(profile="gift")
    order = an_order(shop, (gift, 1))
    a_profile(shop, "gift", noshi="required", needs_payment=True, needs_age=True)

    result = change(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(order.lines.get().public_id), after="2"))

    assert not isinstance(result, Refused), result
    assert not Hold.objects.exists()


@needs_database
def test_a_change_to_cash_on_delivery_is_refused_beside_the_payment():
    shop = a_shop()
    a_profile(shop, "gift", needs_payment=True)
    order = an_order(shop, (shop.variant(profile="gift"), 1), payment_method=PaymentMethod.BANK_TRANSFER)

    result = change(order, ChangeItem(kind=ChangeKind.PAYMENT, after="cash_on_delivery"))

    assert isinstance(result, Refused)
    assert (result.code, result.reasons[0].field) == ("order.gate_payment", "/items/0/after")


@needs_database
def test_the_same_cart_twice_is_one_order_with_one_workflow():
    shop = a_shop()
    a_profile(shop, "gift", needs_answer=True)
    draft = replace(a_draft(shop, (shop.variant(profile="gift"), 1), remark="急ぎ"), outside_number="A-1")

    first, again = placed(draft), placed(draft)

    assert isinstance(again[0], Placed)
    assert (again[0].order_id, again[0].repeated) == (first[0].order_id, True)
    assert (OrderWorkflow.objects.count(), Hold.objects.count()) == (1, 1)
