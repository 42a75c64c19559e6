"""The asks of one recognition as columns, and how each is looked for: what look-up and registration share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.db import LockSpace, lock_number
from customers.rules import MatchedBy, PersonKeys, Recognise, Recognised, keys_of

STRENGTHS = {1: MatchedBy.GIVEN, 2: MatchedBy.ACCOUNT, 3: MatchedBy.IDENTITY, 4: MatchedBy.PHONE_AND_KANA}

# Each array hides in a sub-select: seeing its length, the planner would plan every call anew, which takes longer than the call.
ASK = """
ask AS MATERIALIZED (
    SELECT * FROM unnest(
        (SELECT %(place)s::int[]), (SELECT %(company)s::bigint[]), (SELECT %(customer)s::bigint[]), (SELECT %(account)s::bigint[]), (SELECT %(provider)s::text[]),
        (SELECT %(subject)s::text[]), (SELECT %(phone)s::text[]), (SELECT %(kana)s::text[]), (SELECT %(birth)s::date[]), (SELECT %(brand)s::bigint[]),
        (SELECT %(channel)s::bigint[]), (SELECT %(lock_person)s::bigint[]), (SELECT %(lock_identity)s::bigint[]), (SELECT %(person_no)s::int[])
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
              AND p.ended_at IS NULL AND c.company_id = ask.company AND c.status <> 'erased'
              AND c.kana_key || '' = ask.kana -- by the phone's few customers, never by the index of a common reading
              AND (c.birth_on IS NULL OR ask.birth IS NULL OR c.birth_on = ask.birth)
        ) s
        ORDER BY s.strength, s.unlike, coalesce(s.principal_id, s.id) LIMIT 1
    ) found ON true
)"""

STANDING = """
    coalesce(c.status, '') AS status,
    coalesce(c.attention OR c.status = 'closed'
        OR EXISTS (SELECT FROM customers_customer m WHERE m.principal_id = c.id AND m.attention), false) AS attention,
    coalesce((
        SELECT r.code FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
        WHERE a.customer_id = ANY(ARRAY(SELECT c.id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = c.id))
          AND a.from_at <= %(at)s AND (a.until_at IS NULL OR a.until_at > %(at)s)
          AND (a.brand_id IS NULL OR a.brand_id = hit.brand)
        ORDER BY a.brand_id IS NULL, r.level DESC LIMIT 1
    ), '') AS rank_code"""


@dataclass(slots=True)
class Asked:
    place: int
    ask: Recognise
    keys: PersonKeys
    person_no: int = 0


def keys_of_ask(ask: Recognise) -> PersonKeys:
    if ask.customer_id is not None or ask.person is None:
        return PersonKeys()
    return keys_of(ask.person)


def recognised(row: Any) -> Recognised:
    return Recognised(
        customer_id=row.customer_id,
        is_new=row.is_new,
        matched_by=MatchedBy.NOTHING if row.is_new else STRENGTHS.get(row.strength, MatchedBy.PHONE_AND_KANA),
        rank_code=row.rank_code,
        attention=row.attention,
    )


def columns_of_asks(asked: Sequence[Asked]) -> dict[str, list[Any]]:
    lines = [_line_of(one) for one in asked]
    names = (
        "place", "company", "customer", "account", "provider", "subject", "phone", "kana", "birth", "brand",
        "channel", "lock_person", "lock_identity", "person_no",
    )  # fmt: skip
    return {name: [line[number] for line in lines] for number, name in enumerate(names)}


def _line_of(one: Asked) -> tuple[Any, ...]:
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
