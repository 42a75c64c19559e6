from django.db import migrations

from core.audit import append_only, audited


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("core", "0001_initial")]
    operations = [
        append_only("inventory_movement"),
        audited("inventory_stockitem"),
        audited("inventory_component"),
        audited("inventory_location"),
        audited("inventory_lot"),
        audited("inventory_stockpool"),
        audited("inventory_poolsource"),
        audited("inventory_poolchannel"),
    ]
