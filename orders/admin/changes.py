"""Changing a placed order on one page and by keyboard: what it costs and where the stock is from shows before anybody confirms.

Nothing that was typed is kept on the server before it is confirmed: the page sends all of it with what it started from, so that whoever
comes second is shown both values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from billing.rules import Outcome, PaymentMethod
from core import clock
from core.admin_site import actor_of
from core.errors import Refusal
from core.queries import channel_context_by_id
from core.text import plain
from orders.admin.entry_places import band_choices
from orders.admin.entry_shown import Article, articles_found
from orders.admin.gift_fields import GiftBox, offered_gifts, tidy, warnings_of
from orders.models import Order
from orders.operations import (
    Calculated,
    Changed,
    ChangeOpened,
    Confirming,
    Conflicted,
    StockStep,
    calculate,
    confirm_change,
    discard_changes,
    open_change,
    place_of_piece,
    stock_steps,
    take_payments,
)
from orders.queries import ChangeView, open_change_of, standing_order
from orders.rules import (
    BANDS,
    DESK_METHODS,
    PLACE_FIELDS,
    ChangeItem,
    ChangeKind,
    Differing,
    GiftMasters,
    Refused,
    StandingLine,
    StandingOrder,
    StandingPlace,
    standing_faults,
)

MOST_ADDED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A field of the page: its name, what stands in it, what it was when the page was made, and what is wrong."""

    name: str
    value: str
    was: str
    faults: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.value != self.was


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBoxes:
    """A line with its boxes."""

    line: StandingLine
    quantity: Box
    price: Box
    reason: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedBoxes:
    """An article to be added."""

    place: int
    sku: str
    name: str
    quantity: str
    price: str
    reason: str
    faults: tuple[str, ...] = ()


@dataclass
class Screen:
    """One request: the order as it stands, what was typed, what it comes to, what is wrong."""

    request: HttpRequest
    order: StandingOrder
    at: datetime
    change: ChangeView | None
    items: list[ChangeItem] = field(default_factory=list)
    names: list[dict[str, str]] = field(default_factory=list)
    """For every item the boxes that its parts were typed into."""
    faults: dict[str, list[str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    found: Sequence[Article] | None = None
    result: Calculated | None = None
    steps: Sequence[StockStep] = ()
    drop: str = ""
    more: str = ""

    @property
    def said(self) -> QueryDict:
        return self.request.POST

    @property
    def is_mine(self) -> bool:
        actor = actor_of(self.request)
        return self.change is not None and (self.change.opener_kind, self.change.opener_id) == (actor.kind, actor.id)

    def blame(self, reasons: Sequence[Refusal]) -> None:
        """Put refusals beside their boxes; what belongs to none is told above."""
        for reason in reasons:
            parts = reason.field.strip("/").split("/")
            text = reason.text(_)
            name = ""
            if parts[0] == "items" and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(self.names):
                name = self.names[int(parts[1])].get(parts[2] if len(parts) > 2 else "after", "")
            told = self.faults.setdefault(name, []) if name else self.notices
            if text not in told:
                told.append(text)


def change_page(request: HttpRequest, row: Order, *, counter: Any) -> HttpResponse:
    """The page on which an order is changed. Confirming is one call of one operation; sent twice it is done once."""
    account: Any = request.user
    if not account.has_perm("orders.change_placed_order"):
        raise PermissionDenied
    order = standing_order(row.pk)
    assert order is not None
    screen = Screen(request=request, order=order, at=clock.now(), change=open_change_of(row.pk))
    if request.method != "POST":
        return _shown(screen, counter=counter)
    live = request.htmx.target == "change-side"  # type: ignore[attr-defined]
    deed, _sep, what = request.POST.get("do", "").partition(":")
    if deed in ("open", "take"):
        return _open(screen, counter=counter)
    if deed == "discard":
        return _discard(screen)
    if deed == "drop":
        screen.drop = what
    if deed == "add":
        screen.more = what[:64]
    _read(screen)
    if deed == "article":
        _search(screen)
    if deed in ("confirm", "confirm-take"):
        answer = _confirm(screen, take_over=deed == "confirm-take", counter=counter)
        if answer is not None:
            return answer
    _preview(screen)
    return _shown(screen, counter=counter, live=live)


def _to(screen: Screen, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if screen.request.htmx else HttpResponseRedirect(url)  # type: ignore[attr-defined]


def _back(screen: Screen) -> HttpResponse:
    return _to(screen, reverse("admin:orders_order_change", args=[screen.order.order_id]))


def _open(screen: Screen, *, counter: Any) -> HttpResponse:
    answer = open_change(screen.order.order_id, actor=actor_of(screen.request), at=screen.at, take_over=screen.said.get("do") == "take")
    if isinstance(answer, ChangeOpened):
        return _to(screen, screen.request.path)
    if isinstance(answer, Refused):
        screen.blame(answer.reasons)
    screen.change = open_change_of(screen.order.order_id)
    return _shown(screen, counter=counter, status=422)


def _discard(screen: Screen) -> HttpResponse:
    if screen.change is not None:
        (refusal,) = discard_changes([screen.change.key], actor=actor_of(screen.request), at=screen.at)
        if refusal:
            messages.error(screen.request, refusal.text(_))
        else:
            messages.info(screen.request, _("The changes were discarded; the order stays as it is."))
    return _back(screen)


# What was typed


def _read(screen: Screen) -> None:
    """The items that the boxes say. What a box was travels with it."""
    said = screen.said
    for key in said:
        kind, _sep, rest = key.partition("-")
        was = said.get(f"was-{key}")
        if was is None or len(key) > 80:
            continue
        value = said.get(key, "").strip()
        if kind == "quantity":
            _item(screen, ChangeKind.QUANTITY, {"after": key}, target=rest, before=was, after=plain(value))
        elif kind == "price":
            reason = said.get(f"reason-{rest}", "")
            _item(screen, ChangeKind.PRICE, {"after": key, "reason": f"reason-{rest}"}, target=rest, before=was, after=_amount(value), reason=reason)  # fmt: skip
        elif kind == "to":
            position, _sep, name = rest.partition("-")
            _item(screen, ChangeKind.DESTINATION, {"after": key}, target=position, field=name, before=was, after=value)
        elif kind == "gift":
            position, _sep, name = rest.partition("-")
            _item(screen, ChangeKind.GIFT, {"after": key}, target=position, field=name, before=tidy(was), after=tidy(said.get(key, "")))
        elif key == "method":
            _item(screen, ChangeKind.PAYMENT, {"after": key}, before=was, after=value)
    _read_added(screen)


def _item(screen: Screen, kind: ChangeKind, names: dict[str, str], **told: Any) -> None:
    item = ChangeItem(kind=kind, **told)
    if item.before != item.after:
        screen.items.append(item)
        screen.names.append(names)


def _amount(typed: str) -> str:
    return plain(typed).replace(",", "").strip()


def _read_added(screen: Screen) -> None:
    said = screen.said
    columns = [said.getlist(f"added-{name}")[:MOST_ADDED] for name in ("sku", "quantity", "price", "reason")]
    rows = [row for n, row in enumerate(zip(*columns, strict=False)) if str(n) != screen.drop]
    if screen.more:
        same = next((n for n, row in enumerate(rows) if row[0] == screen.more), None)
        if same is None:
            rows.append((screen.more, "1", "", ""))
        elif rows[same][1].isascii() and rows[same][1].isdigit():
            rows[same] = (screen.more, str(int(rows[same][1]) + 1), *rows[same][2:])
    for n, (sku, quantity, price, reason) in enumerate(rows):
        name = f"added-{n}"
        screen.items.append(
            ChangeItem(
                kind=ChangeKind.ADDED, target=sku, after=plain(quantity).strip(), price=_amount(price), reason=reason,
                waits_until=date.max if said.get("may_wait") else None,
            )
        )  # fmt: skip
        screen.names.append({"target": name, "after": name, "price": name, "reason": name})


def _search(screen: Screen) -> None:
    word = screen.said.get("article_q", "").strip()[:200]
    channel = channel_context_by_id(screen.order.channel_id)
    screen.found = articles_found(word, channel=channel, rank_code="", at=screen.at) if word else []


# What it comes to


def _preview(screen: Screen) -> None:
    """What the order would be and cost; what stands in the way is put beside its box."""
    if not screen.items:
        return
    answer = calculate(screen.order, screen.items, at=screen.at)
    if isinstance(answer, Refused):
        if answer.code != "order.change_nothing":
            screen.blame(answer.reasons)
        return
    screen.result = answer
    screen.steps, short = stock_steps(answer, at=screen.at)
    keys = [item.key for item in screen.items]
    for reason in short:
        place = place_of_piece(reason.field, answer).split("/")
        if len(place) > 2:
            screen.blame([reason.at(f"/items/{keys.index(answer.items[int(place[2])].key)}/after")])


def _confirm(screen: Screen, *, take_over: bool, counter: Any) -> HttpResponse | None:
    """The order's next revision, a page with both values, or None where something is wrong."""
    actor = actor_of(screen.request)
    expected = screen.said.get("expected_total", "")
    if not (expected.isascii() and expected.isdigit()) or len(expected) > 18:
        screen.notices.append(_("Please check the new total, then confirm."))
        return None
    if not screen.is_mine:
        opened = open_change(screen.order.order_id, actor=actor, at=screen.at, take_over=take_over)
        if isinstance(opened, Refused):
            screen.blame(opened.reasons)
            return None
        screen.change = open_change_of(screen.order.order_id)
    assert screen.change is not None
    asked = Confirming(
        change_id=screen.change.key, items=tuple(screen.items), expected_total=int(expected), reason=screen.said.get("reason", "")[:200],
        tells_buyer=bool(screen.said.get("tells")),
    )  # fmt: skip
    answer = confirm_change(asked, actor=actor, at=screen.at)
    if isinstance(answer, Conflicted):
        return _conflict(screen, answer.fields, counter=counter)
    if isinstance(answer, Refused):
        screen.blame(answer.reasons)
        screen.notices.append(_("Not changed yet: please see the marked fields."))
        return None
    return _done(screen, answer)


def _done(screen: Screen, answer: Changed) -> HttpResponse:
    request = screen.request
    if answer.asks_card:
        (taken,) = take_payments([answer.order_id], actor=actor_of(request), at=screen.at)
        if taken.outcome == Outcome.OK:
            messages.success(request, _("The card was authorised. It is charged when the parcel leaves."))
        else:
            messages.warning(request, _(taken.message))
    messages.success(
        request, _("Order %(number)s was changed: revision %(revision)s.") % {"number": screen.order.number, "revision": answer.revision}
    )
    return _back(screen)


def _conflict(screen: Screen, fields: Sequence[Differing], *, counter: Any) -> HttpResponse:
    """Both values of what somebody else changed; whatever is chosen goes back to the page with what stands now."""
    names = {item.key: name["after"] for item, name in zip(screen.items, screen.names, strict=True)}
    order = standing_order(screen.order.order_id)
    assert order is not None
    rows = [{"name": names[d.item.key], "label": _label(order, d.item), "was": d.was, "theirs": d.theirs, "mine": d.mine} for d in fields]
    taken = {str(row["name"]) for row in rows}
    hidden = [(key, value) for key in screen.said for value in screen.said.getlist(key)
              if key not in taken and key.removeprefix("was-") not in taken and key not in ("do", "csrfmiddlewaretoken", "expected_total")]  # fmt: skip
    words = {"order": order, "rows": rows, "hidden": hidden, "url": screen.request.path, "title": _("Somebody else changed the same")}
    if screen.request.htmx:  # type: ignore[attr-defined]
        return render(screen.request, "orders/admin/_change_conflict.html", words)
    shared = {**counter.admin_site.each_context(screen.request), "opts": counter.opts}
    return render(screen.request, "orders/admin/change_conflict.html", {**shared, **words}, status=409)


LABELS = {
    "name": "recipient", "kana": "recipient (kana)", "organisation_name": "organisation", "postal_code": "postal code",
    "prefecture": "prefecture", "city": "city", "street": "street and number", "building": "building", "phone": "phone",
    "wished_on": "wished delivery date", "time_band": "time band",
}  # fmt: skip


def _label(order: StandingOrder, item: ChangeItem) -> str:
    """What the item is about, in words."""
    if item.kind is ChangeKind.GIFT:
        return _("Gift")
    if item.kind is ChangeKind.DESTINATION:
        return _(LABELS[item.field]) if item.field in LABELS else item.field
    line = order.line(item.target)
    kind = _(ChangeKind.labels()[item.kind])
    return f"{line.name}: {kind}" if line is not None else kind


# Showing


def _box(screen: Screen, name: str, now: str) -> Box:
    """What was typed; a box of which nothing was sent, or that was left as it was, shows what stands."""
    was, typed = screen.said.get(f"was-{name}", now), screen.said.get(name, now)
    if typed == was:
        was = typed = now
    return Box(name=name, value=typed, was=was, faults=tuple(screen.faults.get(name, ())))


def _lines(screen: Screen) -> list[LineBoxes]:
    return [
        LineBoxes(
            line=line,
            quantity=_box(screen, f"quantity-{line.ref}", str(line.live)),
            price=_box(screen, f"price-{line.ref}", str(line.unit_price)),
            reason=Box(
                name=f"reason-{line.ref}",
                value=screen.said.get(f"reason-{line.ref}", ""),
                was="",
                faults=tuple(screen.faults.get(f"reason-{line.ref}", ())),
            ),
        )
        for line in screen.order.lines
        if line.stands
    ]


def _places(screen: Screen) -> list[tuple[StandingPlace, dict[str, Box]]]:
    return [
        (place, {name: _box(screen, f"to-{place.position}-{name}", place.value(name)) for name in PLACE_FIELDS})
        for place in screen.order.destinations
    ]


def _gifts(screen: Screen, masters: GiftMasters) -> list[tuple[StandingPlace, dict[str, GiftBox], list[str]]]:
    """The gift of every destination: its boxes, and what should be thought over of it."""
    found = []
    for place in screen.order.destinations:
        boxes = {name: _box(screen, f"gift-{place.position}-{name}", now) for name, now in place.given.items()}
        shown = {name: GiftBox(name=box.name, value=tidy(box.value), was=tidy(box.was), faults=box.faults) for name, box in boxes.items()}
        found.append((place, shown, warnings_of({name: box.value for name, box in shown.items()}, masters)))
    return found


def _added(screen: Screen) -> list[AddedBoxes]:
    offers: Mapping[str, Any] = screen.result.offers if screen.result else {}
    items = [item for item in screen.items if item.kind is ChangeKind.ADDED]
    return [
        AddedBoxes(
            place=n, sku=item.target, name=f"{offers[item.target].name} {offers[item.target].option}".strip() if item.target in offers else "",
            quantity=item.after, price=item.price, reason=item.reason, faults=tuple(screen.faults.get(f"added-{n}", ())),
        )
        for n, item in enumerate(items)
    ]  # fmt: skip


def _methods(order: StandingOrder) -> list[tuple[str, str]]:
    methods = [order.payment_method, *(m for m in DESK_METHODS if m != order.payment_method)]
    return [(str(m), _(PaymentMethod.labels()[m])) for m in methods]


def _shown(screen: Screen, *, counter: Any, live: bool = False, status: int = 200) -> HttpResponse:
    request, order = screen.request, screen.order
    if standing := standing_faults(order):
        screen.notices += [text for reason in standing if (text := reason.text(_)) not in screen.notices]
    masters, offered = offered_gifts(order.company_id, timezone=order.timezone, at=screen.at)
    words = {
        "gifts": _gifts(screen, masters) if not masters.is_empty else [], "offered": offered, "currency": order.currency,
        "order": order, "change": screen.change, "mine": screen.is_mine, "lines": _lines(screen), "places": _places(screen),
        "added": _added(screen), "methods": _methods(order), "method": _box(screen, "method", str(order.payment_method)), "bands": band_choices(tuple(BANDS), ""),
        "found": screen.found, "result": screen.result, "money": screen.result.money if screen.result else None, "steps": screen.steps,
        "notices": screen.notices, "faults": screen.faults, "said": screen.said, "barred": bool(standing), "url": request.path,
        "tells": bool(screen.said.get("tells")) if screen.said else True, "reason": screen.said.get("reason", ""),
        "wrong": sum(len(texts) for texts in screen.faults.values()), "title": _("Change order %(number)s") % {"number": order.number},
    }  # fmt: skip
    if live:
        return render(request, "orders/admin/_change_side.html", words)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "orders/admin/_change.html", words)
    shared = {**counter.admin_site.each_context(request), "opts": counter.opts}
    refused = request.POST.get("do", "").startswith("confirm") and bool(screen.faults or screen.notices)
    return render(request, "orders/admin/change.html", {**shared, **words}, status=422 if refused else status)
