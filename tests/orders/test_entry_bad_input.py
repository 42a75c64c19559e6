"""The list of bad input against the order desk: every row is kept as it was meant, or refused beside its field in words that say what to do.

Rows are numbered as in the list. Nothing is ever half written, and no answer is a fault of ours. What the desk has no field for is
tested where it can be sent:

- 34, 36 refunds and tax rates: no box of the desk holds one. 45: the desk asks for no day of birth; what an age check asks is a tick.
- 58 to 60, 63 to 65, 68 to 72: bodies, headers and addresses of the API. 61, 66: a form knows its fields, and of two the last counts.
- 73 to 90: files of rows; here a formula (86) is a name, and exports see to the rest. 91: scans, see the received papers.
- 92 to 104: signing in, webhooks. 105: pressing twice, see the desk itself. 106 to 110: what is done to an order that stands.
"""

from typing import Any
from urllib.parse import urlencode

import pytest

from core import clock
from customers.models import Customer
from orders.models import Estimate, Order
from orders.queries import order_view
from tests.factories.delivery import a_closure, a_delivery
from tests.factories.orders import AT
from tests.orders.test_entry import URL, a_desk, a_phone_shop, nothing_was_written, press, the_page

pytestmark = pytest.mark.django_db

NAME, KANA, PHONE, MAIL, POSTAL, PREFECTURE, STREET, BUILDING, DAY, OFF, REMARK = (
    "family_name", "family_kana", "phone", "email", "postal_code", "prefecture", "street", "building", "wished_on", "discount", "remark",
)  # fmt: skip
BIG = "山" * 1_000_000
LONG = "神田神保町一丁目" + "二" * 150
LABELS = "a@" + "a." * 120 + "jp"
MOST_MAIL = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.jp"
FORMULA = "=1+1"

KEPT = [
    ("1 a blank where nothing is needed", MAIL, "　 ", ""),
    ("2 four bytes", NAME, "𠮷野家", "𠮷野家"), ("3 variants", NAME, "髙橋﨑", "髙橋﨑"), ("4 signs of one machine", NAME, "①㈱Ⅲ№", "①㈱Ⅲ№"),
    ("5 a selected variant", NAME, "葛\U000e0100城", "葛\U000e0100城"), ("6 a mark apart", NAME, "カ゛", "ガ"), ("6 NFD", NAME, "か\u3099", "が"),
    ("7 half-width kana in a name", NAME, "ﾊﾞﾅﾅ", "バナナ"), ("7 half-width kana as a reading", KANA, "ﾊﾞﾅﾅ", "バナナ ハナコ"), ("7 hiragana as a reading", KANA, "やまだ", "ヤマダ ハナコ"),
    ("8 letters outside cp932", NAME, "ゔé¥", "ゔé¥"), ("9 both wave dashes", NAME, "波〜～", "波〜～"),
    ("10 every dash in a street", STREET, "１−２－３‐４ー５—６", "１−２－３‐４ー５—６"), ("10 dashes in a phone", PHONE, "090‐1234ー5678", "090-1234-5678"),
    ("10 a minus in a phone", PHONE, "03−1234－5678", "03-1234-5678"), ("10 a long vowel in a postal code", POSTAL, "101ー0051", "1010051"),
    ("11 zero width in a name", NAME, "山\u200b田\ufeff", "山田"), ("11 zero width in a mail", MAIL, "a\u200b@x.jp", "a@x.jp"), ("11 zero width in an ad code", "ad_code", "TV\u200b-5", "TV-5"),
    ("12 right to left", NAME, "山田\u202e", "山田"), ("13 a family", NAME, "👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"), ("13 a family in a building", BUILDING, "👨‍👩‍👧‍👦ビル", "👨‍👩‍👧‍👦ビル"),
    ("16 CR LF TAB in a line", NAME, "山\r\n田\tA", "山 田 A"), ("16 CR LF TAB in a remark", REMARK, "山\r\n田\tA", "山\n田 A"),
    ("17 a script", NAME, "<script>x</script>", "<script>x</script>"), ("17 an attribute", NAME, '"><svg onload=x>', '"><svg onload=x>'),
    ("18 templates", NAME, "{{7*7}} %(x)s ${x}", "{{7*7}} %(x)s ${x}"), ("19 SQL", NAME, "'; DROP TABLE x;--\\%_", "'; DROP TABLE x;--\\%_"),
    ("20 120 letters", NAME, "山" * 120, "山" * 120), ("20 200 letters of street", STREET, "山" * 200, "山" * 200), ("20 1,000 letters of remark", REMARK, "字" * 1_000, "字" * 1_000),
    ("21 null", NAME, "null", "null"), ("21 None", NAME, "None", "None"), ("21 undefined", NAME, "undefined", "undefined"), ("21 nan", NAME, "nan", "nan"),
    ("23 full width", OFF, "１００", 100), ("27 commas", OFF, "1,000", 1_000), ("27 a yen sign", OFF, "¥1,000", 1_000), ("35 all of it", OFF, "2000", 2_000), ("35 nothing", OFF, "0", 0),
    ("41 slashes", DAY, "2026/6/1", "2026-06-01"), ("41 full width", DAY, "２０２６−０６−０１", "2026-06-01"), ("42 today", DAY, "2026-05-11", "2026-05-11"),
    ("42 the last day", DAY, "2026-08-09", "2026-08-09"), ("42 a holiday on which parcels come", DAY, "2026-07-20", "2026-07-20"),
    ("47 full width", PHONE, "０９０−１２３４−５６７８", "090-1234-5678"), ("47 from abroad", PHONE, "+81 90 1234 5678", "+81 90 1234 5678"),
    ("47 an extension", PHONE, "090-1234-5678 ext 12", "090-1234-5678 ext 12"), ("47 an extension in kanji", PHONE, "03-1234-5678 内線12", "03-1234-5678 内線12"),
    ("47 free of charge", PHONE, "0120-123-456", "0120-123-456"),
    ("48 with a dash", POSTAL, "101-0051", "1010051"), ("48 without", POSTAL, "1010051", "1010051"), ("48 full width", POSTAL, "〒１０１−００５１", "1010051"),
    ("48 one that no place has", POSTAL, "999-9999", "9999999"), ("48 another prefecture's", PREFECTURE, "大阪府", "大阪府"),
    ("49 a prefecture in short", PREFECTURE, "東京", "東京都"), ("49 full of blanks", PREFECTURE, " 東京都　", "東京都"), ("49 TAB in a building", BUILDING, "ビル\t3F", "ビル 3F"),
    ("49 longer than a label", STREET, LONG, LONG),
    ("51 two dots", MAIL, "a..b@docomo.ne.jp", "a..b@docomo.ne.jp"), ("51 a dot before the sign", MAIL, "a.@ezweb.ne.jp", "a.@ezweb.ne.jp"), ("51 a dot first", MAIL, ".a@docomo.ne.jp", ".a@docomo.ne.jp"),
    ("52 full width", MAIL, "Ａ@ｅxample.com", "A@example.com"), ("52 Kelvin", MAIL, "\u212a@example.jp", "K@example.jp"), ("52 sharp s", MAIL, "straße@example.jp", "straße@example.jp"),
    ("52 dotless i", MAIL, "mıke@example.jp", "mıke@example.jp"), ("52 IDN", MAIL, "a@日本語.jp", "a@日本語.jp"), ("52 punycode", MAIL, "a@xn--wgv71a119e.jp", "a@xn--wgv71a119e.jp"),
    ("53 many labels", MAIL, LABELS, LABELS), ("53 almost too long", MAIL, MOST_MAIL, MOST_MAIL), ("56 a tag", MAIL, "hanako+shop@example.jp", "hanako+shop@example.jp"),
    ("56 dots", MAIL, "h.a.n.a.k.o@example.jp", "h.a.n.a.k.o@example.jp"), ("86 a formula", NAME, FORMULA, FORMULA),
]  # fmt: skip

NO_NAME, NO_LETTERS, LOST = (
    "氏名または組織名を入力してください。",
    "文字を含む名前を入力してください。",
    "文字が届く途中で失われました（�）。もう一度入力してください。",
)
NO_DAY, NO_PHONE, NO_MAIL, NO_POSTAL = (
    "日付は2026-04-01の形で入力してください。",
    "電話番号を確認してください。",
    "メールアドレスを確認してください。",
    "郵便番号は7桁で入力してください。",
)
OTHER_DAY = "2026-05-11から2026-08-09までの日付をお選びください。"
NOWHERE = "都道府県を確認してください。「東京都」のように入力します。受注入力で扱えるのは国内の住所だけです。"
OURS = "当社のメールアドレスです。お客様には届きません。お客様のアドレスを伺うか、空のままにしてください。"


def most(limit: int) -> str:
    return f"{limit}文字以内で入力してください。"


def no_amount(typed: str) -> str:
    return f"「{typed}」はJPYの金額として読み取れません。"


REFUSED = [
    ("1 nothing", NAME, "", NO_NAME), ("1 blanks", NAME, "   ", NO_NAME), ("1 a full-width blank", NAME, "　", NO_NAME), ("1 no street", STREET, "　", "入力してください。"),
    ("1 nobody to reach", PHONE, "　", "電話番号かメールアドレスを伺ってください。"),
    ("14 half a pair in a name", NAME, "山\ud83d田", LOST), ("14 half a pair in a street", STREET, "1-1\ud83d", LOST), ("14 half a pair in a remark", REMARK, "\ud83d", LOST),
    ("14 half a pair in a mail", MAIL, "a\ud83d@x.jp", LOST),
    ("20 121 letters", NAME, "山" * 121, most(120)), ("20 201 letters of street", STREET, "山" * 201, most(200)), ("20 1,001 letters of remark", REMARK, "字" * 1_001, most(1_000)),
    ("20 61 letters of ad code", "ad_code", "A" * 61, most(60)), ("20 61 letters of medium", "route_medium", "A" * 61, most(60)),
    ("20 401 letters of message", "gift_message", "字" * 401, most(400)), ("20 61 letters of slip", "slip", "1" * 61, most(60)),
    *((f"{row} as money", OFF, typed, no_amount(typed)) for row, typed in (
        ("22 plus", "+5"), ("24 underscore", "1_000"), ("25 superscript", "²"), ("25 circled", "①"), ("26 Arabic", "٣"), ("27 the other way", "1.000,00"),
        ("27 a full-width point", "１２．５"), ("28 exponent", "1e3"), ("28 far too much", "1E400"), ("28 minus nought", "-0"), ("28 .5", ".5"), ("28 5.", "5."),
        ("29 NaN", "NaN"), ("29 Infinity", "Infinity"), ("30 2^63", str(2**63)), ("31 many digits", "9" * 19), ("32 half a yen", "0.5"), ("35 minus", "-10"), ("37 true", "true"),
    )),
    ("35 more than all of it", OFF, "2001", "値引額が商品代金を超えています。"),
    *((f"{row}", DAY, typed, NO_DAY) for row, typed in (
        ("39 no leap year", "2027-02-29"), ("39 no such day", "2026-06-31"), ("40 noughts", "0000-00-00"), ("40 past the end", "10000-01-01"), ("41 an era", "令和8年6月1日"),
        ("41 an era in short", "R8.6.1"), ("41 the last year of an era", "昭和100年"), ("41 digits alone", "20260601"), ("41 a week", "2026-W23-1"), ("44 a zone", "2026-06-01+14:00"),
        ("44 midnight", "2026-06-01T24:00"), ("44 a leap second", "2026-06-30T23:59:60Z"), ("46 the new year of Japan", "2026-12-31T15:00:00Z"), ("81 a spreadsheet's day", "46174"),
    )),
    ("40 the end of time", DAY, "9999-12-31", OTHER_DAY), ("40 long ago", DAY, "1868-01-01", OTHER_DAY), ("42 past", DAY, "2026-05-10", OTHER_DAY), ("42 beyond the last", DAY, "2026-08-10", OTHER_DAY),
    *((f"47 {row}", PHONE, typed, NO_PHONE) for row, typed in (
        ("an extension alone", "内線12"), ("short", "090-1234"), ("nine digits", "012345678"), ("twelve digits", "090123456789"), ("dashes", "---"), ("far too long", "0" * 60),
    )),
    *((f"48 {row}", POSTAL, typed, NO_POSTAL) for row, typed in (("short", "〒１００"), ("letters", "abc-defg"), ("far too long", "1" * 16))),
    ("49 a city behind it", PREFECTURE, "東京都港区", NOWHERE), ("50 no prefecture", PREFECTURE, "", "入力してください。"), ("50 abroad", PREFECTURE, "California", NOWHERE),
    ("49 a building of 201 letters", BUILDING, "山" * 201, most(200)),
    *((row, MAIL, typed, NO_MAIL) for row, typed in (
        ("52 two signs", "a@@b"), ("53 a quoted blank", '"a b"@x.jp'), ("54 two headers", "x@y.jp\r\nBcc: z@y.jp"), ("54 a display name", '"Shop" <evil@x.jp>'), ("55 two", "a@x.jp,b@x.jp"),
    )),
    ("53 255 letters", MAIL, "a" * 250 + "@x.jp", most(254)), ("57 our own address", MAIL, "ＩＮＦＯ@daifuku.example", OURS),
]  # fmt: skip

QUANTITIES = [
    ("23 full width", "１２", 12), ("38 blanks around", " 3 ", 3),
    *((row, typed, None) for row, typed in (
        ("22 minus", "-1"), ("22 nought", "0"), ("22 plus", "+5"), ("24 underscore", "1_000"), ("25 superscript", "²"), ("25 circled", "①"), ("26 Arabic", "٣"), ("27 comma", "1,000"),
        ("27 full-width point", "１２．５"), ("28 exponent", "1e3"), ("28 minus nought", "-0"), ("28 .5", ".5"), ("28 5.", "5."), ("29 NaN", "NaN"), ("29 sNaN", "sNaN"), ("29 Infinity", "Infinity"),
        ("30 2^31", str(2**31)), ("30 2^63", str(2**63)), ("30 10^19", str(10**19)), ("31 5,000 digits", "9" * 5_000), ("37 true", "true"), ("38 3.0", "3.0"),
    )),
]  # fmt: skip


def typed_into(field: str, typed: Any) -> dict[str, Any]:
    """The page with this in one of its fields, and no other way to reach or name the buyer."""
    shop = a_phone_shop(email="info@daifuku.example")
    own = {"given_name": ""} if field == NAME and not typed.strip() else {}
    return the_page(shop, (shop.variant(1_000), 2), **{**own, "discount_reason": "割引" if field == OFF else "", field: typed})


def placed(page: dict[str, Any]) -> Any:
    """What the desk answers to placing, once its total was looked at; sent as a browser sends a form."""
    with clock.travel(AT):
        desk = a_desk()

        def sent(button: str, total: str) -> Any:
            body = urlencode({**page, "do": button, "expected_total": total}, doseq=True, errors="surrogatepass")
            return desk.generic("POST", URL, body, content_type="application/x-www-form-urlencoded")

        quote = sent("refresh", "").context["quote"]
        return sent("place", str(quote.sums.total) if quote else "2000")


def kept(field: str) -> Any:
    """What became of the field in the order."""
    row = Order.objects.get()
    order = order_view(row.pk)
    assert order is not None
    place = order.destinations[0]
    found = {
        NAME: order.buyer_name.removesuffix(" 花子"), KANA: place.kana, PHONE: order.buyer_phone, MAIL: order.buyer_email, POSTAL: place.postal_code,
        PREFECTURE: place.prefecture, STREET: place.street, BUILDING: place.building, DAY: str(place.wished_on), OFF: row.discount_total, REMARK: row.remark,
        "ad_code": row.lines.get().ad_code,
    }  # fmt: skip
    return found[field]


@pytest.mark.parametrize(("_case", "field", "typed", "expected"), KEPT, ids=[f"{field}-{case}" for case, field, *_rest in KEPT])
def test_a_field_is_kept_as_it_was_meant(_case, field, typed, expected):
    answer = placed(typed_into(field, typed))

    assert answer.status_code == 302, answer.context["faults"]
    assert kept(field) == expected


@pytest.mark.parametrize(("_case", "field", "typed", "words"), REFUSED, ids=[f"{field}-{case}" for case, field, *_rest in REFUSED])
def test_a_field_is_refused_beside_itself_in_words_and_nothing_is_written(_case, field, typed, words):
    answer = placed(typed_into(field, typed))

    assert answer.status_code == 422
    assert answer.context["faults"] == {field: [words]}
    assert nothing_was_written()


@pytest.mark.parametrize(("_case", "typed", "expected"), QUANTITIES, ids=[c for c, *_ in QUANTITIES])
def test_a_quantity_is_taken_as_meant_or_refused_at_its_line(_case, typed, expected):
    shop = a_phone_shop()

    answer = placed(the_page(shop, (shop.variant(1_000), typed)))

    if expected is None:
        assert answer.context["lines"][0].faults == {"quantity": ["数量は1から99999までで指定してください。"]}
        assert nothing_was_written()
    else:
        assert Order.objects.get().lines.get().quantity == expected


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [("33 more than a column holds", "9" * 18, no_amount("9" * 18)), ("22 minus", "-1", no_amount("-1")), ("24 underscore", "1_000", no_amount("1_000"))],
)  # fmt: skip
def test_a_price_that_is_none_is_refused_at_its_line(_case, typed, words):
    shop = a_phone_shop()

    answer = placed(the_page(shop, (shop.variant(1_000), 2), line_price=[typed], line_price_reason=["お詫び"]))

    assert answer.context["lines"][0].faults == {"price": [words]}
    assert nothing_was_written()


def test_42_a_day_on_which_nothing_is_delivered_is_refused_with_the_next_one():
    shop = a_phone_shop()
    a_delivery(shop)
    a_closure(shop, "delivery", "2026-05-20", "2026-05-21")
    page = the_page(shop, (shop.variant(1_000), 2), wished_on="2026-05-20")

    refused, taken = placed(page), placed({**page, "wished_on": "2026-05-21"})

    assert refused.context["faults"] == {DAY: ["2026-05-20 にはお届けできません。次にお届けできる日は 2026-05-21 です。"]}
    assert taken.status_code == 302


@pytest.mark.parametrize(
    ("_case", "days"), [("43 it ended before it began", "-1"), ("43 no end", ""), ("43 beyond a year", "367"), ("31 digits", "9" * 40)]
)
def test_an_estimate_that_holds_until_no_day_is_refused(_case, days):
    page = typed_into("estimate_days", days)

    with clock.travel(AT):
        answer = press(a_desk(), page, "estimate")

    assert answer.context["faults"] == {"estimate_days": ["価格の有効日数を 0〜366 の数字で入力してください。"]}
    assert nothing_was_written()


def test_43_an_estimate_may_hold_until_tonight():
    with clock.travel(AT):
        answer = press(a_desk(), typed_into("estimate_days", "０"), "estimate")

    assert answer.status_code == 302
    assert str(Estimate.objects.get().valid_until_on) == "2026-05-11"


@pytest.mark.parametrize(("_case", "typed", "status"), [("15 NUL", "山\x00田", 400), ("20 a megabyte", BIG, 400)])
def test_what_no_form_holds_is_not_even_looked_at(_case, typed, status):
    body = urlencode({**typed_into(NAME, typed), "do": "place"}, doseq=True)

    answer = a_desk().generic("POST", URL, body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == status
    assert nothing_was_written()


@pytest.mark.parametrize(
    "field",
    [
        "family_name",
        "phone",
        "remark",
        "line_sku",
        "line_form",
        "gift_message",
        "p2-family_name",
        "p2-gift_names",
        "article_q",
        "customer_q",
    ],
)
def test_15_nul_in_a_form_of_parts_is_a_blank(field):
    shop = a_phone_shop()
    page = the_page(
        shop, (shop.variant(1_000, sku="TEA 1"), 1), places="2", **{field: ["TEA\x001"] if field.startswith("line_") else "03\x001234 5678"}
    )

    shown = press(a_desk(), page, "refresh")

    assert shown.status_code == 200
    assert "\x00" not in shown.content.decode()


def test_56_who_writes_with_a_tag_is_somebody_else_until_a_person_says_so():
    shop = a_phone_shop()
    page = the_page(shop, (shop.variant(1_000), 1), phone="", email="hanako@example.jp")

    placed(page)
    placed({**page, "cart_ref": "2" * 32, "email": "hanako+shop@example.jp"})

    assert Customer.objects.count() == 2


def test_62_one_article_on_very_many_lines_is_refused_and_nothing_is_half_written():
    shop = a_phone_shop()
    tea = shop.variant(1_000)

    answer = placed(the_page(shop, *[(tea, 1)] * 101))

    assert answer.status_code == 422
    assert nothing_was_written()


def test_17_no_text_is_ever_markup_of_the_page():
    shop = a_phone_shop()
    odd = '"><script>{{7*7}}</script>'
    names = (
        "family_name",
        "given_name",
        "family_kana",
        "organisation_name",
        "city",
        "street",
        "building",
        "remark",
        "ad_code",
        "article_q",
        "customer_q",
    )

    shown = press(a_desk(), the_page(shop, (shop.variant(), 1), **dict.fromkeys(names, odd)), "refresh").content.decode()

    assert "<script>{{7*7}}" not in shown
    assert shown.count("&quot;&gt;&lt;script&gt;{{7*7}}") == len(names)
