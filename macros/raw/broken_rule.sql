{% macro broken_rule(contract, rules=[]) -%}
    {#- The first rule of the raw contract that a renamed record breaks, or null. -#}
    {%- set date_column = contract.date -%}
    case
        when
            customer_id is null
            {%- for column in contract.key if column not in ('customer_id', date_column) %}
            or {{ column }} is null
            {%- endfor %}
            then 'no_identifier'
        when unreadable_column is not null
            then 'unreadable_' || unreadable_column
        when {{ date_column }} is null
            then 'no_{{ date_column }}'
        when {{ date_column }} < date '1900-01-01'
            then 'impossible_{{ date_column }}'
        {#- The clock of the run, so that a build is judged by one day throughout. #}
        when {{ date_column }} > {{ attrition.today() }}
            then '{{ date_column }}_beyond_today'
        {%- for column, properties in contract.columns.items() if properties.choices %}
        when
            {{ column }} is null
            or {{ column }} not in ('{{ properties.choices | join("', '") }}')
            then 'unknown_{{ column }}'
        {%- endfor %}
        {%- if contract.any_of %}
        when {{ contract.any_of | join(' is null and ') }} is null
            then 'no_{{ contract.any_of | join('_and_no_') }}'
        {%- endif %}
        {%- for name, condition in rules %}
        when {{ condition }}
            then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
