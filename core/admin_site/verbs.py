"""Verbs: what staff do to rows. A button and a bulk action, one form with a reason, one operation, refusals in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.enums import ActionVariant

from core import clock
from core.actor import Actor
from core.admin_site.people import actor_of
from core.errors import HouseError, Refusal

Words = str | Promise
MOST_ROWS = 500
MOST_REFUSALS_SHOWN = 20

_DRESSED: tuple[tuple[type[forms.Field], type[forms.Widget]], ...] = (
    (forms.BooleanField, widgets.UnfoldBooleanSwitchWidget),
    (forms.ModelChoiceField, widgets.UnfoldAdminSelectWidget),
    (forms.ChoiceField, widgets.UnfoldAdminSelectWidget),
    (forms.DateField, widgets.UnfoldAdminSingleDateWidget),
    (forms.IntegerField, widgets.UnfoldAdminIntegerFieldWidget),
    (forms.EmailField, widgets.UnfoldAdminEmailInputWidget),
    (forms.CharField, widgets.UnfoldAdminTextInputWidget),
)


class VerbForm(forms.Form):
    """A form of a verb, dressed like the rest of the back office. Its cleaned values reach the operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for shown in self.fields.values():
            if isinstance(shown.widget, forms.HiddenInput):
                continue
            if isinstance(shown.widget, forms.Textarea):
                shown.widget = widgets.UnfoldAdminTextareaWidget(attrs={"rows": 3})
                continue
            dress = next((dress for kind, dress in _DRESSED if isinstance(shown, kind)), None)
            if dress:
                choices = getattr(shown, "choices", None)
                shown.widget = dress(attrs={**shown.widget.attrs})
                if choices is not None:
                    shown.widget.choices = choices  # type: ignore[attr-defined]


class ReasonForm(VerbForm):
    """Why it is done; kept with the change."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Kept in the history of the record."))


@dataclass(frozen=True, slots=True)
class VerbCall:
    """One use of a verb: which rows, by whom, when, and what the form said (without the reason)."""

    ids: list[Any]
    actor: Actor
    at: datetime
    reason: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Verb:
    """Something staff may do to rows of a list or to the row on the page.

    ``run`` calls exactly one operation and answers with its results, one per id in the same order. A result that is a
    ``Refusal``, or carries one as ``refusal`` or several as ``reasons``, is reported in words beside its row; one whose
    ``repeated`` is true counts as already done. An operation that only answers with how many rows it changed may be used
    too: the others are then said to have been left as they were.

    >>> Verb(name="cancel", label=_("Cancel"), permission="orders.cancel_order", icon="cancel", variant="danger",
    ...      run=lambda call: cancel_orders(call.ids, reason=call.reason, actor=call.actor, at=call.at))
    """

    name: str
    label: Words
    permission: str
    run: Callable[[VerbCall], Sequence[object] | int]
    form: type[VerbForm] | None = ReasonForm
    initial: Callable[[HttpRequest, Any], dict[str, Any]] | None = None
    """First values of the form on a detail page."""
    offered: Callable[[Any], bool] | None = None
    """Whether the button shows on a row's page; the operation still decides."""
    explanation: Words = ""
    """What will happen, in a sentence above the form."""
    icon: str = "bolt"
    variant: str = "default"
    """default, primary, success, info, warning or danger."""
    on_list: bool = True
    on_page: bool = True
    most_rows: int = MOST_ROWS
    tone: ActionVariant = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tone", ActionVariant(self.variant))
        if "." not in self.permission:
            raise ValueError(f"The verb {self.name} names its permission with its app: “orders.cancel_order”, not “{self.permission}”.")

    def asked_form(self, request: HttpRequest, *, row: Any | None) -> VerbForm | None:
        """The form, filled from the request where it was sent."""
        if self.form is None:
            return None
        if "verb_confirmed" in request.POST:
            return self.form(request.POST)
        return self.form(initial=self.initial(request, row) if self.initial and row is not None else None)

    def carry_out(self, rows: Sequence[models.Model], *, request: HttpRequest, form: VerbForm | None) -> bool:
        """Run the operation once for all rows and say what came of each; whether nothing was refused."""
        values = dict(form.cleaned_data) if form else {}
        call = VerbCall([row.pk for row in rows], actor_of(request), clock.now(), str(values.pop("reason", "")), values)
        try:
            answer = self.run(call)
        except HouseError as error:
            reasons = error.errors or (error.refusal,)
            messages.error(request, format_html("{}: {}", self.label, " ".join(reason.text(gettext) for reason in reasons)))
            return False
        if isinstance(answer, int):
            self._say(request, done=answer, repeated=len(rows) - answer, refused=[])
            return answer == len(rows)
        results = list(answer)
        refused = [(row, found) for row, result in zip(rows, results, strict=True) if (found := refusals_in(result))]
        repeated = sum(1 for result in results if getattr(result, "repeated", False))
        self._say(request, done=len(rows) - len(refused) - repeated, repeated=repeated, refused=refused)
        return not refused

    def _say(self, request: HttpRequest, *, done: int, repeated: int, refused: list[tuple[models.Model, tuple[Refusal, ...]]]) -> None:
        verb = str(self.label)
        if done:
            messages.success(
                request,
                ngettext("%(verb)s: %(count)d record done.", "%(verb)s: %(count)d records done.", done) % {"verb": verb, "count": done},
            )
        if repeated:
            messages.info(
                request,
                ngettext("%(verb)s: %(count)d record was left as it is.", "%(verb)s: %(count)d records were left as they are.", repeated)
                % {"verb": verb, "count": repeated},
            )
        for row, found in refused[:MOST_REFUSALS_SHOWN]:
            messages.error(request, format_html("{}: {}", row, " ".join(refusal.text(gettext) for refusal in found)))
        if (rest := len(refused) - MOST_REFUSALS_SHOWN) > 0:
            messages.error(
                request,
                ngettext("…and %(count)d more record was refused.", "…and %(count)d more records were refused.", rest) % {"count": rest},
            )


def refusals_in(result: object) -> tuple[Refusal, ...]:
    """The reasons a result of an operation carries for not having been done; none where it was done."""
    if isinstance(result, Refusal):
        return (result,)
    if isinstance(single := getattr(result, "refusal", None), Refusal):
        return (single,)
    several = getattr(result, "reasons", ())
    return tuple(reason for reason in several if isinstance(reason, Refusal)) if isinstance(several, Sequence) else ()
