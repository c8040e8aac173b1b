create table service_tag (
  region text not null,
  service text not null,
  name text not null,
  value text not null,
  primary key (region, service, name),
  -- Tags go with their service.
  constraint service_tag_service_fk foreign key (region, service) references service (region, name) on delete cascade
) strict, without rowid;
