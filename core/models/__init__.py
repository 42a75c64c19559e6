from core.models.audit import AuditEntry, AuditPersonal, PersonalDataRead
from core.models.idempotency import IdempotencyResult
from core.models.outbox import DeliveryState, OutboxDelivery, OutboxEvent, Relay

__all__ = [
    "AuditEntry",
    "AuditPersonal",
    "DeliveryState",
    "IdempotencyResult",
    "OutboxDelivery",
    "OutboxEvent",
    "PersonalDataRead",
    "Relay",
]
