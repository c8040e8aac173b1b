-- Names under which HTTP functions are reached. A name belongs to one region: a request to it says nothing of regions.
create table custom_domain (
  name text collate "C" not null primary key,
  region text collate "C" not null,
  -- JSON of model::DomainSpec; no private key is in it.
  spec text not null,
  etag text not null,
  created_at_ms bigint not null,
  modified_at_ms bigint not null
);

create index custom_domain_region on custom_domain (region, name);
