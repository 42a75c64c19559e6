"""Order files that lie in the folder of an outside shop are taken in, and lie where one sees what became of them."""

import os
import time
from pathlib import Path

import pytest

from core.actor import SYSTEM
from orders.models import Order
from orders.operations import exchange_intake
from tests.factories.intake import an_outside_shop, house_document, house_order
from tests.factories.orders import AT, a_shop

pytestmark = pytest.mark.django_db(transaction=True)


def laid(base: Path, name: str, raw: bytes) -> None:
    """A file that somebody put there a while ago."""
    (base / "in").mkdir(parents=True, exist_ok=True)
    (base / "in" / name).write_bytes(raw)
    os.utime(base / "in" / name, (time.time() - 60,) * 2)


def test_files_are_taken_in_once_and_a_bad_one_lies_apart_with_its_reason(tmp_path: Path):
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    base = tmp_path / shop.company.code / "orders" / outside.code
    laid(base, "good.json", house_document(house_order(sku=sku)))
    laid(base, "bad.json", house_document(house_order("C-2", sku=sku, quantity=0)))
    laid(base, ".hidden", b"{")

    moved = {one.name: (one.where, one.refusal and one.refusal.code) for one in exchange_intake(root=tmp_path, actor=SYSTEM, at=AT)}
    again = list(exchange_intake(root=tmp_path, actor=SYSTEM, at=AT))

    assert moved == {"good.json": ("done", None), "bad.json": ("failed", "intake.partly_read")}
    assert (again, Order.objects.count()) == ([], 1)
    assert sorted(path.name.split("_")[-1] for path in (base / "failed").iterdir()) == ["bad.json", "bad.json.txt"]
    assert [path.name.split("_")[-1] for path in (base / "done").iterdir()] == ["good.json"]
