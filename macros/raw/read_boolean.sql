{% macro read_boolean(expression) -%}
    case
        when lower({{ attrition.trimmed_text(expression) }})
            in ('true', 't', 'yes', 'y', '1', '1.0')
            then true
        when lower({{ attrition.trimmed_text(expression) }})
            in ('false', 'f', 'no', 'n', '0', '0.0')
            then false
    end
{%- endmacro %}
