{% macro kept_key() %}
    {#- Hash of the model that is being made, with the library and the packages that it imports,
        and of what it reads. -#}
    {%- set imported = [config.get('imports'), config.get('packages')] -%}
    {% do return(local_md5(
        ([compiled_code, imported] + attrition.read_keys(model.depends_on.nodes)) | join('\n')
    )) %}
{% endmacro %}
