import secrets
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import observant.web.state.models


def fill(apps: Any, schema_editor: object) -> None:  # noqa: ANN401, ARG001 (as Django calls it)
    """Visits of nobody were never written; the others get a key, and the role that the account has now."""
    visits = apps.get_model("state", "Visit")
    visits.objects.filter(account__isnull=True).delete()
    for visit in visits.objects.select_related("account").iterator():
        visit.key, visit.role = secrets.token_hex(16), visit.account.role
        visit.save()


class Migration(migrations.Migration):
    dependencies = [("state", "0001_initial")]

    operations = [
        migrations.AddField("visit", "key", models.CharField(default=observant.web.state.models._key, max_length=32)),
        migrations.AddField("visit", "role", models.CharField(default="", max_length=20), preserve_default=False),
        migrations.AddField("visit", "record", models.BigIntegerField(db_index=True, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "visit",
            "account",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
    ]
