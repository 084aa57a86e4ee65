from django.conf import settings
from django.db import migrations


def empty_cache(apps, schema_editor):
    """Earlier versions kept objects there with what should have been left out.

    Everything in it is asked for again when it is needed. A new hub has no table yet.
    """
    connection = schema_editor.connection
    table = settings.CACHES["default"].get("LOCATION", "")
    with connection.cursor() as cursor:
        if table in connection.introspection.table_names(cursor):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunPython(empty_cache, migrations.RunPython.noop)]
