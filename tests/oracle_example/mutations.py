"""Ways in which right books become wrong, each with the words that name it."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle_example.books import ExampleBooks, Json, make_ref
from tests.oracle_example.wire import source_id


def lines_of(books: ExampleBooks, entity: str, number: int) -> list[Json]:
    return books.find(entity, f"R1-2-26-{number}")["Line"]


def drop_sale(books: ExampleBooks) -> None:
    books.remove("SalesReceipt", "R1-2-26-1")


def double_sale(books: ExampleBooks) -> None:
    books.add("SalesReceipt", books.find("SalesReceipt", "R1-2-26-1"))


def double_sale_under_another_number(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-1")
    books.add("SalesReceipt", {**row, "DocNumber": "R1-2-26-1a"})


def move_cent_between_rates(books: ExampleBooks) -> None:
    high, low, _ = lines_of(books, "SalesReceipt", 1)
    high["SalesItemLineDetail"]["TaxInclusiveAmt"] = 12.09
    low["SalesItemLineDetail"]["TaxInclusiveAmt"] = 2.19


def move_vat_between_rates(books: ExampleBooks) -> None:
    tax = books.find("SalesReceipt", "R1-2-26-1")["TxnTaxDetail"]["TaxLine"]
    tax[0]["Amount"], tax[1]["Amount"] = 2.09, 0.19


def move_turnover_between_rates(books: ExampleBooks) -> None:
    high, low, _ = lines_of(books, "SalesReceipt", 1)
    high["Amount"], low["Amount"] = 9.99, 2.01


def swap_payment_accounts(books: ExampleBooks) -> None:
    card = books.find("Payment", "R1-2-26-2/1")
    cash = books.find("Payment", "R1-2-26-2/2")
    field = "DepositToAccountRef"
    card[field], cash[field] = cash[field], card[field]


def put_sale_on_wrong_account(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-1")
    row["DepositToAccountRef"] = make_ref("Till cash Centrum")


def take_wrong_payment_method(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-1")
    row["PaymentMethodRef"] = make_ref("Cash")


def take_wrong_customer(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-15")
    row["CustomerRef"] = make_ref("De Vries BV")


def take_default_debtor(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-15")
    row["CustomerRef"] = make_ref("Counter sales")


def take_wrong_date(books: ExampleBooks) -> None:
    books.find("SalesReceipt", "R1-2-26-1")["TxnDate"] = "2026-03-06"


def take_wrong_number(books: ExampleBooks) -> None:
    books.find("SalesReceipt", "R1-2-26-1")["DocNumber"] = "1001"


def drop_payment(books: ExampleBooks) -> None:
    books.remove("Payment", "R1-2-26-2/2")


def double_payment(books: ExampleBooks) -> None:
    books.add("Payment", books.find("Payment", "R1-2-26-2/2"))


def unlink_payment(books: ExampleBooks) -> None:
    books.find("Payment", "R1-2-26-2/2")["Line"] = []


def leave_balance(books: ExampleBooks) -> None:
    books.find("Invoice", "R1-2-26-2")["Balance"] = 5.10


def move_payment_to_another_day(books: ExampleBooks) -> None:
    books.find("Payment", "R1-2-26-2/2")["TxnDate"] = "2026-03-06"


def post_refund_as_sale(books: ExampleBooks) -> None:
    books.add("SalesReceipt", books.remove("RefundReceipt", "R1-2-26-3"))


def change_amount_by_a_cent(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-1")
    row["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] = 12.11
    row["TotalAmt"] = 14.29


def take_wrong_location(books: ExampleBooks) -> None:
    books.find("SalesReceipt", "R1-2-26-1")["DepartmentRef"] = make_ref("Markt")


def post_own_use(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-1")
    note = f"[hub] {source_id(56)} 1-2-2026-56"
    books.add("SalesReceipt", {**row, "DocNumber": "R1-2-26-56", "PrivateNote": note})


def book_gift_card_as_income(books: ExampleBooks) -> None:
    line = lines_of(books, "SalesReceipt", 7)[0]
    line["SalesItemLineDetail"]["ItemRef"] = make_ref("Shirt")


def drop_rounding(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-11")
    del row["Line"][1]
    row["TotalAmt"] = 2.18


def turn_rounding_over(books: ExampleBooks) -> None:
    detail = lines_of(books, "RefundReceipt", 12)[1]["SalesItemLineDetail"]
    detail["TaxInclusiveAmt"] = -0.02


def take_wrong_terms(books: ExampleBooks) -> None:
    books.find("Invoice", "R1-2-26-5")["SalesTermRef"] = make_ref("Net 30")


def forget_source(books: ExampleBooks) -> None:
    books.find("SalesReceipt", "R1-2-26-1")["PrivateNote"] = ""


def post_what_nobody_asked_for(books: ExampleBooks) -> None:
    row = {"DocNumber": "J1", "TxnDate": "2026-03-05", "TotalAmt": 0, "Line": []}
    books.add("JournalEntry", row)


def put_sale_on_unmapped_tax_code(books: ExampleBooks) -> None:
    line = lines_of(books, "SalesReceipt", 11)[1]
    line["SalesItemLineDetail"]["TaxCodeRef"] = make_ref("VAT 0%")


def make_article_twice(books: ExampleBooks) -> None:
    books.objects["Item"].append({**books.objects["Item"][0], "Id": "Shirt 2"})


def make_customer_twice(books: ExampleBooks) -> None:
    twin = {
        **books.objects["Customer"][1],
        "Id": "twin",
        "DisplayName": "De Vries BV 7",
    }
    books.objects["Customer"].append(twin)
    books.find("Invoice", "R1-2-26-5")["CustomerRef"] = make_ref("twin")


MUTATIONS: list[tuple[Callable[[ExampleBooks], None], str]] = [
    (drop_sale, "SalesReceipt R1-2-26-1 is missing"),
    (double_sale, "it is in QuickBooks twice"),
    (double_sale_under_another_number, "it is in QuickBooks twice"),
    (move_cent_between_rates, "has 12.09 under 'VAT 21%', the till 12.10"),
    (move_vat_between_rates, "has VAT 2.09 under 'VAT 21%', the till 2.10"),
    (move_turnover_between_rates, "has turnover 9.99 under 'VAT 21%'"),
    (swap_payment_accounts, "has payments of 7.00 by 'Debit card' on account 'Till c"),
    (put_sale_on_wrong_account, "lies on account 'Till cash Centrum'"),
    (take_wrong_payment_method, "has payment method 'Cash', not 'Debit card'"),
    (take_wrong_customer, "is of customer 'De Vries BV', not 'Jan Bos'"),
    (take_default_debtor, "is of customer 'Counter sales', not 'Jan Bos'"),
    (take_wrong_date, "is dated 2026-03-06, not 2026-03-05"),
    (take_wrong_number, "has the wrong number, R1-2-26-1 is right"),
    (drop_payment, "has payments of 0.00 by 'Cash'"),
    (double_payment, "has payment 'R1-2-26-2/2' twice"),
    (unlink_payment, "of which 0.00 is linked to it"),
    (leave_balance, "has a balance of 5.10, not 0.00"),
    (move_payment_to_another_day, "dated 2026-03-06, not 2026-03-05"),
    (post_refund_as_sale, "RefundReceipt R1-2-26-3 is missing, SalesReceipt R1-2-26-3"),
    (change_amount_by_a_cent, "has the wrong total, 14.28 is right"),
    (take_wrong_location, "has location 'Markt', not 'Centrum'"),
    (post_own_use, "must have no document (skipped: own use), but SalesReceipt"),
    (book_gift_card_as_income, "has 25.00 on account 'Sales' with tax code 'No VAT'"),
    (drop_rounding, "has 0.00 on account 'Payment differences'"),
    (turn_rounding_over, "has -0.02 on account 'Payment differences'"),
    (take_wrong_terms, "has terms 'Net 30', not 'Net 14'"),
    (forget_source, "has a note that lacks the receipt's id"),
    (
        post_what_nobody_asked_for,
        "of 0.00 is in QuickBooks, but no receipt asks for it",
    ),
    (put_sale_on_unmapped_tax_code, "with tax code 'VAT 0%', not 0.00"),
    (make_article_twice, "article Shirt is 2 items"),
    (make_customer_twice, "relation 7 is 2 customers"),
]
