"""The fields of a gift on a page of the back office: what is offered, what was typed, what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.clock import business_date
from orders.queries import gift_masters
from orders.rules import GIFT_FIELDS, GiftMasters, Knot, NoshiPlacement, gift_warnings, wish_of_text


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftBox:
    """A field: its name, what stands in it, what it was where that counts, and what is wrong."""

    name: str
    value: str
    was: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.was is not None and self.value != self.was


def offered_gifts(company_id: int, *, timezone: str, at: datetime) -> tuple[GiftMasters, dict[str, Any]]:
    """What the company offers today, and the same for a template. One statement."""
    masters = gift_masters(company_id, on=business_date(at, timezone))
    shown = {
        "noshi": list(masters.noshi.values()), "wrappings": list(masters.wrappings.values()), "cards": list(masters.cards.values()),
        "knots": [(str(knot), _(words)) for knot, words in Knot.labels().items()],
        "placements": [(str(one), _(words)) for one, words in NoshiPlacement.labels().items()],
    }  # fmt: skip
    return masters, shown


def warnings_of(said: Mapping[str, str], masters: GiftMasters) -> list[str]:
    """What should be thought over of a gift as typed."""
    wish, _message = wish_of_text(said)
    return [one.text(_) for one in gift_warnings(wish, masters=masters)] if wish is not None else []


def tidy(text: str) -> str:
    """Lines as we keep them, whatever a browser ends them with."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def desk_boxes(typed: Any, faults: Mapping[str, Sequence[str]]) -> dict[str, GiftBox]:
    """The fields of the order desk, named ``gift_…``."""
    return {
        name: GiftBox(name=f"gift_{name}", value=getattr(typed, f"gift_{name}"), faults=tuple(faults.get(f"gift_{name}", ())))
        for name in GIFT_FIELDS
    }
