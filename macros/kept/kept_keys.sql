{% macro kept_keys() %}
    {#- Hashes of the model that is being made, with the library and the packages that it imports,
        and of what it reads: of `all` of that, and where rows are kept by a day, of what was known
        `as_of` each of the newest snapshots. -#}
    {%- set code = [compiled_code, [config.get('imports'), config.get('packages')]] -%}
    {%- set inputs = attrition.read_keys(model.depends_on.nodes) -%}
    {%- set as_of = {} -%}
    {%- if config.get('meta', {}).get('kept_by') -%}
        {%- for input in inputs -%}
            {%- for date in input.as_of if date not in as_of -%}
                {%- set known = [] -%}
                {%- for one in inputs -%}
                    {%- do known.append(one.as_of.get(date, one.all)) -%}
                {%- endfor -%}
                {%- do as_of.update({date: local_md5((code + known) | join('\n'))}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return({
        'all': local_md5((code + inputs | map(attribute='all') | list) | join('\n')),
        'as_of': as_of,
    }) %}
{% endmacro %}
