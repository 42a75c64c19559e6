from django.db import migrations, models


class Migration(migrations.Migration):
    """What a counter's list told of an order when it was last fetched, so that only what is told otherwise is fetched again."""

    dependencies = [("orders", "0017_profiles_and_holds")]
    operations = [
        migrations.AddField(
            model_name="intakeorder",
            name="listed_as",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="as the list named it"),
        ),
        migrations.AddField(
            model_name="intakeorder", name="looked_at", field=models.DateTimeField(blank=True, null=True, verbose_name="last fetched at")
        ),
    ]
