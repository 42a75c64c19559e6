"""Every code the kernel can answer with is explained to those who call it."""

import re
from pathlib import Path

import core.api.bodies
import core.api.paging
import core.api.partners
import core.api.shapes
import core.api.versions
import core.idempotency  # noqa: F401
from core.api.problems import OUTSIDE, UNACCEPTABLE
from core.errors import HouseError

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/problems/README.md").read_text()


def kernel_errors(family: type[HouseError] = HouseError) -> set[type[HouseError]]:
    found = {family} if family.__module__ in ("core.errors", "core.idempotency") or family.__module__.startswith("core.api.") else set()
    return found.union(*(kernel_errors(child) for child in family.__subclasses__()))


def test_every_code_of_the_kernel_is_on_the_page_of_problems() -> None:
    notes = re.findall(r'_note\(\s*errors,\s*[^"]*?"([a-z_.]+)"', (ROOT / "core/api/shapes.py").read_text())
    codes = {error.code for error in kernel_errors()} | {refusal.code for refusal in OUTSIDE.values()} | {UNACCEPTABLE.code, *notes}

    missing = sorted(code for code in codes if f"`{code}`" not in PAGE)

    assert len(notes) > 20
    assert missing == []


def test_every_code_on_the_page_exists() -> None:
    told = set(re.findall(r"^\| `([a-z_.]+)`", PAGE.split("In `errors`")[0], re.MULTILINE))

    known = {error.code for error in kernel_errors()} | {refusal.code for refusal in OUTSIDE.values()} | {UNACCEPTABLE.code}

    assert told == known
