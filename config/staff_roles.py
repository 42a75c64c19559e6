"""Staff roles and what each may do: the permission matrix of the back office, on one page.

A cell says v(iew), a(dd), c(hange) for the rows of a model, x for a verb; a dot is nothing. The administrator may do
everything of ours. Nobody deletes. A name that no model declares stops ``seed_roles`` with its line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from core.actor import SYSTEM, Actor
from core.db import operation

ADMINISTRATOR: Final = "administrator"

# code → the group's name on screen
ROLES: Final = {
    ADMINISTRATOR: "管理者",
    "order_desk": "受注担当",
    "support": "カスタマーサポート",
    "concierge": "コンシェルジュ",
    "store_staff": "店舗スタッフ",
    "warehouse": "倉庫担当",
    "accounting": "経理担当",
    "marketing": "マーケティング担当",
    "viewer": "閲覧のみ",
}
COLUMNS: Final = ("order_desk", "support", "concierge", "store_staff", "warehouse", "accounting", "marketing", "viewer")

MATRIX: Final = """
#                              desk supp conc stor ware acct mark view
core.company                     v    v    v    v    v    v    v    v
core.legaltext                   v    v    v    v    .    v    v    v
core.brand                       v    v    v    v    v    v    v    v
core.site                        v    v    v    v    v    v    v    v
core.saleschannel                v    v    v    v    v    v    v    v
core.numberseries                .    .    .    .    .    v    .    v
core.savedview                   .    .    .    .    .    .    .    .
core.savedview.share_savedview   x    x    x    .    x    x    x    .
core.businesscalendar            v    v    v    v   vac   v    v    v
core.calendarday                 v    v    v    v   vac   v    v    v
core.postalcode                  v    v    v    v    v    v    v    v
core.taxclass                    v    v    v    v    v    v    v    v
core.taxrate                     v    v    v    v    v    v    v    v
core.outgoingmail                vc   vc   v    v    .    v    v    .
core.auditentry                  v    v    .    .    .    v    .    v
core.auditpersonal               .    .    .    .    .    .    .    .
core.personaldataread            .    .    .    .    .    .    .    .
core.outboxevent                 .    .    .    .    .    .    .    .
core.outboxdelivery              .    .    .    .    .    .    .    .
core.relay                       .    .    .    .    .    .    .    .
core.historyrun                  .    .    .    .    .    .    .    .
core.idempotencyresult           .    .    .    .    .    .    .    .
core.webhookendpoint             v    .    .    .    .    .    .    v
core.webhookmessage             vc    .    .    .    .    .    .    v
core.webhookhealth               .    .    .    .    .    .    .    .

customers.customer              vac  vac  vac  vac   v    v    v    v
customers.customer.view_personal  x    x    x    x    .    x    .    .
customers.customer.export_personal .   x    .    .    .    .    .    .
customers.customer.merge_customer x    x    .    .    .    .    .    .
customers.customer.limit_credit  .    .    .    .    .    x    .    .
customers.customer.erase_customer .    .    .    .    .    .    .    .
customers.contactpoint          vac  vac  vac  vac   .    v    .    .
customers.address               vac  vac  vac  vac   v    v    .    .
customers.household              v   vac  vac   v    .    .    .    v
customers.householdmember        v   vac  vac   v    .    .    .    v
customers.consent                va   va   va   va   .    .    v    v
customers.contactpreference     vac  vac  vac  vac   .    .    v    v
customers.attribute              v    v    v    v    .    .   vac   v
customers.attributevalue        vac  vac  vac  vac   .    .   vac   v
customers.tag                    v   vac  vac   v    .    .   vac   v
customers.customertag            va   va   va   va   .    .   va    v
customers.customerrank           v    v    v    v    .    v   vac   v
customers.rankassignment         v    v    v    v    .    v    va   v
customers.pointprogramme         v    v    v    v    .    v   vac   v
customers.pointrate              v    v    v    v    .    v   vac   v
customers.pointlot               v    v    v    v    .    v    v    v
customers.pointentry             v    va   v    v    .    v    v    v
customers.note                  vac  vac  vac  vac   v    v    .    v
customers.duplicatecandidate    vc   vc    v    v    .    .    .    v
customers.merge                  v    v    v    v    .    .    .    v
customers.account                .    v    v    .    .    .    .    .
customers.identity               v    v    v    v    .    .    .    .
customers.account.reset_factors  .    .    .    .    .    .    .    .
customers.accountact             .    v    v    .    .    .    .    .
customers.linkcode               .    .    .    .    .    .    .    .
customers.linktries              .    .    .    .    .    .    .    .
customers.customeraccount        v   vac   va   v    .    .    .    .
customers.partnerapplication     .    .    .    .    .    .    .    .

catalog.categorytree             v    v    v    v    v    v   vac   v
catalog.category                 v    v    v    v    v    v   vac   v
catalog.product                  v    v    v    v    v    v   vac   v
catalog.producttext              v    v    v    v    v    v   vac   v
catalog.productimage             v    v    v    v    v    v   vac   v
catalog.productcategory          v    v    v    v    v    v   vac   v
catalog.variant                  v    v    v    v    v    v   vac   v
catalog.listing                  v    v    v    v    v    v   vac   v
catalog.pricelist                v    v    v    v    .   vac  vac   v
catalog.price                    v    v    v    v    .   vac  vac   v

inventory.stockitem              v    v    v    v   vac   v    v    v
inventory.component              v    v    v    v   vac   v   vac   v
inventory.location               v    v    v    v   vac   v    v    v
inventory.lot                    v    v    v    v   vac   v    .    v
inventory.stocklot               v    v    v    v    v    v    v    v
inventory.pick                   v    v    v    v    v    v    v    v
inventory.shelflife              v    v    v    v   vac   v   vac   v
inventory.stockpool              v    v    v    v   vac   v    v    v
inventory.poolsource             v    v    v    v   vac   v    v    v
inventory.poolchannel            v    v    v    v   vac   v    v    v
inventory.stockquota             v    v    v    v    v    v    v    v
inventory.stockexclusion         v    v    v    v   vac   v    v    v
inventory.routingrule            v    v    v    v   vac   v    v    v
inventory.channelfigure          v    v    v    v    v    v    v    v
inventory.stock                  v    v    v    v    v    v    v    v
inventory.stock.adjust_stock     .    .    .    x    x    .    .    .
inventory.stock.receive_stock    .    .    .    x    x    .    .    .
inventory.stock.view_value       .    .    .    .    .    x    .    .
inventory.stock.revalue_stock    .    .    .    .    .    x    .    .
inventory.stockday               .    .    .    .    .    v    .    .
inventory.stock.view_every_location x x    x    .    x    x    x    x
inventory.forecast               v    v    .    v    v    v    v    v
inventory.replenishmentpolicy    .    .    .    .    vac  v    .    v
inventory.movement               v    v    v    v    v    v    .    v
inventory.allocation             v    v    v    v    v    v    .    v
inventory.reservation            v    v    v    v    v    .    .    v
inventory.backorder              v    v    v    v    v    v    v    v
inventory.supplier               .    .    .    v   vac   vac  .    v
inventory.supplieritem           .    .    .    .   vac   vac  .    v
inventory.purchaseorder          .    .    .    v    v    v    .    v
inventory.purchaseorder.send_purchaseorder . . . .   x    x    .    .
inventory.purchaseorder.approve_purchaseorder . . . . .   x    .    .
inventory.purchaseorderline      .    .    .    v    v    v    .    v
inventory.goodsreceipt           .    .    .    v    v    v    .    v
inventory.goodsreceiptline       .    .    .    v    v    v    .    v
inventory.stocktransfer          .    .    .    v    v    v    .    v
inventory.stocktransfer.send_stocktransfer . . . x   x    .    .    .
inventory.stocktransfer.receive_stocktransfer . . . x x   .    .    .
inventory.stocktransfer.settle_stocktransfer . . . . x    x    .    .
inventory.stocktransferline      .    .    .    v    v    v    .    v
inventory.transferarrival        .    .    .    v    v    v    .    v
inventory.locationstaff          .    .    .    v    v    .    .    v
inventory.shelfmark              .    .    .    v   vac   v    .    v
inventory.stocktake              .    .    .    v    v    v    .    v
inventory.stocktake.count_stocktake .  .   .    x    x    .    .    .
inventory.stocktake.approve_stocktake . .  .    .    x    x    .    .
inventory.stocktakeline          .    .    .    v    v    v    .    v
inventory.stocktakecount         .    .    .    v    v    v    .    v
inventory.exchangefile           .    .    .    v    v    v    .    v
inventory.exchangefile.exchange_files . .  .    .    x    .    .    .
inventory.columnmap              .    .    .    .    va   v    .    v
inventory.mappedcolumn           .    .    .    .    v    v    .    v
inventory.exchangefolder         .    .    .    .   vac   v    .    v
inventory.exchangerow            .    .    .    v    v    v    .    v
inventory.kit                    v    v    v    v   vac   v   vac   v
inventory.kitpart                v    v    v    v    v    v    v    v
inventory.backorderterms         v    v    v    v   vac   v   vac   v

billing.ledgeraccount            .    .    .    .    .    v    .    v
billing.partybalance             v    v    .    v    .    v    .    v
billing.entry                    .    .    .    .    .    v    .    v
billing.posting                  .    .    .    .    .    v    .    v
billing.invoice                  v    v    v    v    .    v    .    v
billing.invoice.issue_creditnote .    .    .    .    .    x    .    .
billing.invoiceline              v    v    v    v    .    v    .    v
billing.invoicetax               v    v    v    v    .    v    .    v
billing.receivable               v    v    v    v    .    v    .    v
billing.creditnote               v    v    v    v    .    v    .    v
billing.creditnoteline           v    v    v    v    .    v    .    v
billing.creditnotetax            v    v    v    v    .    v    .    v
billing.paymentintent            v    v    v    v    .    v    .    v
billing.paymentmeans             v    v    v    v    .    v    .    v
billing.paymentmeans.end_paymentmeans x x  .    .    .    .    .    .
billing.gatewaycall              v    v    .    .    .    v    .    v
billing.gatewaycall.settle_gatewaycall . .  .    .    .    x    .    .
billing.gatewayevent             .    .    .    .    .    v    .    v
billing.payment                  v    v    v    v    .    v    .    v
billing.payment.record_payment   .    .    .    x    .    x    .    .
billing.payment.refund_payment   .    .    .    .    .    x    .    .
billing.payment.reverse_payment  .    .    .    .    .    x    .    .
billing.application              v    v    .    v    .    v    .    v
billing.refund                   v    v    .    v    .    v    .    v

orders.order                     v    v    v    v    v    v    v    v
orders.estimate                  v    v    v    v    .    v    .    v
orders.order.place_order         x    x    x    x    .    .    .    .
orders.order.cancel_order        x    x    .    x    .    .    .    .
orders.order.change_placed_order x   x    .    x    .    .    .    .
orders.orderchange               v    v    v    v    v    v    .    v
orders.changeitem                v    v    v    v    .    v    .    .
orders.order.export_order        x    .    .    .    .    x    x    .
orders.order.release_hold        x    .    .    .    .    x    .    .
orders.destination               v    v    v    v    v    v    .    v
orders.line                      v    v    v    v    v    v    v    v
orders.linediscount              v    v    v    v    .    v    v    v
orders.orderwords                .    .    .    .    .    .    .    .
orders.fee                       v    v    v    v    .    v    v    v
orders.feerule                   v    v    v    v    .   vac  vac   v
orders.freedelivery              v    v    v    v    .   vac  vac   v
orders.deliveryservice           v    v    v    v   vac   v    v    v
orders.deliveryservicearea       v    v    v    v   vac   v    v    v
orders.deliveryzone              v    v    v    v   vac  vac   v    v
orders.deliveryarea              v    v    v    v   vac  vac   v    v
orders.deliveryleadtime          v    v    v    v   vac   v    v    v
orders.deliveryclosure          vac   v    v    v   vac   v    v    v
orders.ordertax                  v    v    v    v    .    v    v    v
orders.hold                      v    v    v    v    v    v    .    v
orders.holdrule                  v    v    v    v    v    v    .    v
orders.orderform                vac  vac   v    v    .    v   vac   v
orders.receivedpaper             v    v    v    .    .    v    .    v
orders.paperscan                 .    .    .    .    .    .    .    .
orders.talkscript               vac  vac   v    v    .    v   vac   v
orders.scriptsaid                v    v    v    v    .    v    v    v
orders.paymentapproval           v    v    .    .    .    v    .    v
orders.paymentapproval.decide_paymentapproval x . .  .    .    x    .    .
orders.workflowprofile          vac   v    v    v    v    v   vac   v
orders.orderworkflow             .    .    .    .    .    .    .    .
orders.ordernote                va   va   va   va   va    v    .    v
orders.finalconfirmation         v    v    .    .    .    v    .    v
orders.shipment                  v    v    v    v    v    v    v    v
orders.shipment.ship_shipment    x    .    .    x    x    .    .    .
orders.deliveryalert             v    v    v    v    v    v    .    v
orders.deliveryalert.settle_alert x   x    .    x    x    .    .    .
orders.noshikind                vac   v    v    v    v    v   vac   v
orders.wrapping                 vac   v    v    v    v    v   vac   v
orders.messagecard              vac   v    v    v    v    v   vac   v
orders.noshipairing             vac   v    v    v    v    v   vac   v
orders.giftexclusion            vac   v    v    v    v    v   vac   v
orders.pickupterms               v    v    v   vac   v    v   vac   v
orders.pickup                    v    v    v    v    v    v    .    v
orders.pickup.hand_over_pickup   .    .    .    x    .    .    .    .
orders.gift                      v    v    v    v    v    v    .    v
orders.deliverymail              vac   v    .    v    .    v    v    v
orders.deliveryterm              v    v    v    v   vac   v    .    v
orders.trackingcode              v    v    v    v   vac   v    .    v
orders.shipmentline              v    v    v    v    v    v    .    v
orders.shipmentinstruction       v    v    .    v    v    v    .    v
orders.outsideshop              vac   v    .    v    v    v    v    v
orders.outsidearticle           vac   v    .    .    .    .    .    v
orders.outsidecode              vac   v    .    .    .    .    .    v
orders.intakefetch               v    v    .    .    .    .    .    v
orders.intakemap                va    v    .    .    .    .    .    v
orders.intakedocument            v    v    .    .    .    v    .    v
orders.intakedocument.view_intake_content x . . .    .    .    .    .
orders.intakeorder               v    v    .    .    .    v    .    v
orders.intakeorder.work_intake   x    .    .    .    .    .    .    .
orders.intakerow                 v    v    .    .    .    v    .    v
orders.outsidenotice             v    v    .    .    v    .    .    v
orders.noticefile                v    v    .    .    v    .    .    v
orders.shipmentactual            v    v    .    v    v    v    .    v
orders.carriercontract           v    v    .    v   vac   v    .    v
orders.shipmentlabel             v    v    .    v    v    v    .    v
orders.pickingbatch              v    v    .    v    v    .    .    v
orders.pickingbatch.pick_parcels x    .    .    x    x    .    .    .
orders.pickingparcel             v    v    .    v    v    .    .    v
orders.paperfile                 v    .    .    v    v    .    .    v
orders.printedpaper              v    v    .    v    v    .    .    v
orders.noteletter               vac   v    .    .    v    .   vac   v
orders.inspection                v    v    .    v    v    .    .    v
orders.inspectionscan            v    v    .    v    v    .    .    v
orders.parcelinspected           v    v    .    v    v    .    .    v
orders.inspectionpolicy          v    v    .    v   vac   .    .    v
orders.insertrule               vac   v    .    v    v    .   vac   v
orders.shipmentinsert            v    v    .    v    v    .    v    v
orders.trackingnumber            v    v    v    v    v    v    .    v
orders.trackingevent             v    v    v    v    v    v    .    v
orders.parcelprogress            v    v    v    v    v    v    .    v
orders.partreturn                v    v    v    v    v    v    .    v
orders.returncase                v    v    v    v    v    v    .    v
orders.returncase.decide_return  x    x    x    x    .    .    .    .
orders.returncase.receive_return x    .    .    x    x    .    .    .
orders.returncase.settle_return  x    .    .    .    .    x    .    .
orders.returnline                v    v    v    v    v    v    .    v
orders.exchangeline              v    v    v    v    v    v    .    v
orders.returnreason             vac   v    v    v    v    v    .    v
orders.returnpolicy             vac   v    v    v    v    v    .    v
orders.casephoto                 v    v    v    v    v    v    .    v
orders.servicerequest            v    v    v    v    v    v    .    v
orders.servicerequest.work_service x  x    x    x    x    .    .    .
orders.servicerequest.pay_service x   .    .    x    .    x    .    .
orders.purchasefacts             v    v    v    v    .    v    v    v
orders.pointsdue                 v    v    v    v    .    v    v    v

subscriptions.plan               v    v    v    v    .    v   vac   v
subscriptions.planvariant        v    v    v    v    .    v   vac   v
subscriptions.subscription       v    v    v    v    v    v    v    v
subscriptions.subscription.manage_subscription x x x x   .    .    .    .
subscriptions.subscription.cancel_subscription x x x .   .    .    .    .
subscriptions.subscription.waive_rules .  x    .    .    .    .    .    .
subscriptions.subscriptionitem   v    v    v    v    v    v    v    v
subscriptions.cycle              v    v    v    v    v    v    v    v
subscriptions.subscriptionchange v    v    v    v    .    v    v    v

campaigns.campaign               v    v    v    v    .    v   vac   v
campaigns.campaigntarget         v    v    v    v    .    v   vac   v
campaigns.coupon                 v    v    v    v    .    v   vac   v
campaigns.couponarticle          v    v    v    v    .    v   vac   v
campaigns.couponuse              v    v    v    v    .    v    v    v
campaigns.segment                v    v    v    v    .    v   vac   v
campaigns.segment.export_segment .    .    .    .    .    .    x    .
campaigns.segmentcondition       v    v    v    v    .    v   vac   v
campaigns.message                v    v    v    v    .    v   vac   v
campaigns.sendingrule            v    v    v    v    .    v   vac   v
campaigns.send                   v    v    v    v    .    v   vac   v
campaigns.send.plan_send         .    .    .    .    .    .    x    .
campaigns.send.stop_send         .    x    .    .    .    .    x    .
campaigns.recipient              v    v    v    v    .    v    v    v

contact.casereason               v    v    v    v    v    v   vac   v
contact.case                    vac  vac  vac  vac   v    v    v    v
contact.case.solve_case          x    x    x    x    .    .    .    .
contact.caseorder                v    v    v    v    v    v    v    v
contact.interaction             va   va   va   va    .    .    .    .

storefront.cart                  v    v    v    v    .    .    v    v
storefront.cartline              v    v    v    v    .    .    v    v
storefront.checkoutplace         v    v    .    .    .    v    .    .
storefront.checkoutshare         v    v    .    .    .    v    .    .
storefront.checkout              v    v    .    .    .    v    .    .
"""

_ACTIONS: Final = {"v": "view", "a": "add", "c": "change"}


class WrongMatrix(ValueError):
    """A line of the matrix names what doesn't exist, or has the wrong number of cells."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One permission: "orders.cancel_order", and the model that declares it."""

    app: str
    model: str
    codename: str

    def __str__(self) -> str:
        return f"{self.app}.{self.codename}"


def matrix(text: str = MATRIX) -> dict[str, frozenset[Right]]:
    """What each role may do, as the page above says, checked against the models. Raises ``WrongMatrix`` with the line."""
    granted: dict[str, set[Right]] = {role: set() for role in COLUMNS}
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, *cells = line.split()
        if len(cells) != len(COLUMNS):
            raise WrongMatrix(f"Line {number} of the permission matrix ({name}) has {len(cells)} cells, there are {len(COLUMNS)} roles.")
        if name in seen:
            raise WrongMatrix(f"Line {number} of the permission matrix names {name} again: line {seen[name]} decides it already.")
        seen[name] = number
        for role, cell in zip(COLUMNS, cells, strict=True):
            granted[role] |= set(_rights(name, cell, line=number))
    return {ADMINISTRATOR: frozenset(_everything()), **{role: frozenset(rights) for role, rights in granted.items()}}


def _rights(name: str, cell: str, *, line: int) -> Iterable[Right]:
    app, model, *verb = name.split(".")
    try:
        meta = apps.get_model(app, model)._meta
    except LookupError:
        raise WrongMatrix(f"Line {line} of the permission matrix names the model {app}.{model}, which doesn't exist.") from None
    if verb and verb[0] not in dict(meta.permissions):
        raise WrongMatrix(
            f"Line {line} of the permission matrix names the verb {verb[0]}, but {app}.{model} doesn't declare it: add it to Meta.permissions."
        )
    if cell == ".":
        return
    for letter in cell:
        if verb and letter == "x":
            yield Right(app, model, verb[0])
        elif not verb and letter in _ACTIONS:
            yield Right(app, model, f"{_ACTIONS[letter]}_{model}")
        else:
            raise WrongMatrix(
                f"Line {line} of the permission matrix ({name}) says “{cell}”; models take v, a, c, verbs x, and nothing is a dot."
            )


def _everything() -> Iterable[Right]:
    """Every right over our own models but deleting, and the groups themselves."""
    for app in settings.APPS:
        for model in apps.get_app_config(app).get_models():
            meta = model._meta
            for codename in (*(f"{action}_{meta.model_name}" for action in _ACTIONS.values()), *dict(meta.permissions)):
                yield Right(app, str(meta.model_name), codename)
    for action in _ACTIONS.values():
        yield Right("auth", "group", f"{action}_group")
        for schedule in ("periodictask", "intervalschedule", "crontabschedule"):
            yield Right("django_celery_beat", schedule, f"{action}_{schedule}")


@operation
def seed_roles(*, actor: Actor = SYSTEM) -> Mapping[str, Group]:
    """A group for every role exists and may do exactly what the matrix says; by role code. Repeating it changes nothing.

    Rights given to such a group by hand are taken back: what a role may do is decided on the page above, or by making
    another group.
    """
    stored = {Right(p.content_type.app_label, p.content_type.model, p.codename): p for p in _permissions()}
    groups = {}
    for role, rights in matrix().items():
        if missing := sorted(rights - stored.keys()):
            raise WrongMatrix(f"The database lacks the permissions {', '.join(map(str, missing))}: run `manage.py migrate` first.")
        group, _made = Group.objects.get_or_create(name=ROLES[role])
        group.permissions.set([stored[right] for right in rights])
        groups[role] = group
    return groups


def _permissions() -> QuerySet[Permission]:
    return Permission.objects.select_related("content_type")


def written(rights: Mapping[str, frozenset[Right]] | None = None) -> str:
    """The matrix as it is in force, one permission a line, for people and for the test."""
    rights = rights or matrix()
    width = max(len(str(right)) for granted in rights.values() for right in granted)
    lines = [" " * width + "  " + " ".join(f"{role[:5]:5}" for role in rights)]
    for right in sorted({right for granted in rights.values() for right in granted}):
        lines.append(f"{right!s:{width}}  " + " ".join(f"{'x' if right in granted else '.':5}" for granted in rights.values()))
    return "\n".join(lines)
