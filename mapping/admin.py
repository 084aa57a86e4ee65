"""What this room shows in the admin; importing it registers all of it."""

from __future__ import annotations

from mapping import filter_admin, mapping_admin, rule_admin
from mapping.map_admin import ValueMapAdmin

__all__ = ["ValueMapAdmin", "filter_admin", "mapping_admin", "rule_admin"]
