"""The delivery service that a shopper chose at the checkout."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("storefront", "0002_places")]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="service",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="chosen delivery service"),
        ),
    ]
