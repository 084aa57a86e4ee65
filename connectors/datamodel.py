"""The hub's own vocabulary: what every source translates into.

Money is ``Decimal`` in the document's currency (euros, never cents), quantities are
``Decimal``, tax rates are percentages as ``Decimal`` (21 for 21 %), dates are the
shop's business date, timestamps are aware, ids are text, countries are ISO 3166
alpha-2. ``extra`` keeps every field of the source's API that has no name here.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


class Kind(enum.StrEnum):
    """Kinds of documents."""

    ORDER = "order"
    OFFER = "offer"
    CUSTOMER = "customer"
    PRODUCT = "product"
    CATEGORY = "category"
    STOCK_LEVEL = "stock_level"
    ORDER_STATUS = "order_status"


class OrderType(enum.StrEnum):
    """What kind of till record an Order is."""

    SALE = "sale"
    CREDIT = "credit"
    CASH_IN = "cash_in"
    CASH_OUT = "cash_out"
    TRANSFER = "transfer"
    CASH_COUNT = "cash_count"


class VatMethod(enum.StrEnum):
    """How VAT is treated on the whole document."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    REVERSE_CHARGE = "reverse_charge"
    NONE = "none"


class LineType(enum.StrEnum):
    """What a line is for the books."""

    GOODS = "goods"
    GIFT_CARD = "gift_card"
    REFUNDABLE_DEPOSIT = "refundable_deposit"
    SETTLEMENT = "settlement"
    OTHER_LIABILITY = "other_liability"
    TRADE_IN = "trade_in"


class TenderType(enum.StrEnum):
    """What the till says a tender is; the map's treatment decides."""

    CASH = "cash"
    CARD = "card"
    ON_ACCOUNT = "on_account"
    GIFT_CARD = "gift_card"
    DEPOSIT_USED = "deposit_used"
    VOUCHER = "voucher"
    OWN_USE = "own_use"
    OTHER = "other"


Extra = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; ``street`` is the line as the source gives it."""

    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A company or a person."""

    id: str
    is_company: bool
    name: str
    company_name: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    vat_number: str = ""
    billing: Address = Address()
    shipping: Address = Address()
    payment_days: int | None = None
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; amounts are of the whole line, after discount.

    ``sub_lines`` are components, preparations and condensed lines: informative where
    the main line carries the amount. ``purchase_price`` is of one unit, without VAT.
    ``settles`` names the document whose debt a settlement line pays: its printed number
    or id, "" where the source does not tell.
    """

    id: str
    type: LineType
    article: str
    text: str
    quantity: Decimal
    amount_incl: Decimal
    amount_excl: Decimal
    vat_code: str
    vat_rate: Decimal
    turnover_group: str = ""
    turnover_group_name: str = ""
    discount: Decimal = Decimal(0)
    unit_price_incl: Decimal | None = None
    purchase_price: Decimal | None = None
    settles: str = ""
    sub_lines: tuple[Line, ...] = ()
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment; change and refunds are negative.

    Of a cash count: what one tender was short (negative) or over; what went to the
    bank is ``banked`` in ``extra``, in the document's currency.
    """

    id: str
    method: str
    type: TenderType
    amount: Decimal
    date: date
    description: str = ""
    branch: str = ""
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VatTotal:
    """The till's own VAT sum of one code and rate: the truth about VAT."""

    vat_code: str
    vat_rate: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """The parts of a printed number; ``text`` is how the source prints it."""

    branch: str
    till: str
    year: str
    number: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A receipt, an invoice or an order.

    Of type CASH_COUNT a till's count of a day: no lines, a tender per method with its
    difference, ``total_incl`` their sum.

    Obeys to the cent: sum of lines incl. VAT + tips + cash_rounding + sum_rounding
    = sum of tenders + outstanding. ``cash_rounding`` is what rounding to 5 cents at
    the till added, ``sum_rounding`` the cent between the till's own sums.
    ``final`` is false while the till may still change how it is paid. What the shop
    used itself is a tender of type OWN_USE, also where the till keeps it at a line.
    What is paid later of a sale on account stands beside a negative on-account tender
    of the same date.
    """

    id: str
    version: str
    type: OrderType
    number: OrderNumber | None
    date: date
    entered_at: datetime
    branch: str
    entry_branch: str
    till: str
    country: str
    currency: str
    vat_method: VatMethod
    total_incl: Decimal
    total_excl: Decimal
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    vat_totals: tuple[VatTotal, ...]
    outstanding: Decimal = Decimal(0)
    tips: Decimal = Decimal(0)
    cash_rounding: Decimal = Decimal(0)
    sum_rounding: Decimal = Decimal(0)
    final: bool = True
    employee: str = ""
    reference: str = ""
    credits: str = ""
    customer: Customer | None = None
    customer_id: str = ""
    extra: Extra = field(default_factory=dict)


Document = Order | Customer


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in a document's place when the source's record makes no sense.

    ``reason`` says what was wrong with which amounts; ``raw`` is the wire record.
    ``date``, ``branch`` and ``total`` help to find it, where they can be read.
    """

    id: str
    version: str
    number: str
    reason: str
    raw: Extra = field(default_factory=dict)
    code: str = "unreadable"
    date: date | None = None
    branch: str = ""
    total: Decimal | None = None
