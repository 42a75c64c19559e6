"""Parcels have their lots chosen before they leave, so that a pick list can name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.operations import PickAsk, pick_lots

_CONTENTS = """
SELECT s.id, s.status, sl.allocation_id FROM orders_shipment s LEFT JOIN orders_shipmentline sl ON sl.shipment_id = s.id
WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id, sl.id
"""
TO_SHIP = ("planned", "instructed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPicked:
    """The parcel's lots are chosen; ``repeated`` when they were before, or when nothing in it is tracked by lot."""

    shipment_id: int
    repeated: bool = False


@operation
def pick_shipments(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[ParcelPicked | Refusal]:
    """Everything tracked by lot in these parcels is served by lots from now on, the first to expire first; one result per id.

    What was picked before stays. Locks allocations, then stock, each by id. Refuses with "order.not_found",
    "order.not_open" where the parcel has left or was cancelled, and like ``pick_lots`` where no lot keeps long enough.
    """
    found: dict[int, list[int]] = {}
    statuses: dict[int, str] = {}
    for row in rows(_CONTENTS, (list(shipment_ids),)):
        statuses[row.id] = row.status
        found.setdefault(row.id, []).extend([row.allocation_id] if row.allocation_id is not None else [])
    asked = [allocation for key in sorted(found) if statuses[key] in TO_SHIP for allocation in found[key]]
    picked = dict(zip(asked, pick_lots([PickAsk(allocation_id=one) for one in asked], actor=actor, at=at), strict=True))
    results: list[ParcelPicked | Refusal] = []
    for key in shipment_ids:
        if key not in statuses:
            results.append(Refusal("order.not_found", _("There is no such shipment.")))
        elif statuses[key] not in TO_SHIP:
            results.append(Refusal("order.not_open", _("The parcel has left, or was cancelled.")))
        else:
            answers = [picked[allocation] for allocation in found[key]]
            refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
            news = [answer for answer in answers if not isinstance(answer, Refusal) and answer.is_new]
            results.append(refusal or ParcelPicked(shipment_id=key, repeated=not news))
    return results
