"""Who answers which hook and who reacts to which event, on one page."""

from django.conf import settings

from billing import hooks as billing_hooks
from billing import queries as billing_promises
from billing.adapters.stripe import StripeGateway
from billing.events import (
    InvoiceIssued,
    PaymentAuthorised,
    PaymentFailed,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    ReceivableSettled,
)
from billing.ports import CARD_GATEWAY
from campaigns import handlers as campaigns_handlers
from campaigns import hooks as campaigns_hooks
from campaigns import queries as campaigns_promises
from campaigns.adapters import smtp as campaigns_post
from campaigns.ports import MAIL_POST, SEND_VETO
from catalog import queries as catalog_promises
from catalog.events import PriceChanged
from catalog.ports import WORKFLOW_SOURCE
from contact import hooks as contact_hooks
from contact import queries as contact_promises
from core import handlers as core_handlers
from core import queries as core_promises
from core.hooks import DASHBOARD, INVARIANTS, WEBHOOKS, on
from customers import handlers as customers_handlers
from customers import hooks as customers_hooks
from customers import queries as customers_promises
from customers.events import AccountLinked, CustomerChanged, CustomerRegistered
from customers.ports import CUSTOMER_DATA, CUSTOMER_DESK
from inventory import handlers as inventory_handlers
from inventory import hooks as inventory_hooks
from inventory import queries as inventory_promises
from inventory.adapters import statsforecast
from inventory.events import (
    BackOrderPromiseMoved,
    PurchaseOrderEnded,
    PurchaseOrderReceived,
    PurchaseOrderSent,
    StockAdjusted,
    StockReceived,
    StockReleased,
    TransferEnded,
    TransferReceived,
    TransferSent,
)
from inventory.ports import FILE_DESK, FORECAST_LIBRARY, PLANNED_DEMAND
from orders import handlers as orders_handlers
from orders import hooks as orders_hooks
from orders import queries as orders_promises
from orders.adapters import japanpost, sagawa, seventeen_track, yamato
from orders.adapters.amazon import Amazon
from orders.adapters.house_orders import HouseOrders
from orders.adapters.rakuten import Rakuten
from orders.adapters.shopify import Shopify
from orders.adapters.yahoo_shopping import YahooShopping
from orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderPaid,
    OrderPlaced,
    PickupLapsed,
    PickupReady,
    PickupReminded,
    ReturnApproved,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    ReturnSettled,
    ServiceAccepted,
    ServiceEnded,
    ServiceEstimated,
    ServiceReceived,
    ServiceRefused,
    ServiceRequested,
    ShipmentDelayed,
    ShipmentDelivered,
    ShipmentReturned,
    ShipmentShipped,
    ShipmentTracked,
    WaitingAllocated,
)
from orders.ports import COURSE_SOURCE, INTAKE_SOURCE, LABEL_CARRIER, OFFER_SOURCE, PLACING_PARTICIPANT, TRACKING_SOURCE
from storefront import hooks as storefront_hooks
from storefront import queries as storefront_promises
from subscriptions import handlers as subscriptions_handlers
from subscriptions import hooks as subscriptions_hooks
from subscriptions import queries as subscriptions_promises
from subscriptions.events import (
    CycleFailed,
    CycleSkipped,
    DeliveryComing,
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionStarted,
)


def connect() -> None:
    """Register every hook implementation and event handler of the house."""
    answer_hooks()
    offer_cards()
    hear_events()
    tell_partners()


def answer_hooks() -> None:
    """Who answers which hook."""
    OFFER_SOURCE.register(campaigns_hooks)
    PLACING_PARTICIPANT.register(subscriptions_hooks)
    PLACING_PARTICIPANT.register(campaigns_hooks)
    COURSE_SOURCE.register(subscriptions_hooks)
    WORKFLOW_SOURCE.register(orders_hooks)
    for answer in (customers_hooks, billing_hooks, orders_hooks, subscriptions_hooks, campaigns_hooks, contact_hooks, storefront_hooks):
        CUSTOMER_DATA.register(answer)
    for desk in (contact_hooks, orders_hooks):
        CUSTOMER_DESK.register(desk)
    for promises in (
        core_promises,
        customers_promises,
        catalog_promises,
        inventory_promises,
        billing_promises,
        orders_promises,
        subscriptions_promises,
        campaigns_promises,
        contact_promises,
        storefront_promises,
    ):
        INVARIANTS.register(promises)
    for cards in (
        core_promises,
        customers_hooks,
        orders_hooks,
        inventory_hooks,
        billing_hooks,
        subscriptions_hooks,
        campaigns_hooks,
        contact_hooks,
    ):
        DASHBOARD.register(cards)
    for published in (orders_promises, inventory_promises, subscriptions_promises, customers_promises):
        WEBHOOKS.register(published)
    PLANNED_DEMAND.register(subscriptions_hooks)
    FORECAST_LIBRARY.register(statsforecast)
    MAIL_POST.register(campaigns_post)
    SEND_VETO.register(contact_hooks)
    FILE_DESK.register(inventory_hooks)
    FILE_DESK.register(orders_hooks)
    for carrier in (yamato, sagawa, japanpost):
        LABEL_CARRIER.register(carrier)
    for counter in (Rakuten(), YahooShopping(), Amazon(), Shopify(), HouseOrders()):
        INTAKE_SOURCE.register(counter)
    TRACKING_SOURCE.register(seventeen_track)


def offer_cards() -> None:
    """The card gateway of the settings, where cards are offered."""
    if settings.CARDS:
        CARD_GATEWAY.register(
            StripeGateway(
                base_url=settings.CARD_GATEWAY_URL,
                secret_key=settings.CARD_SECRET_KEY,
                public_key=settings.CARD_PUBLIC_KEY,
                webhook_secrets=settings.CARD_WEBHOOK_SECRETS,
                script_url=settings.CARD_SCRIPT_URL,
                three_d_secure=settings.CARD_THREE_D_SECURE,
            )
        )


_RETURN_MAILS = {
    ReturnRequested: "return_requested", ReturnApproved: "return_approved", ReturnRefused: "return_refused", ReturnReceived: "return_received",
    ReturnSettled: "return_settled", ServiceRequested: "service_requested", ServiceAccepted: "service_accepted", ServiceRefused: "service_refused",
    ServiceReceived: "service_received", ServiceEstimated: "service_estimated", ServiceEnded: "service_ended",
}  # fmt: skip


def hear_events() -> None:
    """Who reacts to which event."""
    on(CustomerRegistered, customers_handlers.look_for_duplicates, name="customers.look_for_duplicates")
    on(AccountLinked, customers_handlers.tell_of_link, name="customers.tell_of_link")
    on(CustomerChanged, customers_handlers.look_again_for_duplicates, name="customers.look_again_for_duplicates")
    on(PaymentReceived, orders_handlers.note_payment, name="orders.note_payment")
    on(PaymentReversed, orders_handlers.note_payment, name="orders.note_reversal")
    on(PaymentRefunded, orders_handlers.note_payment, name="orders.note_refund")
    on(ReceivableSettled, orders_handlers.note_payment, name="orders.note_settlement")
    on(PaymentAuthorised, orders_handlers.follow_card, name="orders.accept_card_order")
    on(PaymentFailed, orders_handlers.follow_card, name="orders.end_card_order")
    on(ShipmentShipped, orders_handlers.take_card_money, name="orders.take_card_money")
    on(OrderPlaced, orders_handlers.mail_placed, name="orders.mail_placed")
    on(OrderAccepted, orders_handlers.mail_accepted, name="orders.mail_accepted")
    on(OrderChanged, orders_handlers.mail_changed, name="orders.mail_changed")
    on(OrderPaid, orders_handlers.mail_paid, name="orders.mail_paid")
    on(OrderCancelled, orders_handlers.mail_cancelled, name="orders.mail_cancelled")
    on(ShipmentShipped, orders_handlers.mail_shipped, name="orders.mail_shipped")
    on(ShipmentTracked, orders_handlers.mail_tracked, name="orders.mail_tracked")
    on(ShipmentDelivered, orders_handlers.mail_delivered, name="orders.mail_delivered")
    on(ShipmentDelayed, orders_handlers.mail_delayed, name="orders.mail_delayed")
    for event, mail in ((PickupReady, "ready"), (PickupReminded, "reminded"), (PickupLapsed, "lapsed")):
        on(event, getattr(orders_handlers, f"mail_pickup_{mail}"), name=f"orders.mail_pickup_{mail}")
    on(ShipmentShipped, orders_handlers.tell_counter, name="orders.tell_counter")
    for left, how in ((ShipmentShipped, "shipped"), (ShipmentReturned, "undelivered")):
        on(left, orders_handlers.earn_points_of, name=f"orders.earn_points_of_{how}")
    for undone, how in ((OrderCancelled, "cancelled"), (ReturnSettled, "returned")):
        on(undone, orders_handlers.undo_points_of, name=f"orders.undo_points_of_{how}")
        on(undone, campaigns_handlers.give_back_coupon, name=f"campaigns.give_back_coupon_of_{how}")
    on(InvoiceIssued, orders_handlers.pay_exchange, name="orders.pay_exchange")
    on(OrderCancelled, orders_handlers.pay_exchange, name="orders.free_cancelled_exchange")
    on(OrderChanged, orders_handlers.pay_exchange, name="orders.follow_changed_exchange")
    for told, mail in _RETURN_MAILS.items():
        on(told, getattr(orders_handlers, f"mail_{mail}"), name=f"orders.mail_{mail}")
    on(PriceChanged, inventory_handlers.follow_part_price, name="inventory.follow_part_price")
    on(StockReceived, orders_handlers.give_to_waiting, name="orders.give_received")
    on(StockAdjusted, orders_handlers.give_to_waiting, name="orders.give_adjusted")
    on(StockReleased, orders_handlers.give_to_waiting, name="orders.give_released")
    for moved in (PurchaseOrderSent, PurchaseOrderReceived, PurchaseOrderEnded, TransferSent, TransferReceived, TransferEnded):
        on(moved, orders_handlers.promise_anew, name=f"orders.promise_after.{moved.name}")
    on(WaitingAllocated, orders_handlers.mail_allocated, name="orders.mail_allocated")
    on(BackOrderPromiseMoved, orders_handlers.mail_promise, name="orders.mail_promise")
    on(OrderCancelled, subscriptions_handlers.settle_cancelled, name="subscriptions.settle_cancelled")
    on(OrderAccepted, subscriptions_handlers.mail_accepted, name="subscriptions.mail_accepted")
    on(SubscriptionStarted, subscriptions_handlers.mail_started, name="subscriptions.mail_started")
    on(DeliveryComing, subscriptions_handlers.mail_coming, name="subscriptions.mail_coming")
    on(CycleSkipped, subscriptions_handlers.mail_skipped, name="subscriptions.mail_skipped")
    on(CycleFailed, subscriptions_handlers.mail_failed, name="subscriptions.mail_failed")
    on(SubscriptionPaused, subscriptions_handlers.mail_paused, name="subscriptions.mail_paused")
    on(SubscriptionCancelled, subscriptions_handlers.mail_cancelled, name="subscriptions.mail_cancelled")


def tell_partners() -> None:
    """What is published to partners, as soon as one of them listens (docs/webhooks.md)."""
    for kind in core_promises.webhook_catalogue().values():
        name = f"core.webhooks.{kind.event.name}"
        on(kind.event, core_handlers.tell_partners, name=name, together=True, wanted=core_promises.heard_events)
