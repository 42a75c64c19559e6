from core.operations.keeping_answers import prune_answers
from core.operations.reading import record_personal_read
from core.operations.relaying import Carried, carry, farewell, heartbeat, prune_outbox, retry_deliveries, skip_deliveries

__all__ = [
    "Carried",
    "carry",
    "farewell",
    "heartbeat",
    "prune_answers",
    "prune_outbox",
    "record_personal_read",
    "retry_deliveries",
    "skip_deliveries",
]
