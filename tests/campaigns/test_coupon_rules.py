"""What is true of coupons: how codes read, whom they suit, what they take off."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules import CouponKind, CouponTerms, amount_off, coupon_code, good_places, goods_fault, standing_fault

AT = datetime(2026, 5, 11, 3, 0, tzinfo=UTC)


def terms(**given: Any) -> CouponTerms:
    usual: dict[str, Any] = {
        "coupon_id": 1, "code": "TEA", "name": "新茶", "kind": CouponKind.AMOUNT, "amount": 500, "percent_bp": None, "most_off": None,
        "currency": "JPY", "minimum": 0, "variants": frozenset(), "starts_at": AT - timedelta(days=1), "until_at": None, "ended_at": None,
        "timezone": "Asia/Tokyo", "use_limit": None, "used_count": 0, "customer_limit": None, "is_personal": False, "is_known": True,
        "is_theirs": False, "used_by_them": 0,
    }  # fmt: skip
    return CouponTerms(**{**usual, **given})


@pytest.mark.parametrize(
    ("typed", "code"),
    [("welcome", "WELCOME"), ("ｗｅｌｃｏｍｅ－５", "WELCOME-5"), ("  we lcome\u3000", "WELCOME"), ("we\u200blcome", "WELCOME"), ("新茶ﾌｪｱ", "新茶フェア"), ("", "")],
    ids=["small letters", "full width", "blanks", "what nobody sees", "half-width kana", "nothing"],
)  # fmt: skip
def test_a_code_reads_the_same_however_it_is_typed(typed: str, code: str) -> None:
    assert coupon_code(typed) == code


@given(st.text(max_size=60))
def test_a_code_that_was_read_reads_as_itself(typed: str) -> None:
    assert coupon_code(coupon_code(typed)) == coupon_code(typed)


@given(
    goods=st.integers(0, 10**9),
    more=st.integers(0, 10**6),
    kind=st.sampled_from(CouponKind),
    amount=st.integers(1, 10**6),
    percent_bp=st.integers(1, 10_000),
    most_off=st.none() | st.integers(1, 10**6),
)
def test_never_more_is_taken_off_than_the_goods_cost_and_never_less_for_more(
    goods: int, more: int, kind: CouponKind, amount: int, percent_bp: int, most_off: int | None
) -> None:
    coupon = terms(kind=kind, amount=amount, percent_bp=percent_bp, most_off=most_off)

    off = amount_off(coupon, goods=goods)

    assert 0 <= off <= goods
    assert off <= amount_off(coupon, goods=goods + more)
    assert kind is CouponKind.AMOUNT or most_off is None or off <= most_off
    assert kind is CouponKind.PERCENT or off == min(amount, goods)
    assert (goods_fault(coupon, goods=goods, are_any=True, currency="JPY") is None) == (off > 0)


@pytest.mark.parametrize(
    ("goods", "percent_bp", "most_off", "off"),
    [(1_999, 1_000, None, 199), (1_999, 1_050, None, 209), (100_000, 1_000, 3_000, 3_000), (9, 1_000, None, 0)],
)
def test_a_part_is_rounded_down_and_stops_at_the_most(goods: int, percent_bp: int, most_off: int | None, off: int) -> None:
    assert amount_off(terms(kind=CouponKind.PERCENT, percent_bp=percent_bp, most_off=most_off), goods=goods) == off


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, None),
        ({"ended_at": AT}, "coupon.ended"),
        ({"ended_at": AT + timedelta(seconds=1)}, None),
        ({"starts_at": AT}, None),
        ({"starts_at": AT + timedelta(seconds=1)}, "coupon.not_yet"),
        ({"until_at": AT}, "coupon.over"),
        ({"until_at": AT + timedelta(seconds=1)}, None),
        ({"is_personal": True, "is_known": False}, "coupon.whose"),
        ({"is_personal": True}, "coupon.not_theirs"),
        ({"is_personal": True, "is_theirs": True}, None),
        ({"customer_limit": 2, "used_by_them": 1}, None),
        ({"customer_limit": 2, "used_by_them": 2}, "coupon.used_before"),
        ({"use_limit": 5, "used_count": 4}, None),
        ({"use_limit": 5, "used_count": 5}, "coupon.used_up"),
    ],
)
def test_a_coupon_suits_who_may_use_it_while_it_may_be_used(given: dict[str, Any], code: str | None) -> None:
    fault = standing_fault(terms(**given), at=AT)

    assert (fault and fault.code) == code


def test_what_earlier_orders_took_counts_on_top():
    coupon = terms(use_limit=2, customer_limit=1)

    assert standing_fault(coupon.after(uses=1, own_uses=0), at=AT) is None
    assert getattr(standing_fault(coupon.after(uses=2, own_uses=0), at=AT), "code", "") == "coupon.used_up"
    assert getattr(standing_fault(coupon.after(uses=1, own_uses=1), at=AT), "code", "") == "coupon.used_before"


def test_a_moment_is_told_by_the_companys_clock():
    fault = standing_fault(terms(until_at=datetime(2026, 4, 30, 15, 0, tzinfo=UTC)), at=AT)

    assert fault is not None
    assert fault.params["moment"] == "2026/05/01 00:00"


@pytest.mark.parametrize(
    ("given", "goods", "code"),
    [({"minimum": 3_000}, 2_999, "coupon.below_minimum"), ({"minimum": 3_000}, 3_000, None), ({"currency": "USD"}, 3_000, "coupon.other_currency"), ({}, 0, "coupon.nothing_off")],
)  # fmt: skip
def test_goods_must_be_worth_what_it_asks(given: dict[str, Any], goods: int, code: str | None) -> None:
    fault = goods_fault(terms(**given), goods=goods, are_any=True, currency="JPY")

    assert (fault and fault.code) == code


def test_it_is_good_for_the_articles_it_names_or_for_all():
    assert good_places(terms(variants=frozenset({7, 9})), [7, 8, 9, 7]) == (0, 2, 3)
    assert good_places(terms(), [7, 8]) == (0, 1)
