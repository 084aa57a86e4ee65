"""Paging that does not count tables of millions of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList as _ChangeList
    from django.db.models import QuerySet

    _Base = Paginator[Any]
else:
    from unfold.views import ChangeList as _ChangeList

    _Base = Paginator


class QuietChangeList(_ChangeList):
    """Does not offer to show all of a table that it does not count."""

    def get_results(self, request: HttpRequest) -> None:
        """The page's rows; the foot of the list tells how many there are."""
        super().get_results(request)
        self.full_result_count = self.result_count


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
