"""What the examples have in common: customers, tenders, lines."""

from __future__ import annotations

from tests.oracle_example.books import Json, make_item_line, make_ref

CARDS = [
    {
        "relationNumber": 7,
        "name": "A. de Vries",
        "companyName": "De Vries BV",
        "email": "info@devries.example",
        "paymentWithinDays": 14,
        "vatNumber": "NL123456782B01",
    },
    {"relationNumber": 8, "name": "Jan Bos", "email": "jan@bos.example"},
    {
        "relationNumber": 9,
        "name": "Müller GmbH",
        "companyName": "Müller GmbH",
        "country": "Duitsland",
        "vatNumber": "DE136695976",
    },
    {
        "relationNumber": 10,
        "name": "Berg AG",
        "companyName": "Berg AG",
        "country": "Zwitserland",
    },
    {
        "relationNumber": 11,
        "name": "Smith Ltd",
        "country": "United Kingdom",
        "vatNumber": "GB980780684",
    },
]
PIN: Json = {
    "DepositToAccountRef": make_ref("Till cards Centrum"),
    "PaymentMethodRef": make_ref("Debit card"),
}
CASH: Json = {
    "DepositToAccountRef": make_ref("Till cash Centrum"),
    "PaymentMethodRef": make_ref("Cash"),
}
VOUCHER: Json = {
    "DepositToAccountRef": make_ref("Vouchers to collect"),
    "PaymentMethodRef": make_ref("Voucher"),
}
SHIRT = make_item_line("Shirt", "VAT 21%", 10.00, 12.10)
BREAD = make_item_line("Bread", "VAT 9%", 2.00, 2.18)
SHIRT_TAX = {"r21": (10.00, 2.10)}
