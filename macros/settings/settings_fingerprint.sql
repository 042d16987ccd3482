{% macro settings_fingerprint(names, more={}) %}
    {#- Hash of the named settings and of what else is given: equal exactly when they are. -#}
    {%- set chosen = dict(more) -%}
    {%- for name in names -%}
        {%- do chosen.update({name: attrition.setting(name)}) -%}
    {%- endfor -%}
    {% do return(local_md5(tojson(chosen, sort_keys=true))) %}
{% endmacro %}
