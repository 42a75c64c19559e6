"""Ways to reach a customer: contact points and addresses."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.text import clean_line, email_key, phone_key
from core.words import gettext_noop as _
from customers.events import CustomerChanged
from customers.models import Address, ContactPoint
from customers.operations.rows import address_row, fill_place, locked_customers
from customers.rules import (
    LIMITS,
    ChangeAddress,
    ContactKind,
    CustomerStatus,
    Done,
    NewAddress,
    NewContactPoint,
    changed_meanwhile,
    email_unreadable,
    erased,
    fault_of_text,
    faults_of_place,
    not_found,
    phone_unreadable,
)


def contact_key(kind: ContactKind, value: str) -> str:
    """What a contact point is compared by: E.164, the mailbox, or the text itself; "" where it can't be read."""
    if kind in (ContactKind.PHONE, ContactKind.FAX):
        return phone_key(value)
    return email_key(value) if kind is ContactKind.EMAIL else clean_line(value)


@operation
def add_contact_points(asks: Sequence[NewContactPoint], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The customers can be reached there; a point they have already is answered with its row.

    Locks the customers; constant statements. Announces CustomerChanged. Refuses "customers.not_found", "customers.erased",
    "customers.phone_unreadable", "customers.email_unreadable".
    """
    locked = locked_customers([ask.customer_id for ask in asks])
    open_points = ContactPoint.objects.filter(customer_id__in=locked, ended_at=None)
    known = {(point.customer_id, point.kind, point.value_key): point.id for point in open_points}
    answers: list[Done | Refusal | None] = []
    new: dict[tuple[int, str, str], ContactPoint] = {}
    for ask in asks:
        key = (ask.customer_id, str(ask.kind), contact_key(ask.kind, ask.value))
        customer = locked.get(ask.customer_id)
        if customer is None or customer.status == CustomerStatus.ERASED:
            answers.append(erased() if customer else not_found())
        elif fault := _fault_of_point(ask, key[2]):
            answers.append(fault)
        else:
            answers.append(Done(id=known[key], repeated=True) if key in known else None)
            if key not in known:
                value = ask.value.strip()
                new[key] = ContactPoint(customer=customer, kind=ask.kind, value=value, value_key=key[2], verified_at=ask.verified_at)
    ContactPoint.objects.bulk_create(new.values())
    announce(*(CustomerChanged(customer_id=number, fields=("contact_points",)) for number in sorted({key[0] for key in new})))
    return [
        answer or Done(id=new[ask.customer_id, str(ask.kind), contact_key(ask.kind, ask.value)].id)
        for ask, answer in zip(asks, answers, strict=True)
    ]


def _fault_of_point(ask: NewContactPoint, key: str) -> Refusal | None:
    if fault := fault_of_text(ask.value, limit=254, field="/value"):
        return fault
    if key:
        return None
    return email_unreadable(field="/value") if ask.kind is ContactKind.EMAIL else phone_unreadable(ask.value, field="/value")


@operation
def end_contact_points(point_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The points are no longer used; the rows stay. Again changes nothing."""
    return _marked(point_ids, "ended_at", at)


@operation
def verify_contact_points(point_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The points were proven to reach the customer. Again changes nothing."""
    return _marked(point_ids, "verified_at", at)


@operation
def mark_unreachable(point_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """Nothing arrives at these points (a bounce, a dead line) until they are verified anew. Again changes nothing."""
    return _marked(point_ids, "unreachable_at", at)


def _marked(point_ids: Sequence[int], column: str, at: datetime) -> list[Done | Refusal]:
    wanted = sorted(set(point_ids))
    points = {p.id: p for p in ContactPoint.objects.filter(pk__in=wanted).order_by("pk").select_for_update()}
    touched = [point for point in points.values() if getattr(point, column) is None]
    for point in touched:
        setattr(point, column, at)
        if column == "verified_at":
            point.unreachable_at = None
    if touched:
        ContactPoint.objects.bulk_update(touched, ["ended_at", "verified_at", "unreachable_at"])
        announce(*(CustomerChanged(customer_id=number, fields=("contact_points",)) for number in sorted({p.customer_id for p in touched})))
    fresh = {point.id for point in touched}
    missing = Refusal("customers.contact_point_not_found", _("There is no such contact point."))
    return [Done(id=number, repeated=number not in fresh) if number in points else missing for number in point_ids]


@operation
def add_addresses(asks: Sequence[NewAddress], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The customers have the addresses; the first one of a customer, or one asked to be, is the default.

    Locks the customers; constant statements. Announces CustomerChanged. Refuses "customers.not_found", "customers.erased"
    and the faults of places.
    """
    locked = locked_customers([ask.customer_id for ask in asks])
    with_default = set(Address.objects.filter(customer_id__in=locked, is_default=True, ended_at=None).values_list("customer_id", flat=True))
    answers: list[Done | Refusal | None] = []
    new: list[Address] = []
    for ask in asks:
        customer = locked.get(ask.customer_id)
        if customer is None or customer.status == CustomerStatus.ERASED:
            answers.append(erased() if customer else not_found())
        elif fault := _fault_of_address(ask.place, ask.label):
            answers.append(fault)
        else:
            answers.append(None)
            new.append(address_row(ask.customer_id, ask.place, label=clean_line(ask.label)))
    Address.objects.bulk_create(new)
    written = iter(new)
    answered = [answer or Done(id=next(written).id) for answer in answers]
    defaults = {}
    for ask, answer in zip(asks, answered, strict=True):
        if isinstance(answer, Done) and (ask.is_default or ask.customer_id not in with_default):
            with_default.add(ask.customer_id)
            defaults[ask.customer_id] = answer.id
    _make_default(list(defaults.values()))
    announce(*(CustomerChanged(customer_id=number, fields=("addresses",)) for number in sorted({a.customer_id for a in new})))
    return answered


def _fault_of_address(place: object, label: str) -> Refusal | None:
    faults = faults_of_place(place, pointer="/place")  # type: ignore[arg-type]
    return faults[0] if faults else fault_of_text(label, limit=LIMITS["label"], field="/label")


def _make_default(address_ids: Sequence[int]) -> None:
    """Of each address's customer, this one is the default and no other: two statements, as the index admits one at a time."""
    if not address_ids:
        return
    chosen = list(address_ids)
    sql = """
        UPDATE customers_address a SET is_default = %s, version = a.version + 1
        FROM customers_address c
        WHERE c.id = ANY(%s::bigint[]) AND a.customer_id = c.customer_id AND a.ended_at IS NULL
          AND a.is_default <> %s AND (a.id = c.id) = %s RETURNING a.id
    """
    rows(sql, (False, chosen, False, False))
    rows(sql, (True, chosen, True, True))


@operation
def make_default_addresses(address_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """Each is its customer's default address. Again changes nothing."""
    found = _locked_addresses(address_ids)
    living = [number for number in address_ids if number in found and found[number].ended_at is None]
    _make_default(living)
    announce(*(CustomerChanged(customer_id=number, fields=("addresses",)) for number in sorted({found[i].customer_id for i in living})))
    return [Done(id=number) if number in living else _no_address() for number in address_ids]


@operation
def change_addresses(asks: Sequence[ChangeAddress], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The addresses read as asked and their versions count up. Orders keep what they were told.

    Refuses "customers.address_not_found", "customers.changed_meanwhile" and the faults of places.
    """
    found = _locked_addresses([ask.address_id for ask in asks])
    answers: list[Done | Refusal] = []
    touched: dict[int, Address] = {}
    for ask in asks:
        address = found.get(ask.address_id)
        if address is None or address.ended_at is not None:
            answers.append(_no_address())
        elif ask.version is not None and ask.version != address.version:
            answers.append(changed_meanwhile(given=ask.version, current=address.version))
        elif fault := _fault_of_address(ask.place, ask.label):
            answers.append(fault)
        else:
            fill_place(address, ask.place)
            address.label = clean_line(ask.label)
            address.version += 1
            touched[address.id] = address
            answers.append(Done(id=address.id))
    if touched:
        columns = [
            f.name for f in Address._meta.concrete_fields if f.name not in ("id", "customer", "recorded_at", "is_default", "ended_at")
        ]
        Address.objects.bulk_update(touched.values(), columns)
        announce(*(CustomerChanged(customer_id=n, fields=("addresses",)) for n in sorted({a.customer_id for a in touched.values()})))
    return answers


@operation
def end_addresses(address_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The addresses are no longer offered; the rows stay. Again changes nothing."""
    found = _locked_addresses(address_ids)
    touched = [address for address in found.values() if address.ended_at is None]
    for address in touched:
        address.ended_at, address.is_default = at, False
    if touched:
        Address.objects.bulk_update(touched, ["ended_at", "is_default"])
        announce(*(CustomerChanged(customer_id=n, fields=("addresses",)) for n in sorted({a.customer_id for a in touched})))
    fresh = {address.id for address in touched}
    return [Done(id=number, repeated=number not in fresh) if number in found else _no_address() for number in address_ids]


def _locked_addresses(address_ids: Sequence[int]) -> dict[int, Address]:
    return {a.id: a for a in Address.objects.filter(pk__in=sorted(set(address_ids))).order_by("pk").select_for_update()}


def _no_address() -> Refusal:
    return Refusal("customers.address_not_found", _("There is no such address."), field="/address_id")
