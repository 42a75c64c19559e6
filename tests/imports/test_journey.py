"""The public retail data as files, and the beginning of it loaded and accounted for."""

import csv
from pathlib import Path

import pytest

from benchmarks.journey import accounted, bring, set_up, unchanged
from benchmarks.journey_files import Source, convert
from core.db import rows
from core.queries import forget_kept
from orders.queries import invariants

LINES = 3_000
pytestmark = pytest.mark.journeys


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    return convert(tmp_path_factory.mktemp("journey"))


def _beginning(source: Source, *, keep: set[str] | None = None, most: int = LINES) -> Source:
    """The first rows of a file (or those of some SKUs), with what they add up to."""
    path = source.path.with_name(f"some-{source.path.name}")
    with source.path.open(newline="", encoding="utf-8") as told, path.open("w", newline="", encoding="utf-8") as out:
        reader, writer = csv.reader(told), csv.writer(out)
        header = next(reader)
        writer.writerow(header)
        kept = [row for row in reader if keep is None or row[0] in keep][:most]
        writer.writerows(kept)
    cents = {title: sum(int(row[header.index(title)].replace(".", "")) for row in kept) for title in source.cents}
    return Source(path, len(kept), cents)


def _column(path: Path, name: str) -> set[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row[name] for row in csv.DictReader(file)}


def test_the_files_hold_the_whole_source_to_the_cent(files: dict[str, Source]) -> None:
    assert {kind: source.rows for kind, source in files.items()} == {
        "customers": 2_469,
        "products": 92_331,
        "campaigns": 6_589,
        "orders": 1_469_307,
    }
    assert files["orders"].cents == {
        "amount": 459_603_958,
        "discount:retail": 79_165_064,
        "discount:coupon": 2_635_990,
        "discount:coupon match": 454_265,
    }


@pytest.mark.django_db
def test_the_beginning_of_it_loads_twice_and_is_accounted_for(files: dict[str, Source]) -> None:
    forget_kept()
    orders = _beginning(files["orders"])
    products = _beginning(files["products"], keep=_column(orders.path, "SKU"), most=100_000)
    company = set_up(orders.path)
    some = {"customers": files["customers"], "products": products, "campaigns": files["campaigns"], "orders": orders}

    loaded = {kind: bring(kind, source.path, company) for kind, source in some.items()}

    assert all(accounted(kind, some[kind], loaded[kind], company) for kind in some)
    assert all(unchanged(kind, source.path, company) for kind, source in some.items())
    assert set(loaded["orders"].reasons) == {"import.quantity_not_positive", "import.unknown_product"}
    broken = [one.name for one in invariants() if rows(one.sql, {"company": company.id})]
    assert broken == []
