"""The faults of the API in both formats: the service's and the gateway's.

Codes, messages and details are those Intuit documents or real answers show; clients
have to go by the code.
"""

from __future__ import annotations

import json
import time
from typing import Any
from xml.sax.saxutils import escape

from connectors.sandbox.messages import Response

MESSAGES = {
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Transaction cannot be linked",
    "1040": "Batch size exceeds limit",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "Invalid String Length",
    "2060": "Invalid Date",
    "2090": "Invalid Number",
    "2110": "Invalid Decimal",
    "2130": "Invalid requestid format",
    "2170": "Invalid Enumeration",
    "2210": "Invalid Email Address",
    "2220": "Invalid Currency",
    "2230": "Invalid Boolean",
    "2250": "Missing lines",
    "2260": "PostingType missing",
    "2270": "TaxApplicableOn missing",
    "2280": "TaxAmount missing",
    "2290": "Negative Amount",
    "2300": "Debits do not equal credits",
    "2500": "Invalid Reference Id",
    "3000": "Invalid custom field definition",
    "3001": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "5030": "Feature Not Supported Error",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid account type or subtype",
    "6070": "Amount is not equal to UnitPrice * Qty",
    "6100": "Invalid tax code",
    "6140": "Duplicate Document Number Error",
    "6170": "Tax detail not allowed",
    "6180": "Sub-level limit exceeded",
    "6190": "Invalid Company Status",
    "6210": "Account Period Closed, Cannot Update Through Services API",
    "6240": "Duplicate Name Exists Error",
    "6270": "Transaction date is prior to start date for inventory item",
    "6420": "E-mail address required",
    "6430": "Invalid account type used",
    "6480": "Matched transaction cannot be changed",
    "6520": "Quantity missing",
    "6540": "Deposited Transaction cannot be changed",
    "10000": "An application error has occurred while processing your request",
}
INACTIVE = (
    "Something you're trying to use has been made inactive. Check the fields with"
    " accounts, customers, items, vendors or employees."
)
STALE = (
    "Stale Object Error : You and root were working on this at the same time. root"
    " finished before you did, so your work was not saved."
)
PERIOD_CLOSED = (
    "The account period has closed and the account books cannot be updated through"
    " through the QBO Services API. Please use the QBO website to make these changes."
)
DEPOSITED = (
    "This transaction has been deposited. If you want to change or delete it, you must"
    " first edit the deposit it appears on and remove it."
)


class ApiError(Exception):
    """A refusal of the service: HTTP 400 alone, an item's fault within a batch."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        element: str = "",
        kind: str = "ValidationFault",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail or MESSAGES[code]
        self.element = element
        self.kind = kind

    @property
    def fault(self) -> dict[str, Any]:
        """The fault as JSON."""
        error = {"Message": MESSAGES[self.code], "Detail": self.detail}
        error |= {"code": self.code, "element": self.element}
        return {"Error": [error], "type": self.kind}


def business_error(text: str) -> ApiError:
    """The catch-all of the service, code 6000."""
    return ApiError("6000", f"Business Validation Error: {text}")


def missing(name: str) -> ApiError:
    """A required parameter is missing."""
    detail = f"Required parameter {name} is missing in the request"
    return ApiError("2020", detail, element=name)


def not_found() -> ApiError:
    """The object to read or change does not exist."""
    return ApiError("610", f"Object Not Found : {INACTIVE}")


def gateway_response(
    status: int, code: str, *, message: str, detail: str, kind: str
) -> Response:
    """A refusal of the gateway (401, 403): its keys are in lower case."""
    text = f"message={message}; errorCode=00{code}; statusCode={status}"
    error = {"message": text, "detail": detail, "code": code, "element": None}
    body: dict[str, Any] = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(time.time() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    headers = {"Content-Type": "application/json;charset=utf-8"}
    return Response(status, headers, json.dumps(body).encode())


def unauthorized(detail: str) -> Response:
    """No, a wrong or an expired access token."""
    return gateway_response(
        401,
        "3200",
        message="AuthenticationFailed",
        detail=detail,
        kind="AUTHENTICATION",
    )


def forbidden() -> Response:
    """A token of another company, or without the scope."""
    return gateway_response(
        403,
        "3100",
        message="ApplicationAuthorizationFailed",
        detail="The application is not authorized for this company.",
        kind="SERVICE",
    )


def throttled() -> Response:
    """Too many requests: XML, whatever was asked for."""
    text = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    detail = "The request limit was reached.  Try again later"
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time="{time.strftime("%Y-%m-%dT%H:%M:%S-08:00")}"'
        ' xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE">'
        f'<Error code="3001"><Message>{escape(text)}</Message>'
        f"<Detail>{escape(detail)}</Detail></Error></Fault></IntuitResponse>"
    )
    return Response(429, {"Content-Type": "application/xml"}, body.encode())


def failure(status: int) -> Response:
    """How the service answers when it fails: 429, 401, 500, else a gateway's page."""
    if status == 429:
        return throttled()
    if status == 401:
        return unauthorized("Token expired")
    if status == 500:
        error = ApiError(
            "10000", "System Failure Error: Please try again.", kind="SystemFault"
        )
        body = json.dumps({"Fault": error.fault, "time": ""}).encode()
        return Response(500, {"Content-Type": "application/json;charset=UTF-8"}, body)
    page = f"<html><body><h1>{status} Service Unavailable</h1></body></html>"
    return Response(status, {"Content-Type": "text/html"}, page.encode())
