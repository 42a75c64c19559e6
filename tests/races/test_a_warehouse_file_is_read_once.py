"""Several processes read the same actuals of a warehouse at once, from its folder and by hand: each parcel leaves once."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from billing.models import Invoice
from core.actor import SYSTEM
from core.db import acting
from core.errors import Refusal
from inventory.models import ExchangeFile, ExchangeFolder, Movement
from inventory.operations import FileTaken, exchange_folder, folders, give_file, take_file
from inventory.rules import FilePlace
from orders.models import Line, Shipment, ShipmentActual, ShipmentInstruction
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
PARCELS, READERS = 6, 8


def test_the_same_actuals_read_by_many_at_once_ship_each_parcel_once(tmp_path: Path) -> None:
    shop = a_shop(locations=1, code="acme")
    tea = shop.variant(1_080, sku="TEA", stock=[100])
    placed(*[a_draft(shop, (tea, 2)) for _ in range(PARCELS)])
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    give_file("shipping_instruction", place=place, actor=STAFF, at=AT)
    with acting(SYSTEM):
        ExchangeFolder.objects.create(location=shop.locations[0])
    numbers = ShipmentInstruction.objects.order_by("id").values_list("number", flat=True)
    told = [f"{number},2026/05/11,yamato,{1000 + n},TEA,2" for n, number in enumerate(numbers)]
    content = "\r\n".join(["出荷指示番号,出荷日,配送会社,送り状番号,SKU,出荷数量", *told, ""]).encode("cp932")
    [folder] = folders()
    path = tmp_path / folder.path / "in" / "shipping_actual_1.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    os.utime(path, (1, 1))

    def by_folder() -> Any:
        return list(exchange_folder(folder, root=tmp_path, actor=SYSTEM, at=AT))

    def by_hand() -> Any:
        return take_file("shipping_actual", content, name="by-hand.csv", place=place, actor=STAFF, at=AT)

    before = deadlocks()

    answers = contend([partial(job) for job in (by_folder, by_hand) * (READERS // 2)], threads=READERS)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    by_hands = [answer for answer in answers if isinstance(answer, FileTaken | Refusal)]
    assert {answer.code for answer in by_hands if isinstance(answer, Refusal)} <= {"inventory.file_known"}
    assert sum(answer.done for answer in by_hands if isinstance(answer, FileTaken)) in (0, PARCELS)
    assert [moved.where for answer in answers if isinstance(answer, list) for moved in answer] == ["done"]
    assert ExchangeFile.objects.filter(way="in").count() == 1
    assert set(Shipment.objects.values_list("status", flat=True)) == {"shipped"}
    counts = (Invoice.objects.count(), ShipmentActual.objects.count(), Movement.objects.filter(kind="shipment").count())
    assert counts == (PARCELS, PARCELS, PARCELS)
    assert set(Line.objects.values_list("shipped_quantity", flat=True)) == {2}
    assert [path.name.split("_", 1)[1] for path in (tmp_path / folder.path / "done").iterdir()] == ["shipping_actual_1.csv"]
    assert broken_promises() == {}
    assert deadlocks() - before == 0
