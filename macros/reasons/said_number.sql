{% macro said_number(number, unit) -%}
    {#- A number as a person says it: money with two digits, shares in percent, others with one
        digit below ten and none above. -#}
    {%- set whole = 'cast(' ~ number ~ ' as decimal(38, 0))' -%}
    {%- set tenths = 'cast(' ~ number ~ ' as decimal(38, 1))' -%}
    case
        when not abs({{ number }}) < 1e15 then null
        when {{ unit }} = 'money'
            then cast(cast({{ number }} as decimal(38, 2)) as {{ dbt.type_string() }})
        when {{ unit }} = 'share'
            then cast(cast(100 * {{ number }} as decimal(38, 0)) as {{ dbt.type_string() }})
                || ' %'
        when abs({{ number }}) >= 10 or {{ tenths }} = {{ whole }}
            then cast({{ whole }} as {{ dbt.type_string() }})
        else cast({{ tenths }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
