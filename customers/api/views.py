"""Customers at the machine counter: read through what the partner may see, written by one operation; reading leaves a trace."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, errors
from core.api.shapes import Choice, Text
from core.api.versions import etag, given_version
from core.api.views import ApiView, json_answer
from core.errors import Forbidden, NotFound, PreconditionFailed, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from core.operations import record_personal_read
from customers.api.shapes import CUSTOMER_CHANGE, CUSTOMER_SCHEMA, NEW_CUSTOMER, UNSAID, customer_shown, person_of
from customers.operations import register_customers, update_customers
from customers.queries import PREFIX, CustomerView, customer_behind, customer_page, customer_views, customers_meant
from customers.rules import ChangeCustomer, CustomerStatus, NewCustomer

PERSONAL = ("name", "kana", "birth_on", "contact_points", "addresses")


class CustomersView(ApiView):
    """Customers of the partner's company: list or search them, register one."""

    scopes = {"GET": "customers:read", "POST": "customers:write"}
    takes = {"POST": NEW_CUSTOMER}
    filters = {
        "q": Text(max=200)
        .optional(None)
        .described("Number, part of a name or its reading, phone in any form, or e-mail; best first, one page."),
        "status": Choice(CustomerStatus).optional(None),
    }
    gives = {"GET": CUSTOMER_SCHEMA, "POST": CUSTOMER_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Customers, newest first; with ``q`` those it means, best first."""
        asked, filters = self.page(request)
        partner = self.partner(request)
        if filters["q"] is not None:
            found = customers_meant(
                partner.actor, company_id=partner.company_id or 0, text=filters["q"], limit=asked.limit, status=filters["status"]
            )
        else:
            found = customer_page(partner.actor, after=asked.after, limit=asked.limit + 1, status=filters["status"])
        _note_reading(self, request, found[: asked.limit])
        return self.list(found, asked, key=lambda c: (c.recorded_at, c.customer_id), show=customer_shown)

    def post(self, request: Request) -> HttpResponse:
        """Register a customer, once per Idempotency-Key. Nobody is recognised: place an order for that."""
        said = self.body(request)
        return self.once(request, lambda: self._register(request, said))

    def _register(self, request: Request, said: dict[str, Any]) -> Answer:
        partner = self.partner(request)
        if partner.company_id is None:
            raise Forbidden
        ask = NewCustomer(
            company_id=partner.company_id,
            person=person_of(said),
            address=said["address"],
            kind=said["kind"],
            outside_number=said["outside_number"],
        )
        (result,) = register_customers([ask], actor=partner.actor, at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        (customer,) = customer_views([result.customer_id])
        return json_answer(201, customer_shown(customer), location=f"/api/v1/customers/{public(PREFIX, result.public_id)}")


class CustomerDetailView(ApiView):
    """One customer."""

    scopes = {"GET": "customers:read", "PATCH": "customers:write"}
    takes = {"PATCH": CUSTOMER_CHANGE}
    gives = {"GET": CUSTOMER_SCHEMA, "PATCH": CUSTOMER_SCHEMA}

    def get(self, request: Request, customer_id: str) -> HttpResponse:
        """The customer with contact points and addresses in use; the ETag is what a change must name."""
        return self._shown(request, self._key(request, customer_id))

    def patch(self, request: Request, customer_id: str) -> HttpResponse:
        """Change the fields named, if nobody has since: If-Match carries the ETag that was read."""
        key, version = self._key(request, customer_id), given_version(request._request, required=True)
        changes = {field: value for field, value in self.body(request).items() if value is not UNSAID}
        ask = ChangeCustomer(customer_id=key, changes=changes, version=version)
        (result,) = update_customers([ask], actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        return self._shown(request, key)

    def _key(self, request: Request, customer_id: str) -> int:
        customer = customer_behind(parse(PREFIX, customer_id), actor=self.actor(request))
        if customer is None:
            raise NotFound
        return customer.pk

    def _shown(self, request: Request, key: int) -> HttpResponse:
        (customer,) = customer_views([key])
        _note_reading(self, request, [customer])
        return self.answer(customer_shown(customer), etag=etag(customer.version))


def _note_reading(view: ApiView, request: Request, shown: Sequence[CustomerView]) -> None:
    subjects = [f"customer:{customer.public_id}" for customer in shown]
    record_personal_read(subjects, actor=view.actor(request), screen="api /customers", fields=PERSONAL)


def _refused(refusal: Refusal) -> errors.HouseError:
    if refusal.code == "customers.changed_meanwhile":
        return PreconditionFailed(params=refusal.params)
    if refusal.code == "customers.not_found":
        return NotFound()
    return errors.Refused(refusal.code, refusal.message, params=refusal.params, field=refusal.field)
