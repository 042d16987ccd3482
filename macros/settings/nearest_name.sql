{% macro nearest_name(name, names, cutoff=0.5) %}
    {#- The most similar name by the pairs of letters that both hold, or none. -#}
    {%- set best = namespace(name=none, score=cutoff) -%}
    {%- set word = name | string | lower -%}
    {%- for candidate in names -%}
        {%- set other = candidate | lower -%}
        {%- set shared = namespace(count=0) -%}
        {%- for i in range([word | length - 1, 0] | max) if word[i:i + 2] in other -%}
            {%- set shared.count = shared.count + 1 -%}
        {%- endfor -%}
        {%- set pairs = [(word | length) + (other | length) - 2, 1] | max -%}
        {%- set score = 2 * shared.count / pairs -%}
        {%- if score >= best.score -%}
            {%- set best.name = candidate -%}
            {%- set best.score = score -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(best.name) %}
{% endmacro %}
