"""What staff do to cases, and what each verb asks."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from contact.operations import add_interactions, hand_over, name_callers, reopen_cases, solve_cases
from contact.queries import staff_of
from contact.rules import LIMITS, CauseClass, Desk, Direction, HandOver, NameCaller, NewInteraction, Priority, Solution, SolveCase
from core.admin_site import ReasonForm, Verb, VerbCall, VerbForm
from core.errors import NotFound
from core.queries import companies
from customers.queries import search_customers
from customers.rules import ContactChannel, Visibility

ADD: Final = "contact.add_interaction"
NOBODY: Final = ("", "---------")


def _choices(enum: Any) -> list[tuple[str, Any]]:
    return [(str(member), _(words)) for member, words in enum.labels().items()]


class SayForm(VerbForm):
    """A word with the customer, or among colleagues."""

    direction = forms.ChoiceField(label=_("Direction"), choices=_choices(Direction), initial=Direction.INBOUND.value)
    channel = forms.ChoiceField(label=_("Channel"), choices=_choices(ContactChannel), initial=ContactChannel.CALL.value)
    body = forms.CharField(label=_("What they said"), widget=forms.Textarea, max_length=LIMITS["body"])
    shown = forms.BooleanField(label=_("The customer may read it"), required=False)
    waits = forms.BooleanField(label=_("Now we wait for an answer"), required=False)


class SolveForm(VerbForm):
    """How it was solved."""

    resolution = forms.CharField(label=_("Resolution"), widget=forms.Textarea, max_length=LIMITS["resolution"])
    cause_class = forms.ChoiceField(label=_("Cause"), choices=[NOBODY, *_choices(CauseClass)], required=False)
    cause_detail = forms.CharField(label=_("Cause in detail"), max_length=LIMITS["cause_detail"], required=False)


class HandForm(VerbForm):
    """Who takes it over."""

    owner = forms.ChoiceField(label=_("Looked after by"), required=False)
    desk = forms.ChoiceField(label=_("Desk"), choices=[NOBODY, *_choices(Desk)], required=False)
    priority = forms.ChoiceField(label=_("Priority"), choices=[NOBODY, *_choices(Priority)], required=False)
    note = forms.CharField(label=_("Handover note"), widget=forms.Textarea, max_length=LIMITS["note"], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.choices = [NOBODY, *((str(one.id), one.name) for one in staff_of(None))]


class CallerForm(VerbForm):
    """Whose case it is."""

    customer = forms.CharField(label=_("Customer number"), max_length=40)


def _say(call: VerbCall) -> Any:
    said, direction = call.values, Direction(call.values["direction"])
    shown = said["shown"] and direction is not Direction.INTERNAL
    word = {
        "direction": direction,
        "channel": ContactChannel(said["channel"]),
        "body": said["body"],
        "visibility": Visibility.CUSTOMER if shown else Visibility.STAFF,
        "waits": said["waits"],
    }
    return add_interactions([NewInteraction(case_id=number, **word) for number in call.ids], actor=call.actor, at=call.at)


def _solve(call: VerbCall) -> Any:
    cause = call.values["cause_class"]
    solution = Solution(
        resolution=call.values["resolution"], cause_class=CauseClass(cause) if cause else None, cause_detail=call.values["cause_detail"]
    )
    return solve_cases([SolveCase(case_id=number, solution=solution) for number in call.ids], actor=call.actor, at=call.at)


def _hand(call: VerbCall) -> Any:
    owner, desk, priority = call.values["owner"], call.values["desk"], call.values["priority"]
    to = {
        "owner_id": int(owner) if owner else None,
        "desk": Desk(desk) if desk else None,
        "priority": Priority(priority) if priority else None,
        "note": call.values["note"],
    }
    return hand_over([HandOver(case_id=number, **to) for number in call.ids], actor=call.actor, at=call.at)


def _mine(call: VerbCall) -> Any:
    return hand_over([HandOver(case_id=number, owner_id=int(call.actor.id)) for number in call.ids], actor=call.actor, at=call.at)


def _reopen(call: VerbCall) -> Any:
    return reopen_cases(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _name(call: VerbCall) -> Any:
    found = search_customers([company.id for company in companies()], call.values["customer"], limit=2)
    if len(found) != 1:
        raise NotFound("customers.not_found", "There is no such customer.")
    return name_callers([NameCaller(case_id=number, customer_id=found[0]) for number in call.ids], actor=call.actor, at=call.at)


def _unsolved(row: Any) -> bool:
    return bool(row.state != "solved")


VERBS: Final = (
    Verb(name="say", label=_("Add an interaction"), permission=ADD, run=_say, form=SayForm, icon="chat", variant="primary", on_list=False,
         explanation=_("The customer's word on a solved case opens it again.")),
    Verb(name="solve", label=_("Solved"), permission="contact.solve_case", run=_solve, form=SolveForm, icon="task_alt", variant="success",
         offered=_unsolved),
    Verb(name="hand", label=_("Hand over"), permission="contact.change_case", run=_hand, form=HandForm, icon="forward", offered=_unsolved,
         explanation=_("To a person, or to a desk where somebody will take it.")),
    Verb(name="mine", label=_("I look after it"), permission="contact.change_case", run=_mine, form=None, icon="front_hand", offered=_unsolved),
    Verb(name="reopen", label=_("Reopen"), permission="contact.solve_case", run=_reopen, form=ReasonForm, icon="undo",
         offered=lambda c: not _unsolved(c)),
    Verb(name="caller", label=_("Say who called"), permission="contact.change_case", run=_name, form=CallerForm, icon="person_check",
         offered=lambda c: c.customer_id is None, on_list=False),
)  # fmt: skip
