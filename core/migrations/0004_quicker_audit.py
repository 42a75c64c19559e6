from django.db import migrations

from core.audit import FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("core", "0003_history")]

    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
