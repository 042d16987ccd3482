{% macro erase_customer(customer_id=none) %}
    {#- Takes a customer out of every table that this project made, all or none; says how many
        rows each had, and which raw records are still there. Raw data is only read. -#}
    {%- set id = customer_id | string | trim if customer_id is not none else '' -%}
    {%- if not id -%}
        {%- do exceptions.raise_compiler_error('customer_id: name the customer to erase.') -%}
    {%- endif -%}
    {%- set is_theirs = 'trim(cast(customer_id as ' ~ dbt.type_string() ~ ')) = '
        ~ attrition.text_literal(id) -%}
    {%- set told = [] -%}
    {%- for table in attrition.customer_tables() -%}
        {%- set count = 'select count(*) from ' ~ table ~ ' where ' ~ is_theirs -%}
        {%- set before = run_query(count).rows[0][0] | int -%}
        {%- if before -%}
            {%- call statement('erase_customer', auto_begin=true) -%}
                delete from {{ table }} where {{ is_theirs }}
            {%- endcall -%}
            {%- if attrition.kept_keys_of(table).all -%}
                {#- It is no more what it was made to. -#}
                {%- do attrition.write_kept_keys(table) -%}
            {%- endif -%}
            {%- do told.append(
                table.identifier | lower ~ ': ' ~ before ~ ' before, '
                ~ (run_query(count).rows[0][0] | int) ~ ' after'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if told -%}
        {#- dbt rolls back what an operation leaves open. -#}
        {%- do adapter.commit() -%}
        {%- do log('Rows of ' ~ id ~ ' in the build:\n  ' ~ told | join('\n  '), true) -%}
    {%- else -%}
        {%- do log('No table of the build holds ' ~ id ~ ': nothing was removed.', true) -%}
    {%- endif -%}
    {%- do log(attrition.tell_raw_records(id, is_theirs), true) -%}
{% endmacro %}
