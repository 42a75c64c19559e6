"""Several hands ask for, decide and end the same repairs and purchases at once: each is invoiced, paid and taken in once."""

import io
from functools import partial
from typing import Any

import pytest
from PIL import Image

from billing.models import Invoice
from core.errors import Refusal
from customers.models import PointLot
from inventory.models import Movement
from orders.models import CasePhoto, ServiceRequest
from orders.operations import add_photos, request_services, step_services
from orders.rules import MOST_PHOTOS, PayoutWay, PhotoOf, PhotoTaken, ServiceDeed, ServiceDone, ServiceKind, ServiceStep
from tests.factories.inventory import a_stock_item
from tests.factories.orders import STAFF, a_known_customer, a_shop
from tests.factories.returns import NOW, broken_promises
from tests.factories.services import a_service, an_estimated_service, asked_service, stepped
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
D = ServiceDeed


def test_a_key_asked_by_many_hands_is_one_request() -> None:
    ask = asked_service(a_known_customer(a_shop(locations=1)))
    before = deadlocks()

    answers = contend([lambda: request_services([ask], actor=STAFF, at=NOW)[0] for _ in range(8)], threads=8)

    assert all(isinstance(answer, ServiceDone) for answer in answers), answers
    assert sum(1 for answer in answers if isinstance(answer, ServiceDone) and not answer.repeated) == 1
    assert (ServiceRequest.objects.count(), deadlocks() - before) == (1, 0)


def test_repairs_and_purchases_are_ended_once_by_many_hands() -> None:
    shop = a_shop(locations=1)
    customer = a_known_customer(shop)
    item = a_stock_item(shop.company, "used")
    repair, sale = an_estimated_service(customer, 8_800), an_estimated_service(customer, 900, kind=ServiceKind.RESALE)
    stepped(repair, D.AGREE)
    stepped(sale, ServiceStep(request_id=sale.pk, deed=D.AGREE, payout_way=PayoutWay.POINTS))
    ends = (
        ServiceStep(request_id=repair.pk, deed=D.REPAIR),
        ServiceStep(request_id=sale.pk, deed=D.BUY, stock_item_id=item.pk, location_id=shop.locations[0].pk),
    )
    before = deadlocks()

    jobs = [partial(step_services, pair, actor=STAFF, at=NOW) for _ in range(4) for pair in (ends, ends[::-1])]
    answers = contend(jobs, threads=8)

    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    assert (Invoice.objects.count(), PointLot.objects.count(), Movement.objects.filter(stock_item=item).count()) == (1, 1, 1)
    assert (deadlocks() - before, broken_promises()) == (0, [])


def test_of_agreeing_and_estimating_anew_one_comes_first_and_nobody_agrees_to_what_she_did_not_see() -> None:
    service = an_estimated_service(a_known_customer(a_shop(locations=1)), 5_000)

    def agree() -> Any:
        return step_services([ServiceStep(request_id=service.pk, deed=D.AGREE, amount=5_000)], actor=STAFF, at=NOW)[0]

    def dearer() -> Any:
        return step_services([ServiceStep(request_id=service.pk, deed=D.ESTIMATE, amount=6_000)], actor=STAFF, at=NOW)[0]

    answers = contend([agree, dearer], threads=2)

    service.refresh_from_db()
    assert sum(1 for answer in answers if isinstance(answer, Refusal)) == 1
    assert (str(service.status), service.amount) in {("agreed", 5_000), ("estimated", 6_000)}


def test_many_hands_add_no_more_photos_than_so_many() -> None:
    of = PhotoOf(service_id=a_service(a_known_customer(a_shop(locations=1))).pk)

    def add(shade: int) -> Any:
        made = io.BytesIO()
        Image.new("RGB", (8, 8), (shade, shade, shade)).save(made, "PNG")
        return add_photos(of, [made.getvalue()], actor=STAFF, at=NOW)[0]

    answers = contend([partial(add, shade * 20) for shade in range(9)], threads=9)

    assert sum(1 for answer in answers if isinstance(answer, PhotoTaken)) == MOST_PHOTOS == CasePhoto.objects.count()
