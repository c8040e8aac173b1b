//! Both databases must have the same tables, columns and indexes, or one text would not fit both.

use store::testing::TestDb;

const SQLITE_COLUMNS: &str = "select t.name || '.' || c.name || case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end \
     from sqlite_master t join pragma_table_info(t.name) c \
     where t.type = 'table' and t.name not like 'sqlite_%' and t.name not like '\\_sqlx%' escape '\\'";

const POSTGRES_COLUMNS: &str = "select table_name || '.' || column_name || case when is_nullable = 'NO' then ' not null' else '' end \
     from information_schema.columns where table_schema = 'public' and table_name not like '\\_sqlx%'";

const SQLITE_INDEXES: &str = "select t.name || ' ' || i.name || case when i.\"unique\" = 1 then ' unique' else '' end \
     || case when i.partial = 1 then ' partial' else '' end || ' ' || (select group_concat(name) from pragma_index_info(i.name)) \
     from sqlite_master t join pragma_index_list(t.name) i \
     where t.type = 'table' and i.origin = 'c' and t.name not like '\\_sqlx%' escape '\\'";

const POSTGRES_INDEXES: &str = "select t.relname || ' ' || c.relname || case when i.indisunique then ' unique' else '' end \
     || case when i.indpred is not null then ' partial' else '' end || ' ' || (select string_agg(a.attname, ',' order by k.n) \
     from unnest(i.indkey) with ordinality k(attnum, n) join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum) \
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid \
     join pg_namespace s on s.oid = t.relnamespace \
     where s.nspname = 'public' and not i.indisprimary and t.relname not like '\\_sqlx%'";

fn sorted(rows: Vec<Vec<String>>) -> Vec<String> {
    let mut lines = rows.concat();
    lines.sort();
    lines
}

#[tokio::test]
async fn tables_columns_and_indexes_agree() {
    let sqlite = TestDb::sqlite().await;
    let Some(postgres) = TestDb::postgres().await else { return };
    let columns = sorted(sqlite.texts(SQLITE_COLUMNS).await);
    assert!(columns.contains(&"task.payload not null".to_owned()), "{columns:?}");
    assert_eq!(columns, sorted(postgres.texts(POSTGRES_COLUMNS).await));
    let indexes = sorted(sqlite.texts(SQLITE_INDEXES).await);
    assert!(indexes.contains(&"task task_id_key unique region,service,function,task_id".to_owned()), "{indexes:?}");
    assert_eq!(indexes, sorted(postgres.texts(POSTGRES_INDEXES).await));
}

#[tokio::test]
async fn texts_that_are_compared_are_ordered_by_bytes_on_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    let query = "select distinct t.relname || '.' || a.attname from pg_index i join pg_class t on t.oid = i.indrelid \
         join pg_namespace s on s.oid = t.relnamespace \
         join pg_attribute a on a.attrelid = t.oid and a.attnum = any(i.indkey) join pg_collation c on c.oid = a.attcollation \
         where s.nspname = 'public' and t.relname not like '\\_sqlx%' and c.collname <> 'C'";
    assert_eq!(db.texts(query).await, Vec::<Vec<String>>::new());
}
