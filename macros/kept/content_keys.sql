{% macro content_keys(relation, domain=none) %}
    {#- Number of rows and sum of their hashes, the same in any order: `all` of them, and where
        rows become known on a day, `as_of` each of the newest snapshots. Of records counts what
        the newest snapshot can see. -#}
    {%- set columns = adapter.get_columns_in_relation(relation)
        | map(attribute='name') | map('lower') | list -%}
    {%- if domain -%}
        {%- set as_of = attrition.known_rows(relation, attrition.known_records(domain, columns)) -%}
        {% do return({'all': as_of.values() | first | default('none'), 'as_of': as_of}) %}
    {%- endif -%}
    {#- Which run wrote a row is not what it says, unless it tells this run to train. -#}
    {%- set unsaid, said = ['run_id'], {} -%}
    {%- if 'is_due' in columns -%}
        {%- set said = {'run_id': 'case when is_due then run_id end'} -%}
        {%- set unsaid = [] -%}
    {%- endif -%}
    {%- set found = run_query(
        'select count(*), coalesce(sum('
        ~ attrition.hash_columns(columns, unsaid, said)
        ~ '), 0) from ' ~ relation
    ).rows[0] -%}
    {%- set as_of = {} -%}
    {%- if 'is_newest_snapshot' in columns -%}
        {#- Time buckets: what a snapshot sees of them is how far they reach. -#}
        {%- set as_of = attrition.known_rows(relation, [{
            'on': dbt.dateadd('day', -1, 'as_of_date'),
            'hash': attrition.hash_columns(columns, ['is_newest_snapshot', 'is_matured']),
            'where': 'true',
        }]) -%}
    {%- endif -%}
    {% do return({'all': found[0] ~ ' rows, ' ~ found[1], 'as_of': as_of}) %}
{% endmacro %}
