"""Japanese text: what must be equal is equal, what must not be lost is kept."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text import (
    EmailProblem,
    PhoneKind,
    PhoneWarning,
    address_number_key,
    bigram_query,
    bigrams,
    clean_line,
    clean_text,
    cp932_fold,
    cp932_safe,
    cp932_width,
    email_key,
    fold_dashes,
    format_phone,
    format_postal,
    has_unstorable,
    kana_key,
    like_pattern,
    name_key,
    normalise_kana,
    normalise_name,
    phone_key,
    postal_key,
    prefecture_of,
    read_email,
    read_phone,
    search_key,
    truncate_cp932,
    whole_number,
)

TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("  髙橋　 太郎 ", "髙橋 太郎"),
        ("山﨑", "山﨑"),
        ("𠮷野家", "𠮷野家"),
        ("ﾀｶﾊｼ ｼﾞﾛｳ", "タカハシ ジロウ"),
        ("か゛", "が"),
        ("か\u3099", "が"),
        ("㈱大福①", "㈱大福①"),
        ("山田\u200b太郎\u202e", "山田太郎"),
        ("山田\r\n太郎\t様", "山田 太郎 様"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"),
        ("a\u200db", "ab"),
        ("\u3000", ""),
        ("null", "null"),
        ("<script>", "<script>"),
    ],
)
def test_a_name_is_kept_as_it_will_be_printed(typed, printed):
    assert normalise_name(typed) == printed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋　太郎", "高橋太郎"),
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斉藤"),
        ("齊藤", "斎藤"),
        ("澤田", "沢田"),
        ("濵田", "浜田"),
        ("桒原", "桑原"),
        ("𠮷野家", "吉野家"),
        ("葛\U000e0100城", "葛城"),
        ("㈱大福", "株式会社 大福"),
        ("(株)大福", "（株）大福"),
        ("ＡＢＣ商店", "abc商店"),
        ("さとう・ハナ", "ｻﾄｳ ﾊﾅ"),
        ("か゛ま", "がま"),
    ],
)
def test_names_that_people_take_for_the_same_have_one_key(one, other):
    assert name_key(one) == name_key(other) != ""


def test_names_that_differ_have_different_keys():
    assert len({name_key(name) for name in ["山田太郎", "山田次郎", "山本太郎", "null", "田山太郎"]}) == 5


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("やまだ　たろう", "ヤマダタロウ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダタロウ"),
        ("オーツカ", "オツカ"),
        ("キャロリーヌ", "キヤロリヌ"),
        ("みかづき", "ミカズキ"),
        ("ハナヂ ヲガワ", "ハナジオガワ"),
        ("ヴァイオリン", "バイオリン"),
        ("ｶ)ﾀﾞｲﾌｸ", "カダイフク"),
        ("Smith", "SMITH"),
        ("か゛ま", "ガマ"),
        ("---", ""),
    ],
)
def test_readings_are_folded_as_banks_and_people_hear_them(typed, key):
    assert kana_key(typed) == key


def test_a_reading_is_printed_in_full_width_katakana():
    assert normalise_kana(" やまだ　ﾀﾛｳ ") == "ヤマダ タロウ"


@pytest.mark.parametrize("dash", list("-‐‑‒–—―−－ｰー一─"))
def test_every_dash_between_digits_is_a_hyphen(dash):
    assert fold_dashes(f"１{dash}２{dash}３") == "１-２-３"
    assert address_number_key(f"六本木６{dash}10{dash}1") == "6-10-1"
    assert phone_key(f"090{dash}1234{dash}5678") == "+819012345678"
    assert postal_key(f"106{dash}0032") == "1060032"


def test_a_long_vowel_between_kana_stays():
    assert fold_dashes("コーヒー1ー2") == "コーヒー1-2"


@pytest.mark.parametrize(
    ("typed", "e164", "kind", "warnings"),
    [
        ("０９０−１２３４−５６７８", "+819012345678", PhoneKind.MOBILE, ()),
        ("+81 90-1234-5678", "+819012345678", PhoneKind.MOBILE, ()),
        ("+81 (0)90-1234-5678", "+819012345678", PhoneKind.MOBILE, ()),
        ("060-1234-5678", "+816012345678", PhoneKind.MOBILE, ()),
        ("0422ー12ー3456", "+81422123456", PhoneKind.FIXED, ()),
        ("03(1234)5678", "+81312345678", PhoneKind.FIXED, ()),
        ("050-1234-5678", "+815012345678", PhoneKind.IP, ()),
        ("0120-123-456", "+81120123456", PhoneKind.TOLL_FREE, ()),
        ("0800-123-4567", "+818001234567", PhoneKind.TOLL_FREE, ()),
        ("0570-000-123", "+81570000123", PhoneKind.SHARED_COST, ()),
        ("090-1234-5678 ext 12", "+819012345678", PhoneKind.MOBILE, (PhoneWarning.EXTENSION_DROPPED,)),
        ("03-1234-5678（内線12）", "+81312345678", PhoneKind.FIXED, (PhoneWarning.EXTENSION_DROPPED,)),
        ("9012345678", "+819012345678", PhoneKind.MOBILE, (PhoneWarning.NO_LEADING_ZERO,)),
        ("011-1234567", "+81111234567", PhoneKind.FIXED, (PhoneWarning.UNASSIGNED,)),
        ("+1 650-253-0000", "+16502530000", PhoneKind.FIXED, ()),
    ],
)
def test_phone_numbers_are_read_generously(typed, e164, kind, warnings):
    reading = read_phone(typed)

    assert (reading.e164, reading.kind, reading.warnings) == (e164, kind, warnings)
    assert reading.takes_sms is (kind is PhoneKind.MOBILE)


@pytest.mark.parametrize(
    "typed",
    ["", "---", "内線12", "090-1234-567", "012345678", "090-1234-5678-9", "110", "千代田", "٠٩٠١٢٣٤٥٦٧٨", "1" * 40, "090-1234-ABCD"],
)
def test_what_cannot_be_a_phone_number_has_no_key(typed):
    assert phone_key(typed) == ""


@given(
    st.one_of(st.from_regex(r"0[0-9]{8,11}", fullmatch=True), st.from_regex(r"0[0-9]{1,4}[-ー−][0-9]{1,4}[-ー−][0-9]{3,5}", fullmatch=True))
)
@example("01036567779")
@example("0801234567")
def test_the_short_way_to_a_phone_key_agrees_with_the_careful_one(typed):
    assert phone_key(typed) == read_phone(typed).e164


def test_a_kept_phone_number_is_shown_as_people_write_it():
    assert format_phone("+819012345678") == "090-1234-5678"
    assert format_phone("+16502530000") == "+1 650-253-0000"
    assert format_phone("") == ""


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" Taro@Example.COM ", "taro@example.com"),
        ("Ａ@ｅxample.com", "a@example.com"),
        ("ta\u200bro@example.com", "taro@example.com"),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ("a.@ezweb.ne.jp", "a.@ezweb.ne.jp"),
        ("taro+shop@example.com", "taro+shop@example.com"),
        ("taro@日本.jp", "taro@xn--wgv71a.jp"),
        ("\u212aen@example.com", "ken@example.com"),
    ],
)
def test_one_mailbox_has_one_key(typed, key):
    assert email_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", EmailProblem.EMPTY),
        ("　", EmailProblem.EMPTY),
        ("x@y.jp\r\nBcc: z@y.jp", EmailProblem.CONTROL),
        ("x@y.jp\n", EmailProblem.CONTROL),
        ("x\x00@y.jp", EmailProblem.CONTROL),
        ("a@b.jp,c@d.jp", EmailProblem.SEVERAL),
        ("a@b.jp;c@d.jp", EmailProblem.SEVERAL),
        ('"Shop" <evil@example.com>', EmailProblem.SHAPE),
        ('"a b"@x.jp', EmailProblem.SHAPE),
        ("plain", EmailProblem.SHAPE),
        ("a@localhost", EmailProblem.SHAPE),
        ("a@127.0.0.1", EmailProblem.SHAPE),
        ("a@-x.jp", EmailProblem.SHAPE),
        ("a" * 65 + "@x.jp", EmailProblem.TOO_LONG),
        ("a@" + "b." * 600 + "jp", EmailProblem.TOO_LONG),
    ],
)
def test_what_is_not_one_safe_address_has_no_key(typed, problem):
    reading = read_email(typed)

    assert (reading.key, reading.problem) == ("", problem)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("100-0001", "1000001"),
        ("〒１００−０００１", "1000001"),
        ("1000001", "1000001"),
        ("100ー0001", "1000001"),
        ("〒１００", ""),
        ("100-00011", ""),
        ("SW1A 1AA", ""),
        ("", ""),
    ],
)
def test_postal_codes_are_seven_digits_or_nothing(typed, key):
    assert postal_key(typed) == key


def test_a_postal_code_is_printed_with_its_hyphen():
    assert (format_postal("1000001"), format_postal("SW1A")) == ("100-0001", "SW1A")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("東京都港区", "東京都"), ("東京", "東京都"), ("京都", "京都府"), ("北海道札幌市", "北海道"), ("東京湾", ""), ("Tokyo", "")],
)
def test_a_prefecture_is_recognised_at_the_beginning(typed, name):
    assert prefecture_of(typed) == name


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("六本木6-10-1 森タワー30F", "6-10-1"),
        ("六本木６丁目１０番１号", "6-10-1"),
        ("六本木六丁目十番一号 森タワー", "6-10-1"),
        ("六本木6の10の1", "6-10-1"),
        ("六本木6ー10ー1ー3001", "6-10-1"),
        ("〒106-6108 六本木6-10-1", "6-10-1"),
        ("北一条西6丁目1-2", "1-6-1-2"),
        ("北1条西６−１−２", "1-6-1-2"),
        ("大字上野123番地の4", "123-4"),
        ("字中野二十三番地", "23"),
        ("霞が関", ""),
    ],
)
def test_the_numbers_of_an_address_are_compared_not_its_wording(typed, key):
    assert address_number_key(typed) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾊﾞﾅﾅ", "ばなな"),
        ("髙島屋 サロン", "高島屋サロン"),
        ("〜", "～"),
        ("ＪＡＮ４９", "jan49"),
        ("茅ヶ崎", "茅ケ崎"),
        ("Ｔシャツ", "tシャツ"),
    ],
)
def test_search_does_not_mind_width_case_or_script(one, other):
    assert search_key(one) == search_key(other)


def test_two_letters_and_the_last_one_are_the_tokens_of_a_text():
    assert bigrams("山田 太郎") == ["山田", "田太", "太郎", "郎"]
    assert bigrams("") == []


@pytest.mark.parametrize(
    ("typed", "query"),
    [("山", "'山':*"), ("山田", "'山田'"), ("山田太", "'山田' & '田太'"), ("o'b", "'o''' & '''b'"), ("a\\", "'a\\\\'"), (" ", "")],
)
def test_a_search_becomes_a_safe_query(typed, query):
    assert bigram_query(typed) == query


def test_wildcards_are_taken_literally():
    assert like_pattern("100%_\\") == "%100\\%\\_\\\\%"


@given(TEXT, TEXT)
def test_every_two_letters_of_a_text_are_among_its_tokens(before, after):
    key = search_key(before + "山田" + after)

    tokens = set(bigrams(before + "山田" + after))

    assert all(key[i : i + 2] in tokens for i in range(len(key) - 1))


@pytest.mark.parametrize("text", ["ソ表能十", "髙﨑①㈱Ⅲ", "〜−～－"])
def test_what_cp932_can_write_stays(text):
    assert cp932_safe(text) == (cp932_safe(text).__class__)(text)


def test_what_cp932_lacks_is_replaced_and_the_rest_is_listed():
    safe = cp932_safe("𠮷野家—¥100 café 😀☃️")

    assert safe.text == "吉野家―\\100 cafe 〓〓"
    assert safe.replaced == ("𠮷", "—", "¥", "é", "\ufe0f")
    assert safe.unencodable == ("😀", "☃")


@given(TEXT)
def test_a_safe_text_can_always_be_written(text):
    cp932_safe(text).text.encode("cp932")


@given(st.text(alphabet="〜−ソ表あｱA髙①", max_size=30))
def test_a_round_trip_through_a_file_changes_nothing_after_folding(text):
    assert cp932_fold(text.encode("cp932").decode("cp932")) == cp932_fold(text)


@given(text=TEXT, max_bytes=st.integers(0, 40))
def test_a_truncated_text_fits_and_is_the_longest_that_does(text, max_bytes):
    head = truncate_cp932(text, max_bytes=max_bytes)

    assert text.startswith(head)
    assert cp932_width(head) <= max_bytes
    assert head == text or cp932_width(text[: len(head) + 1]) > max_bytes


@given(st.text())
def test_keys_are_stable_under_their_own_folding(text):
    assert name_key(name_key(text)) == name_key(text)
    assert kana_key(kana_key(text)) == kana_key(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert normalise_name(normalise_name(text)) == normalise_name(text)


@given(st.text())
def test_no_text_breaks_a_reader(text):
    for read in (read_phone, read_email, postal_key, address_number_key, search_key, bigram_query, whole_number, prefecture_of):
        read(text)


@given(st.text())
def test_a_cleaned_line_is_one_line(text):
    assert not set(clean_line(text)) & set("\r\n\t\x00\u200b\u202e")


def test_several_lines_keep_their_breaks_only():
    assert clean_text("一\r\n二 \r三\x00\t\n\n") == "一\n二\n三"


@pytest.mark.parametrize(("text", "unstorable"), [("a\x00b", True), ("\ud83d", True), ("𠮷", False), ("", False)])
def test_what_the_database_cannot_keep_is_known(text, unstorable):
    assert has_unstorable(text) is unstorable


@pytest.mark.parametrize(
    ("typed", "number"),
    [("3", 3), ("１２", 12), (" 7 ", 7), ("-1", -1), ("1_000", None), ("+5", None), ("²", None), ("①", None), ("٣", None), ("1e3", None), ("1.0", None), ("", None),
     ("9" * 19, None), ("1" * 5000, None), ("-0", None), ("0", 0)],
)  # fmt: skip
def test_whole_numbers_are_read_on_purpose(typed, number):
    assert whole_number(typed) == number
