"""Campaigns answer for the customers they were aimed at."""

from datetime import date

import pytest

from campaigns import hooks
from campaigns.models import Campaign, CampaignTarget
from core.db import acting
from customers.ports import CUSTOMER_DATA
from tests.factories.customers import NOON, STAFF, a_company, a_customer

pytestmark = pytest.mark.django_db


def a_target() -> CampaignTarget:
    company = a_company()
    with acting(STAFF):
        spring = Campaign.objects.create(company=company, code="SPRING", name="春の便り", kind="DM", starts_on=date(2026, 3, 1))
        return CampaignTarget.objects.create(campaign=spring, customer=a_customer(company))


def test_the_timeline_tells_when_a_campaign_began_for_its_target() -> None:
    target = a_target()

    told = hooks.timeline([target.customer_id], before=NOON, limit=10)

    assert [(row.customer_id, row.title, row.detail, row.at.isoformat()) for row in told] == [
        (target.customer_id, "春の便り", "DM", "2026-02-28T15:00:00+00:00")
    ]
    assert hooks.timeline([target.customer_id], before=told[0].at, limit=10) == []


def test_the_export_names_the_campaign_and_nothing_stands_against_erasure() -> None:
    target = a_target()

    row = hooks.export([target.customer_id])[0]

    assert (row.customer_id, row.values["code"], row.values["starts_on"]) == (target.customer_id, "SPRING", "2026-03-01")
    assert (hooks.objections([target.customer_id], at=NOON), hooks.erase([target.customer_id], at=NOON)) == ([], [])


def test_campaigns_are_asked_for_customer_data() -> None:
    assert hooks in CUSTOMER_DATA.all()
    assert hooks.tables == (
        "campaigns_campaigntarget.customer_id",
        "campaigns_coupon.customer_id",
        "campaigns_couponuse.customer_id",
        "campaigns_recipient.customer_id",
    )
