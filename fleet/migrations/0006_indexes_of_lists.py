"""An index for each order in which the lists of a big fleet can be sorted."""

from __future__ import annotations

from django.db import migrations, models

from fleet.schema import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY wants it; each operation may be begun again

    dependencies = [("fleet", "0005_counts")]

    operations = [
        RemoveIndexOnline(
            model_name='container',
            name='fleet_conta_gone_at_b33f85_idx',
        ),
        RemoveIndexOnline(
            model_name='finding',
            name='fleet_findi_rule_d8571c_idx',
        ),
        RemoveIndexOnline(
            model_name='finding',
            name='fleet_findi_status_cd205f_idx',
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['name', 'id'], name='containers_by_name'),
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(models.Case(models.When(then=models.Value(0), verdict='not-ready'), models.When(then=models.Value(1), verdict='unknown'), models.When(then=models.Value(2), verdict='at-risk'), models.When(then=models.Value(3), verdict='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), models.F('id'), condition=models.Q(('gone_at__isnull', True)), name='containers_worst_first'),
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['image_reference'], name='containers_by_image'),
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['state', 'name'], name='containers_by_state'),
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['health', 'name'], name='containers_by_health'),
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['started_at'], name='containers_by_start'),
        ),
        AddIndexOnline(
            model_name='container',
            index=models.Index(models.OrderBy(models.F('restart_count'), descending=True), models.F('id'), condition=models.Q(('gone_at__isnull', True), ('expected_running', True), models.Q(('restart_count__gt', 0), ('health', 'unhealthy'), models.Q(('state', 'running'), _negated=True), _connector='OR')), name='troubled_containers'),
        ),
        AddIndexOnline(
            model_name='finding',
            index=models.Index(fields=['rule', 'status', 'id'], name='fleet_findi_rule_7b199f_idx'),
        ),
        AddIndexOnline(
            model_name='finding',
            index=models.Index(fields=['status', 'severity_rank', 'rule'], name='fleet_findi_status_53cae0_idx'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.Case(models.When(then=models.Value(0), verdict='not-ready'), models.When(then=models.Value(1), verdict='unknown'), models.When(then=models.Value(2), verdict='at-risk'), models.When(then=models.Value(3), verdict='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_worst_first'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(fields=['team', 'name'], name='services_by_team'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(fields=['stage', 'name'], name='services_by_stage'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(fields=['containers_total'], name='services_by_containers'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(fields=['hosts_total'], name='services_by_hosts'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.F('stage'), models.Case(models.When(then=models.Value(0), verdict_network='not-ready'), models.When(then=models.Value(1), verdict_network='unknown'), models.When(then=models.Value(2), verdict_network='at-risk'), models.When(then=models.Value(3), verdict_network='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_by_network'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.F('stage'), models.Case(models.When(then=models.Value(0), verdict_state='not-ready'), models.When(then=models.Value(1), verdict_state='unknown'), models.When(then=models.Value(2), verdict_state='at-risk'), models.When(then=models.Value(3), verdict_state='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_by_state'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.F('stage'), models.Case(models.When(then=models.Value(0), verdict_trust='not-ready'), models.When(then=models.Value(1), verdict_trust='unknown'), models.When(then=models.Value(2), verdict_trust='at-risk'), models.When(then=models.Value(3), verdict_trust='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_by_trust'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.F('stage'), models.Case(models.When(then=models.Value(0), verdict_runtime='not-ready'), models.When(then=models.Value(1), verdict_runtime='unknown'), models.When(then=models.Value(2), verdict_runtime='at-risk'), models.When(then=models.Value(3), verdict_runtime='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_by_runtime'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.F('stage'), models.Case(models.When(then=models.Value(0), verdict_resilience='not-ready'), models.When(then=models.Value(1), verdict_resilience='unknown'), models.When(then=models.Value(2), verdict_resilience='at-risk'), models.When(then=models.Value(3), verdict_resilience='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_by_resilience'),
        ),
        AddIndexOnline(
            model_name='service',
            index=models.Index(models.F('stage'), models.Case(models.When(then=models.Value(0), verdict_hardening='not-ready'), models.When(then=models.Value(1), verdict_hardening='unknown'), models.When(then=models.Value(2), verdict_hardening='at-risk'), models.When(then=models.Value(3), verdict_hardening='ready'), default=models.Value(4), output_field=models.IntegerField()), models.F('name'), name='services_by_hardening'),
        ),
    ]
