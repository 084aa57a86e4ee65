"""Ways in which tenders, credits and debts become wrong, with the words that name it."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle_example.books import (
    ExampleBooks,
    Json,
    make_entry_line,
    make_item_line,
    make_ref,
)
from tests.oracle_example.mutations import lines_of


def find_entry(books: ExampleBooks, number: int) -> Json:
    return books.find("JournalEntry", f"J1-2-26-{number}")


def find_lines(books: ExampleBooks, number: int) -> list[Json]:
    lines = find_entry(books, number)["Line"]
    return [line["JournalEntryLineDetail"] for line in lines]


def drop_entry(books: ExampleBooks) -> None:
    books.remove("JournalEntry", "J1-2-26-21")


def double_entry(books: ExampleBooks) -> None:
    books.add("JournalEntry", find_entry(books, 21))


def turn_entry_over(books: ExampleBooks) -> None:
    for detail in find_lines(books, 22):
        debit = detail["PostingType"] == "Debit"
        detail["PostingType"] = "Credit" if debit else "Debit"


def leave_cent_on_split(books: ExampleBooks) -> None:
    cash = find_entry(books, 22)["Line"]
    cash[0]["Amount"], cash[2]["Amount"] = 22.09, 12.09


def put_net_document_on_a_tender(books: ExampleBooks) -> None:
    row = books.find("RefundReceipt", "R1-2-26-21")
    row["DepositToAccountRef"] = make_ref("Till cards Centrum")


def post_entry_on_another_day(books: ExampleBooks) -> None:
    find_entry(books, 21)["TxnDate"] = "2026-03-06"


def number_entry_wrongly(books: ExampleBooks) -> None:
    find_entry(books, 21)["DocNumber"] = "J7"


def forget_source_of_entry(books: ExampleBooks) -> None:
    find_entry(books, 21)["PrivateNote"] = ""


def drop_exchange(books: ExampleBooks) -> None:
    books.remove("SalesReceipt", "R1-2-26-23")


def put_exchange_on_no_account(books: ExampleBooks) -> None:
    del books.find("SalesReceipt", "R1-2-26-23")["DepositToAccountRef"]


def take_gift_card_for_a_return(books: ExampleBooks) -> None:
    del lines_of(books, "SalesReceipt", 25)[1]


def pay_with_a_card_of_the_full_sale(books: ExampleBooks) -> None:
    detail = lines_of(books, "SalesReceipt", 24)[1]["SalesItemLineDetail"]
    detail["TaxCodeRef"] = make_ref("VAT 21%")


def refund_the_credit(books: ExampleBooks) -> None:
    books.add("RefundReceipt", books.remove("CreditMemo", "R1-2-26-28"))


def leave_credit_unapplied(books: ExampleBooks) -> None:
    books.remove("Payment", "R1-2-26-28-a")
    books.find("CreditMemo", "R1-2-26-28")["Balance"] = 12.10
    books.find("Invoice", "R1-2-26-27")["Balance"] = 19.20


def apply_credit_with_money(books: ExampleBooks) -> None:
    books.find("Payment", "R1-2-26-28-a")["TotalAmt"] = 12.10


def apply_credit_to_nothing(books: ExampleBooks) -> None:
    row = books.find("Payment", "R1-2-26-28-a")
    row["Line"] = row["Line"][1:]
    books.find("Invoice", "R1-2-26-27")["Balance"] = 19.20


def credit_the_default_debtor(books: ExampleBooks) -> None:
    row = books.find("CreditMemo", "R1-2-26-28")
    row["CustomerRef"] = make_ref("Counter sales")


def credit_more_than_is_owed(books: ExampleBooks) -> None:
    books.find("CreditMemo", "R1-2-26-28")["Balance"] = 5.00


def drop_settlement(books: ExampleBooks) -> None:
    books.remove("Payment", "R1-2-26-30-s1")


def settle_nothing(books: ExampleBooks) -> None:
    books.find("Payment", "R1-2-26-29-s1")["Line"] = []
    books.find("Invoice", "R1-2-26-27")["Balance"] = 12.10


def settle_another_invoice(books: ExampleBooks) -> None:
    other = books.find("Invoice", "R1-2-26-5")["Id"]
    link = {"TxnId": other, "TxnType": "Invoice"}
    line = {"Amount": 5.00, "LinkedTxn": [link]}
    books.find("Payment", "R1-2-26-29-s1")["Line"] = [line]


def settle_of_the_default_debtor(books: ExampleBooks) -> None:
    row = books.find("Payment", "R1-2-26-30-s1")
    row["CustomerRef"] = make_ref("Counter sales")


def sell_a_settlement(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-29")
    row["Line"].insert(0, make_item_line("Shirt", "No VAT", 5.00, 5.00))
    row["TotalAmt"] = 7.18


def forgive_what_is_owed(books: ExampleBooks) -> None:
    books.find("Invoice", "R1-2-26-31")["Balance"] = 0


def drop_later_payment(books: ExampleBooks) -> None:
    books.remove("Payment", "R1-2-26-32/1")


def date_later_payment_like_the_sale(books: ExampleBooks) -> None:
    books.find("Payment", "R1-2-26-32/1")["TxnDate"] = "2026-03-06"


def receive_what_nobody_paid(books: ExampleBooks) -> None:
    row = {"PaymentRefNum": "9", "TxnDate": "2026-03-05", "TotalAmt": 1, "Line": []}
    books.add("Payment", row)


def divide_what_needs_no_dividing(books: ExampleBooks) -> None:
    cash = make_entry_line("Till cash Centrum", 1.00)
    books.add_entry(1, cash, make_entry_line("Split tenders", -1.00))


def credit_what_nobody_returned(books: ExampleBooks) -> None:
    row = books.find("CreditMemo", "R1-2-26-28")
    more = {"DocNumber": "C9", "PrivateNote": "", "Balance": 12.10}
    books.add("CreditMemo", {**row, **more})


MONEY_MUTATIONS: list[tuple[Callable[[ExampleBooks], None], str]] = [
    (drop_entry, "JournalEntry J1-2-26-21 is missing"),
    (double_entry, "nothing of the receipt asks for it"),
    (turn_entry_over, "has -22.10 on account 'Till cards Centrum'"),
    (leave_cent_on_split, "leaves 0.01 on account 'Split tenders'"),
    (put_net_document_on_a_tender, "lies on account 'Till cards Centrum', not 'Split"),
    (post_entry_on_another_day, "is dated 2026-03-06, not 2026-03-05"),
    (number_entry_wrongly, "has the wrong number, J1-2-26-21 is right"),
    (forget_source_of_entry, "has a note that lacks the receipt's id"),
    (drop_exchange, "SalesReceipt R1-2-26-23 is missing"),
    (put_exchange_on_no_account, "lies on no account"),
    (take_gift_card_for_a_return, "has 0.00 on account 'Gift cards outstanding'"),
    (pay_with_a_card_of_the_full_sale, "has 0.00 under 'VAT 21%', the till 12.10"),
    (refund_the_credit, "CreditMemo R1-2-26-28 is missing, RefundReceipt R1-2-26-28"),
    (leave_credit_unapplied, "still owes 19.20"),
    (apply_credit_with_money, "has the wrong total, 0.00 is right"),
    (apply_credit_to_nothing, "does not join the credit and what it credits"),
    (credit_the_default_debtor, "is of customer 'Counter sales', not 'De Vries BV'"),
    (credit_more_than_is_owed, "has a balance of 5.00, not 0.00"),
    (drop_settlement, "Payment R1-2-26-30-s1 is missing"),
    (settle_nothing, "which it names"),
    (settle_another_invoice, "which it does not name"),
    (settle_of_the_default_debtor, "is of customer 'Counter sales', not 'Jan Bos'"),
    (sell_a_settlement, "has 5.00 on account 'Sales' with tax code 'No VAT'"),
    (forgive_what_is_owed, "has a balance of 0.00, not 10.00"),
    (drop_later_payment, "has payments of 0.00 by 'Cash'"),
    (date_later_payment_like_the_sale, "dated 2026-03-06, not 2026-03-08"),
    (divide_what_needs_no_dividing, "nothing of the receipt asks for it"),
    (receive_what_nobody_paid, "is in QuickBooks, but no receipt asks for it"),
    (credit_what_nobody_returned, "is in QuickBooks, but no receipt asks for it"),
]
