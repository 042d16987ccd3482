{% macro read_boolean(expression) -%}
    case
        when lower(trim(cast({{ expression }} as {{ dbt.type_string() }})))
            in ('true', 't', 'yes', 'y', '1', '1.0')
            then true
        when lower(trim(cast({{ expression }} as {{ dbt.type_string() }})))
            in ('false', 'f', 'no', 'n', '0', '0.0')
            then false
    end
{%- endmacro %}
