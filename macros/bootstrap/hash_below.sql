{% macro hash_below(share) %}
    {#- The eight hex digits below which `share` of all hashes lie. -#}
    {% do return('%08x' % ([(share * 4294967296) | int, 4294967295] | min)) %}
{% endmacro %}
