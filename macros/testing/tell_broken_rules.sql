{% macro tell_broken_rules(results) %}
    {#- dbt says how many rules of a table do not hold; this says which, and how many rows break
        each. -#}
    {%- for result in results
        if result.status | string in ('fail', 'warn')
        and result.node.resource_type == 'test'
        and (result.node.test_metadata or {}).name == 'rules_hold' -%}
        {%- for row in run_query(result.node.compiled_code).rows -%}
            {%- do log(
                'Broken rule: ' ~ result.node.attached_node.split('.')[2] ~ ' (' ~ row[1] ~ '): '
                ~ row[0] ~ ', ' ~ row[2] ~ (' values' if row[0] == 'unique' else ' rows'),
                true
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}
