{% macro known_records(domain, columns) %}
    {#- What becomes known of a domain's accepted records, and on which day: a complaint when it is
        opened, and once more when it is closed. -#}
    {%- set contract = attrition.raw_contract()[domain] -%}
    {%- set unsaid, said = ['record_key', 'record_json', 'broken_rule'], {} -%}
    {%- if contract.columns[contract.key[0]].get('default') == 'row' -%}
        {#- It may be the place in the file. -#}
        {%- do unsaid.append(contract.key[0]) -%}
    {%- endif -%}
    {%- set accepted = 'broken_rule is null' if 'broken_rule' in columns else 'true' -%}
    {%- set known_on = contract.date -%}
    {%- if 'is_dated' in columns -%}
        {#- Without dates of change a record always holds, and is dated today. -#}
        {%- do said.update({contract.date: 'case when is_dated then ' ~ contract.date ~ ' end'}) -%}
        {%- set known_on = "case when is_dated then " ~ contract.date ~ " else date '1900-01-01' end" -%}
    {%- endif -%}
    {%- if 'closed_on' not in columns -%}
        {% do return([{
            'on': known_on,
            'hash': attrition.hash_columns(columns, unsaid, said),
            'where': accepted,
        }]) %}
    {%- endif -%}
    {% do return([
        {
            'on': known_on,
            'hash': attrition.hash_columns(columns, unsaid + ['closed_on'], said),
            'where': accepted,
        },
        {
            'on': 'closed_on',
            'hash': attrition.hash_columns(columns, unsaid, said),
            'where': accepted ~ ' and closed_on is not null',
        },
    ]) %}
{% endmacro %}
