"""Judge the books by the till: a second opinion that shares no code with the hub.

It asks the till and QuickBooks over plain HTTP, decides from what the till sends and
what the shop keeper chose which documents there must be, and names every difference.

    python tests/oracle.py --till URL --ident I --secret S --books URL --realm R \
        --token-file FILE --setup shop.json [--json] [--vat honoured|recomputed] \
        [--not-final RECEIPT-ID ...] [--late RECEIPT-ID ...] [--trial-balance]

With --trial-balance it prints what every account must come to, from the till alone
(QuickBooks is only asked until when its books are closed), and judges nothing.
The exit code is 0 when the books are exactly right, 1 when they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

if __package__ in (None, ""):
    # Run as a script: the parts are found from the folder above.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.oracle_parts.beside import make_beside
from tests.oracle_parts.books import Books, BooksServer, show
from tests.oracle_parts.compare import HONOURED, RECOMPUTED, Comparison
from tests.oracle_parts.expected import WAITING, Decision, Expected
from tests.oracle_parts.ledger import BookCustomer, Ledger, read_closing_date
from tests.oracle_parts.ledger import read_ledger as read_ledger
from tests.oracle_parts.match import Match, Matcher
from tests.oracle_parts.records import Till
from tests.oracle_parts.rules import decide, decide_count
from tests.oracle_parts.setup import Setup, load_setup
from tests.oracle_parts.shop import Knowledge, make_shop
from tests.oracle_parts.snapshot import snapshot as snapshot
from tests.oracle_parts.till import TillServer
from tests.oracle_parts.trial import compute_trial_balance
from tests.oracle_parts.verdict import Verdict, format_table


def decide_all(
    till: Till, setup: Setup, known: Knowledge | None = None
) -> tuple[Decision, ...]:
    """What must become of every receipt of a till, and of its cash counts if asked."""
    receipts = tuple(till.receipts())
    shop = make_shop(till, setup, receipts, known or Knowledge())
    decisions = [decide(receipt, shop) for receipt in receipts]
    if setup.choices.cash_counts:
        decisions += [decide_count(count, shop) for count in till.cash_counts()]
    return tuple(decisions)


def expected_documents(till: Till, setup: Setup) -> dict[str, Expected]:
    """The documents there must be, by business key ("SalesReceipt R1-1-26-17")."""
    return {
        f"{form.entity} {form.numbers[0]}": form
        for decision in decide_all(till, setup)
        if decision.bundle
        for form in decision.bundle.forms
    }


def trial_balance(
    till: Till, setup: Setup, known: Knowledge | None = None
) -> dict[str, int]:
    """What every account must come to, debit less credit in cents, from the till."""
    return compute_trial_balance(decide_all(till, setup, known), setup)


def judge(
    till: Till,
    books: Books,
    setup: Setup,
    *,
    vat: str = HONOURED,
    not_final: Iterable[str] = (),
    known: Knowledge | None = None,
) -> Verdict:
    """Hold the books against the till.

    ``vat`` says whether the company honours the VAT amounts it is sent or computes
    its own; then cents of difference are told as data and are no problems.
    """
    ledger = read_ledger(books)
    known = known or Knowledge(not_final=frozenset(not_final))
    known = known.close(ledger.closed_through)
    decisions = decide_all(till, setup, known)
    comparison = Comparison(ledger, setup, vat, [], make_beside(ledger, setup))
    matcher = Matcher(ledger, setup.prefix)
    matches = [matcher.match(decision) for decision in decisions]
    problems: list[str] = []
    for match in matches:
        problems += match.problems
        problems += comparison.compare(match)
    problems += [
        f"{document.label} is in QuickBooks, but no receipt asks for it"
        for document in matcher.leftovers()
    ]
    problems += name_doubles(ledger, matches)
    return Verdict(
        decisions=tuple(map(settle_decision, matches)),
        documents=ledger.documents,
        found={match.decision.receipt.id: list_found(match) for match in matches},
        problems=tuple(problems),
        vat_differences=tuple(comparison.vat_differences),
    )


def settle_decision(match: Match) -> Decision:
    """The decision by what was found: the bundle that is there, or waiting."""
    if match.waits:
        return Decision(match.decision.receipt, WAITING, "closed period")
    if match.bundle is None:
        return match.decision
    return replace(match.decision, bundle=match.bundle)


def list_found(match: Match) -> tuple[str, ...]:
    """The labels of the documents found for a receipt."""
    return tuple(document.label for document in match.documents)


def name_doubles(ledger: Ledger, matches: Sequence[Match]) -> list[str]:
    """Relations with two customers, and articles with two items."""
    customers: Mapping[str, set[BookCustomer]] = defaultdict(set)
    for match in matches:
        for form in match.forms:
            relation, document = form.expected.customer, form.document
            if relation and document and document.customer:
                customers[relation.number].add(document.customer)
    items: Mapping[str, list[str]] = defaultdict(list)
    for item in ledger.items:
        if item.get("Sku") and item.get("Active", True):
            items[item["Sku"]].append(str(item["Id"]))
    return [
        f"relation {number} is {len(found)} customers:"
        f" {', '.join(sorted(customer.name for customer in found))}"
        for number, found in customers.items()
        if len(found) > 1
    ] + [
        f"article {sku} is {len(ids)} items: ids {', '.join(ids)}"
        for sku, ids in items.items()
        if len(ids) > 1
    ]


def read_token(path: Path) -> str:
    """A bearer token out of a file: the bare token, or JSON with access_token."""
    text = path.read_text(encoding="utf-8").strip()
    return str(json.loads(text)["access_token"]) if text.startswith("{") else text


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Judge the books by the till.")
    for name in ("till", "ident", "secret", "books", "realm"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--token-file", required=True, type=Path)
    parser.add_argument("--setup", required=True, type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--vat", choices=(HONOURED, RECOMPUTED), default=HONOURED)
    parser.add_argument("--not-final", nargs="*", default=[])
    parser.add_argument("--late", nargs="*", default=None)
    parser.add_argument("--trial-balance", action="store_true")
    return parser.parse_args(arguments)


def print_trial_balance(balances: Mapping[str, int], *, as_json: bool) -> None:
    """One line per account, or JSON with amounts in euros as text."""
    shown = {name: show(cents) for name, cents in sorted(balances.items())}
    if as_json:
        sys.stdout.write(json.dumps({"accounts": shown}, indent=1) + "\n")
        return
    width = max(map(len, shown), default=0)
    lines = [f"{name:<{width}}  {amount:>16}" for name, amount in shown.items()]
    sys.stdout.write("\n".join(lines) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, and say by the exit code whether the books are right."""
    options = parse_arguments(arguments)
    till = TillServer(options.till, options.ident, options.secret)
    books = BooksServer(
        options.books, options.realm, lambda: read_token(options.token_file)
    )
    setup = load_setup(options.setup)
    known = Knowledge(
        not_final=frozenset(options.not_final),
        late=None if options.late is None else frozenset(options.late),
    )
    if options.trial_balance:
        known = known.close(read_closing_date(books))
        print_trial_balance(trial_balance(till, setup, known), as_json=options.json)
        return 0
    verdict = judge(till, books, setup, vat=options.vat, known=known)
    if options.json:
        sys.stdout.write(json.dumps(verdict.to_json(), indent=1) + "\n")
    else:
        lines = [format_table(verdict), *verdict.problems]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
