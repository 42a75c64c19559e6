"""Every code inventory can answer with is explained to those who call it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/problems/inventory.md").read_text(encoding="utf-8")


def test_the_page_explains_every_code_and_no_other() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "inventory").rglob("*.py") if "admin" not in path.parts)
    codes = set(re.findall(r'Refusal\(\s*f?"(inventory\.[a-z_]+)', sources)) | {"inventory.unknown_item", "inventory.unknown_location"}

    assert set(re.findall(r"^\| `(inventory\.[a-z_]+)`", PAGE, re.MULTILINE)) == codes - {"inventory.unknown_"}


def test_the_page_explains_every_code_of_purchasing_and_transfers() -> None:
    folders = ("operations", "rules")
    sources = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / "inventory" / folder).rglob("*.py"))
    bare = re.sub(r'""".*?"""', "", sources, flags=re.DOTALL)
    codes = set(re.findall(r'"((?:purchase|transfer)\.[a-z_]+)"', bare))

    assert set(re.findall(r"^\| `((?:purchase|transfer)\.[a-z_]+)`", PAGE, re.MULTILINE)) == codes
