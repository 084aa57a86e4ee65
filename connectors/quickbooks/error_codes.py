"""What QuickBooks' error codes mean for a refused write: one table.

Codes and messages are from Intuit's list of error codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integration_hub.core.errors import Conflict, NotFound, RecordError, Rejected


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means: the error's class, what is said and what to do.

    ``detail`` adds QuickBooks' own words, where they hold no personal data.
    """

    kind: type[RecordError]
    text: str
    action: str = ""
    detail: bool = False


LOOK = "Look at the company and the document in QuickBooks, then choose Retry."
REPORT = "This is a defect of the hub: report it with what was sent and answered."
MEND = "Mend the rule or value map that gives it, then choose Retry."
RULES: Mapping[str, Rule] = {
    "600": Rule(Rejected, "this request was sent before", "Choose Retry."),
    "610": Rule(
        NotFound,
        "something it uses does not exist or is inactive",
        "Make it active again in QuickBooks or choose another, then choose Retry.",
        detail=True,
    ),
    "620": Rule(
        Rejected,
        "it cannot be linked to that transaction",
        "Look at the invoice that it settles in QuickBooks, then choose Retry.",
        detail=True,
    ),
    "2010": Rule(Rejected, "a property is not known", REPORT, detail=True),
    "2020": Rule(Rejected, "something required is missing", MEND, detail=True),
    "2050": Rule(Rejected, "a text is too long", MEND, detail=True),
    "2210": Rule(
        Rejected, "the e-mail address is not valid", "Correct it in the till."
    ),
    "2220": Rule(
        Rejected,
        "the company does not use the till's currency",
        "Connect a company that keeps its books in the till's currency.",
        detail=True,
    ),
    "2300": Rule(
        Rejected,
        "debits and credits are not equal for it",
        "If it has VAT, change the setting “VAT on journal entries”, then choose Retry.",
    ),
    "2290": Rule(
        Rejected,
        "it takes no negative amount",
        "Book it by hand in QuickBooks and skip it here.",
        detail=True,
    ),
    "2500": Rule(
        NotFound,
        "something it refers to does not exist or is inactive",
        "Make it active again in QuickBooks or choose another, then choose Retry.",
        detail=True,
    ),
    "3000": Rule(
        NotFound,
        "a custom field that a rule fills is not switched on",
        "Switch it on in QuickBooks (Account and settings, Sales, Sales form content,"
        " Custom fields), or the rule off, then choose Retry.",
        detail=True,
    ),
    "5010": Rule(
        Conflict,
        "somebody changed it in QuickBooks meanwhile, or it was paid there",
        "Look at the document in QuickBooks, then choose Retry.",
    ),
    "5020": Rule(
        Rejected,
        "the user who connected has no permission for it",
        "Let a user who may enter sales connect the company, then choose Retry.",
    ),
    "5030": Rule(
        Rejected,
        "the company does not have this feature",
        "Switch it on in QuickBooks, or take it out of the rules; then choose Retry.",
        detail=True,
    ),
    "6000": Rule(
        Rejected,
        "a rule of the company does not allow it",
        "Change what it names in QuickBooks or in the mapping, then choose Retry.",
        detail=True,
    ),
    "6070": Rule(Rejected, "an amount is not quantity × price", REPORT, detail=True),
    "6190": Rule(
        Rejected,
        "the company's subscription has ended or has a problem",
        "Look at the subscription in QuickBooks, then choose Retry.",
    ),
    "6200": Rule(
        Rejected,
        "the books are closed for its date",
        "Change the closing date in QuickBooks (Account and settings, Advanced): it is "
        "posted by the next run. Or let the integration post what is late on the first "
        "open day.",
    ),
    "6240": Rule(
        Conflict,
        "the name is already used",
        "Rename what has it in QuickBooks, or mend the rule that gives the name; "
        "then choose Retry.",
    ),
    "6430": Rule(Rejected, "an account has a type that cannot be used", MEND, True),
    "6480": Rule(
        Conflict,
        "it is reconciled with a bank statement",
        "Undo its reconciliation in QuickBooks, then choose Retry.",
    ),
    "6540": Rule(
        Conflict,
        "it is part of a bank deposit",
        "Remove it from the deposit in QuickBooks, then choose Retry.",
    ),
}
ALIASES = {"6210": "6200", "630": "6240"}
