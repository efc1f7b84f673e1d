"""Notices to somebody of whom only a telephone is known."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0004_stop"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="phone",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="电话"),
        ),
        migrations.RemoveConstraint(model_name="notice", name="notices_notice_one_reader"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(account=None, person__isnull=False, phone="")
                | Q(account__isnull=False, person=None, phone="")
                | (Q(account=None, person=None) & ~Q(phone="")),
                name="notices_notice_one_reader",
            ),
        ),
    ]
