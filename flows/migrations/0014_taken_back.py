"""What was taken back is a state of its own."""

from django.db import migrations, models


def tell_apart(apps, schema_editor):
    records = apps.get_model("flows", "SyncRecord").objects
    undone = records.filter(state="skipped", reason__startswith="undone by ")
    undone.update(state="undone")


def put_together(apps, schema_editor):
    records = apps.get_model("flows", "SyncRecord").objects
    records.filter(state="undone").update(state="skipped")


class Migration(migrations.Migration):
    dependencies = [("flows", "0013_search_by_amount")]

    operations = [
        migrations.AlterField(
            model_name="syncrecord",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("synced", "Synced"),
                    ("skipped", "Skipped"),
                    ("undone", "Taken back"),
                    ("failed", "Failed"),
                    ("waiting", "Waiting"),
                    ("in_doubt", "In doubt"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.RunPython(tell_apart, put_together),
    ]
