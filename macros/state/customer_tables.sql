{% macro customer_tables() %}
    {#- The tables of this project's models that have a customer in each row. -#}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('package_name', 'equalto', 'attrition')
        | sort(attribute='alias') -%}
        {%- set relation = adapter.get_relation(
            database=node.database, schema=node.schema, identifier=node.alias
        ) -%}
        {%- if relation and relation.is_table -%}
            {%- set columns = adapter.get_columns_in_relation(relation)
                | map(attribute='name') | map('lower') | list -%}
            {%- if 'customer_id' in columns -%}
                {%- do found.append(relation) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(found) %}
{% endmacro %}
