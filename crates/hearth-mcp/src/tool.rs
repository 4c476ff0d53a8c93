//! A tool as data, and what its one function gets and gives.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use hearth_auth::{Access, CameraAction, CameraGrant, HouseAction, HouseGrant, Principal};
use hearth_hub::{AuditClass, Check, Hub};
use hearth_model::CameraId;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    arguments::Arguments,
    failure::ToolError,
    parameter::{self, Kind, Parameter},
};

/// What a call does to the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Looks.
    Reads,
    /// Takes something out of the house.
    Exports,
    /// Changes something that can be changed back; twice is the same as once.
    Sets,
    /// Does something that cannot be taken back, or that counts each time.
    Acts,
}

impl Effect {
    /// Whether a person has to agree first.
    pub(crate) fn needs_confirmation(self) -> bool {
        self != Self::Reads
    }
}

/// What a call costs the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Looks something up.
    Ordinary,
    /// Decodes pictures, reads footage, walks the disk, or asks a device.
    Heavy,
}

/// What a tool's function does.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Output, ToolError>> + Send>>;

/// A tool.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// What it asks of the policy; it is listed for those who may.
    pub(crate) access: Access,
    pub(crate) effect: Effect,
    pub(crate) class: AuditClass,
    pub(crate) cost: Cost,
    pub(crate) parameters: Vec<Parameter>,
    /// Fields of what it answers that are the hub's own beside the usual ones.
    pub(crate) own: &'static [&'static str],
    pub(crate) run: fn(Call) -> Work,
}

impl Tool {
    /// One that looks something up.
    pub(crate) fn reads(
        name: &'static str,
        title: &'static str,
        access: Access,
        run: fn(Call) -> Work,
        about: &'static str,
    ) -> Self {
        let (effect, class, cost) = (Effect::Reads, AuditClass::View, Cost::Ordinary);
        let (parameters, own) = (Vec::new(), [].as_slice());
        Self { name, title, about, access, effect, class, cost, parameters, own, run }
    }

    /// One with another effect. It takes a person's confirmation.
    pub(crate) fn with_effect(mut self, effect: Effect, class: AuditClass) -> Self {
        (self.effect, self.class) = (effect, class);
        if effect.needs_confirmation() {
            self.parameters.push(parameter::CONFIRMATION);
        }
        self
    }

    /// Takes these.
    pub(crate) fn takes(mut self, parameters: &[Parameter]) -> Self {
        self.parameters.splice(0..0, parameters.iter().copied());
        self
    }

    /// Costs much.
    pub(crate) fn heavy(self) -> Self {
        Self { cost: Cost::Heavy, ..self }
    }

    /// Is recorded as something else than a view.
    pub(crate) fn recorded_as(self, class: AuditClass) -> Self {
        Self { class, ..self }
    }

    /// Answers with these fields of the hub's own.
    pub(crate) fn says(self, own: &'static [&'static str]) -> Self {
        Self { own, ..self }
    }

    /// As the protocol lists it.
    pub(crate) fn listed(&self) -> Value {
        let reads = matches!(self.effect, Effect::Reads | Effect::Exports);
        let mut annotations = json!({ "readOnlyHint": reads, "openWorldHint": false });
        if !reads {
            annotations["destructiveHint"] = (self.effect == Effect::Acts).into();
            annotations["idempotentHint"] = (self.effect == Effect::Sets).into();
        }
        json!({
            "name": self.name,
            "title": self.title,
            "description": self.about,
            "inputSchema": parameter::schema(&self.parameters),
            "outputSchema": {
                "type": "object",
                "properties": { "facts": { "type": "object" }, "untrusted": { "type": "object" } },
                "required": ["facts"]
            },
            "annotations": annotations,
        })
    }

    /// Whether it takes a parameter of that name.
    #[cfg(test)]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }
}

/// A tool, as people see it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ToolView {
    /// Its name.
    name: &'static str,
    /// What it does, in a few words.
    about: &'static str,
    /// `looks`, `exports`, `sets` or `acts`: all but the first ask a person.
    effect: &'static str,
    /// What whoever calls it needs; none for what everybody may.
    #[schema(value_type = Option<hearth_auth::Action>)]
    action: Option<hearth_auth::Action>,
}

impl ToolView {
    pub(crate) fn of(tool: &Tool) -> Self {
        let effect = match tool.effect {
            Effect::Reads => "looks",
            Effect::Exports => "exports",
            Effect::Sets => "sets",
            Effect::Acts => "acts",
        };
        let action = match tool.access {
            Access::House(action) | Access::Camera(action) => Some(action),
            _ => None,
        };
        Self { name: tool.name, about: tool.title, effect, action }
    }
}

/// Name of a camera or its id.
pub(crate) const CAMERA: Parameter =
    parameter::needs("camera", Kind::Text(64), "Name or id of the camera.");

/// What a call is about, for the audit log.
#[derive(Clone, Default)]
pub(crate) struct Subjects(Arc<Mutex<Vec<(String, String)>>>);

impl Subjects {
    /// It is about this.
    pub(crate) fn add(&self, kind: &str, id: &impl ToString) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((kind.to_owned(), id.to_string()));
    }

    /// All of it.
    pub(crate) fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Checks of what is around the hub, for the doctor: whoever runs the hub adds them.
pub type MoreChecks = Arc<dyn Fn() -> Vec<Check> + Send + Sync>;

/// One call of a tool.
pub(crate) struct Call {
    pub(crate) hub: Hub,
    pub(crate) more_checks: MoreChecks,
    pub(crate) principal: Principal,
    pub(crate) arguments: Arguments,
    pub(crate) subjects: Subjects,
}

impl Call {
    /// Asks for `A` on the house.
    pub(crate) fn house<A: HouseAction>(&self) -> Result<HouseGrant<A>, ToolError> {
        Ok(self.hub.policy().house(&self.principal)?)
    }

    /// Asks for `A` on the camera that the call names.
    pub(crate) fn camera<A: CameraAction>(&self) -> Result<CameraGrant<A>, ToolError> {
        let camera = self.camera_id()?.ok_or_else(|| ToolError::not_found("camera"))?;
        Ok(self.hub.policy().camera(&self.principal, camera)?)
    }

    /// The camera that the call names, if it names one. One that whoever asks may not know of does
    /// not exist (promise T-05).
    pub(crate) fn camera_id(&self) -> Result<Option<CameraId>, ToolError> {
        let Some(name) = self.arguments.text("camera") else { return Ok(None) };
        let found = self.hub.find_camera(&self.principal, name);
        let found = found.ok_or_else(|| ToolError::not_found("camera"))?;
        self.subjects.add("camera", &found);
        Ok(Some(found))
    }

    /// The id that the call names as `name`.
    pub(crate) fn id<Id: std::str::FromStr + ToString>(
        &self,
        name: &'static str,
    ) -> Result<Id, ToolError> {
        let id: Option<Id> = self.arguments.text(name).and_then(|text| text.parse().ok());
        let id = id.ok_or_else(|| ToolError::not_found(name))?;
        self.subjects.add(name, &id);
        Ok(id)
    }
}

/// What a tool answers.
#[derive(Debug)]
pub(crate) struct Output {
    /// A view of the hub; what is not the hub's own is taken apart later.
    pub(crate) view: Value,
    /// A picture, as JPEG.
    pub(crate) picture: Option<Bytes>,
}

impl Output {
    /// A view, which has to be an object.
    pub(crate) fn of(view: &impl Serialize) -> Result<Self, ToolError> {
        Ok(Self { view: json_of(view)?, picture: None })
    }

    /// A view under a name.
    pub(crate) fn named(name: &str, view: &impl Serialize) -> Result<Self, ToolError> {
        let mut fields = Map::new();
        fields.insert(name.to_owned(), json_of(view)?);
        Ok(Self { view: Value::Object(fields), picture: None })
    }

    /// It was done, and there is nothing more to say.
    pub(crate) fn done() -> Self {
        Self { view: json!({ "done": true }), picture: None }
    }

    /// With a picture.
    pub(crate) fn showing(self, picture: Option<Bytes>) -> Self {
        Self { picture, ..self }
    }
}

/// The hub's views are plain data, so JSON can always say them.
fn json_of(view: &impl Serialize) -> Result<Value, ToolError> {
    serde_json::to_value(view).map_err(|error| {
        tracing::error!(%error, "a view is no JSON");
        ToolError::new("internal", "Something in the hub failed. The log has the detail.")
    })
}
