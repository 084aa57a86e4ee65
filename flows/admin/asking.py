"""Pages that choose from the two systems' own lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest

from flows.map_lists import Lists
from integration_hub.core.errors import HubError

if TYPE_CHECKING:
    from integration_hub.core.panel.bases import PanelAdmin

    _Base = PanelAdmin
else:
    _Base = object


class AskingAdmin(_Base):
    """Asks for the lists of a page before its transaction is open, and keeps them.

    No call may be made inside the transaction that a form is stored in.
    ``tells_problem``: why a list is missing is said on top, not by the page itself.
    """

    tells_problem = True

    def ask_lists(self, request: HttpRequest, obj: Any) -> Lists | None:
        """The lists that this page of this person needs; None where it needs none."""
        raise NotImplementedError

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kw: Any
    ) -> Any:
        """Ask first, and say why a list is missing."""
        obj = self.get_object(request, object_id or "")
        lists, problem = None, ""
        try:
            lists = self.ask_lists(request, obj) if obj is not None else None
        except HubError as error:
            problem = f"{error.message} {error.action}".strip()
        request.lists = lists  # type: ignore[attr-defined]
        if lists is not None and self.tells_problem:
            problem = lists.problem
        if problem and request.method == "GET":
            messages.warning(request, problem)
        return super().changeform_view(request, object_id, *args, **kw)


def asked_lists(request: HttpRequest) -> Lists | None:
    """What was asked for this page; None where nothing was."""
    lists: Lists | None = getattr(request, "lists", None)
    return lists
