-- What an account needs before the first build. Every statement may run again.
-- attrition snowflake up runs it; attrition snowflake up --print prints it, to be run by hand.
-- The grants below are the only list of them: attrition doctor compares the role with this file.

-- section: account
-- The role that builds. Administrators see what it makes, because sysadmin inherits it.
create role if not exists $role comment = '$made_by';
grant role $role to role sysadmin;

-- All SQL runs here. The generation is said, because the second costs more an hour and newer accounts default to it.
create warehouse if not exists $warehouse
    warehouse_size = xsmall
    generation = '1'
    auto_suspend = 60
    auto_resume = true
    initially_suspended = true
    comment = '$made_by';

-- The Python models run here, which train and score, on one node with 16 GB of memory. For more rows than fit:
-- alter warehouse $training_warehouse set warehouse_size = medium resource_constraint = 'memory_16x';
-- It sleeps later than the other, because the packages that it has installed are forgotten when it does.
create warehouse if not exists $training_warehouse
    warehouse_type = 'snowpark-optimized'
    warehouse_size = xsmall
    resource_constraint = 'memory_1x'
    auto_suspend = 300
    auto_resume = true
    initially_suspended = true
    comment = '$made_by';

-- dbt runs its SQL on this warehouse.
grant usage on warehouse $warehouse to role $role;

-- dbt switches to this warehouse for the Python models.
grant usage on warehouse $training_warehouse to role $role;

-- section: credit_quota
-- Suspends both warehouses when the month's credits are used up, so that a mistake has a price limit.
create resource monitor if not exists $monitor with
    credit_quota = $credit_quota
    frequency = monthly
    start_timestamp = immediately
    triggers on 80 percent do notify
    on 100 percent do suspend;
alter warehouse $warehouse set resource_monitor = $monitor;
alter warehouse $training_warehouse set resource_monitor = $monitor;

-- section: database
create database if not exists $database comment = '$made_by';
create schema if not exists $database.$schema comment = '$made_by';

-- The library travels to the Python models as a zip on this stage.
create stage if not exists $database.$schema.attrition_library comment = '$made_by';

-- section: schema_parameters
-- Procedures and models of this schema take their Python packages from here, whatever the account's default is.
alter schema $database.$schema set default_python_artifact_repository = $package_repository;

-- What Python logs there is kept in the account's event table.
alter schema $database.$schema set log_level = info;

-- section: build
-- Nothing in a database can be named without usage on it.
grant usage on database $database to role $role;

-- Nothing in a schema can be named without usage on it.
grant usage on schema $database.$schema to role $role;

-- Seeds, tables, and the histories that are kept.
grant create table on schema $database.$schema to role $role;

-- Staging models are views, and a merge into a history reads from a temporary view.
grant create view on schema $database.$schema to role $role;

-- Snowpark and the Model Registry put files on temporary stages on the way to a table or a model.
grant create stage on schema $database.$schema to role $role;

-- Snowpark reads those files through a temporary file format.
grant create file format on schema $database.$schema to role $role;

-- Each model version is registered as a version of a model of the Model Registry.
grant create model on schema $database.$schema to role $role;

-- The Python models import the library from its stage.
grant read on stage $database.$schema.attrition_library to role $role;

-- attrition snowflake upload puts the library on its stage.
grant write on stage $database.$schema.attrition_library to role $role;

-- section: procedure
-- Packages of PyPI need a procedure with a name: dbt makes one for each Python model, calls it and drops it.
grant create procedure on schema $database.$schema to role $role;

-- section: pypi
-- Packages come from Snowflake's own copy of PyPI.
grant database role snowflake.pypi_repository_user to role $role;

-- section: schedule
-- A schedule is a task in the schema of the tables.
grant create task on schema $database.$schema to role $role;

-- A task runs only where its owner has this privilege of the account.
grant execute task on account to role $role;

-- section: jobs
-- Trains outside of the warehouses, where the setting engine is snowflake_ml_job.
create compute pool if not exists $compute_pool
    min_nodes = 1
    max_nodes = 1
    instance_family = cpu_x64_s
    auto_resume = true
    initially_suspended = true
    auto_suspend_secs = 300
    comment = '$made_by';

-- A training job takes a node of this pool.
grant usage on compute pool $compute_pool to role $role;

-- section: job_service
-- A training job is a service that ends by itself.
grant create service on schema $database.$schema to role $role;

-- section: raw_schema
-- Your own loading fills it; the sample does not need it.
create schema if not exists $raw_database.$raw_schema comment = '$made_by';

-- section: raw
-- Raw tables are read, never written. What is loaded later can be read too.
grant usage on database $raw_database to role $role;
grant usage on schema $raw_database.$raw_schema to role $role;
grant select on all tables in schema $raw_database.$raw_schema to role $role;
grant select on future tables in schema $raw_database.$raw_schema to role $role;
grant select on all views in schema $raw_database.$raw_schema to role $role;
grant select on future views in schema $raw_database.$raw_schema to role $role;

-- section: service_user
-- A user without a password, for schedulers: it logs in with its key alone. Formats are
-- Snowflake's defaults, which the account may have changed.
create user if not exists $user
    type = service
    rsa_public_key = '$public_key'
    default_role = $role
    default_warehouse = $warehouse
    date_input_format = 'AUTO'
    timestamp_input_format = 'AUTO'
    date_output_format = 'YYYY-MM-DD'
    timestamp_output_format = 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'
    timestamp_ntz_output_format = 'YYYY-MM-DD HH24:MI:SS.FF3'
    comment = '$made_by';

-- section: user
-- Who builds.
grant role $role to user $user;

-- section: acceleration
-- What follows is of Enterprise Edition. A build can do without, and a refusal stops nothing.
-- Query acceleration is billed beside the warehouse, and newer accounts have it on by default.
-- Standard Edition has none, and may refuse this.
alter warehouse $warehouse set enable_query_acceleration = false;

-- section: features
-- An entity of the Feature Store is a tag, which Standard Edition may refuse; its feature views are views.
grant create tag on schema $database.$schema to role $role;
