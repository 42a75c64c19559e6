"""Sets at the staff counter: worked out anew with a button."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from inventory.models import Component, Kit
from inventory.operations import ComponentAsk, compose_kits, compose_variants
from inventory.rules import KitAsk, KitPartAsk
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, SYSTEM, a_stock_item, a_stocked_variant, a_trading_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def stale():
    """A set whose part is made of something else since it was composed; and the id of what it should be made of."""
    company = a_trading_company()
    tea, gift, other = a_stocked_variant(company), a_stocked_variant(company, parts={}), a_stock_item(company)
    ask = KitAsk(variant_id=gift.pk, parts=(KitPartAsk(variant_id=tea.pk, quantity=3),))
    compose_kits([ask], company_id=company.pk, actor=SYSTEM, at=AT)
    compose_variants([ComponentAsk(variant_id=tea.pk, stock_item_id=other.pk, quantity=2)], company_id=company.pk, actor=SYSTEM, at=AT)
    return gift, other


def pressed(client, role):
    seed_roles()
    account = a_staff_account()
    account.groups.add(Group.objects.get(name=ROLES[role]))
    client.force_login(account)
    address = reverse("admin:inventory_kit_change", args=[Kit.objects.get().pk]).replace("/change/", "/verb-expand/")
    return client.post(address, {"verb_confirmed": "1"})


def test_a_button_works_all_sets_out_anew(client, stale):
    gift, other = stale

    answer = pressed(client, "marketing")

    assert answer.status_code == 302
    assert list(Component.objects.filter(variant=gift).values_list("stock_item", "quantity")) == [(other.pk, 6)]


def test_who_may_not_compose_sets_works_none_out(client, stale):
    gift, other = stale

    assert pressed(client, "viewer").status_code == 403
    assert not Component.objects.filter(variant=gift, stock_item=other).exists()
