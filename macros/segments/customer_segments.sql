{% macro customer_segments(vectors) -%}
with _attrition_banded as (
    {{ attrition.customer_bands(vectors) }}
)

{% for segment in attrition.segment_names() %}
select
    customer_id,
    as_of_date,
    '{{ segment }}' as segment,
    {{ segment }} as segment_value
from _attrition_banded
{{ "union all" if not loop.last }}
{%- endfor %}
{%- endmacro %}
