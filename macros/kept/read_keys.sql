{% macro read_keys(unique_ids) %}
    {#- Of each of these models and seeds a text that changes when what it holds does. -#}
    {%- set keys = [] -%}
    {%- for id in unique_ids | sort -%}
        {%- set node = graph.nodes[id] -%}
        {%- set relation = adapter.get_relation(
            database=node.database, schema=node.schema, identifier=node.alias
        ) -%}
        {%- set is_ours = node.package_name == 'attrition' -%}
        {%- if not relation -%}
            {#- As with `--defer`, where another schema has it. -#}
            {%- do keys.append('unknown at ' ~ run_started_at) -%}
        {%- elif node.config.materialized == 'kept_table' -%}
            {#- What is made of a table without a key is not kept. -#}
            {%- do keys.append(attrition.kept_key_of(relation) or 'unknown at ' ~ run_started_at) -%}
        {%- elif is_ours and relation.is_view and not attrition.domain_of(node.name) -%}
            {#- Its SQL, with names in place of relations, and what it reads itself. -#}
            {%- do keys.append(render(node.raw_code.replace('{{ ref(', '{{ ('))) -%}
            {%- do keys.extend(attrition.read_keys(node.depends_on.nodes)) -%}
        {%- else -%}
            {%- do keys.append(
                attrition.content_key(relation, attrition.domain_of(node.name) if is_ours else none)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(keys) %}
{% endmacro %}
