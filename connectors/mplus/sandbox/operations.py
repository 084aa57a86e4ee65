"""What each operation answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.mplus.sandbox import cards
from connectors.mplus.sandbox.counting import select_cash_counts, show_count_info
from connectors.mplus.sandbox.seed import shop
from connectors.mplus.sandbox.seed.moments import SHOP_ZONE
from connectors.mplus.sandbox.selection import Lateness, select_receipts
from connectors.mplus.sandbox.store import Entry, Store
from connectors.sandbox.switches import Switches

SERVICE_VERSION = "67.1.3"
Record = dict[str, Any]
Request = Mapping[str, Any]

_MARKERS = (
    "article",
    "articleGroup",
    "relation",
    "employee",
    "invoice",
    "receipt",
    "order",
    "proposal",
    "purchaseOrder",
    "purchaseDelivery",
    "relationPoints",
    "cashDrawerBalancing",
    "activity",
    "packingSlip",
)


class Operations:
    """The till's operations by name; each takes a request and gives an answer."""

    def __init__(self, store: Store, switches: Switches) -> None:
        self._store = store
        self._switches = switches
        self.lateness = Lateness()
        self._answers: dict[str, Callable[[Request], Record]] = {
            "getApiVersion": _get_api_version,
            "getCurrentSyncMarkers": self._get_sync_markers,
            "getCurrentSyncMarkersV2": self._get_chosen_sync_markers,
            "getReceipts": self._get_receipts,
            "getReceipt": self._get_receipt,
            "getCashCountList": self._get_cash_counts,
            "getCashCountInfo": self._get_count_info,
            "getRelations": self._get_relations,
            "getRelation": self._get_relation,
            "findRelation": self._find_relation,
            "findRelationV2": self._find_relation_exactly,
            "getProducts": self._get_products,
            "getArticleGroups": self._get_article_groups,
            "getEmployees": self._get_employees,
            "getPaymentMethods": _get_payment_methods,
            "getPaymentMethodsV2": _get_payment_methods_v2,
            "getVatGroupList": lambda _: {"vatGroup": shop.build_vat_groups()},
            "getTurnoverGroups": lambda _: {
                "turnoverGroupList": {"turnoverGroup": shop.build_turnover_groups()}
            },
            "getBranches": lambda _: {"branches": {"branch": shop.build_branches()}},
            "getDeliveryMethods": lambda _: {
                "deliveryMethodList": {"deliveryMethod": shop.build_delivery_methods()}
            },
            "getCardCategories": lambda _: {
                "relationCardCategoryList": {
                    "cardCategory": shop.build_relation_categories()
                }
            },
        }

    def answer(self, operation: str, request: Request) -> Record:
        """The answer of an operation to a request."""
        return self._answers[operation](request)

    def _get_sync_markers(self, request: Request) -> Record:
        markers = dict.fromkeys((f"{name}SyncMarker" for name in _MARKERS), 0)
        return markers | {
            "articleSyncMarker": len(self._store.products),
            "articleGroupSyncMarker": len(self._store.article_groups),
            "relationSyncMarker": self._store.relation_marker,
            "employeeSyncMarker": len(self._store.employees),
            "receiptSyncMarker": self._store.receipt_marker,
            "stockId": 0,
        }

    def _get_chosen_sync_markers(self, request: Request) -> Record:
        markers = self._get_sync_markers(request)
        chosen = request.get("request", {})
        return {
            name: value
            for name, value in markers.items()
            if chosen.get(f"include{name[0].upper()}{name[1:]}")
        }

    def _get_receipts(self, request: Request) -> Record:
        wanted = request.get("request", {})
        with self._store.lock:
            hidden = self.lateness.hidden(self._store, self._switches)
            page = select_receipts(
                self._store, wanted, switches=self._switches, hidden=hidden
            )
            self.lateness.count_call(self._switches)
        receipts = [_show_receipt(entry, wanted) for entry in page]
        return {"receiptList": {"receipt": receipts}}

    def _get_receipt(self, request: Request) -> Record:
        with self._store.lock:
            hidden = self.lateness.hidden(self._store, self._switches)
            entry = self._store.find_receipt(request.get("receiptId", ""))
        shown = self._switches["unknown_receipt_types"]
        if entry is None or entry.id in hidden or (entry.unknown_type and not shown):
            return {"result": "GET-RECEIPT-RESULT-NOT-FOUND"}
        receipt = _show_receipt(entry, {})
        return {"result": "GET-RECEIPT-RESULT-OK", "receipt": receipt}

    def _get_cash_counts(self, request: Request) -> Record:
        with self._store.lock:
            found = select_cash_counts(
                self._store.cash_counts.values(),
                request.get("request", {}),
                flagged=self._switches["cash_count_flag"],
            )
        if self._switches["cash_counts"] == "none":
            found = []
        return {"cashCountList": {"cashCount": found}}

    def _get_count_info(self, request: Request) -> Record:
        with self._store.lock:
            info = show_count_info(self._store, request.get("request", {}))
        return {"cashCountInfo": info}

    def _get_relations(self, request: Request) -> Record:
        wanted = request.get("request", {})
        with self._store.lock:
            found = cards.select_relations(
                self._store.relations, wanted, switches=self._switches
            )
        return {"relationList": {"relation": found}}

    def _get_relation(self, request: Request) -> Record:
        relation = self._store.relations.get(request.get("relationNumber", 0))
        if relation is None:
            # The vendor's WSDL requires the element also when there is no relation.
            return {"result": "GET-RELATION-RESULT-NOT-FOUND", "relation": {}}
        return {"result": "GET-RELATION-RESULT-OK", "relation": relation}

    def _find_relation(self, request: Request) -> Record:
        return self._find(request.get("relation", {}), exact=False)

    def _find_relation_exactly(self, request: Request) -> Record:
        wanted = request.get("request", {})
        exact = wanted.get("exactMatch", False)
        return self._find(wanted.get("relation", {}), exact=exact)

    def _find(self, wanted: Request, *, exact: bool) -> Record:
        with self._store.lock:
            found = cards.find_relation(
                self._store.relations.values(), wanted, exact=exact
            )
        if found is None:
            return {"result": "FIND-RELATION-RESULT-NOT-FOUND"}
        return {"result": "FIND-RELATION-RESULT-OK", "relation": found}

    def _get_products(self, request: Request) -> Record:
        wanted = request.get("request", {})
        found = cards.select_products(
            self._store.products, wanted, switches=self._switches
        )
        return {"productList": {"product": found}}

    def _get_article_groups(self, request: Request) -> Record:
        found = cards.select_article_groups(
            self._store, request.get("request", {}), switches=self._switches
        )
        return {"articleGroupList": {"articleGroups": found}}

    def _get_employees(self, request: Request) -> Record:
        wanted = request.get("request", {})
        found = cards.select_employees(
            self._store.employees, wanted, switches=self._switches
        )
        return {"employeeList": {"employee": found}}


def _show_receipt(entry: Entry, request: Request) -> Record:
    receipt = entry.read()
    if request.get("includeLineList") is False:
        del receipt["lineList"]
    elif request.get("includeOrderReferences"):
        receipt["orderIds"] = receipt["extOrderIds"] = {"id": []}
    if not request.get("includeLastMailTimelineEvents"):
        receipt.pop("timelineEvents", None)
    return receipt


def _get_api_version(request: Request) -> Record:
    now = datetime.now(UTC).astimezone(SHOP_ZONE).isoformat(timespec="seconds")
    major, minor, revision = (int(part) for part in SERVICE_VERSION.split("."))
    return {
        "majorNumber": 1,
        "minorNumber": 0,
        "revisionNumber": 0,
        "serviceMajorNumber": major,
        "serviceMinorNumber": minor,
        "serviceRevisionNumber": revision,
        "serviceDateTime": now,
        "serviceHostname": "sandbox",
        "serviceIpAddresses": ["127.0.0.1"],
        "serviceMinWorkerThreads": 2,
        "serviceMaxWorkerThreads": 8,
        "inDebugMode": False,
        "isSlaveApi": False,
        "slaveApiType": "NO-SLAVE-API",
        "serviceVersionDisplayString": SERVICE_VERSION,
    }


def _get_payment_methods(request: Request) -> Record:
    return _get_payment_methods_v2({})


def _get_payment_methods_v2(request: Request) -> Record:
    wanted = request.get("request", {})
    found = cards.select_payment_methods(wanted)
    return {"paymentMethodList": {"paymentMethod": found}}
