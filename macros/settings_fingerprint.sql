{% macro settings_fingerprint(names) %}
    {#- Hash of the named settings: equal exactly when their values are equal. -#}
    {%- set chosen = {} -%}
    {%- for name in names -%}
        {%- do chosen.update({name: attrition.setting(name)}) -%}
    {%- endfor -%}
    {% do return(local_md5(tojson(chosen, sort_keys=true))) %}
{% endmacro %}
