"""Lists under names: the filters stay what they meant, a name is one's own or shared, and no typed word is kept."""

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from config.staff_roles import seed_roles
from core.actor import Actor, ActorKind
from core.admin_site.views import kept_query, opened_query
from core.errors import Refusal
from core.models import SavedView
from core.operations import remove_list_view, save_list_view
from core.operations.views import MOST_VIEWS
from core.queries import views_of_list
from customers.models import Account
from tests.factories.core import a_company

TODAY = date(2026, 11, 30)
LIST = reverse("admin:orders_order_changelist")
VIEWS = reverse("admin:orders_order_views")
ANNE, BEN = Actor(ActorKind.STAFF, "1", "Anne"), Actor(ActorKind.STAFF, "2", "Ben")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("status__exact=pending&p=3&q=佐藤&e=1", "status__exact=pending"),
        ("placed_on__gte=2026-11-30&placed_on__lt=2026-12-01", "placed_on__gte=@today&placed_on__lt=@today"),
        ("placed_on__gte=2026-11-23&placed_on__lt=2026-12-01", "placed_on__gte=@week&placed_on__lt=@week"),
        ("placed_on__gte=2026-11-01&placed_on__lt=2026-12-01", "placed_on__gte=@month&placed_on__lt=@month"),
        ("placed_on__gte=2026-01-01&placed_on__lt=2027-01-01", "placed_on__gte=@year&placed_on__lt=@year"),
        ("placed_on__gte=2026-10-01&placed_on__lt=2026-11-01", "placed_on__gte=2026-10-01&placed_on__lt=2026-11-01"),
        ("o=-2&held=1", "held=1&o=-2"),
        ("channel=1&channel=2", "channel=1&channel=2"),
        ("status__exact=", ""),
    ],
)
def test_what_is_kept_of_a_list(given: str, kept: str):
    assert kept_query(QueryDict(given), today=TODAY) == kept


@pytest.mark.parametrize(
    ("kept", "day", "opened"),
    [
        ("placed_on__gte=@today&placed_on__lt=@today", date(2027, 1, 31), "placed_on__gte=2027-01-31&placed_on__lt=2027-02-01"),
        ("placed_on__gte=@month&placed_on__lt=@month", date(2027, 12, 31), "placed_on__gte=2027-12-01&placed_on__lt=2028-01-01"),
        ("placed_on__gte=@year&placed_on__lt=@year", date(2028, 2, 29), "placed_on__gte=2028-01-01&placed_on__lt=2029-01-01"),
        ("placed_on__gte=@week&placed_on__lt=@week", date(2027, 3, 1), "placed_on__gte=2027-02-22&placed_on__lt=2027-03-02"),
    ],
)
def test_days_move_with_the_calendar(kept: str, day: date, opened: str):
    assert opened_query(kept, today=day) == opened
    assert kept_query(QueryDict(opened), today=day) == kept


def test_midnights_stay_midnights():
    given = "recorded_at__gte=2026-11-30+00%3A00%3A00%2B09%3A00&recorded_at__lt=2026-12-01+00%3A00%3A00%2B09%3A00"
    kept = kept_query(QueryDict(given), today=TODAY)

    assert kept == "recorded_at__gte=@today~&recorded_at__lt=@today~"
    assert opened_query(kept, today=TODAY) == given


@pytest.mark.django_db
def test_a_name_is_ones_own_or_shared_with_the_company():
    ours, theirs = a_company(), a_company()
    save_list_view("orders_order", name="mine", query="held=1", shared=False, company_id=None, actor=ANNE)
    save_list_view("orders_order", name="ours", query="held=1", shared=True, company_id=ours.pk, actor=ANNE)
    save_list_view("orders_order", name="all", query="held=1", shared=True, company_id=None, actor=ANNE)
    save_list_view("orders_shipment", name="other list", query="held=1", shared=True, company_id=None, actor=ANNE)

    def names(actor: Actor, company_id: int | None) -> list[str]:
        return [view.name for view in views_of_list("orders_order", owner_id=actor.id, company_id=company_id)]

    assert names(ANNE, None) == ["all", "ours", "mine"]
    assert names(BEN, ours.pk) == ["all", "ours"]
    assert names(BEN, theirs.pk) == ["all"]


@pytest.mark.django_db
def test_the_same_name_again_takes_the_new_filters():
    first = save_list_view("orders_order", name=" to  ship ", query="held=1", shared=False, company_id=None, actor=ANNE)
    again = save_list_view("orders_order", name="to ship", query="held=0", shared=False, company_id=None, actor=ANNE)

    assert (first.repeated, again.repeated, again.id) == (False, True, first.id)
    assert SavedView.objects.get().query == "held=0"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        ("  ", "a=1", "view.no_name"),
        ("x" * 41, "a=1", "view.too_long"),
        ("x", "", "view.nothing_chosen"),
        ("x", "a=" + "1" * 1000, "view.too_long"),
    ],
)
def test_what_cannot_be_a_view(name: str, query: str, code: str):
    refused = save_list_view("orders_order", name=name, query=query, shared=False, company_id=None, actor=ANNE)

    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert not SavedView.objects.exists()


@pytest.mark.django_db
def test_there_is_an_end_of_views():
    for number in range(MOST_VIEWS):
        save_list_view("orders_order", name=str(number), query="a=1", shared=False, company_id=None, actor=ANNE)

    refused = save_list_view("orders_order", name="more", query="a=1", shared=False, company_id=None, actor=ANNE)
    replaced = save_list_view("orders_order", name="3", query="a=2", shared=False, company_id=None, actor=ANNE)

    assert isinstance(refused, Refusal)
    assert refused.code == "view.too_many"
    assert not isinstance(replaced, Refusal)


@pytest.mark.django_db
def test_nobody_removes_anothers_view():
    company = a_company()
    mine = save_list_view("orders_order", name="mine", query="a=1", shared=False, company_id=None, actor=ANNE)
    shared = save_list_view("orders_order", name="ours", query="a=1", shared=True, company_id=company.pk, actor=ANNE)

    assert not remove_list_view("orders_order", mine.id, may_share=True, company_id=None, actor=BEN)
    assert not remove_list_view("orders_order", shared.id, may_share=False, company_id=company.pk, actor=BEN)
    assert not remove_list_view("orders_order", shared.id, may_share=True, company_id=a_company().pk, actor=BEN)
    assert not remove_list_view("orders_shipment", mine.id, may_share=True, company_id=None, actor=ANNE)
    assert remove_list_view("orders_order", mine.id, may_share=False, company_id=None, actor=ANNE)
    assert remove_list_view("orders_order", shared.id, may_share=True, company_id=company.pk, actor=BEN)


def signed_in(role: str, company: Any = None) -> Client:
    account = Account.objects.create_user(f"{role}-{company and company.pk}", "x", kind="staff", is_staff=True, company=company)
    account.groups.add(seed_roles()[role])
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
def test_a_view_is_saved_opened_and_removed_above_its_list():
    desk = signed_in("order_desk")
    desk.post(VIEWS, {"name": "held ones", "query": "held=1&q=sato&p=2", "shared": "1"})
    view = SavedView.objects.get()
    page = desk.get(f"{LIST}?held=1").content.decode()

    assert (view.query, view.owner_id, view.list_name) == ("held=1", "", "orders_order")
    assert f'href="{LIST}?held=1" aria-current="true"' in page
    assert "held ones" in page
    assert "Save this view" in page
    assert "held ones" in signed_in("viewer").get(LIST).content.decode()

    desk.post(f"{VIEWS}{view.pk}/remove/")
    assert not SavedView.objects.exists()


@pytest.mark.django_db
def test_who_may_not_share_saves_for_themselves():
    viewer = signed_in("viewer")
    viewer.post(VIEWS, {"name": "mine", "query": "held=1", "shared": "1"})

    assert SavedView.objects.get().owner_id != ""
    assert "for everybody" not in viewer.get(f"{LIST}?held=1").content.decode()


@pytest.mark.django_db
def test_a_name_is_shown_as_text_and_a_list_without_filters_says_why_not():
    desk = signed_in("order_desk")
    desk.post(VIEWS, {"name": "<b>x</b>", "query": "held=1"})
    answer = desk.post(VIEWS, {"name": "all", "query": "q=sato"}, follow=True).content.decode()

    assert "&lt;b&gt;x&lt;/b&gt;" in answer
    assert "<b>x</b>" not in answer
    assert "Choose filters or an order first" in answer


@pytest.mark.django_db
def test_a_list_one_may_not_see_has_no_views():
    account = Account.objects.create_user("nobody", "x", kind="staff", is_staff=True)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(VIEWS, {"name": "x", "query": "held=1"}).status_code == 403
    assert not SavedView.objects.exists()
