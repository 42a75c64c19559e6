"""Counters are asked for their orders: what their lists name and we don't know, or know otherwise, is fetched and taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.actor import Actor
from core.db import in_operation, operation, rows, run
from core.errors import HouseError, Refusal
from core.words import gettext_noop as _
from orders.operations.intake_placing import take_in
from orders.operations.intake_receiving import told_as_known
from orders.ports import Declined, NoAnswer, NoticeDoor, OrderSeen, missing_secrets
from orders.queries import ShopRow, intake_sources, secrets_of, shops

LEASE = "15 minutes"
FIRST: Final = timedelta(days=1)
"""How far back the first look at a counter goes."""
OVERLAP: Final = timedelta(minutes=10)
"""Looks overlap: a counter's list may be behind its orders. What is known already is not fetched again."""
MOST: Final = 500
"""Orders fetched at once; where there are more, the same look is made again straight away."""
AGAIN: Final = "1 hour"
"""So long what could not be read, or may have changed unseen, is not fetched again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of a look at a counter: so many orders fetched, and why it broke off ("" where it didn't)."""

    shop_id: int
    orders: int
    answer: str = ""


_OPEN = """
INSERT INTO orders_intakefetch (shop_id, due_at) SELECT id, %(at)s FROM orders_outsideshop
WHERE fetch_minutes IS NOT NULL AND ended_at IS NULL ORDER BY id ON CONFLICT (shop_id) DO NOTHING
"""
_LEASE = """
UPDATE orders_intakefetch f SET leased_until = clock_timestamp() + %(lease)s::text::interval, tries = f.tries + 1
FROM orders_outsideshop s WHERE s.id = f.shop_id AND f.id = (
    SELECT f.id FROM orders_intakefetch f JOIN orders_outsideshop s ON s.id = f.shop_id JOIN core_company c ON c.id = s.company_id
    WHERE s.fetch_minutes IS NOT NULL AND s.ended_at IS NULL AND c.history_until_at IS NULL AND f.due_at <= %(at)s
        AND (f.leased_until IS NULL OR f.leased_until < clock_timestamp())
    ORDER BY f.due_at, f.id LIMIT 1 FOR UPDATE OF f SKIP LOCKED)
RETURNING f.id, f.shop_id, f.tries, f.fetched_until_at, s.fetch_minutes
"""
# Whoever took it in hand afterwards, because this lease ended, notes what came of it. A look that brought something is no failure.
_NOTE = """
UPDATE orders_intakefetch SET leased_until = NULL, answer = %(answer)s::text, fetched_until_at = coalesce(%(until)s::timestamptz, fetched_until_at),
    tries = CASE WHEN %(answer)s::text = '' OR %(orders)s > 0 THEN 0 ELSE tries END, order_count = %(orders)s, at = %(at)s::timestamptz,
    due_at = %(at)s::timestamptz + make_interval(secs => CASE WHEN %(answer)s::text = '' THEN %(pause)s::int
        WHEN %(orders)s > 0 THEN 60 ELSE least(30 * 2 ^ least(tries, 10), 3600) END)
WHERE id = %(id)s AND tries = %(tries)s AND leased_until IS NOT NULL
"""
# What the list told when an order was last fetched says nothing new: reading may understand it otherwise, or keep none of it. A list without
# moments hides changes of orders that stay as they are; those are fetched again by the hour.
_UNKNOWN = """
SELECT q.place FROM unnest(%(numbers)s::text[], %(said)s::text[], %(standings)s::text[]) WITH ORDINALITY AS q (number, said_at, standing, place)
LEFT JOIN orders_intakeorder i ON i.channel_id = %(channel)s AND i.outside_number = q.number
WHERE (i.id IS NULL
    OR (coalesce(nullif(q.said_at, ''), q.standing) <> i.listed_as
        AND (q.said_at > i.said_at OR (q.standing <> '' AND q.standing <> i.standing)))
    OR (q.said_at = '' AND i.standing IN ('open', 'unconfirmed')
        AND coalesce(i.looked_at, i.received_at) <= %(at)s::timestamptz - %(again)s::text::interval))
    AND NOT EXISTS (
        SELECT FROM orders_intakedocument d JOIN orders_intakerow r ON r.document_id = d.id
        WHERE d.shop_id = %(shop)s AND d.received_at > %(at)s::timestamptz - %(again)s::text::interval
            AND r.fate = 'unreadable' AND r.outside_number = q.number)
ORDER BY q.place
"""
_LOOKED = """
WITH told AS MATERIALIZED (
    SELECT i.id, q.word FROM orders_intakeorder i JOIN unnest(%(numbers)s::text[], %(words)s::text[]) AS q (number, word) ON q.number = i.outside_number
    WHERE i.channel_id = %(channel)s AND q.number = ANY(%(told)s::text[]) ORDER BY i.outside_number FOR UPDATE OF i
)
UPDATE orders_intakeorder i SET listed_as = t.word, looked_at = %(at)s FROM told t WHERE i.id = t.id
"""
_TOLD = "SELECT outside_number FROM orders_intakerow WHERE document_id = %s AND code = ''"


def fetch_counter(*, actor: Actor, at: datetime) -> Fetched | None:
    """The counter that has waited longest is asked for its orders, outside every transaction; None where none is due.

    A document that tells nothing new is not kept. Each other counts as soon as it came: a look that breaks off goes on with what is left,
    a minute later. After looks that bring nothing but a no, or no answer, the next one comes later each time, an hour at most; the shop's
    page says why.
    """
    if in_operation():
        raise RuntimeError("Counters are called outside transactions")
    turn = _take_turn(actor=actor, at=at)
    if turn is None:
        return None
    answer, fetched, all_of_it = _look(turn, actor=actor, at=at)
    until = at if all_of_it else None
    given = {"id": turn.id, "tries": turn.tries, "answer": answer[:300], "until": until, "orders": fetched, "at": at}
    _note(given | {"pause": 0 if fetched and not all_of_it else turn.fetch_minutes * 60}, actor=actor)
    return Fetched(shop_id=turn.shop_id, orders=fetched, answer=answer)


@operation
def fetch_soon(shop_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[int | Refusal]:
    """Shops are asked for their orders with the worker's next turn. Refuses "intake.does_not_fetch"."""
    run(_OPEN, {"at": at})
    due = "UPDATE orders_intakefetch SET due_at = least(due_at, %s) WHERE shop_id = ANY(%s::bigint[]) RETURNING shop_id"
    known = {row.shop_id for row in rows(due, (at, list(shop_ids)))}
    words = _("This shop is not asked for its orders. Write in its page how often it should be.")
    return [one if one in known else Refusal("intake.does_not_fetch", words, {}, "/fetch_minutes") for one in shop_ids]


@operation
def _take_turn(*, actor: Actor, at: datetime) -> Any:
    run(_OPEN, {"at": at})
    return next(iter(rows(_LEASE, {"lease": LEASE, "at": at})), None)


@operation
def _note(given: dict[str, Any], *, actor: Actor) -> None:
    run(_NOTE, given)


def _look(turn: Any, *, actor: Actor, at: datetime) -> tuple[str, int, bool]:
    """Why it broke off, how many orders were fetched, and whether that is all there is."""
    shop = shops([turn.shop_id]).get(turn.shop_id)
    source = intake_sources().get(shop.adapter) if shop else None
    if shop is None or source is None or not source.fetches:
        return "no_such_interface", 0, False
    door = NoticeDoor(base_url=secrets_of(shop).get("base_url") or source.base_url, secrets=secrets_of(shop))
    missing = missing_secrets(source.secrets, door.secrets) + ([] if door.base_url else ["base_url"])
    if missing:
        return f"missing: {', '.join(missing)}", 0, False
    since = turn.fetched_until_at - OVERLAP if turn.fetched_until_at else at - FIRST
    fetched = 0
    try:
        unknown = _unknown(source.list_orders(since, at, door), shop, at=at)
        for raw in source.fetch_orders(unknown[:MOST], door):
            told = told_as_known(raw, shop=shop)
            if told is None:
                answer = take_in(raw, shop_id=shop.id, name=f"{shop.code} {at:%Y-%m-%d %H:%M}", source="fetched", actor=actor, at=at)
                if isinstance(answer, Refusal):
                    return answer.code, fetched, False
                told = [row.outside_number for row in rows(_TOLD, (answer.document_id,))]
                fetched += answer.counted.orders
            else:
                fetched += len(told)
            _note_looked(unknown[:MOST], told, shop, actor=actor, at=at)
    except Declined as no:
        return f"{no.code} {no.message}".strip(), fetched, False
    except NoAnswer as silence:
        return silence.code, fetched, False
    except HouseError as error:
        return error.refusal.code, fetched, False
    return "", fetched, len(unknown) <= MOST


@operation
def _note_looked(asked: Sequence[OrderSeen], told: Sequence[str], shop: ShopRow, *, actor: Actor, at: datetime) -> None:
    """Those of the orders that were told of are known as the list named them."""
    words = [one.said_at or str(one.standing or "") for one in asked]
    given = {"numbers": [one.number for one in asked], "words": words, "told": list(told), "channel": shop.terms.channel_id, "at": at}
    run(_LOOKED, given)


def _unknown(seen: Sequence[OrderSeen], shop: ShopRow, *, at: datetime) -> list[OrderSeen]:
    """Those we don't know, know otherwise, or have not looked at for long though nothing would tell us of a change."""
    given = {
        "numbers": [one.number for one in seen], "said": [one.said_at for one in seen], "standings": [str(one.standing or "") for one in seen],
        "channel": shop.terms.channel_id, "shop": shop.id, "at": at, "again": AGAIN,
    }  # fmt: skip
    return [seen[row.place - 1] for row in rows(_UNKNOWN, given)] if seen else []
