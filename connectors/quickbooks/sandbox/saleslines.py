"""The lines of sales forms."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from connectors.quickbooks.sandbox.apifaults import (
    ApiError,
    business_error,
    missing,
)
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.references import find, settle, settle_class

CENT = Decimal("0.01")
MAX_LINES = 10_000
MAX_TAXED_LINES = 750
CATEGORY = (
    "An item in this transaction is set up as a category instead of a product or"
    " service."
)


def prepare_lines(
    company: Company, entity: str, form: Object
) -> tuple[list[Object], list[Object]]:
    """Check the lines of a form: all of them, and those that bear an amount.

    The subtotal that the service adds itself is left out. Raises ApiError.
    """
    sent = [line for line in form["Line"] if not _is_subtotal(line)]
    if len(sent) > MAX_LINES or (len(sent) > MAX_TAXED_LINES and not company.is_us):
        raise business_error(f"A transaction has at most {MAX_TAXED_LINES} lines.")
    lines: list[Object] = []
    amounts: list[Object] = []
    subtotal = Decimal(0)
    for line in _number_lines(company.get(entity, form.get("Id", "")), sent):
        kind = line.get("DetailType")
        if kind == "SalesItemLineDetail":
            _prepare_item_line(company, line, form["TxnDate"])
            _check_sign(company, entity, line)
            subtotal += line["Amount"]
            amounts.append(line)
        elif kind == "DiscountLineDetail":
            _prepare_discount(company, line, subtotal)
            amounts.append(line)
        elif kind == "DescriptionOnly":
            line.pop("Amount", None)
            line.setdefault("DescriptionLineDetail", {})
        else:
            raise _wrong_kind(kind)
        line["LineNum"] = len(lines) + 1
        lines.append(line)
    return lines, amounts


def _is_subtotal(line: Object) -> bool:
    return line.get("DetailType") == "SubTotalLineDetail"


def _number_lines(old: Object | None, sent: list[Object]) -> list[Object]:
    """Copies of the lines with ids: those it had stay, others get a new one."""
    free = {line["Id"] for line in old["Line"] if "Id" in line} if old else set()
    highest = max((int(key) for key in free), default=0)
    numbered = []
    for line in sent:
        key = line.get("Id", "")
        if key in free:
            free.remove(key)
        else:
            highest += 1
            key = str(highest)
        numbered.append({**line, "Id": key})
    return numbered


def _wrong_kind(kind: str | None) -> ApiError:
    if kind is None:
        return missing("DetailType")
    return ApiError("2170", f"Line.DetailType {kind} is not for this transaction")


def _prepare_item_line(company: Company, line: Object, date: str) -> None:
    detail = {**line.get("SalesItemLineDetail", {})}
    line["SalesItemLineDetail"] = detail
    if line.get("Amount") is None:
        raise missing("Line.Amount")
    _check_amount(line["Amount"], detail)
    for name in ("Qty", "UnitPrice"):
        # Clients send zeros where they mean nothing.
        if detail.get(name) == 0 and line["Amount"] != 0:
            del detail[name]
    settle_class(company, detail, line=True)
    detail.pop("ItemAccountRef", None)
    if detail.get("ItemRef") is None:
        return
    item = find(company, "Item", detail["ItemRef"])
    if item["Type"] == "Category":
        raise ApiError("2500", f"Invalid Reference Id : {CATEGORY}")
    settle(company, "Item", detail, "ItemRef")
    if item.get("TrackQtyOnHand"):
        _check_stock_line(item, detail, date)
    account = item.get("IncomeAccountRef") or item.get("ExpenseAccountRef")
    detail["ItemAccountRef"] = account


def _check_stock_line(item: Object, detail: Object, date: str) -> None:
    if detail.get("Qty") is None:
        raise ApiError("6520", "Qty is required for an item whose stock is tracked")
    if date < item["InvStartDate"]:
        text = f"Transaction date is prior to start date for {item['Name']}"
        raise ApiError("6270", text)


def _check_amount(amount: Decimal, detail: Object) -> None:
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if not quantity or not price:
        return
    if (quantity * price).quantize(CENT, ROUND_HALF_UP) != amount:
        text = f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount:,}"
        raise ApiError("6070", text, element="Line.Amount")


def _check_sign(company: Company, entity: str, line: Object) -> None:
    if entity != "RefundReceipt" or line["Amount"] >= 0:
        return
    if company.switches["refund_negative_lines"] == "refused":
        raise ApiError("2290", f"Line.Amount {line['Amount']} is negative")


def _prepare_discount(company: Company, line: Object, subtotal: Decimal) -> None:
    if not company.preferences["SalesFormsPrefs"].get("AllowDiscount"):
        raise business_error("Discounts are not turned on for this company.")
    detail = {**line.get("DiscountLineDetail", {})}
    line["DiscountLineDetail"] = detail
    if detail.get("PercentBased"):
        percent = detail.get("DiscountPercent")
        if percent is None:
            raise missing("DiscountPercent")
        line["Amount"] = (subtotal * percent / 100).quantize(CENT, ROUND_HALF_UP)
    if line.get("Amount") is None:
        raise missing("Line.Amount")
    if detail.get("DiscountAccountRef") is None:
        default = company.preferences["SalesFormsPrefs"]["DefaultDiscountAccount"]
        detail["DiscountAccountRef"] = {"value": default}
    settle(company, "Account", detail, "DiscountAccountRef")
