"""Customers come in under their former numbers, comparable and with their consents."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.imports.cells import plain_phone
from config.imports.customers import _keys
from core.db import rows
from core.text import phone_key
from customers.rules import Person, full_name_key, reading_key
from tests.imports.conftest import Past, reasons

HEADER = "顧客番号,姓,名,姓カナ,名カナ,会社名,電話番号,携帯電話,メールアドレス,郵便番号,都道府県,市区町村,番地,建物名,生年月日,メール配信同意,同意日時,同意取得元\n"
HANAKO = "K001,髙橋,花子,たかはし,ﾊﾅｺ,,03-1234-5678,090-1234-5678,Hanako@Example.jp,〒106-0032,東京都,港区,六本木６－１０－１,森タワー,1980/1/2,希望する,2019-05-01 09:00,紙の申込書\n"


def test_a_customer_comes_in_with_everything(past: Past) -> None:
    said = past.bring("customers", HEADER + HANAKO, encoding="cp932")

    assert (said.created, said.rejected, said.encoding) == (1, 0, "cp932"), reasons(said)
    who = rows("SELECT * FROM customers_customer")[0]
    assert (who.outside_number, who.family_name, who.family_kana, who.given_kana) == ("K001", "髙橋", "タカハシ", "ハナコ")
    assert (who.name_key, who.kana_key) == ("高橋花子", "タカハシハナコ")
    assert who.number.startswith("C")
    points = rows("SELECT kind, value, value_key, is_primary FROM customers_contactpoint ORDER BY id")
    assert [tuple(p) for p in points] == [
        ("email", "Hanako@Example.jp", "hanako@example.jp", True),
        ("phone", "03-1234-5678", "+81312345678", True),
        ("phone", "090-1234-5678", "+819012345678", False),
    ]
    place = rows("SELECT postal_code, street, number_key, is_default FROM customers_address")[0]
    assert tuple(place) == ("1060032", "六本木６－１０－１", "6-10-1", True)
    consent = rows("SELECT channel, purpose, status, source, at::text AS at, actor_id FROM customers_consent")[0]
    assert tuple(consent) == ("mail", "advertising", "given", "紙の申込書", "2019-05-01 00:00:00+00", "import_csv")


def test_wave_dashes_and_rare_kanji_survive_cp932(past: Past) -> None:
    past.bring("customers", "顧客番号,姓,名,番地\nK1,髙﨑,德〜,1〜3\n", encoding="cp932")

    who = rows("SELECT family_name, given_name FROM customers_customer")[0]
    assert (who.family_name, who.given_name) == ("髙﨑", "德～")  # its two bytes come back as the full-width tilde


def test_the_same_file_twice_changes_nothing(past: Past) -> None:
    past.bring("customers", HEADER + HANAKO)

    again = past.bring("customers", HEADER + HANAKO)

    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 1, 0)
    assert rows("SELECT version FROM customers_customer")[0].version == 1
    assert len(rows("SELECT 1 FROM customers_consent")) == 1
    assert rows("SELECT 1 FROM core_auditentry WHERE table_name LIKE 'customers_%%'") == []


def test_a_changed_row_updates_and_leaves_a_trail(past: Past) -> None:
    past.bring("customers", HEADER + HANAKO)

    said = past.bring("customers", "顧客番号,姓,メール配信同意,同意日時,同意取得元\nK001,山田,希望しない,2021-01-01,電話\n")

    assert (said.updated, said.unchanged) == (1, 0), reasons(said)
    who = rows("SELECT family_name, given_name, name_key, kana_key FROM customers_customer")[0]
    assert tuple(who) == ("山田", "花子", "山田花子", "タカハシハナコ")
    assert [c.status for c in rows("SELECT status FROM customers_consent ORDER BY at")] == ["given", "withdrawn"]
    assert rows("SELECT 1 FROM core_auditentry WHERE table_name = 'customers_customer' AND actor_id = 'import_csv'")


def test_a_blank_cell_takes_nothing_away(past: Past) -> None:
    past.bring("customers", HEADER + HANAKO)

    said = past.bring("customers", "顧客番号,姓,名,電話番号,生年月日\nK001,,,,\n")

    assert (said.unchanged, said.updated) == (1, 0)
    assert rows("SELECT family_name FROM customers_customer")[0].family_name == "髙橋"


@pytest.mark.parametrize(
    ("_case", "row", "code"),
    [
        ("no number", ",山田,花子,,,,", "import.blank"),
        ("no name", "K1,,,,,,", "import.no_name"),
        ("phone", "K1,山田,花子,12,,,", "import.not_a_phone"),
        ("phone in scientific form", "K1,山田,花子,9.01E+10,,,", "import.mangled_number"),
        ("mail", "K1,山田,花子,,a@b@c,,", "import.not_an_email"),
        ("lost zeros", "K1,山田,花子,,,600001,", "import.lost_zeros"),
        ("postal code", "K1,山田,花子,,,12345678,", "import.bad_postal_code"),
        ("consent without time", "K1,山田,花子,,,,希望する", "import.consent_without_time"),
        ("consent in other words", "K1,山田,花子,,,,たぶん", "import.unknown_word"),
        ("name too long", f"K1,{'あ' * 121},花子,,,,", "import.too_long"),
        ("cell of 32,768", f"K1,{'x' * 32_768},花子,,,,", "import.too_long"),
    ],
)
def test_a_row_that_cannot_be_taken_is_left_out(past: Past, _case: str, row: str, code: str) -> None:
    said = past.bring("customers", f"顧客番号,姓,名,電話番号,メール,郵便番号,メール配信\n{row}\n")

    assert (said.created, reasons(said)) == (0, {code: 1})
    assert rows("SELECT 1 FROM customers_customer") == []


def test_zeros_kept_by_a_spreadsheet_formula_are_zeros(past: Past) -> None:
    past.bring("customers", '顧客番号,姓,郵便番号\n="001",山田,="0600001"\n')

    assert rows("SELECT outside_number FROM customers_customer")[0].outside_number == "001"
    assert rows("SELECT postal_code FROM customers_address")[0].postal_code == "0600001"


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_a_number_that_stands_twice_counts_once_whatever_the_chunks(past: Past, chunk_rows: int) -> None:
    text = "顧客番号,姓\nK1,山田\nK2,田中\nｋ１,佐藤\nK1,鈴木\n"

    tried = past.bring("customers", text, chunk_rows=chunk_rows, dry_run=True)
    said = past.bring("customers", text, chunk_rows=chunk_rows)

    for one in (tried, said):
        assert (one.created, reasons(one)) == (2, {"import.duplicate_in_file": 2})
    assert [c.family_name for c in rows("SELECT family_name FROM customers_customer ORDER BY outside_number")] == ["山田", "田中"]


def test_a_dry_run_writes_nothing(past: Past) -> None:
    said = past.bring("customers", HEADER + HANAKO, dry_run=True)

    assert said.created == 1
    for table in ("customers_customer", "customers_contactpoint", "customers_address", "customers_consent"):
        assert rows(f"SELECT 1 FROM {table}") == []


@example("01010000000")
@given(st.from_regex(r"\A0[0-9]{1,4}-?[0-9]{1,4}-?[0-9]{3,4}\Z"))
def test_the_quick_way_to_a_phone_key_agrees_with_the_long_one(text: str) -> None:
    quick = plain_phone(text)

    assert quick in ("", phone_key(text))


@given(st.lists(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=12), min_size=5, max_size=5))
def test_the_quick_way_to_name_keys_agrees_with_the_long_one(names: list[str]) -> None:
    family, given_name, family_kana, given_kana, organisation = names
    person = Person(family_name=family, given_name=given_name, family_kana=family_kana, given_kana=given_kana)

    name, reading, _organisation = _keys(*names).split("\t")

    assert name == full_name_key(family, given_name, organisation)
    assert reading == reading_key(person)
