"""A ledger entry for everybody of a batch whom nobody knows yet: once per person, in one statement."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from core.db import rows
from core.outbox import announce
from customers.events import CustomerRegistered
from customers.operations.asking import ASK, STANDING, Asked, columns_of_asks, recognised
from customers.rules import CustomerKind, Person, PlaceOfDelivery, Recognised, place_keys, tidy_person, tidy_place

_REGISTER = f"""
WITH {ASK},
person AS MATERIALIZED (
    SELECT n.*, nextval('customers_customer_id_seq') AS id
    FROM unnest(
        (SELECT %(n_person_no)s::int[]), (SELECT %(n_company)s::bigint[]), (SELECT %(n_channel)s::bigint[]), (SELECT %(n_kind)s::text[]),
        (SELECT %(n_family_name)s::text[]), (SELECT %(n_given_name)s::text[]), (SELECT %(n_family_kana)s::text[]), (SELECT %(n_given_kana)s::text[]),
        (SELECT %(n_organisation_name)s::text[]), (SELECT %(n_name_key)s::text[]), (SELECT %(n_kana_key)s::text[]), (SELECT %(n_organisation_key)s::text[]),
        (SELECT %(n_birth_on)s::date[]), (SELECT %(n_language)s::text[]), (SELECT %(n_phone)s::text[]), (SELECT %(n_phone_key)s::text[]),
        (SELECT %(n_email)s::text[]), (SELECT %(n_email_key)s::text[])
    ) AS n (person_no, company, channel, kind, family_name, given_name, family_kana, given_kana, organisation_name,
            name_key, kana_key, organisation_key, birth_on, language, phone, phone_key, email, email_key)
    WHERE NOT EXISTS (SELECT FROM hit WHERE hit.person_no = n.person_no AND hit.found IS NOT NULL)
),
opened AS (
    INSERT INTO customers_customer (id, company_id, kind, family_name, given_name, family_kana, given_kana, organisation_name,
        name_key, kana_key, organisation_key, birth_on, language, first_channel_id)
    SELECT id, company, kind, family_name, given_name, family_kana, given_kana, organisation_name,
        name_key, kana_key, organisation_key, birth_on, language, channel
    FROM person ORDER BY person_no
),
reached AS (
    INSERT INTO customers_contactpoint (customer_id, kind, value, value_key)
    SELECT id, 'phone', phone, phone_key FROM person WHERE phone_key <> ''
    UNION ALL
    SELECT id, 'email', email, email_key FROM person WHERE email_key <> ''
),
living AS (
    INSERT INTO customers_address (customer_id, family_name, given_name, family_kana, given_kana, organisation_name, country,
        postal_code, prefecture, city, street, building, phone, number_key, is_default)
    SELECT person.id, d.family_name, d.given_name, d.family_kana, d.given_kana, d.organisation_name, d.country,
        d.postal_code, d.prefecture, d.city, d.street, d.building, d.phone, d.number_key, true
    FROM unnest(
        (SELECT %(a_person_no)s::int[]), (SELECT %(a_family_name)s::text[]), (SELECT %(a_given_name)s::text[]), (SELECT %(a_family_kana)s::text[]),
        (SELECT %(a_given_kana)s::text[]), (SELECT %(a_organisation_name)s::text[]), (SELECT %(a_country)s::text[]), (SELECT %(a_postal_code)s::text[]),
        (SELECT %(a_prefecture)s::text[]), (SELECT %(a_city)s::text[]), (SELECT %(a_street)s::text[]), (SELECT %(a_building)s::text[]), (SELECT %(a_phone)s::text[]),
        (SELECT %(a_number_key)s::text[])
    ) AS d (person_no, family_name, given_name, family_kana, given_kana, organisation_name, country,
            postal_code, prefecture, city, street, building, phone, number_key)
    JOIN person USING (person_no)
),
resolved AS MATERIALIZED (
    SELECT hit.*, coalesce(hit.found, person.id,
        (SELECT min(o.found) FROM hit o WHERE o.person_no = hit.person_no)) AS customer_id, person.id IS NOT NULL AS is_new
    FROM hit LEFT JOIN person ON person.person_no = hit.person_no AND hit.found IS NULL
),
proven AS (
    INSERT INTO customers_identity (customer_id, company_id, provider, subject, verified_at)
    SELECT DISTINCT ON (company, provider, subject) customer_id, company, provider, subject, %(at)s::timestamptz
    FROM resolved WHERE provider IS NOT NULL ORDER BY company, provider, subject, place
    ON CONFLICT DO NOTHING
)
SELECT hit.place, hit.customer_id, hit.is_new, hit.strength, {STANDING}
FROM resolved hit LEFT JOIN customers_customer c ON c.id = hit.customer_id
ORDER BY hit.place
"""


def register(pending: Sequence[Asked], at: datetime) -> dict[int, Recognised]:
    """Give the new ones of the batch a ledger entry each, once per person, and keep their proofs."""
    newcomers = _numbered(pending)
    found = rows(_REGISTER, {**columns_of_asks(pending), **_columns_of_newcomers(newcomers), "at": at})
    company_of = {one.place: one.ask.company_id for one in pending}
    opened = {row.customer_id: company_of[row.place] for row in found if row.is_new}
    announce(*(CustomerRegistered(customer_id=number, company_id=company) for number, company in sorted(opened.items())))
    return {row.place: recognised(row) for row in found}


def _numbered(pending: Sequence[Asked]) -> list[Asked]:
    """Number the people behind the asks: the same phone and reading, or the same outside number, is one person."""
    numbers: dict[object, int] = {}
    first: dict[int, Asked] = {}
    for one in pending:
        proofs = _proofs(one)
        known = {numbers[proof] for proof in proofs if proof in numbers}
        one.person_no = min(known, default=len(first) + 1)
        numbers |= dict.fromkeys(proofs, one.person_no)
        first.setdefault(one.person_no, one)
    return [one for one in first.values() if one.ask.person is not None]


def _proofs(one: Asked) -> list[object]:
    ask, keys = one.ask, one.keys
    proofs: list[object] = []
    if keys.phone and keys.kana and ask.person is not None:
        proofs.append((ask.company_id, keys.phone, keys.kana, ask.person.birth_on))
    if ask.identity:
        proofs.append((ask.company_id, ask.identity))
    return proofs


def _columns_of_newcomers(newcomers: Sequence[Asked]) -> dict[str, list[Any]]:
    people = [_new_person(one) for one in newcomers]
    places = [(one, tidy_place(one.ask.address)) for one in newcomers if one.ask.address is not None]
    columns: dict[str, list[Any]] = {name: [person[name] for person in people] for name in _PERSON_COLUMNS}
    columns |= {f"a_{name}": [getattr(place, name) for _one, place in places] for name in _PLACE_COLUMNS}
    columns["a_person_no"] = [one.person_no for one, _place in places]
    columns["a_number_key"] = [place_keys(place)[1] for _one, place in places]
    return columns


_PLACE_COLUMNS = tuple(field.name for field in fields(PlaceOfDelivery))
_PERSON_COLUMNS = (
    "n_person_no", "n_company", "n_channel", "n_kind", "n_family_name", "n_given_name", "n_family_kana", "n_given_kana",
    "n_organisation_name", "n_name_key", "n_kana_key", "n_organisation_key", "n_birth_on", "n_language", "n_phone", "n_phone_key",
    "n_email", "n_email_key",
)  # fmt: skip


def _new_person(one: Asked) -> dict[str, Any]:
    person = tidy_person(one.ask.person or Person())
    kind = CustomerKind.PERSON if person.family_name or person.given_name else CustomerKind.ORGANISATION
    return {
        "n_person_no": one.person_no,
        "n_company": one.ask.company_id,
        "n_channel": one.ask.channel_id,
        "n_kind": kind.value,
        "n_family_name": person.family_name,
        "n_given_name": person.given_name,
        "n_family_kana": person.family_kana,
        "n_given_kana": person.given_kana,
        "n_organisation_name": person.organisation_name,
        "n_name_key": one.keys.name,
        "n_kana_key": one.keys.kana,
        "n_organisation_key": one.keys.organisation,
        "n_birth_on": person.birth_on,
        "n_language": person.language,
        "n_phone": person.phone,
        "n_phone_key": one.keys.phone,
        "n_email": person.email,
        "n_email_key": one.keys.email,
    }
