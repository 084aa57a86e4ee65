"""Ways in which what is no plain sale becomes wrong, with the words that name it."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle_example.books import ExampleBooks, make_item_line, make_ref
from tests.oracle_example.money_mutations import find_entry, find_lines
from tests.oracle_example.mutations import lines_of
from tests.oracle_example.wire import source_id


def sell_the_tip(books: ExampleBooks) -> None:
    tip = lines_of(books, "SalesReceipt", 33)[1]["SalesItemLineDetail"]
    tip["ItemRef"] = make_ref("Shirt")


def forget_vat_of_a_gift_card(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-35")
    row["Line"][0] = make_item_line("Gift card", "No VAT", 12.10, 12.10)
    row["TxnTaxDetail"] = {}


def tax_a_gift_card_twice(books: ExampleBooks) -> None:
    lines = lines_of(books, "SalesReceipt", 36)
    lines[2] = make_item_line("Gift card", "No VAT", -12.10, -12.10)


def give_voucher_at_one_rate(books: ExampleBooks) -> None:
    lines = lines_of(books, "SalesReceipt", 37)
    lines[2:4] = [make_item_line("Own voucher", "VAT 21%", -1.18, -1.43)]


def take_vat_off_own_use(books: ExampleBooks) -> None:
    lines = lines_of(books, "SalesReceipt", 38)
    lines[1] = make_item_line("Own use", "VAT 21%", -8.26, -10.00)


def hide_own_use(books: ExampleBooks) -> None:
    lines = lines_of(books, "SalesReceipt", 47)
    lines[:2] = [make_item_line("Shirt", "VAT 21%", 1.74, 2.10)]


def book_own_use_at_price(books: ExampleBooks) -> None:
    for line, amount in zip(find_entry(books, 41)["Line"], (24.20, 20.00), strict=True):
        line["Amount"] = amount


def forget_vat_of_own_use(books: ExampleBooks) -> None:
    del find_lines(books, 41)[1]["TaxAmount"]


def break_it_at_home(books: ExampleBooks) -> None:
    find_lines(books, 42)[0]["AccountRef"] = make_ref("Drawings")


def sell_what_was_given_away(books: ExampleBooks) -> None:
    row = books.find("SalesReceipt", "R1-2-26-1")
    note = f"[hub] {source_id(43)} 1-2-2026-43"
    books.add("SalesReceipt", {**row, "DocNumber": "R1-2-26-43", "PrivateNote": note})


def put_cash_on_another_account(books: ExampleBooks) -> None:
    find_lines(books, 44)[1]["AccountRef"] = make_ref("Petty expenses")


def reclaim_vat_as_sales(books: ExampleBooks) -> None:
    find_lines(books, 45)[1]["TaxApplicableOn"] = "Sales"


def turn_transfer_over(books: ExampleBooks) -> None:
    first, second = find_lines(books, 46)
    first["PostingType"], second["PostingType"] = "Debit", "Credit"


def charge_vat_at_home(books: ExampleBooks) -> None:
    row = lines_of(books, "SalesReceipt", 81)
    row[0] = make_item_line("Shirt", "VAT 0%", 10.00, 10.00)


def take_services_for_goods(books: ExampleBooks) -> None:
    detail = lines_of(books, "SalesReceipt", 82)[1]["SalesItemLineDetail"]
    detail["TaxCodeRef"] = make_ref("VAT EU goods")


def leave_export_out_of_the_return(books: ExampleBooks) -> None:
    detail = lines_of(books, "SalesReceipt", 83)[0]["SalesItemLineDetail"]
    detail["TaxCodeRef"] = make_ref("No VAT")


def tax_second_hand_goods(books: ExampleBooks) -> None:
    lines_of(books, "SalesReceipt", 84)[0] = make_item_line(
        "Second-hand", "VAT 21%", 16.53, 20.00
    )


def count_trade_in_as_less_revenue(books: ExampleBooks) -> None:
    detail = lines_of(books, "SalesReceipt", 85)[1]["SalesItemLineDetail"]
    detail["ItemRef"] = make_ref("Shirt")


def receive_what_was_paid_out(books: ExampleBooks) -> None:
    books.add("SalesReceipt", books.remove("RefundReceipt", "R1-2-26-86"))


SPECIAL_MUTATIONS: list[tuple[Callable[[ExampleBooks], None], str]] = [
    (sell_the_tip, "has 0.00 on account 'Tips to pay out'"),
    (forget_vat_of_a_gift_card, "has 0.00 under 'VAT 21%', the till 12.10"),
    (tax_a_gift_card_twice, "has 12.10 under 'VAT 21%', the till 0.00"),
    (give_voucher_at_one_rate, "has -1.43 on account 'Own vouchers'"),
    (take_vat_off_own_use, "has -10.00 on account 'Own use' with tax code 'VAT 21%'"),
    (hide_own_use, "has 0.00 on account 'Own use' with tax code 'VAT 21%'"),
    (book_own_use_at_price, "has 24.20 on account 'Drawings'"),
    (forget_vat_of_own_use, "has VAT 0.00 under 'VAT 21%', not -1.68"),
    (break_it_at_home, "has 8.00 on account 'Drawings'"),
    (sell_what_was_given_away, "nothing of the receipt asks for it"),
    (put_cash_on_another_account, "has -50.00 on account 'Petty expenses'"),
    (reclaim_vat_as_sales, "has tax code 'VAT 21%' for 'Sales', not 'Purchase'"),
    (turn_transfer_over, "has 50.00 on account 'Till cash Centrum'"),
    (charge_vat_at_home, "has 10.00 on account 'Sales' with tax code 'VAT 0%'"),
    (take_services_for_goods, "has 15.00 on account 'Sales' with tax code 'VAT EU go"),
    (leave_export_out_of_the_return, "has 10.00 on account 'Sales' with tax code 'No"),
    (tax_second_hand_goods, "has 0.00 under 'VAT margin', the till 20.00"),
    (count_trade_in_as_less_revenue, "has 0.00 on account 'Trade-in purchases'"),
    (receive_what_was_paid_out, "RefundReceipt R1-2-26-86 is missing"),
]
