select
    table_name,
    rule,
    count(*) as record_count
from attrition_rejected_records
group by table_name, rule
order by record_count desc, table_name asc, rule asc
