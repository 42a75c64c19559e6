"""The shop that the journeys go through, and what happens behind the pages between two clicks."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from catalog.models import Variant
from catalog.operations import refresh_products
from core import clock, tasks
from core.actor import SYSTEM
from core.db import acting, rows
from core.hooks import INVARIANTS
from core.operations import carry
from customers.models import Account, Customer
from orders.rules import FeeKind
from tests.factories.catalog import a_category
from tests.factories.core import a_channel, a_site
from tests.factories.customers import a_customer, a_link, a_staff_account, an_account, an_address
from tests.factories.orders import Shop, a_fee, a_shop
from tests.factories.subscriptions import a_delivery_price, a_plan

PASSWORD = "correct horse battery"
GOODS = (
    ("深蒸し煎茶 100g", "ふかむしせんちゃ", "濃い緑と、まろやかな甘み。毎日の一杯に。", 1_080, "reduced"),
    ("京番茶 200g", "きょうばんちゃ", "燻した香りの、やさしいお茶。", 864, "reduced"),
    ("抹茶 雲の白 30g", "まっちゃ", "石臼で挽いた、お薄のための抹茶。", 2_376, "reduced"),
    ("白磁の湯呑み", "はくじのゆのみ", "手になじむ、口の薄い湯呑み。", 2_200, "standard"),
    ("急須 常滑焼 360ml", "きゅうす", "茶葉がゆっくり開く、平たい急須。", 6_600, "standard"),
)

STORY = "産地の畑から届いたものを、注文を受けてから包みます。"


def a_tea_shop(domain: str) -> Shop:
    """A shop with a handful of goods, findable in Japanese, on the shelves of three warehouses."""
    shop = a_shop(
        name="大福茶舗",
        legal_name="株式会社大福茶舗",
        phone="03-1234-5678",
        email="shop@daifuku.example",
        registration_number="T1234567890123",
    )
    site = a_site(shop.company, domain=domain, name="大福茶舗")
    a_channel(shop.company, site=site, kind="web")
    shelf = a_category(shop.company, "お茶")
    a_fee(shop, 600)
    a_fee(shop, 330, kind=FeeKind.CASH_ON_DELIVERY, label="代引手数料", method="cash_on_delivery")
    for name, kana, summary, price, tax_class in GOODS:
        variant = shop.variant(price, name=name, tax_class=tax_class, category=shelf, stock=[40, 20, 10])
        with acting(SYSTEM):
            variant.product.texts.update(kana=kana, summary=summary, description=f"{summary}\n\n{STORY}")
        refresh_products([variant.product_id], actor=SYSTEM, at=clock.now())
    return shop


def may_be_subscribed(shop: Shop, name: str, *, first: int) -> Variant:
    """One of the goods comes by subscription too, cheaper the first time, every month or every second one."""
    variant = Variant.objects.get(company=shop.company, product__texts__name=name)
    with acting(SYSTEM):
        Variant.objects.filter(pk=variant.pk).update(purchase_types="normal,subscription")
    a_delivery_price(variant, first, cycle_from=1, cycle_until=2)
    a_plan(shop, variant, intervals=("1m", "2m"), at=clock.now())
    return variant


def a_regular(shop: Shop) -> tuple[Customer, Account]:
    """Somebody who has bought before, with an account and an address."""
    customer = a_customer(shop.company, phone="090-1234-5678", email="hanako@daifuku.example")
    an_address(customer, is_default=True)
    account = an_account(email="hanako@daifuku.example", display_name="山田 花子")
    a_link(customer, account)
    return customer, account


def opens_signed_in(chromium: Any, address: str, account: Account, *, viewport: Any, language: str = "ja") -> Any:
    """A page of a browser in which this account has signed in before."""
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    context = chromium.new_context(locale={"ja": "ja-JP", "en": "en-GB"}[language], viewport=viewport)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": address}]
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def an_operator(shop: Shop) -> Account:
    """A member of staff who may do everything."""
    return a_staff_account(handle="hanako", email="staff@daifuku.example", is_superuser=True, password=PASSWORD, company=shop.company)


def time_passes() -> None:
    """Relay and worker do what they do in the background: events reach their handlers, mails are sent."""
    while not carry(at=clock.now).idle:
        pass
    tasks.send_mails()


def signs_in(page: Any, address: str) -> None:
    """The operator signs in at the back office."""
    page.goto(f"{address}/admin/")
    page.fill("input[name=username]", "hanako")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def mails_in(folder: Path) -> list[Any]:
    """The mails that came, oldest first."""
    from email import message_from_bytes, policy

    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("[!.]*.eml"))]


def broken_promises() -> dict[str, Any]:
    """Every promise of the house that the database breaks now."""
    promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
    found = {promise.name: rows(promise.sql, {"company": None}, prepare=False) for promise in promises}
    return {name: broken for name, broken in found.items() if broken}
