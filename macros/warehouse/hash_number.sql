{% macro hash_number(expressions) %}
    {{- adapter.dispatch('hash_number', 'attrition')(expressions) -}}
{% endmacro %}

{% macro default__hash_number(expressions) %}
    {%- do attrition.stop_for_unknown_warehouse('hash_number') -%}
{% endmacro %}

{% macro duckdb__hash_number(expressions) -%}
    {#- Hashed once more, since sums of hashes that DuckDB combines from columns can agree
        where two records change places. -#}
    cast(hash(hash({{ expressions | join(', ') }})) as decimal(38, 0))
{%- endmacro %}

{% macro snowflake__hash_number(expressions) -%}
    {#- Hashed once more for the same reason; 52 bits, so that sums of many fit 64. -#}
    cast(mod(hash(hash({{ expressions | join(', ') }})), 4503599627370496) as decimal(38, 0))
{%- endmacro %}
