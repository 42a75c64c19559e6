"""`make faults`: kill and cut the real processes in mid-flight; a line per case, non-zero on any loss.

A case is a module `faults/case_*.py` with `outcomes() -> Iterable[Outcome]`. It starts what it needs through
`config.dev.postgres` and `config.dev.valkey` in folders of its own below var/faults, and takes it down again.
"""

import argparse
import importlib
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from faults.outcome import Outcome


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("cases", nargs="*", help="names of cases, such as `relay_killed` for case_relay_killed.py; all without")
    given = asked.parse_args()
    found = [outcome for name in case_names() if not given.cases or name in given.cases for outcome in _shown(name)]
    lost = [outcome for outcome in found if not outcome.kept]
    print(f"{len(found) - len(lost)} passed, {len(lost)} failed")
    return 1 if lost or not found else 0


def case_names() -> list[str]:
    return sorted(path.stem.removeprefix("case_") for path in Path(__file__).parent.glob("case_*.py"))


def _shown(name: str) -> Iterator[Outcome]:
    """Each outcome with its line; a case that breaks is a loss, and the next one still runs."""
    began = time.monotonic()
    try:
        for outcome in importlib.import_module(f"faults.case_{name}").outcomes():
            _print(outcome, time.monotonic() - began)
            yield outcome
    except Exception:
        traceback.print_exc()
        broken = Outcome(f"{name} broke", tried=0, lost=0, note="see above")
        _print(broken, time.monotonic() - began)
        yield broken


def _print(outcome: Outcome, seconds: float) -> None:
    state = "ok  " if outcome.kept else "LOST"
    print(f"{state} {outcome.name}: {outcome.tried} tried, {outcome.lost} lost {outcome.note} ({seconds:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
