"""Tax on sales forms, as the company computes it.

Outside the US every line has a tax code. Tax inclusive: ``Amount`` is net and
``TaxInclusiveAmt`` gross; the total is the sum of the gross amounts. In the US lines are
TAX or NON and the form names the code whose rates apply to the sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.quickbooks.sandbox.apifaults import ApiError, business_error
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.references import find

CENT = Decimal("0.01")
ZERO = Decimal(0)
HUNDRED = Decimal(100)
# How far an amount of ours may be from the computed one and still be taken (C).
LINE_TOLERANCE = Decimal("0.05")
PER_LINE_TOLERANCE = Decimal("0.01")
NO_TAX_CODE = "Make sure all your transactions have a VAT rate before you save."


def round_cents(amount: Decimal) -> Decimal:
    """Rounded half up to whole cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate at a date: ``percent`` of the net amount."""

    id: str
    name: str
    percent: Decimal


@dataclass(slots=True)
class TaxedLine:
    """A line on its way through the computation; ``net`` and ``tax`` carry its sign.

    ``settled`` says that net and tax are as the client sent them.
    """

    line: Object
    code: str
    rates: tuple[Rate, ...]
    net: Decimal
    tax: Decimal
    settled: bool = False

    @property
    def percent(self) -> Decimal:
        """The sum of the rates."""
        return sum((rate.percent for rate in self.rates), ZERO)


@dataclass(slots=True)
class Taxed:
    """What came out: the lines, the tax per rate, and the TxnTaxDetail."""

    lines: list[TaxedLine]
    by_rate: dict[str, Decimal] = field(default_factory=dict)
    detail: Object | None = None

    @property
    def net(self) -> Decimal:
        """Sum of the nets."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """Sum of the tax."""
        return sum(self.by_rate.values(), ZERO)


def rates_of(
    company: Company, code: Object, date: str, *, side: str = "Sales"
) -> tuple[Rate, ...]:
    """The rates of a tax code on sales (or ``side``) that are in force on ``date``."""
    found = []
    for entry in code.get(f"{side}TaxRateList", {}).get("TaxRateDetail", ()):
        rate = company.get("TaxRate", entry["TaxRateRef"]["value"])
        if rate is not None:
            found.append(Rate(rate["Id"], rate["Name"], _percent_on(rate, date)))
    return tuple(found)


def _percent_on(rate: Object, date: str) -> Decimal:
    for period in rate.get("EffectiveTaxRate", ()):
        until = period.get("EndDate")
        if period["EffectiveDate"][:10] <= date and not (until and until[:10] < date):
            return Decimal(period["RateValue"])
    return Decimal(rate["RateValue"])


def tax_form(company: Company, form: Object, lines: list[Object]) -> Taxed:
    """Compute the tax of the amount-bearing ``lines`` of a form. Raises ApiError."""
    if company.is_us:
        return _tax_us(company, form, lines)
    mode = form.get("GlobalTaxCalculation") or "TaxExcluded"
    form["GlobalTaxCalculation"] = mode
    if mode == "NotApplicable":
        return _leave_untaxed(form, lines)
    taxed = Taxed([_tax_line(company, form, line, mode=mode) for line in lines])
    if company.switches["vat_rounding"] == "per_rate":
        _round_per_rate(taxed.lines, inclusive=mode == "TaxInclusive")
    taxed.by_rate = _sum_rates(taxed.lines)
    if company.switches["tax_amounts"] == "honoured":
        _take_sent_tax(
            form.get("TxnTaxDetail"), taxed, inclusive=mode == "TaxInclusive"
        )
    _write_lines(taxed.lines, inclusive=mode == "TaxInclusive")
    taxed.detail = _make_detail(taxed)
    return taxed


def _leave_untaxed(form: Object, lines: list[Object]) -> Taxed:
    if form.get("TxnTaxDetail", {}).get("TaxLine"):
        raise ApiError("6170", "TxnTaxDetail is given with NotApplicable.")
    return Taxed([TaxedLine(line, "", (), line["Amount"], ZERO) for line in lines])


def _sign(line: Object) -> int:
    return -1 if line["DetailType"] == "DiscountLineDetail" else 1


def _tax_line(company: Company, form: Object, line: Object, *, mode: str) -> TaxedLine:
    detail = line[line["DetailType"]]
    if detail.get("TaxCodeRef") is None:
        raise business_error(NO_TAX_CODE)
    code = find(company, "TaxCode", detail["TaxCodeRef"])
    detail["TaxCodeRef"] = {"value": code["Id"]}
    rates = rates_of(company, code, form["TxnDate"])
    if not rates:
        raise business_error(NO_TAX_CODE)
    taxed = TaxedLine(line, code["Id"], rates, line["Amount"] * _sign(line), ZERO)
    if mode == "TaxExcluded":
        detail.pop("TaxInclusiveAmt", None)
        taxed.tax = round_cents(taxed.net * taxed.percent / HUNDRED)
        return taxed
    _split_gross(company, taxed, detail)
    return taxed


def _split_gross(company: Company, taxed: TaxedLine, detail: Object) -> None:
    """Find net and tax of a line of a tax-inclusive form."""
    factor = 1 + taxed.percent / HUNDRED
    gross = detail.get("TaxInclusiveAmt")
    sent = taxed.net
    if gross is None or (gross == 0 and sent != 0):
        gross = _gross_alone(company, sent, factor)
        taxed.net = round_cents(gross / factor)
    else:
        gross *= _sign(taxed.line)
        taxed.net = round_cents(gross / factor)
        honoured = company.switches["tax_amounts"] == "honoured"
        if honoured and abs(taxed.net - sent) <= LINE_TOLERANCE:
            taxed.net = sent
            taxed.settled = True
    taxed.tax = gross - taxed.net


def _gross_alone(company: Company, amount: Decimal, factor: Decimal) -> Decimal:
    """What ``Amount`` means on a tax-inclusive line without ``TaxInclusiveAmt``."""
    if factor == 1:
        return amount
    reading = company.switches["gross_only"]
    if reading == "refused":
        raise business_error("TaxInclusiveAmt is needed where tax is inclusive.")
    if reading == "taken_as_net":
        return round_cents(amount * factor)
    return amount


def _round_per_rate(lines: list[TaxedLine], *, inclusive: bool) -> None:
    """Round the tax of each code on the sum of its lines; the largest one gives."""
    groups: dict[str, list[TaxedLine]] = {}
    for line in lines:
        if not line.settled:
            groups.setdefault(line.code, []).append(line)
    for group in groups.values():
        percent = group[0].percent
        net = sum((line.net for line in group), ZERO)
        tax = sum((line.tax for line in group), ZERO)
        if inclusive:
            gross = net + tax
            wanted = gross - round_cents(gross / (1 + percent / HUNDRED))
        else:
            wanted = round_cents(net * percent / HUNDRED)
        _move(group, wanted - tax, inclusive=inclusive)


def _move(group: list[TaxedLine], cents: Decimal, *, inclusive: bool) -> None:
    """Put ``cents`` more tax on the largest line, out of its net if inclusive."""
    if not cents:
        return
    largest = max(group, key=lambda line: abs(line.net))
    largest.tax += cents
    if inclusive:
        largest.net -= cents


def _sum_rates(lines: list[TaxedLine]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        left = line.tax
        for rate in line.rates[:-1]:
            share = round_cents(line.net * rate.percent / HUNDRED)
            sums[rate.id] = sums.get(rate.id, ZERO) + share
            left -= share
        last = line.rates[-1].id
        sums[last] = sums.get(last, ZERO) + left
    return sums


def _take_sent_tax(detail: Object | None, taxed: Taxed, *, inclusive: bool) -> None:
    """Take the tax amounts the client sent, where they are near enough."""
    for tax_line in (detail or {}).get("TaxLine", ()):
        sent = tax_line.get("Amount")
        rate = tax_line.get("TaxLineDetail", {}).get("TaxRateRef", {}).get("value")
        if sent is None or rate not in taxed.by_rate:
            continue
        group = [line for line in taxed.lines if line.rates[-1].id == rate]
        moved = sent - taxed.by_rate[rate]
        tolerance = LINE_TOLERANCE + PER_LINE_TOLERANCE * len(group)
        if group and abs(moved) <= tolerance:
            _move(group, moved, inclusive=inclusive)
            taxed.by_rate[rate] = sent


def _write_lines(lines: list[TaxedLine], *, inclusive: bool) -> None:
    if not inclusive:
        return
    for taxed in lines:
        sign = _sign(taxed.line)
        detail = taxed.line[taxed.line["DetailType"]]
        if taxed.line["DetailType"] == "SalesItemLineDetail":
            detail["TaxInclusiveAmt"] = (taxed.net + taxed.tax) * sign
        net = taxed.net * sign
        if net != taxed.line["Amount"] and detail.get("Qty") and "UnitPrice" in detail:
            detail["UnitPrice"] = (net / detail["Qty"]).quantize(Decimal("1E-7"))
        taxed.line["Amount"] = net


def _make_detail(taxed: Taxed) -> Object:
    rates: dict[str, Rate] = {}
    nets: dict[str, Decimal] = {}
    for line in taxed.lines:
        for rate in line.rates:
            rates[rate.id] = rate
            nets[rate.id] = nets.get(rate.id, ZERO) + line.net
    lines = [
        _make_tax_line(rates[key], amount=amount, net=nets[key])
        for key, amount in taxed.by_rate.items()
    ]
    return {"TotalTax": taxed.tax, "TaxLine": lines}


def _make_tax_line(rate: Rate, *, amount: Decimal, net: Decimal) -> dict[str, Any]:
    detail = {
        "TaxRateRef": {"value": rate.id},
        "PercentBased": True,
        "TaxPercent": rate.percent,
        "NetAmountTaxable": net,
    }
    return {"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


def _tax_us(company: Company, form: Object, lines: list[Object]) -> Taxed:
    form.pop("GlobalTaxCalculation", None)
    sent = form.get("TxnTaxDetail", {}).get("TxnTaxCodeRef")
    rates: tuple[Rate, ...] = ()
    if sent is not None:
        rates = rates_of(company, find(company, "TaxCode", sent), form["TxnDate"])
    taxed = Taxed([_mark_us_line(company, line, rates) for line in lines])
    base = sum((line.net for line in taxed.lines if line.code == "TAX"), ZERO)
    taxed.by_rate = {
        rate.id: round_cents(base * rate.percent / HUNDRED) for rate in rates
    }
    tax_lines = [
        _make_tax_line(rate, amount=taxed.by_rate[rate.id], net=base) for rate in rates
    ]
    taxed.detail = {"TotalTax": taxed.tax}
    if sent is not None:
        taxed.detail = {"TxnTaxCodeRef": sent, **taxed.detail, "TaxLine": tax_lines}
    return taxed


def _mark_us_line(company: Company, line: Object, rates: tuple[Rate, ...]) -> TaxedLine:
    detail = line[line["DetailType"]]
    detail.pop("TaxInclusiveAmt", None)
    code = (detail.get("TaxCodeRef") or {}).get("value")
    if code is None:
        item = company.get("Item", detail.get("ItemRef", {}).get("value", ""))
        code = "TAX" if item is not None and item.get("Taxable") else "NON"
    if code not in ("TAX", "NON"):
        raise ApiError("6100", f"Only TAX or NON is allowed on a line, not {code}.")
    detail["TaxCodeRef"] = {"value": code}
    return TaxedLine(line, code, rates, line["Amount"] * _sign(line), ZERO)
