from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0002_base_maps"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="record",
            field=models.CharField(blank=True, max_length=60, verbose_name="备案号", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="site",
            name="site_code",
            field=models.CharField(blank=True, max_length=20, verbose_name="政府网站标识码", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="site",
            name="contact",
            field=models.CharField(blank=True, max_length=200, verbose_name="联系方式", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="site",
            name="contact_en",
            field=models.CharField(blank=True, max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Edit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="site or department", max_length=12)),
                ("key", models.CharField(max_length=60)),
                ("before", models.JSONField(help_text="column: value, of those that changed")),
                ("after", models.JSONField(help_text="the same columns afterwards")),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["kind", "key"], name="regions_edit_of")],
            },
        ),
    ]
