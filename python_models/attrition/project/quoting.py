"""Names and texts as DuckDB's SQL takes them."""


def identifier(name: str) -> str:
    """Return a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a quoted SQL text."""
    return "'" + text.replace("'", "''") + "'"
