-- Draws. Every draw is a pure function of (seed, customer, future, month, stream), so
-- that neither the number of threads nor the number of months changes an earlier one.
-- hash() is four times faster than md5; DuckDB does not promise that it stays the same
-- from version to version. A version that changes it changes the sample: the test that
-- regenerates the seeds then fails, and the seeds are written anew.
create or replace macro mixed_key(key, salt) as hash(xor(key, hash(salt)));

-- The outer hash matters: DuckDB joins the hashes of several arguments by xor, so
-- hash(key, 1) and hash(key, 2) would differ by a constant.
create or replace macro uniform(key, stream) as (
    ((mixed_key(key, stream) >> 11)::double + 0.5) / 9007199254740992.0
);

-- Box and Muller's transform; takes two streams.
create or replace macro normal(key, stream) as (
    sqrt(-2 * ln(uniform(key, stream)))
    * cos(6.283185307179586 * uniform(key, stream + 500))
);

-- Poisson by inversion, cut at three: rates here stay well below one.
create or replace macro poisson(rate, draw) as (
    (draw > exp(-rate))::integer
    + (draw > exp(-rate) * (1 + rate))::integer
    + (draw > exp(-rate) * (1 + rate + rate * rate / 2))::integer
);

create or replace macro logistic(log_odds) as 1 / (1 + exp(-(log_odds)));

-- Dates are kept as days since the history starts.
create or replace macro day_to_date(day) as date '2021-01-01' + day::integer;

create or replace macro payer_name(payer) as (
    [
        'COMMERCIAL', 'GENERIC_OTHER', 'MANAGED_MEDICAID', 'MANAGED_MEDICARE',
        'MEDICARE', 'PHARMACY', 'STATE_MEDICAID', 'VA_MILITARY',
    ][payer]
);

-- Payer 0 is one that nobody recorded; it has no effect on behaviour.
create or replace macro drawn_payer(draw) as (
    case
        when draw < 0.36 then 1
        when draw < 0.43 then 2
        when draw < 0.53 then 3
        when draw < 0.62 then 4
        when draw < 0.78 then 5
        when draw < 0.89 then 6
        when draw < 0.95 then 7
        when draw < 0.97 then 8
        else 0
    end
);

create or replace macro customer_name(customer) as printf('C%06d', customer);

-- Unique within a table: the customer, the month and up to ten lines in that month.
create or replace macro record_name(prefix, customer, month, line) as (
    prefix || (customer::bigint * 10000 + month * 10 + line)::varchar
);

-- Days after its own date on which a record reaches the files: for one in forty, up to
-- six weeks.
create or replace macro arrival_delay(key, stream) as (
    case
        when uniform(key, stream) < 0.025
            then 1 + floor(42 * uniform(key, stream + 500))::integer
        else 0
    end
);
