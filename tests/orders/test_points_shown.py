"""What an order earns, as staff and its buyer see it, and the page of the programmes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import seed_roles
from core.actor import SYSTEM
from customers.models import PointLot, PointProgramme, PointRate
from orders.operations import earn_points
from tests.factories.customers import a_programme, a_rank, a_staff_account
from tests.factories.orders import AT, Shop, a_shipped_order, a_shop, an_order
from tests.orders.test_admin import a_desk, page

pytestmark = pytest.mark.django_db
ADD = "/admin/customers/pointprogramme/add/"


def a_form(shop: Shop, **given: Any) -> dict[str, Any]:
    rows = {"rates-TOTAL_FORMS": "0", "rates-INITIAL_FORMS": "0", "rates-MIN_NUM_FORMS": "0", "rates-MAX_NUM_FORMS": "1000"}
    begins = {"from_at_0": "2026-06-01", "from_at_1": "00:00:00"}
    return {
        "company": shop.company.pk,
        "name": "夏のポイント",
        "rate_bp": "300",
        "with_tax": "on",
        "after_days": "0",
        **rows,
        **begins,
        **given,
    }


def errors(response: Any) -> list[str]:
    return [str(one) for form in (response.context["adminform"].form,) for several in form.errors.values() for one in several]


def test_a_programme_is_made_with_the_rates_of_ranks() -> None:
    shop, desk = a_shop(), a_desk()
    gold = a_rank(shop.company)
    rates = {"rates-TOTAL_FORMS": "1", "rates-0-rank": gold.pk, "rates-0-rate_bp": "500"}

    response = desk.post(ADD, a_form(shop, expires_days="365", **rates))

    assert response.status_code == 302, errors(response)
    programme = PointProgramme.objects.get()
    assert (programme.rate_bp, programme.expires_days, programme.from_at) == (300, 365, datetime(2026, 5, 31, 15, tzinfo=UTC))
    assert PointRate.objects.get().rate_bp == 500


@pytest.mark.parametrize(
    ("_case", "given", "said"),
    [
        ("ends before", {"until_at_0": "2026-05-01", "until_at_1": "00:00:00"}, "終わりが始まりより前"),
        ("overlaps", {"from_at_0": "2026-02-01", "from_at_1": "00:00:00"}, "別のルールが適用されています"),
    ],
)
def test_periods_that_cannot_be_are_refused_in_words(_case: str, given: dict[str, Any], said: str) -> None:
    shop, desk = a_shop(), a_desk()
    a_programme(shop.company, from_at=datetime(2026, 1, 1, tzinfo=UTC), until_at=datetime(2026, 3, 1, tzinfo=UTC))

    response = desk.post(ADD, a_form(shop, **given))

    assert response.status_code == 200
    assert any(said in one for one in errors(response)), errors(response)
    assert PointProgramme.objects.count() == 1


def test_a_rank_of_another_company_is_refused() -> None:
    shop, desk = a_shop(), a_desk()
    rates = {"rates-TOTAL_FORMS": "1", "rates-0-rank": a_rank(a_shop().company).pk, "rates-0-rate_bp": "500"}

    response = desk.post(ADD, a_form(shop, **rates))

    assert response.status_code == 200
    assert PointRate.objects.count() == 0


def test_who_saves_what_another_changed_meanwhile_is_told() -> None:
    shop, desk = a_shop(), a_desk()
    programme = a_programme(shop.company)
    url = reverse("admin:customers_pointprogramme_change", args=[programme.pk])
    assert desk.post(url, a_form(shop, seen="1", name="先に")).status_code == 302

    late = desk.post(url, a_form(shop, seen="1", name="あとから"))

    assert [one for one in errors(late) if "他の方が変更" in one]
    programme.refresh_from_db()
    assert (programme.name, programme.version) == ("先に", 2)


def test_the_terms_of_a_used_programme_are_only_shown_and_it_can_be_ended() -> None:
    shop, desk = a_shop(), a_desk()
    programme = a_programme(shop.company, ranks={a_rank(shop.company): 200})
    order = a_shipped_order(shop, (shop.variant(5_000), 1))
    earn_points([order.pk], actor=SYSTEM, at=AT)
    url = reverse("admin:customers_pointprogramme_change", args=[programme.pk])
    assert 'name="rate_bp"' not in desk.get(url).content.decode()

    answer = desk.post(url, a_form(shop, rate_bp="900", ended_at_0="2026-07-01", ended_at_1="00:00:00", seen="1"))

    assert answer.status_code == 302, errors(answer)
    programme.refresh_from_db()
    assert (programme.rate_bp, programme.ended_at) == (100, datetime(2026, 6, 30, 15, tzinfo=UTC))
    lot = reverse("admin:customers_pointlot_change", args=[PointLot.objects.get().pk])
    assert "1%" in desk.get(lot).content.decode()


def test_staff_see_what_came_and_what_comes() -> None:
    shop, desk = a_shop(), a_desk()
    a_programme(shop.company)
    waiting, gone = an_order(shop, (shop.variant(5_000), 1)), a_shipped_order(shop, (shop.variant(3_000), 1))
    earn_points([gone.pk], actor=SYSTEM, at=AT)

    with CaptureQueriesContext(connection) as spent:
        shown = desk.get(page(waiting)).content.decode()

    assert "出荷時にあと 50 ポイント" in shown
    assert "30 ポイント付与済み" in desk.get(page(gone)).content.decode()
    assert len(spent) <= 18


def test_an_order_of_a_company_without_a_programme_says_nothing_of_points() -> None:
    shop, desk = a_shop(), a_desk()

    assert "ポイント付与済み" not in desk.get(page(an_order(shop))).content.decode()


@pytest.mark.parametrize(("role", "may"), [("marketing", True), ("order_desk", False)])
def test_marketing_makes_programmes_the_desk_reads_them(role: str, may: bool) -> None:
    account = a_staff_account(display_name="担当")
    account.groups.add(seed_roles()[role])
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    assert (client.get(ADD).status_code == 200) == may
    assert client.get(reverse("admin:customers_pointprogramme_changelist")).status_code == 200
