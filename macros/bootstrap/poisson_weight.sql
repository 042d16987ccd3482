{% macro poisson_weight(byte) -%}
    {#- Of the 256 bytes 94 give 0, 95 give 1, and 46, 16, 4 and 1 give 2 to 5: mean
        and variance are exactly 1. Hex digits sort as text like their numbers. -#}
    case
        {%- for end in ['5e', 'bd', 'eb', 'fb', 'ff'] %}
        when {{ byte }} < '{{ end }}' then {{ loop.index0 }}
        {%- endfor %}
        else 5
    end
{%- endmacro %}
