-- Names and ids are compared by bytes here; the Postgres side asks for the same with collate "C", so that ranges over
-- prefixes and the order of lists agree.

create table service (
  region text not null,
  name text not null,
  id text not null,
  etag text not null,
  -- JSON of model::ServiceSpec: nothing is ever searched in it.
  spec text not null,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  primary key (region, name)
) strict;

-- Packages are named by their content, so functions with the same code share one.
create table code_package (
  id text not null primary key,
  size_bytes integer not null,
  content blob not null
) strict;

create table function (
  region text not null,
  service text not null,
  name text not null,
  id text not null,
  etag text not null,
  spec text not null,
  package_id text not null,
  code_bytes integer not null,
  code_checksum text not null,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  primary key (region, service, name),
  -- Keeps a service from being deleted while a function is being made in it.
  constraint function_service_fk foreign key (region, service) references service (region, name),
  -- Keeps a package from being swept while a function that shares it is being stored.
  constraint function_package_fk foreign key (package_id) references code_package (id)
) strict;

create index function_package on function (package_id);

create table async_config (
  region text not null,
  service text not null,
  function text not null,
  qualifier text not null,
  -- Members that were never set are null, and shown so.
  stateful_invocation integer,
  max_retry_attempts integer,
  max_event_age_s integer,
  on_success text,
  on_failure text,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  primary key (region, service, function, qualifier),
  constraint async_config_function_fk foreign key (region, service, function)
    references function (region, service, name) on delete cascade
) strict, without rowid;

-- The list of task functions of a region reads only these.
create index async_config_task_mode on async_config (region, service, function) where stateful_invocation = 1;

create table task_parameter (
  region text not null,
  service text not null,
  function text not null,
  event text not null,
  primary key (region, service, function),
  constraint task_parameter_function_fk foreign key (region, service, function)
    references function (region, service, name) on delete cascade
) strict;
