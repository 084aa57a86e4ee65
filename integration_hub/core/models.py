"""The one table of the core: what has been spent of each rate limit."""

from __future__ import annotations

from django.db import models


class RateBucket(models.Model):
    """Calls made and reserved under one budget, shared by all processes.

    ``stamps`` is JSON: limit name → [[unix milliseconds, units], ...], oldest first.
    All limits of a budget share one row so that one conditional update (on
    ``version``) reserves the same moment under all of them.
    """

    bucket = models.CharField(max_length=200, primary_key=True)
    version = models.BigIntegerField(default=0)
    stamps = models.TextField(default="{}")
    slow_until = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.bucket
