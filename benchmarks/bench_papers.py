"""Hundreds of delivery notes and a total picking list, from the choice in the list to the file: seconds and statements."""

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.bench_labels import parcels_of_a_location
from benchmarks.figures import Figure
from benchmarks.shop import AT, bench_shop

NOTES = 500


def figures() -> Iterator[Figure]:
    """A batch with inserts, then its papers as the worker sets them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from orders.models import PaperFile
    from orders.rules import PaperKind, PickingWay
    from orders.tasks import set_papers

    _location, parcels = parcels_of_a_location(bench_shop())
    ids = [row.id for row in parcels][:NOTES]
    _rules(bench_shop().company_id, ids)
    began = time.monotonic()
    with CaptureQueriesContext(connection) as spent:
        answers = _batched(ids, PickingWay.TOTAL)
    yield Figure(f"papers: {NOTES:,d} parcels batched with inserts", time.monotonic() - began, "s", target=5, at_most=True)
    yield Figure("papers: statements of the batch", len(spent), "", target=40, at_most=True)
    assert all(hasattr(one, "batch") for one in answers), [one for one in answers if not hasattr(one, "batch")][:1]
    for kind, target in ((PaperKind.DELIVERY_NOTES, 30), (PaperKind.TOTAL_LIST, 10), (PaperKind.PARCEL_LISTS, 30)):
        asked = _asked(ids, kind)
        began = time.monotonic()
        with CaptureQueriesContext(connection) as spent:
            set_papers()
        yield Figure(f"papers: {NOTES:,d} parcels, {kind}", time.monotonic() - began, "s", target=target, at_most=True)
        if kind is PaperKind.DELIVERY_NOTES:
            yield Figure("papers: statements of the notes", len(spent), "", target=160, at_most=True)
        file = PaperFile.objects.get(pk=asked)
        assert (file.state, file.done_count) == ("done", NOTES), file.fault


def _doing() -> dict[str, Any]:
    from core.actor import SYSTEM

    return {"actor": SYSTEM, "at": AT}


def _rules(company_id: int, ids: list[int]) -> None:
    """A leaflet for everybody, enough of it where the parcels are."""
    from core.db import acting
    from inventory.models import StockItem
    from inventory.operations import receive_stock
    from inventory.rules import Receipt
    from orders.models import InsertRule, Shipment

    with acting(_doing()["actor"]):
        item, _made = StockItem.objects.get_or_create(company_id=company_id, code="BENCH-LEAF", defaults={"name": "お茶のしおり"})
        InsertRule.objects.get_or_create(company_id=company_id, name="しおり", defaults={"stock_item": item})
    location = Shipment.objects.get(pk=ids[0]).location_id
    receipt = Receipt(
        stock_item_id=item.pk, location_id=location, quantity=10 * NOTES, once_key=f"bench:leaf:{time.time_ns()}", cause="bench"
    )
    receive_stock([receipt], company_id=company_id, **_doing())


def _batched(ids: list[int], way: Any) -> list[Any]:
    from orders.operations import make_picking_batches

    return make_picking_batches(ids, way=way, **_doing())


def _asked(ids: list[int], kind: Any) -> int:
    from orders.operations import ask_for_papers

    (first, *_others) = ask_for_papers(ids, kind=kind, kept_days=14, again=True, **_doing())
    return int(first.file_id)  # type: ignore[union-attr]
