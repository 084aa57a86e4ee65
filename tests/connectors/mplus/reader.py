"""The connector on a running sandbox, and wire receipts made by hand."""

from __future__ import annotations

from connectors.contract import Account
from connectors.mplus.connector import MplusConnector
from connectors.mplus.shop import PaymentMethod, Shop
from connectors.mplus.sources.receipts import read_receipt
from integration_hub.core.http import Session

SHOP = Shop(
    countries={1: "NL", 2: "BE"},
    methods={
        "CONTANT": PaymentMethod("CONTANT", "Contant", "PAYMENT-METHOD-TYPE-PAYMENT"),
        "PIN": PaymentMethod("PIN", "Pin", "PAYMENT-METHOD-TYPE-EFT"),
    },
    group_types={10: "TURNOVER-GROUP-TYPE-TURNOVER"},
    gift_card_groups=frozenset({90}),
)
DAY = {"day": 31, "mon": 10, "year": 2026}


def open_till(url, *, environment="sandbox", credentials=None, **settings):
    """A connector without rate limits, that waits for nothing between tries."""
    session = Session(
        system="Till",
        bucket="till",
        secrets=[(credentials or {}).get("secret", "")],
        waits=(0.0, 0.0),
        deadline=5.0,
    )
    account = Account(
        id=1,
        name="Till",
        environment=environment,
        credentials=credentials or {"ident": "sandbox", "secret": "sandbox"},
        settings={"base_url": url, **settings},
        session=session,
    )
    return MplusConnector(account)


def read_all(connector, cursor="", limit=200, feed="receipts"):
    """(documents, cursor at the end), page after page."""
    documents = []
    for _ in range(10_000):
        page = connector.read(feed, cursor, limit)
        assert len(page.documents) <= limit
        documents += page.documents
        cursor = page.cursor
        if not page.more:
            return documents, cursor
    raise AssertionError("the feed has no end")


def wire_line(incl, excl=None, *, code=1, rate=2100, **values):
    """A wire line of 1 piece; ``data`` adds to its data."""
    data = {
        "quantity": 1,
        "decimalPlaces": 0,
        "price": incl,
        "totalInclAmount": incl,
        "totalExclAmount": round(incl / 1.21) if excl is None else excl,
        "vatCode": code,
        "vatPercentage": rate,
        "turnoverGroup": 10,
        "turnoverGroupType": "TURNOVER-GROUP-TYPE-TURNOVER",
        **values.pop("data", {}),
    }
    return {
        "lineId": "l",
        "articleNumber": 1001,
        "text": "Trui",
        "data": data,
        **values,
    }


def wire_payment(method, amount, **values):
    """A wire payment without its own date."""
    return {"paymentId": f"p-{method}-{amount}", "method": method, "amount": amount} | (
        values
    )


def wire_receipt(lines=(), payments=(), **values):
    """A wire receipt whose total is the sum of its lines."""
    total = sum(line["data"]["totalInclAmount"] for line in lines)
    return {
        "receiptId": "r-1",
        "syncMarker": 7,
        "transactionString": "1-2-2026-17",
        "receiptNumber": {
            "branchNumber": 1,
            "workplaceNumber": 2,
            "year": 2026,
            "number": 17,
        },
        "receiptType": "RECEIPT-TYPE-RECEIPT",
        "vatMethod": "VAT-METHOD-INCLUSIVE",
        "state": "RECEIPT-STATE-PAID",
        "financialDate": DAY,
        "financialBranchNumber": 1,
        "workplaceNumber": 2,
        "totalInclAmount": total,
        "totalExclAmount": sum(line["data"]["totalExclAmount"] for line in lines),
        "lineList": {"line": list(lines)},
        "paymentList": {"payment": list(payments)},
        **values,
    }


def read(record, shop=SHOP, **customers):
    """The document of a wire receipt."""
    return read_receipt(record, shop=shop, customers=customers)
