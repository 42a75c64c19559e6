"""The order desk: staff take orders by phone, from paper and in the store."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import OutboxEvent, PersonalDataRead
from customers.models import Customer, Note
from inventory.models import Stock
from orders.models import Order
from orders.queries import order_view
from tests.factories import customers as make
from tests.factories.catalog import a_text
from tests.factories.core import a_channel
from tests.factories.orders import Shop, a_fee, a_shop, an_order

pytestmark = pytest.mark.django_db
URL = "/admin/orders/order/entry/"
SAID = {
    "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", "phone": "０９０−１２３４−５６７８", "email": "",
    "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1", "building": "", "ad_code": "TV-5",
    "payment_method": "cash_on_delivery",
}  # fmt: skip


def a_phone_shop(**given: Any) -> Shop:
    shop = a_shop(**given)
    return Shop(shop.company, a_channel(shop.company, kind="phone", name="電話"), shop.locations)


def a_desk(*permissions: str, **given: Any) -> Client:
    """A signed-in member of staff; with every right unless some are named."""
    account = make.a_staff_account(is_superuser=not permissions, display_name="佐々木 美咲", **given)
    for permission in permissions:
        app, codename = permission.split(".")
        account.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def the_page(shop: Shop, *lines: tuple[Any, Any], **said: Any) -> dict[str, Any]:
    """What the browser sends: the page as filled in."""
    names = ("price", "price_reason", "discount", "discount_reason")
    own = {f"line_{name}": [""] * len(lines) for name in names}
    own |= {"line_sku": [v.sku for v, _q in lines], "line_quantity": [str(q) for _v, q in lines]}
    return {**SAID, "channel": shop.channel.pk, "cart_ref": "0" * 31 + "1", "expected_total": "", "customer": "", **own, **said}


def press(desk: Client, page: dict[str, Any], button: str, **headers: str) -> Any:
    return desk.post(URL, {**page, "do": button}, headers=headers)


def placed_by(desk: Client, page: dict[str, Any]) -> Any:
    """Look at the total, then place."""
    shown = press(desk, page, "refresh")
    return press(desk, {**page, "expected_total": str(shown.context["quote"].sums.total)}, "place")


def nothing_was_written() -> bool:
    return not (
        Order.objects.exists() or Customer.objects.exists() or OutboxEvent.objects.exists() or Stock.objects.exclude(allocated=0).exists()
    )


def test_a_new_caller_orders_in_one_go():
    shop, desk = a_phone_shop(), a_desk()
    a_fee(shop, 600)
    tea = shop.variant(1_080, tax_class="reduced")

    response = placed_by(desk, the_page(shop, (tea, "２"), remark="留守なら宅配ボックス"))

    order = Order.objects.get()
    assert response.url == f"/admin/orders/order/{order.pk}/change/"
    assert (order.total, order.channel_id, order.actor_kind, order.actor_label) == (2_760, shop.channel.pk, "staff", "佐々木 美咲")
    assert order.taken_by_id == order.taken_by.pk == int(order.actor_id)
    assert (order.buyer_name, order.remark) == ("山田 花子", "留守なら宅配ボックス")
    assert order_view(order.pk).destinations[0].street == "神田神保町1-1"
    assert order.lines.get().ad_code == "TV-5"


def test_the_same_page_sent_twice_makes_one_order():
    shop, desk = a_phone_shop(), a_desk()
    page = the_page(shop, (shop.variant(), 1))

    first, second = placed_by(desk, page), placed_by(desk, page)

    assert first.url == second.url
    assert Order.objects.count() == 1


def test_nothing_is_placed_before_the_total_was_shown():
    shop, desk = a_phone_shop(), a_desk()

    response = press(desk, the_page(shop, (shop.variant(), 1)), "place")

    assert response.status_code == 422
    assert response.context["quote"].sums.total == 1_000
    assert nothing_was_written()


@pytest.mark.parametrize(
    ("_case", "said", "field"),
    [
        ("no name", {"family_name": "", "given_name": ""}, "family_name"),
        ("no way to reach", {"phone": "", "email": ""}, "phone"),
        ("an unreadable phone", {"phone": "12"}, "phone"),
        ("an unreadable mail", {"email": "a@@b"}, "email"),
        ("no postal code", {"postal_code": ""}, "postal_code"),
        ("no street", {"street": "　"}, "street"),
        ("nobody asked where they saw us", {"ad_code": "", "route_medium": ""}, "ad_code"),
        ("a day that is none", {"wished_on": "2027-02-29"}, "wished_on"),
        ("a day in the past", {"wished_on": "2020-01-01"}, "wished_on"),
        ("a time band that is none", {"time_band": "9999"}, "time_band"),
        ("a card", {"payment_method": "card"}, "payment_method"),
        ("a discount without a reason", {"discount": "100"}, "discount_reason"),
        ("a discount that is no amount", {"discount": "1e3", "discount_reason": "x"}, "discount"),
    ],
)
def test_what_was_not_asked_is_named_beside_its_field_and_nothing_is_lost(_case, said, field):
    shop, desk = a_phone_shop(), a_desk()
    page = the_page(shop, (shop.variant(), 1), **said)

    response = press(desk, {**page, "expected_total": "1000"}, "place")

    assert response.status_code == 422
    assert response.context["faults"][field]
    assert 'value="神田神保町1-1"' in response.content.decode() or field == "street"
    assert nothing_was_written()


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1e3", "²", "1_0", "", "100000", "9" * 30])
def test_a_quantity_that_is_none_is_refused_at_its_line(quantity):
    shop, desk = a_phone_shop(), a_desk()

    response = press(desk, the_page(shop, (shop.variant(), quantity), expected_total="1000"), "place")

    assert response.context["lines"][0].faults["quantity"]
    assert nothing_was_written()


def test_a_price_by_hand_needs_its_reason_and_keeps_it():
    shop, desk = a_phone_shop(), a_desk()
    tea = shop.variant(1_000)
    page = the_page(shop, (tea, 2), line_price=["800"])

    refused = press(desk, {**page, "expected_total": "1600"}, "place")
    page["line_price_reason"] = ["お詫びのため"]
    placed_by(desk, page)

    assert refused.context["lines"][0].faults["price_reason"]
    line = Order.objects.get().lines.get()
    assert (line.unit_price, line.price_reason, line.total) == (800, "お詫びのため", 1_600)


def test_discounts_keep_their_reasons():
    shop, desk = a_phone_shop(), a_desk()
    page = the_page(
        shop, (shop.variant(1_000), 2), line_discount=["50"], line_discount_reason=["箱つぶれ"], discount="150", discount_reason="初回"
    )

    placed_by(desk, page)

    order = Order.objects.get()
    assert (order.total, order.discount_total) == (1_800, 200)
    assert sorted(order.lines.get().discounts.values_list("reason", "amount")) == [("初回", 150), ("箱つぶれ", 50)]


def test_out_of_stock_is_said_at_its_line():
    shop, desk = a_phone_shop(locations=1), a_desk()

    response = press(desk, the_page(shop, (shop.variant(stock=[1]), 2)), "refresh")

    assert "在庫" in " ".join(response.context["lines"][0].faults["quantity"])
    assert response.context["lines"][0].left == 1


def a_family(shop: Shop) -> list[Customer]:
    return [
        make.a_customer(shop.company, family_name="佐藤", given_name=given, family_kana="サトウ", given_kana=kana, phone="03-9876-5432")
        for given, kana in (("一郎", "イチロウ"), ("華", "ハナ"))
    ]


def test_several_of_a_family_on_one_number_are_listed_to_choose():
    shop, desk = a_phone_shop(), a_desk()
    father, daughter = a_family(shop)
    make.an_address(daughter)

    found = press(desk, the_page(shop, customer_q="０３（９８７６）５４３２", family_name=""), "find")
    chosen = press(desk, the_page(shop), f"choose:{daughter.pk}")

    assert {row.customer_id for row in found.context["found"]["customers"]} == {father.pk, daughter.pk}
    assert (chosen.context["typed"].given_name, chosen.context["typed"].customer) == ("華", str(daughter.pk))
    assert set(PersonalDataRead.objects.values_list("subject", flat=True)) == {f"customer:{c.public_id}" for c in (father, daughter)}


@pytest.mark.parametrize("word", ["サトウ イチロウ", "佐藤 一郎", "ichiro@example.jp"])
def test_one_box_finds_by_anything(word):
    shop, desk = a_phone_shop(), a_desk()
    customer = make.a_customer(
        shop.company, family_name="佐藤", given_name="一郎", family_kana="サトウ", given_kana="イチロウ", email="ichiro@example.jp"
    )

    response = press(desk, the_page(shop, customer_q=word), "find")

    assert response.context["typed"].customer == str(customer.pk)


def test_a_caller_nobody_knows_keeps_the_number_typed():
    shop, desk = a_phone_shop(), a_desk()

    response = press(desk, the_page(shop, customer_q="080-1111-2222", phone=""), "find")

    assert response.context["typed"].phone == "080-1111-2222"
    assert response.context["found"]["nobody"]


def test_attention_and_notes_are_read_before_anything_else():
    shop, desk = a_phone_shop(), a_desk()
    customer = make.a_customer(shop.company, attention=True)
    Note.objects.create(customer=customer, body="必ず折り返し確認")

    page = press(desk, the_page(shop), f"choose:{customer.pk}").content.decode()

    assert "必ず折り返し確認" in page
    assert "desk-known-bad" in page


def test_the_last_order_is_copied_at_todays_prices():
    shop, desk = a_phone_shop(), a_desk()
    tea = shop.variant(1_000)
    before = an_order(shop, (tea, 3))

    page = the_page(shop, customer=str(before.customer_id))
    response = press(desk, page, f"copy:{before.pk}")

    assert [(n.sku, n.quantity) for n in response.context["typed"].lines] == [(tea.sku, "3")]
    assert response.context["quote"].sums.total == 3_000


def test_somebody_elses_order_is_not_copied():
    shop, desk = a_phone_shop(), a_desk()
    theirs = an_order(shop)
    other = make.a_customer(shop.company)

    response = press(desk, the_page(shop, customer=str(other.pk)), f"copy:{theirs.pk}")

    assert response.context["typed"].lines == ()


def test_a_customer_of_another_company_is_not_there():
    shop, desk = a_phone_shop(), a_desk()
    stranger = make.a_customer(make.a_company())

    response = press(desk, the_page(shop, customer=str(stranger.pk)), "refresh")

    assert response.context["customer"] is None
    assert response.context["faults"]["customer_q"]


def test_a_known_customer_orders_without_becoming_a_second_one():
    shop, desk = a_phone_shop(), a_desk()
    customer = make.a_customer(shop.company)

    placed_by(desk, the_page(shop, (shop.variant(), 1), customer=str(customer.pk)))

    assert Order.objects.get().customer_id == customer.pk
    assert Customer.objects.count() == 1


def test_articles_are_found_by_sku_jan_and_name():
    shop, desk = a_phone_shop(), a_desk()
    tea, cream = shop.variant(1_080, jan="4901234567894"), shop.variant(3_300, name="ハンドクリーム")
    tea.product.texts.all().delete()
    a_text(tea.product, "深蒸し煎茶", keywords=f"{tea.sku} 4901234567894")

    by_sku = press(desk, the_page(shop, article_q=tea.sku), "article")
    by_jan = press(desk, the_page(shop, article_q="4901234567894"), "article")
    twice = press(desk, the_page(shop, (cream, 1)), f"add:{cream.sku}")
    nothing = press(desk, the_page(shop, article_q="存在しない品"), "article")

    assert [[n.sku for n in r.context["typed"].lines] for r in (by_sku, by_jan)] == [[tea.sku], [tea.sku]]
    assert [(n.sku, n.quantity) for n in twice.context["typed"].lines] == [(cream.sku, "2")]
    assert nothing.context["faults"]["article_q"]


def test_somebody_else_can_receive_it():
    shop, desk = a_phone_shop(), a_desk()

    placed_by(desk, the_page(shop, (shop.variant(), 1), to_family_name="鈴木", to_given_name="次郎", to_phone="06-1234-5678"))

    order = order_view(Order.objects.get().pk)
    assert (order.buyer_name, order.destinations[0].name, order.destinations[0].phone) == ("山田 花子", "鈴木 次郎", "06-1234-5678")


def test_the_store_needs_no_address():
    shop, desk = a_phone_shop(), a_desk()
    store = Shop(shop.company, a_channel(shop.company, kind="store"), shop.locations)
    page = the_page(
        store, (shop.variant(), 1), postal_code="", prefecture="", city="", street="", ad_code="", phone="", payment_method="cash_at_store"
    )

    placed_by(desk, page)

    assert Order.objects.get().payment_method == "cash_at_store"


def test_live_totals_come_without_the_rest_of_the_page():
    shop, desk = a_phone_shop(), a_desk()
    customer = make.a_customer(shop.company)
    page = the_page(shop, (shop.variant(1_234), 2), customer=str(customer.pk))

    answer = press(desk, page, "", **{"HX-Request": "true", "HX-Target": "entry-side"}).content.decode()

    assert "2,468円" in answer
    assert "<form" not in answer
    assert 'name="expected_total" value="2468"' in answer
    assert not PersonalDataRead.objects.exists()


def test_with_scripts_the_order_is_opened_by_the_browser():
    shop, desk = a_phone_shop(), a_desk()
    page = the_page(shop, (shop.variant(), 1), expected_total="1000")

    answer = press(desk, page, "place", **{"HX-Request": "true", "HX-Target": "desk"})

    assert answer["HX-Redirect"] == f"/admin/orders/order/{Order.objects.get().pk}/change/"


@pytest.mark.parametrize("permissions", [("orders.view_order",), ("orders.view_order", "customers.view_customer")])
def test_without_the_right_there_is_no_desk(permissions):
    shop = a_phone_shop()
    desk = a_desk(*permissions)

    assert desk.get(URL).status_code == 403
    assert press(desk, the_page(shop, (shop.variant(), 1), expected_total="1000"), "place").status_code == 403
    assert URL not in desk.get("/admin/orders/order/").content.decode()
    assert nothing_was_written()


def test_with_the_right_the_list_leads_to_the_desk():
    a_phone_shop()
    desk = a_desk("orders.view_order", "orders.place_order")

    assert "受注入力" in desk.get("/admin/orders/order/").content.decode()
    assert desk.get("/admin/orders/order/take/", follow=True).redirect_chain[-1][0] == URL
    assert desk.get(URL).status_code == 200


def test_staff_of_one_company_take_orders_for_it_only():
    mine, other = a_phone_shop(), a_phone_shop()
    desk = a_desk(company=mine.company)

    response = press(desk, the_page(other), "refresh")

    assert [c.id for c in response.context["channels"]] == [mine.channel.pk]
    assert response.context["channel"].id == mine.channel.pk


@pytest.mark.parametrize("lines", [1, 20])
def test_the_total_takes_a_fixed_number_of_statements(lines):
    shop, desk = a_phone_shop(), a_desk()
    page = the_page(shop, *[(shop.variant(), 1) for _n in range(lines)])
    press(desk, page, "refresh")

    with CaptureQueriesContext(connection) as spent:
        press(desk, page, "refresh", **{"HX-Request": "true", "HX-Target": "entry-side"})

    assert len(spent) == 11, "\n".join(q["sql"][:90] for q in spent)


def test_more_companies_and_channels_cost_the_desk_no_statement_more():
    shop, desk = a_phone_shop(), a_desk()
    others = [a_phone_shop() for _n in range(3)]
    page = the_page(shop, (shop.variant(), 1))
    press(desk, page, "refresh")

    with CaptureQueriesContext(connection) as spent:
        shown = press(desk, page, "refresh", **{"HX-Request": "true", "HX-Target": "entry-side"})

    assert [c.id for c in shown.context["channels"]] == [one.channel.pk for one in (shop, *others)]
    assert len(spent) == 11, "\n".join(q["sql"][:90] for q in spent)


@pytest.mark.parametrize("odd", ["²", "٣", "-1", "１", "9" * 19, "9" * 5_000, "1 OR 1=1", "\x00", ""])
@pytest.mark.parametrize("button", ["choose", "address", "copy", "postal", "add", "remove", "less"])
def test_a_button_with_a_number_that_is_none_changes_nothing(button, odd):
    shop, desk = a_phone_shop(), a_desk()
    page = the_page(shop, (shop.variant(sku="TEA-1"), 1))

    shown = press(desk, page, f"{button}:{odd}")

    assert shown.status_code == 200
    assert shown.context["customer"] is None
    assert shown.context["typed"].lines[0].sku == "TEA-1"


@pytest.mark.parametrize("field", ["customer", "paper", "places", "expected_total", "payment_method", "store", "line_to"])
@pytest.mark.parametrize("odd", ["²", "٣", "-1", "9" * 19, "9" * 300, "card:²", "x"])
def test_a_hidden_field_with_a_number_that_is_none_is_answered_calmly(field, odd):
    shop, desk = a_phone_shop(), a_desk()

    shown = press(desk, the_page(shop, (shop.variant(), 1), **{field: odd}), "refresh")

    assert shown.status_code == 200
    assert (shown.context["customer"], shown.context["typed"].lines[0].quantity) == (None, "1")


def test_a_call_opens_the_desk_with_the_caller_found():
    shop, desk = a_phone_shop(), a_desk()
    customer = make.a_customer(shop.company, phone="03-9876-5432")

    page = desk.get(URL, {"q": "0398765432"})

    assert page.context["customer"].row.customer_id == customer.pk
    assert page.context["typed"].phone == "03-9876-5432"


def test_the_desk_speaks_english_too():
    a_phone_shop()

    page = a_desk().get(URL, headers={"accept-language": "en"}).content.decode()

    assert "Place the order" in page
    assert "受注を確定" not in page


def test_every_box_has_its_label():
    shop, desk = a_phone_shop(), a_desk()

    page = press(desk, the_page(shop, (shop.variant(), 1)), "refresh").content.decode()

    form = page[page.index('<form id="desk"') : page.index("</form>", page.index('<form id="desk"'))]
    boxes = set(re.findall(r'<(?:input|select|textarea) id="([^"]+)"', form))
    assert len(boxes) > 25
    assert boxes <= set(re.findall(r'<label for="([^"]+)"', form))
