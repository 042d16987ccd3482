{% macro read_keys(unique_ids) %}
    {#- Of each of these models and seeds texts that change when what it holds does: `all` of it, or
        what was known `as_of` a snapshot, where that can be told. -#}
    {%- set keys, unknown = [], {'all': 'unknown at ' ~ run_started_at, 'as_of': {}} -%}
    {%- for id in unique_ids | sort -%}
        {%- set node = graph.nodes[id] -%}
        {%- set relation = adapter.get_relation(
            database=node.database, schema=node.schema, identifier=node.alias
        ) -%}
        {%- set is_ours = node.package_name == 'attrition' -%}
        {%- if not relation -%}
            {#- As with `--defer`, where another schema has it. -#}
            {%- do keys.append(unknown) -%}
        {%- elif node.config.materialized == 'kept_table' -%}
            {#- What is made of a table without a key is not kept. -#}
            {%- set known = attrition.kept_keys_of(relation) -%}
            {%- do keys.append(known if known.all else unknown) -%}
        {%- elif is_ours and relation.is_view and not attrition.domain_of(node.name) -%}
            {#- Its SQL, with names in place of relations, and what it reads itself. -#}
            {%- do keys.append({
                'all': render(node.raw_code.replace('{{ ref(', '{{ (')), 'as_of': {}
            }) -%}
            {%- do keys.extend(attrition.read_keys(node.depends_on.nodes)) -%}
        {%- else -%}
            {%- do keys.append(
                attrition.content_keys(relation, attrition.domain_of(node.name) if is_ours else none)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(keys) %}
{% endmacro %}
