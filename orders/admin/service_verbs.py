"""What staff do with a repair, a collection or a purchase: a button for each step, with what it has to say."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from core.admin_site import Verb, VerbCall, VerbForm
from core.admin_site.verbs import ReasonForm
from core.errors import Refused
from core.words import gettext_noop
from inventory.queries import item_keys, location_keys
from orders.models import ServiceRequest
from orders.operations import note_service_payouts, step_services
from orders.rules import LONGEST, MOST_AMOUNT, PayoutWay, PostageBearer, ServiceDeed, ServiceKind, ServiceStatus, ServiceStep, step_of

WORK, PAY = "orders.work_service", "orders.pay_service"
_BEARERS: Final = [(one.value, _(words)) for one, words in PostageBearer.labels().items()]
_METHODS: Final = [
    (one.value, _(PaymentMethod.labels()[one]))
    for one in (PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.CASH_AT_STORE)
]


class AcceptForm(VerbForm):
    """Who pays which way."""

    postage_in_by = forms.ChoiceField(label=_("postage to us borne by"), choices=_BEARERS, initial=PostageBearer.CUSTOMER.value)
    postage_out_by = forms.ChoiceField(label=_("postage back borne by"), choices=_BEARERS, initial=PostageBearer.COMPANY.value)


class EstimateForm(VerbForm):
    """What it comes to."""

    amount = forms.IntegerField(
        label=_("amount (tax included)"),
        min_value=0,
        max_value=MOST_AMOUNT,
        help_text=_("What the customer pays; what we pay where we buy."),
    )
    note = forms.CharField(label=_("note for the customer"), max_length=LONGEST["note"], required=False, widget=forms.Textarea)


class AgreeForm(VerbForm):
    """What the customer said on the telephone."""

    payout_way = forms.ChoiceField(
        label=_("price is paid by"), required=False, choices=[("", "-"), *((w.value, _(words)) for w, words in PayoutWay.labels().items())],
        help_text=_("Only where we buy."),
    )  # fmt: skip


class BackForm(VerbForm):
    """What sending back is charged."""

    postage = forms.IntegerField(
        label=_("postage back (tax included)"), min_value=0, max_value=MOST_AMOUNT, initial=0, required=False, help_text=_("0 where we bear it."),
    )  # fmt: skip
    method = forms.ChoiceField(label=_("is paid by"), choices=_METHODS, initial=PaymentMethod.BANK_TRANSFER.value)


class KeepForm(VerbForm):
    """Where the goods lie from now on: in quality check, to be graded with inventory's pages."""

    stock_item = forms.CharField(
        label=_("stock item (code)"), max_length=64, required=False, help_text=_("Empty: it goes on no shelf of ours.")
    )
    location = forms.CharField(label=_("location (code)"), max_length=40, required=False)
    method = forms.ChoiceField(label=_("is paid by"), choices=_METHODS, initial=PaymentMethod.BANK_TRANSFER.value)


class BuyForm(KeepForm):
    """Who sold it, and where it lies."""

    method = None  # type: ignore[assignment]
    identity_note = forms.CharField(
        label=_("identity made sure by"), max_length=LONGEST["identity_note"], required=False,
        help_text=_("Which document was looked at, without its number. The Secondhand Articles Dealer Act asks for it from ¥10,000 on."),
    )  # fmt: skip


class MethodForm(VerbForm):
    """How a fee is paid, where there is one."""

    method = forms.ChoiceField(label=_("is paid by"), choices=_METHODS, initial=PaymentMethod.BANK_TRANSFER.value)


def _step(deed: ServiceDeed) -> Any:
    def run(call: VerbCall) -> Any:
        said = {name: value for name, value in call.values.items() if value not in ("", None) and name not in ("stock_item", "location")}
        if "method" in said:
            said["method"] = PaymentMethod(said["method"])
        for name in ("postage_in_by", "postage_out_by"):
            if name in said:
                said[name] = PostageBearer(said[name])
        if "payout_way" in said:
            said["payout_way"] = PayoutWay(said["payout_way"])
        steps = [ServiceStep(request_id=key, deed=deed, reason=call.reason, **said, **_shelf(key, call)) for key in call.ids]
        return step_services(steps, actor=call.actor, at=call.at)

    return run


def _shelf(key: int, call: VerbCall) -> dict[str, Any]:
    """The stock item and location that were typed, of the request's own company."""
    found: dict[str, Any] = {}
    company_id = ServiceRequest.objects.values_list("company_id", flat=True).get(pk=key)
    for name, find in (("stock_item", item_keys), ("location", location_keys)):
        if code := str(call.values.get(name) or "").strip():
            row = find([code], company_id=company_id).get(code)
            if row is None:
                raise Refused("service.no_such_shelf", gettext_noop("The company has no “%(code)s”."), params={"code": code})
            found[f"{name}_id"] = row
    return found


def _open(deed: ServiceDeed) -> Any:
    return lambda row: step_of(deed, kind=ServiceKind(row.kind), status=ServiceStatus(row.status)) is not None


def _verb(deed: ServiceDeed, label: Any, icon: str, form: Any, explanation: Any, **more: Any) -> Verb:
    return Verb(
        name=deed.value, label=label, permission=more.pop("permission", WORK), icon=icon, form=form, run=_step(deed), offered=_open(deed),
        explanation=explanation, on_list=form is None, **more,
    )  # fmt: skip


D = ServiceDeed
VERBS: Final[tuple[Verb, ...]] = (
    _verb(D.ACCEPT, _("Accept"), "check", AcceptForm, _("The goods are awaited, and the customer is told where to send them."), variant="primary"),
    _verb(D.RECEIVE, _("Goods are here"), "inventory", None, _("They stay the customer’s: no stock changes."), variant="primary"),
    _verb(D.ESTIMATE, _("Tell the estimate"), "calculate", EstimateForm, _("The customer is written to, and agrees on My Page or tells you."), variant="primary"),
    _verb(D.AGREE, _("The customer agrees"), "thumb_up", AgreeForm, _("As told on the telephone or in the store."), variant="primary"),
    _verb(D.DISAGREE, _("The customer does not agree"), "thumb_down", None, _("Give the goods back, or estimate anew.")),
    _verb(D.REPAIR, _("Repaired, sent back"), "build", BackForm, _("What was agreed to is invoiced, with the postage back."), variant="primary"),
    _verb(D.BUY, _("Buy"), "paid", BuyForm, _("The price is paid as the customer chose; points are there at once."), variant="primary", permission=PAY),
    _verb(D.KEEP, _("Keep"), "warehouse", KeepForm, _("The goods are ours. A fee that was agreed to is invoiced."), variant="primary"),
    _verb(D.DISPOSE, _("Dispose of"), "delete", MethodForm, _("A fee that was agreed to is invoiced.")),
    _verb(D.GIVE_BACK, _("Give back as it is"), "undo", BackForm, _("Only the postage is invoiced, where the customer bears it.")),
    _verb(D.DECLINE, _("Decline"), "block", ReasonForm, _("The customer is written to, with your reason."), variant="danger"),
    _verb(D.WITHDRAW, _("Withdraw"), "undo", ReasonForm, _("The customer does not want it any more.")),
    Verb(
        name="pay_out", label=_("Price was paid out"), permission=PAY, icon="currency_yen", form=None, variant="primary",
        run=lambda call: note_service_payouts(call.ids, actor=call.actor, at=call.at),
        offered=lambda row: row.payout_total > 0 and row.paid_out_at is None, explanation=_("The amount has left our account or till."),
    ),
)  # fmt: skip
