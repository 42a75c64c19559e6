from orders.handlers.mails import mail_cancelled, mail_paid, mail_placed, mail_shipped
from orders.handlers.payments import note_payment

__all__ = ["mail_cancelled", "mail_paid", "mail_placed", "mail_shipped", "note_payment"]
