{% materialization kept_table, default, supported_languages=['sql', 'python'] %}
    {#- A table that is made anew only when its code, or what it reads, has changed; where its rows
        are kept by a day, those that nothing has changed for stay. -#}
    {%- set keys = attrition.kept_keys() -%}
    {%- set description = model.description if config.persist_relation_docs() else '' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set kept = namespace(until=none) -%}
    {%- if existing and existing.is_table -%}
        {%- if not should_full_refresh() -%}
            {%- set known = attrition.kept_keys_of(existing) -%}
            {%- if known.all == keys.all -%}
                {%- call noop_statement('main', message='KEPT', code='KEPT') -%}
                    {{ compiled_code }}
                {%- endcall -%}
                {% do return({'relations': [existing]}) %}
            {%- endif -%}
            {%- for date, key in keys.as_of.items() if known.as_of.get(date) == key -%}
                {%- set kept.until = [kept.until or date, date] | max -%}
            {%- endfor -%}
        {%- endif -%}
        {#- A run that dies on the way leaves no table that passes for what it was. -#}
        {%- do attrition.write_kept_keys(existing, none, description) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {%- if kept.until -%}
        {%- set made = {'relations': [existing]} -%}
        {%- do attrition.replace_rows(
            existing,
            config.get('meta', {}).get('kept_by') ~ " > date '" ~ kept.until ~ "'",
            compiled_code.replace(attrition.kept_until(), "date '" ~ kept.until ~ "'")
        ) -%}
        {%- call noop_statement(
            'main', message='KEPT UP TO ' ~ kept.until, code='KEPT UP TO'
        ) -%}
            {{ compiled_code }}
        {%- endcall -%}
    {%- elif model.language == 'sql' -%}
        {%- set made = attrition.make_table() -%}
    {%- else -%}
        {#- dbt runs Python only from a materialization that nothing has called. -#}
        {%- set made = {'relations': [this.incorporate(type='table')]} -%}
        {%- set place = attrition.place_of_python(this.incorporate(type='table')) -%}
        {%- call statement('main', language='python') -%}
            {{ create_table_as(False, place, compiled_code, 'python') }}
        {%- endcall -%}
        {%- do attrition.put_in_place(place, this.incorporate(type='table')) -%}
    {%- endif -%}
    {%- do attrition.write_kept_keys(this, keys, description) -%}
    {%- do adapter.commit() -%}
    {% do return(made) %}
{% endmaterialization %}
