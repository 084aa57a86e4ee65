"""Paging that does not count tables of millions of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.db.models import QuerySet

    _Base = Paginator[Any]
else:
    _Base = Paginator


class CappedPaginator(_Base):
    """Counts up to ``MOST`` rows and no further; what lies beyond is found by filter."""

    MOST = 10_000
    template_name = "hub/pagination_capped.html"

    @cached_property
    def count(self) -> int:
        """The number of rows, at most ``MOST``."""
        return min(self._counted, self.MOST)

    @cached_property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted > self.MOST

    @cached_property
    def _counted(self) -> int:
        # The order is dropped: it would make the database sort before it counts.
        rows = cast("QuerySet[Any]", self.object_list).order_by()
        return rows[: self.MOST + 1].count()
