"""How the letter to a third party without an account reached them."""

from django.db import migrations, models
from django.db.models import Q

HOW = [("handed", "当面送交"), ("left", "留置送达"), ("posted", "邮寄送达"), ("announced", "公告送达")]


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0024_decision"),
    ]

    operations = [
        migrations.AddField(
            model_name="thirdparty",
            name="served_how",
            field=models.CharField(blank=True, choices=HOW, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="thirdparty",
            name="served_on",
            field=models.DateField(help_text="the day it reached them", null=True),
        ),
        migrations.AddField(
            model_name="thirdparty",
            name="served_note",
            field=models.CharField(
                blank=True, default="", help_text="who signed, or the number of the post", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="thirdparty",
            name="served_name",
            field=models.CharField(blank=True, default="", help_text="who put it on record", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="thirdparty",
            constraint=models.CheckConstraint(
                condition=Q(served_on=None, served_how="") | (Q(served_on__isnull=False) & ~Q(served_how="")),
                name="cases_third_party_served",
            ),
        ),
    ]
