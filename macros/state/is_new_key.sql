{% macro is_new_key(relation, key_columns) -%}
    {%- if is_incremental() -%}
    not exists (
        select 1
        from {{ this }} as made
        where
            {%- for column in key_columns %}
            {{ 'and ' if not loop.first }}made.{{ column }} = {{ relation }}.{{ column }}
            {%- endfor %}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
