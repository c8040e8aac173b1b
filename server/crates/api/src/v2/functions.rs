//! CreateFunction, GetFunction, GetFunctionCode, ListFunctions, UpdateFunction, DeleteFunction (`fc-api.md` 3.2).

use super::{
    code_link,
    function_wire::{FunctionIn, FunctionOut},
    respond::{no_content, ok, ok_tagged},
};
use crate::{
    error::{ApiError, ApiResult},
    extract::{At, Document, IfMatch, Qualified, Query, header_text},
    state::{ApiState, Call},
};
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use crc::{CRC_64_XZ, Crc, Table};
use model::{Code, FunctionName, FunctionRef, ServiceRef};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// CRC-64 of a code package; its value travels in decimal.
pub(super) const CODE_CHECKSUM: &str = "x-fc-code-checksum";

/// Answer of GetFunctionCode.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CodeOut {
    /// Where the archive is had for an hour, without a signature of the request.
    url: String,
    /// CRC-64/XZ of the archive, in decimal.
    checksum: String,
}

pub(crate) async fn create(
    State(state): State<ApiState>,
    At(service): At<ServiceRef>,
    headers: HeaderMap,
    Document(mut body): Document<FunctionIn>,
) -> ApiResult<Response> {
    let name = body.function_name.as_deref().ok_or_else(|| ApiError::invalid("member 'functionName' is required"))?;
    let name = FunctionName::parse(name)?;
    let code = body.take_code()?;
    let spec = body.into_spec()?;
    let code = match code {
        Some(code) => code,
        // Its code is its image.
        None if spec.runtime.is_container() => Code::Zip(Vec::new()),
        None => return Err(ApiError::invalid("member 'code' is required")),
    };
    check_code(&headers, &code)?;
    let function = state.control.create_function(&service, &name, spec, code, None).await?;
    Ok(ok_tagged(FunctionOut::from(&function), &function.etag))
}

pub(crate) async fn get(State(state): State<ApiState>, call: Call, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    let function = state.control.get_function_at(&addressed.of, &addressed.qualifier()).await?.shown_to(call.role);
    Ok(ok_tagged(FunctionOut::from(&function), &function.etag))
}

pub(crate) async fn code(
    State(state): State<ApiState>,
    call: Call,
    addressed: Qualified<FunctionRef>,
    headers: HeaderMap,
    uri: Uri,
) -> ApiResult<Response> {
    let qualifier = addressed.qualifier();
    let function = state.control.get_function_at(&addressed.of, &qualifier).await?;
    let url = code_link::url(&state, &call, &function, &qualifier, &headers, &uri).await?;
    Ok(ok(CodeOut { url, checksum: function.code_checksum }))
}

pub(crate) async fn list(State(state): State<ApiState>, call: Call, addressed: Qualified<ServiceRef>, query: Query) -> ApiResult<Response> {
    let page = state.control.list_functions_at(&addressed.of, &addressed.qualifier(), &query.list()?).await?;
    let page = page.map(|function| FunctionOut::from(&function.shown_to(call.role)));
    Ok(ok(json!({"functions": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn update(
    State(state): State<ApiState>,
    At(function): At<FunctionRef>,
    if_match: IfMatch,
    headers: HeaderMap,
    Document(mut body): Document<FunctionIn>,
) -> ApiResult<Response> {
    let code = body.take_code()?;
    if let Some(code) = &code {
        check_code(&headers, code)?;
    }
    let function = state.control.update_function(&function, body.into_patch()?, code, if_match.etag()).await?;
    Ok(ok_tagged(FunctionOut::from(&function), &function.etag))
}

pub(crate) async fn delete(State(state): State<ApiState>, At(function): At<FunctionRef>, if_match: IfMatch) -> ApiResult<Response> {
    state.control.delete_function(&function, if_match.etag()).await?;
    Ok(no_content())
}

/// Compares the archive with the checksum that the caller sends along, if any.
fn check_code(headers: &HeaderMap, code: &Code) -> ApiResult<()> {
    let (Some(expected), Code::Zip(zip)) = (header_text(headers, CODE_CHECKSUM), code) else { return Ok(()) };
    let actual = checksum(zip);
    if expected == actual {
        return Ok(());
    }
    Err(ApiError::invalid(format!("X-Fc-Code-Checksum is '{expected}', but the CRC-64 of the archive received is '{actual}'")))
}

/// Decimal CRC-64/XZ.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);
    CRC.checksum(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_crc_64_xz() {
        // The check value of the algorithm's catalogue entry, 0x995dc9bbdf1939fa.
        assert_eq!(checksum(b"123456789"), "11051210869376104954");
    }
}
