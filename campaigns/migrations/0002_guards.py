from django.db import migrations

from core.audit import audited


class Migration(migrations.Migration):
    """What people change leaves a trail."""

    dependencies = [("campaigns", "0001_initial"), ("core", "0001_initial")]
    operations = [audited("campaigns_campaign"), audited("campaigns_campaigntarget")]
