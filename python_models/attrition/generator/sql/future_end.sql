-- The mean over a customer's futures; summed as decimals, whose sum does not depend on
-- the order.
insert into futures.probability
select
    customer,
    sum(silence_probability::decimal(18, 15))::double / count(*) as true_probability,
from futures.state
group by customer;
