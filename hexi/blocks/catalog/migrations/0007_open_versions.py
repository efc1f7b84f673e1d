"""Which older versions everybody may have: of those there are already none, for nobody knows what stood in them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_received_said")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="open",
            field=models.BooleanField(default=False, help_text="everybody may have it when it is an older one"),
        )
    ]
