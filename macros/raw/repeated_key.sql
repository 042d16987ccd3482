{% macro repeated_key(keys, order_by) -%}
    {#- The rule a record broke by itself, else `repeated_key` for all but the first sound one. -#}
    case
        when own_rule is not null
            then own_rule
        when
            row_number() over (
                partition by {{ keys }}, own_rule
                order by {{ order_by | join(', ') }}
            ) > 1
            then 'repeated_key'
    end
{%- endmacro %}
