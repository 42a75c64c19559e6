"""Customers and what belongs to them, valid by default."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting, rows
from core.models import Brand, Company, SalesChannel
from core.text import email_key, kana_key, name_key, phone_key
from customers.models import (
    Account,
    Address,
    ContactPoint,
    Customer,
    CustomerAccount,
    CustomerRank,
    Identity,
    PointProgramme,
    PointRate,
    RankAssignment,
)
from customers.rules import AccountKind, ContactKind, LinkEvidence, Person, PlaceOfDelivery, full_name_key

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
STAFF = Actor(ActorKind.STAFF, "1", "佐々木 美咲")
_numbers = count(1)


def a_company(**given: Any) -> Company:
    values: dict[str, Any] = {"code": f"company-{next(_numbers)}", "name": "春風堂", **given}
    with acting(SYSTEM):
        company = Company.objects.create(**values)
    company.refresh_from_db()
    return company


def a_brand(company: Company, **given: Any) -> Brand:
    number = next(_numbers)
    with acting(SYSTEM):
        return Brand.objects.create(**{"company": company, "code": f"brand-{number}", "name": f"ブランド{number}", **given})


def a_channel(company: Company, **given: Any) -> SalesChannel:
    number = next(_numbers)
    with acting(SYSTEM):
        return SalesChannel.objects.create(**{"company": company, "code": f"channel-{number}", "name": "通販", "kind": "phone", **given})


def a_person(**given: Any) -> Person:
    """山田 花子, with everything known; pass "" for what isn't."""
    values: dict[str, Any] = {
        "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ",
        "phone": "090-1234-5678", "email": "hanako@example.com", **given,
    }  # fmt: skip
    return Person(**values)


def a_place(**given: Any) -> PlaceOfDelivery:
    """東京都港区六本木6-10-1, with everything known."""
    values: dict[str, Any] = {
        "family_name": "山田", "given_name": "花子", "postal_code": "106-0032", "prefecture": "東京都", "city": "港区",
        "street": "六本木6-10-1", "building": "森タワー30F", "phone": "090-1234-5678", **given,
    }  # fmt: skip
    return PlaceOfDelivery(**values)


def a_customer(company: Company | None = None, *, phone: str = "", email: str = "", **given: Any) -> Customer:
    """A customer in the ledger, with contact points where a phone or an e-mail is given."""
    values: dict[str, Any] = {"family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", **given}
    values.setdefault("company", company or a_company())
    values.setdefault("number", rows("SELECT customers_next_number() AS n")[0].n)
    values.setdefault("organisation_name", "")
    values.setdefault("name_key", full_name_key(values["family_name"], values["given_name"], values["organisation_name"]))
    values.setdefault("kana_key", kana_key(values["family_kana"] + values["given_kana"]))
    values.setdefault("organisation_key", name_key(values["organisation_name"]))
    with acting(SYSTEM):
        customer = Customer.objects.create(**values)
    if phone:
        a_contact_point(customer, kind=ContactKind.PHONE, value=phone)
    if email:
        a_contact_point(customer, kind=ContactKind.EMAIL, value=email)
    return Customer.objects.get(pk=customer.pk)


def a_contact_point(
    customer: Customer, *, kind: ContactKind = ContactKind.PHONE, value: str = "090-1234-5678", **given: Any
) -> ContactPoint:
    key = {ContactKind.PHONE: phone_key, ContactKind.EMAIL: email_key}.get(kind, str)(value)
    return ContactPoint.objects.create(**{"customer": customer, "kind": kind, "value": value, "value_key": key, **given})


def an_address(customer: Customer, **given: Any) -> Address:
    values: dict[str, Any] = {
        "family_name": customer.family_name, "given_name": customer.given_name, "postal_code": "1060032", "prefecture": "東京都",
        "city": "港区", "street": "六本木6-10-1", "number_key": "6-10-1", "phone": "090-1234-5678", **given,
    }  # fmt: skip
    return Address.objects.create(**{"customer": customer, **values})


def an_account(**given: Any) -> Account:
    number = next(_numbers)
    values: dict[str, Any] = {"email": f"person{number}@example.com", "kind": AccountKind.PERSON, **given}
    handle = values.pop("handle", values["email"] or f"person{number}")
    return Account.objects.create_user(handle, values.pop("password", "correct horse battery"), **values)


def a_staff_account(**given: Any) -> Account:
    return an_account(**{"kind": AccountKind.STAFF, "is_staff": True, **given})


def a_link(customer: Customer, account: Account, **given: Any) -> CustomerAccount:
    values: dict[str, Any] = {"evidence": LinkEvidence.STAFF_CONFIRMED, "linked_at": NOON, **given}
    return CustomerAccount.objects.create(customer=customer, account=account, **values)


def an_outside_number(customer: Customer, *, provider: str = "rakuten", subject: str = "R-100", **given: Any) -> Identity:
    return Identity.objects.create(customer=customer, company=customer.company, provider=provider, subject=subject, **given)


def a_rank(company: Company, *, code: str = "gold", **given: Any) -> CustomerRank:
    values: dict[str, Any] = {"name": code.title(), "level": 3, **given}
    with acting(SYSTEM):
        return CustomerRank.objects.create(company=company, code=code, **values)


def holds(customer: Customer, rank: CustomerRank, **given: Any) -> RankAssignment:
    return RankAssignment.objects.create(**{"customer": customer, "rank": rank, "brand": rank.brand, "from_at": NOON, **given})


def a_programme(company: Company, rate_bp: int = 100, *, ranks: dict[CustomerRank, int] | None = None, **given: Any) -> PointProgramme:
    """What orders of the company earn in points, since long ago."""
    usual: dict[str, Any] = {"name": "お買いものポイント", "from_at": datetime(2020, 1, 1, tzinfo=UTC)}
    with acting(SYSTEM):
        programme = PointProgramme.objects.create(company=company, rate_bp=rate_bp, **{**usual, **given})
        for rank, rate in (ranks or {}).items():
            PointRate.objects.create(programme=programme, rank=rank, rate_bp=rate)
    return programme
