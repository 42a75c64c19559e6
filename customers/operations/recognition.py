"""Who is buying? Known customers are found, new ones get a ledger entry, in a handful of statements per batch.

Two simultaneous first orders of one person end as ONE customer: the look-up takes, in the same statement, a
transaction-scoped advisory lock on (company, phone, reading) and on (company, outside number) of everybody it did not
find; the registration then looks again with a fresh snapshot, so the second order waits for the first to commit and
finds its customer. People who are only alike are put before a person by the handler of CustomerRegistered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import LockSpace, lock_number, operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.text import has_unstorable, name_key
from core.words import gettext_noop as _
from customers.events import CustomerRegistered
from customers.rules import (
    CustomerKind,
    MatchedBy,
    Person,
    PersonKeys,
    PlaceOfDelivery,
    Recognise,
    Recognised,
    faults_of_person,
    faults_of_place,
    keys_of,
    place_keys,
    tidy_person,
    tidy_place,
)

_STRENGTHS = {1: MatchedBy.GIVEN, 2: MatchedBy.ACCOUNT, 3: MatchedBy.IDENTITY, 4: MatchedBy.PHONE_AND_KANA}

_ASK = """
ask AS MATERIALIZED (
    SELECT * FROM unnest(
        %(place)s::int[], %(company)s::bigint[], %(customer)s::bigint[], %(account)s::bigint[], %(provider)s::text[],
        %(subject)s::text[], %(phone)s::text[], %(kana)s::text[], %(birth)s::date[], %(brand)s::bigint[],
        %(channel)s::bigint[], %(lock_person)s::bigint[], %(lock_identity)s::bigint[], %(person_no)s::int[]
    ) AS a (place, company, customer, account, provider, subject, phone, kana, birth, brand,
            channel, lock_person, lock_identity, person_no)
),
hit AS MATERIALIZED (
    SELECT ask.*, found.id AS found, found.strength
    FROM ask LEFT JOIN LATERAL (
        SELECT coalesce(s.principal_id, s.id) AS id, s.strength
        FROM (
            SELECT c.id, c.principal_id, 1 AS strength, false AS unlike
            FROM customers_customer c
            WHERE c.id = ask.customer AND c.company_id = ask.company AND c.status <> 'erased'
            UNION ALL
            SELECT c.id, c.principal_id, 2, c.kana_key IS DISTINCT FROM ask.kana
            FROM customers_customeraccount l JOIN customers_customer c ON c.id = l.customer_id
            WHERE ask.customer IS NULL AND l.account_id = ask.account AND l.ended_at IS NULL
              AND c.company_id = ask.company AND c.status <> 'erased'
            UNION ALL
            SELECT c.id, c.principal_id, 3, false
            FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
            WHERE ask.customer IS NULL AND i.company_id = ask.company AND i.provider = ask.provider
              AND i.subject = ask.subject AND i.ended_at IS NULL AND c.status <> 'erased'
            UNION ALL
            SELECT c.id, c.principal_id, 4, c.principal_id IS NOT NULL
            FROM customers_contactpoint p JOIN customers_customer c ON c.id = p.customer_id
            WHERE ask.customer IS NULL AND ask.kana <> '' AND p.kind = 'phone' AND p.value_key = ask.phone
              AND p.ended_at IS NULL AND c.company_id = ask.company AND c.kana_key = ask.kana AND c.status <> 'erased'
              AND (c.birth_on IS NULL OR ask.birth IS NULL OR c.birth_on = ask.birth)
        ) s
        ORDER BY s.strength, s.unlike, coalesce(s.principal_id, s.id) LIMIT 1
    ) found ON true
)"""

_STANDING = """
    coalesce(c.status, '') AS status,
    coalesce(c.attention OR c.status = 'closed'
        OR EXISTS (SELECT FROM customers_customer m WHERE m.principal_id = c.id AND m.attention), false) AS attention,
    coalesce((
        SELECT r.code FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
        WHERE a.customer_id IN (SELECT c.id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = c.id)
          AND a.from_at <= %(at)s AND (a.until_at IS NULL OR a.until_at > %(at)s)
          AND (a.brand_id IS NULL OR a.brand_id = hit.brand)
        ORDER BY a.brand_id IS NULL, r.level DESC LIMIT 1
    ), '') AS rank_code"""

_LOOK_UP = f"""
WITH {_ASK},
locked AS MATERIALIZED (
    SELECT count(pg_advisory_xact_lock(n)) AS locks
    FROM (
        SELECT DISTINCT v.n FROM hit CROSS JOIN LATERAL (VALUES (hit.lock_person), (hit.lock_identity)) v (n)
        WHERE hit.found IS NULL AND hit.customer IS NULL AND v.n IS NOT NULL
        ORDER BY v.n
    ) s
)
SELECT hit.place, hit.found AS customer_id, false AS is_new, hit.strength, locked.locks,
    hit.provider IS NOT NULL AND hit.found IS NOT NULL AND hit.strength IN (2, 4) AND NOT EXISTS (
        SELECT FROM customers_identity i WHERE i.company_id = hit.company AND i.provider = hit.provider
           AND i.subject = hit.subject AND i.ended_at IS NULL) AS identity_unknown,
    {_STANDING}
FROM hit CROSS JOIN locked LEFT JOIN customers_customer c ON c.id = hit.found
ORDER BY hit.place
"""

_REGISTER = f"""
WITH {_ASK},
person AS MATERIALIZED (
    SELECT n.*, nextval('customers_customer_id_seq') AS id
    FROM unnest(
        %(n_person_no)s::int[], %(n_company)s::bigint[], %(n_channel)s::bigint[], %(n_kind)s::text[],
        %(n_family_name)s::text[], %(n_given_name)s::text[], %(n_family_kana)s::text[], %(n_given_kana)s::text[],
        %(n_organisation_name)s::text[], %(n_name_key)s::text[], %(n_kana_key)s::text[], %(n_organisation_key)s::text[],
        %(n_birth_on)s::date[], %(n_language)s::text[], %(n_phone)s::text[], %(n_phone_key)s::text[],
        %(n_email)s::text[], %(n_email_key)s::text[]
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
        %(a_person_no)s::int[], %(a_family_name)s::text[], %(a_given_name)s::text[], %(a_family_kana)s::text[],
        %(a_given_kana)s::text[], %(a_organisation_name)s::text[], %(a_country)s::text[], %(a_postal_code)s::text[],
        %(a_prefecture)s::text[], %(a_city)s::text[], %(a_street)s::text[], %(a_building)s::text[], %(a_phone)s::text[],
        %(a_number_key)s::text[]
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
SELECT hit.place, hit.customer_id, hit.is_new, hit.strength, {_STANDING}
FROM resolved hit LEFT JOIN customers_customer c ON c.id = hit.customer_id
ORDER BY hit.place
"""


@dataclass(slots=True)
class _Asked:
    place: int
    ask: Recognise
    keys: PersonKeys
    person_no: int = 0


@operation
def recognise_customers(asks: Sequence[Recognise], *, actor: Actor, at: datetime) -> list[Recognised | Refusal]:
    """Every ask has its customer: the one given, else that of the account, of the outside number, of phone + reading, else a new one.

    One statement for known customers and recognised guests, three with new ones, whatever the size of the batch. Merged
    customers answer with their principal; erased ones are never found; closed ones ask for attention. Nobody is ever
    linked to an account here. A proven outside number is kept for next time; a prospect who buys becomes active.
    Locks: advisory on person and outside number of those not found. Announces CustomerRegistered. Refuses with
    "customers.not_found", "customers.person_missing", "customers.identity_unreadable" and the faults of person and place.
    """
    answers: dict[int, Recognised | Refusal] = {}
    asked: list[_Asked] = []
    for place, ask in enumerate(asks):
        if fault := _fault_of_ask(ask):
            answers[place] = fault
        else:
            asked.append(_Asked(place, ask, _keys(ask)))
    pending: list[_Asked] = []
    prospects: list[int] = []
    for one, found in zip(asked, _looked_up(asked, at), strict=True):
        if found.customer_id is not None:
            answers[one.place] = _recognised(found)
            if found.status == "prospect":
                prospects.append(found.customer_id)
            if found.identity_unknown:
                pending.append(one)
        elif fault := _fault_of_newcomer(one.ask):
            answers[one.place] = fault
        else:
            pending.append(one)
    if pending:
        answers |= _registered(pending, at)
    if prospects:
        run(
            "UPDATE customers_customer SET status = 'active', version = version + 1 WHERE id = ANY(%s::bigint[]) AND status = 'prospect'",
            (prospects,),
        )
    return [answers[place] for place in range(len(asks))]


def _fault_of_ask(ask: Recognise) -> Refusal | None:
    if ask.customer_id is not None and not 0 < ask.customer_id < 2**63:
        return customer_not_found()
    if ask.identity is not None:
        provider, subject = ask.identity
        if not (0 < len(provider) <= 40 and 0 < len(subject) <= 254) or has_unstorable(provider + subject):
            return Refusal("customers.identity_unreadable", _("This outside number can't be kept."), field="/identity")
    return None


def customer_not_found(*, field: str = "/customer_id") -> Refusal:
    """The refusal of an id that is no customer of the company."""
    return Refusal("customers.not_found", _("There is no such customer."), field=field)


def _fault_of_newcomer(ask: Recognise) -> Refusal | None:
    if ask.customer_id is not None:
        return customer_not_found()
    if ask.person is None:
        return Refusal("customers.person_missing", _("Say who the customer is."), field="/person")
    faults = faults_of_person(ask.person, pointer="/person")
    if not faults and ask.address is not None:
        faults = faults_of_place(ask.address, pointer="/address")
    return faults[0] if faults else None


def _keys(ask: Recognise) -> PersonKeys:
    if ask.customer_id is not None or ask.person is None:
        return PersonKeys()
    return keys_of(ask.person)


def _recognised(row: Any) -> Recognised:
    return Recognised(
        customer_id=row.customer_id,
        is_new=row.is_new,
        matched_by=MatchedBy.NOTHING if row.is_new else _STRENGTHS.get(row.strength, MatchedBy.PHONE_AND_KANA),
        rank_code=row.rank_code,
        attention=row.attention,
    )


def _looked_up(asked: Sequence[_Asked], at: datetime) -> list[Any]:
    return rows(_LOOK_UP, {**_columns_of_asks(asked), "at": at}) if asked else []


def _columns_of_asks(asked: Sequence[_Asked]) -> dict[str, list[Any]]:
    lines = [_line_of(one) for one in asked]
    names = (
        "place", "company", "customer", "account", "provider", "subject", "phone", "kana", "birth", "brand",
        "channel", "lock_person", "lock_identity", "person_no",
    )  # fmt: skip
    return {name: [line[number] for line in lines] for number, name in enumerate(names)}


def _line_of(one: _Asked) -> tuple[Any, ...]:
    ask, keys = one.ask, one.keys
    provider, subject = ask.identity or (None, None)
    person_lock = identity_lock = None
    if keys.phone and keys.kana:
        person_lock = lock_number(LockSpace.CUSTOMER_RECOGNITION, f"{ask.company_id}|{keys.phone}|{keys.kana}")
    if ask.identity:
        identity_lock = lock_number(LockSpace.CUSTOMER_RECOGNITION, f"{ask.company_id}|{provider}|{subject}|id")
    born = ask.person.birth_on if ask.person else None
    return (
        one.place, ask.company_id, ask.customer_id, ask.account_id, provider, subject, keys.phone, keys.kana, born, ask.brand_id,
        ask.channel_id, person_lock, identity_lock, one.person_no,
    )  # fmt: skip


def _registered(pending: Sequence[_Asked], at: datetime) -> dict[int, Recognised]:
    """Give the new ones of the batch a ledger entry each, once per person, and keep their proofs."""
    newcomers = _numbered(pending)
    found = rows(_REGISTER, {**_columns_of_asks(pending), **_columns_of_newcomers(newcomers), "at": at})
    company_of = {one.place: one.ask.company_id for one in pending}
    opened = {row.customer_id: company_of[row.place] for row in found if row.is_new}
    announce(*(CustomerRegistered(customer_id=number, company_id=company) for number, company in sorted(opened.items())))
    return {row.place: _recognised(row) for row in found}


def _numbered(pending: Sequence[_Asked]) -> list[_Asked]:
    """Number the people behind the asks: the same phone and reading, or the same outside number, is one person."""
    numbers: dict[object, int] = {}
    first: dict[int, _Asked] = {}
    for one in pending:
        proofs = _proofs(one)
        known = {numbers[proof] for proof in proofs if proof in numbers}
        one.person_no = min(known, default=len(first) + 1)
        numbers |= dict.fromkeys(proofs, one.person_no)
        first.setdefault(one.person_no, one)
    return [one for one in first.values() if one.ask.person is not None]


def _proofs(one: _Asked) -> list[object]:
    ask, keys = one.ask, one.keys
    proofs: list[object] = []
    if keys.phone and keys.kana and ask.person is not None:
        proofs.append((ask.company_id, keys.phone, keys.kana, ask.person.birth_on))
    if ask.identity:
        proofs.append((ask.company_id, ask.identity))
    return proofs


def _columns_of_newcomers(newcomers: Sequence[_Asked]) -> dict[str, list[Any]]:
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


def _new_person(one: _Asked) -> dict[str, Any]:
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
        "n_organisation_key": name_key(person.organisation_name),
        "n_birth_on": person.birth_on,
        "n_language": person.language,
        "n_phone": person.phone,
        "n_phone_key": one.keys.phone,
        "n_email": person.email,
        "n_email_key": one.keys.email,
    }
