//! What a route says of itself in the OpenAPI document. Pure data; `openapi` turns it into JSON.

use http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
    },
};

/// Documentation of one route.
pub(crate) struct Doc {
    pub(crate) summary: &'static str,
    pub(crate) query: Vec<QueryDoc>,
    pub(crate) takes: Option<Shape>,
    pub(crate) gives: Gives,
}

/// Documentation of one query parameter.
pub(crate) struct QueryDoc {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

/// What a successful answer is.
pub(crate) enum Gives {
    /// 204.
    Nothing,
    /// JSON of a shape.
    Json(StatusCode, Shape),
    /// Something else, by content type.
    Content(StatusCode, &'static str, &'static str),
}

/// A named JSON form with everything it refers to.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) parts: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut parts = vec![(name.clone(), T::schema())];
        T::schemas(&mut parts);
        Self { name, parts }
    }

    /// A reference to it.
    pub(crate) fn reference(&self) -> Ref {
        Ref::from_schema_name(&self.name)
    }
}

/// Documentation that starts with one line about what the route is for.
pub(crate) fn doc(summary: &'static str) -> Doc {
    Doc { summary, query: Vec::new(), takes: None, gives: Gives::Nothing }
}

impl Doc {
    /// It takes a JSON body.
    pub(crate) fn takes<T: ToSchema>(self) -> Self {
        Self { takes: Some(Shape::of::<T>()), ..self }
    }

    /// It answers 200 with JSON.
    pub(crate) fn gives<T: ToSchema>(self) -> Self {
        Self { gives: Gives::Json(StatusCode::OK, Shape::of::<T>()), ..self }
    }

    /// It answers 201 with JSON.
    pub(crate) fn makes<T: ToSchema>(self) -> Self {
        Self { gives: Gives::Json(StatusCode::CREATED, Shape::of::<T>()), ..self }
    }

    /// It answers 202 with JSON.
    pub(crate) fn accepts<T: ToSchema>(self) -> Self {
        Self { gives: Gives::Json(StatusCode::ACCEPTED, Shape::of::<T>()), ..self }
    }

    /// It answers with something that is no JSON object.
    pub(crate) fn sends(self, content_type: &'static str, text: &'static str) -> Self {
        Self { gives: Gives::Content(StatusCode::OK, content_type, text), ..self }
    }

    /// It turns into a WebSocket.
    pub(crate) fn upgrades(self, text: &'static str) -> Self {
        Self { gives: Gives::Content(StatusCode::SWITCHING_PROTOCOLS, "", text), ..self }
    }

    /// It needs a time in its query.
    pub(crate) fn time(self, name: &'static str, text: &'static str) -> Self {
        self.query(name, text, true, time())
    }

    /// It takes a time in its query.
    pub(crate) fn time_if(self, name: &'static str, text: &'static str) -> Self {
        self.query(name, text, false, time())
    }

    /// It needs a text in its query.
    pub(crate) fn text(self, name: &'static str, text: &'static str) -> Self {
        self.query(name, text, true, ObjectBuilder::new().schema_type(Type::String).into())
    }

    /// It takes a text in its query.
    pub(crate) fn text_if(self, name: &'static str, text: &'static str) -> Self {
        self.query(name, text, false, ObjectBuilder::new().schema_type(Type::String).into())
    }

    /// It takes a whole number in its query.
    pub(crate) fn number_if(self, name: &'static str, text: &'static str) -> Self {
        self.query(name, text, false, ObjectBuilder::new().schema_type(Type::Integer).into())
    }

    /// It takes `true` or `false` in its query.
    pub(crate) fn switch_if(self, name: &'static str, text: &'static str) -> Self {
        self.query(name, text, false, ObjectBuilder::new().schema_type(Type::Boolean).into())
    }

    fn query(
        mut self,
        name: &'static str,
        text: &'static str,
        required: bool,
        schema: Schema,
    ) -> Self {
        self.query.push(QueryDoc { name, text, required, schema });
        self
    }
}

fn time() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}
