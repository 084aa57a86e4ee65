"""Stored records as plain documents, for rules and filters to be tried on."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import ngettext

from connectors.plain import from_json, to_plain
from flows.engine.contents import GARBLED
from flows.models import Flow, Integration, RecordState, SyncRecord
from integration_hub.core.encryption import decrypt
from integration_hub.core.errors import ConfigError
from mapping.map_services import load_value_maps
from mapping.models import Mapping
from mapping.rules import ValueMapData
from mapping.trying import Sample, Samples

MOST = 100
OFFERED = 30


def last_samples(mapping: Mapping, most: int = MOST) -> Samples:
    """The documents of the last records of a mapping's flows, newest first.

    Those whose content was removed after its time are left out; so are those that
    cannot be read any more, which is said.
    """
    records = SyncRecord.objects.filter(
        flow__mapping=mapping, payload__isnull=False, readable=True
    )
    found: list[Sample] = []
    lost = 0
    for record in keep_sealed(records.order_by("-pk"))[:most]:
        try:
            document = from_json(json.loads(decrypt(record.sealed)))
        except (ConfigError, *GARBLED):
            lost += 1
        else:
            found.append((record.number or record.source_id, to_plain(document)))
    said = ngettext(
        "%s record is left out: its content cannot be read any more.",
        "%s records are left out: their content cannot be read any more.",
        lost,
    )
    return Samples(found, said % lost if lost else "")


def list_records(
    flow: Flow, count: int = OFFERED, number: str = ""
) -> list[SyncRecord]:
    """The newest records whose content is still stored, by the start of a number.

    Their content is read when it is asked for.
    """
    return list(select_stored(flow, number).defer("payload")[:count])


def select_stored(flow: Flow, number: str = "") -> QuerySet[SyncRecord]:
    """The records of a flow whose content is still stored, newest first.

    Not those that were taken back: whatever the rules say, they are not posted again.
    """
    found = flow.records.filter(payload__isnull=False, readable=True)
    found = found.exclude(state=RecordState.UNDONE)
    if number:
        found = found.filter(number__startswith=number)
    return found.select_related("flow__integration__target")


def keep_sealed(records: QuerySet[SyncRecord]) -> QuerySet[Any]:
    """Records with their content as it is stored (``sealed``): one that no key opens
    does not keep the others from being read.
    """
    sealed = Cast("payload", TextField())
    return records.defer("payload").annotate(sealed=sealed)


def maps_of(mapping: Mapping) -> dict[str, ValueMapData]:
    """The value maps that a mapping's rules look up in."""
    found = Integration.objects.filter(flows__mapping=mapping)
    integration = found.select_related("value_maps").first()
    return load_value_maps(integration.value_maps if integration else None)
