"""What real counters and chats hand in, field by field: kept exactly, or told with its field, and never half an order."""

import json
from typing import Any

import pytest

from customers.models import Customer
from inventory.models import Allocation
from orders.models import Destination, IntakeOrder, IntakeRow, Order
from orders.rules import moment_in
from tests.factories.intake import an_outside_shop, golden, house_document, house_order, taken
from tests.factories.orders import a_shop

pytestmark = pytest.mark.django_db(transaction=True)


def handed_in(pointer: str, value: Any) -> None:
    """The house's own document with the value at the pointer of its order."""
    shop = a_shop()
    order = house_order(sku=shop.variant(sku="TEA-1").sku)
    at: Any = order
    *way, last = pointer.strip("/").split("/")
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[last] = value
    taken(json.dumps({"orders": [order]}).encode(), an_outside_shop(shop))


def outcome() -> tuple[str, str, str]:
    """(state, code, field): of the outside order, or of the row that is none."""
    if known := IntakeOrder.objects.first():
        return known.state, known.code, known.field
    row = IntakeRow.objects.exclude(code="").get()
    return "unreadable", row.code, row.field


def counts() -> tuple[int, int, int]:
    return Order.objects.count(), Customer.objects.count(), Allocation.objects.count()


NAME, MAIL, PHONE, QUANTITY, PRICE, TO = (
    "/buyer/family_name", "/buyer/email", "/buyer/phone", "/lines/0/quantity", "/lines/0/unit_price", "/destinations/0",
)  # fmt: skip
AT_LINE, WISHED, POSTAL = "/lines 1/quantity", f"{TO}/wished_on", f"{TO}/postal_code"
TOLD = [
    ("14 half a pair", NAME, "\ud83d", "unreadable intake.unstorable /buyer/family_name"), ("15 NUL", NAME, "山\x00田", "unreadable intake.unstorable /buyer/family_name"),
    ("20 121 characters", NAME, "山" * 121, "refused customers.text_too_long /person/family_name"), ("20 a megabyte", NAME, "山" * 300_000, "unreadable intake.too_long /buyer/family_name"),
    ("20 a long remark", "/remark", "字" * 5_000, "unreadable intake.too_long /remark"), ("21 no buyer", "/buyer", "x", "refused customers.name_missing /person/family_name"),
    ("22 minus one", QUANTITY, -1, f"unreadable intake.quantity {AT_LINE}"), ("22 nought", QUANTITY, 0, f"unreadable intake.quantity {AT_LINE}"),
    ("22 plus five", QUANTITY, "+5", f"unreadable intake.number {AT_LINE}"), ("22 a price below nought", PRICE, -1, "unreadable intake.amount /lines 1/unit_price"),
    ("23 full width, another total", QUANTITY, "１２", "person order.total_changed /expected_total"), ("24 underscore", QUANTITY, "1_000", f"unreadable intake.number {AT_LINE}"),
    ("26 Arabic digit", QUANTITY, "٣", f"unreadable intake.number {AT_LINE}"), ("28 exponent", QUANTITY, "1e3", f"unreadable intake.number {AT_LINE}"),
    ("28 minus nought", "/total", "-0", "unreadable intake.number /total"), ("29 NaN as text", QUANTITY, "NaN", f"unreadable intake.number {AT_LINE}"),
    ("30 2^31", QUANTITY, 2**31, f"unreadable intake.quantity {AT_LINE}"), ("30 2^63", QUANTITY, 2**63, f"unreadable intake.number {AT_LINE}"),
    ("31 5,000 digits", QUANTITY, "9" * 5_000, f"unreadable intake.number {AT_LINE}"), ("32 half a piece", QUANTITY, 0.5, f"unreadable intake.number {AT_LINE}"),
    ("32 half a yen", PRICE, 0.5, "unreadable intake.number /lines 1/unit_price"), ("33 beyond every total", "/total", 10**19, "unreadable intake.number /total"),
    ("35 a discount above the price", "/lines/0/discount", 2_000, "person order.discount_too_large /discounts"), ("37 true", QUANTITY, True, f"unreadable intake.number {AT_LINE}"),
    ("more than there is", QUANTITY, "1,000", "refused inventory.out_of_stock /lines/0/quantity"), ("another total", "/total", 999, "person order.total_changed /expected_total"),
    ("another currency", "/currency", "USD", "unreadable intake.currency /currency"),
    ("39 no leap day", WISHED, "2027-02-29", "unreadable intake.day /destinations 1/wished_on"), ("40 year 10000", WISHED, "10000-01-01", "unreadable intake.day /destinations 1/wished_on"),
    ("41 era", WISHED, "令和7年1月1日", "unreadable intake.day /destinations 1/wished_on"), ("42 the past", WISHED, "2020-01-01", "person intake.wished_day /destinations/0/wished_on"),
    ("42 in a lifetime", WISHED, "2099-01-01", "person intake.wished_day /destinations/0/wished_on"), ("81 a spreadsheet's day", WISHED, "45000", "unreadable intake.day /destinations 1/wished_on"),
    ("47 an extension alone", PHONE, "内線12", "refused customers.phone_unreadable /person/phone"), ("47 dashes", PHONE, "---", "refused customers.phone_unreadable /person/phone"),
    ("47 twelve digits", PHONE, "090123456789", "refused customers.phone_unreadable /person/phone"), ("48 three digits", POSTAL, "〒１００", "refused customers.postal_code_unreadable /destinations/0/place/postal_code"),
    ("53 two @", MAIL, "a@@b.jp", "refused customers.email_unreadable /person/email"), ("53 255 characters", MAIL, "a" * 250 + "@b.jp", "unreadable intake.too_long /buyer/email"),
    ("54 a second header", MAIL, "x@y.jp\r\nBcc: z@y.jp", "refused customers.email_unreadable /person/email"), ("54 a display name", MAIL, '"Shop" <evil@y.jp>', "refused customers.email_unreadable /person/email"),
    ("55 two addresses", MAIL, "a@y.jp,b@y.jp", "refused customers.email_unreadable /person/email"),
    ("62 no lines", "/lines", [], "refused order.no_lines /lines"), ("68 null lines", "/lines", None, "refused order.no_lines /lines"), ("68 a text for lines", "/lines", "x", "refused order.no_lines /lines"),
    ("68 null destinations", "/destinations", None, "unreadable intake.missing /destinations"), ("a destination nobody named", "/lines/0/destination", 2, "unreadable intake.no_such_destination /lines 1/destination"),
    ("20 a long number", "/number", "9" * 81, "unreadable intake.too_long /number"), ("01 no number", "/number", "　", "unreadable intake.missing /number"),
    ("a status nobody knows", "/status", "stolen", "unreadable intake.unknown_status /status"), ("a payment nobody knows", "/payment", "gold", "person intake.unknown_payment /payment"),
    ("a band nobody knows", f"{TO}/time_band", "25-26", "person intake.unknown_time_band /destinations/0/time_band"),
    ("19 SQL as a SKU", "/lines/0/sku", "'; DROP TABLE x; --", "person intake.unknown_article /lines/0/codes"), ("23 a full-width SKU", "/lines/0/sku", "ＴＥＡ－１", "person intake.unknown_article /lines/0/codes"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "pointer", "value", "expected"), TOLD, ids=[case for case, *_rest in TOLD])
def test_it_is_told_with_its_field_and_nothing_is_ordered(_case, pointer, value, expected):
    handed_in(pointer, value)

    assert " ".join(outcome()) == expected
    assert counts() == (0, 0, 0)


KEPT = [
    ("02 four bytes", NAME, "𠮷野家", "𠮷野家 花子"), ("03 ladder", NAME, "髙橋﨑", "髙橋﨑 花子"), ("04 signs", NAME, "①㈱Ⅲ№", "①㈱Ⅲ№ 花子"), ("08 outside cp932", NAME, "ゔé¥", "ゔé¥ 花子"),
    ("05 variation selector", NAME, "葛\U000e0100城", "葛\U000e0100城 花子"), ("09 wave dash", NAME, "波〜～", "波〜～ 花子"), ("13 a family", NAME, "👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦 花子"),
    ("17 markup", NAME, "<script>alert(1)</script>", "<script>alert(1)</script> 花子"), ("18 templates", NAME, "{{7*7}} %(x)s ${x}", "{{7*7}} %(x)s ${x} 花子"), ("21 null as a name", NAME, "null", "null 花子"),
    ("19 SQL", NAME, "'; DROP TABLE x; -- \\ % _", "'; DROP TABLE x; -- \\ % _ 花子"), ("12 RTL override goes", NAME, "山田\u202e", "山田 花子"), ("16 a line break is a blank", NAME, "山\r\n田", "山 田 花子"),
    ("06 a mark apart", NAME, "カ゛", "ガ 花子"), ("06 NFD", NAME, "か\u3099", "が 花子"), ("86 a formula", NAME, "=1+1", "=1+1 花子"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "pointer", "value", "name"), KEPT, ids=[case for case, *_rest in KEPT])
def test_a_name_is_kept_but_for_what_nobody_sees(_case, pointer, value, name):
    handed_in(pointer, value)

    assert outcome() == ("placed", "", "")
    assert Order.objects.get().buyer_name == name


@pytest.mark.parametrize(
    ("_case", "pointer", "value"),
    [
        ("23 full width", QUANTITY, "１"), ("38 a text", QUANTITY, "1"), ("38 1.0", QUANTITY, 1.0), ("27 a yen sign", "/total", "¥1,000"), ("27 a comma", PRICE, "1,000"),
        ("40 Rakuten's nought", WISHED, "0000-00-00"), ("41 slashes", WISHED, "2026/12/1"), ("41 full width", WISHED, "２０２６-12-01"), ("46 the new year of Japan", "/ordered_at", "2026-12-31T15:00:00Z"),
        ("47 full width", PHONE, "０９０−１２３４−５６７８"), ("47 an extension behind", PHONE, "090-1234-5678 ext 12"), ("48 full width", POSTAL, "１０１−００５１"), ("49 short", f"{TO}/prefecture", "東京"),
        ("51 an old carrier address", MAIL, "a..b@docomo.ne.jp"), ("11 zero width in mail", MAIL, "a\u200b@example.jp"), ("07 half-width kana", "/buyer/family_kana", "ﾀｶﾊｼ"), ("30 a number of 20 digits", "/number", 10**19),
        ("61 a field nobody knows", "/owner", "me"), ("36 a tax rate of theirs", "/lines/0/tax_rate", 8),
    ],
)  # fmt: skip
def test_what_people_write_is_read_on_purpose(_case, pointer, value):
    handed_in(pointer, value)

    assert outcome() == ("placed", "", "")
    order = Order.objects.get()
    assert (order.total, order.lines.get().quantity) == (1_000, 1)


PLACES = [
    ("10 every dash", "street", "１−２－３‐４ー５—６", {"street": "１−２－３‐４ー５—６"}), ("49 in short", "prefecture", "東京", {"prefecture": "東京都", "city": "千代田区"}),
    ("49 a city behind it", "prefecture", "東京都港区", {"prefecture": "東京都", "city": "港区千代田区"}), ("49 TAB in a building", "building", "ビル\t3F", {"building": "ビル 3F"}),
    ("49 longer than a label", "street", "神田神保町" + "一" * 195, {"street": "神田神保町" + "一" * 195}), ("50 abroad", "prefecture", "California", {"prefecture": "California"}),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "field", "value", "expected"), PLACES, ids=[case for case, *_rest in PLACES])
def test_nothing_of_an_address_is_lost(_case, field, value, expected):
    handed_in(f"{TO}/{field}", value)

    assert outcome() == ("placed", "", "")
    assert Destination.objects.values(*expected).get() == expected


MOMENTS = [
    ("46 the new year of Japan", "2026-12-31T15:00:00Z", "2027-01-01T00:00:00+09:00"), ("44 an offset far east", "2026-12-31T15:00:00+14:00", "2026-12-31T10:00:00+09:00"),
    ("44 an unknown offset", "2026-12-31T15:00:00-00:00", "2027-01-01T00:00:00+09:00"), ("44 no zone", "2026-12-31T15:00:00", "2026-12-31T15:00:00+09:00"),
    ("44 midnight at its end", "2026-12-31T24:00:00Z", ""), ("44 a leap second", "2026-12-31T23:59:60Z", ""), ("41 an era", "令和8年12月31日", ""),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "typed", "moment"), MOMENTS, ids=[case for case, *_rest in MOMENTS])
def test_a_moment_is_read_with_its_offset_or_as_japans_and_one_that_is_none_is_none(_case, typed, moment):
    assert moment_in(typed) == moment


@pytest.mark.parametrize(
    ("_case", "typed"),
    [("52 IDN", "a@日本語.jp"), ("53 many labels", "a@" + "a." * 120 + "jp"), ("56 a tag", "hanako+shop@example.jp"), ("57 our own", "info@daifuku.example")],
)  # fmt: skip
def test_a_mail_address_is_kept_as_it_came(_case, typed):
    handed_in(MAIL, typed)

    assert outcome() == ("placed", "", "")
    assert Order.objects.get().buyer_email == typed


def test_one_bad_order_of_a_thousand_spoils_itself_only():
    shop = a_shop()
    sku = shop.variant(sku="TEA-1", stock=[5_000]).sku
    orders = [house_order(f"C-{n}", sku=sku) for n in range(1_000)]
    orders[998]["lines"][0]["quantity"] = "1_000"

    answer = taken(house_document(*orders), an_outside_shop(shop))

    assert (answer.counted.state, Order.objects.count()) == ("partly", 999)
    assert list(IntakeRow.objects.exclude(code="").values_list("outside_number", "field")) == [("C-998", "/lines 1/quantity")]


@pytest.mark.parametrize(
    ("adapter", "document", "way"), [("shopify", "shopify.json", ("currency",)), ("amazon", "amazon.json", ("OrderTotal", "CurrencyCode"))]
)
def test_money_of_another_country_is_never_taken_for_yen(adapter: str, document: str, way: tuple[str, ...]):
    shop = a_shop()
    shop.variant(sku="TEA-100")
    told = json.loads(golden(document))
    at = told["payload"]["Orders"][0] if "payload" in told else told
    for step in way[:-1]:
        at = at[step]
    at[way[-1]] = "USD"

    taken(json.dumps(told).encode(), an_outside_shop(shop, adapter))

    assert " ".join(outcome()) == f"unreadable intake.currency /{'/'.join(way)}"
    assert counts() == (0, 0, 0)
