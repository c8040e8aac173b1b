-- The most instances of a function's qualifier; also how many of its tasks servers may hold at once.
create table on_demand_config (
  region text not null,
  service text not null,
  function text not null,
  qualifier text not null,
  -- services/{service}.{qualifier}/functions/{function}: the order of lists.
  resource text not null,
  etag text not null,
  max_instances integer not null,
  modified_at_ms integer not null,
  primary key (region, service, function, qualifier)
) strict, without rowid;

create index on_demand_config_list on on_demand_config (region, resource);

-- The instances of a function's qualifier that are to be ready.
create table provision_config (
  region text not null,
  service text not null,
  function text not null,
  qualifier text not null,
  -- {service}#{qualifier}#{function}: the order of lists.
  resource text not null,
  etag text not null,
  -- JSON of model::ProvisionSpec.
  spec text not null,
  modified_at_ms integer not null,
  primary key (region, service, function, qualifier)
) strict, without rowid;

create index provision_config_list on provision_config (region, resource);

-- What each server has ready of them, as it said last.
create table provision_state (
  worker_id text not null,
  region text not null,
  service text not null,
  function text not null,
  qualifier text not null,
  instances integer not null,
  -- Why there are fewer than the server's share; empty when nothing is wrong.
  problem text not null,
  -- What a server has not said again by then does not count any more.
  until_ms integer not null,
  primary key (region, service, function, qualifier, worker_id)
) strict, without rowid;
