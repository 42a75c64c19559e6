"""Coupons: how a code reads, for whom, when and for what one is good, and what it takes off. Pure; amounts in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import Refusal
from core.money import format_money
from core.text import clean_line, fold_dashes, plain
from core.words import gettext_noop as _

LONGEST_CODE: Final = 40
SOURCE: Final = "coupon:"
"""What a line's discount stems from: this and the code. Adapters of outside counters write theirs in small letters."""


class CouponKind(StrEnum):
    """What a coupon takes off."""

    AMOUNT = "amount"
    PERCENT = "percent"

    @classmethod
    def labels(cls) -> dict["CouponKind", str]:
        return {cls.AMOUNT: _("A fixed amount"), cls.PERCENT: _("A part of the price")}


class CouponDeed(StrEnum):
    """What an entry of the ledger of coupons says."""

    USED = "used"
    GIVEN_BACK = "given_back"

    @classmethod
    def labels(cls) -> dict["CouponDeed", str]:
        return {cls.USED: _("used"), cls.GIVEN_BACK: _("given back")}


def coupon_code(typed: str) -> str:
    """A code as it is kept and compared, whatever width, case or dashes it was typed in: ｗｅｌｃｏｍｅ－５ → WELCOME-5. Blanks go."""
    while (read := "".join(fold_dashes(plain(clean_line(typed))).upper().split())) != typed:
        typed = read  # what one step leaves may be more to fold: A, blank, accent
    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponTerms:
    """A coupon as it stands, and what it has to do with who wants to use it."""

    coupon_id: int
    code: str
    name: str
    kind: CouponKind
    amount: int | None
    percent_bp: int | None
    most_off: int | None
    currency: str
    minimum: int
    """From so much on, of the goods it is good for."""
    variants: frozenset[int]
    """The articles it is good for; none named is all."""
    starts_at: datetime
    until_at: datetime | None
    ended_at: datetime | None
    timezone: str
    use_limit: int | None
    used_count: int
    customer_limit: int | None
    is_personal: bool
    is_known: bool
    """Whether it is known who orders."""
    is_theirs: bool
    """Whether it was given to who orders; everybody merged with them counts."""
    used_by_them: int
    campaign_ref: str = ""
    campaign_name: str = ""

    def after(self, *, uses: int, own_uses: int) -> "CouponTerms":
        """The same when it was used so often more, and so often by who asks."""
        return replace(self, used_count=self.used_count + uses, used_by_them=self.used_by_them + own_uses)


ONE_PER_ORDER: Final = Refusal("coupon.one_per_order", _("An order takes one coupon. Take one of them out."))


def worth_fault(kind: CouponKind, *, amount: int | None, percent_bp: int | None, most_off: int | None) -> Refusal | None:
    """Why a coupon of this worth makes no sense."""
    if kind is CouponKind.AMOUNT and (amount is None or percent_bp is not None or most_off is not None):
        return Refusal("coupon.worth", _("Say which amount it takes off, and no part."), {}, "/amount")
    if kind is CouponKind.PERCENT and (percent_bp is None or amount is not None):
        return Refusal("coupon.worth", _("Say which part it takes off, and no amount."), {}, "/percent")
    return None


def standing_fault(terms: CouponTerms, *, at: datetime) -> Refusal | None:
    """Why nobody, or not this customer, can use it now, whatever the goods. The reasons of its own come before those of who asks."""
    told: dict[str, object] = {"code": terms.code}
    if terms.ended_at is not None and terms.ended_at <= at:
        return Refusal("coupon.ended", _("Coupon %(code)s was withdrawn. Take it out to go on."), told)
    if at < terms.starts_at:
        words = _("Coupon %(code)s can be used from %(moment)s on.")
        return Refusal("coupon.not_yet", words, {**told, "moment": moment_of(terms.starts_at, terms.timezone)})
    if terms.until_at is not None and terms.until_at <= at:
        words = _("Coupon %(code)s could be used until %(moment)s. Take it out to go on.")
        return Refusal("coupon.over", words, {**told, "moment": moment_of(terms.until_at, terms.timezone)})
    if terms.is_personal and not terms.is_known:
        words = _("Coupon %(code)s was given to one customer. Sign in, or say which customer is ordering.")
        return Refusal("coupon.whose", words, told)
    if terms.is_personal and not terms.is_theirs:
        return Refusal("coupon.not_theirs", _("Coupon %(code)s was given to another customer. Take it out to go on."), told)
    if terms.customer_limit is not None and terms.used_by_them >= terms.customer_limit:
        words = _("Coupon %(code)s was used %(times)s times by this customer, which is as often as one may. Take it out to go on.")
        return Refusal("coupon.used_before", words, {**told, "times": terms.used_by_them})
    if terms.use_limit is not None and terms.used_count >= terms.use_limit:
        return Refusal("coupon.used_up", _("Coupon %(code)s has been used up. Take it out to go on."), told)
    return None


def moment_of(at: datetime, timezone: str) -> str:
    """A moment by the company's clock, as everybody reads it."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y/%m/%d %H:%M}"


def good_places(terms: CouponTerms, variants: Sequence[int]) -> tuple[int, ...]:
    """The places of the lines it is good for."""
    return tuple(place for place, variant in enumerate(variants) if not terms.variants or variant in terms.variants)


def goods_fault(terms: CouponTerms, *, goods: int, are_any: bool, currency: str) -> Refusal | None:
    """Why it takes nothing off goods of this worth, which are all that it is good for, if there ``are_any``."""
    told: dict[str, object] = {"code": terms.code}
    if not are_any:
        words = _("Coupon %(code)s is for other goods than these. Add one of them, or take it out.")
        return Refusal("coupon.other_goods", words, told)
    if currency != terms.currency:
        words = _("Coupon %(code)s is in %(own)s, the goods are in %(theirs)s. Take it out to go on.")
        return Refusal("coupon.other_currency", words, {**told, "own": terms.currency, "theirs": currency})
    if goods < terms.minimum:
        words = _("Coupon %(code)s is for goods of %(minimum)s and more; these come to %(goods)s. Add something, or take it out.")
        return Refusal(
            "coupon.below_minimum",
            words,
            {**told, "minimum": format_money(terms.minimum, currency), "goods": format_money(goods, currency)},
        )
    if amount_off(terms, goods=goods) < 1:
        return Refusal("coupon.nothing_off", _("There is nothing that coupon %(code)s could be taken off. Take it out to go on."), told)
    return None


def amount_off(terms: CouponTerms, *, goods: int) -> int:
    """What it takes off goods of this worth: never more than they cost; a part is rounded down, and is at most ``most_off``."""
    if terms.kind is CouponKind.AMOUNT:
        return min(terms.amount or 0, goods)
    part = goods * (terms.percent_bp or 0) // 10_000
    return part if terms.most_off is None else min(part, terms.most_off)
