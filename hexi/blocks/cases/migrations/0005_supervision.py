"""Supervision orders, and the nightly self-check."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_item_drafts'),
        ('regions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SelfCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('at', models.DateTimeField()),
                ('items', models.PositiveIntegerField(help_text='published items looked at')),
                ('findings', models.JSONField(default=list, help_text='see `selfcheck.Finding`')),
            ],
            options={
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='SupervisionOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=80, unique=True)),
                ('region_code', models.CharField(max_length=12)),
                ('light', models.CharField(help_text='how the case stood when the order was issued', max_length=8)),
                ('reason', models.TextField()),
                ('issued_at', models.DateTimeField()),
                ('issued_name', models.CharField(max_length=200)),
                ('due', models.DateTimeField(help_text='until when the office must answer')),
                ('state', models.CharField(choices=[('issued', '待答复'), ('answered', '已答复'), ('closed', '已办结'), ('repeated', '已再次督办')], default='issued', max_length=8)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_name', models.CharField(blank=True, max_length=200)),
                ('closed_at', models.DateTimeField(null=True)),
                ('conclusion', models.TextField(blank=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='cases.case')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.department')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('repeats', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated_by', to='cases.supervisionorder')),
            ],
            options={
                'indexes': [models.Index(fields=['department', 'state', 'due'], name='cases_super_departm_305fc0_idx'), models.Index(fields=['region_code', 'state'], name='cases_super_region__bb5101_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('issued', 'answered'))), fields=('case',), name='cases_order_one_open')],
            },
        ),
    ]
