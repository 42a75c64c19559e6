"""Postal codes: the whole published list, every choice, loaded as often as one likes."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from core import operations, queries
from core.actor import SYSTEM
from core.db import rows, run
from core.models import PostalCode

DAY = date(2026, 11, 21)


@pytest.fixture
def the_list(db):
    return operations.seed_postal_codes(actor=SYSTEM, on=DAY)


def test_the_whole_list_is_loaded_once(the_list):
    shown = []

    again = operations.seed_postal_codes(actor=SYSTEM, on=DAY, progress=lambda done, total: shown.append((done, total)))

    assert (the_list.changed, the_list.withdrawn) == (0, 0)
    assert the_list.added == the_list.places == PostalCode.objects.count() > 140_000
    assert (again.places, again.added, again.changed, again.withdrawn) == (the_list.places, 0, 0, 0)
    assert shown[-1][0] == shown[-1][1]
    assert len(shown) > 10


def test_places_are_found_however_the_code_is_typed(the_list, django_assert_num_queries):
    with django_assert_num_queries(1):
        places = queries.postal_lookup("〒１０６−００３２")

    assert [str(place) for place in places] == ["東京都港区六本木"]
    assert (places[0].jis_code, places[0].town_kana, places[0].is_office) == ("13103", "ロッポンギ", False)


def test_a_code_in_two_prefectures_is_a_choice(the_list):
    assert {place.prefecture for place in queries.postal_lookup("498-0000")} == {"愛知県", "三重県"}


def test_an_office_has_a_code_of_its_own(the_list):
    place = queries.postal_lookup("060-8621")[0]

    assert (place.is_office, place.office_name) == (True, "株式会社 日本経済新聞社 札幌支社")
    assert str(place) == "北海道札幌市中央区北一条西6丁目1-2アーバンネット札幌ビル2F"


@pytest.mark.parametrize("code", ["999-9999", "", "〒１００", "Tokyo"])
def test_an_unknown_code_has_no_place(the_list, code):
    assert queries.postal_lookup(code) == []


def test_prefectures_of_many_codes_come_in_one_statement(the_list, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = queries.prefectures_of(["1060032", "4980000", "9999999"])

    assert found == {"1060032": {"東京都"}, "4980000": {"愛知県", "三重県"}}


def test_a_vanished_place_is_withdrawn_and_comes_back_when_listed_again(the_list):
    run("INSERT INTO core_postalcode (code, jis_code, prefecture, city, town) VALUES ('0000001', '13101', '東京都', '千代田区', '旧町')")
    run("DELETE FROM core_postalcode WHERE code = '1060032'")
    run("UPDATE core_postalcode SET city_kana = '' WHERE code = '4980000' AND prefecture = '愛知県'")

    merged = operations.seed_postal_codes(actor=SYSTEM, on=DAY)

    assert (merged.added, merged.changed, merged.withdrawn) == (1, 1, 1)
    assert [(place.town, place.withdrawn) for place in queries.postal_lookup("0000001")] == [("旧町", True)]
    assert rows("SELECT withdrawn_on FROM core_postalcode WHERE code = '0000001'")[0].withdrawn_on == DAY


@pytest.mark.django_db
def test_the_command_says_how_many_places_it_loaded():
    said = StringIO()

    call_command("seed_postal_codes", stdout=said)

    assert f"{PostalCode.objects.count():,} places" in said.getvalue()
