from django.db import migrations

from core.audit import audited

COUNTED = (
    "recipient_count",
    "queued_count",
    "sent_count",
    "failed_count",
    "unknown_count",
    "suppressed_count",
    "counted_at",
    "pace",
    "window_at",
    "window_count",
)


class Migration(migrations.Migration):
    """What people change leaves a trail; what is counted and what the recipients' rows tell by themselves doesn't."""

    dependencies = [("campaigns", "0001_initial"), ("core", "0001_initial")]
    operations = [
        audited("campaigns_campaign"),
        audited("campaigns_campaigntarget"),
        audited("campaigns_segment", inserts=True),
        audited("campaigns_segmentcondition", inserts=True),
        audited("campaigns_sendingrule", inserts=True),
        audited("campaigns_message"),
        audited("campaigns_send", ignore=COUNTED),
    ]
