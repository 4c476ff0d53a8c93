//! The OpenAPI 3.1 document, made from the route table and the types that handlers use.
//!
//! Security, path parameters and refusals follow from a row's access and path, so they cannot be
//! forgotten or differ from what the gate does.

use std::collections::BTreeMap;

use hearth_auth::Access;
use http::{Method, StatusCode};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
        Required,
        extensions::Extensions,
        path::{
            Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
        },
        request_body::RequestBodyBuilder,
        response::{Response, ResponseBuilder, Responses, ResponsesBuilder},
        schema::{AdditionalProperties, ComponentsBuilder, Object, ObjectBuilder, Schema, Type},
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};

use crate::{
    cookie,
    doc::{Doc, Gives, Shape},
    error::{ErrorBody, ErrorText},
    gate::CSRF_HEADER,
    route::{Row, table},
};

/// What a route asks of whoever calls it: `open`, `signed_in`, `account`, `owner`, or the scope and
/// name of an action, e.g. `camera:live`.
const ACCESS_EXTENSION: &str = "x-access";

const COOKIE_SCHEME: &str = "session";
const CSRF_SCHEME: &str = "csrf";
const BEARER_SCHEME: &str = "bearer";
const OWNER_SCHEME: &str = "control_socket";

/// The document as JSON, indented, with a line end at its end.
pub fn openapi_json() -> String {
    // The document is made of maps and texts only; there is nothing in it that JSON cannot say.
    let text = document(&table()).to_pretty_json().unwrap_or_default();
    text + "\n"
}

/// A shape that takes no other fields can be sent alone; as a part of a larger one it would contradict
/// what stands beside it. There the part stands without that.
fn open_parts(components: &mut Components) {
    let closed = components.schemas.iter().filter_map(|(name, shape)| match shape {
        RefOr::T(Schema::Object(object)) if is_closed(object) => {
            let mut open = object.clone();
            open.additional_properties = None;
            Some((format!("#/components/schemas/{name}"), RefOr::T(Schema::Object(open))))
        }
        _ => None,
    });
    let opened: BTreeMap<String, RefOr<Schema>> = closed.collect();
    let parts = components.schemas.values_mut().filter_map(|shape| match shape {
        RefOr::T(Schema::AllOf(all)) => Some(&mut all.items),
        _ => None,
    });
    for part in parts.flatten() {
        let open = match part {
            RefOr::Ref(link) => opened.get(&link.ref_location),
            RefOr::T(_) => None,
        };
        if let Some(open) = open {
            *part = open.clone();
        }
    }
}

fn is_closed(object: &Object) -> bool {
    matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
}

fn document(rows: &[Row]) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = security_schemes();
    components = components
        .schema(ErrorBody::name(), ErrorBody::schema())
        .schema(ErrorText::name(), ErrorText::schema());
    for row in rows {
        paths = paths.path(row.path, PathItem::new(method_of(&row.method), operation(row)));
        for shape in shapes(&row.doc) {
            components = components.schemas_from_iter(shape.parts.iter().cloned());
        }
    }
    let mut components = components.build();
    open_parts(&mut components);
    let info = InfoBuilder::new()
        .title("Hearthwatch")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Everything the dashboard and the command line can do."));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .components(Some(components))
        .build()
}

fn security_schemes() -> ComponentsBuilder {
    let cookie =
        ApiKey::Cookie(ApiKeyValue::with_description(cookie::NAME, "Set by POST /api/v1/session."));
    let csrf = ApiKey::Header(ApiKeyValue::with_description(
        CSRF_HEADER,
        "The sign-in's `csrf` value, on every request that changes something.",
    ));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A program's token, or an access token from POST /api/v1/token."))
        .build();
    let owner = ApiKey::Header(ApiKeyValue::with_description(
        "host",
        "No header opens these: only a connection to the hub's control socket does.",
    ));
    Components::builder()
        .security_scheme(BEARER_SCHEME, SecurityScheme::Http(bearer))
        .security_scheme(OWNER_SCHEME, SecurityScheme::ApiKey(owner))
        .security_scheme(COOKIE_SCHEME, SecurityScheme::ApiKey(cookie))
        .security_scheme(CSRF_SCHEME, SecurityScheme::ApiKey(csrf))
}

fn shapes(doc: &Doc) -> impl Iterator<Item = &Shape> {
    let gives = match &doc.gives {
        Gives::Json(_, shape) => Some(shape),
        Gives::Nothing | Gives::Content(..) => None,
    };
    doc.takes.iter().chain(gives)
}

fn method_of(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PATCH => HttpMethod::Patch,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(row: &Row) -> Operation {
    let mut operation = OperationBuilder::new()
        .summary(Some(row.doc.summary))
        .operation_id(Some(operation_id(row)))
        .responses(responses(row))
        .extensions(Some(Extensions::builder().add(ACCESS_EXTENSION, access(row)).build()))
        .securities(Some(security(row)));
    for name in path_parameters(row.path) {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(ObjectBuilder::new().schema_type(Type::String))),
        );
    }
    for query in &row.doc.query {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(query.name)
                .parameter_in(ParameterIn::Query)
                .description(Some(query.text))
                .required(if query.required { Required::True } else { Required::False })
                .schema(Some(query.schema.clone())),
        );
    }
    if let Some(shape) = &row.doc.takes {
        let body = RequestBodyBuilder::new()
            .content("application/json", Content::new(Some(shape.reference())))
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    operation.build()
}

/// `get_cameras_camera_timeline` for `GET /api/v1/cameras/{camera}/timeline`.
pub(crate) fn operation_id(row: &Row) -> String {
    let path = row.path.strip_prefix("/api/v1").unwrap_or(row.path);
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = row.method.as_str().to_ascii_lowercase();
    words.fold(method, |id, word| format!("{id}_{word}"))
}

fn access(row: &Row) -> String {
    // Actions are words, so JSON can say them.
    let named = |action| serde_json::to_value(action).unwrap_or_default();
    let in_scope =
        |scope: &str, action| format!("{scope}:{}", named(action).as_str().unwrap_or_default());
    match row.access {
        Access::Open => "open".to_owned(),
        Access::SignedIn => "signed_in".to_owned(),
        Access::Account => "account".to_owned(),
        Access::Owner => "owner".to_owned(),
        Access::House(action) => in_scope("house", action),
        Access::Camera(action) => in_scope("camera", action),
    }
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// What the gate asks for. An empty requirement means that nothing is.
fn security(row: &Row) -> Vec<SecurityRequirement> {
    const NO_SCOPES: [&str; 0] = [];
    match row.access {
        Access::Open => return vec![SecurityRequirement::default()],
        Access::Owner => return vec![SecurityRequirement::new(OWNER_SCHEME, NO_SCOPES)],
        Access::SignedIn | Access::Account | Access::House(_) | Access::Camera(_) => {}
    }
    let session = SecurityRequirement::new(COOKIE_SCHEME, NO_SCOPES);
    let both = if row.method.is_safe() { session } else { session.add(CSRF_SCHEME, NO_SCOPES) };
    match row.access {
        Access::Account => vec![both],
        _ => vec![both, SecurityRequirement::new(BEARER_SCHEME, NO_SCOPES)],
    }
}

fn responses(row: &Row) -> Responses {
    let (status, success) = match &row.doc.gives {
        Gives::Nothing => (StatusCode::NO_CONTENT, Response::new("Done.")),
        Gives::Json(status, shape) => (*status, json("Done.", shape.reference())),
        Gives::Content(status, "", text) => (*status, Response::new(*text)),
        Gives::Content(status, kind, text) => {
            let content = Content::new(None::<Ref>);
            (*status, ResponseBuilder::new().description(*text).content(*kind, content).build())
        }
    };
    let refused = |text| json(text, Ref::from_schema_name(ErrorBody::name()));
    let mut responses = ResponsesBuilder::new().response(status.as_str(), success);
    if row.access != Access::Open {
        responses = responses.response("401", refused("Nobody is signed in."));
    }
    if !matches!(row.access, Access::Open | Access::SignedIn) {
        responses = responses.response("403", refused("This account may not do that."));
    }
    if row.path.contains('{') {
        responses = responses.response("404", refused("No such thing, or not for this account."));
    }
    responses.response("default", refused("It failed; `code` says why.")).build()
}

fn json(text: &str, reference: Ref) -> Response {
    let content = Content::new(Some(reference));
    ResponseBuilder::new().description(text).content("application/json", content).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// A shape that takes no other fields cannot be part of a larger one.
    #[test]
    fn nothing_that_is_closed_is_a_part() {
        let document: Value = serde_json::from_str(&openapi_json()).expect("JSON");
        let all = document["components"]["schemas"].as_object().expect("shapes");
        let is_closed = |part: &Value| {
            let name = part["$ref"].as_str().and_then(|link| link.rsplit('/').next());
            let part = name.map_or(part, |name| &all[name]);
            part["additionalProperties"] == false
        };
        let wrong = all.iter().filter(|(_, shape)| {
            shape["allOf"].as_array().is_some_and(|parts| parts.iter().any(is_closed))
        });
        assert_eq!(wrong.map(|(name, _)| name).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    /// Two shapes of one name are one in the document, and whoever reads it takes one for the other.
    #[test]
    fn every_name_stands_for_one_shape() {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        let mut mixed_up = BTreeSet::new();
        for row in table() {
            for shape in shapes(&row.doc) {
                for (name, schema) in &shape.parts {
                    let said = serde_json::to_value(schema).expect("JSON");
                    let before = known.entry(name.clone()).or_insert_with(|| said.clone());
                    if *before != said {
                        mixed_up.insert(name.clone());
                    }
                }
            }
        }
        assert_eq!(mixed_up, BTreeSet::new());
    }
}
