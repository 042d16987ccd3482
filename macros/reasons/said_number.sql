{% macro said_number(number, unit) -%}
    {#- A number as a person says it: money with two digits, shares in percent, others with one
        digit below ten and none above. Thousandths first: where features are doubles, a half may
        be a little less. -#}
    {%- set exact = 'cast(' ~ number ~ ' as decimal(38, 3))' -%}
    {%- set whole = 'cast(' ~ exact ~ ' as decimal(38, 0))' -%}
    {%- set tenths = 'cast(' ~ exact ~ ' as decimal(38, 1))' -%}
    case
        when not abs({{ number }}) < 1e15 then null
        when {{ unit }} = 'money'
            then cast(cast({{ exact }} as decimal(38, 2)) as {{ dbt.type_string() }})
        when {{ unit }} = 'share'
            then cast(cast(cast(100 * {{ number }} as decimal(38, 3)) as decimal(38, 0)) as
                {{ dbt.type_string() }})
                || ' %'
        when abs({{ number }}) >= 10 or {{ tenths }} = {{ whole }}
            then cast({{ whole }} as {{ dbt.type_string() }})
        else cast({{ tenths }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
