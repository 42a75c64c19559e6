"""Every code subscriptions can answer with is explained to those who call it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/problems/subscriptions.md").read_text(encoding="utf-8")


def test_the_page_explains_every_code_and_no_other() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "subscriptions").rglob("*.py") if "admin" not in path.parts)
    codes = set(re.findall(r'(?:Refusal\(\s*|code = )"(subscription\.[a-z_]+)', sources))

    assert set(re.findall(r"^\| `(subscription\.[a-z_]+)`", PAGE, re.MULTILINE)) == codes
