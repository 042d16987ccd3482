{% macro is_unset(value, node) %}
    {#- Whether a whole setting stands for its default: nothing, or a text that means nothing. -#}
    {% do return(value is none or node.optional and value is string
        and value | lower | trim in ('', 'null', 'none')) %}
{% endmacro %}
