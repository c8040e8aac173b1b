-- Requests that one instance of the function serves at once, as its spec says: claims multiply limits of instances with it.
alter table function add column instance_concurrency bigint not null default 1;

update function set instance_concurrency = coalesce((spec::json ->> 'instance_concurrency')::bigint, 1);
