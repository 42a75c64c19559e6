from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0019_points_due")]

    operations = [
        migrations.AddField(
            model_name="receivedpaper",
            name="scan_ended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="scan thrown away at"),
        ),
        migrations.AddIndex(
            model_name="receivedpaper",
            index=models.Index(
                condition=models.Q(("scan_ended_at__isnull", True), ("state__in", ["set_aside", "no_order"])),
                fields=["decided_at"],
                name="orders_receivedpaper_to_forget",
            ),
        ),
    ]
