"""What GS1 barcodes say of the goods, their lot and their day, however scanners send them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.drafts import jan_check_digit
from inventory.rules import Label, day_read, label_read, lot_label_read

JAN = "4901234567894"
FNC1 = "\x1d"
READ = [
    ("as printed", f"(01)0{JAN}(17)261231(10)A-1", Label(code=JAN, lot_number="A-1", expires_on=date(2026, 12, 31))),
    ("as sent, the lot last", f"010{JAN}1726123110A-1", Label(code=JAN, lot_number="A-1", expires_on=date(2026, 12, 31))),
    ("as sent, the lot before", f"]C1010{JAN}10A-1{FNC1}17261231", Label(code=JAN, lot_number="A-1", expires_on=date(2026, 12, 31))),
    ("data matrix that begins with FNC1", f"]d2{FNC1}010{JAN}10A1", Label(code=JAN, lot_number="A1")),
    ("weight and serial number between", f"010{JAN}310300125021S9{FNC1}10A1", Label(code=JAN, lot_number="A1")),
    ("the last day of the month", f"(01)0{JAN}(17)280200", Label(code=JAN, expires_on=date(2028, 2, 29))),
    ("best before", f"(01)0{JAN}(15)261130(10)A", Label(code=JAN, lot_number="A", expires_on=date(2026, 11, 30))),
    ("expiry before best before", f"(01)0{JAN}(15)261130(17)261231", Label(code=JAN, expires_on=date(2026, 12, 31))),
    ("a day that is none", f"(01)0{JAN}(17)261399(10)A", Label(code=JAN, lot_number="A")),
    ("a short JAN code", "(01)00000049123456(10)A", Label(code="49123456", lot_number="A")),
    ("a case of its own", "(01)14901234567891(10)A", Label(code="14901234567891", lot_number="A")),
]
OTHER = [
    ("a JAN code", JAN), ("a code of ours", "TEA-01"), ("a wrong check digit", "(01)04901234567890(10)A"), ("a lot alone", "10A-1"),
    ("too short", "0104901234"), ("nothing", ""), ("brackets of ours", "(TEA)"), ("digits of ours", "0100000000000000000"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "typed", "label"), READ, ids=[case for case, *_rest in READ])
def test_a_label_is_read(_case, typed, label):
    assert label_read(typed) == label


@pytest.mark.parametrize(("_case", "typed"), OTHER, ids=[case for case, _typed in OTHER])
def test_what_is_no_label_is_left_alone(_case, typed):
    assert label_read(typed) is None or label_read(typed).lot_number == ""
    assert lot_label_read(typed) is None


def test_a_label_of_the_lot_alone_is_read_where_it_is_marked_as_one():
    assert lot_label_read("(10)A-1(17)261231") == Label(code="", lot_number="A-1", expires_on=date(2026, 12, 31))
    assert lot_label_read(f"]C110A-1{FNC1}17261231") == Label(code="", lot_number="A-1", expires_on=date(2026, 12, 31))
    assert lot_label_read(f"(01)0{JAN}(10)A") is None


@pytest.mark.parametrize(("typed", "day"), [("261231", date(2026, 12, 31)), ("261299", None), ("2612", None), ("２６１２３１", None)])
def test_a_day_of_six_digits(typed, day):
    assert day_read(typed) == day


SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!\"%&'*+,-./:;<=>?_"


@given(
    digits=st.text("0123456789", min_size=12, max_size=12),
    lot=st.text(SIGNS, min_size=1, max_size=20),
    day=st.dates(date(2020, 1, 1), date(2099, 1, 1)),
)
def test_what_is_written_on_a_label_is_read_from_it(digits, lot, day):
    jan = digits + str(jan_check_digit(digits))
    parts = f"17{day:%y%m%d}", f"10{lot}"

    sent = [label_read(f"010{jan}{parts[0]}{parts[1]}"), label_read(f"]C1010{jan}{parts[1]}{FNC1}{parts[0]}")]

    code = jan.removeprefix("00000")
    assert sent == [Label(code=code, lot_number=lot, expires_on=day)] * 2
