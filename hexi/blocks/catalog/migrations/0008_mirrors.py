"""Data sets that mirror one elsewhere: what was pushed is taken once, and what became of it is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_open_versions")]

    operations = [
        migrations.AlterField(
            model_name="source",
            name="way",
            field=models.CharField(
                choices=[
                    ("file", "上传或放进文件夹的文件"), ("postgres", "PostgreSQL 数据库的表"),
                    ("mariadb", "MariaDB 或 MySQL 数据库的表"), ("http", "网络服务（JSON、CSV）"),
                    ("exchange", "别处的数据集（数据交换，有推送就更新）"),
                ],
                default="file", max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="received",
            name="claimed_at",
            field=models.DateTimeField(help_text="since when somebody is at it", null=True),
        ),
        migrations.AddField(
            model_name="received",
            name="used_at",
            field=models.DateTimeField(help_text="when the data set here that mirrors it had taken it", null=True),
        ),
        migrations.AddField(
            model_name="received",
            name="used",
            field=models.CharField(
                blank=True, help_text="what became of it: LoadState, withdrawn, unknown", max_length=20
            ),
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(
                condition=models.Q(("used_at", None)), fields=["entry", "id"], name="catalog_received_waits"
            ),
        ),
    ]  # fmt: skip
