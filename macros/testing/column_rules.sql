{% macro column_rules() %}
    {#- The rules of the model whose data test is compiled, as its columns' `meta` says them: name,
        column, and for a rule of single rows the condition of a row that breaks it. While parsing
        there is no model yet, and no rule. -#}
    {%- set rules = [] -%}
    {%- set node = graph.nodes[model.attached_node] if execute else {'columns': {}} -%}
    {%- for column in node.columns.values() -%}
        {%- for said in column.meta.get('rules', []) -%}
            {%- set name, values = (said, []) if said is string else (said.items() | first) -%}
            {%- if name == 'not_null' -%}
                {%- set broken = column.name ~ ' is null' -%}
            {%- elif name == 'accepted_values' -%}
                {%- set literals = [] -%}
                {%- for value in values -%}
                    {%- do literals.append(attrition.text_literal(value) if value is string else value) -%}
                {%- endfor -%}
                {%- set broken = column.name ~ ' not in (' ~ literals | join(', ') ~ ')' -%}
            {%- elif name == 'unique' -%}
                {%- set broken = none -%}
            {%- else -%}
                {%- do exceptions.raise_compiler_error(
                    node.name ~ '.' ~ column.name ~ ': ' ~ attrition.shown_value(said, 'name')
                    ~ ' is no rule of a column; allowed: not_null, unique, accepted_values: [...].'
                ) -%}
            {%- endif -%}
            {%- do rules.append({'name': name, 'column': column.name, 'broken': broken}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}
