{% macro highest_number(column) -%}
    {#- The highest number in a state table so far: a clock may have been wrong. -#}
    {%- if is_incremental() -%}
    (select coalesce(max({{ column }}), 0) from {{ this }})
    {%- else -%}
    0
    {%- endif -%}
{%- endmacro %}
