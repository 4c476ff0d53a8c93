//! What an assistant can read without calling a tool: each a row with its access as data, like tools.

use bytes::Bytes;
use hearth_auth::{Access, Action, ask};
use hearth_hub::{EventQuery, VisitFilter};
use hearth_model::EventKind;
use serde_json::{Value, json};

use crate::{
    arguments::Argument,
    document,
    failure::ToolError,
    tool::{Call, Cost, Output, Work},
};

/// Events and visits that count as recent.
const RECENT: u32 = 30;

/// What stands in an address for a camera's id.
const CAMERA: &str = "{camera}";

/// What a resource is.
pub(crate) enum Content {
    /// A view of the hub, taken apart like the answer of a tool.
    View(fn(Call) -> Work),
    /// A picture.
    Picture(fn(Call) -> Work),
    /// Our own words.
    Text(fn() -> String),
}

/// Something to read.
pub(crate) struct Resource {
    /// Its address; with `{camera}` in it, one for each camera.
    pub(crate) uri: &'static str,
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    about: &'static str,
    pub(crate) access: Access,
    pub(crate) content: Content,
    /// Fields of the hub's own beside the usual ones.
    pub(crate) own: &'static [&'static str],
    /// Whether it changes with facts of a kind; `None` for what nobody can be told of.
    pub(crate) changes_with: Option<fn(EventKind) -> bool>,
}

/// All resources.
pub(crate) fn resources() -> Vec<Resource> {
    vec![
        Resource {
            uri: "hearthwatch://cameras",
            name: "cameras",
            title: "Cameras",
            about: "The cameras you may see and how they fare.",
            access: Access::House(Action::ListCameras),
            content: Content::View(|call| Box::pin(cameras(call))),
            own: &["reason", "message"],
            changes_with: Some(is_about_cameras),
        },
        Resource {
            uri: "hearthwatch://cameras/{camera}/snapshot",
            name: "snapshot",
            title: "Picture of a camera",
            about: "What a camera shows now; by its id.",
            access: Access::Camera(Action::Live),
            content: Content::Picture(|call| Box::pin(snapshot(call))),
            own: &[],
            changes_with: None,
        },
        Resource {
            uri: "hearthwatch://events/recent",
            name: "recent_events",
            title: "Recent events",
            about: "What happened last.",
            access: Access::House(Action::ReadEvents),
            content: Content::View(|call| Box::pin(events(call))),
            own: &[],
            changes_with: Some(|_| true),
        },
        Resource {
            uri: "hearthwatch://visits/recent",
            name: "recent_visits",
            title: "Recent visits",
            about: "Who came to a door last.",
            access: Access::House(Action::ReadEvents),
            content: Content::View(|call| Box::pin(visits(call))),
            own: &[],
            changes_with: Some(is_about_visits),
        },
        Resource {
            uri: "hearthwatch://configuration",
            name: "configuration",
            title: "Configuration",
            about: "How the house is set up, without secrets, addresses and names of people.",
            access: Access::House(Action::Maintain),
            content: Content::View(|call| Box::pin(configuration(call))),
            own: &["time_zone"],
            changes_with: None,
        },
        Resource {
            uri: "hearthwatch://docs/tools",
            name: "docs",
            title: "Reference",
            about: "Every tool, resource and prompt, with what each asks for.",
            access: Access::SignedIn,
            content: Content::Text(document::reference),
            own: &[],
            changes_with: None,
        },
    ]
}

impl Resource {
    /// Whether there is one of it for each camera.
    pub(crate) fn is_template(&self) -> bool {
        self.uri.contains(CAMERA)
    }

    /// What of a camera an address names, if it is an address of this resource: nothing for those
    /// without a camera.
    pub(crate) fn named_by<'a>(&self, uri: &'a str) -> Option<Option<&'a str>> {
        let Some((before, after)) = self.uri.split_once(CAMERA) else {
            return (self.uri == uri).then_some(None);
        };
        let camera = uri.strip_prefix(before)?.strip_suffix(after)?;
        (!camera.is_empty() && !camera.contains('/')).then_some(Some(camera))
    }

    pub(crate) fn mime(&self) -> &'static str {
        match self.content {
            Content::View(_) => "application/json",
            Content::Picture(_) => "image/jpeg",
            Content::Text(_) => "text/markdown",
        }
    }

    pub(crate) fn cost(&self) -> Cost {
        match self.content {
            Content::Picture(_) => Cost::Heavy,
            Content::View(_) | Content::Text(_) => Cost::Ordinary,
        }
    }

    /// As the protocol lists it.
    pub(crate) fn listed(&self) -> Value {
        let address = if self.is_template() { "uriTemplate" } else { "uri" };
        json!({
            address: self.uri,
            "name": self.name,
            "title": self.title,
            "description": self.about,
            "mimeType": self.mime(),
        })
    }

    pub(crate) fn about(&self) -> &'static str {
        self.about
    }
}

/// What reading a resource gives.
pub(crate) enum Read {
    Text(String),
    Picture(Bytes),
}

/// The call with which a resource is read.
pub(crate) fn naming(mut call: Call, camera: Option<&str>) -> Call {
    if let Some(camera) = camera {
        call.arguments.set("camera", Argument::Text(camera.to_owned()));
    }
    call
}

fn is_about_cameras(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::CameraAdded
            | EventKind::CameraRemoved
            | EventKind::CameraStateChanged
            | EventKind::StreamChanged
            | EventKind::RecordingStopped
            | EventKind::RecordingResumed
    )
}

fn is_about_visits(kind: EventKind) -> bool {
    matches!(kind, EventKind::VisitBegan | EventKind::VisitChanged | EventKind::VisitEnded)
}

async fn cameras(call: Call) -> Result<Output, ToolError> {
    Output::named("cameras", &call.hub.cameras(&call.house::<ask::ListCameras>()?))
}

async fn snapshot(call: Call) -> Result<Output, ToolError> {
    let still = call.hub.still(call.camera::<ask::Live>()?).await?;
    Ok(Output::named("at", &still.at)?.showing(Some(still.jpeg)))
}

async fn events(call: Call) -> Result<Output, ToolError> {
    let query = EventQuery { limit: RECENT, ..EventQuery::default() };
    Output::of(&call.hub.events(call.house::<ask::ReadEvents>()?, query).await?)
}

async fn visits(call: Call) -> Result<Output, ToolError> {
    let filter = VisitFilter { limit: RECENT, ..VisitFilter::default() };
    Output::of(&call.hub.visits(&call.house::<ask::ReadEvents>()?, filter).await?)
}

/// Named one by one: what is added to the settings later gets out only if somebody adds it here.
async fn configuration(call: Call) -> Result<Output, ToolError> {
    let _asked = call.house::<ask::Maintain>()?;
    let settings = call.hub.settings();
    Output::of(&json!({
        "house_name": settings.house_name,
        "time_zone": call.hub.welcome().time_zone,
        "storage": {
            "bytes_max": settings.storage.bytes_max,
            "bytes_free_min": settings.storage.bytes_free_min,
        },
        "events": {
            "days_max": settings.events.days_max,
            "pictures_days_max": settings.events.pictures_days_max,
        },
        "audit": { "days_max": settings.audit.days_max, "bytes_max": settings.audit.bytes_max },
        "log": { "anonymise": settings.log.anonymise },
        "simulated": call.hub.welcome().simulated,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_names_one_resource() {
        let all = resources();
        let found = |uri: &'static str| {
            let named: Vec<_> =
                all.iter().filter_map(|one| Some((one.name, one.named_by(uri)?))).collect();
            named
        };
        assert_eq!(found("hearthwatch://cameras"), [("cameras", None)]);
        assert_eq!(found("hearthwatch://cameras/cam_1/snapshot"), [("snapshot", Some("cam_1"))]);
        assert!(found("hearthwatch://cameras/a/b/snapshot").is_empty());
        assert!(found("hearthwatch://cameras//snapshot").is_empty());
        assert!(found("file:///etc/passwd").is_empty());
    }

    proptest! {
        #[test]
        fn any_address_is_read_without_a_panic(uri in "(hearthwatch://cameras/)?.{0,40}") {
            for resource in resources() {
                resource.named_by(&uri);
            }
        }
    }
}
