{% macro check_library() %}
    {#- Before any table is touched: what the Python models import is there. -#}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set models = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('language', 'equalto', 'python')
        | selectattr('package_name', 'equalto', 'attrition')
        | selectattr('unique_id', 'in', selected_resources)
        | list -%}
    {%- set imported = models | map(attribute='config.imports') | sum(start=[])
        | unique | list -%}
    {{ return(attrition.check_imports(imported)) }}
{% endmacro %}
