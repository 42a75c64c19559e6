"""What may be agreed of a gift: noshi with its words, knot and names, wrapping, card, and what it costs."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules import (
    GIFT_FIELDS,
    AgreedGift,
    CardRow,
    FeeKind,
    GiftGoods,
    GiftMasters,
    GiftWish,
    Knot,
    NoshiPlacement,
    NoshiRow,
    Pairing,
    WrappingRow,
    agree_gift,
    gift_warnings,
    pairing_of,
    same_words,
    wish_as_text,
    wish_of_text,
)

CHUGEN = NoshiRow(id=1, code="chugen", name="御中元", knot=Knot.RED_WHITE_BOW, fee=0, tax_class="standard")
OWN = NoshiRow(id=2, code="own", name="表書き指定", knot=Knot.RED_WHITE_BOW, fee=110, tax_class="standard", own_title=True)
PLAIN = NoshiRow(id=3, code="plain", name="無地のし", knot=Knot.RED_WHITE_BOW, fee=0, tax_class="standard", most_names=0)
PAPER = WrappingRow(id=4, code="paper", name="和紙包装", fee=220, tax_class="standard", by_piece=True, largest_size=80)
BOX = WrappingRow(id=5, code="box", name="ギフト箱", fee=330, tax_class="standard", brand_id=7)
CARD = CardRow(id=6, code="card", name="メッセージカード", fee=55, tax_class="standard", most_characters=20, most_lines=2)
TIE_WARNS = Pairing(title="御歳暮", knot=Knot.RED_WHITE_TIE, is_refused=False, why="毎年の御歳暮は蝶結びが習わしです。")
TIE_REFUSED = Pairing(title="御中元", knot=Knot.RED_WHITE_TIE, is_refused=True, why="結び切りは一度きりの水引です。")
TEA = GiftGoods(product_id=20, variant_id=200, name="煎茶", quantity=3)
MASTERS = GiftMasters(
    noshi={n.code: n for n in (CHUGEN, OWN, PLAIN)}, wrappings={w.code: w for w in (PAPER, BOX)}, cards={"card": CARD},
    pairings=(TIE_WARNS, TIE_REFUSED),
)  # fmt: skip


def agreed(wish: GiftWish, **given: Any) -> AgreedGift | list[tuple[str, str]]:
    usual = {"message": "", "destination": 2, "goods": [TEA], "masters": MASTERS, "brand_id": None, "to_another": True}
    answer = agree_gift(wish, **{**usual, **given})
    return answer if isinstance(answer, AgreedGift) else [(fault.code, fault.field) for fault in answer]


def test_a_noshi_with_names_under_a_wrapping_by_the_piece_costs_what_it_says() -> None:
    found = agreed(GiftWish(noshi="chugen", names=("山田 太郎", "　", "花子"), wrapping="paper", card="card"), message="お元気で")

    assert isinstance(found, AgreedGift)
    assert (found.title, found.knot, found.names, found.hides_prices) == ("御中元", Knot.RED_WHITE_BOW, ("山田 太郎", "花子"), True)
    assert [(f.kind, f.label, f.amount, f.destination) for f in found.fees] == [
        (FeeKind.GIFT, "和紙包装 × 3", 660, 2),
        (FeeKind.GIFT, "メッセージカード", 55, 2),
    ]


@pytest.mark.parametrize(
    ("wish", "given", "expected"),
    [
        (GiftWish(noshi="nothing"), {}, [("gift.not_offered", "/gift/noshi")]),
        (GiftWish(noshi="chugen", title="寿"), {}, [("gift.title_fixed", "/gift/title")]),
        (GiftWish(noshi="own"), {}, [("gift.title_missing", "/gift/title")]),
        (GiftWish(noshi="own", title="あ" * 13), {}, [("order.too_long", "/gift/title")]),
        (GiftWish(noshi="chugen", names=("一", "二", "三", "四")), {}, [("gift.too_many_names", "/gift/names")]),
        (GiftWish(noshi="plain", names=("一",)), {}, [("gift.too_many_names", "/gift/names")]),
        (GiftWish(noshi="chugen", names=("あ" * 13,)), {}, [("gift.name_too_long", "/gift/names")]),
        (GiftWish(names=("一",)), {}, [("gift.noshi_missing", "/gift/noshi")]),
        (GiftWish(noshi="chugen", knot=Knot.RED_WHITE_TIE), {}, [("gift.unlucky", "/gift/knot")]),
        (GiftWish(noshi="own", title="お中元", knot=Knot.RED_WHITE_TIE), {}, [("gift.unlucky", "/gift/knot")]),
        (GiftWish(wrapping="box"), {}, [("gift.not_offered", "/gift/wrapping")]),
        (GiftWish(card="card"), {}, [("gift.message_missing", "/gift_message")]),
        (GiftWish(card="card"), {"message": "あ" * 21}, [("gift.message_too_long", "/gift_message")]),
        (GiftWish(card="card"), {"message": "一\n二\n三"}, [("gift.message_too_long", "/gift_message")]),
        (GiftWish(sender_name="あ" * 81), {}, [("order.too_long", "/gift/sender_name")]),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(wish: GiftWish, given: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert agreed(wish, **given) == expected


def test_goods_that_are_not_wrapped_or_too_large_are_named() -> None:
    barred = replace(MASTERS, barred=frozenset({(20, "")}))
    large = replace(MASTERS, sizes={200: 100})
    only_paper = replace(MASTERS, barred=frozenset({(20, "paper")}))

    assert agreed(GiftWish(noshi="chugen", wrapping="paper"), masters=barred) == [
        ("gift.not_for_goods", "/gift/noshi"),
        ("gift.not_for_goods", "/gift/wrapping"),
    ]
    assert agreed(GiftWish(wrapping="paper"), masters=large) == [("gift.too_large", "/gift/wrapping")]
    assert isinstance(agreed(GiftWish(noshi="chugen"), masters=only_paper), AgreedGift)
    assert agreed(GiftWish(wrapping="paper"), masters=only_paper) == [("gift.not_for_goods", "/gift/wrapping")]


def test_what_was_agreed_before_may_stay_though_it_is_offered_no_more() -> None:
    over = replace(MASTERS, noshi={"chugen": replace(CHUGEN, is_offered=False)})

    assert agreed(GiftWish(noshi="chugen"), masters=over) == [("gift.not_offered", "/gift/noshi")]
    assert isinstance(agreed(GiftWish(noshi="chugen"), masters=over, kept={"chugen"}), AgreedGift)


def test_a_brands_own_wrapping_is_offered_by_that_brand() -> None:
    assert isinstance(agreed(GiftWish(wrapping="box"), brand_id=7), AgreedGift)


@pytest.mark.parametrize(
    ("said", "to_another", "hidden"), [(None, True, True), (None, False, False), (False, True, False), (True, False, True)]
)
def test_prices_are_hidden_as_said_else_where_it_goes_to_another(said: bool | None, to_another: bool, hidden: bool) -> None:
    found = agreed(GiftWish(wrapping="paper", hides_prices=said), to_another=to_another)

    assert isinstance(found, AgreedGift)
    assert found.hides_prices is hidden


def test_a_pair_that_is_only_unusual_is_told_and_taken() -> None:
    wish = GiftWish(noshi="own", title="お歳暮", knot=Knot.RED_WHITE_TIE)

    assert isinstance(agreed(wish), AgreedGift)
    assert [w.text() for w in gift_warnings(wish, masters=MASTERS)] == ["毎年の御歳暮は蝶結びが習わしです。"]
    assert gift_warnings(GiftWish(noshi="chugen"), masters=MASTERS) == []


def test_a_refusal_goes_before_a_warning_on_the_same_pair() -> None:
    both = (replace(TIE_REFUSED, is_refused=False), TIE_REFUSED)

    assert pairing_of("御中元", Knot.RED_WHITE_TIE, both) is TIE_REFUSED
    assert pairing_of("御中元", Knot.RED_WHITE_BOW, both) is None


@pytest.mark.parametrize(("one", "other"), [("御中元", "お中元"), ("御 中元", "御中元"), ("ＯＫ", "OK")])
def test_words_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert same_words(one) == same_words(other)


@given(
    st.builds(
        GiftWish,
        noshi=st.sampled_from(["", "chugen"]),
        title=st.sampled_from(["", "御祝"]),
        knot=st.sampled_from([None, *Knot]),
        placement=st.sampled_from(list(NoshiPlacement)),
        names=st.lists(st.sampled_from(["山田", "佐藤 花子"]), max_size=5).map(tuple),
        wrapping=st.sampled_from(["", "paper"]),
        card=st.sampled_from(["", "card"]),
        sender_name=st.sampled_from(["", "山田商店"]),
        hides_prices=st.sampled_from([None, True, False]),
    ),
    st.sampled_from(["", "お元気で", "一\n二"]),
)
def test_a_wish_as_text_comes_back_as_it_was(wish: GiftWish, message: str) -> None:
    back, said = wish_of_text(wish_as_text(wish, message=message))

    assert said == message
    kept = wish if wish.noshi else replace(wish, placement=NoshiPlacement.INSIDE)
    assert (back or GiftWish()) == kept


def test_every_field_of_a_gift_can_be_changed() -> None:
    assert {f.name for f in fields(GiftWish)} | {"message"} == set(GIFT_FIELDS)
