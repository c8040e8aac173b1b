//! Calls to server functions, as text in and text out.
//!
//! Server functions could be called as they are; but then each of them brings a client, an encoder and a decoder of its own into the
//! browser. Here they share one.

use super::decode::{Broken, from_json};
use crate::error::{ConsoleError, Result};
use codee::{Decoder, Encoder};
use serde::{Serialize, de::DeserializeOwned};
use server_fn::ServerFn;
use std::convert::Infallible;

/// A server function that only reads: `#[server(input = Json)]`.
pub trait Query: ServerFn<Error = ConsoleError> + Serialize + DeserializeOwned + Send + 'static {}

impl<S: ServerFn<Error = ConsoleError> + Serialize + DeserializeOwned + Send + 'static> Query for S {}

/// What a server function answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The value as JSON.
    pub json: String,
    /// The page to go to.
    pub redirect: Option<String>,
}

/// Calls a function and decodes its value.
pub async fn call<S: Query>(arguments: S) -> Result<S::Output>
where
    S::Output: Serialize + DeserializeOwned,
{
    decode(&ask::<S>(encode(&arguments)).await?)
}

pub(crate) fn encode<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(crate) fn decode<T: DeserializeOwned>(json: &str) -> Result<T> {
    from_json(json).map_err(|_| model::Error::internal().into())
}

/// How values that the server leaves in the page are written.
pub(crate) struct OwnJson;

impl<T: Serialize> Encoder<T> for OwnJson {
    type Error = Infallible;
    type Encoded = String;

    fn encode(value: &T) -> std::result::Result<String, Infallible> {
        Ok(encode(value))
    }
}

impl<T: DeserializeOwned> Decoder<T> for OwnJson {
    type Error = Broken;
    type Encoded = str;

    fn decode(json: &str) -> std::result::Result<T, Broken> {
        from_json(json)
    }
}

/// Runs the function where the page is rendered.
#[cfg(feature = "ssr")]
pub(crate) async fn ask<S: Query>(arguments: String) -> Result<String>
where
    S::Output: Serialize,
{
    Ok(encode(&decode::<S>(&arguments)?.run_body().await?))
}

/// Asks the server.
#[cfg(feature = "hydrate")]
pub(crate) async fn ask<S: Query>(arguments: String) -> Result<String>
where
    S::Output: Serialize,
{
    browser::ask(S::PATH, arguments).await
}

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
pub(crate) async fn ask<S: Query>(_arguments: String) -> Result<String>
where
    S::Output: Serialize,
{
    Err(model::Error::internal().into())
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::{Stop, post_form, post_text};

/// Ends requests, which are made by browsers only.
#[cfg(not(feature = "hydrate"))]
#[derive(Clone)]
pub(crate) struct Stop;

#[cfg(not(feature = "hydrate"))]
impl Stop {
    pub fn new() -> Option<Self> {
        None
    }

    pub fn now(&self) {}

    pub fn was_asked(&self) -> bool {
        false
    }
}

/// Forms are sent by browsers only.
#[cfg(not(feature = "hydrate"))]
pub(crate) async fn post_form(_path: &str, _data: leptos::web_sys::FormData, _multipart: bool, _stop: Option<Stop>) -> Result<Answer> {
    Err(model::Error::internal().into())
}

/// Like [`post_form`].
#[cfg(not(feature = "hydrate"))]
pub(crate) async fn post_text(_path: &str, _form: String) -> Result<Answer> {
    Err(model::Error::internal().into())
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::*;
    use leptos::prelude::window;
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use model::ErrorCode;
    use send_wrapper::SendWrapper;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{AbortController, FormData, Headers, RequestInit, Response, UrlSearchParams};

    const REDIRECT_MARK: &str = server_fn::redirect::REDIRECT_HEADER;

    /// Browser objects stay on their one thread; the wrapper says so to the types.
    pub async fn ask(path: &'static str, arguments: String) -> Result<String> {
        SendWrapper::new(async move { Ok(post(path, &JsValue::from(arguments), Some("application/json"), None).await?.json) }).await
    }

    /// Ends a request, and with it what it has begun on the server.
    #[derive(Clone)]
    pub struct Stop(SendWrapper<AbortController>);

    impl Stop {
        pub fn new() -> Option<Self> {
            AbortController::new().ok().map(|controller| Self(SendWrapper::new(controller)))
        }

        /// A request that is over stays as it is.
        pub fn now(&self) {
            self.0.abort();
        }

        pub fn was_asked(&self) -> bool {
            self.0.signal().aborted()
        }
    }

    /// Sends a form as a browser would, with files if it is `multipart`, to a script's kind of answer.
    pub async fn post_form(path: &str, data: FormData, multipart: bool, stop: Option<Stop>) -> Result<Answer> {
        let body: JsValue = if multipart {
            data.into()
        } else {
            UrlSearchParams::new_with_str_sequence_sequence(&data).map_err(|_| unreachable_server())?.into()
        };
        post(path, &body, None, stop.as_ref()).await
    }

    /// Sends the text of a form.
    pub async fn post_text(path: &str, form: String) -> Result<Answer> {
        SendWrapper::new(post(path, &JsValue::from(form), Some("application/x-www-form-urlencoded"), None)).await
    }

    async fn post(path: &str, body: &JsValue, content_type: Option<&str>, stop: Option<&Stop>) -> Result<Answer> {
        let response = fetch(path, body, content_type, stop).await.map_err(|_| unreachable_server())?;
        let text = text(&response).await.map_err(|_| unreachable_server())?;
        if !response.ok() {
            return Err(from_json(&text).unwrap_or_else(|_| model::Error::internal().into()));
        }
        let headers = response.headers();
        let redirects = headers.has(REDIRECT_MARK).unwrap_or(false);
        let redirect = headers.get("location").ok().flatten().filter(|_| redirects);
        Ok(Answer { json: text, redirect })
    }

    async fn fetch(path: &str, body: &JsValue, content_type: Option<&str>, stop: Option<&Stop>) -> std::result::Result<Response, JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        if let Some(content_type) = content_type {
            headers.set("content-type", content_type)?;
        }
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(body);
        if let Some(Stop(controller)) = stop {
            init.set_signal(Some(&controller.signal()));
        }
        JsFuture::from(window().fetch_with_str_and_init(path, &init)).await?.dyn_into()
    }

    async fn text(response: &Response) -> std::result::Result<String, JsValue> {
        Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
    }

    fn unreachable_server() -> ConsoleError {
        ConsoleError::new(ErrorCode::ServiceUnavailable, t!("The server did not answer. Check the connection and try again."))
    }
}
