//! Versions and aliases in the double.

use super::{
    Double, NOW,
    kept::{Snapshot, matching, page},
};
use model::{
    Alias, AliasName, AliasSpec, Direction, Error, ErrorCode, ListQuery, Page, Qualifier, Result, ServiceRef, Version, VersionId,
    VersionQuery,
};

impl Double {
    pub(super) fn published(&self, at: &ServiceRef, description: &str, if_match: Option<&str>, repeat: bool) -> Result<Version> {
        let (mut kept, service) = self.with_service(at)?;
        matching(if_match, &service.etag)?;
        let (functions, code) = (kept.functions.clone(), kept.code.clone());
        if let Some((_, latest)) = kept.versions.last_key_value()
            && (&latest.service, &latest.functions) == (&service, &functions)
        {
            return if repeat { Ok(latest.version.clone()) } else { Err(Error::invalid("nothing has changed")) };
        }
        let id = VersionId::from_stored(kept.versions.len() as u64 + 1);
        let version = Version { service: at.clone(), id, description: description.to_owned(), created_at: NOW };
        kept.versions.insert(id, Snapshot { version: version.clone(), service, functions, code });
        Ok(version)
    }

    pub(super) fn versions_page(&self, at: &ServiceRef, query: VersionQuery) -> Result<Page<Version>> {
        let (kept, _) = self.with_service(at)?;
        let mut versions: Vec<Version> = kept.versions.values().map(|snapshot| snapshot.version.clone()).collect();
        let is_in = |id: VersionId| match query.direction {
            Direction::Forward => query.start.is_none_or(|start| id >= start),
            Direction::Backward => query.start.is_none_or(|start| id <= start),
        };
        versions.retain(|version| is_in(version.id));
        if query.direction == Direction::Backward {
            versions.reverse();
        }
        let rows: Vec<_> = versions.into_iter().map(|version| (version.id.to_string(), version)).collect();
        Ok(page(&rows, &ListQuery { limit: query.limit, ..ListQuery::default() }))
    }

    pub(super) fn made_alias(&self, at: &ServiceRef, name: &AliasName, spec: AliasSpec) -> Result<Alias> {
        spec.validate()?;
        for version in spec.versions() {
            self.snapshot(at, &Qualifier::from(version))?;
        }
        let mut kept = self.kept();
        if kept.aliases.contains_key(name) {
            return Err(Error::new(ErrorCode::AliasAlreadyExists, "alias exists"));
        }
        let etag = kept.etag();
        let alias = Alias { service: at.clone(), name: name.clone(), spec, created_at: NOW, modified_at: NOW, etag };
        kept.aliases.insert(name.clone(), alias.clone());
        Ok(alias)
    }
}
