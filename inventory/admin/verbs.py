"""What staff do to shelves: receive, correct, move, block and recount, each with a reason and once per form."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_site import ReasonForm, Verb, VerbCall, VerbForm
from core.errors import Refusal
from core.ids import new_id
from inventory import operations
from inventory.admin.sight import of_seen_places
from inventory.models import Location
from inventory.queries import ShelfKey, shelf_keys
from inventory.rules import UNSELLABLE, Adjustment, Inspection, MovementKind, Receipt, Revaluation, StockState, Transfer, Turn

MOST = 1_000_000
FREE = StockState.AVAILABLE


def state_choices(*states: StockState) -> list[tuple[str, Any]]:
    """States to choose from, in words."""
    return [(state.value, _(StockState.labels()[state])) for state in states or StockState]


class LotField(forms.CharField):
    """A lot by its number, typed or scanned; of goods that are tracked by lot."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("lot number"), "max_length": 64, "required": False, **kwargs})


class OnceForm(ReasonForm):
    """A form that moves goods once, however often its button is pressed."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: new_id().hex)


class ReceiveForm(OnceForm):
    """What came in."""

    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    unsellable = forms.IntegerField(label=_("of which cannot be sold"), min_value=0, max_value=MOST, initial=0)
    state = forms.ChoiceField(label=_("because of"), choices=state_choices(*UNSELLABLE), required=False)
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[
            (kind.value, _(MovementKind.labels()[kind])) for kind in (MovementKind.RECEIPT, MovementKind.RETURN, MovementKind.OPENING)
        ],
    )
    lot_number = LotField()
    expires_on = forms.DateField(label=_("expires on"), required=False)
    field_order: tuple[str, ...] = ("kind", "quantity", "lot_number", "expires_on", "unsellable", "state", "reason")


class AdjustForm(OnceForm):
    """By how much the figure was wrong."""

    quantity = forms.IntegerField(label=_("difference"), min_value=-MOST, max_value=MOST, help_text=_("More pieces: 3. Fewer: -3."))
    state = forms.ChoiceField(label=_("pieces in this state"), choices=state_choices(), required=False)
    lot_number = LotField(help_text=_("Left empty, pieces leave the lots that expire first."))
    field_order: tuple[str, ...] = ("quantity", "state", "lot_number", "reason")


class TransferForm(OnceForm):
    """How many go where."""

    to = forms.ModelChoiceField(Location.objects.filter(ended_at=None).order_by("company", "priority", "pk"), label=_("to location"))
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    lot_number = LotField(help_text=_("Left empty, pieces leave the lots that expire first."))
    field_order: tuple[str, ...] = ("to", "quantity", "lot_number", "reason")


class TurnForm(OnceForm):
    """How many go from which state to which."""

    from_state = forms.ChoiceField(label=_("from state"), choices=state_choices(), initial=StockState.AVAILABLE.value)
    to_state = forms.ChoiceField(label=_("to state"), choices=state_choices(), initial=StockState.QUALITY_CHECK.value)
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    lot_number = LotField(help_text=_("Left empty, pieces leave the lots that expire first."))
    field_order: tuple[str, ...] = ("from_state", "to_state", "quantity", "lot_number", "reason")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("from_state") == said.get("to_state"):
            self.add_error("to_state", _("The pieces are in that state already."))
        return said


class InspectForm(OnceForm):
    """What became of the pieces that were looked at."""

    from_state = forms.ChoiceField(label=_("from state"), choices=state_choices(*UNSELLABLE))
    restock = forms.IntegerField(label=_("sold as before"), min_value=0, max_value=MOST, initial=0)
    b_grade = forms.IntegerField(label=_("sold as B-grade"), min_value=0, max_value=MOST, initial=0)
    repair = forms.IntegerField(label=_("to be repaired"), min_value=0, max_value=MOST, initial=0)
    scrap = forms.IntegerField(label=_("scrapped"), min_value=0, max_value=MOST, initial=0)
    lot_number = LotField()
    field_order: tuple[str, ...] = ("from_state", "restock", "b_grade", "repair", "scrap", "lot_number", "reason")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not any(said[name] for name in ("restock", "b_grade", "repair", "scrap")):
            self.add_error("restock", _("Say of at least one piece what became of it."))
        return said


class RevalueForm(OnceForm):
    """By how much it is worth more or less."""

    difference = forms.IntegerField(
        label=_("difference in value"), help_text=_("In the smallest unit of the currency. Worth more: 500. Less: -500.")
    )
    field_order: tuple[str, ...] = ("difference", "reason")


def _each(call: VerbCall, ask: Callable[[ShelfKey, str], Any], do: Callable[..., Sequence[Any]]) -> Sequence[Any]:
    """One operation for the shelves chosen; they all belong to one company as a rule, else to the first one's."""
    keys = shelf_keys(call.ids)
    chosen = [keys[stock_id] for stock_id in call.ids]
    asks = [ask(key, f"admin:{call.values['once']}:{key.stock_id}") for key in chosen]
    return do(asks, company_id=chosen[0].company_id, reason=call.reason, actor=call.actor, at=call.at)


def _receive(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Receipt(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=said["quantity"],
            sellable_quantity=said["quantity"] - said["unsellable"], state=StockState(said["state"] or UNSELLABLE[0]), kind=MovementKind(said["kind"]),
            lot_number=said["lot_number"], expires_on=said["expires_on"], once_key=once, cause=f"admin:{said['kind']}",
        ),
        operations.receive_stock,
    )  # fmt: skip


def _adjust(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Adjustment(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=said["quantity"],
            sellable_quantity=None if (said["state"] or FREE) == FREE else 0, state=StockState(said["state"] or FREE),
            lot_number=said["lot_number"], once_key=once, cause="admin:adjustment",
        ),
        operations.adjust_stock,
    )  # fmt: skip


def _transfer(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Transfer(
            stock_item_id=key.stock_item_id, from_location_id=key.location_id, to_location_id=said["to"].pk, quantity=said["quantity"],
            lot_number=said["lot_number"], once_key=once, cause="admin:transfer",
        ),
        operations.transfer_stock,
    )  # fmt: skip


def _turn(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Turn(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=said["quantity"], from_state=StockState(said["from_state"]),
            to_state=StockState(said["to_state"]), lot_number=said["lot_number"], once_key=once, cause="admin:state",
        ),
        operations.turn_stock,
    )  # fmt: skip


def _revalue(call: VerbCall) -> Sequence[Any]:
    return _each(
        call,
        lambda key, once: Revaluation(
            stock_item_id=key.stock_item_id, location_id=key.location_id, difference=call.values["difference"], once_key=once,
            cause="admin:revaluation",
        ),
        operations.revalue_stock,
    )  # fmt: skip


def _inspect(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Inspection(
            stock_item_id=key.stock_item_id, location_id=key.location_id, restock=said["restock"], b_grade=said["b_grade"],
            repair=said["repair"], scrap=said["scrap"], from_state=StockState(said["from_state"]), lot_number=said["lot_number"],
            once_key=once, cause="admin:inspection",
        ),
        operations.inspect_stock,
    )  # fmt: skip


def _recount(call: VerbCall) -> int:
    found = operations.recount_stock(call.ids, reason=call.reason, actor=call.actor, at=call.at)
    return sum(not isinstance(result, Refusal) for result in found)


class MarkForm(VerbForm):
    """Where in the building it lies."""

    mark = forms.CharField(
        label=_("shelf mark"), max_length=40, required=False, help_text=_("“A-03-2”; its beginning is a zone. Empty takes the mark off.")
    )


def _mark(call: VerbCall) -> int:
    return operations.mark_shelves(dict.fromkeys(call.ids, call.values["mark"]), actor=call.actor, at=call.at)


SHELF_VERBS = (
    Verb(
        name="receive", label=_("Receive"), permission="inventory.receive_stock", run=_receive, form=ReceiveForm, icon="input",
        variant="primary", on_list=False, explanation=_("The goods are on hand from now on and may be sold."),
    ),
    Verb(
        name="adjust", label=_("Correct"), permission="inventory.adjust_stock", run=_adjust, form=AdjustForm, icon="exposure",
        on_list=False, explanation=_("Writes the difference to the ledger. What is promised to orders cannot be taken away."),
    ),
    Verb(
        name="transfer", label=_("Move"), permission="inventory.adjust_stock", run=_transfer, form=TransferForm, icon="swap_horiz",
        on_list=False, explanation=_("Takes free pieces to another location, out and in at once."),
    ),
    Verb(
        name="turn", label=_("Change state"), permission="inventory.adjust_stock", run=_turn, form=TurnForm, icon="block", on_list=False,
        explanation=_("Pieces that are damaged, being checked or in quarantine stay on hand but are not sold."),
    ),
    Verb(
        name="inspect", label=_("Inspect"), permission="inventory.adjust_stock", run=_inspect, form=InspectForm, icon="search_check",
        on_list=False, offered=lambda row: row.on_hand > row.sellable,
        explanation=_("Says what becomes of pieces that could not be sold: sold again, sold as B-grade, repaired or scrapped."),
    ),
    Verb(
        name="revalue", label=_("Revalue"), permission="inventory.revalue_stock", run=_revalue, form=RevalueForm, icon="savings",
        on_list=False, explanation=_("Writes to the ledger that what lies here is worth more or less. No piece moves."),
    ),
    Verb(
        name="mark", label=_("Shelf mark"), permission="inventory.count_stocktake", run=_mark, form=MarkForm, icon="shelves",
        explanation=_("Where in the building it lies. Count sheets are in this order, and a zone can be counted by itself."),
    ),
    Verb(
        name="recount", label=_("Recount"), permission="inventory.adjust_stock", run=_recount, icon="calculate",
        explanation=_("Compares the counters with their movements, allocations and reservations, and sets them right where they differ."),
    ),
)  # fmt: skip


class ReceiveAtForm(ReceiveForm):
    """What came in, and where."""

    location = forms.ModelChoiceField(Location.objects.filter(ended_at=None).order_by("company", "priority", "pk"), label=_("location"))
    field_order: tuple[str, ...] = ("location", *ReceiveForm.field_order)


def _receive_at(call: VerbCall) -> Sequence[Any]:
    said = call.values
    receipts = [
        Receipt(
            stock_item_id=item_id,
            location_id=said["location"].pk,
            quantity=said["quantity"],
            sellable_quantity=said["quantity"] - said["unsellable"],
            state=StockState(said["state"] or UNSELLABLE[0]),
            kind=MovementKind(said["kind"]),
            lot_number=said["lot_number"],
            expires_on=said["expires_on"],
            once_key=f"admin:{said['once']}:{item_id}",
            cause=f"admin:{said['kind']}",
        )
        for item_id in call.ids
    ]
    return operations.receive_stock(receipts, company_id=said["location"].company_id, reason=call.reason, actor=call.actor, at=call.at)


class VerbAtPlace(Verb):
    """A verb that asks for a location, of those this member of staff sees."""

    def asked_form(self, request: HttpRequest, *, row: Any | None) -> VerbForm | None:
        form = super().asked_form(request, row=row)
        field: Any = form.fields["location"] if form else None
        if field is not None:
            field.queryset = of_seen_places(field.queryset, request, path="pk")
        return form


ITEM_VERBS = (
    VerbAtPlace(
        name="receive",
        label=_("Receive"),
        permission="inventory.receive_stock",
        run=_receive_at,
        form=ReceiveAtForm,
        icon="input",
        variant="primary",
        on_list=False,
        explanation=_("The goods are on hand from now on and may be sold."),
    ),
)
