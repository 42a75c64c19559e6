from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_credit_limit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="pointentry",
            index=models.Index(
                condition=models.Q(("reference", ""), _negated=True), fields=["reference"], name="customers_pointentry_reference"
            ),
        ),
    ]
