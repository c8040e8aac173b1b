//! Tags in the double.

use super::{Double, kept::page};
use model::{ListQuery, Page, Region, Result, Service, ServiceRef, TaggedService, Tags, Untag};

impl Double {
    pub(super) fn put_tags(&self, at: &ServiceRef, tags: Tags) -> Result<()> {
        let (mut kept, _) = self.with_service(at)?;
        tags.validate()?;
        kept.tags.entry(at.clone()).or_default().0.extend(tags.0);
        Ok(())
    }

    pub(super) fn delete_tags(&self, at: &ServiceRef, which: &Untag) -> Result<()> {
        let (mut kept, _) = self.with_service(at)?;
        let tags = kept.tags.entry(at.clone()).or_default();
        tags.0.retain(|name, _| matches!(which, Untag::Named(names) if !names.contains(name)));
        Ok(())
    }

    pub(super) fn tagged(&self, region: &Region, query: &ListQuery) -> Result<Page<TaggedService>> {
        let kept = self.open(region)?;
        let tagged = kept.tags.iter().map(|(at, tags)| TaggedService { service: at.clone(), tags: tags.clone() });
        Ok(page(&tagged.map(|one| (one.service.service.to_string(), one)).collect::<Vec<_>>(), query))
    }

    pub(super) fn services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> Result<Page<Service>> {
        let kept = self.open(region)?;
        let has_all =
            |at: &ServiceRef| tags.0.iter().all(|(name, value)| kept.tags.get(at).and_then(|tags| tags.0.get(name)) == Some(value));
        let found = kept.services.iter().filter(|(name, _)| has_all(&ServiceRef { region: region.clone(), service: (*name).clone() }));
        Ok(page(&found.map(|(name, service)| (name.to_string(), service.clone())).collect::<Vec<_>>(), query))
    }
}
