{% macro kind_of_value(value) %}
    {#- The kind of a value, as `settings_schema` calls it. Bytes and sets, which YAML knows too,
        have no `append`. -#}
    {% do return('boolean' if value is boolean else 'integer' if value is integer
        else 'number' if value is number else 'text' if value is string
        else 'mapping' if value is mapping else 'list' if value.append else 'other') %}
{% endmacro %}
