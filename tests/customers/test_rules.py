"""What is true about people, likeness, points, consent and merging: no database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.rules import (
    WEIGHTS,
    ConsentStatus,
    CustomerStatus,
    Likeness,
    Lot,
    MatchReason,
    Party,
    Person,
    PlaceOfDelivery,
    PointSource,
    Word,
    balance,
    fault_of_merge,
    faults_of_person,
    faults_of_place,
    in_force,
    keys_of,
    match,
    plan_spending,
    reading_key,
    reasons_from,
    spending_order,
    tidy_person,
    tidy_place,
)

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KEYS = st.sampled_from(["", "ア", "イ", "ウ"])


def likenesses() -> st.SearchStrategy[Likeness]:
    return st.builds(
        Likeness,
        name=KEYS,
        kana=KEYS,
        given_kana=KEYS,
        phones=st.frozensets(st.sampled_from(["+811", "+812"])),
        emails=st.frozensets(st.sampled_from(["a@x.jp", "b@x.jp"])),
        places=st.frozensets(st.sampled_from([("1060032", "6-10-1"), ("1000001", "1-1")])),
        birth_on=st.sampled_from([None, date(1980, 1, 1), date(1990, 1, 8)]),
    )


@given(one=likenesses(), other=likenesses())
def test_likeness_is_the_same_in_either_order_and_never_negative(one: Likeness, other: Likeness) -> None:
    outcome = match(one, other)

    assert outcome == match(other, one)
    assert outcome.score == max(0, sum(WEIGHTS[reason] for reason in outcome.reasons))
    assert reasons_from(outcome.word) == outcome.reasons


@given(one=likenesses())
def test_nothing_known_is_like_nobody(one: Likeness) -> None:
    assert match(one, Likeness()).score == 0


@pytest.mark.parametrize(
    ("_case", "other", "score", "reasons"),
    [
        ("phone and kana", {"phones": {"+811"}, "kana": "ヤマダハナコ"}, 65, "phone kana"),
        ("and the mailbox", {"phones": {"+811"}, "kana": "ヤマダハナコ", "emails": {"a@x.jp"}}, 95, "phone email kana"),
        ("family on one phone", {"phones": {"+811"}, "given_kana": "イチロウ"}, 10, "phone family_member"),
        (
            "family at one address",
            {"phones": {"+811"}, "given_kana": "イチロウ", "places": {("1060032", "6-10-1")}},
            35,
            "phone place family_member",
        ),
        ("given name only", {"given_kana": "ハナコ", "phones": {"+811"}}, 50, "phone given_kana"),
        ("another birthday", {"kana": "ヤマダハナコ", "phones": {"+811"}, "birth_on": date(1960, 5, 5)}, 25, "phone kana other_birth"),
        (
            "kana, place, birthday",
            {"kana": "ヤマダハナコ", "places": {("1060032", "6-10-1")}, "birth_on": date(1990, 1, 8)},
            70,
            "kana place birth",
        ),
        ("a postal code without a number", {"places": {("1060032", "")}}, 0, ""),
    ],
)
def test_scores_add_up(_case: str, other: dict[str, Any], score: int, reasons: str) -> None:
    hanako = Likeness(
        name="山田花子",
        kana="ヤマダハナコ",
        given_kana="ハナコ",
        phones={"+811"},
        emails={"a@x.jp"},
        places={("1060032", "6-10-1"), ("1060032", "")},
        birth_on=date(1990, 1, 8),
    )

    outcome = match(hanako, Likeness(**other))

    assert (outcome.score, outcome.word) == (score, reasons)


def test_a_reason_nobody_knows_any_more_is_passed_over() -> None:
    assert reasons_from("phone horoscope kana") == (MatchReason.PHONE, MatchReason.KANA)


@pytest.mark.parametrize(
    ("_case", "person", "reading"),
    [
        ("kana", Person(family_kana="やまだ", given_kana="ﾊﾅｺ"), "ヤマダハナコ"),
        ("Latin letters", Person(family_name="Smith", given_name="John"), "SMITHJOHN"),
        ("written in kana", Person(family_name="さとう", given_name="みさき"), "サトウミサキ"),
        ("kanji without a reading", Person(family_name="山田", given_name="花子"), ""),
        ("kanji and kana mixed", Person(family_name="山田", given_name="はなこ"), ""),
    ],
)
def test_a_name_that_can_be_read_is_its_own_reading(_case: str, person: Person, reading: str) -> None:
    assert reading_key(person) == reading


@given(
    person=st.builds(
        Person, family_name=st.text(), given_name=st.text(), family_kana=st.text(), given_kana=st.text(), email=st.text(), phone=st.text()
    )
)
def test_any_text_is_either_refused_or_kept_the_same_when_tidied_again(person: Person) -> None:
    if faults_of_person(person):
        return

    tidy = tidy_person(person)

    assert tidy_person(tidy) == tidy
    assert keys_of(tidy).name == keys_of(person).name
    assert keys_of(tidy).phone == keys_of(person).phone
    assert faults_of_person(tidy) == []


@pytest.mark.parametrize(
    ("_case", "typed", "kept"),
    [
        ("rare letters stay", "髙橋﨑𠮷", "髙橋﨑𠮷"),
        ("full-width blank", "　山田　", "山田"),
        ("half-width kana", "ﾊﾞﾅﾅ", "バナナ"),
        ("zero width", "山\u200b田", "山田"),
        ("overrides", "\u202e山田", "山田"),
        ("tab and line end", "山\t田\r\n", "山 田"),
        ("markup is only text", "<script>", "<script>"),
        ("a family named null", "null", "null"),
    ],
)
def test_names_are_kept_as_they_will_be_printed(_case: str, typed: str, kept: str) -> None:
    assert tidy_person(Person(family_name=typed)).family_name == kept
    assert faults_of_person(Person(family_name=typed)) == []


@pytest.mark.parametrize(
    ("_case", "phone", "key"),
    [
        ("minus signs", "０９０−１２３４−５６７８", "+819012345678"),
        ("with country", "+81 90-1234-5678", "+819012345678"),
        ("brackets", "03(1234)5678", "+81312345678"),
        ("extension", "03-1234-5678 内線12", "+81312345678"),
        ("toll-free", "0120-123-456", "+81120123456"),
    ],
)
def test_phones_have_one_key_however_typed(_case: str, phone: str, key: str) -> None:
    assert keys_of(Person(family_name="山田", phone=phone)).phone == key


@pytest.mark.parametrize("phone", ["---", "12345", "090-1234-56789", "abc", "内線12", "090-1234-567"])
def test_what_is_no_phone_is_refused(phone: str) -> None:
    assert [fault.code for fault in faults_of_person(Person(family_name="山田", phone=phone))] == ["customers.phone_unreadable"]


@pytest.mark.parametrize("email", ["a..b@docomo.ne.jp", ".a@ezweb.ne.jp", "a+b@x.jp", "Ａ@example.com"])
def test_old_and_odd_mailboxes_are_taken(email: str) -> None:
    assert faults_of_person(Person(family_name="山田", email=email)) == []


@pytest.mark.parametrize(
    "email", ["x@y.jp\r\nBcc: z@y.jp", "a@x.jp,b@x.jp", '"a b"@x.jp', "Shop <evil@x.jp>", "a@b", "a" * 250 + "@x.jp", "@x.jp"]
)
def test_what_is_not_one_mailbox_is_refused(email: str) -> None:
    assert [fault.field for fault in faults_of_person(Person(family_name="山田", email=email), pointer="/person")] == ["/person/email"]


@pytest.mark.parametrize("born", [date(2027, 1, 1), date(1868, 1, 1)])
def test_a_date_of_birth_lies_within_a_life(born: date) -> None:
    faults = faults_of_person(Person(family_name="山田", birth_on=born), today=date(2026, 11, 20))

    assert [fault.code for fault in faults] == ["customers.birth_impossible"]


def test_a_place_abroad_keeps_its_postal_code_and_needs_no_prefecture() -> None:
    place = PlaceOfDelivery(family_name="Smith", country="us", postal_code=" 94103 ", city="San Francisco", street="1 Market St")

    assert faults_of_place(place) == []
    assert (tidy_place(place).country, tidy_place(place).postal_code) == ("US", "94103")


@pytest.mark.parametrize(
    ("_case", "place", "code"),
    [
        ("six digits", {"postal_code": "106-003"}, "customers.postal_code_unreadable"),
        ("a country in words", {"country": "日本"}, "customers.country_unreadable"),
        ("a street without end", {"street": "東" * 201}, "customers.text_too_long"),
        ("NUL", {"building": "\x00"}, "customers.text_unstorable"),
        ("no phone", {"phone": "---"}, "customers.phone_unreadable"),
    ],
)
def test_places_that_cannot_be_kept_are_refused(_case: str, place: dict[str, str], code: str) -> None:
    assert [fault.code for fault in faults_of_place(PlaceOfDelivery(**place))] == [code]


def lots() -> st.SearchStrategy[list[Lot]]:
    moments = st.none() | st.integers(-5, 5).map(lambda days: AT + timedelta(days=days))
    one = st.tuples(st.integers(0, 1000), moments, st.sampled_from(PointSource))
    return st.lists(one).map(lambda found: [Lot(number, left, ends, AT, source) for number, (left, ends, source) in enumerate(found)])


@given(found=lots(), points=st.integers(1, 5000))
def test_spending_takes_exactly_what_is_wanted_from_the_soonest_or_nothing(found: list[Lot], points: int) -> None:
    plan = plan_spending(points, found, at=AT)
    there = balance(found, at=AT)

    assert (plan is None) == (points > there)
    if plan is None:
        return
    left = {lot.lot_id: lot.remaining for lot in found}
    assert sum(taken.points for taken in plan) == points
    assert all(0 < taken.points <= left[taken.lot_id] for taken in plan)
    order = [lot.lot_id for lot in spending_order(found, at=AT)]
    assert [taken.lot_id for taken in plan] == order[: len(plan)]
    assert all(taken.points == left[taken.lot_id] for taken in plan[:-1])


def test_a_lot_is_gone_at_the_moment_it_expires() -> None:
    assert balance([Lot(1, 10, AT)], at=AT) == 0
    assert balance([Lot(1, 10, AT)], at=AT - timedelta(microseconds=1)) == 10


def test_soonest_goes_first_then_free_before_bought_then_the_oldest() -> None:
    soon, later = AT + timedelta(days=1), AT + timedelta(days=9)
    found = [Lot(1, 5, None), Lot(2, 5, later), Lot(3, 5, soon, source=PointSource.PAID), Lot(4, 5, soon), Lot(5, 0, soon)]

    assert [lot.lot_id for lot in spending_order(found, at=AT)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("_case", "said", "brand_id", "holds"),
    [
        ("silence", [], None, False),
        ("yes", [("given", 0, None)], None, True),
        ("yes for all holds for a brand", [("given", 0, None)], 7, True),
        ("yes for a brand holds for that brand only", [("given", 0, 7)], None, False),
        ("no for all after yes for a brand", [("given", 0, 7), ("withdrawn", 1, None)], 7, False),
        ("yes for a brand after no for all", [("withdrawn", 0, None), ("given", 1, 7)], 7, True),
        ("another brand's no", [("given", 0, None), ("withdrawn", 1, 8)], 7, True),
        ("said in the future", [("given", 0, None), ("withdrawn", 1, None)], None, True),
    ],
)
def test_the_latest_word_counts(_case: str, said: list[tuple[str, int, int | None]], brand_id: int | None, holds: bool) -> None:
    words = [Word(number, ConsentStatus(status), AT + timedelta(days=day), brand) for number, (status, day, brand) in enumerate(said)]
    at = AT if _case == "said in the future" else AT + timedelta(days=5)

    assert in_force(words, brand_id=brand_id, at=at) is holds


@pytest.mark.parametrize(
    ("_case", "principal", "merged", "code"),
    [
        ("itself", {}, {"customer_id": 1}, "customers.merge_with_itself"),
        ("another company", {}, {"company_id": 2}, "customers.merge_across_companies"),
        ("erased", {"status": CustomerStatus.ERASED}, {}, "customers.erased"),
        ("already merged", {}, {"principal_id": 3}, "customers.already_merged"),
        ("a merged principal", {"principal_id": 3}, {}, "customers.principal_is_merged"),
        ("a principal merged", {}, {"has_merged": True}, "customers.merged_is_principal"),
        ("two alike", {}, {}, None),
    ],
)
def test_merging_stays_one_deep(_case: str, principal: dict[str, Any], merged: dict[str, Any], code: str | None) -> None:
    usual = {"company_id": 1, "status": CustomerStatus.ACTIVE}

    fault = fault_of_merge(Party(**{"customer_id": 1, **usual, **principal}), Party(**{"customer_id": 2, **usual, **merged}))

    assert (fault.code if fault else None) == code
