select
    split,
    min(as_of_date) as first_as_of_date,
    max(as_of_date) as last_as_of_date,
    count(*) as row_count,
    count(distinct as_of_date) as snapshot_count,
    sum(is_attrition) as attrition_count,
    sum(case when is_fit then 1 else 0 end) as fit_row_count
from modeling_dataset
group by split
order by first_as_of_date, split
