from orders.handlers.mails import mail_accepted, mail_cancelled, mail_paid, mail_placed, mail_shipped
from orders.handlers.payments import follow_card, note_payment, take_card_money

__all__ = [
    "follow_card",
    "mail_accepted",
    "mail_cancelled",
    "mail_paid",
    "mail_placed",
    "mail_shipped",
    "note_payment",
    "take_card_money",
]
