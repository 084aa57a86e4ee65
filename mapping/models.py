"""Mappings, their rules and filters, and value maps: what users may change.

Connectors are named by their key as text, because a foreign key or a choice would
tie this room to the ones that know connectors.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from connectors import registry
from mapping.declared import make_title
from mapping.rules import FilterData, Missing, Occasion, RuleData, Scope


class Origin(models.TextChoices):
    """Who a rule comes from."""

    DEFAULT = "default", "default"
    OWN = "own", "own"


class Mapping(models.Model):
    """Rules and filters of one kind of document, from one system to another."""

    name = models.CharField(max_length=100)
    source = models.CharField(max_length=50, help_text="Key of the source's connector.")
    target = models.CharField(max_length=50, help_text="Key of the target's connector.")
    kind = models.CharField(max_length=30, help_text="Kind of document, e.g. order.")

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def systems(self) -> str:
        """From where to where, by the names that people know the systems by."""
        labels = dict(registry.list_choices())
        return " → ".join(labels.get(key, key) for key in (self.source, self.target))

    @cached_property
    def shared_maps(self) -> dict[str, ValueMap]:
        """The value maps by name that all who use the mapping have; asked once."""
        sets = ValueMapSet.objects.filter(integration__flows__mapping=self).distinct()
        found = sets.prefetch_related("value_maps")
        named = [{each.name: each for each in one.value_maps.all()} for one in found]
        names = set.intersection(*map(set, named)) if named else set()
        return {name: named[0][name] for name in sorted(names)}


class Rule(models.Model):
    """Target field ← expression, or ← conditional table.

    ``table`` is None for an ordinary rule; its form is told in ``mapping.tables``.

    ``default_expression``, ``default_required`` and ``default_on`` are what the target
    ships for this field ("" for a rule of one's own), so that a default can be
    compared and restored.
    """

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="rules")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    field = models.CharField(max_length=100)
    label = models.CharField(max_length=200, blank=True)
    expression = models.TextField(blank=True)
    table = models.JSONField(null=True, blank=True, default=None)
    required = models.BooleanField(default=False)
    on = models.CharField(
        max_length=10,
        choices=Occasion.choices,
        default=Occasion.BOTH,
        verbose_name="applies on",
    )
    only_if_empty = models.BooleanField(
        default=False,
        verbose_name="only if empty in the target",
        help_text="An update leaves a value alone that the field has in the target.",
    )
    note = models.TextField(
        blank=True, help_text="Why it is so: for whoever looks at this rule later."
    )
    position = models.PositiveIntegerField(default=0, db_index=True)
    active = models.BooleanField(default=True)
    origin = models.CharField(
        max_length=10, choices=Origin.choices, default=Origin.OWN, editable=False
    )
    default_expression = models.TextField(blank=True, editable=False)
    default_required = models.BooleanField(default=False, editable=False)
    default_on = models.CharField(
        max_length=10,
        choices=Occasion.choices,
        default=Occasion.BOTH,
        editable=False,
    )

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("mapping", "scope", "field", "on"),
                condition=Q(active=True),
                name="rule_once_per_field",
                violation_error_message="Another active rule already fills this field.",
            ),
        )

    def __str__(self) -> str:
        # One that is read from a document has no mapping yet.
        target = self.mapping.target if hasattr(self, "mapping") else ""
        return make_title(target, self.scope, self.field)

    @property
    def place(self) -> str:
        """What it fills, as errors refer to it."""
        return f"{self.scope}.{self.field}"

    @property
    def changed(self) -> bool:
        """Whether a default rule is off or no longer is what the target ships."""
        if self.origin != Origin.DEFAULT:
            return False
        now = (self.expression, self.required, self.on)
        shipped = (self.default_expression, self.default_required, self.default_on)
        added = self.table is not None or self.only_if_empty
        return not self.active or added or now != shipped

    @property
    def data(self) -> RuleData:
        """The rule as the engine takes it."""
        return RuleData(
            scope=self.scope,
            field=self.field,
            expression=self.expression,
            label=self.label,
            required=self.required,
            on=self.on,
            only_if_empty=self.only_if_empty,
            table=self.table,
        )


class Filter(models.Model):
    """Records for which it is true are skipped with ``reason``.

    It has ``conditions`` (see ``mapping.conditions``), or else an ``expression``.
    """

    mapping = models.ForeignKey(
        Mapping, on_delete=models.CASCADE, related_name="filters"
    )
    expression = models.TextField(blank=True)
    conditions = models.JSONField(null=True, blank=True, default=None)
    reason = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0, db_index=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.reason

    @property
    def data(self) -> FilterData:
        """The filter as the engine takes it."""
        return FilterData(
            expression=self.expression, reason=self.reason, conditions=self.conditions
        )


class ValueMapSet(models.Model):
    """The value maps that the flows of one integration share."""

    name = models.CharField(max_length=100)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ValueMap(models.Model):
    """A table from source values to target values.

    ``key_fields`` and ``columns`` are lists of ``{"name", "label"}`` with optional
    ``choices`` (the name of a list of the source or the target) and, for keys,
    ``type`` ("number": 21.00 is 21, "country": EU and non-EU too) and ``sort`` (of the
    list's entries, those that the map is for). A column's ``where`` names, by column,
    the values it matters for. ``default`` holds a text per column name. Maps of one's
    own are no template of the target's.
    """

    map_set = models.ForeignKey(
        ValueMapSet, on_delete=models.CASCADE, related_name="value_maps"
    )
    name = models.SlugField(max_length=50)
    label = models.CharField(max_length=100)
    key_fields = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    missing = models.CharField(
        max_length=10,
        choices=Missing.choices,
        default=Missing.FAIL,
        verbose_name="when no row fits",
    )
    default = models.JSONField(default=dict, blank=True)
    origin = models.CharField(
        max_length=10, choices=Origin.choices, default=Origin.DEFAULT, editable=False
    )
    force = models.BooleanField(
        default=False, help_text="Always the default, whatever the keys are."
    )
    # The target's template as it was taken last; {} where it is not known.
    shipped = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering = ("map_set_id", "label", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("map_set", "name"), name="value_map_name_once_per_set"
            ),
        )

    def __str__(self) -> str:
        return self.label


class ValueMapEntry(models.Model):
    """One row: ``keys`` in the order of the map's keys ("*" is any), ``values`` by column."""

    value_map = models.ForeignKey(
        ValueMap, on_delete=models.CASCADE, related_name="entries"
    )
    keys: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    values: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "value map entries"
        constraints = (
            models.UniqueConstraint(
                fields=("value_map", "keys"), name="value_map_entry_once_per_keys"
            ),
        )

    def __str__(self) -> str:
        return self.label or " / ".join(self.keys)


class Version(models.Model):
    """One state of a mapping or a value map: who made it, when, how, and all of it.

    ``document`` is what ``mapping.documents`` makes of it.
    """

    mapping = models.ForeignKey(
        Mapping, on_delete=models.CASCADE, null=True, related_name="versions"
    )
    value_map = models.ForeignKey(
        ValueMap, on_delete=models.CASCADE, null=True, related_name="versions"
    )
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=150)
    how = models.CharField(max_length=200)
    document: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(mapping__isnull=True) ^ Q(value_map__isnull=True),
                name="version_of_one_thing",
            ),
        )

    def __str__(self) -> str:
        return self.how
