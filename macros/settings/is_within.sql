{% macro is_within(value, kind, form) %}
    {#- Whether a value keeps to the limits of its kind. -#}
    {%- set size = value if kind in ('integer', 'number')
        else value | length if kind in ('text', 'list', 'mapping') else 0 -%}
    {#- Half of a character, which no file can hold; and what is no number equals nothing. #}
    {%- set is_broken = modules.re.search('[\\ud800-\\udfff]', value) if kind == 'text'
        else size != size -%}
    {% do return(not (
        is_broken
        or size < form.get('minimum', size) or size > form.get('maximum', size)
        or size <= form.get('above', size - 1) or size >= form.get('below', size + 1)
        or 'choices' in form and value not in form.choices
        or 'pattern' in form and not modules.re.fullmatch(form.pattern, value)
    )) %}
{% endmacro %}
