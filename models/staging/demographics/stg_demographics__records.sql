{%- set available = attrition.raw_columns_of('demographics') -%}
{%- set is_dated =
    attrition.raw_column_name('demographics', 'valid_from', available) is not none
-%}

-- without dates of change, what can change is unknown before today
{{ attrition.staged_records('demographics', {'is_dated': 'true' if is_dated else 'false'}) }}
