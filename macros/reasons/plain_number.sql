{% macro plain_number(number) -%}
    {#- A number as values stand in tables for people: no decimals from 100 on, at most two
        below. Thousandths first: where features are doubles, a half may be a little less. -#}
    {%- set exact = 'cast(' ~ number ~ ' as decimal(38, 3))' -%}
    {%- set whole = 'cast(' ~ exact ~ ' as decimal(38, 0))' -%}
    {%- set tenths = 'cast(' ~ exact ~ ' as decimal(38, 1))' -%}
    {%- set hundredths = 'cast(' ~ exact ~ ' as decimal(38, 2))' -%}
    case
        when not abs({{ number }}) < 1e15 then null
        when abs({{ number }}) >= 100 or {{ hundredths }} = {{ whole }}
            then cast({{ whole }} as {{ dbt.type_string() }})
        when {{ hundredths }} = {{ tenths }}
            then cast({{ tenths }} as {{ dbt.type_string() }})
        else cast({{ hundredths }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
