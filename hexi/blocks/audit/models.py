"""Tables of the log: entries in 16 chains, the head of each chain, and the public seals over all heads."""

from django.db import models

PARTITIONS = 16
GENESIS = "0" * 64


class Entry(models.Model):
    """One change, or one look at personal data. Never updated, never deleted (triggers refuse both)."""

    partition = models.SmallIntegerField()
    seq = models.BigIntegerField(help_text="place in the partition's chain, from 1")
    at = models.DateTimeField()
    actor_key = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    verb = models.CharField(max_length=80)
    kind = models.CharField(max_length=80, blank=True, help_text='what was changed: "cases.case"')
    ref = models.CharField(max_length=120, blank=True, help_text="its primary key")
    about_person = models.BigIntegerField(null=True, help_text="the person whose data was looked at")
    facts = models.JSONField(default=dict)
    before = models.CharField(max_length=64, help_text="hash of the entry before it in the partition")
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partition", "seq"], name="audit_entry_once")]
        indexes = [
            models.Index(fields=["kind", "ref", "id"]),
            models.Index(
                fields=["about_person", "-id"], condition=models.Q(about_person__isnull=False), name="audit_look"
            ),
        ]


class Head(models.Model):
    """The end of one partition's chain; its row lock puts writers in line."""

    partition = models.SmallIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)


class Seal(models.Model):
    """All heads at one hour under one digest, published so that nobody can rewrite what lies before it."""

    hour = models.DateTimeField(unique=True)
    heads = models.JSONField(help_text="[[partition, seq, hash], …]")
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
