{{ config(severity='warn', fail_calc='coalesce(sum(record_count), 0)') }}

{{ attrition.tell_rejected_records(ref('attrition_rejected_records')) }}

select
    table_name,
    rule,
    count(*) as record_count
from {{ ref('attrition_rejected_records') }}
group by table_name, rule
