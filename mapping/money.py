"""What the functions on VAT do; results are whole cents. Doc strings are what people
read.
"""

from __future__ import annotations

from decimal import Decimal

from integration_hub.core.errors import UnusableError
from mapping.formulas import round_number
from mapping.values import CONTEXT, check_number

_CENTS = 2
_HUNDRED = Decimal(100)


def take_net(amount: Decimal, rate: Decimal) -> Decimal:
    """The amount without its VAT, in cents; the rate is a percentage."""
    whole = CONTEXT.multiply(check_number(amount), _HUNDRED)
    return round_number(CONTEXT.divide(whole, _add_hundred(rate)), _CENTS)


def take_vat(amount: Decimal, rate: Decimal) -> Decimal:
    """The VAT in an amount with VAT, in cents: what net_of_vat takes off."""
    return round_number(CONTEXT.subtract(amount, take_net(amount, rate)), _CENTS)


def add_vat(amount: Decimal, rate: Decimal) -> Decimal:
    """The amount with VAT on it, in cents; the rate is a percentage."""
    whole = CONTEXT.multiply(check_number(amount), _add_hundred(rate))
    return round_number(CONTEXT.divide(whole, _HUNDRED), _CENTS)


def _add_hundred(rate: Decimal) -> Decimal:
    if not (rate.is_finite() and 0 <= rate <= _HUNDRED):
        raise UnusableError("needs a rate from 0 to 100", value=rate)
    return CONTEXT.add(_HUNDRED, rate)
