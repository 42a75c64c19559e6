from django.db import migrations, models


class Migration(migrations.Migration):
    """What a demand was given of a shelf may leave in several parcels."""

    dependencies = [("inventory", "0019_counts_by_lot")]
    operations = [
        migrations.AddField(
            "allocation", "part", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, verbose_name="part")
        ),
        migrations.RemoveConstraint("allocation", "inventory_allocation_once"),
        migrations.AddConstraint(
            "allocation",
            models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("demand_id", "stock", "part"), name="inventory_allocation_once"
            ),
        ),
    ]
