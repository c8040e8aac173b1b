-- The number that a layer's latest version got: none is given twice.
create table layer (
  region text collate "C" not null,
  name text collate "C" not null,
  last_version bigint not null,
  primary key (region, name)
);

-- Versions of layers.
create table layer_version (
  region text collate "C" not null,
  name text collate "C" not null,
  version bigint not null,
  -- JSON of model::LayerSpec.
  spec text not null,
  is_public bigint not null,
  package_id text collate "C" not null,
  code_bytes bigint not null,
  code_checksum text not null,
  created_at_ms bigint not null,
  -- Deleted while functions had it: shown to nobody, and kept for them until the last one has gone. 0: not deleted.
  deleted_at_ms bigint not null,
  primary key (region, name, version),
  constraint layer_version_layer_fk foreign key (region, name) references layer (region, name),
  constraint layer_version_package_fk foreign key (package_id) references code_package (id)
);

create index layer_version_package on layer_version (package_id);
