-- Names and ids are compared by bytes (collate "C"), as SQLite does by itself, so that ranges over prefixes and the order of
-- lists agree.

create table service (
  region text collate "C" not null,
  name text collate "C" not null,
  id text collate "C" not null,
  etag text collate "C" not null,
  -- JSON of model::ServiceSpec: nothing is ever searched in it.
  spec text not null,
  created_at_ms bigint not null,
  modified_at_ms bigint not null,
  primary key (region, name)
);

-- Packages are named by their content, so functions with the same code share one.
create table code_package (
  id text collate "C" not null primary key,
  size_bytes bigint not null,
  content bytea not null
);

create table function (
  region text collate "C" not null,
  service text collate "C" not null,
  name text collate "C" not null,
  id text collate "C" not null,
  etag text collate "C" not null,
  spec text not null,
  package_id text collate "C" not null,
  code_bytes bigint not null,
  code_checksum text not null,
  created_at_ms bigint not null,
  modified_at_ms bigint not null,
  primary key (region, service, name),
  -- Keeps a service from being deleted while a function is being made in it.
  constraint function_service_fk foreign key (region, service) references service (region, name),
  -- Keeps a package from being swept while a function that shares it is being stored.
  constraint function_package_fk foreign key (package_id) references code_package (id)
);

create index function_package on function (package_id);

create table async_config (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  qualifier text collate "C" not null,
  -- Members that were never set are null, and shown so.
  stateful_invocation bigint,
  max_retry_attempts bigint,
  max_event_age_s bigint,
  on_success text,
  on_failure text,
  created_at_ms bigint not null,
  modified_at_ms bigint not null,
  primary key (region, service, function, qualifier),
  constraint async_config_function_fk foreign key (region, service, function)
    references function (region, service, name) on delete cascade
);

-- The list of task functions of a region reads only these.
create index async_config_task_mode on async_config (region, service, function) where stateful_invocation = 1;

create table task_parameter (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  event text not null,
  primary key (region, service, function),
  constraint task_parameter_function_fk foreign key (region, service, function)
    references function (region, service, name) on delete cascade
);
