"""The order desk fills addresses in from their postal codes."""

from typing import Any

import pytest

from core.models import PostalCode
from tests.orders.test_entry import a_desk, a_phone_shop, press, the_page

pytestmark = pytest.mark.django_db


def a_place_with_code(code: str, town: str, **given: Any) -> None:
    usual = {"jis_code": "13103", "prefecture": "東京都", "city": "港区", "prefecture_kana": "", "city_kana": "", "town_kana": ""}
    PostalCode.objects.create(**{**usual, "code": code, "town": town, **given})


def test_a_postal_code_fills_the_address_in():
    shop, desk = a_phone_shop(), a_desk()
    a_place_with_code("1060032", "六本木")

    typed = press(desk, the_page(shop, postal_code="〒１０６−００３２", prefecture="", city="", street=""), "postal").context["typed"]

    assert (typed.prefecture, typed.city, typed.street) == ("東京都", "港区", "六本木")


def test_a_postal_code_of_several_places_is_a_choice():
    shop, desk = a_phone_shop(), a_desk()
    a_place_with_code("4980000", "", prefecture="愛知県", city="弥富市")
    a_place_with_code("4980000", "", prefecture="三重県", city="桑名郡木曽岬町", jis_code="24303")
    page = the_page(shop, postal_code="498-0000", prefecture="", city="", street="")

    asked = press(desk, page, "postal")
    chosen = press(desk, page, "postal:1")

    assert [p.prefecture for p in asked.context["found"]["places"]] == ["愛知県", "三重県"]
    assert (chosen.context["typed"].prefecture, chosen.context["typed"].city) == ("三重県", "桑名郡木曽岬町")


def test_a_postal_code_nobody_has_is_said_beside_its_field():
    shop, desk = a_phone_shop(), a_desk()

    response = press(desk, the_page(shop, postal_code="999-9999"), "postal")

    assert response.context["faults"]["postal_code"]
    assert response.context["typed"].street == "神田神保町1-1"
