//! Layers: archives that functions see unpacked at `/opt` (`fc-api.md` 3.2, 3.9).

use crate::{Code, Error, FunctionSpec, LayerName, ListQuery, Page, Region, Result, UnixMillis, limits};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A layer by its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LayerRef {
    pub region: Region,
    pub layer: LayerName,
}

/// One version of a layer by its full name. Numbers begin with 1 and are never given twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LayerVersionRef {
    pub layer: LayerRef,
    pub version: u32,
}

/// What its maker says about a version of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LayerSpec {
    pub description: String,
    pub license: String,
    /// Names of runtimes; told and not enforced.
    pub compatible_runtimes: Vec<String>,
}

/// A version of a layer; nothing of it but who may see it ever changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerVersion {
    pub at: LayerVersionRef,
    pub spec: LayerSpec,
    /// Seen by every account; this install has one.
    pub is_public: bool,
    pub package_id: String,
    /// Bytes of the archive.
    pub code_size: u64,
    /// Decimal CRC-64/XZ of the archive.
    pub code_checksum: String,
    pub created_at: UnixMillis,
}

impl LayerSpec {
    /// Checks every member against its limit.
    pub fn validate(&self) -> Result<()> {
        let texts = [("Description", &self.description), ("License", &self.license)];
        let long = texts.iter().find(|(_, text)| text.chars().count() > limits::DESCRIPTION_CHARS_MAX);
        if let Some((name, _)) = long {
            return Err(Error::invalid(format!("{name} is longer than {} characters", limits::DESCRIPTION_CHARS_MAX)));
        }
        if self.compatible_runtimes.len() > limits::LAYER_RUNTIMES_MAX {
            return Err(Error::invalid(format!("CompatibleRuntime names more than {} runtimes", limits::LAYER_RUNTIMES_MAX)));
        }
        self.compatible_runtimes.iter().try_for_each(|name| crate::RuntimeName::parse(name).map(drop))
    }
}

impl LayerVersionRef {
    /// The path that ARNs end with.
    pub fn path(&self) -> String {
        format!("layers/{}/versions/{}", self.layer.layer, self.version)
    }

    /// Reads `acs:fc:{region}:{account}:layers/{layer}/versions/{version}` or what follows its last colon; a region that is not named is
    /// `region`.
    pub fn parse(arn: &str, region: &Region) -> Result<Self> {
        let read = || {
            let (named, path) = match arn.strip_prefix("acs:fc:") {
                None => ("", arn),
                Some(rest) => {
                    let mut parts = rest.splitn(3, ':');
                    (parts.next()?, parts.nth(1)?)
                }
            };
            let (layer, version) = path.strip_prefix("layers/")?.split_once("/versions/")?;
            let number = version.parse::<u32>().ok().filter(|number| *number > 0 && number.to_string() == version)?;
            let region = if named.is_empty() { region.clone() } else { Region::from_stored(named) };
            Some(Self { layer: LayerRef { region, layer: LayerName::parse(layer).ok()? }, version: number })
        };
        read().ok_or_else(|| {
            let form = "acs:fc:{region}:{account}:layers/{layer}/versions/{version}";
            Error::invalid(format!("Layers is set to an invalid value (allowed: {form}; actual: '{arn}')"))
        })
    }

    /// The layers of a function, the first of which wins where two have the same path.
    pub fn of_function(spec: &FunctionSpec, region: &Region) -> Result<Vec<Self>> {
        let given = spec.extra.get("layers").and_then(serde_json::Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if given.len() > limits::LAYERS_MAX {
            return Err(Error::invalid(format!("Layers has {} entries; the limit is {}", given.len(), limits::LAYERS_MAX)));
        }
        given.iter().map(|arn| Self::parse(arn.as_str().unwrap_or_default(), region)).collect()
    }
}

/// The part of [`crate::ControlPlane`] that is about layers.
#[async_trait]
pub trait LayerControl: Send + Sync {
    /// Makes the next version of a layer, its first one with it. Errors: `InvalidArgument` also for a bad archive, `EntityTooLarge`.
    async fn create_layer_version(&self, layer: &LayerRef, spec: LayerSpec, code: Code) -> Result<LayerVersion>;

    /// Errors: `LayerVersionNotFound`.
    async fn get_layer_version(&self, at: &LayerVersionRef) -> Result<LayerVersion>;

    /// The archive of a version. Errors: `LayerVersionNotFound`.
    async fn get_layer_code(&self, at: &LayerVersionRef) -> Result<Vec<u8>>;

    /// The latest version of each layer of a region, by name.
    async fn list_layers(&self, region: &Region, query: &ListQuery) -> Result<Page<LayerVersion>>;

    /// The versions of a layer by number, from `start` on; the token is the number of the next one. None for a layer that does not exist.
    async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> Result<Page<LayerVersion>>;

    /// Deletes a version; functions that have it keep it. Errors: `LayerVersionNotFound`.
    async fn delete_layer_version(&self, at: &LayerVersionRef) -> Result<()>;

    /// Says whether all versions of a layer are public. Errors: `LayerVersionNotFound` for a layer that does not exist.
    async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_a_layers_arn_is_read_with_and_without_its_region() {
        let here = Region::from_stored("here");
        let check = |arn: &str, expected: Option<(&str, &str, u32)>| {
            let read = LayerVersionRef::parse(arn, &here).ok();
            let got = read.as_ref().map(|at| (at.layer.region.as_str(), at.layer.layer.as_str(), at.version));
            assert_eq!(got, expected, "{arn}");
        };
        check("acs:fc:cn-hangzhou:1:layers/l/versions/12", Some(("cn-hangzhou", "l", 12)));
        check("acs:fc:::layers/l/versions/1", Some(("here", "l", 1)));
        check("layers/l/versions/1", Some(("here", "l", 1)));
        for wrong in
            ["", "l", "layers/l", "layers/l/versions/0", "layers/l/versions/01", "layers/-/versions/1", "acs:fc:x:layers/l/versions/1"]
        {
            check(wrong, None);
        }
        let at = LayerVersionRef::parse("layers/l/versions/3", &here).unwrap();
        assert_eq!(LayerVersionRef::parse(&at.path(), &here), Ok(at));
    }

    #[test]
    fn i5_a_layers_texts_have_limits() {
        let check = |spec: LayerSpec, fits: bool| assert_eq!(spec.validate().is_ok(), fits, "{spec:?}");
        check(LayerSpec { compatible_runtimes: vec!["python3".to_owned()], ..LayerSpec::default() }, true);
        check(LayerSpec { compatible_runtimes: vec!["cobol".to_owned()], ..LayerSpec::default() }, false);
        check(LayerSpec { license: "x".repeat(257), ..LayerSpec::default() }, false);
        check(LayerSpec { description: "x".repeat(257), ..LayerSpec::default() }, false);
        check(LayerSpec { compatible_runtimes: vec!["python3".to_owned(); 31], ..LayerSpec::default() }, false);
    }
}
