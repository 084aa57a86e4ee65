"""Leases, slots and stamps by which workers on any host agree."""

from __future__ import annotations

from django.db import models

from connectors.models import Connection


class Lease(models.Model):
    """A named right that one process at a time holds (the tick)."""

    name = models.CharField(max_length=80, primary_key=True)
    owner = models.CharField(max_length=80, blank=True, default="")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """One of the calls that may go to a connection at the same time."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="slots"
    )
    number = models.PositiveSmallIntegerField()
    owner = models.CharField(max_length=80, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "number"), name="one_row_per_slot"
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection_id}/{self.number}"


class WorkerStamp(models.Model):
    """What one worker process of one cluster last started; how a deaf one is seen."""

    cluster = models.CharField(max_length=80)
    process = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("cluster", "process"), name="one_stamp_per_worker"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cluster} {self.process}"
