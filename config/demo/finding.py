"""The demo company as it was loaded, found again by its codes: the history is lived by another process."""

from dataclasses import dataclass

from config.demo.access import SHOPPERS, Staff
from config.demo.house import CODE, House
from config.demo.people import Somebody, people_of_the_demo
from config.demo.stock import Places
from config.staff_roles import ROLES
from core.db import rows

_CODES = "SELECT code, id FROM core_{} WHERE company_id = %s"
_PEOPLE = "SELECT c.id FROM customers_customer c WHERE c.company_id = %s AND c.kind = 'person' ORDER BY c.id LIMIT %s"
_ORGANISATIONS = "SELECT id FROM customers_customer WHERE company_id = %s AND kind = 'organisation' ORDER BY id"
_STAFF = """
SELECT g.name AS role, a.id FROM customers_account a JOIN customers_account_groups ag ON ag.account_id = a.id JOIN auth_group g ON g.id = ag.group_id
WHERE a.company_id = %s AND a.is_staff ORDER BY a.id
"""
_LINKS = """
SELECT l.customer_id, l.account_id FROM customers_customeraccount l WHERE l.customer_id = ANY (%s::bigint[]) AND l.ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything the demo's own story is told with. ``accounts`` by place among the people."""

    house: House
    places: Places
    staff: Staff
    people: list[Somebody]
    accounts: dict[int, int]
    organisations: tuple[int, ...]
    """Whom we sell to wholesale."""


def find_cast() -> Cast:
    """The cast of the demo company that is loaded here."""
    company_id = rows("SELECT id FROM core_company WHERE code = %s", (CODE,))[0].id
    house = House(company_id, _codes("brand", company_id), _codes("site", company_id), _codes("saleschannel", company_id))
    locations = {row.code: row.id for row in rows("SELECT code, id FROM inventory_location WHERE company_id = %s", (company_id,))}
    roles = {str(name): code for code, name in ROLES.items()}
    told = people_of_the_demo()
    ids = [row.id for row in rows(_PEOPLE, (company_id, len(told)))]
    people = [Somebody(key, person, place) for key, (person, place) in zip(ids, told, strict=True)]
    links = {row.customer_id: row.account_id for row in rows(_LINKS, (ids,))}
    return Cast(
        house=house,
        places=Places(locations["shizuoka"], locations["osaka"], locations["jimbocho"]),
        staff=Staff({roles[row.role]: row.id for row in rows(_STAFF, (company_id,)) if row.role in roles}),
        people=people,
        accounts={place: links[people[place].customer_id] for place in SHOPPERS if people[place].customer_id in links},
        organisations=tuple(row.id for row in rows(_ORGANISATIONS, (company_id,))),
    )


def _codes(table: str, company_id: int) -> dict[str, int]:
    return {row.code: row.id for row in rows(_CODES.format(table), (company_id,))}
