//! The double's layers.

use super::NOW;
use super::kept::{Double, page};
use async_trait::async_trait;
use model::{Code, Error, ErrorCode, LayerControl, LayerRef, LayerSpec, LayerVersion, LayerVersionRef, ListQuery, Page, Region, Result};

fn missing() -> Error {
    Error::new(ErrorCode::LayerVersionNotFound, "no such layer")
}

#[async_trait]
impl LayerControl for Double {
    async fn create_layer_version(&self, layer: &LayerRef, spec: LayerSpec, code: Code) -> Result<LayerVersion> {
        let mut kept = self.open(&layer.region)?;
        spec.validate()?;
        let Code::Zip(zip) = code else { panic!("the API sends archives only") };
        let version = kept.layers.keys().filter(|at| at.layer == *layer).map(|at| at.version).max().unwrap_or(0) + 1;
        let at = LayerVersionRef { layer: layer.clone(), version };
        let code_checksum = crate::v2::functions::checksum(&zip);
        let (package_id, code_size) = (format!("of-{version}"), zip.len() as u64);
        let made = LayerVersion { at: at.clone(), spec, is_public: false, package_id, code_size, code_checksum, created_at: NOW };
        kept.layers.insert(at, (made.clone(), zip));
        Ok(made)
    }

    async fn get_layer_version(&self, at: &LayerVersionRef) -> Result<LayerVersion> {
        Ok(self.open(&at.layer.region)?.layers.get(at).ok_or_else(missing)?.0.clone())
    }

    async fn get_layer_code(&self, at: &LayerVersionRef) -> Result<Vec<u8>> {
        Ok(self.open(&at.layer.region)?.layers.get(at).ok_or_else(missing)?.1.clone())
    }

    async fn list_layers(&self, region: &Region, query: &ListQuery) -> Result<Page<LayerVersion>> {
        let kept = self.open(region)?;
        let latest = |at: &LayerVersionRef| !kept.layers.keys().any(|other| other.layer == at.layer && other.version > at.version);
        let rows = kept.layers.iter().filter(|(at, _)| latest(at)).map(|(at, (layer, _))| (at.layer.layer.to_string(), layer.clone()));
        Ok(page(&rows.collect::<Vec<_>>(), query))
    }

    async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> Result<Page<LayerVersion>> {
        let kept = self.open(&layer.region)?;
        let of_layer = kept.layers.values().map(|(found, _)| found).filter(|found| found.at.layer == *layer && found.at.version >= start);
        let rows: Vec<_> = of_layer.map(|found| (found.at.version.to_string(), found.clone())).collect();
        Ok(page(&rows, &ListQuery { limit, ..ListQuery::default() }))
    }

    async fn delete_layer_version(&self, at: &LayerVersionRef) -> Result<()> {
        self.open(&at.layer.region)?.layers.remove(at).map(drop).ok_or_else(missing)
    }

    async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> Result<()> {
        let mut kept = self.open(&layer.region)?;
        let mut of_layer = kept.layers.values_mut().filter(|(found, _)| found.at.layer == *layer).peekable();
        of_layer.peek().ok_or_else(missing)?;
        of_layer.for_each(|(found, _)| found.is_public = is_public);
        Ok(())
    }
}
