from django.db import migrations

from core.audit import append_only, audited


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_purchasing"), ("core", "0001_initial")]
    operations = [
        append_only("inventory_goodsreceipt"),
        append_only("inventory_goodsreceiptline"),
        append_only("inventory_transferarrival"),
        audited("inventory_supplier", personal=["person", "email", "phone", "fax"]),
        audited("inventory_supplieritem"),
        audited("inventory_purchaseorder"),
        audited("inventory_purchaseorderline", ignore=["received_quantity"]),
        audited("inventory_stocktransfer"),
        audited("inventory_locationstaff"),
    ]
