"""`make simulate`: a company's year in a fresh database of its own, lived, proven and summed up; ARGS="--twice" shows that a seed repeats.

Opens the demo company, lives `--days` days of `--orders-per-day` orders with a sandbox card gateway beside it, runs every promise of
the house and prints the figures with the time and the computing time they took. Exits 1 when a promise is broken or a second run differs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from config.dev import places, postgres
from config.dev.gateway.addresses import environment as of_sandbox

if TYPE_CHECKING:
    from config.simulation.figures import Figures
    from config.simulation.life import Progress

DATABASE = "year"
EVERY_SECONDS = 10.0


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--days", type=int, default=365)
    asked.add_argument("--orders-per-day", type=int, default=60)
    asked.add_argument("--seed", type=int, default=540)
    asked.add_argument("--until", default="2026-11-20", help="the last day")
    asked.add_argument("--no-cards", action="store_true", help="without the sandbox gateway")
    asked.add_argument("--twice", action="store_true", help="in two fresh databases; the figures must be the same")
    asked.add_argument("--inside", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.inside:
        return lived(given)
    told = []
    for turn in range(2 if given.twice else 1):
        with fresh_database(cards=not given.no_cards) as environment:
            print(f"Living {given.days} days at {given.orders_per_day} orders a day, seed {given.seed} …", flush=True)
            figures = Path(tempfile.gettempdir()) / f"year-{os.getpid()}-{turn}.txt"
            command = [sys.executable, "-m", "benchmarks.year", *sys.argv[1:], "--inside", str(figures)]
            if subprocess.run(
                command, cwd=places.ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, check=False
            ).returncode:
                return 1
            told.append(figures.read_text())
            figures.unlink()
    if given.twice:
        print("The same seed gave the same figures." if told[0] == told[1] else "THE SAME SEED GAVE OTHER FIGURES.", flush=True)
    return 0 if len(set(told)) == 1 else 1


@contextmanager
def fresh_database(*, cards: bool) -> Iterator[dict[str, str]]:
    """An empty, migrated database on a cluster of its own, and a gateway that charges nobody; gone afterwards."""
    cluster = postgres.Postgres(places.VAR / "year-pg")
    cluster.start()
    cluster.sql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    cluster.prepare(DATABASE)
    environment = {
        "DATABASE_URL": cluster.url(DATABASE, role=postgres.APP),
        "DATABASE_OWNER_URL": cluster.url(DATABASE, role=postgres.OWNER),
        "REDIS_URL": "redis://127.0.0.1:1",
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "LOG_LEVEL": "ERROR",
    }
    owner = {**os.environ, **environment, "DATABASE_URL": environment["DATABASE_OWNER_URL"]}
    folder = Path(tempfile.mkdtemp(prefix="year-gateway-"))
    port = places.free_port()
    gateway = subprocess.Popen([sys.executable, "-m", "config.dev.gateway", "--port", str(port), "--folder", str(folder)], cwd=places.ROOT)
    try:
        for command in (("migrate", "--no-input", "-v", "0"), ("setup_roles",), ("seed_reference",)):
            subprocess.run([sys.executable, "manage.py", *command], cwd=places.ROOT, env=owner, stdin=subprocess.DEVNULL, check=True)
        yield {**environment, **(of_sandbox(port) if cards else {})}
    finally:
        gateway.terminate()
        gateway.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)
        cluster.stop()


def lived(given: argparse.Namespace) -> int:
    """The year, in this process: lived, proven, printed; the figures also in the file named."""
    import django

    django.setup()
    from django.core.management import CommandError, call_command

    from config.demo.house import CODE
    from config.demo.loading import load_base
    from config.simulation.figures import figures_of
    from config.simulation.life import Asked, live
    from core.db import run
    from core.queries import company_coded

    until_on = datetime.fromisoformat(given.until).date()
    until_at = datetime(until_on.year, until_on.month, until_on.day, 14, 59, 59, tzinfo=UTC)  # the last second of Tokyo's day
    load_base(now=until_at, say=lambda step: None, days=given.days, orders_per_day=given.orders_per_day)
    run("DELETE FROM core_historyrun")
    company = company_coded(CODE)
    asked = Asked(company, given.seed, given.orders_per_day, until_on - timedelta(days=given.days - 1), until_on, until_at)
    began, computed, told = time.monotonic(), time.process_time(), [0.0]

    def tell(progress: "Progress") -> None:
        if time.monotonic() - told[0] > EVERY_SECONDS or progress.done == progress.total:
            told[0] = time.monotonic()
            print(f"  {progress.line()}", flush=True)

    live(asked, tell=tell)
    spent, computed = time.monotonic() - began, time.process_time() - computed
    figures = figures_of(company.id)
    _print(figures, spent=spent, computed=computed)
    Path(given.inside).write_text("\n".join(figures.lines()))
    try:
        call_command("check_invariants")
    except CommandError as broken:
        print(broken, flush=True)
        return 1
    return 0


def _print(figures: "Figures", *, spent: float, computed: float) -> None:
    print(f"Lived in {spent:.0f} s ({computed:.0f} s of them computing in this process), {figures.orders / spent:.0f} orders/s", flush=True)
    print("\n".join(figures.lines()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
