{% macro tell_findings(findings) %}
    {#- A failed test says how many rows it found; this says what they mean. -#}
    {%- if execute and flags.WHICH in ('build', 'test') -%}
        {%- set found = run_query(
            'select finding from (' ~ findings ~ ') as findings order by finding'
        ) -%}
        {%- for row in found.rows -%}
            {%- do log(row[0], true) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
