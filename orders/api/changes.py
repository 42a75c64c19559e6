"""Changes of placed orders at the machine counter: a set is opened with what it says, shows what it comes to, and is confirmed or discarded."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, errors
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from core.operations import record_personal_read
from core.words import gettext_noop as _
from orders.api.change_shapes import CHANGE, CHANGES, CONFIRMATION, NEW_CHANGE, NOTHING, item_of, item_shown
from orders.operations import (
    Calculated,
    Confirming,
    Conflicted,
    calculate,
    confirm_change,
    discard_changes,
    open_change,
    stock_steps,
)
from orders.queries import ChangeView, Sight, change_by_ref, change_view, changes_of, standing_order, visible, visible_key
from orders.rules import ChangeItem, ChangeKind, ChangeState, Refused, current


class OrderNotChanged(errors.Refused):
    """The order stays as it was; every reason names its field."""

    code = "order.not_changed"
    message = _("The order was not changed.")


class ChangesView(ApiView):
    """Sets of changes of an order."""

    scopes = {"GET": "orders:read", "POST": "orders:write"}
    takes = {"POST": NEW_CHANGE}
    gives = {"GET": CHANGES, "POST": CHANGE}
    lists = True

    def get(self, request: Request, order_id: str) -> HttpResponse:
        """What was changed about the order, the newest first, and the set that is open, if any."""
        self.query(request)
        key = _order(self, request, order_id)
        found = changes_of(key)
        _note_reading(self, request, found)
        return self.answer({"data": [_shown(one) for one in found]})

    def post(self, request: Request, order_id: str) -> HttpResponse:
        """Open a set of changes; it changes nothing yet and shows what it would come to. Once per Idempotency-Key.

        One set is open per order: while somebody else's is, 409 "order.change_open", unless ``take_over``.
        """
        said = self.body(request)
        self._note_asked(request, order_id, said)
        return self.once(request, lambda: self._open(request, order_id, said))

    def _note_asked(self, request: Request, order_id: str, said: dict[str, Any]) -> None:
        """The answer tells what an address is now, as a conflict does: noted before, and so even where nothing is opened."""
        if any(one["kind"] is ChangeKind.DESTINATION for one in said["items"]):
            key = _order(self, request, order_id)
            (number,) = visible(Sight.of_company(self.partner(request).company_id)).filter(pk=key).values_list("number", flat=True)
            _note_addresses(self, request, number)

    def _open(self, request: Request, order_id: str, said: dict[str, Any]) -> Answer:
        key = _order(self, request, order_id)
        items = tuple(item_of(one) for one in said["items"])
        answer = open_change(
            key, items=items, actor=self.actor(request), at=clock.now(), reason=said["reason"], take_over=said["take_over"]
        )
        if isinstance(answer, Conflicted):
            raise _conflict(answer, items)
        if isinstance(answer, Refused):
            raise _problem(answer)
        change = change_view(answer.change_id)
        assert change is not None
        place = f"/api/v1/orders/{public('ord', change.order_ref)}/changes/{public('chg', change.id)}"
        return json_answer(201, _shown(change), location=place)


class ChangeDetailView(ApiView):
    """One set of changes."""

    scopes = {"GET": "orders:read"}
    gives = {"GET": CHANGE}

    def get(self, request: Request, order_id: str, change_id: str) -> HttpResponse:
        """The set, with what it would come to now while it is open: money before and after, stock more and less, what stands in the way."""
        self.query(request)
        change = _change(self, request, order_id, change_id)
        _note_reading(self, request, [change])
        return self.answer(_shown(change))


class ConfirmationView(ApiView):
    """Doing what a set says."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": CONFIRMATION}
    gives = {"POST": CHANGE}
    answers = {"POST": 200}

    def post(self, request: Request, order_id: str, change_id: str) -> HttpResponse:
        """The order is as the set says. With ``expected_total`` only at that total. Confirming again answers the same.

        409 "order.change_conflict" where somebody else changed the same values meanwhile: each error says what it was, what it is and
        what was to be; the order stays.
        """
        said = self.body(request)
        _note_reading(self, request, [_change(self, request, order_id, change_id)])
        return self.once(request, lambda: self._confirm(request, order_id, change_id, said))

    def _confirm(self, request: Request, order_id: str, change_id: str, said: dict[str, Any]) -> Answer:
        change = _change(self, request, order_id, change_id)
        asked = Confirming(change_id=change.key, expected_total=said["expected_total"], tells_buyer=said["tells_buyer"])
        answer = confirm_change(asked, actor=self.actor(request), at=clock.now())
        if isinstance(answer, Conflicted):
            raise _conflict(answer, change.items)
        if isinstance(answer, Refused):
            raise _problem(answer)
        return json_answer(200, _shown(_change(self, request, order_id, change_id)))


class DiscardView(ApiView):
    """Giving a set up."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": NOTHING}
    gives = {"POST": CHANGE}
    answers = {"POST": 200}

    def post(self, request: Request, order_id: str, change_id: str) -> HttpResponse:
        """The set is discarded and the order stays as it is. Saying it again changes nothing; a confirmed one is refused, and another's."""
        self.body(request)
        _note_reading(self, request, [_change(self, request, order_id, change_id)])
        return self.once(request, lambda: self._discard(request, order_id, change_id))

    def _discard(self, request: Request, order_id: str, change_id: str) -> Answer:
        change = _change(self, request, order_id, change_id)
        (refusal,) = discard_changes([change.key], actor=self.actor(request), at=clock.now())
        if refusal is not None:
            raise _problem(Refused.because(refusal))
        return json_answer(200, _shown(_change(self, request, order_id, change_id)))


def _order(view: ApiView, request: Request, order_id: str) -> int:
    key = visible_key(parse("ord", order_id), sight=Sight.of_company(view.partner(request).company_id))
    if key is None:
        raise NotFound
    return key


def _change(view: ApiView, request: Request, order_id: str, change_id: str) -> ChangeView:
    change = change_by_ref(parse("chg", change_id), order_id=_order(view, request, order_id))
    if change is None:
        raise NotFound
    return change


def _note_reading(view: ApiView, request: Request, changes: Sequence[ChangeView]) -> None:
    """Addresses before and after are somebody's: that they were read is written down."""
    if any(item.kind is ChangeKind.DESTINATION for change in changes for item in change.items):
        _note_addresses(view, request, changes[0].order_number)


def _note_addresses(view: ApiView, request: Request, number: str) -> None:
    record_personal_read([f"order:{number}"], actor=view.actor(request), screen="api /orders/changes", fields=("destinations",))


def _problem(answer: Refused) -> errors.HouseError:
    first = answer.reasons[0]
    if first.code in ("order.change_open", "order.change_discarded", "order.change_of_another"):
        return errors.Conflict(first.code, first.message, params=first.params)
    if first.code == "order.not_found":
        return NotFound()
    return OrderNotChanged(first.code, first.message, params=first.params, field=first.field, errors=answer.reasons)


def _conflict(answer: Conflicted, items: Sequence[ChangeItem]) -> errors.Conflict:
    keys = [item.key for item in items]
    words = _("It was “%(was)s”, is “%(theirs)s” by now, and was to be “%(mine)s”.")
    reasons = [
        Refusal(
            "order.value_moved", words, {"was": one.was, "theirs": one.theirs, "mine": one.mine}, f"/items/{keys.index(one.item.key)}/after"
        )
        for one in answer.fields
    ]
    message = _("Somebody else changed the same meanwhile. Open a new set with the values that are to count.")
    return errors.Conflict("order.change_conflict", message, errors=reasons)


def _shown(change: ChangeView) -> dict[str, Any]:
    """The set; while it is open with what it would come to now."""
    order = standing_order(change.order_key) if change.state is ChangeState.OPEN else None
    answer = calculate(order, change.items, at=clock.now()) if order is not None and change.items else None
    money: dict[str, Any] | None = None
    stock: list[dict[str, Any]] = []
    wrong: tuple[Refusal, ...] = answer.reasons if isinstance(answer, Refused) else ()
    if isinstance(answer, Calculated):
        steps, short = stock_steps(answer, at=clock.now())
        wrong = tuple(short)
        stock = [{"sku": s.sku, "more": s.more, "free": s.free, "is_short": s.short} for s in steps]
        sums = answer.money
        money = {
            n: {"before": getattr(sums, n).before, "after": getattr(sums, n).after} for n in ("goods", "discounts", "fees", "tax", "total")
        }
        money |= {"paid": sums.paid, "to_pay": sums.to_pay, "paid_too_much": sums.too_much}
    elif change.total_after is not None:
        names = {"goods": "goods", "discounts": "discount", "fees": "fee", "tax": "tax", "total": "total"}
        money = {n: {"before": getattr(change, f"{c}_before"), "after": getattr(change, f"{c}_after")} for n, c in names.items()}
        money |= {"paid": None, "to_pay": None, "paid_too_much": None}
    return {
        "id": public("chg", change.id), "order": public("ord", change.order_ref), "state": change.state, "revision": change.revision,
        "reason": change.reason, "opened_at": change.opened_at, "opened_by": change.opened_by, "closed_at": change.closed_at,
        "closed_by": change.closed_by, "currency": change.currency,
        "items": [item_shown(i, now=current(order, i) if order is not None else None) for i in change.items],
        "money": money, "stock": stock, "stands_in_the_way": [{"code": r.code, "detail": r.text()} for r in wrong],
    }  # fmt: skip
