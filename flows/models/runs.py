"""Runs: one execution of a flow."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from flows.models.integrations import Flow


class RunStage(models.TextChoices):
    """Where a run is. Only the last three are final."""

    READING = "reading", _("Reading")
    DELIVERING = "delivering", _("Delivering")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped: settings or sign-in")
    BROKEN = "broken", _("Stopped: defect")


ACTIVE_STAGES = (RunStage.READING, RunStage.DELIVERING)
TRIGGERS = {
    "manual": _("a person"),
    "schedule": _("the schedule"),
    "retry": _("records that are tried again"),
}


class Run(models.Model):
    """One execution of a flow; at most one active per flow.

    ``lease_*`` belongs to whoever reads; ``totals`` holds, when finished, the bridge
    from the source's total to the target's, as decimal texts.
    """

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="runs")
    stage = models.CharField(
        max_length=12, choices=RunStage, default=RunStage.READING, db_index=True
    )
    trigger = models.CharField(max_length=20, default="manual")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    pause_until = models.DateTimeField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)
    staged = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    totals = models.JSONField(default=dict, blank=True)
    problem = models.TextField(blank=True, default="")
    action = models.TextField(blank=True, default="")
    traceback = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        permissions = (("undo_run", _("Can take back what a run has posted")),)
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("flow",),
                condition=Q(stage__in=["reading", "delivering"]),
                name="one_active_run_per_flow",
            ),
        )

    def __str__(self) -> str:
        return _now("Run %(id)s of %(flow)s") % {"id": self.pk, "flow": self.flow}

    @property
    def started_by(self) -> str:
        """Who or what has started it, in words."""
        return str(TRIGGERS.get(self.trigger, self.trigger))

    @property
    def is_active(self) -> bool:
        """Whether work may still be done for this run."""
        return self.stage in ACTIVE_STAGES


class Survey(models.Model):
    """That a run asked the target what it holds of one business day.

    ``foreign`` lists documents that bear a number of ours without our mark, as
    [entity, number, id].
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="surveys")
    day = models.DateField()
    foreign = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "day"), name="one_survey_per_day"),
        )

    def __str__(self) -> str:
        return f"{self.day} in run {self.run_id}"
