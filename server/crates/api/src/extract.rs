//! What operations take out of a request, each with an error of `fc-api.md` 1.5 instead of the framework's.

use crate::{
    error::{ApiError, ApiResult},
    lenient, query,
    state::Call,
};
use axum::{
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, header, request::Parts},
};
use bytes::Bytes;
use model::{
    AliasName, Direction, Error, FunctionName, FunctionRef, ListQuery, Qualifier, ServiceName, ServiceRef, TaskId, TaskRef, TriggerName,
    TriggerRef, VersionId, VersionQuery,
};
use serde::de::DeserializeOwned;

/// Bytes of a document from which on reading it would hold up other requests of the same thread.
const LARGE_DOCUMENT_BYTES: usize = 256 * 1024;

/// The body, complete and with the hash that was signed.
#[derive(Clone)]
pub(crate) struct Payload(pub Bytes);

impl<S: Send + Sync> FromRequestParts<S> for Payload {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(parts.extensions.remove::<Self>().ok_or_else(Error::internal)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or_else(Error::internal)?)
    }
}

/// A JSON body, whatever its content type; an empty body is the empty object. Member names and booleans in any case.
pub(crate) struct Document<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Document<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        let Payload(bytes) = Payload::from_request_parts(&mut request.into_parts().0, state).await?;
        let is_large = bytes.len() > LARGE_DOCUMENT_BYTES;
        let parse = move || lenient::from_slice(&bytes).map(Self);
        if is_large { tokio::task::spawn_blocking(parse).await.map_err(|_| Error::internal())? } else { parse() }
    }
}

/// The query string.
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self(query::decode(parts.uri.query().unwrap_or_default())))
    }
}

impl Query {
    /// The pairs as given.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The text of a name; `None` when it is not given or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        query::value(&self.0, name)
    }

    /// Which page of an alphabetical list is wanted (`fc-api.md` 1.7).
    pub fn list(&self) -> ApiResult<ListQuery> {
        let text = |name| self.get(name).unwrap_or_default().to_owned();
        Ok(ListQuery { prefix: text("prefix"), start_key: text("startKey"), next_token: text("nextToken"), limit: self.limit()? })
    }

    /// Which page of a list of versions is wanted: the token counts before the start.
    pub fn versions(&self) -> ApiResult<VersionQuery> {
        let start = self.get("nextToken").or(self.get("startKey")).map(VersionId::parse);
        let direction = self.get("direction").map(Direction::parse).transpose()?.unwrap_or_default();
        Ok(VersionQuery { direction, start: start.transpose()?, limit: self.limit()? })
    }

    /// Rows wanted; 0 when none are named.
    fn limit(&self) -> ApiResult<u32> {
        let limit = self.get("limit").map(|given| {
            given.parse::<u32>().map_err(|_| {
                ApiError::invalid(format!(
                    "Limit is set to an invalid value (allowed: 1 to {}, actual: '{given}')",
                    model::limits::PAGE_ROWS_MAX
                ))
            })
        });
        Ok(limit.transpose()?.unwrap_or(0))
    }
}

/// The resource that the path names, in the call's region.
pub(crate) struct At<T>(pub T);

impl<S: Send + Sync> FromRequestParts<S> for At<ServiceRef> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let region = Call::from_request_parts(parts, state).await?.region;
        Ok(Self(ServiceRef { region, service: ServiceName::parse(&path_part(parts, "service").await?)? }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for At<VersionId> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self(VersionId::parse(&path_part(parts, "version").await?)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for At<AliasName> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self(AliasName::parse(&path_part(parts, "alias").await?)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for At<FunctionRef> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let At(ServiceRef { region, service }) = At::<ServiceRef>::from_request_parts(parts, state).await?;
        let function = FunctionName::parse(&path_part(parts, "function").await?)?;
        Ok(Self(FunctionRef { region, service, function }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for At<TriggerRef> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let At(function) = At::<FunctionRef>::from_request_parts(parts, state).await?;
        Ok(Self(function.trigger(TriggerName::parse(&path_part(parts, "trigger").await?)?)))
    }
}

/// The resource that the path names and the qualifier under which it is addressed: by the query, or by the service's segment as
/// `{service}.{qualifier}` (`fc-api.md` 1.3).
pub(crate) struct Qualified<T> {
    pub of: T,
    /// `None` when none was given.
    pub given: Option<Qualifier>,
}

impl<T> Qualified<T> {
    /// The qualifier addressed; `LATEST` when none is.
    pub fn qualifier(&self) -> Qualifier {
        self.given.clone().unwrap_or_else(Qualifier::latest)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Qualified<ServiceRef> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let region = Call::from_request_parts(parts, state).await?.region;
        let (service, of_path) = split_service(&path_part(parts, "service").await?)?;
        let query = Query::from_request_parts(parts, state).await?;
        let of_query = query.get("qualifier").map(Qualifier::parse).transpose()?;
        match (&of_path, &of_query) {
            (Some(path), Some(query)) if path != query => {
                Err(ApiError::invalid(format!("Qualifier is given twice: '{path}' in the path and '{query}' in the query")))
            }
            _ => Ok(Self { of: ServiceRef { region, service }, given: of_path.or(of_query) }),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Qualified<FunctionRef> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Qualified { of: ServiceRef { region, service }, given } = Qualified::<ServiceRef>::from_request_parts(parts, state).await?;
        let function = FunctionName::parse(&path_part(parts, "function").await?)?;
        Ok(Self { of: FunctionRef { region, service, function }, given })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Qualified<TaskRef> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Qualified { of, given } = Qualified::<FunctionRef>::from_request_parts(parts, state).await?;
        // Not checked: an id that breaks the rule for chosen ids is simply one that no task has.
        Ok(Self { of: of.task(TaskId::from_stored(path_part(parts, "task").await?)), given })
    }
}

/// The service of a segment `{service}` or `{service}.{qualifier}`; some SDKs write the dot with nothing after it.
pub(crate) fn split_service(segment: &str) -> ApiResult<(ServiceName, Option<Qualifier>)> {
    let (service, qualifier) = segment.rsplit_once('.').unwrap_or((segment, ""));
    let qualifier = Some(qualifier).filter(|given| !given.is_empty()).map(Qualifier::parse).transpose()?;
    Ok((ServiceName::parse(service)?, qualifier))
}

/// A named segment of the path, decoded.
pub(crate) async fn path_part(parts: &mut Parts, name: &str) -> ApiResult<String> {
    let segments = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| ApiError::invalid("the path is not valid UTF-8"))?;
    let found = segments.iter().find(|(given, _)| *given == name).map(|(_, value)| value.to_owned());
    Ok(found.ok_or_else(Error::internal)?)
}

/// The ETag that a change depends on, without the quotes that some callers add; `*` and absence mean any.
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    pub fn etag(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let given = header_text(&parts.headers, header::IF_MATCH.as_str());
        let etag = given.map(|value| value.trim().trim_start_matches("W/").trim_matches('"').to_owned());
        Ok(Self(etag.filter(|etag| !etag.is_empty() && etag != "*")))
    }
}

/// A header's text; `None` when it is absent, empty or not text.
pub(crate) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn i5_a_segment_is_service_and_qualifier(service in "[A-Za-z_][A-Za-z0-9_-]{0,20}", qualifier in "[A-Za-z0-9_-]{0,20}") {
            let expected = ServiceName::parse(&service).unwrap();
            let given = Some(qualifier.as_str()).filter(|given| !given.is_empty()).map(|given| Qualifier::parse(given).unwrap());
            prop_assert_eq!(split_service(&format!("{service}.{qualifier}")).map_err(|e| e.0), Ok((expected.clone(), given)));
            prop_assert_eq!(split_service(&service).map_err(|e| e.0), Ok((expected, None)));
        }

        #[test]
        fn i5_any_segment_is_read_or_refused(segment in ".*") {
            if let Ok((service, qualifier)) = split_service(&segment) {
                let again = match qualifier {
                    Some(qualifier) => format!("{service}.{qualifier}"),
                    None => service.to_string(),
                };
                prop_assert_eq!(segment.trim_end_matches('.'), again);
            }
        }
    }
}
