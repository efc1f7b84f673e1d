"""When somebody here last said what a class is called: the shipped words no longer replace his."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0008_sent_on")]

    operations = [
        migrations.AddField(
            model_name="subject",
            name="described_at",
            field=models.DateTimeField(help_text="when somebody here last said what it is called", null=True),
        ),
    ]
