from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_quicker_audit")]
    operations = [
        migrations.AddField(
            "site",
            "holds_at_most_minutes",
            models.PositiveSmallIntegerField(
                db_default=120,
                default=120,
                help_text="From the first time, however busy its buyer is; then they are for everybody. With 0 a checkout holds nothing.",
                verbose_name="a checkout holds its goods at most (minutes)",
            ),
        ),
    ]
