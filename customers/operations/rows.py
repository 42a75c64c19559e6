"""Rows of customers as operations lock and make them."""

from collections.abc import Iterable

from customers.models import Address, Customer
from customers.rules import Person, PlaceOfDelivery, keys_of, place_keys, tidy_place

_PLACE_FIELDS = (
    "family_name", "given_name", "family_kana", "given_kana", "organisation_name", "country", "postal_code", "prefecture",
    "city", "street", "building", "phone",
)  # fmt: skip


def locked_customers(customer_ids: Iterable[int]) -> dict[int, Customer]:
    """The customers of these ids, locked in id order until the transaction ends; orders may still point at them meanwhile."""
    wanted = sorted({number for number in customer_ids if 0 < number < 2**63})
    return {customer.id: customer for customer in Customer.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)}


def fill_keys(customer: Customer) -> None:
    """The keys of a customer follow the names."""
    keys = keys_of(
        Person(
            family_name=customer.family_name,
            given_name=customer.given_name,
            family_kana=customer.family_kana,
            given_kana=customer.given_kana,
            organisation_name=customer.organisation_name,
        )
    )
    customer.name_key, customer.kana_key, customer.organisation_key = keys.name, keys.kana, keys.organisation


def address_row(customer_id: int, place: PlaceOfDelivery, *, label: str = "", is_default: bool = False) -> Address:
    """An address not yet written, tidied and with its key."""
    address = Address(customer_id=customer_id, label=label, is_default=is_default)
    fill_place(address, place)
    return address


def fill_place(address: Address, place: PlaceOfDelivery) -> None:
    """An address says what the place says, and its key follows."""
    tidy = tidy_place(place)
    for name in _PLACE_FIELDS:
        setattr(address, name, getattr(tidy, name))
    address.number_key = place_keys(place)[1]
