"""`make import-journey`: the public retail data becomes a second company, in US dollars, through `import_csv` and nothing else.

Prints and asserts that what was loaded and what was rejected together are the source, in rows and to the cent, and that a second
run changes nothing. `ARGS="--replay 2000"` then places so many of its baskets as new orders, with stock, ships and pays them.
"""

import argparse
import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.journey_files import Source, convert_apart
from config.dev import places, postgres
from config.dev.servers import Servers

if TYPE_CHECKING:
    from config.imports import Summary
    from core.queries import CompanyContext

FOLDER = places.VAR / "journey"
ORDER = ("customers", "products", "campaigns", "orders")
CODE = "journey"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--replay", type=int, default=0, metavar="N", help="then place N of the baskets anew, with stock, ship and pay them")
    asked.add_argument("--once", action="store_true", help="don't bring everything in a second time to show that nothing changes")
    asked.add_argument("--only-replay", action="store_true", help="the data is there already")
    given = asked.parse_args()
    with database():
        import django
        from django.utils.translation import activate

        django.setup()
        activate("en")
        good = True
        if not given.only_replay:
            good = load(twice=not given.once)
        if good and given.replay:
            from benchmarks.journey_replay import replay

            good = replay(given.replay)
    return 0 if good else 1


@contextmanager
def database() -> Iterator[None]:
    """The shop's own database, migrated: the one of `make run`, or what DATABASE_URL names. Left running if it was."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    was_running = bool(os.environ.get("DATABASE_URL")) or postgres.Postgres(places.VAR / "pg").running()
    servers = Servers()
    servers.open()
    try:
        owner = {**os.environ, **servers.environment(as_owner=True)}
        for command in (("migrate", "--no-input", "-v", "0"), ("setup_roles",), ("seed_reference",)):
            if command[0] == "migrate" or list(places.ROOT.glob(f"*/management/commands/{command[0]}.py")):
                subprocess.run([sys.executable, "manage.py", *command], cwd=places.ROOT, env=owner, stdin=subprocess.DEVNULL, check=True)
        os.environ.update(servers.environment())
        yield
    finally:
        if not was_running:
            servers.close()


def load(*, twice: bool) -> bool:
    """Everything is in, accounted for, and stays as it is when brought in again."""
    started = time.monotonic()
    print("Writing the CSV files …", flush=True)
    sources = convert_apart(FOLDER)
    print(f"  {time.monotonic() - started:.1f} s, {sum(source.rows for source in sources.values()):,} rows in {FOLDER}", flush=True)
    company = set_up(sources["orders"].path)
    good = True
    for kind in ORDER:
        summary = bring(kind, sources[kind].path, company)
        good &= accounted(kind, sources[kind], summary, company)
    if twice:
        good &= all([unchanged(kind, sources[kind].path, company) for kind in ORDER])
    print(f"{'All accounted for' if good else 'SOMETHING IS MISSING'} after {time.monotonic() - started:.0f} s", flush=True)
    return good


def set_up(orders: Path) -> "CompanyContext":
    """The company, its channels and the stores that the orders name."""
    from core.actor import SYSTEM
    from core.db import acting, run
    from core.operations import NewCompany, open_channel, open_company, seed_reference
    from core.queries import ChannelKind

    seed_reference(actor=SYSTEM)
    company = open_company(
        NewCompany(
            code=CODE,
            name="Complete Journey",
            legal_name="Complete Journey Grocery",
            country="US",
            currency="USD",
            language="en",
            timezone="UTC",
        ),
        actor=SYSTEM,
    )
    open_channel(company.id, code="store", name="Stores", kind=ChannelKind.STORE, actor=SYSTEM)
    open_channel(company.id, code="web", name="Web shop", kind=ChannelKind.WEB, actor=SYSTEM)
    with orders.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        place = next(reader).index("store")
        stores = sorted({row[place] for row in reader}, key=int)
    with acting(SYSTEM):
        run(
            "INSERT INTO inventory_location (company_id, code, name, kind, can_ship, priority) SELECT %s, s, 'Store ' || s, 'store', false, 100"
            " FROM unnest(%s::text[]) s ON CONFLICT (company_id, code) DO NOTHING",
            (company.id, stores),
        )
    return company


def bring(kind: str, path: Path, company: "CompanyContext") -> "Summary":
    """One file through the import, as the command does it."""
    from config.imports import KINDS, Asked, import_file
    from config.management.commands.import_csv import lines_of
    from core import clock
    from core.actor import Actor, ActorKind

    told = [0.0]

    def tell(progress: Any) -> None:
        if progress.seconds - told[0] > 5:
            told[0] = progress.seconds
            print(f"  {progress.rows:,} rows, {progress.rate:,.0f}/s, about {progress.seconds_left:.0f} s left", flush=True)

    print(f"{kind}:", flush=True)
    actor = Actor(ActorKind.SYSTEM, "import_csv", path.name)
    summary = import_file(path, KINDS[kind], asked=Asked(company=company, actor=actor, at=clock.now(), language="en"), tell=tell)
    for line in lines_of(summary):
        print(f"  {line}", flush=True)
    return summary


def accounted(kind: str, source: Source, summary: "Summary", company: "CompanyContext") -> bool:
    """Rows and cents: loaded + rejected = source."""
    loaded = summary.created + summary.updated + summary.unchanged
    checks = [("rows", loaded, summary.rejected, source.rows)]
    if source.cents:
        rejected = _rejected_cents(summary.rejects, list(source.cents))
        held = _loaded_cents(company.id)
        checks += [(title, held.get(title, 0), rejected[title], total) for title, total in source.cents.items()]
    good = True
    for what, inside, outside, total in checks:
        fits = inside + outside == total
        good &= fits
        print(
            f"  {what:<24} loaded {inside:>13,} + rejected {outside:>9,} = source {total:>13,}  {'ok' if fits else 'DIFFERS'}", flush=True
        )
    return good


def _loaded_cents(company_id: int) -> dict[str, int]:
    from core.db import rows

    mine = "FROM orders_order o JOIN orders_line l ON l.order_id = o.id"
    where = "WHERE o.company_id = %s AND o.origin = 'imported'"
    amount = rows(f"SELECT coalesce(sum(l.amount), 0)::bigint AS cents {mine} {where}", (company_id,))[0].cents
    sources = rows(
        f"SELECT d.source, sum(d.amount)::bigint AS cents {mine} JOIN orders_linediscount d ON d.line_id = l.id {where} GROUP BY 1",
        (company_id,),
    )
    print(
        f"  prices of no whole cent: {next((s.cents for s in sources if s.source == 'rounding'), 0):,} cents rounded up, said as a discount of that name"
    )
    return {"amount": amount, **{f"discount:{row.source}": row.cents for row in sources}}


def _rejected_cents(path: Path | None, titles: list[str]) -> dict[str, int]:
    sums = dict.fromkeys(titles, 0)
    if path is None:
        return sums
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            for title in titles:
                sums[title] += int(Decimal(row[title]) * 100)
    return sums


def unchanged(kind: str, path: Path, company: "CompanyContext") -> bool:
    """A second run finds everything as it is."""
    again = bring(kind, path, company)
    good = (again.created, again.updated) == (0, 0)
    print(f"  again: {'nothing changed' if good else 'SOMETHING CHANGED'}", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
