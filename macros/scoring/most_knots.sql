{% macro most_knots() -%}
    {#- Places that SQL counts: of leaves there are 1,024 at most, of knots of an isotonic
        calibration some hundreds. -#}
    {% do return(16384) %}
{%- endmacro %}
