"""Which of the item's own decisions was made: disclosed wholly or in part."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0023_pause_met"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="decision",
            field=models.CharField(
                blank=True, default="", help_text="which of the item's own decisions", max_length=40
            ),
        ),
    ]
