"""A service's whole name is looked for in capitals, which the index of its parts answers by reading all services."""

from django.db import migrations

from fleet.schema import AddOwnWordsIndexOnline


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY wants it

    dependencies = [("fleet", "0010_packs_that_wait")]

    operations = [AddOwnWordsIndexOnline("service", "services_by_whole_name", "(upper(name::text))")]
