"""What is published stays as it is, holds nothing personal and no key of ours, and is really made from rows like these."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID

import pytest

from core.events import Event
from core.models import Company, SalesChannel
from core.ports import ForPartners, WebhookType
from core.queries import webhook_catalogue
from customers.models import Customer
from inventory.models import Location, PurchaseOrder, StockItem, Stocktake, StockTransfer
from orders.models import Order, ReturnCase, ServiceRequest, Shipment
from subscriptions.models import Subscription
from tests.factories.rows import rows_of

GOLDEN = Path(__file__).parent / "webhook_payloads.json"
CATALOGUE = webhook_catalogue()
every_kind = pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
PERSONAL = "山田花子 090-1234-5678"
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
MADE_FROM = {
    "company_id": Company, "channel_id": SalesChannel, "customer_id": Customer, "merged_id": Customer, "order_id": Order,
    "shipment_id": Shipment, "stock_item_id": StockItem, "location_id": Location, "purchase_order_id": PurchaseOrder,
    "transfer_id": StockTransfer, "stocktake_id": Stocktake, "contract_id": Subscription,
    "case_id": ReturnCase, "service_id": ServiceRequest,
}  # fmt: skip
REFS = {"order_ref": Order, "shipment_ref": Shipment, "contract_ref": Subscription, "case_ref": ReturnCase, "service_ref": ServiceRequest}


def told_of(kind: WebhookType) -> ForPartners:
    """What partners would be told of such an event, made from rows that hold personal values wherever they may."""
    cache: dict[type, Any] = {}
    (answer,) = kind.tell([_event(kind.event, cache)])
    assert answer is not None
    return answer


def _event(event: type[Event], cache: dict[type, Any]) -> Event:
    hints = get_type_hints(event)
    return event(**{f.name: _value(f.name, hints[f.name], cache) for f in fields(event) if f.default is MISSING})  # type: ignore[arg-type]


def _value(name: str, hint: Any, cache: dict[type, Any]) -> Any:
    model = MADE_FROM.get(name) or REFS.get(name)
    if model is not None:
        row = cache.get(model) or cache.setdefault(model, rows_of(model, 1)[0])
        return row.public_id if name in REFS else row.pk
    usual = {str: "manual" if name == "kind" else "N-1" if name == "number" else PERSONAL, int: 987_654_321, bool: True, datetime: AT}
    if hint in usual:
        return usual[hint]
    if hint is UUID:
        return UUID(int=7)
    return date(2026, 11, 30) if "date" in str(hint) else ()


def shape(value: Any) -> Any:
    """Names and kinds of everything in a payload."""
    return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else type(value).__name__


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name}")
    else:
        yield path, value


def test_what_was_published_is_published_still():
    """A field may be added to a version; none may go, change its kind, or its event its name. Write new ones into the file."""
    published = json.loads(GOLDEN.read_text(encoding="utf-8"))
    now = {kind.name: {"version": kind.version, "scope": kind.scope, "data": shape(dict(kind.example))} for kind in CATALOGUE.values()}

    assert now == published


@every_kind
@pytest.mark.django_db
def test_a_payload_is_made_like_its_example(kind: WebhookType):
    assert shape(dict(told_of(kind).data)) == shape(dict(kind.example))


@every_kind
@pytest.mark.django_db
def test_a_payload_holds_nothing_personal_and_no_key_of_ours(kind: WebhookType):
    told = told_of(kind)

    names = {name for path, _value in leaves(told.data) for name in path.split("/")}
    assert (
        names & {"name", "kana", "email", "phone", "address", "street", "birth_on", "customer_id", "order_id", "total", "amount"} == set()
    )
    for path, value in leaves(told.data):
        assert PERSONAL not in str(value), path
        if path.endswith("/id"):
            assert str(value).partition("_")[0] in ("ord", "shp", "cus", "sub", "pur", "trf", "stk", "ret", "srv"), path
        assert type(value) in (str, bool) or path == "/channel/changed", path


@every_kind
def test_every_kind_needs_a_scope_that_partners_can_be_given(kind: WebhookType, settings):
    assert kind.scope in settings.OAUTH2_PROVIDER["SCOPES"]
    assert kind.about
    assert all(part.replace("_", "").isalpha() and part.islower() for part in kind.name.split("."))


@every_kind
@pytest.mark.django_db
def test_many_events_are_told_in_as_few_statements_as_one(kind: WebhookType, django_assert_max_num_queries: Any):
    event = _event(kind.event, {})

    with django_assert_max_num_queries(2):
        assert len(kind.tell([event] * 50)) == 50
