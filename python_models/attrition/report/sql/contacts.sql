-- the newest contact list, its first ten
select
    contacts.contact_rank,
    contacts.customer_id,
    contacts.attrition_probability,
    contacts.value_at_risk,
    contacts.expected_gain,
    contacts.gain_basis,
    contacts.reason_1_text,
    contacts.reason_2_text,
    contacts.reason_3_text,
    scores.risk_rank,
    scores.probability_change,
    scores.is_new_on_list,
    count(*) over () as listed_count
from attrition_contact_list as contacts
inner join attrition_scores as scores
    on
        contacts.customer_id = scores.customer_id
        and contacts.as_of_date = scores.as_of_date
order by contacts.contact_rank
limit 10
