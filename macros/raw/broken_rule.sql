{% macro broken_rule(date_column, rules=[], categories={}, key=none) -%}
    {#- The first rule of the raw contract that a renamed record breaks, or null. -#}
    case
        when customer_id is null{% if key %} or {{ key }} is null{% endif %}
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
        {%- for column, allowed in categories.items() %}
        when
            {{ column }} is null
            or {{ column }} not in ('{{ allowed | join("', '") }}')
            then 'unknown_{{ column }}'
        {%- endfor %}
        {%- for name, condition in rules %}
        when {{ condition }}
            then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
