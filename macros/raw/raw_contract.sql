{% macro raw_contract() %}
    {#- Read from `meta` of the sources. The graph is empty while dbt parses. -#}
    {%- set contract = {} -%}
    {%- for source in graph.get('sources', {}).values() | selectattr('source_name', 'equalto', 'raw')
        | selectattr('package_name', 'equalto', 'attrition') -%}
        {%- set columns = {} -%}
        {%- for name, column in source.columns.items() -%}
            {%- do columns.update({name: column.config.meta}) -%}
        {%- endfor -%}
        {%- do contract.update({source.name: dict(source.config.meta, columns=columns)}) -%}
    {%- endfor -%}
    {% do return(contract) %}
{% endmacro %}
