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
from inventory.rules import Adjustment, MovementKind, Receipt, Revaluation, Transfer, Turn

MOST = 1_000_000


class OnceForm(ReasonForm):
    """A form that moves goods once, however often its button is pressed."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: new_id().hex)


class ReceiveForm(OnceForm):
    """What came in."""

    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    unsellable = forms.IntegerField(label=_("of which cannot be sold"), min_value=0, max_value=MOST, initial=0)
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[
            (kind.value, _(MovementKind.labels()[kind])) for kind in (MovementKind.RECEIPT, MovementKind.RETURN, MovementKind.OPENING)
        ],
    )
    lot_number = forms.CharField(label=_("lot number"), max_length=64, required=False)
    expires_on = forms.DateField(label=_("expires on"), required=False)
    field_order: tuple[str, ...] = ("kind", "quantity", "unsellable", "lot_number", "expires_on", "reason")


class AdjustForm(OnceForm):
    """By how much the figure was wrong."""

    quantity = forms.IntegerField(label=_("difference"), min_value=-MOST, max_value=MOST, help_text=_("More pieces: 3. Fewer: -3."))
    only_unsellable = forms.BooleanField(label=_("only pieces that cannot be sold"), required=False)
    field_order: tuple[str, ...] = ("quantity", "only_unsellable", "reason")


class TransferForm(OnceForm):
    """How many go where."""

    to = forms.ModelChoiceField(Location.objects.filter(ended_at=None).order_by("company", "priority", "pk"), label=_("to location"))
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    field_order: tuple[str, ...] = ("to", "quantity", "reason")


class TurnForm(OnceForm):
    """How many, and which way."""

    way = forms.ChoiceField(label=_("what happens"), choices=[("-", _("may no longer be sold")), ("+", _("may be sold again"))])
    quantity = forms.IntegerField(label=_("quantity"), min_value=1, max_value=MOST)
    field_order: tuple[str, ...] = ("way", "quantity", "reason")


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
            sellable_quantity=said["quantity"] - said["unsellable"], kind=MovementKind(said["kind"]), lot_number=said["lot_number"],
            expires_on=said["expires_on"], once_key=once, cause=f"admin:{said['kind']}",
        ),
        operations.receive_stock,
    )  # fmt: skip


def _adjust(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Adjustment(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=said["quantity"],
            sellable_quantity=0 if said["only_unsellable"] else None, once_key=once, cause="admin:adjustment",
        ),
        operations.adjust_stock,
    )  # fmt: skip


def _transfer(call: VerbCall) -> Sequence[Any]:
    said = call.values
    return _each(
        call,
        lambda key, once: Transfer(
            stock_item_id=key.stock_item_id, from_location_id=key.location_id, to_location_id=said["to"].pk, quantity=said["quantity"],
            once_key=once, cause="admin:transfer",
        ),
        operations.transfer_stock,
    )  # fmt: skip


def _turn(call: VerbCall) -> Sequence[Any]:
    said = call.values
    sign = 1 if said["way"] == "+" else -1
    return _each(
        call,
        lambda key, once: Turn(
            stock_item_id=key.stock_item_id, location_id=key.location_id, quantity=sign * said["quantity"], once_key=once,
            cause="admin:inspection",
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
        name="turn", label=_("Block or free"), permission="inventory.adjust_stock", run=_turn, form=TurnForm, icon="block", on_list=False,
        explanation=_("Pieces that are damaged or being checked stay on hand but are not sold."),
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
