import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0013_services_about_persons'),
    ]

    operations = [
        migrations.AddField(
            model_name='item',
            name='of_body',
            field=models.CharField(blank=True, help_text='why one that is called like a forbidden one is of a body, not a person', max_length=200),
        ),
        migrations.AddField(
            model_name='grant',
            name='ending_told',
            field=models.PositiveSmallIntegerField(help_text='days before its end both sides were told last', null=True),
        ),
        migrations.AlterField(
            model_name='quality',
            name='uses',
            field=models.BigIntegerField(default=0, help_text='uses, and reads in the thirty days before'),
        ),
        migrations.CreateModel(
            name='ReadCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('way', models.CharField(choices=[('page', '网页'), ('file', '下载'), ('api', '接口')], max_length=4)),
                ('count', models.BigIntegerField(default=0)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reads', to='catalog.entry')),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='catalog_reads_day')],
                'constraints': [models.UniqueConstraint(fields=('entry', 'day', 'way'), name='catalog_reads_once')],
            },
        ),
    ]
