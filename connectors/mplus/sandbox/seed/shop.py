"""The shop: branches, tills, employees, VAT, turnover groups and payment methods.

Every list is as its operation answers it. Branches, VAT codes and payment methods are
those that the demo's choices name.
"""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

VAT_RATES = {0: 0, 1: 21, 2: 9, 3: 0}
BRANCH_NAMES = {1: "Centrum", 2: "Markt", 3: "Haven"}
TILLS = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2))
NETHERLANDS = {"countryCode": 528, "countryIso3": "NLD"}

TURNOVER = "TURNOVER-GROUP-TYPE-TURNOVER"
BALANCE_UPGRADE = "TURNOVER-GROUP-TYPE-BALANCE-UPGRADE"
GIFT_CARDS = 90
# Good for one rate only, so its VAT is due when it is sold.
GIFT_CARDS_21 = 91
GROUPS: dict[int, tuple[str, str, int]] = {
    10: ("Kleding", TURNOVER, 1),
    20: ("Wonen", TURNOVER, 1),
    30: ("Voeding", TURNOVER, 2),
    40: ("Dranken", TURNOVER, 2),
    50: ("Diensten", TURNOVER, 1),
    60: ("Postzegels", TURNOVER, 3),
    70: ("Inruil", TURNOVER, 0),
    80: ("Kas in", "TURNOVER-GROUP-TYPE-CASH-INFLOW", 0),
    81: ("Kas uit", "TURNOVER-GROUP-TYPE-CASH-OUTFLOW", 0),
    85: ("Openstaande posten", "TURNOVER-GROUP-TYPE-SUSPENSE", 0),
    GIFT_CARDS: ("Cadeaubonnen", BALANCE_UPGRADE, 0),
    95: ("Statiegeld", "TURNOVER-GROUP-TYPE-REFUNDABLE-DEPOSIT", 0),
    25: ("Tweedehands", TURNOVER, 0),
    GIFT_CARDS_21: ("Cadeaubonnen 21 %", BALANCE_UPGRADE, 1),
}

PAYMENT_TYPES = {
    "CONTANT": "PAYMENT-METHOD-TYPE-PAYMENT",
    "PIN": "PAYMENT-METHOD-TYPE-EFT",
    "CREDITCARD": "PAYMENT-METHOD-TYPE-EFT",
    "OPREKENING": "PAYMENT-METHOD-TYPE-SUSPENSE",
    "CADEAUBON": "PAYMENT-METHOD-TYPE-PAYMENT",
    "VVVBON": "PAYMENT-METHOD-TYPE-PAYMENT",
    "EIGENGEBRUIK": "PAYMENT-METHOD-TYPE-BPE",
    "CADEAUBON21": "PAYMENT-METHOD-TYPE-PAYMENT",
    "KORTINGSBON": "PAYMENT-METHOD-TYPE-VOUCHER-BPE",
    "PRIVE": "PAYMENT-METHOD-TYPE-BPE",
    "BREUK": "PAYMENT-METHOD-TYPE-BPE-NO-STOCK",
    "PROMOTIE": "PAYMENT-METHOD-TYPE-BPE",
}
PAYMENT_TEXTS = {
    "CONTANT": "Contant",
    "PIN": "Pin",
    "CREDITCARD": "Creditcard",
    "OPREKENING": "Op rekening",
    "CADEAUBON": "Cadeaubon",
    "VVVBON": "VVV Cadeaukaart",
    "EIGENGEBRUIK": "Eigen gebruik",
    "CADEAUBON21": "Cadeaubon 21 %",
    "KORTINGSBON": "Kortingsbon",
    "PRIVE": "Privé",
    "BREUK": "Breuk",
    "PROMOTIE": "Promotie",
}
GIFT_CARD_METHODS = {"CADEAUBON": GIFT_CARDS, "CADEAUBON21": GIFT_CARDS_21}
EMPLOYEES = {
    1: "Sanne",
    2: "Daan",
    3: "Fatima",
    4: "Jeroen",
    5: "Lotte",
    6: "Murat",
    7: "Renée",
    8: "Björn",
    999999: "Beheerder",
}


_NEVER_NEGATIVE = ("VVVBON", "EIGENGEBRUIK", "KORTINGSBON", "BREUK", "PROMOTIE")


def build_vat_groups() -> list[Record]:
    """The VAT codes of every branch; percentages are plain here."""
    return [
        {
            "branchNumber": branch,
            **NETHERLANDS,
            "vatCode": code,
            "vatPercentage": rate,
            "accountNumber": 1500 + code,
        }
        for branch in BRANCH_NAMES
        for code, rate in VAT_RATES.items()
        if code
    ]


def build_turnover_groups() -> list[Record]:
    """All turnover groups; those without VAT have no default VAT code."""
    return [_build_turnover_group(number) for number in GROUPS]


def _build_turnover_group(number: int) -> Record:
    name, kind, vat_code = GROUPS[number]
    group: Record = {
        "turnoverGroupType": kind,
        "turnoverGroup": number,
        "turnoverGroupName": name,
        "defaultAccountNumber": 8000 + number,
        "accountNumber": 8000 + number,
        "allowDiscount": kind == TURNOVER,
        "branchAccountNumberList": {},
    }
    if vat_code:
        group["defaultVatCode"] = vat_code
    for method, gift_cards in GIFT_CARD_METHODS.items():
        if number == gift_cards:
            group["topupPaymentId"] = method
    return group


def build_payment_methods() -> list[Record]:
    """All payment methods, with what getPaymentMethodsV2 adds when asked for it."""
    return [
        _build_payment_method(index, method)
        for index, method in enumerate(PAYMENT_TYPES, 1)
    ]


def _build_payment_method(index: int, method: str) -> Record:
    record: Record = {
        "method": method,
        "description": PAYMENT_TEXTS[method],
        "buttonText": PAYMENT_TEXTS[method],
        "allowNegativeAmount": method not in _NEVER_NEGATIVE,
        "active": True,
        "type": PAYMENT_TYPES[method],
        "accountNumber": 1000 + index,
        "branchAccountNumberList": {},
        "hasExternalPaymentWebhook": False,
    }
    if PAYMENT_TYPES[method].partition("TYPE-")[2].startswith("BPE"):
        record["bpeConfiguration"] = {
            "employeeBudgetsConfigured": False,
            "budgetPeriod": "MONTH",
            "budgetExceededAction": "WARNING",
            "budgetDefaultLimit": "UNLIMITED",
        }
    if method in GIFT_CARD_METHODS:
        record["giftcardType"] = _build_gift_card_type(method)
    return record


def _build_gift_card_type(method: str) -> Record:
    place = list(GIFT_CARD_METHODS).index(method)
    return {
        "cardTypeId": f"5b0f8a10-6a52-11f0-9d3c-0242ac12000{2 + place}",
        "name": PAYMENT_TEXTS[method],
        "sequenceNumber": 1 + place,
        "isDeleted": False,
        "turnoverGroupNumber": GIFT_CARD_METHODS[method],
        "paymentMethodId": method,
        "monthsValid": 24,
        "nonStandardValue": True,
        "issuable": True,
        "reloadable": True,
        "redeemable": True,
        "restitutable": False,
        "personalizable": False,
        "branchNumbers": list(BRANCH_NAMES),
        "availableValues": [1000, 2500, 5000],
        "maximumBalance": 15000,
        "minimumBalance": 500,
    }


def build_branches() -> list[Record]:
    """The branches with two tills each."""
    return [
        {
            "branchNumber": branch,
            "branchName": name,
            "abbreviation": name[:3].upper(),
            "extBranchId": "",
            "isFullSlave": False,
            "priceGroupNumber": 0,
            "workplaces": {
                "workplace": [
                    {
                        "workplaceNumber": till,
                        "workplaceName": f"Kassa {till}",
                        "isMobile": False,
                        "workplaceType": "STANDARD",
                        "isSlave": False,
                        "priceGroupNumber": 0,
                        "extWorkplaceId": "",
                    }
                    for till in (1, 2)
                ]
            },
            **NETHERLANDS,
            "countryName": "Nederland",
        }
        for branch, name in BRANCH_NAMES.items()
    ]


def build_employees() -> list[Record]:
    """The employees; 999999 is the built-in one that integrations use."""
    return [
        {
            "employeeNumber": number,
            "extEmployeeId": "",
            "syncMarker": marker,
            "createTimestamp": "2025-11-03T09:00:00+01:00",
            "changeTimestamp": "2025-11-03T09:00:00+01:00",
            "name": name,
            "email": "",
            "active": True,
            "categoryIds": {"category": []},
        }
        for marker, (number, name) in enumerate(EMPLOYEES.items(), 1)
    ]


def build_delivery_methods() -> list[Record]:
    """The delivery methods."""
    named = {
        "AFHALEN": "Afhalen",
        "BEZORGEN_MET_AUTO": "Bezorgen met auto",
        "VERZENDEN": "Verzenden",
    }
    return [
        {
            "deliveryMethod": code,
            "description": text,
            "buttonText": text,
            "enabled": True,
        }
        for code, text in named.items()
    ]


def build_relation_categories() -> list[Record]:
    """The categories that relations are in."""
    named = {1: "Bedrijven", 2: "Particulieren"}
    return [
        {
            "categoryId": number,
            "name": name,
            "isVipGroup": False,
            "isSupplierGroup": False,
        }
        for number, name in named.items()
    ]
