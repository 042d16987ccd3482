{% macro setting_fits(value, node) %}
    {#- Whether a text, a number or a boolean is what its node allows. -#}
    {%- if node.type == 'boolean' -%}
        {% do return(value is boolean) %}
    {%- elif node.type == 'text' -%}
        {%- if value is not string or not value -%}
            {% do return(false) %}
        {%- elif 'choices' in node -%}
            {% do return(value in node.choices) %}
        {%- elif 'pattern' in node -%}
            {% do return(modules.re.match(node.pattern, value) is not none) %}
        {%- endif -%}
        {% do return(true) %}
    {%- endif -%}
    {%- if value is boolean or value is not number -%}
        {% do return(false) %}
    {%- elif node.type == 'integer' and value is not integer -%}
        {% do return(false) %}
    {%- endif -%}
    {%- set is_high_enough = value >= node.get('minimum', value) -%}
    {%- set is_low_enough = value <= node.get('maximum', value) -%}
    {%- set is_above = value > node.get('above', value - 1) -%}
    {%- set is_below = value < node.get('below', value + 1) -%}
    {% do return(is_high_enough and is_low_enough and is_above and is_below) %}
{% endmacro %}
