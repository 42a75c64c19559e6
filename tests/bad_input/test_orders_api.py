"""What real callers send to POST /api/v1/orders: refused with the field named, or kept exactly; never half written."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from billing.models import PaymentIntent
from core.models import OutboxEvent
from customers.models import ContactPoint, Customer
from inventory.models import Allocation, Stock
from orders.models import Destination, Order
from tests.factories.orders import Shop, a_draft, a_shop, an_order, placed
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
URL = "/api/v1/orders"
PLACE = "/destinations/0/place"
TELLTALE = ("Traceback", "SELECT ", "INSERT ", "psycopg", "django.db", 'File "', "orders_order", "DETAIL:")


@pytest.fixture
def shop() -> Shop:
    return a_shop()


def said(shop: Shop) -> dict[str, Any]:
    """An order that would be placed; a second one is of the same person."""
    return {
        "channel": shop.channel.code,
        "person": {"family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", "phone": "090-1234-5678",
                   "email": "hanako@example.jp"},
        "lines": [{"sku": "TEA-1", "quantity": 1}],
        "destinations": [{"place": {"family_name": "山田", "given_name": "花子", "postal_code": "101-0051", "prefecture": "東京都",
                                    "city": "千代田区", "street": "神田神保町1-1", "building": ""}}],
        "payment_method": "cash_on_delivery",
    }  # fmt: skip


def changed(body: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """The body with the value at the pointer."""
    at: Any = body
    *way, last = pointer.strip("/").split("/")
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return body


def sent(client: Client, shop: Shop, raw: Any, *, headers: dict[str, str] | None = None, content_type: str = "application/json") -> Any:
    partner = as_partner(a_token(a_partner(shop.company)))
    given = {**partner, "idempotency-key": "key-1", **(headers or {})}
    raw = raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=True).encode()
    return client.generic("POST", URL, raw, content_type=content_type, headers=given)


def counts() -> tuple[int, ...]:
    return (
        Customer.objects.count(), ContactPoint.objects.count(), Order.objects.count(), Allocation.objects.count(), PaymentIntent.objects.count(),
        OutboxEvent.objects.count(), Stock.objects.exclude(allocated=0).count(),
    )  # fmt: skip


def check_refused(response: Any, *, status: tuple[int, ...] = (400, 422), pointer: str | None = None) -> None:
    body = response.content.decode()
    assert response.status_code in status, body
    assert response["Content-Type"] == "application/problem+json"
    assert not [word for word in TELLTALE if word in body], body
    if pointer is not None:
        assert pointer in {e["pointer"] for e in response.json().get("errors", ())}, body
    assert counts() == (0,) * 7


NAME = "/person/family_name"
REFUSED = [
    ("01 full-width blank name", NAME, "　"), ("01 spaces", NAME, "   "), ("11 zero width in mail", "/person/email", "a\u200b@example.jp"),
    ("12 RTL override", NAME, "山田\u202e"), ("14 lone surrogate", NAME, "\ud83d"), ("15 NUL", NAME, "山\x00田"), ("16 CR LF", NAME, "山\r\n田"),
    ("16 tab in a building", f"{PLACE}/building", "ビル\t3F"), ("20 a megabyte of name", NAME, "山" * 170_000), ("20 121 characters", NAME, "山" * 121),
    ("21 null", NAME, None), ("22 minus one", "/lines/0/quantity", -1), ("22 nought", "/lines/0/quantity", 0), ("22 plus five", "/lines/0/quantity", "+5"),
    ("23 full-width digits in JSON", "/lines/0/quantity", "１２"), ("24 underscore", "/lines/0/quantity", "1_000"), ("25 superscript", "/lines/0/quantity", "²"),
    ("26 Arabic digit", "/lines/0/quantity", "٣"), ("27 comma", "/lines/0/quantity", "1,000"), ("28 exponent", "/lines/0/quantity", 1e3),
    ("30 2^31", "/lines/0/quantity", 2**31), ("30 2^63", "/lines/0/quantity", 2**63), ("31 5,000 digits", "/lines/0/quantity", "9" * 5_000),
    ("32 half a piece", "/lines/0/quantity", 0.5), ("37 true", "/lines/0/quantity", True), ("38 3.0", "/lines/0/quantity", 3.0), ("38 a text", "/lines/0/quantity", "3"),
    ("33 expected total beyond the column", "/expected_total", 10**19), ("27 yen sign", "/expected_total", "¥1,000"), ("22 total below nought", "/expected_total", -1),
    ("39 no leap day", "/destinations/0/wished_on", "2027-02-29"), ("40 nought", "/destinations/0/wished_on", "0000-00-00"),
    ("40 year 10000", "/destinations/0/wished_on", "10000-01-01"), ("41 era", "/destinations/0/wished_on", "令和7年1月1日"),
    ("41 slashes", "/destinations/0/wished_on", "2026/1/1"), ("41 full width", "/destinations/0/wished_on", "２０２６-01-01"),
    ("45 born in 1868", "/person/birth_on", "1868-01-01"), ("45 born tomorrow", "/person/birth_on", "2999-01-01"), ("45 150 years old", "/person/birth_on", "1876-11-30"),
    ("44 a moment for a day", "/destinations/0/wished_on", "2026-12-31T24:00:00"), ("46 Japan's new year as a moment", "/destinations/0/wished_on", "2026-12-31T15:00:00Z"),
    ("36 a tax rate", "/lines/0/tax_rate", 0.08), ("49 a building beyond its column", f"{PLACE}/building", "山" * 201), ("53 a quoted blank", "/person/email", '"a b"@x.jp'),
    ("47 an extension", "/person/phone", "内線12"), ("47 dashes", "/person/phone", "---"),
    ("47 five digits", "/person/phone", "12345"), ("48 three digits", f"{PLACE}/postal_code", "〒１００"),
    ("50 a country that is none", f"{PLACE}/country", "Japan"), ("53 two @", "/person/email", "a@@b.jp"), ("53 255 characters", "/person/email", "a" * 250 + "@b.jp"),
    ("54 a second header", "/person/email", "x@y.jp\r\nBcc: z@y.jp"), ("54 a display name", "/person/email", '"Shop" <evil@y.jp>'),
    ("55 two addresses", "/person/email", "a@y.jp,b@y.jp"), ("61 unknown field", "/total", 1), ("61 status", "/status", "completed"),
    ("61 an id", "/id", "ord_" + "0" * 32), ("62 100,000 lines", "/lines", [{"sku": "TEA-1", "quantity": 1}] * 10_000), ("62 no lines", "/lines", []),
    ("67 short id", "/customer", "cus_1"), ("67 braces", "/customer", "{0}"), ("67 SQL", "/customer", "1 OR 1=1"), ("68 null lines", "/lines", None),
    ("an unknown SKU", "/lines/0/sku", "'; DROP TABLE orders_order; --"), ("a full-width SKU", "/lines/0/sku", "ＴＥＡ－１"),
    ("a card", "/payment_method", "gold"), ("a number for a channel", "/channel", 7), ("an unknown purchase type", "/lines/0/purchase_type", "stolen"),
    ("a destination nobody named", "/lines/0/destination", 2), ("a language that is none", "/language", "日本語"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "pointer", "value"), REFUSED, ids=[case for case, *_rest in REFUSED])
def test_it_is_refused_with_its_field_and_nothing_is_written(client: Client, shop: Shop, _case, pointer, value):
    shop.variant(sku="TEA-1")

    response = sent(client, shop, changed(said(shop), pointer, value))

    in_the_text = _case.startswith("14")  # a broken text has no fields yet
    check_refused(
        response, pointer=None if in_the_text else pointer if not _case.startswith(("a destination",)) else "/lines/0/destination"
    )


KEPT = [
    ("02 four bytes", "𠮷野家"), ("03 ladder characters", "髙橋﨑"), ("04 signs", "①㈱Ⅲ№"), ("05 variation selector", "葛\U000e0100城"), ("08 outside cp932", "ゔé¥"),
    ("09 wave dash", "波〜～"), ("13 a family", "👨‍👩‍👧‍👦"), ("17 markup", "<script>alert(1)</script>"), ("17 svg", '"><svg onload=x>'), ("18 templates", "{{7*7}} %(x)s ${x}"),
    ("19 SQL", "'; DROP TABLE x; -- \\ % _"), ("21 null as a name", "null"), ("21 nan", "nan"), ("07 half-width kana", "ﾊﾞﾅﾅ"), ("86 a formula", "=cmd|' /C calc'!A0"), ("20 120 characters", "山" * 120),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "name"), KEPT, ids=[case for case, _name in KEPT])
def test_a_name_is_kept_as_it_was_said(client: Client, shop: Shop, _case, name):
    shop.variant(sku="TEA-1")

    response = sent(client, shop, changed(said(shop), NAME, name))

    assert response.status_code == 201, response.content
    assert Order.objects.get().buyer_name == f"{name} 花子"


@pytest.mark.parametrize(
    ("_case", "phone"),
    [
        ("full width", "０９０−１２３４−５６７８"),
        ("abroad", "+81 90-1234-5678"),
        ("dashes of all kinds", "090‐1234―5678"),
        ("prolonged", "090ー1234ー5678"),
    ],
)
def test_a_phone_in_any_form_finds_the_same_customer(client: Client, shop: Shop, _case, phone):
    shop.variant(sku="TEA-1")
    assert sent(client, shop, said(shop)).status_code == 201

    response = sent(client, shop, changed(said(shop), "/person/phone", phone), headers={"idempotency-key": "key-2"})

    assert response.status_code == 201, response.content
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(("_case", "kana"), [("half width", "ﾔﾏﾀﾞ"), ("NFD", "ヤマタ\u3099"), ("hiragana", "やまだ")])
def test_a_reading_in_any_form_finds_the_same_customer(client: Client, shop: Shop, _case, kana):
    shop.variant(sku="TEA-1")
    sent(client, shop, said(shop))

    sent(client, shop, changed(said(shop), "/person/family_kana", kana), headers={"idempotency-key": "key-2"})

    assert (Customer.objects.count(), Order.objects.count()) == (1, 2)


MAILS = [
    ("51 two dots", "a..b@docomo.ne.jp", "a..b@docomo.ne.jp"), ("51 a dot first", ".a@docomo.ne.jp", ".a@docomo.ne.jp"), ("52 full width", "Ａ@ｅxample.com", "a@example.com"),
    ("52 IDN", "a@日本語.jp", "a@xn--wgv71a119e.jp"), ("52 punycode", "a@xn--wgv71a119e.jp", "a@xn--wgv71a119e.jp"), ("53 many labels", "a@" + "a." * 120 + "jp", "a@" + "a." * 120 + "jp"),
    ("56 a tag", "hanako+shop@example.jp", "hanako+shop@example.jp"), ("56 dots", "h.a.n.a.k.o@example.jp", "h.a.n.a.k.o@example.jp"), ("57 our own", "info@daifuku.example", "info@daifuku.example"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "typed", "mailbox"), MAILS, ids=[case for case, *_rest in MAILS])
def test_a_mail_address_is_kept_as_said_and_known_by_its_mailbox(client: Client, shop: Shop, _case, typed, mailbox):
    shop.variant(sku="TEA-1")

    response = sent(client, shop, changed(said(shop), "/person/email", typed))

    assert response.status_code == 201, response.content
    assert Order.objects.get().buyer_email == typed
    assert ContactPoint.objects.get(kind="email").value_key == mailbox


ADDRESSES = [
    ("10 every dash", "street", "１−２－３‐４ー５—６", "１−２－３‐４ー５—６"), ("49 a prefecture in short", "prefecture", "東京", "東京都"), ("49 in full", "prefecture", "東京都", "東京都"),
    ("49 longer than a label", "street", "神田神保町" + "一" * 195, "神田神保町" + "一" * 195), ("50 none", "prefecture", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "field", "typed", "expected"), ADDRESSES, ids=[case for case, *_rest in ADDRESSES])
def test_an_address_is_kept_as_it_is_printed(client: Client, shop: Shop, _case, field, typed, expected):
    shop.variant(sku="TEA-1")

    response = sent(client, shop, changed(said(shop), f"{PLACE}/{field}", typed))

    assert response.status_code == 201, response.content
    assert getattr(Destination.objects.get(), field) == expected


def test_50_an_address_abroad_needs_no_prefecture_of_ours(client: Client, shop: Shop):
    shop.variant(sku="TEA-1")
    body = changed(changed(changed(said(shop), f"{PLACE}/country", "US"), f"{PLACE}/prefecture", "Tokyo"), f"{PLACE}/postal_code", "94103")

    response = sent(client, shop, body)

    assert response.status_code == 201, response.content
    assert Destination.objects.values_list("country", "prefecture", "postal_code").get() == ("US", "Tokyo", "94103")


@pytest.mark.parametrize(
    ("_case", "query", "found"),
    [
        ("43 open at its end", "placed_from_on=2027-01-01", 1), ("43 open at its beginning", "placed_until_on=2027-01-02", 1), ("43 equal", "placed_from_on=2027-01-01&placed_until_on=2027-01-01", 0),
        ("43 the end before the start", "placed_from_on=2027-01-02&placed_until_on=2027-01-01", 0), ("46 the new year of Japan", "placed_from_on=2027-01-01&placed_until_on=2027-01-02", 1),
        ("46 not the old one", "placed_until_on=2027-01-01", 0),
    ],
)  # fmt: skip
def test_days_of_a_list_are_days_of_the_company(client: Client, shop: Shop, _case, query, found):
    placed(a_draft(shop, (shop.variant(), 1)), at=datetime(2026, 12, 31, 15, tzinfo=UTC))

    answer = client.get(f"{URL}?{query}", headers=as_partner(a_token(a_partner(shop.company))))

    assert (answer.status_code, len(answer.json()["data"])) == (200, found)


@pytest.mark.parametrize(
    ("_case", "query", "pointer"),
    [
        ("44 an offset", "placed_from_on=2027-01-01%2B14:00", "/placed_from_on"), ("40 noughts", "placed_from_on=0000-00-00", "/placed_from_on"), ("65 minus one", "limit=-1", "/limit"),
        ("65 nought", "limit=0", "/limit"), ("65 10^9", "limit=1000000000", "/limit"), ("65 a full-width limit", "limit=%EF%BC%91", "/limit"), ("65 sorted by a secret", "sort=password", "/sort"),
        ("65 a page", "page=-1", "/page"), ("65 a word of Django's", "_connector=OR", "/_connector"), ("65 a look into another table", "customer__email=a", "/customer__email"),
        ("66 one twice", "status=open&status=cancelled", "/status"), ("65 a made-up cursor", "cursor=x", "/cursor"),
    ],
)  # fmt: skip
def test_a_list_says_which_of_its_words_it_does_not_take(client: Client, shop: Shop, _case, query, pointer):
    answer = client.get(f"{URL}?{query}", headers=as_partner(a_token(a_partner(shop.company))))

    check_refused(answer, status=(400,), pointer=pointer)


def test_65_a_cursor_is_worth_nothing_to_another_partner(client: Client, shop: Shop):
    an_order(shop)
    an_order(shop)
    cursor = client.get(f"{URL}?limit=1", headers=as_partner(a_token(a_partner(shop.company)))).json()["next_cursor"]

    answer = client.get(f"{URL}?limit=1&cursor={cursor}", headers=as_partner(a_token(a_partner(shop.company))))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cursor")


def raw(shop: Shop) -> bytes:
    return json.dumps(said(shop)).encode()


BODIES = [
    ("58 a list", lambda b: b"[]"), ("58 a text", lambda b: b'"x"'), ("58 a number", lambda b: b"1"), ("58 null", lambda b: b"null"),
    ("58 UTF-16", lambda b: b.decode().encode("utf-16")), ("58 cp932", lambda b: b.decode("unicode_escape").encode("cp932", "replace")),
    ("29 NaN", lambda b: b.replace(b'"quantity": 1', b'"quantity": NaN')), ("29 Infinity", lambda b: b.replace(b'"quantity": 1', b'"quantity": Infinity')),
    ("28 1e400", lambda b: b.replace(b'"quantity": 1', b'"quantity": 1e400')), ("28 minus nought", lambda b: b.replace(b'"quantity": 1', b'"quantity": -0')),
    ("31 5,000 digits", lambda b: b.replace(b'"quantity": 1', b'"quantity": ' + b"9" * 5_000)),
    ("59 100,000 deep", lambda b: b'{"a":' * 100_000 + b"1" + b"}" * 100_000), ("59 lists", lambda b: b"[" * 100_000 + b"]" * 100_000),
    ("60 a field twice", lambda b: b.replace(b'"quantity": 1', b'"quantity": 1, "quantity": 9')), ("cut in half", lambda b: b[: len(b) // 2]),
    ("a comma too many", lambda b: b[:-1] + b",}"), ("15 NUL in a key", lambda b: b.replace(b'"channel"', b'"chan\\u0000nel"')), ("68 an empty object", lambda b: b"{}"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "spoil"), BODIES, ids=[case for case, _spoil in BODIES])
def test_a_body_that_is_no_order_is_refused(client: Client, shop: Shop, _case, spoil):
    shop.variant(sku="TEA-1")

    check_refused(sent(client, shop, spoil(raw(shop))))


@pytest.mark.parametrize(
    ("_case", "headers", "content_type", "status"),
    [
        ("63 a form", {}, "application/x-www-form-urlencoded", 415), ("63 text", {}, "text/plain", 415), ("63 another charset", {}, "application/json; charset=shift_jis", 415),
        ("63 gzip", {"content-encoding": "gzip"}, "application/json", 415), ("64 no key", {"idempotency-key": ""}, "application/json", 400),
        ("64 a long key", {"idempotency-key": "k" * 256}, "application/json", 400), ("64 a key in kanji", {"idempotency-key": "鍵"}, "application/json", 400),
        ("64 two keys", {"idempotency-key": "a, b"}, "application/json", 400), ("72 no token", {"authorization": ""}, "application/json", 401),
        ("72 a made-up token", {"authorization": "Bearer x"}, "application/json", 401), ("72 another scheme", {"authorization": "Basic eDp4"}, "application/json", 401),
        ("72 an endless token", {"authorization": "Bearer " + "x" * 5_000}, "application/json", 401), ("15 NUL in a token", {"authorization": "Bearer a\x00b"}, "application/json", 401),
        ("72 two words", {"authorization": "Bearer a b"}, "application/json", 401),
    ],
)  # fmt: skip
def test_headers_that_will_not_do(client: Client, shop: Shop, _case, headers, content_type, status):
    shop.variant(sku="TEA-1")

    check_refused(sent(client, shop, raw(shop), headers=headers, content_type=content_type), status=(status,))


def test_a_token_that_ended_a_second_ago_is_worth_nothing(client: Client, shop: Shop):
    token = a_token(a_partner(shop.company), seconds=-1)

    check_refused(sent(client, shop, raw(shop), headers=as_partner(token)), status=(401,))


def test_no_body_at_all_is_refused(client: Client, shop: Shop):
    check_refused(sent(client, shop, b""), status=(400, 415))


def test_a_body_over_a_megabyte_is_too_large(client: Client, shop: Shop):
    check_refused(sent(client, shop, b'{"remark": "' + b"x" * 2**20 + b'"}'), status=(413,))


@pytest.mark.parametrize(
    "path",
    [
        f"{URL}/ord_%00",
        f"{URL}/%ff",
        f"{URL}/..%2f..%2fadmin",
        f"{URL}/{'x' * 9_000}",
        f"{URL}?status=%00",
        f"{URL}?limit=10000000000",
        f"{URL}?a=1&a=2",
        f"{URL}?cursor=%F0%28",
    ],
)
def test_an_address_that_is_none_is_answered_calmly(client: Client, shop: Shop, path: str):
    response = client.get(path, headers=as_partner(a_token(a_partner(shop.company))))

    check_refused(response, status=(400, 404, 414))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
def test_methods_nobody_serves(client: Client, shop: Shop, method: str):
    response = client.generic(method, URL, b"{}", content_type="application/json", headers=as_partner(a_token(a_partner(shop.company))))

    check_refused(response, status=(405,))


def test_a_method_in_a_header_changes_nothing(client: Client, shop: Shop):
    response = client.get(URL, headers={**as_partner(a_token(a_partner(shop.company))), "x-http-method-override": "POST"})

    assert response.status_code == 200
    assert counts() == (0,) * 7


def test_the_same_article_a_hundred_times_is_summed_before_stock_is_promised(client: Client):
    shop = a_shop(locations=1)
    shop.variant(sku="TEA-1", stock=[99])

    response = sent(client, shop, changed(said(shop), "/lines", [{"sku": "TEA-1", "quantity": 1}] * 100))

    assert response.status_code == 422
    assert counts() == (0,) * 7
