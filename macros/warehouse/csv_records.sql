{% macro csv_records(path, delimiter, encoding) %}
    {{- adapter.dispatch('csv_records', 'attrition')(path, delimiter, encoding) -}}
{% endmacro %}

{% macro default__csv_records(path, delimiter, encoding) %}
    {%- do attrition.stop_for_unknown_warehouse('csv_records') -%}
{% endmacro %}

{% macro duckdb__csv_records(path, delimiter, encoding) -%}
    {#- Nothing is guessed: a guess from the first rows misreads what first comes later. Text
        throughout, since one wrong value must not cost the file; one thread, since two cannot
        read a line break within quotes where lines may be short; not strict, which loses the
        rest of a file after a quote that is not closed, and refuses mixed line ends. -#}
    read_csv(
        {{ attrition.text_literal(path) }}, delim = {{ attrition.text_literal(delimiter) }},
        quote = '"', escape = '"', header = true, encoding = {{ attrition.text_literal(encoding) }},
        all_varchar = true, null_padding = true, strict_mode = false, parallel = false
    )
{%- endmacro %}

{% macro snowflake__csv_records(path, delimiter, encoding) -%}
    {#- Raw records are tables on Snowflake. -#}
    {%- do exceptions.raise_compiler_error('csv_records: Snowflake reads declared sources.') -%}
{%- endmacro %}
