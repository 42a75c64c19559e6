"""Files as spreadsheets and old systems really write them: what can be read is, what can't costs its own row only."""

from pathlib import Path

import pytest

from config.imports.reading import Chunk, Source, UnreadableFile
from core.db import rows
from tests.imports.conftest import Past, reasons


def _read(path: Path, text: str | bytes, *, size: int = 100) -> Chunk:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    whole = Chunk()
    for chunk in Source(path).chunks(size):
        whole.rows += chunk.rows
        whole.numbers += chunk.numbers
        whole.faults += chunk.faults
    return whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_line_ends_and_delimiters_are_told_from_the_file(path: Path, encoding: str, ends: str, delimiter: str) -> None:
    text = ends.join([delimiter.join(["番号", "名前"]), delimiter.join(["1", "髙橋﨑"]), delimiter.join(["2", "～表能ソ"])])

    read = _read(path, text.encode(encoding))

    assert read.rows == [["1", "髙橋﨑"], ["2", "～表能ソ"]]
    assert (read.numbers, read.faults) == ([2, 3], [])


@pytest.mark.parametrize("name", ["表", "能", "ソ", "構", "十", "申", "貼", "予", "ポ"])
def test_a_trail_byte_that_looks_like_a_backslash_before_a_quote_or_line_end_does_no_harm(path: Path, name: str) -> None:
    read = _read(path, f'番号,名前,備考\r\n1,"{name}",{name}\r\n2,{name},"{name}"\r\n'.encode("cp932"))

    assert (read.rows, read.faults) == ([["1", name, name], ["2", name, name]], [])


@pytest.mark.parametrize(
    ("_case", "line", "code"),
    [
        ("unclosed quote", b'2,"abc', "import.broken_quotes"),
        ("something after the closing quote", b'2,"a"b', "import.broken_quotes"),
        ("NUL", b"2,a\x00b", "import.nul"),
        ("10 MB line", b"2," + b"x" * 10_000_000, "import.line_too_long"),
        ("bytes of another encoding", b"2,\xff\xfe", "import.bad_encoding"),
        ("short row", b"2", "import.wrong_width"),
        ("long row", b"2,a,b", "import.wrong_width"),
    ],
)
def test_a_line_that_cannot_be_read_costs_itself_and_not_its_neighbours(path: Path, _case: str, line: bytes, code: str) -> None:
    read = _read(path, "番号,名\n1,甲\n".encode() + line + "\n3,乙\n4,丙\n".encode())

    assert [(fault.number, fault.fault.code) for fault in read.faults] == [(3, code)]
    assert read.rows == [["1", "甲"], ["3", "乙"], ["4", "丙"]]
    assert read.numbers == [2, 4, 5]


def test_every_unclosed_quote_costs_one_row_also_at_the_end(path: Path) -> None:
    read = _read(path, 'a,b\n1,"x\n2,y\n3,"z\n4,w\n5,"v')

    assert [fault.number for fault in read.faults] == [2, 4, 6]
    assert read.rows == [["2", "y"], ["4", "w"]]


def test_half_width_kana_alone_doesnt_make_a_file_euc_jp(path: Path) -> None:
    read = _read(path, "番号,カナ\n1,ﾔﾏﾀﾞ ﾀﾛｳ\n2,ﾊﾅｺ\n3,ｱｲ\n".encode("cp932"))

    assert [row[1] for row in read.rows] == ["ﾔﾏﾀﾞ ﾀﾛｳ", "ﾊﾅｺ", "ｱｲ"]


def test_a_quote_in_the_middle_of_a_cell_is_a_quote(path: Path) -> None:
    assert _read(path, 'a,b\n1,10" 皿\n2,"12"" 皿"\n').rows == [["1", '10" 皿'], ["2", '12" 皿']]


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://x")'])
def test_formulas_stay_the_text_they_are(past: Past, cell: str) -> None:
    quoted = cell.replace('"', '""')
    said = past.bring("products", f'SKU,商品名\nA,"{quoted}"\n')

    assert said.created == 1, reasons(said)
    assert rows("SELECT name FROM catalog_producttext")[0].name == cell


def test_blank_rows_and_trailing_blank_cells_are_nothing(path: Path) -> None:
    read = _read(path, "a,b\n\n1,x,,\n,\n   \n2,y")

    assert (read.rows, read.numbers, read.faults) == ([["1", "x"], ["2", "y"]], [3, 6], [])


def test_a_cell_of_several_lines_is_one_cell(path: Path) -> None:
    assert _read(path, 'a,b\n1,"x\ny"\n2,z\n').rows == [["1", "x\ny"], ["2", "z"]]


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("empty", b"", "import.empty_file"),
        ("workbook", b"PK\x03\x04" + b"\0" * 100, "import.workbook"),
        ("old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "import.workbook"),
        ("UTF-16", "番号,名\n1,甲\n".encode("utf-16"), "import.utf16"),
        ("UTF-16 without mark", "number,name\n1,x\n".encode("utf-16-le"), "import.utf16"),
        ("EUC-JP", "number,name\n1,山田太郎\n2,髙橋\n".replace("髙", "高").encode("euc_jp"), "import.euc_jp"),
        ("blank first line", b"\n1,2\n", "import.no_header"),
        ("quotes in the header", b'a,"b\n1,2\n', "import.bad_header"),
        ("a million columns", b"a," * 1000 + b"\n", "import.too_many_columns"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_whole(path: Path, _case: str, content: bytes, code: str) -> None:
    path.write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        Source(path)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("_case", "header", "code"),
    [
        ("a column twice", "SKU,ＳＫＵ,商品名", "import.duplicate_header"),
        ("twice in two languages", "品番,SKU,商品名", "import.duplicate_header"),
        ("one missing", "商品名,価格", "import.missing_header"),
    ],
)
def test_a_header_must_name_each_needed_column_once(past: Past, _case: str, header: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        past.bring("products", f"{header}\n1,2,3\n")
    assert refused.value.code == code
    assert rows("SELECT 1 FROM catalog_product") == []


def test_headers_are_found_by_name_whatever_width_order_and_blanks(past: Past) -> None:
    said = past.bring("products", " 販売価格 ,ｓ ｋ ｕ,Product_Name,メモ\n1100,A,羊羹,x\n")

    assert (said.created, said.ignored) == (1, ["メモ"]), reasons(said)


def test_the_file_of_rejects_can_be_mended_and_handed_in_again(past: Past) -> None:
    said = past.bring("products", "SKU,商品名,販売価格\nA,羊羹,百円\nB,\"=cmd|' /C calc'!A0\",100\nC,,100\n")
    assert (said.created, reasons(said)) == (1, {"import.not_an_amount": 1, "import.no_name_of_product": 1})
    assert said.rejects is not None
    text = said.rejects.read_text("utf-8-sig")
    assert said.rejects.stat().st_mode & 0o077 == 0

    again = past.bring("products", text.replace("百円", "100").replace("C,,", "C,=1+1,"))

    assert (again.created, again.rejected, again.ignored) == (2, 0, [])
    names = [r.name for r in rows("SELECT name FROM catalog_producttext ORDER BY id")]
    assert names == ["=cmd|' /C calc'!A0", "羊羹", "=1+1"]


def test_a_formula_in_a_rejected_row_is_marked_and_the_mark_comes_off_again(past: Past) -> None:
    said = past.bring("products", "SKU,商品名,販売価格\nA,=1+1,x\n")
    assert said.rejects is not None
    text = said.rejects.read_text("utf-8-sig")
    assert "A,'=1+1,x" in text

    past.bring("products", text.replace(",x\n", ",1\n"))

    assert rows("SELECT name FROM catalog_producttext")[0].name == "=1+1"
