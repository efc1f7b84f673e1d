"""Tables of who applies for somebody else: at the counter, or by a mandate."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.models.case import Case


class Entry(models.Model):
    """A draft begun at the counter for whoever stands there; his document was seen."""

    class How(models.TextChoices):
        """In which way somebody applies for another."""

        WINDOW = "window", _("窗口按纸质申请录入")
        OPERATOR = "operator", _("工作人员代为操作")
        MANDATE = "mandate", _("受托人代办")

    draft = models.OneToOneField("forms.Draft", models.CASCADE, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    note = models.CharField(max_length=200, blank=True)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()


class Agency(models.Model):
    """Who applied for the applicant of a case, in which way, by which mandate."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="agency")
    how = models.CharField(max_length=8, choices=Entry.How)
    agent = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    mandate = models.ForeignKey("people.Mandate", models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
