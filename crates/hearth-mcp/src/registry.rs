//! The one table of tools. A tool that is not in it does not exist; a new group of tools is a file
//! in `tools` and a line here.

use std::collections::HashMap;

use hearth_auth::{Access, Action, Principal, Scope, ask};
use hearth_hub::Hub;
use hearth_model::CameraId;

use crate::{
    tool::{Effect, Tool},
    tools::{
        alarm, cameras, devices, events, incidents, measures, notifications, people, privacy,
        questions, recordings, system, visits,
    },
};

/// All tools, in the order in which they are listed.
pub(crate) struct Registry {
    tools: Vec<Tool>,
    by_name: HashMap<&'static str, usize>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        let groups = [
            cameras::tools(),
            recordings::tools(),
            events::tools(),
            questions::tools(),
            visits::tools(),
            people::tools(),
            devices::tools(),
            measures::tools(),
            privacy::tools(),
            alarm::tools(),
            incidents::tools(),
            notifications::tools(),
            system::tools(),
        ];
        let tools: Vec<Tool> = groups.into_iter().flatten().collect();
        let by_name = tools.iter().enumerate().map(|(at, tool)| (tool.name, at)).collect();
        Self { tools, by_name }
    }

    pub(crate) fn all(&self) -> &[Tool] {
        &self.tools
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Tool> {
        self.tools.get(*self.by_name.get(name)?)
    }

    /// The tools that a principal may call, of those that only look if `read_only`.
    pub(crate) fn offered<'a>(
        &'a self,
        hub: &'a Hub,
        principal: &'a Principal,
        read_only: bool,
    ) -> impl Iterator<Item = &'a Tool> {
        let asked = Asked::new(hub, principal);
        self.tools.iter().filter(move |tool| asked.may(tool, read_only))
    }
}

/// Asks the hub's policy about tools.
pub(crate) struct Asked<'a> {
    hub: &'a Hub,
    principal: &'a Principal,
    /// On one of these at least whoever asks may do what they may do with any camera.
    cameras: Vec<CameraId>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(hub: &'a Hub, principal: &'a Principal) -> Self {
        // A camera that does not exist stands for all that no rule is about.
        let mut cameras = vec![CameraId::new()];
        if let Ok(grant) = hub.policy().house::<ask::ListCameras>(principal) {
            cameras.extend(hub.cameras(&grant).into_iter().map(|camera| camera.id));
        }
        if let Principal::Machine { scope, .. } = principal {
            cameras.extend(scope.cameras.iter().flatten());
        }
        Self { hub, principal, cameras }
    }

    /// Whether a tool is listed and may be called; each call asks once more for its grant.
    pub(crate) fn may(&self, tool: &Tool, read_only: bool) -> bool {
        if read_only && tool.effect != Effect::Reads {
            return false;
        }
        self.admits(tool.access)
    }

    /// Whether the policy lets whoever asks do this, with one camera at least if it is about one.
    pub(crate) fn admits(&self, access: Access) -> bool {
        let (policy, principal) = (self.hub.policy(), Some(self.principal));
        match access {
            Access::Camera(action) => self.cameras.iter().any(|camera| {
                is_about_a_camera(action) && policy.admit(principal, access, Some(*camera)).is_ok()
            }),
            _ => policy.admit(principal, access, None).is_ok(),
        }
    }
}

fn is_about_a_camera(action: Action) -> bool {
    action.scope() == Scope::Camera
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hearth_hub::AuditClass;
    use serde_json::{Map, Value};

    use super::*;
    use crate::parameter::{self, CONFIRM};

    /// Of the whole list, as the issue of this part asks.
    const TOKENS_MAX: usize = 12_000;

    #[test]
    fn names_are_unique_and_fit_every_client() {
        let registry = Registry::new();
        let names: BTreeSet<_> = registry.all().iter().map(|tool| tool.name).collect();
        assert_eq!(names.len(), registry.all().len());
        for name in names {
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(name.len() <= 40 && name.bytes().all(fits), "{name}");
        }
    }

    /// What is listed has to be read by a model each time: bytes by four is more than any tokenizer
    /// makes of English and JSON.
    #[test]
    fn the_whole_list_is_short() {
        let registry = Registry::new();
        let bytes: usize = registry.all().iter().map(|one| one.listed().to_string().len()).sum();
        let tokens = bytes / 4;
        println!("{} tools, {bytes} bytes, at most {tokens} tokens", registry.all().len());
        assert!(tokens < TOKENS_MAX, "{tokens}");
    }

    /// Leaving out all that may be left out is the same as sending what the schema says is taken then;
    /// a default fits its own schema, and is nowhere said a second time in words.
    #[test]
    fn what_is_left_out_is_what_the_schema_says() {
        let mut defaults = 0;
        for tool in Registry::new().all() {
            let schema = &tool.listed()["inputSchema"];
            let needed = |name: &str| {
                schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name))
            };
            let mut optional = tool.parameters.clone();
            optional.retain(|one| !needed(one.name));
            let mut said = Map::new();
            for parameter in &tool.parameters {
                let property = &schema["properties"][parameter.name];
                let Some(default) = property.get("default") else {
                    assert!(parameter.name != "limit", "{}: how many?", tool.name);
                    continue;
                };
                assert!(!needed(parameter.name), "{}: {}", tool.name, parameter.name);
                said.insert(parameter.name.to_owned(), default.clone());
                defaults += 1;
            }
            let read = |sent: &Map<String, Value>| parameter::read(&optional, sent);
            let spoken = read(&said).expect("a default fits");
            assert_eq!(read(&Map::new()), Ok(spoken), "{}", tool.name);
            let words = schema.to_string();
            assert!(!words.contains("unless given"), "{}: {words}", tool.name);
        }
        assert!(defaults >= 12, "{defaults} defaults");
    }

    /// promise: T-13. What changes something or takes something out of the house is confirmed, says
    /// so, and is not recorded as a view; everything needs a permission.
    #[test]
    fn every_tool_that_does_more_than_look_is_confirmed_and_recorded() {
        for tool in Registry::new().all() {
            assert!(!matches!(tool.access, Access::Open | Access::SignedIn), "{}", tool.name);
            let looks = tool.effect == Effect::Reads;
            assert_eq!(tool.has(CONFIRM), !looks, "{}", tool.name);
            let recorded_as_view = tool.class == AuditClass::View;
            assert!(!recorded_as_view || looks, "{}", tool.name);
            let annotations = &tool.listed()["annotations"];
            let changes = matches!(tool.effect, Effect::Sets | Effect::Acts);
            assert_eq!(annotations["readOnlyHint"], !changes, "{}", tool.name);
            let destroys = changes.then_some(tool.effect == Effect::Acts);
            assert_eq!(annotations["destructiveHint"].as_bool(), destroys, "{}", tool.name);
        }
    }

    #[test]
    fn a_tool_about_a_camera_takes_one() {
        for tool in Registry::new().all() {
            assert!(
                !matches!(tool.access, Access::Camera(_)) || tool.has("camera"),
                "{}",
                tool.name
            );
        }
    }
}
