"""Value maps whose keys and columns are chosen from the two systems' own lists.

The mapping room knows no system; here the integration of a map is known, and what
waits for its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from flows import map_lists, map_rows, open_entries, services
from flows.admin.alerts import describe_retried
from flows.admin.asking import AskingAdmin
from flows.admin.new_value_map import NewValueMapForm, list_names
from flows.map_rows import MOST_BEGUN, Missing
from flows.models import Integration
from flows.templatetags.hub import money
from integration_hub.core.panel.badges import ago
from integration_hub.core.panel.buttons import Button
from mapping.admin import ValueMapAdmin as PlainValueMapAdmin
from mapping.countries import list_countries
from mapping.declared import Names
from mapping.listings import iter_lists, list_rows
from mapping.map_admin import ROW
from mapping.map_forms import Hints
from mapping.map_widgets import COUNTRIES
from mapping.models import Origin, ValueMap
from mapping.versions import Thing

RETRY = "flows.retry_syncrecord"
SUGGEST = "suggest"
SAVE_AND_RETRY = "_retry"
# So many rows that lack something, or name what is gone, are brought to the top.
MOST_URGENT = 200

admin.site.unregister(ValueMap)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page of a map knows: asked before any transaction is open."""

    lists: map_lists.Lists
    missing: Missing
    hints: Hints
    gone: dict[int, list[str]]


def has_lists(value_map: ValueMap) -> bool:
    """Whether anything of it is chosen from a system's list."""
    return any(iter_lists([*value_map.key_fields, *value_map.columns]))


@admin.register(ValueMap)
class ValueMapAdmin(AskingAdmin, PlainValueMapAdmin):
    """A value map with names instead of ids to choose from."""

    change_form_template = "hub/value_map.html"
    buttons = (
        Button(
            "suggest",
            _("Suggest"),
            "mapping.change_valuemap",
            icon="auto_fix_high",
            shown=has_lists,
        ),
        Button(
            "fill",
            _("Fill from the list"),
            "mapping.change_valuemap",
            icon="playlist_add",
            shown=has_lists,
            needs=("mapping.add_valuemapentry",),
        ),
        Button(
            "refresh",
            _("Refresh"),
            "mapping.view_valuemap",
            icon="refresh",
            shown=has_lists,
        ),
    )

    def ask_lists(self, request: HttpRequest, obj: ValueMap) -> map_lists.Lists | None:
        """The lists of keys and columns; what the page knows is kept beside them."""
        if not self.has_view_permission(request, obj):
            return None
        sheet = make_sheet(request, obj)
        request.sheet = sheet  # type: ignore[attr-defined]
        return sheet.lists

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what waits for the map and what is gone."""
        sheet: Sheet | None = getattr(request, "sheet", None)
        if sheet is not None:
            context |= present(sheet, request)
        return super().render_change_form(request, context, *args, **kwargs)

    def target_of(self, value_map: ValueMap) -> str:
        """The target of the integration that uses the map."""
        found = Integration.objects.filter(value_maps=value_map.map_set_id)
        return found.values_list("target__connector", flat=True).first() or ""

    def names_of(self, request: HttpRequest, thing: Thing) -> Names:
        """What ids stand for, as far as the systems can be asked now."""
        if not isinstance(thing, ValueMap):
            return {}
        lists = map_lists.ask_map_lists(thing)
        return {
            name: {each.id: each.name for each in found}
            for name, found in lists.found.items()
        }

    def hints_of(self, request: HttpRequest, value_map: ValueMap) -> Hints:
        """The lists, what waits, what is begun and proposed."""
        sheet: Sheet | None = getattr(request, "sheet", None)
        return sheet.hints if sheet else super().hints_of(request, value_map)

    def response_change(self, request: HttpRequest, obj: ValueMap) -> HttpResponse:
        """Let what waits for the map be tried again, where that was pressed."""
        if SAVE_AND_RETRY not in request.POST or not request.user.has_perm(RETRY):
            return super().response_change(request, obj)
        tell_retried(request, obj)
        back = self.response_post_save_change(request, obj)
        if back["Location"] == reverse("admin:mapping_valuemap_changelist"):
            return redirect("admin:mapping_valuemap_change", obj.pk)
        return back

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Anybody who may add value maps; those of the target come by themselves."""
        return request.user.has_perm("mapping.add_valuemap")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only maps of one's own; one at a time, because lists do not ask for each."""
        may = request.user.has_perm("mapping.delete_valuemap")
        return may and obj is not None and obj.origin == Origin.OWN

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A form of its own for a new map."""
        if obj is None:
            return NewValueMapForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a new map is made of."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        names = list_names()
        pairs = tuple(zip(names[::2], names[1::2], strict=True))
        return (
            (None, {"fields": ("integration", "label")}),
            (_("What a row is found by, and what it gives"), {"fields": pairs}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new map has no set yet."""
        return super().get_readonly_fields(request, obj) if obj is not None else ()

    def save_model(
        self, request: HttpRequest, obj: ValueMap, form: Any, change: bool
    ) -> None:
        """A new map is stored by its form."""
        if change:
            super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ValueMap, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To its rows."""
        said = _now("Add its rows; a rule uses it by lookup(“%s”, …).") % obj.name
        messages.success(request, said)
        return redirect("admin:mapping_valuemap_change", obj.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A map that rules or filters look up in stays."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        for value_map in objs:
            protected += [str(user) for user in map_rows.list_users(value_map)]
        return deleted, counts, needed, protected

    def press_suggest(
        self, request: HttpRequest, value_map: ValueMap
    ) -> HttpResponseRedirect:
        """Show the page with proposals in it; nothing is stored."""
        query = request.GET.copy()
        query[SUGGEST] = "1"
        return self.lead_to(value_map, query)

    def press_fill(self, request: HttpRequest, value_map: ValueMap) -> None:
        """Bring in the source's list as rows that are to be decided."""
        lists = map_lists.ask_map_lists(value_map)
        if lists.problem:
            messages.warning(request, lists.problem)
        count = map_rows.fill_rows(value_map, lists.found)
        if count:
            said = ngettext("%s row was added.", "%s rows were added.", count) % count
            messages.success(request, said)
        elif list_rows(value_map.key_fields, value_map.columns, lists.found):
            messages.info(request, _now("Every entry of the list has a row already."))
        else:
            messages.info(request, _now("This map has no list to be filled from."))

    def press_refresh(self, request: HttpRequest, value_map: ValueMap) -> None:
        """Ask both systems for their lists again."""
        map_lists.forget_map_lists(value_map)
        lists = map_lists.ask_map_lists(value_map)
        if not lists.problem:
            messages.success(request, _now("The lists are up to date."))


def tell_retried(request: HttpRequest, value_map: ValueMap) -> None:
    """Try again what waits for a value map, and say how many records that is."""
    count = services.retry(open_entries.records_of_map(value_map))
    open_entries.forget()
    if count:
        messages.success(request, describe_retried(count))
    else:
        messages.info(request, _now("Nothing waits for this value map."))


def make_sheet(request: HttpRequest, value_map: ValueMap) -> Sheet:
    """The lists, what waits for rows, and the rows that are begun. Makes calls."""
    lists = map_lists.ask_map_lists(value_map)
    missing = map_rows.find_missing(value_map)
    stored = map_rows.read_rows(value_map)
    asked = tuple(request.GET.getlist(ROW))
    wanted = map_rows.pad(value_map, asked) if asked else None
    begun = [wanted] if wanted else []
    begun += [keys for keys in missing.rows if keys not in begun]
    begun = [keys for keys in begun if keys not in stored]
    proposals: dict[tuple[str, ...], Any] = {}
    if SUGGEST in request.GET:
        absent = map_rows.list_absent(value_map, stored, lists.found)
        rows = {**stored, **{keys: {} for keys in (*begun, *absent)}}
        proposals = dict(map_rows.propose(value_map, rows.items(), lists.found))
        begun += [keys for keys in absent if keys in proposals and keys not in begun]
        if request.method == "GET":
            tell_proposed(request, len(proposals))
    waiting = {keys: describe_waiting(entry) for keys, entry in missing.rows.items()}
    gone = map_rows.find_gone_rows(value_map, lists.found)
    needed = map_rows.list_needed(value_map)
    incomplete = map_rows.find_incomplete_rows(value_map, needed)
    hints = Hints(
        lists.found,
        begun=begun[:MOST_BEGUN],
        waiting=waiting,
        proposals=proposals,
        urgent=list(dict.fromkeys([*incomplete, *gone]))[:MOST_URGENT],
        needed=needed,
    )
    return Sheet(lists, missing, hints, gone)


def tell_proposed(request: HttpRequest, count: int) -> None:
    """How many rows have a proposal."""
    if count:
        said = ngettext(
            "%s row has a proposal: look at it, then save. A row that you empty is left"
            " out.",
            "%s rows have a proposal: look at them, then save. A row that you empty is"
            " left out.",
            count,
        )
        messages.info(request, said % count)
    else:
        messages.info(request, _now("There is nothing to propose."))


def describe_waiting(entry: open_entries.OpenEntry) -> str:
    """How many records wait for a row, and how much money."""
    said = ngettext(
        "%(n)s record waits, %(sum)s", "%(n)s records wait, %(sum)s", entry.count
    )
    return said % {"n": entry.count, "sum": money(entry.amount)}


def present(sheet: Sheet, request: HttpRequest) -> dict[str, Any]:
    """What the page shows beside the form."""
    return {
        "asked": ago(sheet.lists.asked) if sheet.lists.asked else "",
        "missing": sheet.missing,
        "rowless": sheet.missing.rowless,
        "gone": sorted({name for names in sheet.gone.values() for name in names}),
        "may_retry": request.user.has_perm(RETRY),
        "retry_name": SAVE_AND_RETRY,
        "countries": list_countries(),
        "countries_id": COUNTRIES,
    }
