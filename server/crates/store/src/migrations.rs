//! The schema's versions, embedded. Built from the files by hand because `migrate!` would pull both drivers into a macro crate and
//! so compile SQLite twice.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

macro_rules! migrations {
    ($database:literal) => {
        migrator([
            (1, "function", include_str!(concat!("../migrations/", $database, "/0001_function.sql"))),
            (2, "task", include_str!(concat!("../migrations/", $database, "/0002_task.sql"))),
            (3, "log", include_str!(concat!("../migrations/", $database, "/0003_log.sql"))),
            (4, "identity", include_str!(concat!("../migrations/", $database, "/0004_identity.sql"))),
            (5, "destination", include_str!(concat!("../migrations/", $database, "/0005_destination.sql"))),
            (6, "trigger", include_str!(concat!("../migrations/", $database, "/0006_trigger.sql"))),
            (7, "version", include_str!(concat!("../migrations/", $database, "/0007_version.sql"))),
            (10, "http", include_str!(concat!("../migrations/", $database, "/0010_http.sql"))),
            (11, "tag", include_str!(concat!("../migrations/", $database, "/0011_tag.sql"))),
            (12, "node", include_str!(concat!("../migrations/", $database, "/0012_node.sql"))),
            (13, "log_index", include_str!(concat!("../migrations/", $database, "/0013_log_index.sql"))),
            (14, "scaling", include_str!(concat!("../migrations/", $database, "/0014_scaling.sql"))),
            (16, "access_key", include_str!(concat!("../migrations/", $database, "/0016_access_key.sql"))),
            (17, "audit", include_str!(concat!("../migrations/", $database, "/0017_audit.sql"))),
            (20, "layer", include_str!(concat!("../migrations/", $database, "/0020_layer.sql"))),
            (21, "http_parameter", include_str!(concat!("../migrations/", $database, "/0021_http_parameter.sql"))),
            (22, "metric", include_str!(concat!("../migrations/", $database, "/0022_metric.sql"))),
            (23, "bulk", include_str!(concat!("../migrations/", $database, "/0023_bulk.sql"))),
            (24, "custom_domain", include_str!(concat!("../migrations/", $database, "/0024_custom_domain.sql"))),
            (25, "user", include_str!(concat!("../migrations/", $database, "/0025_user.sql"))),
            (26, "saved_view", include_str!(concat!("../migrations/", $database, "/0026_saved_view.sql"))),
            (29, "reexecution", include_str!(concat!("../migrations/", $database, "/0029_reexecution.sql"))),
            (30, "concurrency", include_str!(concat!("../migrations/", $database, "/0030_concurrency.sql"))),
            (31, "bulk_of_region", include_str!(concat!("../migrations/", $database, "/0031_bulk_of_region.sql"))),
        ])
    };
}

fn migrator<const N: usize>(files: [(i64, &'static str, &'static str); N]) -> Migrator {
    let one = |(version, name, text): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(files.into_iter().map(one).collect())
}

/// The schema on SQLite.
pub(crate) fn sqlite() -> Migrator {
    migrations!("sqlite")
}

/// The schema on Postgres.
pub(crate) fn postgres() -> Migrator {
    migrations!("postgres")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(database: &str) -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn i4_a_database_that_has_later_migrations_gets_an_earlier_one_that_came_after_them() {
        let pool = sqlx::pool::PoolOptions::<sqlx::Sqlite>::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        let (all, reads) = (sqlite(), "select http from task");
        let before = Migrator::with_migrations(all.iter().filter(|one| one.version != 10).cloned().collect());
        before.run(&pool).await.unwrap();
        assert!(sqlx::query(reads).fetch_optional(&pool).await.is_err());
        all.run(&pool).await.unwrap();
        assert!(sqlx::query(reads).fetch_optional(&pool).await.unwrap().is_none());
    }

    #[test]
    fn both_databases_have_the_same_migrations_and_all_are_embedded() {
        assert_eq!(files("sqlite"), files("postgres"));
        for (database, embedded) in [("sqlite", sqlite()), ("postgres", postgres())] {
            let names: Vec<String> = embedded.iter().map(|one| format!("{:04}_{}.sql", one.version, one.description)).collect();
            assert_eq!(names, files(database), "{database}");
        }
    }
}
