from django.db import migrations, models


class Migration(migrations.Migration):
    """What workers have in hand is found at once, however long the list."""

    dependencies = [("campaigns", "0004_guards_of_sends")]
    operations = [
        migrations.AddIndex(
            model_name="recipient",
            index=models.Index(
                fields=["send", "lease_until_at", "lease_ref"],
                name="campaigns_recipient_leased",
                condition=models.Q(state__in=["queued", "sending"], lease_until_at__isnull=False),
            ),
        ),
    ]
