"""`make bench`: measure, print a table, write var/bench/latest.jsonl.

A case is a module `benchmarks/bench_*.py` with `figures() -> Iterable[Figure]`. It may use Django, which is set up on an own
server with fsync and synchronous_commit on; `benchmarks.ground` gives the floor's database on the same server.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import ground
from benchmarks.figures import Figure
from config.dev import places

LATEST = places.VAR / "bench" / "latest.jsonl"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("cases", nargs="*", help="names of cases, such as `placing` for bench_placing.py; all without")
    asked.add_argument("--list", action="store_true", help="only name the cases")
    given = asked.parse_args()
    names = [name for name in case_names() if not given.cases or name in given.cases]
    if given.list:
        print("\n".join(names))
        return 0
    server = ground.cluster()
    try:
        ground.tell_django(server)
        ground.migrate()
        figures = list(_measured(names))
    finally:
        server.stop()
    print(f"{len(figures)} figures in {LATEST.relative_to(places.ROOT) if LATEST.is_relative_to(places.ROOT) else LATEST}")
    missed = [figure.name for figure in figures if figure.met is False]
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed else 0


def case_names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def _measured(names: list[str]) -> Iterator[Figure]:
    """Each figure is written and shown as soon as it is known: an aborted run leaves what it measured."""
    import django

    django.setup()
    LATEST.parent.mkdir(parents=True, exist_ok=True)
    with LATEST.open("w") as out:
        print(f"{'figure':<48} {'value':>14} {'floor':>12} {'ratio':>7} {'target':>8}  met")
        for name in names:
            for figure in importlib.import_module(f"benchmarks.bench_{name}").figures():
                out.write(json.dumps(figure.record(), ensure_ascii=False) + "\n")
                out.flush()
                print(_row(figure), flush=True)
                yield figure


def _row(figure: Figure) -> str:
    floor = "" if figure.floor is None else f"{figure.floor:,.1f}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.1%}"
    target = "" if figure.target is None else (f"{figure.target:.0%}" if figure.ratio is not None else f"{figure.target:g}")
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    return f"{figure.name:<48} {figure.value:>10,.1f} {figure.unit:<6} {floor:>9} {ratio:>7} {target:>8}  {met}"


if __name__ == "__main__":
    sys.exit(main())
