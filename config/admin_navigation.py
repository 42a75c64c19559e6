"""The back office's sidebar: what staff look for, grouped by app, in the order of a working day."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Shelf:
    """One heading of the sidebar: these models of an app, in this order; where ``others``, the app's lists on no shelf follow."""

    title: Text
    app: str
    icons: dict[str, str]
    folded: bool = False
    others: bool = True
    pages: tuple["Page", ...] = ()
    """Pages that are no list of a model, above the lists."""


@dataclass(frozen=True)
class Page:
    """A page of the sidebar, for those with the permission."""

    title: Text
    icon: str
    view: str
    permission: str


SHELVES = (
    Shelf(
        _("Orders"),
        "orders",
        {
            "order": "receipt_long",
            "estimate": "request_quote",
            "hold": "front_hand",
            "paymentapproval": "credit_score",
            "receivedpaper": "scan",
            "orderform": "news",
            "talkscript": "record_voice_over",
        },
        others=False,
        pages=(Page(_("Paper orders"), "mail", "admin:orders_receivedpaper_work", "orders.place_order"),),
    ),
    Shelf(
        _("Warehouse"),
        "orders",
        {"shipment": "local_shipping", "pickingbatch": "shopping_basket", "paperfile": "print", "inspection": "barcode_scanner"},
        others=False,
        pages=(Page(_("Store pickup"), "shopping_bag", "admin:orders_pickup_work", "orders.hand_over_pickup"),),
    ),
    Shelf(
        _("Returns"),
        "orders",
        {
            "returncase": "assignment_return",
            "servicerequest": "home_repair_service",
            "returnreason": "contact_support",
            "returnpolicy": "policy",
        },
        others=False,
    ),
    Shelf(
        _("Delivery and carriers"),
        "orders",
        {
            "deliveryalert": "running_with_errors",
            "deliveryservice": "local_post_office",
            "deliveryzone": "map",
            "deliveryleadtime": "timer",
            "deliveryclosure": "event_busy",
            "feerule": "price_change",
            "freedelivery": "money_off",
            "carriercontract": "handshake",
            "trackingcode": "translate",
            "deliveryterm": "calendar_clock",
            "deliverymail": "forward_to_inbox",
        },
        folded=True,
        others=False,
    ),
    Shelf(
        _("Outside shops"),
        "orders",
        {
            "intakeorder": "move_to_inbox",
            "intakedocument": "inbox",
            "outsidenotice": "outbox",
            "noticefile": "draft",
            "outsideshop": "store",
            "intakemap": "view_column",
        },
        folded=True,
        others=False,
    ),
    Shelf(
        _("Gifts and inserts"),
        "orders",
        {
            "insertrule": "redeem",
            "shipmentinsert": "featured_seasonal_and_gifts",
            "noshikind": "redeem",
            "wrapping": "featured_seasonal_and_gifts",
            "messagecard": "stylus_note",
            "noshipairing": "do_not_disturb_on",
            "giftexclusion": "block",
        },
        folded=True,
        others=False,
    ),
    Shelf(
        _("Rules of orders"),
        "orders",
        {
            "holdrule": "rule",
            "workflowprofile": "schema",
            "pickupterms": "store",
            "inspectionpolicy": "verified",
            "noteletter": "stylus_note",
        },
        folded=True,
    ),
    Shelf(
        _("Customers"),
        "customers",
        {
            "customer": "person",
            "duplicatecandidate": "person_search",
            "note": "sticky_note_2",
            "tag": "sell",
            "customerrank": "military_tech",
            "pointprogramme": "loyalty",
            "account": "key",
            "partnerapplication": "api",
        },
    ),
    Shelf(
        _("Products"),
        "catalog",
        {"product": "inventory_2", "variant": "style", "category": "category", "pricelist": "price_change", "listing": "storefront"},
    ),
    Shelf(
        _("Stock"),
        "inventory",
        {
            "stock": "warehouse",
            "purchaseorder": "receipt_long",
            "stocktransfer": "local_shipping",
            "stockitem": "package_2",
            "supplier": "factory",
            "location": "location_on",
            "movement": "swap_horiz",
            "stocktake": "fact_check",
            "stocktakeline": "checklist",
            "exchangefile": "sync_alt",
            "columnmap": "view_column",
            "exchangefolder": "folder_shared",
            "allocation": "assignment_turned_in",
            "kit": "inventory",
            "backorder": "schedule_send",
            "forecast": "trending_up",
            "backorderterms": "update",
            "stocklot": "event_upcoming",
            "lot": "event",
            "shelflife": "hourglass_bottom",
            "stockpool": "hub",
            "stockquota": "fence",
            "stockexclusion": "block",
            "routingrule": "alt_route",
            "channelfigure": "campaign",
        },
        pages=(Page(_("Stock board"), "bar_chart", "admin:inventory_stock_board", "inventory.view_stock"),),
    ),
    Shelf(
        _("Money"),
        "billing",
        {
            "invoice": "request_quote",
            "payment": "payments",
            "receivable": "account_balance_wallet",
            "creditnote": "undo",
            "refund": "currency_exchange",
            "paymentintent": "credit_card",
            "paymentmeans": "credit_score",
            "gatewaycall": "sync_alt",
            "gatewayevent": "notifications",
            "entry": "menu_book",
            "partybalance": "balance",
            "ledgeraccount": "account_balance",
        },
    ),
    Shelf(_("Subscriptions"), "subscriptions", {"subscription": "autorenew", "cycle": "event_repeat", "plan": "list_alt"}),
    Shelf(
        _("Campaigns"),
        "campaigns",
        {
            "campaign": "campaign",
            "segment": "groups",
            "message": "drafts",
            "send": "outgoing_mail",
            "recipient": "contact_mail",
            "sendingrule": "bedtime",
            "coupon": "confirmation_number",
            "couponuse": "redeem",
            "campaigntarget": "ads_click",
        },
    ),
    Shelf(_("Contact"), "contact", {"case": "support_agent", "casereason": "label"}),
    Shelf(_("Shop"), "storefront", {"cart": "shopping_cart", "page": "web"}),
    Shelf(
        _("Company"),
        "core",
        {
            "company": "apartment",
            "brand": "branding_watermark",
            "site": "language",
            "saleschannel": "storefront",
            "legaltext": "gavel",
            "taxclass": "percent",
            "taxrate": "trending_up",
            "businesscalendar": "calendar_month",
            "numberseries": "tag",
            "postalcode": "markunread_mailbox",
            "webhookendpoint": "webhook",
            "webhookmessage": "outbox",
        },
        folded=True,
        others=False,
    ),
    Shelf(
        _("Records and machinery"),
        "core",
        {
            "outgoingmail": "mail",
            "auditentry": "history",
            "personaldataread": "visibility",
            "outboxdelivery": "pending_actions",
            "outboxevent": "bolt",
            "relay": "cable",
        },
        folded=True,
        others=False,
    ),
    Shelf(_("Accounts and roles"), "auth", {"group": "badge"}, folded=True),
    Shelf(_("Schedules"), "django_celery_beat", {"periodictask": "schedule"}, folded=True),
)
PLAIN_ICON = "chevron_right"


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar for this member of staff: only what is registered and what their role may see."""
    groups: list[dict[str, Any]] = [
        {"title": None, "items": [{"title": _("Dashboard"), "icon": "space_dashboard", "link": reverse("admin:index")}]},
    ]
    for shelf in SHELVES:
        if items := _items(shelf, request):
            groups.append({"title": shelf.title, "separator": True, "collapsible": shelf.folded, "items": items})
    return groups


def _items(shelf: Shelf, request: HttpRequest) -> list[dict[str, Any]]:
    known = {
        model._meta.model_name or "": (model, counter)
        for model, counter in admin.site._registry.items()
        if model._meta.app_label == shelf.app and counter.has_module_permission(request) and counter.has_view_permission(request)
    }
    named = [name for name in shelf.icons if name in known]
    shelved = {name for other in SHELVES if other.app == shelf.app for name in other.icons}
    others = sorted(name for name in known if name not in shelved) if shelf.others else []
    account: Any = request.user
    pages = [
        {"title": page.title, "icon": page.icon, "link": reverse(page.view)} for page in shelf.pages if account.has_perm(page.permission)
    ]
    return pages + [
        {
            "title": capfirst(known[name][0]._meta.verbose_name_plural),
            "icon": shelf.icons.get(name, PLAIN_ICON),
            "link": reverse(f"admin:{shelf.app}_{name}_changelist"),
        }
        for name in (*named, *others)
    ]
