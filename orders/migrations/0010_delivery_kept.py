"""What was chosen and agreed of a delivery is kept: the service a buyer chose, and the day before which goods do not leave."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_pickup_work")]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="service",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="chosen delivery service"),
        ),
        migrations.AddField(
            model_name="shipment",
            name="not_before_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="leaves from"),
        ),
    ]
