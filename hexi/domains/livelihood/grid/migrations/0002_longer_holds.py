from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('grid', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='wish',
            name='kind',
            field=models.CharField(choices=[('delay', '延期'), ('hold', '挂账'), ('longer', '延长挂账')], max_length=8),
        ),
        migrations.AlterField(
            model_name='wish',
            name='amount',
            field=models.PositiveSmallIntegerField(help_text="delay: how much more, in the clock's unit; hold and longer: working days"),
        ),
    ]
