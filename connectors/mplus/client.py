"""The only file that knows the MplusKASSA wire.

SOAP 1.1 over one POST to the address's root, ident and secret in the query (the
vendor's official PHP client). zeep writes the requests (``description``), answers are read by
``decoding``, and nothing else in this package calls either. Every call goes through the hub's own session, so limits,
deadlines, size and redaction hold. Nothing of the credentials gets into an error:
the session hides them in addresses, faults are redacted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from connectors.contract import Account
from connectors.mplus.decoding import DecodeError, Fault
from connectors.mplus.description import Description, own_description
from connectors.mplus.faults import BY_STATUS, RETRY, make_error, make_unreadable
from connectors.mplus.sources.values import list_items, to_wire_date
from integration_hub.core.addresses import normalise_address
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    NotFound,
)
from integration_hub.core.http import Reply

SANDBOX_ADDRESS = "http://127.0.0.1:18083/"
LIVE_ADDRESS = "https://api.mpluskassa.nl"
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
MOST_PER_CALL = 1000
UNKNOWN_CALL = "not implemented"
NO_PERMISSION = "permission"


def server_address(account: Account) -> str:
    """Where the account's server is, with a slash at the end. Raises ConfigError."""
    default = SANDBOX_ADDRESS if account.environment == "sandbox" else LIVE_ADDRESS
    settings = {**account.settings}
    settings["base_url"] = str(settings.get("base_url") or "").strip() or default
    return find_address(settings, system=account.name) + "/"


def find_address(settings: Mapping[str, Any], *, system: str) -> str:
    """Server and port in one form. Raises ConfigError, in the name of ``system``."""
    port = str(settings.get("port") or "").strip()
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise _ask_for_port(system, f"{port[:20]} is not a port number.")
    typed = str(settings.get("base_url") or "")
    address = normalise_address(typed, port=int(port) if port else None)
    # Nobody's till is on the vendor's default port: there it is one port per shop.
    if address == LIVE_ADDRESS:
        raise _ask_for_port(system, f"{system} has no port.")
    return address


def _ask_for_port(system: str, problem: str) -> ConfigError:
    return ConfigError(
        problem,
        code="port",
        action="Enter the port that MplusKASSA gave you, a whole number.",
        system=system,
    )


class Client:
    """Typed calls for what the connector needs; answers as plain dicts."""

    def __init__(self, account: Account, description: Description | None = None):
        self._account = account
        self._description = description or own_description()

    def api_version(self) -> dict[str, Any]:
        """getApiVersion."""
        return self._call("getApiVersion")

    def newest_receipt_marker(self) -> int:
        """The highest marker that any receipt has (getCurrentSyncMarkers)."""
        answer = self._call("getCurrentSyncMarkers")
        return int(answer.get("receiptSyncMarker") or 0)

    def receipts(
        self,
        *,
        marker: int | None = None,
        limit: int = MOST_PER_CALL,
        start: date | None = None,
        end: date | None = None,
        branches: Sequence[int] = (),
        ids: Sequence[str] = (),
        lines: bool = True,
    ) -> list[dict[str, Any]]:
        """Receipts with a marker from ``marker`` on and a financial date in between.

        ``lines`` False is much faster at the till and leaves lines out.
        """
        # The vendor's WSDL demands the two empty lists.
        request: dict[str, Any] = {"articlePluNumbers": {}, "articleBarcodes": {}}
        if marker is not None:
            request |= {"syncMarker": marker, "syncMarkerLimit": limit}
        if start is not None:
            request["fromFinancialDate"] = to_wire_date(start)
        if end is not None:
            request["throughFinancialDate"] = to_wire_date(end)
        if branches:
            request["branchNumbers"] = list(branches)
        if ids:
            request["receiptIds"] = list(ids)
        request["includeLineList"] = lines
        answer = self._call("getReceipts", request=request)
        return list_items(answer, "receiptList", "receipt")

    def receipt(self, receipt_id: str) -> dict[str, Any]:
        """One receipt. Raises NotFound."""
        answer = self._call("getReceipt", receiptId=receipt_id)
        found: dict[str, Any] | None = answer.get("receipt")
        if not found or answer.get("result") == "GET-RECEIPT-RESULT-NOT-FOUND":
            raise NotFound(
                f"{self._account.name} has no receipt {receipt_id}.",
                code="receipt",
                reference=receipt_id,
                system=self._account.name,
            )
        return found

    def cash_counts(self, *, start: date, end: date | None) -> list[dict[str, Any]]:
        """getCashCountList of some financial dates; none from a till without it.

        The WSDL gives the call no limit, so the dates are the caller's to choose.
        Raises ConfigError with the code NO_PERMISSION where the till has the call and
        keeps it from this login.
        """
        request = {"fromFinancialDate": to_wire_date(start)}
        if end is not None:
            request["throughFinancialDate"] = to_wire_date(end)
        try:
            answer = self._call("getCashCountList", request=request)
        except (AuthError, ConfigError) as error:
            if error.code not in ("client_fault", "login"):
                raise
            # gSOAP's words of a server from before the operation.
            if UNKNOWN_CALL in error.message:
                return []
            # A login that nothing can be asked with is told here.
            self.branches()
            raise self._miss_permission("cash counts", error) from error
        return list_items(answer, "cashCountList", "cashCount")

    def _miss_permission(self, what: str, error: HubError) -> ConfigError:
        """A call that is refused while others are answered."""
        return ConfigError(
            f"The login of {self._account.name} may not read {what}. {error.message}",
            code=NO_PERMISSION,
            reference=what,
            action=f"Ask MplusKASSA to let this login read {what}.",
            system=self._account.name,
            exchange=error.exchange,
        )

    def relations(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The relations with these numbers, as many calls as it takes."""
        found: list[dict[str, Any]] = []
        for first in range(0, len(numbers), MOST_PER_CALL):
            some = list(numbers[first : first + MOST_PER_CALL])
            answer = self._call("getRelations", request={"relationNumbers": some})
            found += list_items(answer, "relationList", "relation")
        return found

    def branches(self) -> list[dict[str, Any]]:
        """getBranches."""
        found = list_items(self._call("getBranches"), "branches", "branch")
        return _having(found, "branchNumber", int)

    def payment_methods(self) -> list[dict[str, Any]]:
        """getPaymentMethodsV2 with gift card types; without on an older server."""
        request = {"includeGiftcardType": True}
        try:
            answer = self._call("getPaymentMethodsV2", request=request)
        except ConfigError as error:
            if error.code != "client_fault":
                raise
            answer = self._call("getPaymentMethods")
        found = list_items(answer, "paymentMethodList", "paymentMethod")
        return _having(found, "method", str)

    def vat_groups(self) -> list[dict[str, Any]]:
        """getVatGroupList: the rates of all branches."""
        groups = self._call("getVatGroupList").get("vatGroup", [])
        return _having(groups, "vatPercentage", int)

    def turnover_groups(self) -> list[dict[str, Any]]:
        """getTurnoverGroups, also those not in use any more."""
        answer = self._call("getTurnoverGroups", request={"onlyActive": False})
        found = list_items(answer, "turnoverGroupList", "turnoverGroup")
        return _having(found, "turnoverGroup", int)

    def employees(self) -> list[dict[str, Any]]:
        """getEmployees."""
        answer = self._call("getEmployees", request={})
        found = list_items(answer, "employeeList", "employee")
        return _having(found, "employeeNumber", int)

    def delivery_methods(self) -> list[dict[str, Any]]:
        """getDeliveryMethods."""
        answer = self._call("getDeliveryMethods")
        found = list_items(answer, "deliveryMethodList", "deliveryMethod")
        return _having(found, "deliveryMethod", str)

    def relation_categories(self) -> list[dict[str, Any]]:
        """The relations' part of getCardCategories."""
        answer = self._call("getCardCategories")
        found = list_items(answer, "relationCardCategoryList", "cardCategory")
        return _having(found, "categoryId", int)

    def _call(self, operation: str, **values: Any) -> dict[str, Any]:
        """One call that changes nothing; the answer's fields."""
        reply = self._account.session.read(
            "POST",
            server_address(self._account),
            params={name: self._credential(name) for name in ("ident", "secret")},
            headers=HEADERS,
            data=self._description.request(operation, values),
            retry_reply=lambda reply: reply.status in RETRY,
        )
        return self._judge(operation, reply)

    def _credential(self, name: str) -> str:
        value = str(self._account.credentials.get(name) or "").strip()
        if not value:
            raise ConfigError(
                f"{self._account.name} has no {name}.",
                code="credentials",
                reference=name,
                action="Enter ident and secret in the connection's credentials.",
                system=self._account.name,
            )
        return value

    def _judge(self, operation: str, reply: Reply) -> dict[str, Any]:
        """The answer's fields, or the error that status, fault and body mean."""
        said = f"answers {operation} with {reply.status}"
        if reply.status in BY_STATUS:
            raise make_error(self._account, reply, said)
        try:
            answer = self._description.answers.decode(reply.body)
        except DecodeError as error:
            if reply.status != 200:
                raise make_error(self._account, reply, said) from error
            said = f"{said} and something unreadable. {error}"
            raise make_unreadable(self._account, reply, said, error) from error
        if isinstance(answer, Fault):
            text = self._account.session.redact(answer.text)[:200].rstrip(".")
            said = f"refuses {operation}: {text}"
            raise make_error(self._account, reply, said, fault=answer)
        if reply.status != 200:
            raise make_error(self._account, reply, said)
        return answer


def _having(
    records: list[dict[str, Any]], key: str, kind: type
) -> list[dict[str, Any]]:
    """The records that can be referred to: one broken card must not hide the rest."""
    return [each for each in records if isinstance(each.get(key), kind)]
