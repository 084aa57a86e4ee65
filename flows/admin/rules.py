"""Rules and filters with the records and the lists that their flows know.

The mapping room knows no records and no systems; here they are known.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from connectors.forms import make_pairs
from flows import samples, setup
from mapping.declared import fields_of_target
from mapping.editors import Pairs
from mapping.filter_admin import FilterAdmin as PlainFilterAdmin
from mapping.models import Filter, Mapping, Rule
from mapping.rule_admin import RuleAdmin as PlainRuleAdmin
from mapping.rules import ValueMapData
from mapping.trying import Samples

SEE_RECORDS = "flows.view_syncrecord"

admin.site.unregister((Filter, Rule))


def list_samples(request: HttpRequest, mapping: Mapping) -> Samples:
    """The last records of a mapping's flows, for those who may see records."""
    if request.user.has_perm(SEE_RECORDS):
        return samples.last_samples(mapping)
    return Samples(note=_("Only those who may see records can try it on them."))


@admin.register(Filter)
class FilterAdmin(PlainFilterAdmin):
    """A filter that is tried on the last records."""

    def samples_of(self, request: HttpRequest, mapping: Mapping) -> Samples:
        """The last records of the mapping's flows."""
        return list_samples(request, mapping)

    def maps_of(self, mapping: Mapping) -> dict[str, ValueMapData]:
        """Those of the integration that the mapping belongs to."""
        return samples.maps_of(mapping)


@admin.register(Rule)
class RuleAdmin(PlainRuleAdmin):
    """A rule whose table picks names instead of ids."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Ask for the list first: no call may be made inside the transaction."""
        rule = self.get_object(request, object_id or "")
        if rule is not None and self.has_change_permission(request, rule):
            self.ask_list(request, rule)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def samples_of(self, request: HttpRequest, mapping: Mapping) -> Samples:
        """The last records of the mapping's flows."""
        return list_samples(request, mapping)

    def choices_of(self, request: HttpRequest, rule: Rule) -> Pairs:
        """The target's own list, where the field is picked from one."""
        if not hasattr(request, "choices"):
            self.ask_list(request, rule)
        pairs: Pairs = getattr(request, "choices", ())
        return pairs or super().choices_of(request, rule)

    def ask_list(self, request: HttpRequest, rule: Rule) -> None:
        """Keep the list that the rule's field is picked from with the request."""
        field = fields_of_target(rule.mapping.target).get((rule.scope, rule.field))
        name = field.choices if field and isinstance(field.choices, str) else ""
        lists = setup.ask_rule_list(rule, name)
        request.choices = make_pairs(lists.found.get(name, ()))  # type: ignore[attr-defined]
        if lists.problem and request.method == "GET":
            messages.warning(request, lists.problem)
