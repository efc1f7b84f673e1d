"""What the classifier learnt from, and the topics found in many orders."""

from django.db import models
from django.db.models import Q

from hexi.domains.livelihood.requests.models.orders import Request


class Classifier(models.Model):
    """What was learnt from a region's orders (分类器), one row a training; the one in force proposes."""

    region_code = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    source = models.CharField(max_length=120, help_text="what it was trained on")
    examples = models.PositiveIntegerField()
    corrections = models.PositiveIntegerField(help_text="of them, orders for which somebody chose otherwise")
    data_digest = models.CharField(max_length=64, help_text="SHA-256 of the texts and classes it learnt from")
    digest = models.CharField(max_length=64, help_text="SHA-256 of `content`")
    metrics = models.JSONField(default=dict, help_text="accuracy, macro-F1, confusion on a tenth kept out; seconds")
    offices = models.JSONField(default=dict, help_text="how often an office had a class at a place")
    content = models.BinaryField()
    in_force = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region_code"], condition=Q(in_force=True), name="requests_classifier_in_force"
            )
        ]
        indexes = [models.Index(fields=["region_code", "-id"])]

    def __str__(self) -> str:
        return f"{self.region_code} {self.data_digest[:12]}"


class Topic(models.Model):
    """Orders that say the same of the same place in the same weeks (重复与热点诉求); found anew by `find_topics`."""

    lead = models.OneToOneField(Request, models.CASCADE, related_name="topic", help_text="the first of them")
    region_code = models.CharField(max_length=12, help_text="region of the hotline")
    place_code = models.CharField(max_length=12, help_text="division all of them lie in")
    subject = models.CharField(max_length=12, blank=True, help_text="class most of them have")
    orders = models.PositiveIntegerField()
    callers = models.PositiveIntegerField(help_text="different phones; without a phone each counts")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    heat = models.FloatField(help_text="orders, each halved for every week since")
    lat = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    lon = models.DecimalField(max_digits=9, decimal_places=6, null=True)

    class Meta:
        indexes = [models.Index(fields=["region_code", "-heat"])]


class TopicOrder(models.Model):
    """An order of a topic, and how alike it is to it."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="members")
    request = models.OneToOneField(Request, models.CASCADE, related_name="in_topic")
    alike = models.FloatField(help_text="0–1")
