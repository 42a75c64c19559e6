from orders.handlers.intake import tell_counter
from orders.handlers.mails import mail_accepted, mail_cancelled, mail_changed, mail_paid, mail_placed, mail_shipped
from orders.handlers.payments import follow_card, note_payment, take_card_money
from orders.handlers.waiting import give_to_waiting, mail_allocated, mail_promise, promise_anew

__all__ = [
    "follow_card",
    "give_to_waiting",
    "mail_accepted",
    "mail_allocated",
    "mail_cancelled",
    "mail_changed",
    "mail_paid",
    "mail_placed",
    "mail_promise",
    "mail_shipped",
    "note_payment",
    "promise_anew",
    "take_card_money",
    "tell_counter",
]
