{% materialization kept_table, default, supported_languages=['sql', 'python'] %}
    {#- A table that is made anew only when its code, or what it reads, has changed. -#}
    {%- set key = attrition.kept_key() -%}
    {%- set description = model.description if config.persist_relation_docs() else '' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing and existing.is_table -%}
        {%- if attrition.kept_key_of(existing) == key and not should_full_refresh() -%}
            {%- call noop_statement('main', message='KEPT', code='KEPT') -%}
                {{ compiled_code }}
            {%- endcall -%}
            {% do return({'relations': [existing]}) %}
        {%- endif -%}
        {#- A run that dies on the way leaves no table that passes for what it was. -#}
        {%- do attrition.write_kept_key(existing, '', description) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {%- if model.language == 'sql' -%}
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
    {%- do attrition.write_kept_key(this, key, description) -%}
    {%- do adapter.commit() -%}
    {% do return(made) %}
{% endmaterialization %}
