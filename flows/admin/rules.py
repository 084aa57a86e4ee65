"""Rules and filters with the records and the lists that their flows know.

The mapping room knows no records and no systems; here they are known.
"""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from connectors.forms import make_pairs
from flows import map_lists, samples, setup
from flows.admin.asking import AskingAdmin, asked_lists
from flows.map_lists import Lists
from mapping.declared import Names, fields_of_target
from mapping.editors import Pairs
from mapping.filter_admin import FilterAdmin as PlainFilterAdmin
from mapping.mapping_admin import MappingAdmin as PlainMappingAdmin
from mapping.models import Filter, Mapping, Rule
from mapping.rule_admin import RuleAdmin as PlainRuleAdmin
from mapping.rules import ValueMapData
from mapping.trying import Samples
from mapping.versions import Thing

SEE_RECORDS = "flows.view_syncrecord"

admin.site.unregister((Filter, Mapping, Rule))


class NamingAdmin:
    """A page whose history tells names instead of ids; no system is asked for them."""

    def names_of(self, request: HttpRequest, thing: Thing) -> Names:
        """What ids of the target stand for, as far as that is kept."""
        return map_lists.known_names(thing) if isinstance(thing, Mapping) else {}


@admin.register(Mapping)
class MappingAdmin(NamingAdmin, PlainMappingAdmin):
    """A mapping whose tables tell names instead of ids."""


def list_samples(request: HttpRequest, mapping: Mapping) -> Samples:
    """The last records of a mapping's flows, for those who may see records."""
    if request.user.has_perm(SEE_RECORDS):
        return samples.last_samples(mapping)
    return Samples(note=_("Only those who may see records can try it on them."))


@admin.register(Filter)
class FilterAdmin(NamingAdmin, PlainFilterAdmin):
    """A filter that is tried on the last records."""

    def samples_of(self, request: HttpRequest, mapping: Mapping) -> Samples:
        """The last records of the mapping's flows."""
        return list_samples(request, mapping)

    def maps_of(self, mapping: Mapping) -> dict[str, ValueMapData]:
        """Those of the integration that the mapping belongs to."""
        return samples.maps_of(mapping)


@admin.register(Rule)
class RuleAdmin(NamingAdmin, AskingAdmin, PlainRuleAdmin):
    """A rule whose table picks names instead of ids."""

    def samples_of(self, request: HttpRequest, mapping: Mapping) -> Samples:
        """The last records of the mapping's flows."""
        return list_samples(request, mapping)

    def choices_of(self, request: HttpRequest, rule: Rule) -> Pairs:
        """The target's own list, where the field is picked from one."""
        lists = asked_lists(request)
        if lists is None:
            lists = self.ask_lists(request, rule)
        found = lists.found.get(list_name_of(rule), ()) if lists else ()
        return make_pairs(found) or super().choices_of(request, rule)

    def ask_lists(self, request: HttpRequest, obj: Rule) -> Lists | None:
        """The list that the rule's field is picked from."""
        if not self.has_change_permission(request, obj):
            return None
        return setup.ask_rule_list(obj, list_name_of(obj))


def list_name_of(rule: Rule) -> str:
    """Which of the target's lists the rule's field is picked from; "" for none."""
    field = fields_of_target(rule.mapping.target).get((rule.scope, rule.field))
    return field.choices if field and isinstance(field.choices, str) else ""
