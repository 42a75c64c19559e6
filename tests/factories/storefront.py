"""A shop that answers on the web."""

from dataclasses import replace
from typing import Any

from django.test import Client

from catalog.models import Variant
from customers.models import Account
from tests.factories.core import a_channel, a_site
from tests.factories.orders import Shop, a_shop

DETAILS = {
    "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", "email": "hanako@example.jp",
    "phone": "090-1234-5678", "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1", "building": "",
    "payment_method": "cash_on_delivery", "wished_on": "", "time_band": "", "remark": "",
}  # fmt: skip


def a_web_shop(**given: Any) -> Shop:
    """A shop with a site at the address of the test client."""
    shop = a_shop(**given)
    site = a_site(shop.company, domain="testserver")
    return replace(shop, channel=a_channel(shop.company, site=site, kind="web"))


def signed_in(account: Account) -> Client:
    """A browser in which this account is signed in."""
    browser = Client()
    browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def filled(browser: Client, *wanted: tuple[Variant, int]) -> None:
    """The browser's cart holds these."""
    for variant, quantity in wanted:
        assert browser.post("/cart/add/", {"sku": variant.sku, "quantity": quantity}).status_code == 302


def ordered(browser: Client, **details: Any) -> Any:
    """Go from cart to order as a shopper does; answers with the response to the last button."""
    assert browser.post("/checkout/", {**DETAILS, **details}).status_code == 302
    page = browser.get("/checkout/confirm/")
    assert page.status_code == 200, page
    return browser.post("/checkout/confirm/", {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total})
