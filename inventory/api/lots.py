"""The machine counter of lots and states: what lies in which lot, what changes its state, what an inspection found."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock
from core.api.shapes import Code, Day, Text
from core.api.views import ApiView
from core.idempotency import Answer
from inventory.api.shapes import INSPECTIONS, LOT_SCHEMA, MOVED_SCHEMA, STATE_CHANGES, lot_shown
from inventory.api.views import company_of, placed, told
from inventory.operations import inspect_stock, turn_stock
from inventory.queries import lot_page
from inventory.rules import Inspection, Turn

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # lots are ordered by their key alone


class LotsView(ApiView):
    """Lots that lie anywhere."""

    scopes = {"GET": "inventory:read"}
    filters = {
        "item": Text(max=64).optional(),
        "location": Code(max=40).optional(),
        "lot": Text(max=64).optional().described("Number of the lot."),
        "expires_before": Day().optional().described("Lots that expire before this day; those without a day are left out."),
    }
    gives = {"GET": LOT_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Lots with pieces on hand, by location and state, the newest first."""
        asked, given = self.page(request)
        found = lot_page(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.id), show=lot_shown)


class StateChangesView(ApiView):
    """Pieces change their state."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": STATE_CHANGES}
    gives = {"POST": MOVED_SCHEMA}

    def post(self, request: Request) -> HttpResponse:
        """Change the state of all of these, or of none, once per Idempotency-Key and once per reference."""
        said = self.body(request)
        return self.once(request, lambda: self._turn(request, said))

    def _turn(self, request: Request, said: dict[str, Any]) -> Answer:
        lines, company_id, actor = said["changes"], company_of(self, request), self.actor(request)
        turns = [
            Turn(
                stock_item_id=item,
                location_id=place,
                quantity=line["quantity"],
                from_state=line["from_state"],
                to_state=line["to_state"],
                lot_number=line["lot"],
                once_key=f"{actor.ref}:state:{line['reference']}",
                cause=f"state:{line['reference']}",
            )
            for line, item, place in placed(lines, "changes", company_id=company_id)
        ]
        results = turn_stock(turns, company_id=company_id, reason=said["reason"], actor=actor, at=clock.now())
        return told(results, lines, "changes")


class InspectionsView(ApiView):
    """What became of pieces that were looked at."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": INSPECTIONS}
    gives = {"POST": MOVED_SCHEMA}

    def post(self, request: Request) -> HttpResponse:
        """Do what all of these inspections say, or nothing, once per Idempotency-Key and once per reference."""
        said = self.body(request)
        return self.once(request, lambda: self._inspect(request, said))

    def _inspect(self, request: Request, said: dict[str, Any]) -> Answer:
        lines, company_id, actor = said["inspections"], company_of(self, request), self.actor(request)
        found = [
            Inspection(
                stock_item_id=item,
                location_id=place,
                from_state=line["from_state"],
                restock=line["restock"],
                b_grade=line["b_grade"],
                repair=line["repair"],
                scrap=line["scrap"],
                lot_number=line["lot"],
                once_key=f"{actor.ref}:inspection:{line['reference']}",
                cause=f"inspection:{line['reference']}",
            )
            for line, item, place in placed(lines, "inspections", company_id=company_id)
        ]
        results = inspect_stock(found, company_id=company_id, reason=said["reason"], actor=actor, at=clock.now())
        return told(results, lines, "inspections")
