{% macro kept_until() -%}
    {#- Day up to which the rows of a table stay as they are: a model that is `kept_by` a day makes
        the later ones. Compiled it is a day before all; `kept_table` puts the right one there, so
        that one SQL makes some rows or all. -#}
    date '1000-01-01'
{%- endmacro %}
