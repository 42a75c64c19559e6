"""A file, a function or a class that grew past its budget is two rooms by now."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config.dev.places import ROOT

FILE_LINES, FUNCTION_LINES, CLASS_LINES, PARAMETERS = 500, 60, 200, 8
PLACES = (*settings.APPS, "config", "benchmarks", "faults", "tests")
SOURCES = sorted(
    path
    for place in PLACES
    for path in (ROOT / place).rglob("*.py")
    if "migrations" not in path.parts and "floor" not in path.parts and path.stat().st_size
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_keeps_to_its_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= FILE_LINES
    assert list(_too_long(ast.parse(text))) == []


def _too_long(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        budget = CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES
        if lines > budget:
            yield f"{node.name}: {lines} lines, {budget} at most"
