"""Value maps whose keys and columns are chosen from the two systems' own lists.

The mapping room knows no system; here the integration of a map is known.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from connectors.forms import make_pairs
from flows import setup
from flows.models import Integration
from mapping.admin import ValueMapAdmin as PlainValueMapAdmin
from mapping.differences import Names
from mapping.forms import Lists
from mapping.models import ValueMap
from mapping.versions import Thing

admin.site.unregister(ValueMap)


@admin.register(ValueMap)
class ValueMapAdmin(PlainValueMapAdmin):
    """A value map with names instead of ids to choose from."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Ask for the lists first: no call may be made inside the transaction."""
        value_map = self.get_object(request, object_id or "")
        if value_map is not None and self.has_change_permission(request, value_map):
            lists = setup.ask_map_lists(value_map)
            request.lists = lists  # type: ignore[attr-defined]
            if lists.problem and request.method == "GET":
                messages.warning(request, lists.problem)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def target_of(self, value_map: ValueMap) -> str:
        """The target of the integration that uses the map."""
        found = Integration.objects.filter(value_maps=value_map.map_set_id)
        return found.values_list("target__connector", flat=True).first() or ""

    def names_of(self, request: HttpRequest, thing: Thing) -> Names:
        """What ids stand for, as far as the systems can be asked now."""
        if not isinstance(thing, ValueMap):
            return {}
        lists = setup.ask_map_lists(thing)
        return {
            name: {each.id: each.name for each in found}
            for name, found in lists.found.items()
        }

    def lists_of(self, request: HttpRequest, value_map: ValueMap) -> Lists:
        """The lists as pairs of id and name."""
        lists: setup.Lists | None = getattr(request, "lists", None)
        if lists is None:
            return {}
        return {name: make_pairs(found) for name, found in lists.found.items()}
