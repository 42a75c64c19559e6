"""Repairs, collections and purchases."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from customers.models import Customer
from orders.models import ServiceRequest
from orders.operations import request_services, step_services
from orders.rules import ServiceAsk, ServiceDeed, ServiceDone, ServiceKind, ServiceStep
from tests.factories.orders import STAFF
from tests.factories.returns import NOW


def asked_service(customer: Customer, **given: Any) -> ServiceAsk:
    """A repair of a watch that was bought elsewhere."""
    usual = {
        "company_id": customer.company_id, "customer_id": customer.pk, "kind": ServiceKind.REPAIR, "goods": "腕時計", "maker": "精工", "model": "A-1",
        "serial": "S-123", "bought_from": "駅前の店", "once_key": f"{uuid4()}",
    }  # fmt: skip
    return ServiceAsk(**{**usual, **given})


def a_service(customer: Customer, *, at: datetime = NOW, **given: Any) -> ServiceRequest:
    """A request as it was asked for."""
    (result,) = request_services([asked_service(customer, **given)], actor=STAFF, at=at)
    assert isinstance(result, ServiceDone), result
    return ServiceRequest.objects.get(pk=result.request_id)


def stepped(service: ServiceRequest, *deeds: ServiceDeed | ServiceStep, at: datetime = NOW, actor: Any = STAFF) -> ServiceRequest:
    """The request after these steps, each of which must succeed."""
    for deed in deeds:
        step = deed if isinstance(deed, ServiceStep) else ServiceStep(request_id=service.pk, deed=deed)
        (result,) = step_services([step], actor=actor, at=at)
        assert isinstance(result, ServiceDone), result
    service.refresh_from_db()
    return service


def an_estimated_service(customer: Customer, amount: int, *, at: datetime = NOW, **given: Any) -> ServiceRequest:
    """A request whose goods are here, and whose estimate is with the customer."""
    service = a_service(customer, at=at, **given)
    estimate = ServiceStep(request_id=service.pk, deed=ServiceDeed.ESTIMATE, amount=amount, note="部品交換")
    return stepped(service, ServiceDeed.ACCEPT, ServiceDeed.RECEIVE, estimate, at=at)
