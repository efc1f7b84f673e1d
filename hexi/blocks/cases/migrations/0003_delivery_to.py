from django.db import migrations

import hexi.blocks.forms.models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_indicators'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='delivery_to',
            field=hexi.blocks.forms.models.SealedJSON(help_text='courier: name, phone, address; sealed', null=True),
        ),
    ]
