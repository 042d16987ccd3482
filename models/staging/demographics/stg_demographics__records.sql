{%- set available = attrition.raw_columns_of('demographics') -%}
{%- set is_dated =
    attrition.raw_column_name('demographics', 'valid_from', available) is not none
-%}

-- without dates of change, what can change is unknown before today
{{ attrition.staged_records(
    'demographics',
    rules=[
        ('impossible_birth_date', "birth_date < date '1900-01-01'"),
        ('impossible_insulin_since', "insulin_since < date '1900-01-01'"),
        ('birth_date_beyond_today', 'birth_date > ' ~ attrition.today()),
        ('insulin_since_beyond_today', 'insulin_since > ' ~ attrition.today()),
    ],
    more={'is_dated': 'true' if is_dated else 'false'}
) }}
