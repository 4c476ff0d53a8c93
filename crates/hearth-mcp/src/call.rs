//! One call of a tool from its name to its answer: may they, not too often, does it fit, did a person
//! agree; then the tool's function, in time; then a line in the audit log whatever came of it.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use hearth_auth::{Asks, Principal};
use hearth_hub::{
    AccessNote, AskedCall, AssistantCall, AuditClass, AuditOutcome, CallOutcome, Hub,
};
use hearth_model::UserId;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::{
    alias,
    arguments::Arguments,
    failure::ToolError,
    pace::{Caller, Pace},
    parameter::{self, CONFIRM},
    registry::{Asked, Registry},
    resources::{self, Content, Read, Resource, resources},
    server::Asking,
    tool::{Call, Effect, MoreChecks, Output, Subjects, Tool},
    untrusted::{NOTICE, Separated},
};

/// Until a call has answered: below the listener's 30 s, so that the answer is the tool's own.
const CALL_DEADLINE: Duration = Duration::from_secs(25);

/// Largest answer in bytes of JSON. More than a model reads; whoever wants more asks in pages.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

/// Recorded for a name that no tool has; the name itself is somebody else's text.
const UNKNOWN_TOOL: &str = "mcp_unknown_tool";

/// What a call needs of the server.
pub(crate) struct Desk<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) registry: &'a Registry,
    pub(crate) pace: &'a Pace,
    pub(crate) more_checks: &'a MoreChecks,
}

impl Desk<'_> {
    /// Calls a tool by its name or by one of its old names; `None` if there is none.
    pub(crate) async fn call(
        &self,
        asking: &Asking,
        read_only: bool,
        name: &str,
        sent: Map<String, Value>,
    ) -> Option<Value> {
        let Some((tool, sent)) = self.resolve(name, sent) else {
            let record = Record::begin(self.hub, asking, UNKNOWN_TOOL, AuditClass::View);
            record.finish(AuditOutcome::Denied, Some("unknown_tool".to_owned()));
            return None;
        };
        let record = Record::begin(self.hub, asking, &format!("mcp_{}", tool.name), tool.class);
        let done = self.attempt(asking, read_only, tool, &sent, record.subjects.clone()).await;
        let answer = done.and_then(|output| answered(tool, output));
        self.note(asking, tool, &sent, answer.as_ref().err());
        match answer {
            Ok(answer) => {
                record.finish(AuditOutcome::Ok, None);
                Some(answer)
            }
            Err(error) => {
                let refused = AuditOutcome::Denied;
                let outcome = if error.is_refusal { refused } else { AuditOutcome::Failed };
                record.finish(outcome, Some(error.code.to_owned()));
                Some(failed(error))
            }
        }
    }

    fn resolve(&self, name: &str, sent: Map<String, Value>) -> Option<(&Tool, Map<String, Value>)> {
        if let Some(tool) = self.registry.find(name) {
            return Some((tool, sent));
        }
        let (name, sent) = alias::resolve(name, sent, self.hub.welcome().time)?;
        Some((self.registry.find(name)?, sent))
    }

    async fn attempt(
        &self,
        asking: &Asking,
        read_only: bool,
        tool: &Tool,
        sent: &Map<String, Value>,
        subjects: Subjects,
    ) -> Result<Output, ToolError> {
        if read_only && tool.effect != Effect::Reads {
            let text = "This connection only looks. Start it with --allow-changes to change that.";
            return Err(ToolError::refusal("read_only", text));
        }
        if !Asked::new(self.hub, &asking.principal).may(tool, read_only) {
            let text = "This account or token may not do this.";
            return Err(ToolError::refusal("denied", text));
        }
        self.pace.charge(Caller::from(&asking.principal), tool)?;
        self.hub.begin_assistant_call(&asking.principal)?;
        let arguments = parameter::read(&tool.parameters, sent)?;
        let begun = Instant::now();
        self.check_agreed(&asking.principal, tool, sent, &arguments).await?;
        let left = CALL_DEADLINE.saturating_sub(begun.elapsed());
        let (hub, principal) = (self.hub.clone(), asking.principal.clone());
        let more_checks = MoreChecks::clone(self.more_checks);
        let call = Call { hub, more_checks, principal, arguments, subjects };
        in_time(tool, (tool.run)(call), left).await
    }
}

impl Desk<'_> {
    /// What changes something waits for a person's yes: one that the dashboard asks for, or, where
    /// the token says so, one that the assistant passes on.
    async fn check_agreed(
        &self,
        principal: &Principal,
        tool: &Tool,
        sent: &Map<String, Value>,
        arguments: &Arguments,
    ) -> Result<(), ToolError> {
        if !tool.effect.needs_confirmation() {
            return Ok(());
        }
        match principal {
            Principal::Machine { token, name, user, scope, .. } if scope.asks == Asks::Always => {
                let call = AskedCall {
                    token: *token,
                    name: name.as_str().to_owned(),
                    owner: *user,
                    tool: tool.name,
                    title: tool.title,
                    arguments: parameter::shown(&tool.parameters, sent),
                    digest: digest_of(sent),
                };
                Ok(self.hub.agreed_by_a_person(&call).await?)
            }
            _ => check_confirmed(arguments),
        }
    }

    /// For the list of what assistants did.
    fn note(
        &self,
        asking: &Asking,
        tool: &Tool,
        sent: &Map<String, Value>,
        error: Option<&ToolError>,
    ) {
        let outcome = match error {
            None => CallOutcome::Done,
            Some(error) => match error.code {
                "approval_waits" => CallOutcome::Waits,
                "approval_denied" => CallOutcome::Denied,
                "approval_expired" => CallOutcome::Expired,
                _ if error.is_refusal => CallOutcome::Refused,
                _ => CallOutcome::Failed,
            },
        };
        let (name, owner) = called_by(&asking.principal);
        self.hub.note_assistant_call(AssistantCall {
            at: self.hub.welcome().time,
            name,
            tool: tool.name,
            arguments: parameter::shown(&tool.parameters, sent),
            outcome,
            detail: error.map(|error| error.code),
            owner,
        });
    }
}

fn called_by(principal: &Principal) -> (String, Option<UserId>) {
    match principal {
        Principal::User { user, name, .. } => (name.to_string(), Some(*user)),
        Principal::Machine { user, name, .. } => (name.as_str().to_owned(), Some(*user)),
        Principal::Owner => ("owner".to_owned(), None),
    }
}

/// The same for the same arguments in any order; whether a yes was passed on makes no difference.
fn digest_of(sent: &Map<String, Value>) -> [u8; 32] {
    let mut sent = sent.clone();
    sent.remove(CONFIRM);
    sent.sort_keys();
    let digest = digest(&SHA256, Value::Object(sent).to_string().as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

/// Why a resource is not read.
pub(crate) enum NotRead {
    /// There is none at this address, or not for whoever asks.
    NoSuch,
    /// It could not be read.
    Failed(ToolError),
}

impl Desk<'_> {
    /// Reads the resource at an address.
    pub(crate) async fn read(&self, asking: &Asking, uri: &str) -> Result<Value, NotRead> {
        let all = resources();
        let found = all.iter().find_map(|one| Some((one, one.named_by(uri)?)));
        let (resource, camera) = found.ok_or(NotRead::NoSuch)?;
        let action = format!("mcp_read_{}", resource.name);
        let record = Record::begin(self.hub, asking, &action, AuditClass::View);
        let done = self.attempt_read(asking, resource, camera, record.subjects.clone()).await;
        match done {
            Ok(read) => {
                record.finish(AuditOutcome::Ok, None);
                let mut content = json!({ "uri": uri, "mimeType": resource.mime() });
                match read {
                    Read::Text(text) => content["text"] = text.into(),
                    Read::Picture(jpeg) => content["blob"] = STANDARD.encode(&jpeg).into(),
                }
                Ok(json!({ "contents": [content] }))
            }
            Err(error) => {
                let refused = AuditOutcome::Denied;
                let outcome = if error.is_refusal { refused } else { AuditOutcome::Failed };
                record.finish(outcome, Some(error.code.to_owned()));
                let hidden = ["denied", "not_found"].contains(&error.code);
                Err(if hidden { NotRead::NoSuch } else { NotRead::Failed(error) })
            }
        }
    }

    async fn attempt_read(
        &self,
        asking: &Asking,
        resource: &Resource,
        camera: Option<&str>,
        subjects: Subjects,
    ) -> Result<Read, ToolError> {
        if !Asked::new(self.hub, &asking.principal).admits(resource.access) {
            return Err(ToolError::refusal("denied", "This account or token may not read this."));
        }
        self.pace.charge_reading(Caller::from(&asking.principal), resource.cost())?;
        self.hub.begin_assistant_call(&asking.principal)?;
        let (hub, principal) = (self.hub.clone(), asking.principal.clone());
        let (more_checks, arguments) = (MoreChecks::clone(self.more_checks), Arguments::default());
        let call = Call { hub, more_checks, principal, arguments, subjects };
        let call = resources::naming(call, camera);
        let work = match resource.content {
            Content::Text(text) => return Ok(Read::Text(text())),
            Content::View(read) | Content::Picture(read) => read(call),
        };
        let slow = || ToolError::new("too_slow", "This took too long. Try again.");
        let Output { view, picture } = timeout(CALL_DEADLINE, work).await.map_err(|_| slow())??;
        match picture {
            Some(jpeg) => Ok(Read::Picture(jpeg)),
            None => Ok(Read::Text(apart(resource.own, view).to_string())),
        }
    }
}

/// A view with the texts from outside apart.
fn apart(own: &'static [&'static str], view: Value) -> Value {
    let mut separated = Separated::knowing(own);
    let mut structured = json!({ "facts": separated.facts(view) });
    if let Some(texts) = separated.texts() {
        structured["untrusted"] = texts;
    }
    structured
}

/// The assistant says that the person it works for agreed.
fn check_confirmed(arguments: &Arguments) -> Result<(), ToolError> {
    if arguments.flag(CONFIRM) == Some(true) {
        return Ok(());
    }
    let text = "Nothing was done. Tell the person you work for exactly what you are about to do; \
                when they agree, call again with `confirm: true`.";
    // Nobody overstepped anything: it is no refusal of rights, and alarms nobody.
    Err(ToolError::new("confirmation_needed", text))
}

async fn in_time(
    tool: &Tool,
    work: crate::tool::Work,
    left: Duration,
) -> Result<Output, ToolError> {
    let slow = || ToolError::new("too_slow", "This took too long. Try again, or ask for less.");
    if tool.effect == Effect::Reads {
        return timeout(left, work).await.map_err(|_| slow())?;
    }
    // A change that has begun is brought to its end, whether somebody waits for it or not.
    let change = timeout(left, tokio::spawn(work)).await;
    let change = change.map_err(|_| {
        ToolError::new(
            "too_slow",
            "No answer in time. It may still be done: look before you retry.",
        )
    })?;
    change.map_err(|error| {
        tracing::error!(%error, "a tool failed");
        ToolError::new("internal", "Something in the hub failed. The log has the detail.")
    })?
}

/// The answer of a tool that did what was asked.
fn answered(tool: &Tool, output: Output) -> Result<Value, ToolError> {
    let Output { view, picture } = output;
    let structured = apart(tool.own, view);
    let text = structured.to_string();
    if text.len() > ANSWER_BYTES_MAX {
        let text = "The answer is too long. Ask for less: a shorter time, or a smaller limit.";
        return Err(ToolError::new("too_long", text));
    }
    let mut content = vec![json!({ "type": "text", "text": text })];
    if let Some(jpeg) = picture {
        content.push(json!({ "type": "text", "text": NOTICE }));
        let data = STANDARD.encode(&jpeg);
        content.push(json!({ "type": "image", "data": data, "mimeType": "image/jpeg" }));
    }
    Ok(json!({ "content": content, "structuredContent": structured, "isError": false }))
}

/// The answer of a tool that did not.
fn failed(error: ToolError) -> Value {
    let mut separated = Separated::default();
    let seconds = error.seconds();
    let message = if error.quotes {
        separated.reference(error.message)
    } else {
        Value::String(error.message)
    };
    let mut told = json!({ "code": error.code, "message": message });
    if let Some(seconds) = seconds {
        told["retry_after_seconds"] = seconds.into();
    }
    let mut structured = json!({ "facts": { "error": told } });
    if let Some(texts) = separated.texts() {
        structured["untrusted"] = texts;
    }
    let content = json!([{ "type": "text", "text": structured.to_string() }]);
    json!({ "content": content, "structuredContent": structured, "isError": true })
}

/// What becomes a line of the audit log; recorded as failed if nobody waits for its end.
pub(crate) struct Record {
    hub: Hub,
    note: Option<AccessNote>,
    pub(crate) subjects: Subjects,
    began: Instant,
}

impl Record {
    pub(crate) fn begin(hub: &Hub, asking: &Asking, action: &str, class: AuditClass) -> Self {
        let note = AccessNote {
            class,
            action: action.to_owned(),
            principal: Some(asking.principal.clone()),
            from: asking.from,
            what: Vec::new(),
            result: AuditOutcome::Failed,
            detail: Some("the caller hung up before the answer".to_owned()),
            duration_ms: None,
            lasting: None,
        };
        let (hub, subjects) = (hub.clone(), Subjects::default());
        Self { hub, note: Some(note), subjects, began: Instant::now() }
    }

    pub(crate) fn finish(mut self, result: AuditOutcome, detail: Option<String>) {
        if let Some(note) = &mut self.note {
            (note.result, note.detail) = (result, detail);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let Some(mut note) = self.note.take() else { return };
        note.what = self.subjects.take();
        note.duration_ms =
            Some(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
        self.hub.note_access(note);
    }
}
