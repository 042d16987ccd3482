"""What of a raw column can be read as the type that the raw contract gives it.

The expressions are DuckDB SQL and read what the project's staging models read.
"""

from attrition.project.quoting import identifier, literal

_TRUE = ("true", "t", "yes", "y", "1", "1.0")
_FALSE = ("false", "f", "no", "n", "0", "0.0")


def text_of(column: str) -> str:
    """Return SQL that gives the trimmed text of a column, null where nothing stands there."""
    return f"nullif(trim(cast({identifier(column)} as varchar)), '')"


def read_as(column: str, contract_type: str) -> str:
    """Return SQL that reads a column as a type of the contract, null where that fails."""
    text = text_of(column)
    if contract_type == "date":
        return (
            f"cast(case when {text} like '____-%' or {text} like '____/%' "
            f"then try_cast({text} as timestamp) "
            f"when regexp_full_match({text}, '[0-9]{{8}}') "
            f"then try_strptime({text}, '%Y%m%d') end as date)"
        )
    if contract_type == "number":
        return f"try_cast({text} as decimal(18, 4))"
    if contract_type == "boolean":
        true, false = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
        return (
            f"case when lower({text}) in ({true}) then true "
            f"when lower({text}) in ({false}) then false end"
        )
    return text
