{% macro state_relation(model) %}
    {#- Where dbt keeps a state model, whatever schema a user's settings give it. -#}
    {%- set nodes = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('name', 'equalto', model)
        | selectattr('package_name', 'equalto', 'attrition')
        | list -%}
    {% do return(api.Relation.create(
        database=nodes[0].database, schema=nodes[0].schema, identifier=nodes[0].alias
    )) %}
{% endmacro %}
