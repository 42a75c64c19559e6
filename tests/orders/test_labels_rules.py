"""Label rows written by rule: widths in bytes, what runs on, what is said of signs no label can carry; modulo 7."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refusal
from orders.rules import (
    JAPANPOST,
    SAGAWA_74,
    YAMATO_95,
    YAMATO_97,
    LabelParcel,
    LabelParty,
    LabelRow,
    LabelTerms,
    contract_faults,
    fits_modulo_7,
    label_csv,
    label_row,
    parcel_faults,
    read_number,
)
from orders.rules.labels import label_safe, run_on

LAYOUTS = (YAMATO_95, YAMATO_97, SAGAWA_74, JAPANPOST)
TODAY = date(2026, 5, 11)
HOME = LabelParty(name="山田 花子", phone="03-1234-5678", postal_code="101-0051", address="東京都千代田区神田神保町1-1")
COMPANY = LabelParty(
    name="こよみ堂", phone="0120-000-540", postal_code="420-0853", address="静岡県静岡市葵区追手町0-0", building="茶町ビル2階"
)
TERMS = LabelTerms(customer_code="054000000001", freight_code="01", goods="食品", packing="001", phone="0120-000-540")


def a_parcel(**told):
    return LabelParcel(
        **{
            "number": "KS-001001",
            "order_number": "KO-001001",
            "today": TODAY,
            "leaves_on": TODAY,
            "recipient": HOME,
            "sender": COMPANY,
            **told,
        }
    )


def rows_of(layout, parcel, terms=TERMS):
    given_rows = layout.rows(parcel, terms)
    if given_rows and isinstance(given_rows[0], Refusal):
        return given_rows
    return [label_row(told, layout.kind.standard, layout) for told in given_rows]


def cells_of(layout, parcel, terms=TERMS):
    [row] = rows_of(layout, parcel, terms)
    assert isinstance(row, LabelRow), row
    return dict(zip((column.heading for column in layout.kind.standard), row.cells, strict=True))


def faults_of(layout, parcel):
    return {(fault.code, fault.field) for row in rows_of(layout, parcel) for fault in (row if isinstance(row, list) else [row])}


@pytest.mark.parametrize(("layout", "columns"), [(YAMATO_95, 95), (YAMATO_97, 97), (SAGAWA_74, 74), (JAPANPOST, 45)])
def test_a_layout_has_its_columns(layout, columns):
    assert len(layout.kind.standard) == columns


# From the published lists of fields: place of the column, counted from 1, and its heading.
@pytest.mark.parametrize(
    ("layout", "place", "heading"),
    [
        (YAMATO_95, 4, "伝票番号"),
        (YAMATO_95, 16, "お届け先名"),
        (YAMATO_95, 28, "品名１"),
        (YAMATO_95, 40, "請求先顧客コード"),
        (YAMATO_95, 74, "複数口くくりキー"),
        (YAMATO_97, 96, "連携管理番号"),
        (SAGAWA_74, 10, "お客様管理番号"),
        (SAGAWA_74, 42, "出荷個数"),
        (SAGAWA_74, 62, "お問い合せ送り状No."),
        (JAPANPOST, 6, "郵便種別"),
    ],
)
def test_a_column_stands_where_the_carrier_has_it(layout, place, heading):
    assert layout.kind.standard[place - 1].heading == heading


def test_what_cp932_has_stays_and_what_has_a_safe_substitute_is_told():
    safe = label_safe("髙橋 𠮷男〜㈱①")

    assert safe.text == "髙橋 吉男〜(株)1"
    assert safe.replaced == (("𠮷", "吉"), ("㈱", "(株)"), ("①", "1"))
    assert safe.lost == ()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.code)
def test_a_sign_nobody_can_replace_keeps_the_parcel_from_being_printed(layout):
    home = LabelParty(name="山田 🍵", phone=HOME.phone, postal_code=HOME.postal_code, address="東京都千代田区𠀋1-1")

    faults = [fault for row in rows_of(layout, a_parcel(recipient=home)) for fault in row]

    assert [(fault.code, fault.params["sign"]) for fault in faults] == [("order.label_sign", "𠀋"), ("order.label_sign", "🍵")]
    assert all(fault.field for fault in faults)


def test_all_of_row_13_is_replaced_or_told():
    row = [bytes((0x87, low)) for low in (*range(0x40, 0x7F), *range(0x80, 0x9D))]
    signs = [
        code.decode("cp932")
        for code in row
        if code.decode("cp932", "replace").isprintable() and "\ufffd" not in code.decode("cp932", "replace")
    ]

    special = [sign for sign in signs if sign.encode("cp932")[0] == 0x87]

    assert len(special) > 60
    assert [sign for sign in special if label_safe(sign).text == sign] == []


@pytest.mark.parametrize("begins", ["=1+1", "+81", "-5", "@x", "＝ア"])
def test_no_cell_is_a_formula(begins):
    assert cells_of(YAMATO_95, a_parcel(recipient=LabelParty(name=begins, phone="03", postal_code="1010051", address="東京都")))[
        "お届け先名"
    ].startswith("　")


def test_a_company_of_31_signs_runs_on_into_the_second_line():
    company = "株式会社" + "あ" * 27
    home = LabelParty(name="山田 花子", organisation=company, phone="03", postal_code="1010051", address="東京都千代田区1-1")

    yamato, sagawa, post = (cells_of(layout, a_parcel(recipient=home)) for layout in (YAMATO_95, SAGAWA_74, JAPANPOST))

    assert (yamato["お届け先会社・部門１"], yamato["お届け先会社・部門２"]) == (company[:25], company[25:])
    assert (sagawa["お届け先住所２"], sagawa["お届け先住所３"], sagawa["お届け先名称１"]) == (company[:16], company[16:], "山田 花子")
    assert (post["お届け先名称１"], post["お届け先名称２"]) == (company[:25], company[25:] + "　山田 花子")


def test_a_long_building_in_okinawa_runs_on_and_numbers_stay_whole():
    home = LabelParty(
        name="比嘉 太郎", phone="098-000-0000", postal_code="904-2142", address="沖縄県沖縄市登川1234-5",
        building="グランドオーシャンビューレジデンス登川ガーデンテラス弐番館1203号室",
    )  # fmt: skip

    yamato, sagawa = (cells_of(layout, a_parcel(recipient=home)) for layout in (YAMATO_95, SAGAWA_74))

    assert yamato["お届け先住所"] == "沖縄県沖縄市登川1234-5"
    assert yamato["お届け先アパートマンション名"] + yamato["お届け先会社・部門１"] == home.building
    assert len(yamato["お届け先アパートマンション名"].encode("cp932")) <= 32
    assert sagawa["お届け先住所１"] == "沖縄県沖縄市登川1234-5　グランド"  # the other two have no room for all of it
    assert "グランド" + sagawa["お届け先住所２"] + sagawa["お届け先住所３"] == home.building
    assert "1203号室" in sagawa["お届け先住所３"]


def test_a_number_is_not_cut_in_two_where_there_is_room():
    told = run_on([("静岡県静岡市葵区追手町1-2-3", 0), ("茶町ビル", 1)], [24, 16])

    assert told == (["静岡県静岡市葵区追手町", "1-2-3　茶町ビル"], "")


def test_what_fits_nowhere_is_left_to_a_person():
    home = LabelParty(name="あ" * 17, phone="03", postal_code="1010051", address="東京都千代田区" + "い" * 200)

    assert faults_of(YAMATO_95, a_parcel(recipient=home)) == {
        ("order.label_too_long", "お届け先会社・部門２"),
        ("order.label_too_long", "お届け先名"),
    }


@pytest.mark.parametrize(
    ("layout", "chilled", "frozen", "noon", "evening"),
    [(YAMATO_95, "2", "1", "1416", "1921"), (SAGAWA_74, "002", "003", "14", "19"), (JAPANPOST, "1", "2", "53", "57")],
    ids=["yamato", "sagawa", "japanpost"],
)
def test_zones_and_time_bands_are_the_carriers_own(layout, chilled, frozen, noon, evening):
    zone = {"yamato": "クール区分", "sagawa": "クール便指定", "japanpost": "保冷種別"}[layout.carrier]
    band = {"yamato": "配達時間帯", "sagawa": "配達指定時間帯", "japanpost": "配達時間帯区分"}[layout.carrier]

    cold = cells_of(layout, a_parcel(temperatures=frozenset({"ambient", "chilled"}), time_band="1416"))
    icy = cells_of(layout, a_parcel(temperatures=frozenset({"frozen"}), time_band="1921"))

    assert (cold[zone], icy[zone], cold[band], icy[band]) == (chilled, frozen, noon, evening)
    assert ("order.label_no_code", band) in faults_of(layout, a_parcel(time_band="2021"))


def test_cash_on_delivery_has_its_amount_and_the_tax_within():
    paid_at_door = a_parcel(collect=3_456, collect_tax=256)

    yamato, sagawa, post = (cells_of(layout, paid_at_door) for layout in (YAMATO_95, SAGAWA_74, JAPANPOST))

    assert (yamato["送り状種類"], yamato["ｺﾚｸﾄ代金引換額（税込)"], yamato["内消費税額等"]) == ("2", "3456", "256")
    assert (sagawa["代引金額"], sagawa["消費税"]) == ("3456", "256")
    assert (post["元着払/代引区分"], post["代引金額"], post["代引消費税"]) == ("2", "3456", "256")
    assert faults_of(YAMATO_95, a_parcel(collect=300_001)) == {("order.label_collect", "")}
    assert faults_of(YAMATO_95, a_parcel(collect=1_000, pieces=2)) == {("order.label_collect_pieces", "")}


def test_three_pieces_are_three_rows_under_one_key_or_one_row_with_their_number():
    three = a_parcel(pieces=3)

    yamato = rows_of(YAMATO_95, three)

    headings = [column.heading for column in YAMATO_95.kind.standard]
    told = [(row.cells[headings.index("送り状種類")], row.cells[headings.index("複数口くくりキー")]) for row in yamato]
    assert told == [("6", "KS-001001")] * 3
    assert cells_of(SAGAWA_74, three)["出荷個数"] == "3"
    assert cells_of(JAPANPOST, three)["複数個口数"] == "3"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"wished_on": date(2026, 5, 10)}, "order.label_wished_past"),
        ({"leaves_on": date(2026, 5, 10)}, "order.label_leaves_past"),
        ({"temperatures": frozenset({"chilled", "frozen"})}, "order.label_two_zones"),
        ({"recipient": LabelParty(name="A", country="US")}, "order.label_abroad"),
        ({"recipient": LabelParty(name="A", postal_code="101")}, "order.label_postal_code"),
        ({"collect": 100, "currency": "USD"}, "order.label_currency"),
    ],
)
def test_a_parcel_no_carrier_can_take_is_told(told, code):
    assert [fault.code for fault in parcel_faults(a_parcel(**told))] == [code]


def test_none_leaves_in_a_month():
    assert cells_of(YAMATO_95, a_parcel(leaves_on=date(2026, 6, 10)))["出荷予定日"] == "2026/06/10"
    assert faults_of(YAMATO_95, a_parcel(leaves_on=date(2026, 6, 11))) == {("order.label_too_early", "")}


def test_a_contract_that_could_print_nothing_says_which_column_it_lacks():
    assert contract_faults(YAMATO_95, TERMS, COMPANY) == []
    told = contract_faults(YAMATO_95, LabelTerms(freight_code="01"), LabelParty(name="あ" * 17, address="東京都"))
    assert {(fault.code, fault.field) for fault in told} == {
        ("order.label_incomplete", "ご依頼主電話番号"),
        ("order.label_incomplete", "ご依頼主郵便番号"),
        ("order.label_incomplete", "請求先顧客コード"),
        ("order.label_too_long", "ご依頼主名"),
    }


@pytest.mark.parametrize(
    ("number", "fits"), [("123456789013", True), ("123456789018", False), ("12345678901", False), ("1234567890１3", False)]
)
def test_the_last_digit_is_the_rest_of_dividing_by_seven(number, fits):
    assert fits_modulo_7(number) is fits


@given(st.integers(0, 10**11 - 1))
def test_one_last_digit_of_ten_fits(body):
    assert [fits_modulo_7(f"{body:011d}{last}") for last in range(10)].count(True) == 1


@pytest.mark.parametrize(
    ("typed", "certain", "answer"),
    [
        ("1234-5678-9013", True, "123456789013"),
        ('="123456789013"', True, "123456789013"),
        ("１２３４５６７８９０１３", True, "123456789013"),
        ("1.23E+11", True, "order.bad_tracking_number"),
        ("123456789018", True, "order.bad_tracking_number"),
        ("", True, "order.no_tracking_number"),
        ("123456789018", False, "123456789018"),
        ("12345678901", False, "12345678901"),
        ("abc", False, "order.bad_tracking_number"),
    ],
)
def test_a_number_is_read_as_it_is_written(typed, certain, answer):
    found = read_number(typed, is_certain=certain)
    assert (found.code if isinstance(found, Refusal) else found.number) == answer
    if answer == "123456789018":
        assert found.doubt.code == "order.doubtful_tracking_number"


_TEXTS = st.text(max_size=90) | st.text(alphabet="あ髙﨑〜－-1２a ㈱①𠮷🍵ー丁目,\"\r\n='", max_size=90)


@settings(max_examples=150)
@given(data=st.data())
def test_every_row_of_any_file_encodes_and_no_field_exceeds_its_bytes(data):
    layout = data.draw(st.sampled_from(LAYOUTS))
    who = st.builds(
        LabelParty,
        name=_TEXTS,
        organisation=_TEXTS,
        phone=st.text(max_size=16),
        postal_code=st.just("1010051"),
        address=_TEXTS,
        building=_TEXTS,
    )
    parcel = a_parcel(
        number=data.draw(st.text(max_size=20)), recipient=data.draw(who), sender=data.draw(who), pieces=data.draw(st.integers(1, 4)),
        goods=tuple(data.draw(st.lists(_TEXTS, max_size=6))), collect=data.draw(st.none() | st.integers(0, 400_000)),
    )  # fmt: skip
    terms = LabelTerms(customer_code="1", freight_code="01", goods=data.draw(_TEXTS))

    rows = [row for row in rows_of(layout, parcel, terms) if isinstance(row, LabelRow)]

    columns = layout.kind.standard
    for row in rows:
        assert len(row.cells) == len(columns)
        for column, cell in zip(columns, row.cells, strict=True):
            assert len(cell.encode("cp932")) <= (column.most_bytes or 10**6), column.heading
            assert not cell.startswith(("=", "＝", "@", "＠"))
            assert not set(cell) & set("\r\n\t")
    assert label_csv(columns, [row.cells for row in rows], encoding="cp932").decode("cp932").count("\r\n") == len(rows) + 1


@given(
    st.lists(st.tuples(st.text("あ1-２ 丁目a", max_size=60), st.integers(0, 3)), max_size=4),
    st.lists(st.integers(4, 64), min_size=1, max_size=4),
)
def test_nothing_is_lost_where_texts_run_on(parts, widths):
    cells, rest = run_on(parts, widths)

    signs = "".join(text for text, _first in parts)
    kept = "".join(cells) + rest
    assert [sign for sign in kept if sign not in " 　"] == [sign for sign in signs if sign not in " 　"]
    assert all(len(cell.encode("cp932")) <= most for cell, most in zip(cells, widths, strict=True))
