"""CSV in and out: encodings, headers, broken rows, constant memory, harmless cells, nothing dropped."""

import csv as plain_csv
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv import Bad, Column, ExportWriter, Rejects, Row, UnreadableFile, detect_encoding, harmless, read
from core.errors import Refusal

COLUMNS = [Column("customer_no", names=("顧客番号",), required=True), Column("name", names=("氏名", "お名前")), Column("phone")]


def table(content: str | bytes, *, encoding: str = "utf-8", **options: Any) -> Any:
    return read(io.BytesIO(content if isinstance(content, bytes) else content.encode(encoding)), columns=COLUMNS, **options)


def values(content: str | bytes, **options: Any) -> list[tuple[str, ...]]:
    return [
        tuple(row.values[c.code] for c in COLUMNS) if isinstance(row, Row) else ("BAD", str(row.number), row.refusal.code)
        for row in table(content, **options)
    ]


@pytest.mark.parametrize(
    ("_case", "encoded", "expected"),
    [
        ("utf-8", "氏名".encode(), "utf-8-sig"),
        ("utf-8 with mark", "\ufeff氏名".encode(), "utf-8-sig"),
        ("ASCII", b"name", "utf-8-sig"),
        ("cp932", "氏名,表能ソ構十申貼予ポ".encode("cp932"), "cp932"),
        ("cp932 extensions", "髙橋﨑①㈱".encode("cp932"), "cp932"),
        ("half-width kana", "顧客番号,ﾊﾞﾅﾅ".encode("cp932"), "cp932"),
    ],
)
def test_the_encoding_is_found_out(_case: str, encoded: bytes, expected: str) -> None:
    assert detect_encoding(io.BytesIO(encoded)) == expected


def test_a_sign_on_the_border_of_two_blocks_does_not_mislead() -> None:
    assert detect_encoding(io.BytesIO(b"a" * ((1 << 20) - 1) + "表".encode("cp932"))) == "cp932"
    assert detect_encoding(io.BytesIO(b"a" * ((1 << 20) - 1) + "表".encode())) == "utf-8-sig"


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("empty", b"", "csv.empty"),
        ("89 spreadsheet", b"PK\x03\x04rest", "csv.spreadsheet"),
        ("old spreadsheet", b"\xd0\xcf\x11\xe0rest", "csv.spreadsheet"),
        ("77 UTF-16", "顧客番号\n1".encode("utf-16"), "csv.utf16"),
        ("77 EUC-JP", "顧客番号,氏名\n1,山田花子\n".encode("euc_jp"), "csv.euc_jp"),
        ("88 NUL", b"customer_no\n1\x00\n", "csv.nul"),
        ("neither", b"customer_no\n\xff\xfe\x80\n", "csv.encoding"),
        ("half utf-8, half cp932", "顧客番号\n".encode() + "山田\n".encode("cp932") + b"\x81", "csv.encoding"),
        ("73 endless line", b"customer_no" + b"a" * 1_100_000, "csv.line_too_long"),
        ("80 endless columns", b"customer_no" + b"," * 600, "csv.columns"),
        ("79 doubled", "顧客番号,顧客番号\n1,2\n".encode(), "csv.header_doubled"),
        ("79 doubled by another name", "customer_no,顧客番号\n1,2\n".encode(), "csv.header_doubled"),
        ("79 missing", "氏名\n山田\n".encode(), "csv.header_missing"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_the_reason(_case: str, content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        list(table(content))

    assert refused.value.code == code


def test_missing_columns_are_named_as_people_know_them() -> None:
    with pytest.raises(UnreadableFile) as refused:
        table("氏名\n山田\n")

    assert refused.value.refusal.params == {"columns": "顧客番号 (customer_no)"}


@pytest.mark.parametrize(
    "header", ["customer_no,name", "ＣＵＳＴＯＭＥＲ＿ＮＯ, Name ", "顧客番号,お名前", "\ufeff顧客 番号,氏　名", "name,customer_no"]
)
def test_columns_are_found_by_name_whatever_their_order_and_width(header: str) -> None:
    cells = {"customer_no": "007", "name": "山田"}
    order = ["name", "customer_no"] if header.startswith("name") else ["customer_no", "name"]

    found = values(f"{header}\n{','.join(cells[code] for code in order)}\n")

    assert found == [("007", "山田", "")]


@pytest.mark.parametrize(("_case", "sign"), [("77 comma", ","), ("87 tab", "\t"), ("87 semicolon", ";")])
def test_the_delimiter_is_the_headers(_case: str, sign: str) -> None:
    assert values(f"customer_no{sign}name\n1{sign}山田\n") == [("1", "山田", "")]


@pytest.mark.parametrize(("_case", "end"), [("unix", "\n"), ("windows", "\r\n"), ("76 old mac", "\r")])
def test_every_line_end_is_one(_case: str, end: str) -> None:
    assert values(end.join(["customer_no,name", "1,山田", "2,鈴木"])) == [("1", "山田", ""), ("2", "鈴木", "")]


def test_bad_rows_are_told_with_their_number_and_the_rest_is_read() -> None:
    content = 'customer_no,name\n1,a\n2\n3,b,c\n"4\nstill 4",d\n,\n\n5,"e"f\n6,a"b\n7,g,,\n8,"open\n'

    assert values(content) == [
        ("1", "a", ""),
        ("BAD", "3", "csv.width"),
        ("BAD", "4", "csv.width"),
        ("4\nstill 4", "d", ""),
        ("BAD", "9", "csv.quote_misplaced"),
        ("6", 'a"b', ""),
        ("7", "g", ""),
        ("BAD", "12", "csv.quote_open"),
    ]
    assert [row.number for row in table(content) if isinstance(row, Row)] == [2, 5, 10, 11]


def test_an_open_quotation_mark_does_not_swallow_a_large_file() -> None:
    found = list(table('customer_no,name\n1,"open\n' + "2,b\n" * 500_000))

    assert [type(row) for row in found] == [Bad]
    assert found[0].refusal.code == "csv.quote_open"


def test_cp932_signs_that_end_in_a_backslash_or_bar_stay_whole() -> None:
    content = '顧客番号,氏名\r\n"表","能ソ構十申貼予"\r\nポ,ポ\r\n'

    assert values(content, encoding="cp932") == [("表", "能ソ構十申貼予", ""), ("ポ", "ポ", "")]


@pytest.mark.parametrize("cell", ['="001"', "1.23E+12", "45000", "001", "=cmd|' /C calc'!A0", " 空白 "])
def test_cells_come_exactly_as_written(cell: str) -> None:
    out = io.StringIO()
    plain_csv.writer(out).writerows([["customer_no"], [cell]])

    assert values(out.getvalue()) == [(cell, "", "")]


def test_a_cell_longer_than_a_spreadsheet_holds_is_a_bad_row() -> None:
    assert values(f"customer_no\n{'あ' * 32_768}\n1\n") == [("BAD", "2", "csv.cell_too_long"), ("1", "", "")]


def test_memory_does_not_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        """Two hundred thousand rows that exist only while they are read."""

        def __init__(self) -> None:
            self.left = 200_000
            self.rest = b"customer_no,name,phone\n"

        def read(self, size: int = -1) -> bytes:
            while len(self.rest) < size and self.left:
                take = min(self.left, 1_000)
                self.rest += b"12345,yamada hanako,0312345678\n" * take
                self.left -= take
            found, self.rest = self.rest[:size], self.rest[size:]
            return found

        def seek(self, place: int, whence: int = 0) -> int:
            return 0

    tracemalloc.start()
    count = sum(1 for _ in read(Endless(), columns=COLUMNS, encoding="utf-8-sig"))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 200_000
    assert peak < 3_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd", "'-cmd"),
        ("\t=1", "'\t=1"),
        ("＝1+1", "'＝1+1"),
        ("－", "'－"),
        ("-500", "-500"),
        ("+81312345678", "+81312345678"),
        ("-1.5", "-1.5"),
        ("-", "'-"),
        (-500, "-500"),
        (None, ""),
        (True, "1"),
        ("山田", "山田"),
    ],
)
def test_formulas_are_made_harmless_and_numbers_stay_numbers(value: object, expected: str) -> None:
    assert harmless(value) == expected


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20), min_size=2, max_size=2),
        max_size=20,
    )
)
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    out = io.BytesIO()
    writer = ExportWriter(out, header=["customer_no", "name"])
    writer.write_all([[f"k{cells[0]}", f"k{cells[1]}"] for cells in rows])
    writer.close()

    found = list(read(out, columns=COLUMNS))

    assert [(row.values["customer_no"], row.values["name"]) for row in found if isinstance(row, Row)] == [
        (f"k{a}", f"k{b}") for a, b in rows
    ]


def test_an_export_in_cp932_drops_no_row_and_lists_what_it_replaced() -> None:
    out = io.BytesIO()
    writer = ExportWriter(out, header=["番号", "氏名"], encoding="cp932")
    writer.write_all([[1, "髙橋"], [2, "𠮷野家"], [3, "葛󠄀城"], [4, "👪"], [5, "é〜"]])
    writer.close()

    lines = out.getvalue().decode("cp932").split("\r\n")
    assert lines == ["番号,氏名", "1,髙橋", "2,吉野家", "3,葛城", "4,〓", "5,e～", ""]
    assert [(r.row, r.column, r.sign, r.lost) for r in writer.replaced] == [
        (2, "氏名", "𠮷", False),
        (3, "氏名", "\U000e0100", False),
        (4, "氏名", "👪", True),
        (5, "氏名", "é", False),
    ]


def test_an_export_in_utf8_begins_with_the_mark_that_spreadsheets_need() -> None:
    out = io.BytesIO()
    writer = ExportWriter(out, header=["氏名"])
    writer.write(['𠮷野家, "x"\n二行'])
    writer.close()

    assert out.getvalue() == '\ufeff氏名\r\n"𠮷野家, ""x""\n二行"\r\n'.encode()


def test_rejects_name_row_column_code_and_reason() -> None:
    out = io.BytesIO()
    rejects = Rejects(out)
    rejects.add(12, Refusal("x.bad", "Only %(n)s left.", {"n": 3}, "quantity"))
    rejects.close()

    assert out.getvalue().decode("utf-8-sig") == "row,column,code,message\r\n12,quantity,x.bad,Only 3 left.\r\n"
    assert rejects.count == 1


@pytest.mark.parametrize(
    ("_case", "content", "code"), [("88 NUL", b"customer_no\n1\x00\n", "csv.nul"), ("not cp932", b"customer_no\n\x81\n", "csv.encoding")]
)
def test_an_encoding_told_from_outside_is_checked_while_reading(_case: str, content: bytes, code: str) -> None:
    assert _first_trouble(content) == code


def _first_trouble(content: bytes) -> str:
    try:
        return next(row.refusal.code for row in read(io.BytesIO(content), columns=COLUMNS, encoding="cp932") if isinstance(row, Bad))
    except UnreadableFile as error:
        return error.code


_PRINTED = [Column("number", names=("お客様管理番号",), required=True), Column("tracking", names=("伝票番号",), required=True)]


@pytest.mark.parametrize(
    ("_case", "content", "found"),
    [
        ("its own headings, in another order", "伝票番号,お客様管理番号\r\n2,1\r\n", [(2, "1", "2")]),
        ("no headings: by place", "1,6,2\r\n3,6,4\r\n", [(1, "1", "2"), (2, "3", "4")]),
    ],
)
def test_a_file_that_may_come_without_headings_is_read_by_the_places_of_its_columns(
    _case: str, content: str, found: list[tuple[int, str, str]]
) -> None:
    table = read(io.BytesIO(content.encode("cp932")), columns=_PRINTED, headings=("お客様管理番号", "送り状種類", "伝票番号"))

    assert [(row.number, row["number"], row["tracking"]) for row in table if isinstance(row, Row)] == found


def test_a_file_of_other_columns_is_not_taken_for_one_without_headings() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(io.BytesIO("お客様管理番号,x\r\n1,2\r\n".encode("cp932")), columns=_PRINTED, headings=("お客様管理番号", "伝票番号"))

    assert refused.value.code == "csv.header_missing"
