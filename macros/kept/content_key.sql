{% macro content_key(relation, domain=none) %}
    {#- Number of rows and sum of their hashes, the same in any order: of records, those that a
        snapshot can see, and what is known of them then. -#}
    {%- set columns = adapter.get_columns_in_relation(relation)
        | map(attribute='name') | map('lower') | list -%}
    {#- Which run wrote a row is not what it says, unless it tells this run to train. -#}
    {%- set unsaid, known, conditions = ['run_id'], {}, ['true'] -%}
    {%- if 'is_due' in columns -%}
        {%- set unsaid = [] -%}
        {%- do known.update({'run_id': 'case when is_due then run_id end'}) -%}
    {%- endif -%}
    {%- if domain -%}
        {%- set contract = attrition.raw_contract()[domain] -%}
        {%- set newest = '(select max(as_of_date) from '
            ~ attrition.state_relation('int_population__buckets') ~ ')' -%}
        {%- do unsaid.extend(['record_key', 'record_json', 'broken_rule']) -%}
        {%- if contract.columns[contract.key[0]].get('default') == 'row' -%}
            {#- It may be the place in the file. -#}
            {%- do unsaid.append(contract.key[0]) -%}
        {%- endif -%}
        {%- if 'broken_rule' in columns -%}
            {%- do conditions.append('broken_rule is null') -%}
        {%- endif -%}
        {%- set is_seen = contract.date ~ ' < ' ~ newest -%}
        {%- if 'is_dated' in columns -%}
            {#- Without dates of change a record always holds, and is dated today. -#}
            {%- set is_seen = '(' ~ is_seen ~ ' or not is_dated)' -%}
            {%- do known.update({contract.date: 'case when is_dated then ' ~ contract.date ~ ' end'}) -%}
        {%- endif -%}
        {%- if 'closed_on' in columns -%}
            {%- do known.update(
                {'closed_on': 'case when closed_on < ' ~ newest ~ ' then closed_on end'}
            ) -%}
        {%- endif -%}
        {%- do conditions.append(is_seen) -%}
    {%- endif -%}
    {%- set hashed = [] -%}
    {%- for column in columns if column not in unsaid -%}
        {%- do hashed.append(known.get(column, column)) -%}
    {%- endfor -%}
    {%- set found = run_query(
        'select count(*), coalesce(sum(' ~ attrition.hash_number(hashed) ~ '), 0) from '
        ~ relation ~ ' where ' ~ conditions | join(' and ')
    ).rows[0] -%}
    {% do return(found[0] ~ ' rows, ' ~ found[1]) %}
{% endmacro %}
