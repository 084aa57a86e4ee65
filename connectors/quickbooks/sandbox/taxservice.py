"""Tax codes made through the API: the only way to make one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.quickbooks.sandbox.apifaults import ApiError, missing, not_found
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.schema import ENTITIES, clean
from connectors.quickbooks.sandbox.seed import put_tax_code, put_tax_rate

TAKEN = "The name supplied already exists. : Another tax code or rate has this name."


def create_tax_code(company: Company, body: Any) -> Object:
    """Make a tax code with its rates; the answer repeats the body with the ids."""
    asked = clean(ENTITIES["TaxService"], body)
    name = asked.get("TaxCode")
    if name is None:
        raise missing("TaxCode")
    if not asked.get("TaxRateDetails"):
        raise missing("TaxRateDetails")
    _refuse_taken(company, "TaxCode", name)
    details = [_settle_rate(company, detail) for detail in asked["TaxRateDetails"]]
    sides: dict[str, list[Object]] = {"Sales": [], "Purchase": []}
    for detail, rate in details:
        sides[detail.get("TaxApplicableOn") or "Sales"].append(rate)
    code = put_tax_code(
        company, name=name, sales=sides["Sales"], purchase=sides["Purchase"]
    )
    answered = [{**detail, "TaxRateId": rate["Id"]} for detail, rate in details]
    return {"TaxCode": name, "TaxCodeId": code["Id"], "TaxRateDetails": answered}


def _settle_rate(company: Company, detail: Object) -> tuple[Object, Object]:
    if detail.get("TaxRateId") is not None:
        rate = company.get("TaxRate", detail["TaxRateId"])
        if rate is None:
            raise not_found()
        return detail, rate
    for field in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if detail.get(field) is None:
            raise missing(field)
    if company.get("TaxAgency", detail["TaxAgencyId"]) is None:
        text = f"TaxAgencies element id {detail['TaxAgencyId']} not found"
        raise ApiError("2500", f"Invalid Reference Id : {text}")
    percent = _read_percent(detail["RateValue"])
    _refuse_taken(company, "TaxRate", detail["TaxRateName"])
    rate = put_tax_rate(
        company,
        name=detail["TaxRateName"],
        percent=percent,
        agency=detail["TaxAgencyId"],
    )
    return {**detail, "RateValue": percent}, rate


def _read_percent(value: Any) -> Decimal:
    try:
        percent = Decimal(value)
    except InvalidOperation as error:
        raise ApiError("2110", "RateValue is not a number") from error
    if not 0 <= percent <= 100:
        raise ApiError("2110", "RateValue is 0 to 100")
    return percent


def _refuse_taken(company: Company, entity: str, name: str) -> None:
    if any(True for _ in company.table(entity).find("Name", name)):
        raise ApiError("6240", TAKEN)
