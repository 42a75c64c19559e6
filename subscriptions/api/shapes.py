"""What partners may say about contracts, and how contracts are shown to them."""

from typing import Any

from billing.rules import PaymentMethod
from core.api.shapes import Code, Day, Record, Text, Whole
from core.ids import public
from subscriptions.rules import ContractRow, ContractStatus, ContractView, CycleShown, CycleStatus

Json = dict[str, Any]
PREFIX = "sub"

SKIP = Record(number=Whole(min=1, max=100_000).optional(None), reason=Text(max=200, blank=True).optional(""))
UNSKIP = Record(number=Whole(min=1, max=100_000), reason=Text(max=200, blank=True).optional(""))
PAUSE = Record(until_on=Day().optional(None), reason=Text(max=200, blank=True).optional(""))
RESUME = Record(next_on=Day().optional(None))
CHANGE = Record(next_on=Day().optional(None), interval=Code(max=20).optional(None), reason=Text(max=200, blank=True).optional(""))
CANCELLATION = Record(reason=Text(max=200))

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "format": "int64"}
MONEY: Json = {"type": "integer", "format": "int64", "description": "Minor units of the currency; yen have none."}
DAY: Json = {"type": "string", "format": "date"}
MOMENT: Json = {"type": "string", "format": "date-time"}
YES: Json = {"type": "boolean"}


def _object(**properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}


def _many(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def _or_null(schema: Json) -> Json:
    return {**schema, "type": [schema["type"], "null"]}


def _one_of(enum: Any) -> Json:
    return {"type": "string", "enum": [str(member) for member in enum]}


_ID: Json = {"type": "string", "pattern": f"^{PREFIX}_[0-9a-f]{{32}}$"}
_ITEM = _object(sku=TEXT, name=TEXT, quantity=WHOLE)
CONTRACT_ROW = _object(
    id=_ID, number=TEXT, plan=TEXT, status=_one_of(ContractStatus), interval=TEXT, items=_many(_ITEM), next_on=_or_null(DAY), failing=YES,
    started_at=MOMENT,
)  # fmt: skip
_CYCLE = _object(
    number=WHOLE, delivery=_or_null(WHOLE), planned_on=DAY, status=_one_of(CycleStatus), amount=_or_null(MONEY), order_number=TEXT,
    reason=TEXT, change_until=_or_null(DAY), may_skip=YES, may_unskip=YES,
)  # fmt: skip
_PLACE = _object(
    family_name=TEXT, given_name=TEXT, organisation_name=TEXT, country=TEXT, postal_code=TEXT, prefecture=TEXT, city=TEXT, street=TEXT,
    building=TEXT, phone=TEXT, time_band=TEXT,
)  # fmt: skip
CONTRACT = _object(
    id=_ID, number=TEXT, version=WHOLE, plan=TEXT, status=_one_of(ContractStatus), interval=TEXT, currency=TEXT,
    payment_method=_one_of(PaymentMethod), deliveries={**WHOLE, "description": "Made so far."}, place=_PLACE,
    items=_many(_object(sku=TEXT, name=TEXT, quantity=WHOLE, amount=_or_null(MONEY))), coming=_many(_CYCLE), past=_many(_CYCLE),
    paused_until_on=_or_null(DAY), last_delivery=_or_null(WHOLE), started_at=MOMENT, ended_at=_or_null(MOMENT), end_reason=TEXT,
    cancellation_rule=TEXT, may_pause=YES, may_resume=YES, may_change=YES, may_cancel=YES,
)  # fmt: skip


def row_shown(row: ContractRow) -> Json:
    """A contract in a list."""
    return {
        "id": public(PREFIX, row.id),
        "number": row.number,
        "plan": row.plan_code,
        "status": row.status,
        "interval": row.interval,
        "items": [{"sku": sku, "name": name, "quantity": quantity} for sku, name, quantity in row.items],
        "next_on": row.next_on,
        "failing": row.failing,
        "started_at": row.started_at,
    }


def contract_shown(contract: ContractView) -> Json:
    """A contract with its next twelve months."""
    place = contract.place
    shown: Json = {
        "id": public(PREFIX, contract.id),
        "plan": contract.plan.code,
        "cancellation_rule": contract.plan.cancellation_rule,
        "place": {name: getattr(place, name) for name in _PLACE["properties"]},
        "items": [{"sku": i.sku, "name": i.name, "quantity": i.quantity, "amount": i.amount} for i in contract.items],
        "coming": [_cycle_shown(c) for c in contract.coming],
        "past": [_cycle_shown(c) for c in contract.past],
    }
    return {**shown, **{name: getattr(contract, name) for name in CONTRACT["properties"] if name not in shown}}


def _cycle_shown(cycle: CycleShown) -> Json:
    return {name: getattr(cycle, name) for name in _CYCLE["properties"]}
