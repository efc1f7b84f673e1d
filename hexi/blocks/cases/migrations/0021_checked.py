from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_found_by_bodies"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="checked",
            field=models.JSONField(default=list, help_text="keys of the checklist that are ticked"),
        ),
    ]
