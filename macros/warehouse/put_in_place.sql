{% macro put_in_place(place, relation) %}
    {#- Makes a finished table the one that readers find. -#}
    {%- if place.identifier != relation.identifier -%}
        {%- call statement('put_in_place', auto_begin=true) -%}
            drop table if exists {{ relation }};
            alter table {{ place }} rename to {{ relation.identifier }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{% endmacro %}
