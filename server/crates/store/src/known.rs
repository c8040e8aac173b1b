//! What was read before and can't have changed since: where no other server can write (SQLite), functions, versions, aliases, HTTP triggers,
//! configurations, access keys, custom domains and the absence of pauses are remembered until one of them is written. A statement costs a hop to the driver's thread
//! and back, and these are asked for with every submission and every claim.

use engine::ports::StoredKey;
use model::{Alias, AliasName, AsyncConfig, CustomDomain, DomainName, Function, FunctionRef, Qualifier, ServiceRef, Trigger, VersionId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All custom domains by name.
pub(crate) type Domains = Arc<HashMap<DomainName, Arc<CustomDomain>>>;

/// Entries of a kind after which everything is forgotten.
const ENTRIES_MAX: usize = 10_000;

#[derive(Default)]
struct Facts {
    /// Grows with every write: what was read before it is not remembered after it.
    writes: u64,
    functions: HashMap<FunctionRef, Option<Function>>,
    configs: HashMap<(FunctionRef, Qualifier), Option<AsyncConfig>>,
    versions: HashMap<(FunctionRef, VersionId), Option<Function>>,
    aliases: HashMap<(ServiceRef, AliasName), Option<Alias>>,
    http_triggers: HashMap<FunctionRef, Vec<Trigger>>,
    /// Only those that there are: anybody may ask for others.
    keys: HashMap<String, StoredKey>,
    nothing_held: bool,
    /// All of them or none: anybody may ask for others.
    domains: Option<Domains>,
}

impl Facts {
    /// Entries of the kind that has most.
    fn most(&self) -> usize {
        [self.functions.len(), self.configs.len(), self.versions.len(), self.aliases.len(), self.http_triggers.len()]
            .into_iter()
            .max()
            .unwrap_or(0)
    }
}

/// The memory of one store.
pub(crate) struct Known {
    facts: Option<Mutex<Facts>>,
}

/// When a read began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked(u64);

impl Known {
    /// Remembers only where this store is `alone`.
    pub(crate) fn new(alone: bool) -> Self {
        Self { facts: alone.then(Mutex::default) }
    }

    fn facts(&self) -> Option<MutexGuard<'_, Facts>> {
        self.facts.as_ref().map(|facts| facts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// To be called before a read whose outcome is to be remembered.
    pub(crate) fn asked(&self) -> Asked {
        Asked(self.facts().map_or(0, |facts| facts.writes))
    }

    /// To be called after every write of a function, a version, an alias, a trigger, a configuration, an access key, a custom domain, a pause or a
    /// limit.
    pub(crate) fn forget(&self) {
        if let Some(mut facts) = self.facts() {
            *facts = Facts { writes: facts.writes + 1, ..Facts::default() };
        }
    }

    /// The function, if it is known whether there is one.
    pub(crate) fn function(&self, function: &FunctionRef) -> Option<Option<Function>> {
        self.facts()?.functions.get(function).cloned()
    }

    /// Remembers a function, or that there is none.
    pub(crate) fn learn_function(&self, asked: Asked, name: &FunctionRef, function: Option<&Function>) {
        self.learn(asked, |facts| {
            facts.functions.insert(name.clone(), function.cloned());
        });
    }

    /// The configuration, if it is known whether there is one.
    pub(crate) fn config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Option<Option<AsyncConfig>> {
        self.facts()?.configs.get(&(function.clone(), qualifier.clone())).cloned()
    }

    /// Remembers a configuration, or that there is none.
    pub(crate) fn learn_config(&self, asked: Asked, function: &FunctionRef, qualifier: &Qualifier, config: Option<&AsyncConfig>) {
        self.learn(asked, |facts| {
            facts.configs.insert((function.clone(), qualifier.clone()), config.cloned());
        });
    }

    /// The function of a version, if it is known whether there is one.
    pub(crate) fn version(&self, function: &FunctionRef, version: VersionId) -> Option<Option<Function>> {
        self.facts()?.versions.get(&(function.clone(), version)).cloned()
    }

    /// Remembers the function of a version, or that there is none.
    pub(crate) fn learn_version(&self, asked: Asked, name: &FunctionRef, version: VersionId, function: Option<&Function>) {
        self.learn(asked, |facts| {
            facts.versions.insert((name.clone(), version), function.cloned());
        });
    }

    /// The alias, if it is known whether there is one.
    pub(crate) fn alias(&self, service: &ServiceRef, name: &AliasName) -> Option<Option<Alias>> {
        self.facts()?.aliases.get(&(service.clone(), name.clone())).cloned()
    }

    /// Remembers an alias, or that there is none.
    pub(crate) fn learn_alias(&self, asked: Asked, service: &ServiceRef, name: &AliasName, alias: Option<&Alias>) {
        self.learn(asked, |facts| {
            facts.aliases.insert((service.clone(), name.clone()), alias.cloned());
        });
    }

    /// The HTTP triggers of a function, if they are known.
    pub(crate) fn http_triggers(&self, function: &FunctionRef) -> Option<Vec<Trigger>> {
        self.facts()?.http_triggers.get(function).cloned()
    }

    /// Remembers the HTTP triggers of a function.
    pub(crate) fn learn_http_triggers(&self, asked: Asked, function: &FunctionRef, triggers: &[Trigger]) {
        self.learn(asked, |facts| {
            facts.http_triggers.insert(function.clone(), triggers.to_vec());
        });
    }

    /// The enabled access key, if it is known.
    pub(crate) fn key(&self, id: &str) -> Option<StoredKey> {
        self.facts()?.keys.get(id).cloned()
    }

    /// Remembers an enabled access key.
    pub(crate) fn learn_key(&self, asked: Asked, key: &StoredKey) {
        self.learn(asked, |facts| {
            facts.keys.insert(key.info.id.clone(), key.clone());
        });
    }

    /// True when it is known that no queue is paused or limited.
    pub(crate) fn nothing_held(&self) -> bool {
        self.facts().is_some_and(|facts| facts.nothing_held)
    }

    /// Remembers that no queue is paused or limited.
    pub(crate) fn learn_nothing_held(&self, asked: Asked) {
        self.learn(asked, |facts| facts.nothing_held = true);
    }

    /// All custom domains, if they are known.
    pub(crate) fn domains(&self) -> Option<Domains> {
        self.facts()?.domains.clone()
    }

    /// Remembers all custom domains.
    pub(crate) fn learn_domains(&self, asked: Asked, all: &Domains) {
        self.learn(asked, |facts| facts.domains = Some(all.clone()));
    }

    /// True where anything is remembered: no other server writes to the store.
    pub(crate) fn is_alone(&self) -> bool {
        self.facts.is_some()
    }

    fn learn(&self, asked: Asked, learn: impl FnOnce(&mut Facts)) {
        let Some(mut facts) = self.facts() else { return };
        if facts.writes != asked.0 {
            return;
        }
        if facts.most() >= ENTRIES_MAX {
            *facts = Facts { writes: facts.writes, ..Facts::default() };
        }
        learn(&mut facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FunctionName, Region, ServiceName};

    fn name(function: &str) -> FunctionRef {
        FunctionRef {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("s"),
            function: FunctionName::from_stored(function),
        }
    }

    #[test]
    fn what_was_read_before_a_write_is_not_remembered_after_it() {
        let known = Known::new(true);
        known.learn_function(known.asked(), &name("f"), None);
        assert_eq!(known.function(&name("f")), Some(None));
        let asked = known.asked();
        known.forget();
        known.learn_function(asked, &name("f"), None);
        known.learn_nothing_held(asked);
        assert_eq!((known.function(&name("f")), known.nothing_held()), (None, false));
    }

    #[test]
    fn a_store_that_others_write_to_remembers_nothing() {
        let known = Known::new(false);
        known.learn_config(known.asked(), &name("f"), &Qualifier::latest(), None);
        known.learn_nothing_held(known.asked());
        assert_eq!((known.config(&name("f"), &Qualifier::latest()), known.nothing_held()), (None, false));
    }

    #[test]
    fn the_memory_is_bounded() {
        let known = Known::new(true);
        for n in 0..=ENTRIES_MAX {
            known.learn_function(known.asked(), &name(&n.to_string()), None);
        }
        assert_eq!((known.function(&name("0")), known.function(&name(&ENTRIES_MAX.to_string()))), (None, Some(None)));
    }
}
