"""Names that no feature may be renamed to.

`macros/settings/reserved_columns.sql` is written from this by `attrition settings write`.
"""

KEY_COLUMNS = (
    "customer_id",
    "as_of_date",
    "is_attrition",
    "is_attrition_c",
    "is_attrition_s",
    "is_attrition_cs",
    "split",
    "is_fit",
    "is_refit",
    "is_calibration_customer",
    "customer_hash",
)
"""Columns that `modeling_dataset` has beside the features."""

_WORDS = """
account all alter analyse analyze and anti any array as asc asof asymmetric at authorization
between binary both by case cast check collate collation column concurrently connect
connection constraint create cross current current_date current_time current_timestamp
current_user database default deferrable delete desc describe distinct do drop else end except
exists false fetch following for foreign freeze from full glob grant group gscluster having
ilike in increment initially inner insert intersect into is isnull issue join lambda lateral
leading left like limit localtime localtimestamp minus natural not notnull null of offset on
only or order organization outer overlaps pivot pivot_longer pivot_wider placing positional
primary qualify references regexp returning revoke right rlike row rows sample schema select
semi set show similar some start summarize symmetric table tablesample then to trailing
trigger true try_cast union unique unpack unpivot update using values variadic verbose view
when whenever where window with
"""
SQL_WORDS = tuple(_WORDS.split())
"""Words that DuckDB or Snowflake does not take for a column's name without quotes."""
