"""Places behind postal codes: every choice, never one of several in silence."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows
from core.text import postal_key


@dataclass(frozen=True, slots=True)
class PostalPlace:
    """One place that shares a postal code."""

    code: str
    jis_code: str
    prefecture: str
    city: str
    town: str
    street: str
    prefecture_kana: str
    city_kana: str
    town_kana: str
    note: str
    is_office: bool
    office_name: str
    withdrawn: bool

    def __str__(self) -> str:
        return f"{self.prefecture}{self.city}{self.town}{self.street}"


def postal_lookup(code: str) -> list[PostalPlace]:
    """Every place with this postal code, however it was typed; none for an unknown or unreadable code.

    Several places are a choice for a person (498-0000 lies in two prefectures). Codes withdrawn from the published list are
    answered only where no current place has the code.
    """
    key = postal_key(code)
    if not key:
        return []
    found = rows(
        "SELECT code, jis_code, prefecture, city, town, street, prefecture_kana, city_kana, town_kana, note, is_office, office_name,"
        " withdrawn_on IS NOT NULL AS withdrawn FROM core_postalcode WHERE code = %s ORDER BY withdrawn_on IS NOT NULL, is_office, id",
        (key,),
    )
    places = [PostalPlace(*row) for row in found]
    return [place for place in places if not place.withdrawn] or places


def prefectures_of(codes: Sequence[str]) -> dict[str, frozenset[str]]:
    """The prefectures each postal key may lie in, for whole batches in one statement; unknown codes are missing.

    A prefecture that contradicts the code is a reason to hold an order, not to refuse it.
    """
    found = rows(
        "SELECT code, array_agg(DISTINCT prefecture) AS prefectures FROM core_postalcode WHERE code = ANY(%s::text[]) GROUP BY code",
        (list(codes),),
    )
    return {row.code: frozenset(row.prefectures) for row in found}
