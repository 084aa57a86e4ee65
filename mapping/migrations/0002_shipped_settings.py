from django.db import migrations, models
from django.db.models import F

OCCASIONS = [
    ("both", "create and update"),
    ("create", "create only"),
    ("update", "update only"),
]


def keep_what_was_shipped(apps, schema_editor):
    """Defaults of before are taken as they are: what was shipped is not known."""
    rules = apps.get_model("mapping", "Rule").objects.using(schema_editor.connection.alias)
    rules.filter(origin="default").update(
        default_required=F("required"), default_on=F("on")
    )


class Migration(migrations.Migration):
    dependencies = [("mapping", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="rule",
            name="default_on",
            field=models.CharField(
                choices=OCCASIONS, default="both", editable=False, max_length=10
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="default_required",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(keep_what_was_shipped, migrations.RunPython.noop),
    ]
