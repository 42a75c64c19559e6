from orders.handlers.delivery_mails import mail_delayed, mail_delivered, mail_tracked
from orders.handlers.intake import tell_counter
from orders.handlers.mails import mail_accepted, mail_cancelled, mail_changed, mail_paid, mail_placed, mail_shipped
from orders.handlers.payments import follow_card, note_payment, pay_exchange, take_card_money
from orders.handlers.pickup_mails import mail_pickup_lapsed, mail_pickup_ready, mail_pickup_reminded
from orders.handlers.points import earn_points_of, undo_points_of
from orders.handlers.return_mails import (
    mail_return_approved,
    mail_return_received,
    mail_return_refused,
    mail_return_requested,
    mail_return_settled,
)
from orders.handlers.service_mails import (
    mail_service_accepted,
    mail_service_ended,
    mail_service_estimated,
    mail_service_received,
    mail_service_refused,
    mail_service_requested,
)
from orders.handlers.waiting import give_to_waiting, mail_allocated, mail_promise, promise_anew

__all__ = [
    "earn_points_of",
    "follow_card",
    "give_to_waiting",
    "mail_accepted",
    "mail_allocated",
    "mail_cancelled",
    "mail_changed",
    "mail_delayed",
    "mail_delivered",
    "mail_paid",
    "mail_pickup_lapsed",
    "mail_pickup_ready",
    "mail_pickup_reminded",
    "mail_placed",
    "mail_promise",
    "mail_return_approved",
    "mail_return_received",
    "mail_return_refused",
    "mail_return_requested",
    "mail_return_settled",
    "mail_service_accepted",
    "mail_service_ended",
    "mail_service_estimated",
    "mail_service_received",
    "mail_service_refused",
    "mail_service_requested",
    "mail_shipped",
    "mail_tracked",
    "note_payment",
    "pay_exchange",
    "promise_anew",
    "take_card_money",
    "tell_counter",
    "undo_points_of",
]
