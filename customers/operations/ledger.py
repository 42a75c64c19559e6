"""Ledger entries opened, edited, closed and reopened by people and partners."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows
from core.errors import Refusal
from core.money import LARGEST_AMOUNT
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _
from customers.events import CustomerChanged, CustomerRegistered
from customers.models import Address, ContactPoint, Customer
from customers.operations.rows import address_row, fill_keys, locked_customers
from customers.rules import (
    EDITABLE,
    ChangeCustomer,
    Changed,
    ContactKind,
    CustomerKind,
    CustomerStatus,
    NewCustomer,
    Person,
    Registered,
    changed_meanwhile,
    erased,
    fault_of_text,
    faults_of_person,
    faults_of_place,
    keys_of,
    not_found,
    tidy_person,
)

_PERSON_FIELDS = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name", "birth_on", "language")
_LOCK_LIMITED = """
SELECT id FROM customers_customer
WHERE id IN (SELECT coalesce(principal_id, id) FROM customers_customer WHERE id = ANY(%s::bigint[])) AND credit_limit IS NOT NULL
ORDER BY id FOR NO KEY UPDATE
"""


@operation
def register_customers(asks: Sequence[NewCustomer], *, actor: Actor, at: datetime) -> list[Registered | Refusal]:
    """Every ask has a ledger entry of its own with its ways of contact; nobody is recognised or merged.

    Constant statements. Announces CustomerRegistered. Refuses the faults of person and place and
    "customers.outside_number_taken"; a batch naming one outside number twice keeps the first.
    """
    answers: dict[int, Registered | Refusal] = {}
    good: list[tuple[int, NewCustomer]] = []
    taken = _outside_numbers_taken(asks)
    today = _today_of({ask.company_id for ask in asks}, at)
    for place, ask in enumerate(asks):
        if fault := _fault_of_new(ask, taken, today[ask.company_id]):
            answers[place] = fault
        else:
            good.append((place, ask))
            taken.add((ask.company_id, ask.outside_number))
    if good:
        opened = _open([ask for _place, ask in good])
        announce(*(CustomerRegistered(customer_id=customer.id, company_id=customer.company_id) for customer in opened))
        for (place, _ask), customer in zip(good, opened, strict=True):
            answers[place] = Registered(customer_id=customer.id, public_id=customer.public_id, number=customer.number)
    return [answers[place] for place in range(len(asks))]


def _outside_numbers_taken(asks: Sequence[NewCustomer]) -> set[tuple[int, str]]:
    wanted = {ask.outside_number for ask in asks if ask.outside_number}
    if not wanted:
        return set()
    companies = {ask.company_id for ask in asks}
    found = Customer.objects.filter(company_id__in=companies, outside_number__in=wanted)
    return set(found.values_list("company_id", "outside_number"))


def _today_of(company_ids: Iterable[int], at: datetime) -> dict[int, date]:
    return {number: business_date(at, company_context(number).timezone) for number in company_ids}


def _fault_of_new(ask: NewCustomer, taken: set[tuple[int, str]], today: date) -> Refusal | None:
    faults = faults_of_person(ask.person, today=today)
    if not faults and ask.address is not None:
        faults = faults_of_place(ask.address, pointer="/address")
    if not faults and (fault := fault_of_text(ask.outside_number, limit=64, field="/outside_number")):
        faults = [fault]
    if not faults and ask.outside_number and (ask.company_id, ask.outside_number) in taken:
        message = _("The number %(number)s of the former system belongs to another customer.")
        faults = [Refusal("customers.outside_number_taken", message, {"number": ask.outside_number}, "/outside_number")]
    return faults[0] if faults else None


def _open(asks: Sequence[NewCustomer]) -> list[Customer]:
    numbers = rows("SELECT customers_next_number() AS number FROM generate_series(1, %s)", (len(asks),))
    customers = [_customer_row(ask, drawn.number) for ask, drawn in zip(asks, numbers, strict=True)]
    opened = Customer.objects.bulk_create(customers)
    contact_points, addresses = [], []
    for customer, ask in zip(opened, asks, strict=True):
        person, keys = tidy_person(ask.person), keys_of(ask.person)
        if keys.phone:
            contact_points.append(ContactPoint(customer=customer, kind=ContactKind.PHONE, value=person.phone, value_key=keys.phone))
        if keys.email:
            contact_points.append(ContactPoint(customer=customer, kind=ContactKind.EMAIL, value=person.email, value_key=keys.email))
        if ask.address is not None:
            addresses.append(address_row(customer.id, ask.address, is_default=True))
    ContactPoint.objects.bulk_create(contact_points)
    Address.objects.bulk_create(addresses)
    return opened


def _customer_row(ask: NewCustomer, number: str) -> Customer:
    person, keys = tidy_person(ask.person), keys_of(ask.person)
    return Customer(
        company_id=ask.company_id,
        number=number,
        kind=ask.kind,
        status=ask.status,
        name_key=keys.name,
        kana_key=keys.kana,
        organisation_key=keys.organisation,
        outside_number=ask.outside_number,
        first_channel_id=ask.channel_id,
        **{name: getattr(person, name) for name in _PERSON_FIELDS},
    )


@operation
def update_customers(changes: Sequence[ChangeCustomer], *, actor: Actor, at: datetime, reason: str = "") -> list[Changed | Refusal]:
    """The fields named have their new values and the keys follow; the version counts up where anything changed.

    Locks the customers in id order; constant statements. Announces CustomerChanged with the field names. Refuses with
    "customers.not_found", "customers.erased", "customers.changed_meanwhile", "customers.field_fixed" and the faults of
    texts. The same values again change nothing.
    """
    locked = locked_customers([change.customer_id for change in changes])
    today = _today_of({customer.company_id for customer in locked.values()}, at)
    answers: list[Changed | Refusal] = []
    touched: dict[int, Customer] = {}
    for change in changes:
        customer = locked.get(change.customer_id)
        fault = not_found() if customer is None else _fault_of_change(customer, change, today[customer.company_id])
        if customer is None or fault is not None:
            answers.append(fault or not_found())
            continue
        fields = _apply(customer, change.changes)
        if fields:
            customer.version += 1
            touched[customer.id] = customer
        answers.append(Changed(customer_id=customer.id, version=customer.version, fields=fields))
    if touched:
        columns = [*EDITABLE, "name_key", "kana_key", "organisation_key", "version"]
        Customer.objects.bulk_update(touched.values(), columns)
        announce(*(CustomerChanged(customer_id=a.customer_id, fields=a.fields) for a in answers if isinstance(a, Changed) and a.fields))
    return answers


def _fault_of_change(customer: Customer, change: ChangeCustomer, today: date) -> Refusal | None:
    if customer.status == CustomerStatus.ERASED:
        return erased()
    if change.version is not None and change.version != customer.version:
        return changed_meanwhile(given=change.version, current=customer.version)
    for name, value in change.changes.items():
        if name not in EDITABLE:
            return Refusal("customers.field_fixed", _("This can't be edited here."), field=f"/{name}")
        wanted = date if name == "birth_on" else str
        if not (isinstance(value, wanted) or (value is None and name == "birth_on")):
            return Refusal("customers.value_unreadable", _("This value can't be read."), field=f"/{name}")
    if (kind := change.changes.get("kind")) is not None and kind not in {k.value for k in CustomerKind}:
        return Refusal("customers.value_unreadable", _("This value can't be read."), field="/kind")
    faults = faults_of_person(_person_with(customer, change.changes), today=today)
    return faults[0] if faults else None


def _person_with(customer: Customer, changes: Mapping[str, Any]) -> Person:
    return Person(**{name: changes.get(name, getattr(customer, name)) for name in _PERSON_FIELDS})


def _apply(customer: Customer, changes: Mapping[str, Any]) -> tuple[str, ...]:
    person = tidy_person(_person_with(customer, changes))
    new = {name: getattr(person, name) for name in _PERSON_FIELDS if name in changes}
    if "kind" in changes:
        new["kind"] = CustomerKind(changes["kind"])
    fields = tuple(sorted(name for name, value in new.items() if getattr(customer, name) != value))
    for name in fields:
        setattr(customer, name, new[name])
    if fields:
        fill_keys(customer)
    return fields


@operation
def close_customers(customer_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Changed | Refusal]:
    """The customers are closed: still recognised, but every order of theirs asks for attention. Again changes nothing."""
    return _set_status(customer_ids, CustomerStatus.CLOSED)


@operation
def reopen_customers(customer_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Changed | Refusal]:
    """Closed customers are active again. Again changes nothing."""
    return _set_status(customer_ids, CustomerStatus.ACTIVE)


def _set_status(customer_ids: Sequence[int], status: CustomerStatus) -> list[Changed | Refusal]:
    return _set(customer_ids, "status", status)


@operation
def set_attention(customer_ids: Sequence[int], *, attention: bool, reason: str, actor: Actor, at: datetime) -> list[Changed | Refusal]:
    """Orders of these customers ask for attention, or no longer do. Again changes nothing."""
    return _set(customer_ids, "attention", attention)


@operation
def set_credit_limits(
    customer_ids: Sequence[int], *, amount: int | None, reason: str, actor: Actor, at: datetime
) -> list[Changed | Refusal]:
    """These customers may owe so much at once, in minor units; None lifts the limit. Again changes nothing. Refuses "customer.credit_limit"."""
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        words = _("A credit limit is 0 or more. Leave it empty where there is none.")
        return [Refusal("customer.credit_limit", words, {}, "/credit_limit")] * len(customer_ids)
    return _set(customer_ids, "credit_limit", amount)


def lock_credit(customer_ids: Sequence[int]) -> None:
    """Whoever else asks what these customers owe, to let them owe more, waits until the caller's transaction ends.

    Locks: the principals of those that have a limit, in id order.
    """
    rows(_LOCK_LIMITED, (list(customer_ids),))


def _set(customer_ids: Sequence[int], name: str, value: Any) -> list[Changed | Refusal]:
    """One column of many customers has the value. Announces CustomerChanged for those it changed."""
    locked = locked_customers(customer_ids)
    answers: list[Changed | Refusal] = []
    touched: dict[int, Customer] = {}
    for customer_id in customer_ids:
        customer = locked.get(customer_id)
        if customer is None or customer.status == CustomerStatus.ERASED:
            answers.append(erased() if customer else not_found())
            continue
        if getattr(customer, name) != value:
            setattr(customer, name, value)
            customer.version += 1
            touched[customer.id] = customer
        answers.append(Changed(customer_id=customer.id, version=customer.version, fields=(name,) if customer.id in touched else ()))
    if touched:
        Customer.objects.bulk_update(touched.values(), [name, "version"])
        announce(*(CustomerChanged(customer_id=customer_id, fields=(name,)) for customer_id in touched))
    return answers
