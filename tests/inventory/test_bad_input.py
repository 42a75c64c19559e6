"""What people and machines get wrong about quantities, at every counter of stock: a clear refusal, and nothing changed."""

from uuid import uuid4

import pytest
from django.urls import reverse

from core.models import OutboxEvent
from inventory.models import Movement, Stock
from tests.factories.customers import a_staff_account
from tests.factories.inventory import a_location, a_stock_item, a_trading_company, stock_of
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db

WRONG = {
    "zero": ("0",), "negative": ("-1",), "1e308": ("1e308",), "fraction": ("1.5",), "huge": ("9" * 30,), "words": ("三個",),
    "nothing": ("",), "null": ("1\x00",),
}  # fmt: skip


@pytest.fixture
def shelf():
    company = a_trading_company()
    return stock_of(a_stock_item(company, "TEA"), a_location(company, "east"), 5)


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True))
    return client


def everything():
    """What lies where; a shelf that was opened for goods that then didn't come holds nothing, and is not counted."""
    return (
        list(Stock.objects.exclude(on_hand=0).order_by("pk").values_list("pk", "on_hand", "sellable", "allocated", "reserved")),
        Movement.objects.count(),
        OutboxEvent.objects.count(),
    )


def said(verb, shelf, quantity):
    more = {
        "receive": {"kind": "receipt", "unsellable": "0"},
        "adjust": {},
        "transfer": {"to": str(a_location(shelf.location.company).pk)},
        "turn": {"from_state": "available", "to_state": "quality_check"},
    }[verb]
    return {"verb_confirmed": "1", "once": uuid4().hex, "reason": "検品", "quantity": quantity, **more}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("verb", ["receive", "transfer", "turn"])
def test_a_quantity_that_is_none_is_refused_in_the_form_with_its_rule(counter, shelf, verb, wrong):
    address = reverse("admin:inventory_stock_change", args=[shelf.pk]).replace("/change/", f"/verb-{verb}/")
    asked, before = said(verb, shelf, *WRONG[wrong]), everything()

    answer = counter.post(address, asked)

    assert answer.status_code == 200
    assert answer.context_data["form"].errors["quantity"]
    assert everything() == before


@pytest.mark.parametrize("wrong", ["1e308", "fraction", "huge", "words", "nothing"])
def test_a_difference_that_is_no_number_is_refused_in_the_form(counter, shelf, wrong):
    address = reverse("admin:inventory_stock_change", args=[shelf.pk]).replace("/change/", "/verb-adjust/")
    before = everything()

    answer = counter.post(address, said("adjust", shelf, *WRONG[wrong]))

    assert answer.context_data["form"].errors["quantity"]
    assert everything() == before


@pytest.mark.parametrize(
    ("_case", "verb", "quantity", "words"),
    [
        ("a difference of nothing", "adjust", "0", "数量"),
        ("more than lies there", "adjust", "-6", "TEA"),
        ("more moved than lies there", "transfer", "6", "TEA"),
        ("more blocked than may be sold", "turn", "6", "TEA"),
    ],
)
def test_what_the_shelf_cannot_give_is_refused_in_words(counter, shelf, _case, verb, quantity, words):
    address = reverse("admin:inventory_stock_change", args=[shelf.pk]).replace("/change/", f"/verb-{verb}/")
    asked, before = said(verb, shelf, quantity), everything()

    answer = counter.post(address, asked, follow=True)

    (told,) = [str(message) for message in answer.context["messages"]]
    assert words in told
    assert everything() == before


def test_digits_typed_with_the_japanese_keyboard_on_are_the_same_number(counter, shelf):
    address = reverse("admin:inventory_stock_change", args=[shelf.pk]).replace("/change/", "/verb-receive/")

    counter.post(address, said("receive", shelf, "３"))

    assert Stock.objects.get(pk=shelf.pk).on_hand == 8


def test_a_form_sent_twice_moves_goods_once(counter, shelf):
    address = reverse("admin:inventory_stock_change", args=[shelf.pk]).replace("/change/", "/verb-receive/")
    asked = said("receive", shelf, "3")

    counter.post(address, asked)
    counter.post(address, asked)

    assert (Stock.objects.get(pk=shelf.pk).on_hand, Movement.objects.count()) == (8, 2)


@pytest.fixture
def caller(shelf):
    scopes = "inventory:read inventory:write"
    return as_partner(a_token(a_partner(shelf.location.company, scopes=scopes), scopes=scopes))


@pytest.mark.parametrize(
    ("_case", "quantity", "status"),
    [
        ("zero", 0, 422),
        ("full width", "３", 400),
        ("1e308", 1e308, 400),
        ("beyond int", 10**30, 400),
        ("true", True, 400),
        ("more than there", -6, 422),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused_with_its_place(client, shelf, caller, _case, quantity, status):
    line = {"item": "TEA", "location": "east", "quantity": quantity, "reference": "R-1"}
    before = everything()

    answer = client.post(
        "/api/v1/stock/adjustments", {"adjustments": [line], "reason": "棚卸"}, content_type="application/json",
        headers={**caller, "Idempotency-Key": "k1"},
    )  # fmt: skip

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, "/adjustments/0/quantity")
    assert everything() == before


@pytest.mark.parametrize("path", ["stock", "stock/movements"])
@pytest.mark.parametrize(
    ("_case", "asked", "pointer"),
    [
        ("no page", {"limit": "0"}, "/limit"),
        ("a page too long", {"limit": "1000000000"}, "/limit"),
        ("full width", {"limit": "５"}, "/limit"),
        ("a made-up cursor", {"cursor": "eyJ9"}, "/cursor"),
        ("an unknown filter", {"warehouse": "east"}, "/warehouse"),
    ],
)
def test_a_list_asked_for_wrongly_is_refused(client, caller, path, _case, asked, pointer):
    answer = client.get(f"/api/v1/{path}", asked, headers=caller)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


@pytest.mark.parametrize("path", ["stock", "stock/movements"])
def test_what_nobody_knows_has_no_lines(client, caller, path):
    for asked in ({"item": "無い"}, {"location": "nowhere"}, {"item": "無い", "location": "nowhere"}):
        assert client.get(f"/api/v1/{path}", asked, headers=caller).json() == {"data": [], "next_cursor": None}


def test_the_ledger_is_read_by_cursor_to_its_end_without_gap_or_repeat(client, shelf, caller):
    company = shelf.location.company
    places = [shelf.location, a_location(company, "west")]
    for _n in range(4):
        for place in places:
            stock_of(a_stock_item(company), place, 1)
    foreign = a_trading_company()
    stock_of(a_stock_item(foreign), a_location(foreign), 1)
    expected = list(Movement.objects.filter(location__company=company).order_by("-pk").values_list("once_key", flat=True))

    found, cursor = [], None
    while True:
        page = client.get("/api/v1/stock/movements", {"limit": "2", **({"cursor": cursor} if cursor else {})}, headers=caller).json()
        found += [(line["item"], line["location"]) for line in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(found) == len(set(found)) == len(expected) == 9
    west = client.get("/api/v1/stock/movements", {"location": "west"}, headers=caller).json()["data"]
    assert [line["location"] for line in west] == ["west"] * 4
