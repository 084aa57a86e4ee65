from django.db import migrations, models

# What documents that were written before bear.
OLD_MARK = "hub"


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0005_read_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="integration",
            name="mark",
            field=models.CharField(
                blank=True,
                default=OLD_MARK,
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="integration",
            name="mark",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Stands in the notes of all that is written to the target. "
                "Leave empty for the source's own; a hub that is set up anew enters "
                "here what its old documents bear.",
                max_length=20,
            ),
        ),
    ]
