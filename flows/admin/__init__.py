"""The admin's pages of integrations, flows, runs, records and alerts."""

from __future__ import annotations

from flows.admin.alerts import AlertAdmin
from flows.admin.flows import FlowAdmin
from flows.admin.integrations import IntegrationAdmin
from flows.admin.records import SyncRecordAdmin
from flows.admin.rules import FilterAdmin, RuleAdmin
from flows.admin.runs import RunAdmin
from flows.admin.value_maps import ValueMapAdmin

__all__ = [
    "AlertAdmin",
    "FilterAdmin",
    "FlowAdmin",
    "IntegrationAdmin",
    "RuleAdmin",
    "RunAdmin",
    "SyncRecordAdmin",
    "ValueMapAdmin",
]
