"""Talk scripts: what is read aloud at the order desk, and what must have been said before an order is placed."""

from datetime import date
from typing import Any

import pytest

from catalog.models import Variant
from catalog.rules import PurchaseType
from core.actor import SYSTEM
from core.db import acting
from core.queries import forget_kept
from orders.models import Order, ScriptSaid, TalkScript
from orders.operations import place_orders
from orders.operations.erasing import blank_customers
from orders.rules import (
    DeskFacts,
    DeskLine,
    DeskStep,
    SaidScript,
    ScriptTerms,
    SpokenScript,
    is_read,
    script_faults,
    spoken,
    unsaid,
)
from subscriptions.models import Subscription
from tests.factories.customers import a_customer
from tests.factories.orders import AT, Shop, a_draft, an_order, placed, repeated
from tests.factories.subscriptions import a_plan, something_to_subscribe
from tests.orders.test_entry import a_desk, a_phone_shop, nothing_was_written, press, the_page

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 11)
NEW = "/admin/orders/talkscript/add/"


def a_script(shop: Shop, text: str = "お電話ありがとうございます。{company}の{operator}です。", **given: Any) -> TalkScript:
    with acting(SYSTEM):
        script = TalkScript.objects.create(company=shop.company, text=text, **{"name": "名乗り", "step": "greeting", **given})
    forget_kept()
    return script


def terms(**given: Any) -> ScriptTerms:
    return ScriptTerms(**{"script_id": 1, "name": "x", "step": DeskStep.GREETING, "text": "x", **given})


FACTS = {
    "channel_id": 1, "medium": "ＴＶ", "ad_code": "tv-5", "f_number": 3, "has_ordered": True,
    "lines": (DeskLine(sku="TEA", categories=frozenset({"tea"})), DeskLine(sku="CREAM", form=PurchaseType.SUBSCRIPTION)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("_case", "script", "desk", "expected"),
    [
        ("no condition", {}, {}, True),
        ("its channel", {"channel_id": 1}, {}, True),
        ("another channel", {"channel_id": 2}, {}, False),
        ("its medium, in other width", {"media": frozenset({"tv"})}, {}, True),
        ("another medium", {"media": frozenset({"radio"})}, {}, False),
        ("its ad code, in other case", {"ad_codes": frozenset({"TV-5", "x"})}, {}, True),
        ("no ad code yet", {"ad_codes": frozenset({"TV-5"})}, {"ad_code": ""}, False),
        ("its product", {"skus": frozenset({"TEA"})}, {}, True),
        ("another product", {"skus": frozenset({"OTHER"})}, {}, False),
        ("its product group", {"categories": frozenset({"tea", "food"})}, {}, True),
        ("nothing typed yet", {"skus": frozenset({"TEA"})}, {"lines": ()}, False),
        ("a subscription", {"form": PurchaseType.SUBSCRIPTION}, {}, True),
        ("a subscription of another product", {"form": PurchaseType.SUBSCRIPTION, "skus": frozenset({"TEA"})}, {}, False),
        ("the first order", {"first_order": True}, {"has_ordered": False}, True),
        ("not the first order", {"first_order": True}, {}, False),
        ("within its purchase numbers", {"f_from": 3, "f_until": 3}, {}, True),
        ("before its purchase numbers", {"f_from": 4}, {}, False),
        ("after its purchase numbers", {"f_until": 2}, {}, False),
        ("a customer who needs attention", {"attention_only": True}, {"attention": True}, True),
        ("any other customer", {"attention_only": True}, {}, False),
        ("on its first day", {"from_on": TODAY}, {}, True),
        ("on the day it ends", {"until_on": TODAY}, {}, False),
        ("before it begins", {"from_on": date(2026, 5, 12)}, {}, False),
    ],
)
def test_a_script_is_read_when_all_its_conditions_are_met(_case, script, desk, expected):
    assert is_read(terms(**script), DeskFacts(**{**FACTS, **desk}), today=TODAY) is expected


@pytest.mark.parametrize(
    ("_case", "text", "codes"),
    [
        ("known ones", "{customer}様、合計{total}です。", []),
        ("none", "こんにちは", []),
        ("an unknown one, named once", "{custmer} {custmer}", ["script.unknown_placeholder"]),
        ("a look into an object", "{customer.__class__}", ["script.unknown_placeholder"]),
        ("an empty one", "{}", ["script.unknown_placeholder"]),
        ("a brace alone", "合計{total です", ["script.open_brace"]),
        ("a brace too many", "{total}}", ["script.open_brace"]),
    ],
)
def test_placeholders_are_checked_before_a_text_is_kept(_case, text, codes):
    assert [fault.code for fault in script_faults(text)] == codes


def test_what_was_typed_is_never_read_as_a_placeholder():
    assert spoken("{customer}様、{total}", {"customer": "{total} <b>", "total": "1,000円"}) == "{total} <b>様、1,000円"
    assert spoken("{delivery_day}お届け", {}) == "――お届け"


def test_other_words_are_read_anew():
    said = SpokenScript(script_id=1, name="確認", step=DeskStep.CLOSING, words="合計1,000円", must_say=True)
    moved = SpokenScript(script_id=1, name="確認", step=DeskStep.CLOSING, words="合計1,200円", must_say=True)

    assert unsaid([said], [said.mark]) == []
    assert [fault.code for fault in unsaid([moved], [said.mark])] == ["order.script_unsaid"]


@pytest.mark.parametrize(
    ("_case", "said", "named"),
    [("an unknown placeholder", {"text": "{customer}様、{price}です"}, "{price}"), ("a brace alone", {"text": "{customer様"}, "{total}")],
)
def test_a_text_with_a_wrong_placeholder_is_not_saved_and_says_which(_case, said, named):
    shop, desk = a_phone_shop(), a_desk()
    page = {"company": shop.company.pk, "step": "greeting", "position": "1", "name": "名乗り", **said}

    answer = desk.post(NEW, page)

    assert answer.status_code == 200
    assert named in " ".join(answer.context["adminform"].form.errors["text"])
    assert not TalkScript.objects.exists()


def test_a_text_is_saved_with_who_wrote_it():
    shop, desk = a_phone_shop(), a_desk()
    page = {
        "company": shop.company.pk,
        "step": "closing",
        "position": "2",
        "name": "復唱",
        "text": "合計{total}でございます。",
        "media": "ＴＶ, radio",
    }

    answer = desk.post(NEW, page)

    assert answer.status_code == 302
    assert TalkScript.objects.get().media == ["TV", "radio"]


def test_the_texts_are_shown_live_with_the_words_of_the_order():
    shop, desk = a_phone_shop(), a_desk()
    a_script(shop)
    a_script(shop, "{customer}様、{product}で合計{total}、{payment_method}ですね。", step="closing", name="復唱")
    tea = shop.variant(1_234)

    answer = press(desk, the_page(shop, (tea, 2)), "", **{"HX-Request": "true", "HX-Target": "entry-side"}).content.decode()

    assert f"お電話ありがとうございます。{shop.company.name}の佐々木 美咲です。" in answer
    assert "山田 花子様" in answer
    assert "合計2,468円、代金引換ですね。" in answer
    assert 'aria-labelledby="desk-talk-title" hx-swap-oob="true"' in answer


def test_what_a_caller_says_is_no_markup():
    shop, desk = a_phone_shop(), a_desk()
    a_script(shop, "{customer}様")

    answer = press(desk, the_page(shop, (shop.variant(), 1), family_name="<script>x</script>"), "refresh").content.decode()

    assert "<script>x" not in answer
    assert "&lt;script&gt;x&lt;/script&gt; 花子様" in answer


def test_only_scripts_of_this_caller_are_shown():
    shop, desk = a_phone_shop(), a_desk()
    regular, tea = a_customer(shop.company, attention=True), shop.variant()
    an_order(shop, (tea, 1), customer_id=regular.pk, person=None)
    a_script(shop, "はじめてのお客様", first_order=True)
    a_script(shop, "二回目のお客様", f_from=2, f_until=2)
    a_script(shop, "ご注意のお客様", attention_only=True)
    a_script(a_phone_shop(), "よその会社")

    stranger = press(desk, the_page(shop), "refresh").context["talk"]
    known = press(desk, the_page(shop, customer=str(regular.pk)), "refresh").context["talk"]

    assert [s.words for s in stranger.scripts] == ["はじめてのお客様"]
    assert [s.words for s in known.scripts] == ["二回目のお客様", "ご注意のお客様"]


def placed_after_saying(desk: Any, page: dict[str, Any]) -> Any:
    """Look at the total, tick everything, place."""
    shown = press(desk, page, "refresh")
    marks = [one.mark for one in shown.context["talk"].scripts if one.must_say]
    total = str(shown.context["quote"].sums.total)
    return press(desk, {**page, "expected_total": total, "said": marks}, "place")


def test_what_must_be_said_and_was_not_refuses_the_order():
    shop, desk = a_phone_shop(), a_desk()
    a_script(shop, "合計{total}です。", step="closing", name="最終確認", must_say=True)

    answer = press(desk, the_page(shop, (shop.variant(1_000), 1), expected_total="1000"), "place")

    assert answer.status_code == 422
    assert "最終確認" in answer.context["faults"]["said"][0]
    assert "最終確認" in answer.content.decode()
    assert nothing_was_written()


def test_who_said_what_is_kept_with_the_order():
    shop, desk = a_phone_shop(), a_desk()
    script = a_script(shop, "{customer}様、合計{total}です。", step="closing", name="最終確認", must_say=True)
    page = the_page(shop, (shop.variant(1_000), 1))

    answer, again = placed_after_saying(desk, page), placed_after_saying(desk, page)

    order = Order.objects.get()
    kept = ScriptSaid.objects.get()
    assert answer.url == again.url == f"/admin/orders/order/{order.pk}/change/"
    assert (kept.order_id, kept.script_id, kept.text) == (order.pk, script.pk, "山田 花子様、合計1,000円です。")
    assert (kept.actor_kind, kept.actor_label) == ("staff", "佐々木 美咲")
    assert "山田 花子様、合計1,000円です。" in desk.get(answer.url).content.decode()


def test_a_total_that_moved_after_it_was_said_is_said_again():
    shop, desk = a_phone_shop(), a_desk()
    a_script(shop, "合計{total}です。", name="最終確認", must_say=True)
    tea = shop.variant(1_000)
    said = [one.mark for one in press(desk, the_page(shop, (tea, 1)), "refresh").context["talk"].scripts]

    answer = press(desk, the_page(shop, (tea, 2), expected_total="2000", said=said), "place")

    assert answer.context["faults"]["said"]
    assert nothing_was_written()


def test_a_subscription_by_phone_is_placed_once_its_terms_were_read():
    shop, desk = a_phone_shop(), a_desk()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    a_script(shop, "「{product}」は{course}でお届けします。", step="payment", name="定期の最終確認", form="subscription", must_say=True)
    once = the_page(shop, (tea, 1))

    shown = press(desk, once, "refresh")
    choice = shown.context["lines"][0].courses[0].choice
    page = {**once, "line_form": [choice]}
    total = str(press(desk, page, "refresh").context["quote"].sums.total)
    refused = press(desk, {**page, "expected_total": total}, "place")
    placed_after_saying(desk, page)

    assert shown.context["talk"].scripts == ()
    assert refused.status_code == 422
    line = Order.objects.get().lines.get()
    assert (line.purchase_type, line.cycle) == ("subscription", 1)
    assert Subscription.objects.get().first_order_id == line.order_id
    assert shown.context["lines"][0].courses[0].label in ScriptSaid.objects.get().text


def test_what_is_sold_by_subscription_only_can_be_taken_by_phone():
    shop, desk = a_phone_shop(), a_desk()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    with acting(SYSTEM):
        Variant.objects.filter(pk=tea.pk).update(purchase_types="subscription")

    found = press(desk, the_page(shop, article_q=tea.sku), "article")

    assert [n.sku for n in found.context["typed"].lines] == [tea.sku]
    assert found.context["lines"][0].courses


@pytest.mark.parametrize("form", ["nonsense", "nonsense|99x", "|"])
def test_a_course_nobody_offers_is_refused_at_its_line(form):
    shop, desk = a_phone_shop(), a_desk()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    page = {**the_page(shop, (tea, 1), expected_total="1000"), "line_form": [form]}

    answer = press(desk, page, "place")

    assert answer.status_code in (302, 422)
    assert Order.objects.exists() == (form == "|")


def test_the_same_text_is_kept_once_and_goes_with_the_customer():
    shop = a_phone_shop()
    script = a_script(shop)
    (order,) = placed(repeated(a_draft(shop, (shop.variant(), 1), said=(SaidScript(script.pk, "山田様"),))))

    with acting(SYSTEM):
        blank_customers([order.customer_id], actor=SYSTEM, at=AT)

    assert ScriptSaid.objects.get().text == ""


def test_a_refused_order_keeps_nothing_of_what_was_said():
    shop = a_phone_shop(locations=1)
    script = a_script(shop)
    draft = a_draft(shop, (shop.variant(stock=[0]), 1), said=(SaidScript(script.pk, "山田様"),))

    place_orders([draft], actor=SYSTEM, at=AT)

    assert not ScriptSaid.objects.exists()
