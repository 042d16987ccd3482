{% macro csv_values(path, delimiter, encoding, width, quote='"') %}
    {{- adapter.dispatch('csv_values', 'attrition')(
        path, delimiter, encoding, width, quote
    ) -}}
{% endmacro %}

{% macro default__csv_values(path, delimiter, encoding, width, quote) %}
    {%- do attrition.stop_for_unknown_warehouse('csv_values') -%}
{% endmacro %}

{% macro duckdb__csv_values(path, delimiter, encoding, width, quote) -%}
    {#- As csv_records reads them, but whatever the file is like: no number of columns is looked
        for in its first lines, and a line without an end is left out. -#}
    read_csv(
        {{ attrition.text_literal(path) }}, delim = {{ attrition.text_literal(delimiter) }},
        quote = '{{ quote }}', escape = '{{ quote }}', header = false,
        encoding = {{ attrition.text_literal(encoding) }}, auto_detect = false,
        columns = { {%- for place in range(1, width + 1) -%}
            'value_{{ place }}': 'varchar'{{ ', ' if not loop.last }}
        {%- endfor -%} },
        null_padding = true, strict_mode = false, ignore_errors = true, parallel = false
    )
{%- endmacro %}

{% macro snowflake__csv_values(path, delimiter, encoding, width, quote) -%}
    {#- Raw records are tables on Snowflake. -#}
    {%- do exceptions.raise_compiler_error('csv_values: Snowflake reads declared sources.') -%}
{%- endmacro %}
