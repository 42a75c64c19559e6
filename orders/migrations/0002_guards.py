from django.db import migrations

from core.audit import append_only, audited

PLACE = ["name", "kana", "organisation_name", "postal_code", "prefecture", "city", "street", "building", "phone", "gift_message"]


class Migration(migrations.Migration):
    """What was agreed and shown only grows; what people change leaves a trail."""

    dependencies = [("orders", "0001_initial"), ("core", "0001_initial")]
    operations = [
        append_only("orders_finalconfirmation"),
        append_only("orders_trackingevent"),
        append_only("orders_linediscount"),
        append_only("orders_ordertax"),
        audited("orders_order", personal=["buyer_name", "buyer_email", "buyer_phone", "remark"], ignore=["version"]),
        audited("orders_line"),
        audited("orders_destination", personal=PLACE),
        audited("orders_shipment", ignore=["version"]),
        audited("orders_feerule", inserts=True),
    ]
