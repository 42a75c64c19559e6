"""Coupons at the counters: typed into the shop's cart, at the order desk and by partners; made and looked at in the back office."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Coupon, CouponArticle, CouponUse
from core import clock
from core.actor import SYSTEM
from core.db import acting
from orders.models import Order
from orders.operations import order_estimates
from orders.rules import Placed, Refused
from storefront.models import Cart
from storefront.operations import renew_cart
from tests.campaigns.test_admin import signed_in as staff_as
from tests.campaigns.test_admin import text
from tests.factories.campaigns import a_campaign, a_coupon
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.orders import AT, a_draft, a_shop, an_order
from tests.factories.returns import broken_promises
from tests.factories.storefront import DETAILS, a_web_shop, filled, ordered, signed_in
from tests.orders.test_api import an_order_said, caller, post
from tests.orders.test_entry import a_desk, a_phone_shop, placed_by, press, the_page
from tests.orders.test_estimates import issued

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_tried(db: None) -> None:
    cache.clear()


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# The shop


def test_a_coupon_typed_into_the_cart_is_in_the_totals_the_confirmation_and_the_order(client: Client) -> None:
    shop = a_web_shop()
    a_coupon(shop.company, use_limit=1)
    filled(client, (shop.variant(3_000), 1))

    cart = client.post("/cart/coupon/", {"coupon": " ｗｅｌｃｏｍｅ"}, follow=True)
    checkout = client.get("/checkout/")
    ordered(client)

    assert "クーポンを適用しました。" in told(cart)
    for page in (cart, checkout):
        assert "ようこそクーポン" in page.content.decode()
        assert "−500円" in page.content.decode()
        assert "2,500円" in page.content.decode()
    order = Order.objects.get()
    assert (order.total, order.discount_total) == (2_500, 500)
    assert "ようこそクーポン" in order.confirmation.shown
    use = CouponUse.objects.get()
    assert (use.order_id, use.actor_label) == (order.pk, "")


def test_one_that_cannot_be_used_is_said_and_not_kept(client: Client) -> None:
    shop = a_web_shop()
    a_coupon(shop.company, minimum=5_000)
    filled(client, (shop.variant(3_000), 1))

    for typed, words in (
        ("NONE", "「NONE」というクーポンはありません"),
        ("welcome", "5,000円 以上"),
        ("", "クーポンコードを入力してください"),
    ):
        assert words in told(client.post("/cart/coupon/", {"coupon": typed}, follow=True))
        assert Cart.objects.get().coupon_code == ""


def test_whoever_guesses_codes_is_slowed_down_and_can_still_take_one_out(client: Client) -> None:
    shop = a_web_shop()
    a_coupon(shop.company)
    filled(client, (shop.variant(3_000), 1))
    client.post("/cart/coupon/", {"coupon": "welcome"})

    answers = [told(client.post("/cart/coupon/", {"coupon": f"GUESS{n}"}, follow=True)) for n in range(20)]

    assert "「GUESS18」というクーポンはありません" in answers[-2]
    assert "15分" in answers[-1]
    assert "15分" in told(client.post("/cart/coupon/", {"coupon": "welcome"}, follow=True))
    assert "15分" not in told(client.post("/cart/coupon/", {"remove": "1"}, follow=True))
    assert Cart.objects.get().coupon_code == ""


@pytest.mark.parametrize(
    "typed",
    ["we\u200blcome\u0000x", "\u202eemoclew", "%(x)s %s %", "<script>alert(1)</script>", "'; DROP TABLE campaigns_coupon; --", "𠮷" * 60, "か\u3099", "a" * 100_000],
    ids=["what nobody sees", "turned round", "a format", "a script", "a statement", "four bytes each", "apart", "much"],
)  # fmt: skip
def test_whatever_is_typed_as_a_coupon_is_answered_calmly(client: Client, typed: str) -> None:
    shop = a_web_shop()
    filled(client, (shop.variant(3_000), 1))

    page = client.post("/cart/coupon/", {"coupon": typed}, follow=True)

    assert page.status_code == 200
    assert "というクーポンはありません" in told(page)
    assert "<script>alert" not in page.content.decode()
    assert Cart.objects.get().coupon_code == ""


def test_one_that_is_good_no_more_is_told_in_the_cart_and_can_be_taken_out(client: Client) -> None:
    shop = a_web_shop()
    coupon = a_coupon(shop.company)
    filled(client, (shop.variant(3_000), 1))
    client.post("/cart/coupon/", {"coupon": "WELCOME"})
    assert client.post("/checkout/", DETAILS).status_code == 302
    page = client.get("/checkout/confirm/")
    pressed = {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}
    with acting(SYSTEM):
        Coupon.objects.filter(pk=coupon.pk).update(ended_at=clock.now())

    assert [client.get(path).url for path in ("/checkout/", "/checkout/confirm/")] == ["/cart/", "/cart/"]
    assert client.post("/checkout/confirm/", pressed).status_code == 302
    assert not Order.objects.exists()
    cart = client.get("/cart/")
    assert "配布は終了しました" in cart.content.decode()
    assert "3,000円" in cart.content.decode()
    assert not cart.context["may_order"]

    client.post("/cart/coupon/", {"remove": "1"})

    assert client.get("/cart/").context["may_order"]
    ordered(client)
    assert Order.objects.get().total == 3_000


def test_the_cart_after_a_declined_payment_keeps_its_coupon(client: Client) -> None:
    shop = a_web_shop()
    a_coupon(shop.company)
    tea = shop.variant(3_000)
    filled(client, (tea, 1))
    client.post("/cart/coupon/", {"coupon": "WELCOME"})
    cart = Cart.objects.get()
    order = an_order(shop, (tea, 1), cart_ref=cart.public_id)

    renewed = renew_cart(cart.public_id, order_id=order.pk, actor=SYSTEM, at=AT)

    assert Cart.objects.get(public_id=renewed).coupon_code == "WELCOME"


def test_what_a_guest_typed_follows_to_the_account(client: Client) -> None:
    shop = a_web_shop()
    customer, account = a_customer(shop.company), an_account()
    a_link(customer, account)
    a_coupon(shop.company, "MINE", customer=customer)
    a_coupon(shop.company)
    filled(client, (shop.variant(3_000), 1))
    assert "ログインするか" in told(client.post("/cart/coupon/", {"coupon": "MINE"}, follow=True))
    client.post("/cart/coupon/", {"coupon": "WELCOME"})

    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    cart = client.get("/cart/").content.decode()

    assert "ようこそクーポン" in cart
    assert "クーポンを適用しました。" in told(client.post("/cart/coupon/", {"coupon": "mine"}, follow=True))


def test_my_page_shows_what_one_has_until_when_and_what_was_used() -> None:
    shop, now = a_web_shop(), clock.now()
    customer, account = a_customer(shop.company), an_account()
    a_link(customer, account)
    tea = shop.variant(1_000)
    a_coupon(shop.company, "MINE", name="お誕生日", customer=customer, until_at=now + timedelta(days=3), articles=[tea])
    a_coupon(shop.company, "ALL", name="みなさまへ", percent_bp=1_000, most_off=2_000, is_shown=True, minimum=3_000)
    a_coupon(shop.company, "SOON", name="来月から", is_shown=True, starts_at=now + timedelta(days=30))
    a_coupon(shop.company, "SECRET", name="チラシのコード")
    a_coupon(shop.company, "THEIRS", name="ほかの方", customer=a_customer(shop.company))
    a_coupon(shop.company, "OVER", name="終わった", is_shown=True, until_at=now)
    a_coupon(shop.company, "ONCE", name="使った", is_shown=True, customer_limit=1, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    order = an_order(shop, (tea, 1), customer_id=customer.pk, coupon_codes=("ONCE",))

    with CaptureQueriesContext(connection) as asked:
        page = signed_in(account).get("/mypage/coupons/")

    shown = page.content.decode()
    assert [one.terms.code for one in page.context["found"]] == ["MINE", "ALL", "SOON"]
    assert [one.is_open for one in page.context["found"]] == [True, True, False]
    for words in ("500円引き", "10%引き", "最大2,000円", "商品合計3,000円以上", "あなただけのクーポン", order.number, "−500円"):
        assert words in shown
    assert sum("campaigns_coupon" in query["sql"] for query in asked.captured_queries) == 2


# The order desk


def test_the_desk_takes_a_coupon_and_shows_it_live() -> None:
    shop = a_phone_shop()
    a_coupon(shop.company)
    desk, page = a_desk(), the_page(shop, (shop.variant(1_000), 2), coupon="welcome")

    live = press(desk, page, "refresh", **{"hx-request": "true", "hx-target": "entry-side"}).content.decode()
    placed_by(desk, page)

    assert "ようこそクーポン" in live
    assert "−500円" in live
    assert Order.objects.get().total == 1_500
    assert CouponUse.objects.get().amount == 500


def test_the_desk_says_beside_the_box_why_a_coupon_is_refused() -> None:
    shop = a_phone_shop()
    a_coupon(shop.company, customer=a_customer(shop.company))
    desk, page = a_desk(), the_page(shop, (shop.variant(1_000), 2), coupon="welcome", expected_total="2000")

    refused = press(desk, page, "place")
    live = press(desk, page, "refresh", **{"hx-request": "true", "hx-target": "entry-side"}).content.decode()

    assert refused.status_code == 422
    assert "ご注文のお客様を選んでください" in refused.context["faults"]["coupon"][0]
    assert 'id="desk-coupon-error"' in live
    assert "ご注文のお客様を選んでください" in live
    assert not Order.objects.exists()


# Partners


def test_a_partner_quotes_and_orders_with_a_coupon_and_is_told_why_not(client: Client) -> None:
    shop = a_shop()
    a_coupon(shop.company, use_limit=1)
    headers, tea = caller(shop.company), shop.variant(1_000)
    said = an_order_said(shop, (tea, 1), coupon_codes=["welcome"])
    quoted = {name: said[name] for name in ("channel", "lines", "destinations", "payment_method", "coupon_codes")}

    (quote,) = post(client, headers, {"quotes": [quoted]}, url="/api/v1/order-quotes").json()["results"]
    made = post(client, headers, said)
    again = post(client, headers, said, key="key-0002")
    (refused,) = post(client, headers, {"quotes": [quoted]}, url="/api/v1/order-quotes", key="key-0003").json()["results"]

    assert (quote["discount_total"], quote["total"]) == (500, 500)
    assert (made.status_code, made.json()["total"]) == (201, 500)
    assert (again.status_code, again.json()["code"]) == (422, "coupon.used_up")
    assert [(e["code"], e["pointer"]) for e in again.json()["errors"]] == [("coupon.used_up", "/coupon_codes/0")]
    assert [(e["code"], e["pointer"]) for e in refused["errors"]] == [("coupon.used_up", "/coupon_codes/0")]
    assert Order.objects.count() == 1
    assert broken_promises() == []


# Estimates


def test_an_estimate_uses_its_coupon_when_it_is_ordered() -> None:
    shop = a_shop()
    coupon = a_coupon(shop.company, use_limit=1)
    tea = shop.variant(1_000)
    first, second = (issued(a_draft(shop, (tea, 2), coupon_codes=("WELCOME",))) for _n in range(2))
    assert (first.total, second.total, CouponUse.objects.count()) == (1_500, 1_500, 0)

    (placed,), (refused,) = (order_estimates([one.estimate_id], actor=SYSTEM, at=AT) for one in (first, second))

    assert isinstance(placed, Placed)
    assert placed.total == 1_500
    assert isinstance(refused, Refused)
    assert refused.code == "coupon.used_up"
    coupon.refresh_from_db()
    assert coupon.used_count == 1
    assert broken_promises() == []


# The back office

FORM = {
    "code": "ｓｈｉｎｃｈａ 10", "name": "新茶10%引き", "kind": "percent", "amount": "", "percent": "10", "most_off": "3000", "minimum": "2000",
    "starts_at_0": "2026-05-01", "starts_at_1": "00:00", "until_at_0": "2026-06-01", "until_at_1": "00:00", "ended_at_0": "", "ended_at_1": "",
    "use_limit": "100", "customer_limit": "1", "customer_number": "", "campaign": "", "articles-TOTAL_FORMS": "0", "articles-INITIAL_FORMS": "0",
}  # fmt: skip


def test_marketing_makes_a_coupon_and_its_worth_stays() -> None:
    shop = a_shop()
    customer, tea, campaign = a_customer(shop.company), shop.variant(), a_campaign(shop.company)
    desk = staff_as("marketing")
    made = {
        **FORM, "company": shop.company.pk, "campaign": campaign.pk, "customer_number": f" {customer.number.lower()} ", "articles-TOTAL_FORMS": "1",
        "articles-0-variant": tea.pk, "back_when_returned": "on",
    }  # fmt: skip

    text(desk, reverse("admin:campaigns_coupon_add"), **made)
    coupon = Coupon.objects.get()
    changed = {**made, "name": "新茶クーポン", "percent": "50", "use_limit": "200", "articles-INITIAL_FORMS": "1", "articles-0-id": CouponArticle.objects.get().pk, "articles-0-coupon": coupon.pk}  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        text(desk, reverse("admin:campaigns_coupon_change", args=[coupon.pk]), **changed)

    (written,) = [query["sql"] for query in asked.captured_queries if query["sql"].startswith('UPDATE "campaigns_coupon"')]
    assert '"used_count" =' not in written  # orders may have moved it since the form was read
    assert not desk.get(reverse("admin:campaigns_coupon_add")).context["adminform"].form.fields["percent"].disabled
    coupon.refresh_from_db()
    assert (coupon.code, coupon.name, coupon.percent_bp, coupon.most_off, coupon.minimum) == (
        "SHINCHA10",
        "新茶クーポン",
        1_000,
        3_000,
        2_000,
    )
    assert (coupon.use_limit, coupon.customer_limit, coupon.customer_id, coupon.campaign_id) == (200, 1, customer.pk, campaign.pk)
    assert (coupon.currency, coupon.back_when_returned, coupon.is_shown) == ("JPY", True, False)
    assert list(coupon.articles.values_list("variant", flat=True)) == [tea.pk]


def test_two_people_who_change_one_coupon_are_told_and_a_use_meanwhile_is_no_change() -> None:
    shop = a_shop()
    coupon = a_coupon(shop.company, use_limit=100)
    desk, where = staff_as("marketing"), reverse("admin:campaigns_coupon_change", args=[coupon.pk])
    shown = desk.get(where).context["adminform"].form.initial["seen"]
    an_order(shop, (shop.variant(3_000), 1), coupon_codes=("WELCOME",))
    said = {
        **FORM,
        "starts_at_0": "2026-04-01",
        "until_at_0": "",
        "until_at_1": "",
        "customer_limit": "",
        "minimum": "0",
        "seen": str(shown),
    }

    text(desk, where, **said | {"name": "先に直した名前"})
    late = desk.post(where, {**said, "name": "あとから直した名前"})

    assert "他の方が変更しました" in late.content.decode()
    coupon.refresh_from_db()
    assert (coupon.name, coupon.used_count) == ("先に直した名前", 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "500"}, "値引率だけを入力してください"),
        ({"percent": ""}, "値引率だけを入力してください"),
        ({"customer_number": "C9999999"}, "該当する顧客がいません"),
        ({"until_at_0": "2026-05-01"}, "終了は開始より後"),
    ],
    ids=["both", "neither", "nobody", "ends before it begins"],
)
def test_a_form_that_makes_no_sense_says_so_and_makes_nothing(wrong: dict[str, str], words: str) -> None:
    company = a_shop().company

    page = text(staff_as("marketing"), reverse("admin:campaigns_coupon_add"), **{**FORM, "company": company.pk, **wrong})

    assert words in page
    assert not Coupon.objects.exists()


def test_the_list_tells_uses_and_limits_and_leads_to_their_orders() -> None:
    shop = a_shop()
    limited, free = a_coupon(shop.company, use_limit=1_000), a_coupon(shop.company, "FREE")
    order = an_order(shop, (shop.variant(), 1), coupon_codes=("WELCOME",))
    desk = staff_as("marketing")

    coupons = text(desk, reverse("admin:campaigns_coupon_changelist"))
    uses = text(desk, f"{reverse('admin:campaigns_couponuse_changelist')}?coupon__id__exact={limited.pk}")
    others = text(desk, f"{reverse('admin:campaigns_couponuse_changelist')}?coupon__id__exact={free.pk}")

    assert "1\u00a0/\u00a01,000" in coupons
    assert order.number in uses
    assert order.number not in others
