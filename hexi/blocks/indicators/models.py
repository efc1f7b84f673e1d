"""Tables of indicators: facts rolled up by day and by month."""

from django.db import models


class Fact(models.Model):
    """How much of one fact in one period, for one division, department and item. Kept by `operations.add`.

    The owner of the fact says what `dimension` names (an item's key). `department_id` is kept by value, 0 for none, as
    the row must be found by all its columns. Numbers are whole: days, fen, pieces; an indicator divides and rounds.
    """

    class Grain(models.TextChoices):
        """Length of the period that begins with `day`."""

        DAY = "d"
        MONTH = "m"

    key = models.CharField(max_length=60, help_text='of the fact: "cases.received"')
    grain = models.CharField(max_length=1, choices=Grain)
    day = models.DateField(help_text="first day of the period")
    region_code = models.CharField(max_length=12)
    department_id = models.BigIntegerField(default=0)
    dimension = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "grain", "region_code", "department_id", "dimension", "day"],
                name="indicators_fact_once",
            )
        ]
        indexes = [models.Index(fields=["key", "grain", "day"])]

    def __str__(self) -> str:
        return f"{self.key} {self.day}: {self.amount}"
