"""Stocktakes count lots; those that were begun before count shelves as a whole. Lots are found by their number alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0018_who_rewrote_a_draft"),
    ]

    operations = [
        migrations.AddField(
            model_name="stocktake",
            name="counts_lots",
            field=models.BooleanField(db_default=False, default=False, verbose_name="counted by lot"),
        ),
        migrations.AlterField(
            model_name="stocktake",
            name="counts_lots",
            field=models.BooleanField(db_default=True, default=True, verbose_name="counted by lot"),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(fields=["number"], name="inventory_lot_number"),
        ),
    ]
