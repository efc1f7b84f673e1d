"""What a picture looks like: a hint for whoever hands it in and whoever checks it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="blob",
            name="look",
            field=models.CharField(blank=True, default="", help_text="key of a hint: small, dark, blurred, cut …", max_length=8),
        ),
    ]
