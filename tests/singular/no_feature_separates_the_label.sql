{{ config(group='attrition') }}

-- Real life is not that easy: what separates almost perfectly was known afterwards.
{%- set findings %}
    select
        feature,
        separation,
        feature || ' alone separates those who left from those who stayed: ROC AUC '
        || {{ attrition.number_text('separation', 4) }} || ' on '
        || profiled_row_count || ' training rows, where 0.99 is the most that is'
        || ' believed. It was probably known only afterwards: let it count from the day'
        || ' it is known, or leave it out (drop: [' || feature || ']).'
        {%- if attrition.setting('population') == 'ever' %}
        || ' Customers who left long ago are easy to tell too; population: active asks'
        || ' only about the others.'
        {%- endif %} as finding
    from {{ ref('attrition_feature_profile') }}
    where
        split = 'train'
        and is_selected
        and attrition_count >= 30
        and profiled_row_count - attrition_count >= 30
        and separation >= 0.99
{%- endset -%}

{{ attrition.tell_findings(findings) }}

{{ findings }}
