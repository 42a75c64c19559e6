"""A company, a channel, and a way to hand files in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.imports import KINDS, Asked, Policy, Summary, import_file
from core.actor import Actor, ActorKind
from core.models import Company
from core.queries import company_context
from tests.factories.customers import a_channel, a_company

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
IMPORTER = Actor(ActorKind.SYSTEM, "import_csv", "test")


@dataclass
class Past:
    """A company whose past comes in."""

    folder: Path
    company: Company
    channel: str = "phone"
    files: list[Path] = field(default_factory=list)

    def bring(
        self,
        kind: str,
        text: str | bytes,
        *,
        encoding: str = "utf-8",
        dry_run: bool = False,
        policy: Policy = Policy.SKIP,
        chunk_rows: int = 1000,
        tell: Callable[[Any], None] = lambda _p: None,
    ) -> Summary:
        """Write the text to a file and import it."""
        path = self.folder / f"{kind}-{len(self.files)}.csv"
        self.files.append(path)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        company = company_context(self.company.pk)
        asked = Asked(company=company, actor=IMPORTER, at=NOON, dry_run=dry_run, policy=policy, chunk_rows=chunk_rows)
        return import_file(path, KINDS[kind], asked=asked, tell=tell)

    def customers(self, *numbers: str) -> Summary:
        rows = "".join(f"{number},山田,花子\n" for number in numbers)
        return self.bring("customers", f"顧客番号,姓,名\n{rows}")

    def products(self, *skus: str) -> Summary:
        rows = "".join(f"{sku},商品{sku},1100\n" for sku in skus)
        return self.bring("products", f"SKU,商品名,販売価格\n{rows}")

    def orders(self, rows: Sequence[str], **given: Any) -> Summary:
        """Rows of: number, ordered at, customer, SKU, quantity, unit price, amount."""
        header = "注文番号,注文日時,チャネル,顧客番号,SKU,数量,単価,金額\n"
        lines = (",".join([*row.split(",")[:2], self.channel, *row.split(",")[2:]]) for row in rows)
        return self.bring("orders", header + "\n".join(lines) + "\n", **given)


@pytest.fixture
def past(db: None, tmp_path: Path) -> Past:
    company = a_company(tax_rounding="floor")
    a_channel(company, code="phone")
    return Past(tmp_path, company)


def reasons(summary: Summary) -> dict[str, int]:
    return dict(summary.reasons)
