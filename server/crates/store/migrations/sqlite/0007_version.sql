-- The number of the service's latest version; it only grows, so that no number is given twice.
alter table service add column last_version integer not null default 0;

-- Published versions, each with the service as it was then: id, etag, spec and times are the service's.
create table service_version (
  region text not null,
  service text not null,
  version integer not null,
  description text not null,
  published_at_ms integer not null,
  id text not null,
  etag text not null,
  spec text not null,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  primary key (region, service, version),
  -- Keeps a service from being deleted while it has versions.
  constraint service_version_service_fk foreign key (region, service) references service (region, name)
) strict;

-- The functions of each version as they were then; never changed.
create table function_version (
  region text not null,
  service text not null,
  version integer not null,
  name text not null,
  id text not null,
  etag text not null,
  spec text not null,
  package_id text not null,
  code_bytes integer not null,
  code_checksum text not null,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  primary key (region, service, version, name),
  constraint function_version_version_fk foreign key (region, service, version)
    references service_version (region, service, version) on delete cascade,
  -- Keeps the package of a version for as long as the version.
  constraint function_version_package_fk foreign key (package_id) references code_package (id)
) strict;

create index function_version_package on function_version (package_id);
-- Whether a function lives on in any version.
create index function_version_name on function_version (region, service, name);

create table service_alias (
  region text not null,
  service text not null,
  name text not null,
  etag text not null,
  -- JSON of model::AliasSpec; the versions of it stand beside it to be referred to.
  spec text not null,
  version integer not null,
  additional_version integer,
  created_at_ms integer not null,
  modified_at_ms integer not null,
  primary key (region, service, name),
  -- Keep a version from being deleted while an alias leads to it.
  constraint service_alias_version_fk foreign key (region, service, version) references service_version (region, service, version),
  constraint service_alias_additional_fk foreign key (region, service, additional_version)
    references service_version (region, service, version)
) strict;

create index service_alias_version on service_alias (region, service, version);
create index service_alias_additional on service_alias (region, service, additional_version);

-- The version whose code the task runs; null means the current code. Decided when the task is accepted: its retries then run the code that
-- its first attempt ran, wherever the alias that it was submitted to leads by then and whatever its weights would say at another time.
alter table task add column version integer;

-- Which versions have tasks that have not ended: what is looked through when a version is deleted. Tasks of the current code are not in it.
create index task_version on task (region, service, function, version) where version is not null and ended_at_ms is null;

-- Configurations of versions and aliases outlive the function in LATEST, so they can't hang on its row any more.
create table async_config_new (
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
  primary key (region, service, function, qualifier)
) strict, without rowid;

insert into async_config_new select region, service, function, qualifier, stateful_invocation, max_retry_attempts, max_event_age_s,
  on_success, on_failure, created_at_ms, modified_at_ms from async_config;
drop table async_config;
alter table async_config_new rename to async_config;

-- The list of task functions of a region reads only these.
create index async_config_task_mode on async_config (region, service, function) where stateful_invocation = 1;
