from core.operations.keeping_answers import prune_answers
from core.operations.living import AnotherHistory, History, begin_history, end_history, note_lived
from core.operations.mailing import LeasedMail, NewMail, lease_mails, note_mail_outcome, owe_mails, send_again
from core.operations.numbering import open_number_series, series_for, take_numbers
from core.operations.organising import NewCompany, open_brand, open_channel, open_company, open_site
from core.operations.reading import record_personal_read
from core.operations.relaying import Carried, carry, farewell, heartbeat, prune_outbox, retry_deliveries, skip_deliveries
from core.operations.seeding import seed_reference
from core.operations.seeding_postal import NoPostalList, PostalSeed, seed_postal_codes

__all__ = [
    "AnotherHistory",
    "Carried",
    "History",
    "LeasedMail",
    "NewCompany",
    "NewMail",
    "NoPostalList",
    "PostalSeed",
    "begin_history",
    "carry",
    "end_history",
    "farewell",
    "heartbeat",
    "lease_mails",
    "note_lived",
    "note_mail_outcome",
    "open_brand",
    "open_channel",
    "open_company",
    "open_number_series",
    "open_site",
    "owe_mails",
    "prune_answers",
    "prune_outbox",
    "record_personal_read",
    "retry_deliveries",
    "seed_postal_codes",
    "seed_reference",
    "send_again",
    "series_for",
    "skip_deliveries",
    "take_numbers",
]
