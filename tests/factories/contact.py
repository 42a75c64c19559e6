"""Cases for tests: every argument has a default, the ones given are the point."""

from typing import Any

from contact.models import Case
from contact.operations import open_cases
from contact.rules import OpenCase, Opened
from customers.models import Customer
from tests.factories import customers as people

DOING: dict[str, Any] = {"actor": people.STAFF, "at": people.NOON}


def an_ask(customer: Customer | None = None, **given: Any) -> OpenCase:
    """A call about a delivery."""
    values: dict[str, Any] = {"theme": "お届け日の確認", "body": "いつ届きますか", "reason": "delivery", **given}
    if customer is not None:
        values = {"company_id": customer.company_id, "customer_id": customer.pk, **values}
    return OpenCase(**values)


def a_case(customer: Customer | None = None, **given: Any) -> Case:
    """A case that was opened at noon by staff."""
    at = given.pop("at", people.NOON)
    actor = given.pop("actor", people.STAFF)
    (opened,) = open_cases([an_ask(customer or people.a_customer(), **given)], actor=actor, at=at)
    assert isinstance(opened, Opened), opened
    return Case.objects.get(pk=opened.case_id)
