"""The list of bad input against the order desk: every row is taken as it was meant, or refused beside its field with a next step.

Rows are numbered as in the list. Nothing is ever half written, and no answer is a fault of ours.
"""

from typing import Any

import pytest

from orders.models import Order
from orders.queries import order_view
from tests.orders.test_entry import a_desk, a_phone_shop, nothing_was_written, press, the_page

pytestmark = pytest.mark.django_db
REFUSED = object()
BIG = "山" * 1_000_000

NAMES = [
    ("1 nothing", "", REFUSED), ("1 blanks", "   ", REFUSED), ("1 a full-width blank", "　", REFUSED), ("2 four bytes", "𠮷野家", "𠮷野家"),
    ("3 variants", "髙橋﨑", "髙橋﨑"), ("4 signs of one machine", "①㈱Ⅲ№", "①㈱Ⅲ№"), ("5 a selected variant", "葛󠄀城", "葛󠄀城"),
    ("6 a mark apart", "ガ", "ガ"), ("8 letters outside cp932", "ゔé", "ゔé"), ("11 zero width", "山\u200b田\ufeff", "山田"),
    ("12 right to left", "山田\u202e", "山田"), ("13 a family", "👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"), ("15 NUL", "山\x00田", None), ("16 CR LF TAB", "山\r\n田\tA", "山 田 A"),
    ("17 a script", "<script>x</script>", "<script>x</script>"), ("17 an attribute", '"><svg onload=x>', '"><svg onload=x>'),
    ("18 templates", "{{7*7}} %(x)s ${x}", "{{7*7}} %(x)s ${x}"), ("19 SQL", "'; DROP TABLE x;--\\%_", "'; DROP TABLE x;--\\%_"),
    ("20 a megabyte", BIG, None), ("21 null", "null", "null"), ("21 None", "None", "None"), ("21 nan", "nan", "nan"),
]  # fmt: skip
QUANTITIES = [
    ("22 minus", "-1", REFUSED), ("22 nought", "0", REFUSED), ("22 plus", "+5", REFUSED), ("23 full width", "１２", 12), ("24 underscore", "1_000", REFUSED),
    ("25 superscript", "²", REFUSED), ("25 circled", "①", REFUSED), ("26 Arabic", "٣", REFUSED), ("27 comma", "1,000", REFUSED),
    ("27 full-width point", "１２．５", REFUSED), ("28 exponent", "1e3", REFUSED), ("28 minus nought", "-0", REFUSED), ("28 .5", ".5", REFUSED), ("28 5.", "5.", REFUSED),
    ("29 NaN", "NaN", REFUSED), ("29 sNaN", "sNaN", REFUSED), ("29 Infinity", "Infinity", REFUSED), ("30 2^31", str(2**31), REFUSED), ("30 2^63", str(2**63), REFUSED),
    ("30 10^19", str(10**19), REFUSED), ("31 5,000 digits", "9" * 5_000, REFUSED), ("37 true", "true", REFUSED), ("38 3.0", "3.0", REFUSED), ("38 3", " 3 ", 3),
]  # fmt: skip
MONEY = [
    ("27 commas", "1,000", 1_000), ("27 a yen sign", "¥1,000", None), ("27 the other way", "1.000,00", REFUSED), ("23 full width", "１００", 100),
    ("24 underscore", "1_000", REFUSED), ("26 Arabic", "٣", REFUSED), ("28 exponent", "1e3", REFUSED), ("28 far too much", "1E400", REFUSED), ("29 NaN", "NaN", REFUSED),
    ("29 Infinity", "Infinity", REFUSED), ("30 2^63", str(2**63), REFUSED), ("32 half a yen", "0.5", REFUSED), ("35 minus", "-10", REFUSED),
    ("31 many digits", "9" * 19, REFUSED),
]  # fmt: skip
DAYS = [
    ("39 no leap year", "2027-02-29", REFUSED), ("39 no such day", "2027-02-30", REFUSED), ("40 noughts", "0000-00-00", REFUSED), ("40 the end of time", "9999-12-31", REFUSED),
    ("40 long ago", "1868-01-01", REFUSED), ("40 past the end", "10000-01-01", REFUSED), ("41 an era", "令和7年1月1日", REFUSED), ("41 an era in short", "R7.1.1", REFUSED),
    ("42 past", "2020-01-01", REFUSED), ("44 a moment", "2026-12-31T15:00:00Z", REFUSED), ("44 a zone", "2027-01-01+14:00", REFUSED),
]  # fmt: skip
PHONES = [
    ("47 full width", "０９０−１２３４−５６７８", "09012345678"), ("47 from abroad", "+81 90 1234 5678", None), ("47 an extension", "090-1234-5678 ext 12", None),
    ("47 an extension in kanji", "内線12", REFUSED), ("47 short", "090-1234", REFUSED), ("47 free of charge", "0120-123-456", None), ("47 dashes", "---", REFUSED),
    ("47 far too long", "0" * 60, REFUSED), ("15 NUL", "090\x0012345678", None),
]  # fmt: skip
POSTAL = [
    ("48 with a dash", "101-0051", "1010051"), ("48 without", "1010051", "1010051"), ("48 full width", "〒１０１−００５１", "1010051"), ("48 short", "〒１００", REFUSED),
    ("48 letters", "abc-defg", REFUSED), ("48 far too long", "1" * 16, REFUSED),
]  # fmt: skip
MAILS = [
    ("54 two headers", "x@y.jp\r\nBcc: z@y.jp", REFUSED), ("55 two", "a@x.jp,b@x.jp", REFUSED), ("52 two signs", "a@@b", REFUSED), ("53 a quoted blank", '"a b"@x.jp', None),
    ("53 255 letters", "a" * 250 + "@x.jp", REFUSED), ("11 zero width", "a\u200b@x.jp", None),
]  # fmt: skip
FIELDS = (
    *(("family_name", *row) for row in NAMES), *(("phone", *row) for row in PHONES), *(("postal_code", *row) for row in POSTAL),
    *(("email", *row) for row in MAILS), *(("wished_on", *row) for row in DAYS), *(("discount", *row) for row in MONEY),
)  # fmt: skip
OTHERS = ("given_name", "family_kana", "given_kana", "organisation_name", "city", "street", "building", "remark", "ad_code", "route_medium", "discount_reason", "article_q", "customer_q")  # fmt: skip


def placed_or_not(page: dict[str, Any]) -> tuple[Any, Any]:
    """What the desk answers to the total and to placing; neither is ever a fault of ours."""
    desk = a_desk()
    shown = press(desk, page, "refresh")
    quote = shown.context["quote"]
    answer = press(desk, {**page, "expected_total": str(quote.sums.total) if quote else "2000"}, "place")
    assert (shown.status_code, answer.status_code in (200, 302, 422)) == (200, True)
    return shown, answer


def kept(field: str) -> Any:
    """What became of the field in the order."""
    order = order_view(Order.objects.get().pk)
    assert order is not None
    place = order.destinations[0]
    found = {
        "family_name": order.buyer_name.removesuffix(" 花子"), "phone": order.buyer_phone.replace("-", ""), "postal_code": place.postal_code.replace("-", ""),
        "email": order.buyer_email, "wished_on": place.wished_on, "discount": Order.objects.get().discount_total,
    }  # fmt: skip
    return found[field]


@pytest.mark.parametrize(("field", "_case", "typed", "expected"), FIELDS, ids=[f"{f}-{c}" for f, c, *_ in FIELDS])
def test_a_field_is_taken_as_meant_or_refused_beside_itself(field, _case, typed, expected):
    shop = a_phone_shop()
    own = {"given_name": ""} if field == "family_name" and expected is REFUSED else {"email": ""}
    page = the_page(shop, (shop.variant(1_000), 2), **{**own, "discount_reason": "割引" if field == "discount" else "", field: typed})

    _shown, answer = placed_or_not(page)

    if answer.status_code == 302:
        assert expected is not REFUSED, "it was taken though it means nothing"
        assert expected is None or kept(field) == expected
    else:
        assert expected is REFUSED or expected is None, answer.context["faults"]
        said = answer.context["faults"]
        assert any(said.get(name) for name in (field, f"to_{field}", "family_name" if field == "given_name" else field)), said
        assert nothing_was_written()


@pytest.mark.parametrize(("_case", "typed", "expected"), QUANTITIES, ids=[c for c, *_ in QUANTITIES])
def test_a_quantity_is_taken_as_meant_or_refused_at_its_line(_case, typed, expected):
    shop = a_phone_shop()

    _shown, answer = placed_or_not(the_page(shop, (shop.variant(1_000), typed)))

    if expected is REFUSED:
        assert answer.context["lines"][0].faults["quantity"]
        assert nothing_was_written()
    else:
        assert Order.objects.get().lines.get().quantity == expected


@pytest.mark.parametrize("field", OTHERS)
def test_no_text_breaks_the_page_whatever_its_field(field):
    shop = a_phone_shop()
    odd = "\x00'; DROP TABLE x;--\\%_ <script>{{7*7}}\u202e\ud83d 𠮷\r\n" + "x" * 5_000
    page = the_page(
        shop, (shop.variant(1_000), 1), **{"discount": "10", "discount_reason": "x", field: odd.encode("utf-8", "replace").decode()}
    )

    shown, answer = placed_or_not(page)

    assert b"<script>{{7*7}}" not in shown.content
    assert answer.status_code == 302 or nothing_was_written()


def test_one_article_on_very_many_lines_is_summed_or_refused_and_nothing_is_half_written():
    shop = a_phone_shop()
    tea = shop.variant(1_000)

    _shown, answer = placed_or_not(the_page(shop, *[(tea, 1)] * 101))

    assert answer.status_code == 422
    assert nothing_was_written()
