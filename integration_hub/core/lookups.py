"""Look-ups that use an index on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Lookup

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup

LAST_CHARACTER = "\U0010ffff"


@CharField.register_lookup
class Prefix(_Lookup):
    """``number__prefix="12-"``: starts with, letter by letter.

    A range of text on SQLite, where LIKE looks at every row; LIKE on PostgreSQL, where
    texts are not in the order of their letters and the index has to be of the class
    varchar_pattern_ops.
    """

    lookup_name = "prefix"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """The column between the text and the last text that starts with it."""
        column, params = self.process_lhs(compiler, connection)
        text = str(self.rhs)
        sql = f"({column} >= %s AND {column} < %s)"
        return sql, (*params, text, *params, text + LAST_CHARACTER)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """The column LIKE the text with anything behind it."""
        column, params = self.process_lhs(compiler, connection)
        text = connection.ops.prep_for_like_query(self.rhs)
        return f"{column} LIKE %s", (*params, f"{text}%")
