"""Stored records as plain documents, for rules and filters to be tried on."""

from __future__ import annotations

import json

from connectors.plain import from_json, to_plain
from flows.models import Integration, SyncRecord
from mapping.models import Mapping
from mapping.rules import ValueMapData
from mapping.services import load_value_maps
from mapping.trying import Samples

MOST = 100


def last_samples(mapping: Mapping, most: int = MOST) -> Samples:
    """The documents of the last records of a mapping's flows, newest first.

    Those whose content was removed after its time are left out.
    """
    records = SyncRecord.objects.filter(
        flow__mapping=mapping, payload__isnull=False, readable=True
    )
    found = [
        (record.number or record.source_id, to_plain(from_json(json.loads(text))))
        for record in records.order_by("-pk")[:most]
        if (text := record.payload)
    ]
    return Samples(found)


def maps_of(mapping: Mapping) -> dict[str, ValueMapData]:
    """The value maps that a mapping's rules look up in."""
    found = Integration.objects.filter(flows__mapping=mapping)
    integration = found.select_related("value_maps").first()
    return load_value_maps(integration.value_maps if integration else None)
