{% macro misread_lines(path, delimiter, encoding, width, has_header) %}
    {{- adapter.dispatch('misread_lines', 'attrition')(
        path, delimiter, encoding, width, has_header
    ) -}}
{% endmacro %}

{% macro default__misread_lines(path, delimiter, encoding, width, has_header) %}
    {%- do attrition.stop_for_unknown_warehouse('misread_lines') -%}
{% endmacro %}

{% macro duckdb__misread_lines(path, delimiter, encoding, width, has_header) -%}
    {#- A quote that is not closed swallows what follows, up to the next quote or the end: such a
        value breaks after all columns that it should have left to others, or holds a line with a
        date among as many separators as a record has. What is longer than DuckDB's longest line
        is read by nobody, and missing in the count. -#}
    {%- set separator = attrition.text_literal(delimiter) -%}
with records as (
    select
        row_number() over () - {{ 1 if has_header else 0 }} as place,
        value_{{ width + 1 }} is not null as is_longer,
        false
        {%- for column in range(1, width) %}
        or (regexp_matches(value_{{ column }}, '[\r\n]$')
            and len(string_split(value_{{ column }}, {{ separator }})) > {{ width - column }})
        {%- endfor %} as is_late,
        string_split_regex(
            concat_ws(' '
                {%- for column in range(1, width + 2) %}, value_{{ column }}{% endfor %}),
            '\r\n|\r|\n'
        )[2:] as more_lines
    from {{ attrition.csv_values(path, delimiter, encoding, width + 1) }}
),

judged as (
    select
        *,
        is_late or len(list_filter(more_lines, lambda line:
            len(string_split(line, {{ separator }})) >= {{ width }} and regexp_matches(
                line, '[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ][0-9]{1,4}|[0-9]{8,13}'
            )
        )) > 0 as is_swallowing
    from records
),

counted as (
    select
        count(case when is_longer then 1 end) as longer_count,
        min(case when is_longer then place end) as first_longer,
        min(case when is_swallowing then place end) as first_swallowing,
        (
            select count(value_1)
            from {{ attrition.csv_values(path, '\x01', encoding, 1, '') }}
        ) - count(*) - coalesce(sum(len(more_lines)), 0) as lost_count
    from judged
)

select unnest(list_filter([
    case when longer_count > 0 then
        longer_count || ' of its records hold more values than there are columns, record '
        || first_longer || ' first: a value that holds a ' || {{ separator }}
        || ' must stand in double quotes.'
    end,
    case when first_swallowing is not null or lost_count > 0 then
        'a quote that opens' || coalesce(' in record ' || first_swallowing, '')
        || ' is not closed there, and lines after it are read as one value: close it, and '
        || 'write a quote within a value twice.'
    end
], lambda problem: problem is not null)) as problem
from counted
{%- endmacro %}

{% macro snowflake__misread_lines(path, delimiter, encoding, width, has_header) -%}
    {#- Raw records are tables on Snowflake. -#}
    {%- do exceptions.raise_compiler_error('misread_lines: Snowflake reads declared sources.') -%}
{%- endmacro %}
