from core.models.audit import AuditEntry, AuditPersonal, PersonalDataRead
from core.models.calendar import BusinessCalendar, CalendarDay, DayKind
from core.models.history import HistoryRun
from core.models.idempotency import IdempotencyResult
from core.models.mail import MailState, OutgoingMail
from core.models.organisation import (
    Brand,
    ChannelKind,
    Company,
    LegalText,
    LegalTextKind,
    NumberSeries,
    Restart,
    SalesChannel,
    Site,
)
from core.models.outbox import DeliveryState, OutboxDelivery, OutboxEvent, Relay
from core.models.postal import PostalCode
from core.models.tax import TaxClass, TaxRate
from core.models.views import SavedView
from core.models.webhooks import WebhookEndpoint, WebhookHealth, WebhookMessage

__all__ = [
    "AuditEntry",
    "AuditPersonal",
    "Brand",
    "BusinessCalendar",
    "CalendarDay",
    "ChannelKind",
    "Company",
    "DayKind",
    "DeliveryState",
    "HistoryRun",
    "IdempotencyResult",
    "LegalText",
    "LegalTextKind",
    "MailState",
    "NumberSeries",
    "OutboxDelivery",
    "OutboxEvent",
    "OutgoingMail",
    "PersonalDataRead",
    "PostalCode",
    "Relay",
    "Restart",
    "SalesChannel",
    "SavedView",
    "Site",
    "TaxClass",
    "TaxRate",
    "WebhookEndpoint",
    "WebhookHealth",
    "WebhookMessage",
]
