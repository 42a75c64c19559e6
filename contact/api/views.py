"""Cases at the machine counter: a chat system, a mail gateway or a call centre's own desk opens them and adds what was said."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from rest_framework.request import Request

from contact.api.shapes import CASE_SCHEMA, NEW_CASE, NEW_INTERACTION, WORDS_SCHEMA, case_shown, word_shown
from contact.operations import add_interactions, open_cases
from contact.queries import PREFIX, CaseRow, case_key, case_rows, case_story, visible_to
from contact.rules import CaseState, Desk, NewInteraction, OpenCase
from core import clock, errors
from core.api.shapes import Choice, PublicId
from core.api.views import ApiView, json_answer
from core.errors import Forbidden, NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from core.operations import record_personal_read
from customers.queries import customer_keys

PERSONAL = ("theme", "interactions", "resolution")


class CasesView(ApiView):
    """Cases of the partner's company: list them, open one."""

    scopes = {"GET": "cases:read", "POST": "cases:write"}
    takes = {"POST": NEW_CASE}
    filters = {
        "state": Choice(CaseState).optional(None),
        "desk": Choice(Desk).optional(None),
        "customer": PublicId("cus").optional(None),
    }
    gives = {"GET": CASE_SCHEMA, "POST": CASE_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Cases, newest first."""
        asked, filters = self.page(request)
        found = visible_to(self.actor(request))
        for name in ("state", "desk"):
            if filters[name] is not None:
                found = found.filter(**{name: filters[name]})
        if filters["customer"] is not None:
            keys = customer_keys([filters["customer"]], company_id=self.partner(request).company_id or 0)
            found = found.filter(customer_id__in=keys.values())
        if asked.after is not None:
            moment, key = asked.after
            found = found.filter(Q(occurred_at__lt=moment) | Q(occurred_at=moment, pk__lt=key), occurred_at__lte=moment)
        shown = case_rows(list(found.order_by("-occurred_at", "-id").values_list("id", flat=True)[: asked.limit + 1]))
        _note_reading(self, request, shown[: asked.limit])
        return self.list(shown, asked, key=lambda case: (case.occurred_at, case.key), show=case_shown)

    def post(self, request: Request) -> HttpResponse:
        """Open a case with its first interaction, once per Idempotency-Key; with a solution it is solved at once."""
        said = self.body(request)
        return self.once(request, lambda: self._open(request, said))

    def _open(self, request: Request, said: dict[str, Any]) -> Answer:
        partner = self.partner(request)
        if partner.company_id is None:
            raise Forbidden
        ref = said.pop("customer")
        keys = customer_keys([ref], company_id=partner.company_id) if ref else {}
        if ref and ref not in keys:
            raise errors.Refused("customers.not_found", "There is no such customer.", field="/customer")
        ask = OpenCase(company_id=partner.company_id, customer_id=keys.get(ref), order_refs=tuple(said.pop("orders")), **said)
        (opened,) = open_cases([ask], actor=partner.actor, at=clock.now())
        if isinstance(opened, Refusal):
            raise _refused(opened)
        (case,) = case_rows([opened.case_id])
        return json_answer(201, case_shown(case), location=f"/api/v1/cases/{public(PREFIX, opened.public_id)}")


class CaseDetailView(ApiView):
    """One case."""

    scopes = {"GET": "cases:read"}
    gives = {"GET": CASE_SCHEMA}

    def get(self, request: Request, case_id: str) -> HttpResponse:
        """The case as it stands."""
        self.query(request)
        (case,) = case_rows([_key(self, request, case_id)])
        _note_reading(self, request, [case])
        return self.answer(case_shown(case))


class InteractionsView(ApiView):
    """What was said in a case."""

    scopes = {"GET": "cases:read", "POST": "cases:write"}
    takes = {"POST": NEW_INTERACTION}
    gives = {"GET": WORDS_SCHEMA, "POST": CASE_SCHEMA}

    def get(self, request: Request, case_id: str) -> HttpResponse:
        """Every word of the case, oldest first."""
        self.query(request)
        key = _key(self, request, case_id)
        _note_reading(self, request, case_rows([key]))
        return self.answer({"data": [word_shown(word) for word in case_story(key)]})

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Add a word, once per Idempotency-Key; the customer's word on a solved case opens it again. Answers with the case."""
        said = self.body(request)
        return self.once(request, lambda: self._add(request, case_id, said))

    def _add(self, request: Request, case_id: str, said: dict[str, Any]) -> Answer:
        key = _key(self, request, case_id)
        (added,) = add_interactions([NewInteraction(case_id=key, **said)], actor=self.actor(request), at=clock.now())
        if isinstance(added, Refusal):
            raise _refused(added)
        return json_answer(201, case_shown(case_rows([key])[0]), location=f"/api/v1/cases/{case_id}/interactions")


def _key(view: ApiView, request: Request, case_id: str) -> int:
    key = case_key(parse(PREFIX, case_id), actor=view.actor(request))
    if key is None:
        raise NotFound
    return key


def _note_reading(view: ApiView, request: Request, shown: Sequence[CaseRow]) -> None:
    subjects = [f"customer:{case.customer}" for case in shown if case.customer]
    record_personal_read(subjects, actor=view.actor(request), screen="api /cases", fields=PERSONAL)


def _refused(refusal: Refusal) -> errors.HouseError:
    return errors.Refused(refusal.code, refusal.message, params=refusal.params, field=refusal.field)
