from subscriptions.handlers.mails import (
    mail_accepted,
    mail_cancelled,
    mail_coming,
    mail_failed,
    mail_paused,
    mail_skipped,
    mail_started,
)
from subscriptions.handlers.orders import settle_cancelled

__all__ = [
    "mail_accepted",
    "mail_cancelled",
    "mail_coming",
    "mail_failed",
    "mail_paused",
    "mail_skipped",
    "mail_started",
    "settle_cancelled",
]
