"""Since when the state of an image is what it is, which is not when it was last found so."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0025_lasting_facts")]

    operations = [
        migrations.AddField(model_name="trustresult", name="since", field=models.DateTimeField(null=True)),
    ]
