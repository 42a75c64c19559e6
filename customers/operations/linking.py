"""Claiming one's past: tries are counted before anything is compared, a mailed code proves who reads an address on the ledger."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.utils.crypto import salted_hmac

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.text import email_key
from customers.models import LinkCode
from customers.operations.accounts import link_accounts
from customers.rules import (
    ACCOUNT_LIMITS,
    CODE_DIGITS,
    CODE_LIVES,
    CODE_TRIES,
    SUBJECT_LIMITS,
    AskCode,
    CodeAsked,
    Counted,
    Done,
    GiveCode,
    Limit,
    LinkAccount,
    LinkedByCode,
    LinkEvidence,
    TryAsk,
    TryKind,
    email_unreadable,
    too_many_tries,
    wrong_code,
)

_COUNT = """
INSERT INTO customers_linktries (company_id, key, tries, until_at)
SELECT asked.company_id, asked.key, count(*), max(asked.until_at)
FROM unnest(%(companies)s::bigint[], %(keys)s::text[], %(untils)s::timestamptz[]) AS asked (company_id, key, until_at)
GROUP BY asked.company_id, asked.key ORDER BY asked.company_id, asked.key
ON CONFLICT (company_id, key) DO UPDATE SET
    tries = CASE WHEN customers_linktries.until_at <= %(at)s THEN excluded.tries ELSE customers_linktries.tries + excluded.tries END,
    until_at = CASE WHEN customers_linktries.until_at <= %(at)s THEN excluded.until_at ELSE customers_linktries.until_at END
RETURNING company_id, key, tries, until_at
"""


@operation
def count_tries(asks: Sequence[TryAsk], *, actor: Actor, at: datetime) -> list[Counted | Refusal]:
    """Every try is counted before it is made, by account and by what is guessed at; too many are refused until their time is over.

    One statement for the batch; its row locks make guesses that come at once wait for each other. Call it in the transaction
    that compares, and let a wrong guess commit. Refuses "customers.too_many_tries".
    """
    wanted = [(ask.company_id, key, limit) for ask in asks for key, limit in _counters(ask)]
    if not wanted:
        return []
    params = {
        "companies": [company for company, _key, _limit in wanted],
        "keys": [key for _company, key, _limit in wanted],
        "untils": [at + limit.window for _company, _key, limit in wanted],
        "at": at,
    }
    counted = {(row.company_id, row.key): row for row in rows(_COUNT, params)}
    answers: list[Counted | Refusal] = []
    for ask in asks:
        found = [(counted[ask.company_id, key], limit) for key, limit in _counters(ask)]
        over = [row.until_at for row, limit in found if row.tries > limit.most]
        answers.append(too_many_tries(max(over)) if over else Counted(left=min(limit.most - row.tries for row, limit in found)))
    return answers


def _counters(ask: TryAsk) -> tuple[tuple[str, Limit], tuple[str, Limit]]:
    """The two things counted for a try; what is guessed at is kept as a digest only."""
    subject = sha256(ask.subject.encode()).hexdigest()[:40]
    return (f"{ask.kind}:account:{ask.account_id}", ACCOUNT_LIMITS[ask.kind]), (f"{ask.kind}:at:{subject}", SUBJECT_LIMITS[ask.kind])


@operation
def forgive_tries(account_id: int, *, company_id: int, kind: TryKind, actor: Actor, at: datetime) -> None:
    """Whoever proved it starts counting anew; what others guess at stays counted."""
    run("DELETE FROM customers_linktries WHERE company_id = %s AND key = %s", (company_id, f"{kind}:account:{account_id}"))


@operation
def ask_link_codes(asks: Sequence[AskCode], *, actor: Actor, at: datetime) -> list[CodeAsked | Refusal]:
    """Codes are on their way to those of the addresses that the ledgers know; the answer is the same for the others.

    An account's former codes with the company end. Counted (TryKind.MAIL). Refuses "customers.email_unreadable" and
    "customers.too_many_tries".
    """
    keys = [email_key(ask.address) for ask in asks]
    counting = [
        TryAsk(account_id=ask.account_id, company_id=ask.company_id, kind=TryKind.MAIL, subject=key)
        for ask, key in zip(asks, keys, strict=True)
        if key
    ]
    counted = iter(count_tries(counting, actor=actor, at=at))
    answers: list[CodeAsked | Refusal | None] = []
    fresh: list[LinkCode] = []
    for ask, key in zip(asks, keys, strict=True):
        judged = next(counted) if key else email_unreadable(field="/address")
        answers.append(judged if isinstance(judged, Refusal) else None)
        if not isinstance(judged, Refusal):
            fresh.append(
                LinkCode(
                    account_id=ask.account_id,
                    company_id=ask.company_id,
                    address_key=key,
                    language=ask.language,
                    expires_at=at + CODE_LIVES,
                )
            )
    run(
        "UPDATE customers_linkcode c SET expires_at = %s FROM unnest(%s::bigint[], %s::bigint[]) AS ended (account_id, company_id)"
        " WHERE c.account_id = ended.account_id AND c.company_id = ended.company_id AND c.used_at IS NULL AND c.expires_at > %s",
        (at, [row.account_id for row in fresh], [row.company_id for row in fresh], at),
    )
    LinkCode.objects.bulk_create(fresh)
    asked = iter(CodeAsked(code_id=row.id, expires_at=row.expires_at) for row in fresh)
    return [answer or next(asked) for answer in answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeToSend:
    """A code for the one who reads this address of the ledger, in the language of the page it was asked on."""

    code_id: int
    company_id: int
    to_address: str
    code: str
    language: str
    minutes: int


_LEASE = """
WITH due AS (
    SELECT id FROM customers_linkcode WHERE sent_at IS NULL ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE customers_linkcode c SET sent_at = %(at)s FROM due WHERE c.id = due.id
    RETURNING c.id, c.public_id, c.company_id, c.address_key, c.language, c.expires_at
)
SELECT t.id, t.public_id, t.company_id, t.language, t.expires_at, known.value
FROM taken t LEFT JOIN LATERAL (
    SELECT p.value FROM customers_contactpoint p JOIN customers_customer c ON c.id = p.customer_id
    WHERE p.kind = 'email' AND p.value_key = t.address_key AND p.ended_at IS NULL
      AND c.company_id = t.company_id AND c.status <> 'erased'
    ORDER BY p.id LIMIT 1
) known ON true
ORDER BY t.id
"""


@operation
def take_link_codes(*, most: int, actor: Actor, at: datetime) -> tuple[int, list[CodeToSend]]:
    """The next codes to send are this worker's alone; answers with how many rows were taken and the mails among them.

    A code is sent at most once: one that is lost with its worker is asked for again by the person.
    """
    taken = rows(_LEASE, {"most": most, "at": at})
    return len(taken), [
        CodeToSend(
            code_id=row.id,
            company_id=row.company_id,
            to_address=row.value,
            code=_code_of(row.public_id),
            language=row.language,
            minutes=int(CODE_LIVES.total_seconds() // 60),
        )
        for row in taken
        if row.value and row.expires_at > at
    ]


def _code_of(public_id: object) -> str:
    """The code that belongs to a row: derived with the installation's secret, so that no table, backup or log holds it."""
    digest = salted_hmac("customers.link_code", str(public_id), algorithm="sha256").digest()
    return str(int.from_bytes(digest, "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


_KNOWN = """
SELECT c.company_id, p.value_key, c.id FROM customers_contactpoint p JOIN customers_customer c ON c.id = p.customer_id
JOIN unnest(%s::bigint[], %s::text[]) AS asked (company_id, key) ON asked.company_id = c.company_id AND asked.key = p.value_key
WHERE p.kind = 'email' AND p.ended_at IS NULL AND c.status <> 'erased' ORDER BY c.id
"""


@operation
def give_link_codes(asks: Sequence[GiveCode], *, actor: Actor, at: datetime) -> list[LinkedByCode | Refusal]:
    """Whoever gives the code that was mailed may act for the customers with that address. A code works once.

    Locks the codes in id order; guesses are counted on the code and per account. Wrong, expired, used and never sent read alike:
    "customers.code_wrong"; else "customers.too_many_tries". Everybody on the ledger with that address is linked: whoever reads it
    already gets their order mails.
    """
    counted = count_tries(
        [TryAsk(account_id=a.account_id, company_id=a.company_id, kind=TryKind.CODE, subject=str(a.account_id)) for a in asks],
        actor=actor,
        at=at,
    )
    codes = _open_codes(asks, at)
    answers: list[LinkedByCode | Refusal] = []
    right: list[tuple[int, GiveCode, LinkCode]] = []
    for place, (ask, judged) in enumerate(zip(asks, counted, strict=True)):
        code = codes.get((ask.account_id, ask.company_id))
        answers.append(judged if isinstance(judged, Refusal) else wrong_code())
        if isinstance(judged, Refusal) or code is None or code.used_at is not None or code.tries >= CODE_TRIES:
            continue
        code.tries += 1
        if hmac.compare_digest(_digits(ask.code).encode(), _code_of(code.public_id).encode()):
            code.used_at = at
            right.append((place, ask, code))
    LinkCode.objects.bulk_update(codes.values(), ["tries", "used_at"])
    known: dict[tuple[int, str], list[int]] = {}
    for row in rows(_KNOWN, ([c.company_id for _p, _a, c in right], [c.address_key for _p, _a, c in right])) if right else []:
        known.setdefault((row.company_id, row.value_key), []).append(row.id)
    links = [
        (place, LinkAccount(customer_id=number, account_id=ask.account_id, evidence=LinkEvidence.MAIL_CODE))
        for place, ask, code in right
        for number in known.get((code.company_id, code.address_key), ())
    ]
    done = link_accounts([link for _place, link in links], actor=actor, at=at) if links else []
    for place, ask, _code in right:
        mine = [link.customer_id for (p, link), answer in zip(links, done, strict=True) if p == place and isinstance(answer, Done)]
        if mine:
            answers[place] = LinkedByCode(customer_ids=tuple(mine))
            forgive_tries(ask.account_id, company_id=ask.company_id, kind=TryKind.CODE, actor=actor, at=at)
    return answers


def _open_codes(asks: Sequence[GiveCode], at: datetime) -> dict[tuple[int, int], LinkCode]:
    """The newest living code of each asker, locked."""
    newest = rows(
        "SELECT max(c.id) AS id FROM customers_linkcode c JOIN unnest(%s::bigint[], %s::bigint[]) AS asked (account_id, company_id)"
        " ON asked.account_id = c.account_id AND asked.company_id = c.company_id WHERE c.expires_at > %s GROUP BY c.account_id, c.company_id",
        ([a.account_id for a in asks], [a.company_id for a in asks], at),
    )
    found = LinkCode.objects.filter(pk__in=[row.id for row in newest]).order_by("pk").select_for_update()
    return {(code.account_id, code.company_id): code for code in found}


def _digits(typed: str) -> str:
    """What was typed, without gaps, in plain digits."""
    return "".join(str(int(sign)) for sign in typed if sign.isdecimal())


@operation
def forget_link_codes(*, before: datetime, actor: Actor) -> int:
    """Codes and counters that have had their time are gone, and with them the addresses that were asked for."""
    gone = run("DELETE FROM customers_linkcode WHERE expires_at < %s", (before,))
    return gone + run("DELETE FROM customers_linktries WHERE until_at < %s", (before,))
