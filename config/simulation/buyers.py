"""Who orders today: people never seen before, and people who come back, or don't."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.simulation.names import somebody
from config.simulation.scene import Channel, Scene
from core.db import rows
from customers.rules import Person, PlaceOfDelivery

MOST_RETURNING = 0.72
"""However many would like to: so much of a day's orders at most comes from people who bought before."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody about to order. ``customer_id`` is None for a first order."""

    person: Person
    place: PlaceOfDelivery
    customer_id: int | None = None
    entry_sku: str = ""
    f_number: int = 0
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Returning:
    """A customer who has bought before, as far as the decision to come back needs it."""

    customer_id: int
    f_number: int
    last_on: date | None
    entry_channel_id: int | None
    entry_sku: str
    is_organisation: bool
    has_account: bool


# Also those in the ledger who never bought: taken over from another system, or prospects.
_KNOWN = """
SELECT c.id AS customer_id, coalesce(f.f_number, 0) AS f_number, f.last_on, coalesce(f.entry_channel_id, c.first_channel_id) AS entry_channel_id,
    coalesce(f.entry_sku, '') AS entry_sku, c.kind = 'organisation' AS is_organisation,
    EXISTS (SELECT FROM customers_customeraccount l WHERE l.customer_id = c.id AND l.ended_at IS NULL) AS has_account
FROM customers_customer c LEFT JOIN orders_purchasefacts f ON f.customer_id = c.id
WHERE c.company_id = %s AND (coalesce(f.f_number, 0) = 0 OR f.last_on > %s::date - 400 AND f.last_on < %s::date)
    AND c.status = 'active' AND c.principal_id IS NULL
ORDER BY c.id
"""
_WHO = """
SELECT c.id, c.family_name, c.given_name, c.family_kana, c.given_kana, c.organisation_name, c.language, a.postal_code, a.prefecture, a.city,
    a.street, a.building, a.family_name AS to_family, a.given_name AS to_given, a.organisation_name AS to_organisation,
    (SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'phone' AND p.ended_at IS NULL ORDER BY p.id LIMIT 1) AS phone,
    (SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'email' AND p.ended_at IS NULL ORDER BY p.id LIMIT 1) AS email,
    (SELECT l.account_id FROM customers_customeraccount l WHERE l.customer_id = c.id AND l.ended_at IS NULL ORDER BY l.id LIMIT 1) AS account_id
FROM customers_customer c
JOIN LATERAL (SELECT * FROM customers_address a WHERE a.customer_id = c.id AND a.ended_at IS NULL ORDER BY a.is_default DESC, a.id LIMIT 1) a ON true
WHERE c.id = ANY (%s::bigint[])
"""


def returning(scene: Scene, day: date, *, most: int) -> list[Returning]:
    """Who comes back today, at most so many; everybody has a likelihood that follows from the last purchase."""
    known = [Returning(*row) for row in rows(_KNOWN, (scene.company.id, day, day), prepare=False)]
    coming = [
        (scene.chance.share("back", day, one.customer_id) / likely, one)
        for one in known
        if scene.chance.share("back", day, one.customer_id) < (likely := likelihood(one, day))
    ]
    coming.sort(key=lambda pair: (pair[0], pair[1].customer_id))
    return [one for _urge, one in coming[:most]]


def likelihood(one: Returning, day: date) -> float:
    """How likely a customer is to order on a day: the second order decides, habit carries, silence means goodbye."""
    if one.last_on is None:
        return 0.02
    since = (day - one.last_on).days
    habit = {1: 0.0085, 2: 0.014, 3: 0.018}.get(one.f_number, 0.022) * (1.6 if one.has_account or one.is_organisation else 1.0)
    if since < 10:
        return habit * 0.12
    if since < 25:
        return habit * 0.6
    if since <= 75:
        return habit
    return habit * max(0.03, 0.5 ** ((since - 75) / 55))


def buyers_of(scene: Scene, found: Sequence[Returning]) -> dict[int, Buyer]:
    """The people behind, with their own address, by customer; those without an address have none here."""
    if not found:
        return {}
    people = {row.id: row for row in rows(_WHO, ([one.customer_id for one in found],))}
    return {one.customer_id: _buyer(people[one.customer_id], one) for one in found if one.customer_id in people}


def _buyer(r: Any, one: Returning) -> Buyer:
    person = Person(
        family_name=r.family_name,
        given_name=r.given_name,
        family_kana=r.family_kana,
        given_kana=r.given_kana,
        organisation_name=r.organisation_name,
        phone=r.phone or "",
        email=r.email or "",
        language=r.language or "ja",
    )
    place = PlaceOfDelivery(
        family_name=r.to_family,
        given_name=r.to_given,
        organisation_name=r.to_organisation,
        postal_code=r.postal_code,
        prefecture=r.prefecture,
        city=r.city,
        street=r.street,
        building=r.building,
        phone=r.phone or "",
    )
    return Buyer(
        person=person,
        place=place,
        customer_id=one.customer_id,
        entry_sku=one.entry_sku,
        f_number=one.f_number,
        account_id=r.account_id,
    )


def newcomer(scene: Scene, channel: Channel, day: date, number: int) -> Buyer:
    """Somebody who has never bought here; now and then one who has, and writes their name or number another way."""
    mails = channel.kind in ("web", "chat", "marketplace") or scene.chance.happens(0.3, "mails", day, number)
    if scene.chance.happens(0.012, "twice", day, number):
        earlier = day - timedelta(days=scene.chance.between(20, 120, "earlier", day, number))
        person, place = somebody(scene.chance, (earlier, number % 7), born_about=day, with_mail=mails)
        return Buyer(person=_other_spelling(person, number), place=place)
    person, place = somebody(scene.chance, (day, number), born_about=day, with_mail=mails)
    return Buyer(person=person, place=place)


def _other_spelling(person: Person, number: int) -> Person:
    """The same person at another telephone, as the order desk hears it."""
    return Person(
        family_name=person.family_name,
        given_name=person.given_name,
        family_kana=person.family_kana,
        given_kana=person.given_kana,
        email="",
        phone=f"03-{5000 + number % 900:04d}-{int(person.phone[-4:]):04d}",
        birth_on=person.birth_on,
    )
