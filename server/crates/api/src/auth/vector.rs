//! A recorded request for the tests of a scheme: `vectors.py` and `fc_vectors.py` write them.

use axum::http::{Request, request::Parts};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

#[derive(Clone, Deserialize)]
pub struct Vector {
    pub name: String,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    /// Base64.
    body: String,
}

impl Vector {
    pub fn parts(&self) -> Parts {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    pub fn body(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.body).unwrap()
    }

    /// Changes the value of a header, whatever its name's case.
    pub fn edit(&mut self, name: &str, change: impl Fn(&str) -> String) {
        let header = self.headers.iter_mut().find(|(given, _)| given.eq_ignore_ascii_case(name)).unwrap();
        header.1 = change(&header.1);
    }

    pub fn lose(&mut self, name: &str) {
        self.headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
    }
}
