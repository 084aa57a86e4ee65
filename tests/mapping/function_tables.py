"""The tables of functions in docs/mapping.md, made of the functions themselves.

``python -m tests.mapping.function_tables`` writes them anew: read the difference before
you keep it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mapping.md"
HEADER = "| function | what it gives | example | gives |\n|---|---|---|---|\n"
TABLES = re.compile(r"(?<=\n)### Choosing\n.*?(?=\n## )", re.S)


def render() -> str:
    """Every group of functions with its table."""
    from mapping.functions import GROUPS

    return "\n".join(
        f"### {title}\n\n{HEADER}"
        + "".join(
            f"| `{each.signature}` | {each.help} | `{each.example}` | `{each.gives}` |\n"
            for each in functions
        )
        for title, functions in GROUPS.items()
    )


def read() -> str:
    """The tables as the page has them."""
    found = TABLES.search(PAGE.read_text())
    return found.group() if found else ""


def main() -> None:
    """Write the tables into the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
    import django

    django.setup()
    page = TABLES.sub(lambda _found: render(), PAGE.read_text())
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
