//! `mcp`: the Model Context Protocol on standard input and output, passed on to a hub line by line.
//!
//! Everything is decided in the hub; here is only the way there. Standard output carries JSON-RPC
//! messages, one a line, and nothing else: what has to be said to people goes to standard error.

mod way;

use std::{
    io::{self, BufRead, Write},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

use crate::failure::Failure;
pub(crate) use way::Way;

/// Longest message that is passed on: as long as the hub takes.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Lines read ahead while the hub works; whoever writes more waits.
const LINES_AHEAD: usize = 16;

/// Messages that the hub works on at the same time for one assistant.
const AT_ONCE: usize = 8;

/// What came on standard input.
enum Line {
    Message(Value),
    /// Something that is no JSON, or too long.
    Broken,
}

/// Passes messages on until standard input ends.
pub(crate) async fn run(way: Way, allow_changes: bool) -> Result<(), Failure> {
    let mode = if allow_changes { "/mcp" } else { "/mcp?mode=read" };
    let proxy = Arc::new(Proxy { way, target: mode, begun: Mutex::default() });
    let mut lines = lines_of(io::stdin);
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut working = JoinSet::new();
    while let Some(line) = lines.recv().await {
        let message = match line {
            Line::Message(message) => message,
            Line::Broken => {
                let text = "The line is no JSON, or too long.";
                say(&hearth_mcp::rpc_failure(None, hearth_mcp::PARSE_ERROR, text))?;
                continue;
            }
        };
        // Later messages belong to the session that this one begins.
        if message.get("method").and_then(Value::as_str) == Some("initialize") {
            proxy.begin(message).await?;
            let listening = Arc::clone(&proxy);
            tokio::spawn(async move { listening.listen().await });
            continue;
        }
        while working.try_join_next().is_some() {}
        // The semaphore is never closed.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
        let proxy = Arc::clone(&proxy);
        working.spawn(async move {
            let passed_on = proxy.pass_on(message).await;
            drop(slot);
            passed_on
        });
    }
    while let Some(done) = working.join_next().await {
        done.unwrap_or(Ok(()))?;
    }
    proxy.end().await;
    Ok(())
}

/// What remembers the session.
struct Proxy {
    way: Way,
    target: &'static str,
    begun: Mutex<Begun>,
}

/// How the session was begun, to begin it again if the hub was restarted.
#[derive(Clone, Default)]
struct Begun {
    hello: Option<Value>,
    session: Option<String>,
}

impl Proxy {
    fn begun(&self) -> Begun {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn begin(&self, hello: Value) -> Result<(), Failure> {
        let answer = self.send(&hello, None).await;
        let session = answer.as_ref().ok().and_then(|answer| answer.session.clone());
        let failed = session.is_none();
        let begun = Begun { hello: Some(hello.clone()), session };
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = begun;
        self.tell(&hello, answer)?;
        if failed {
            eprintln!("hearthwatch: the session did not begin");
        }
        Ok(())
    }

    async fn pass_on(&self, message: Value) -> Result<(), Failure> {
        let begun = self.begun();
        let mut answer = self.send(&message, begun.session.as_deref()).await;
        let is_over = |answer: &way::Answer| answer.status == StatusCode::NOT_FOUND;
        if answer.as_ref().is_ok_and(is_over)
            && let Some(session) = self.begin_again(&begun).await
        {
            answer = self.send(&message, Some(&session)).await;
        }
        self.tell(&message, answer)
    }

    /// The hub was restarted, and knows this session no more.
    async fn begin_again(&self, over: &Begun) -> Option<String> {
        let now = self.begun();
        if now.session != over.session {
            return now.session;
        }
        let session = self.send(over.hello.as_ref()?, None).await.ok()?.session?;
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.session = Some(session.clone());
        Some(session)
    }

    async fn send(&self, message: &Value, session: Option<&str>) -> Result<way::Answer, Failure> {
        let body = Bytes::from(message.to_string());
        self.way.send(Method::POST, self.target, session, body).await
    }

    /// Passes an answer back, or says why there is none.
    fn tell(&self, message: &Value, answer: Result<way::Answer, Failure>) -> Result<(), Failure> {
        let failed = match answer {
            Ok(answer) if answer.status == StatusCode::ACCEPTED => return Ok(()),
            Ok(answer) => match serde_json::from_slice::<Value>(&answer.body) {
                Ok(body) if body.get("jsonrpc").is_some() => return say(&body),
                Ok(body) => {
                    let text = body.pointer("/error/message").and_then(Value::as_str);
                    text.unwrap_or("The hub refused the message.").to_owned()
                }
                Err(_) => "The hub's answer makes no sense to this program.".to_owned(),
            },
            Err(failure) => failure.to_string(),
        };
        match message.get("id") {
            Some(id) => say(&hearth_mcp::rpc_failure(Some(id), hearth_mcp::NOT_SERVED, &failed)),
            None => {
                eprintln!("hearthwatch: {failed}");
                Ok(())
            }
        }
    }

    /// Passes on what the hub tells without being asked.
    async fn listen(&self) {
        let Some(session) = self.begun().session else { return };
        let Some(mut lines) = self.way.listen(self.target, &session).await else { return };
        while let Ok(Some(line)) = lines.next().await {
            let message = line.strip_prefix("data:").map(str::trim_start);
            let message = message.and_then(|text| serde_json::from_str::<Value>(text).ok());
            // Whoever reads nothing any more is noticed where answers are written.
            if message.is_some_and(|message| say(&message).is_err()) {
                return;
            }
        }
    }

    async fn end(&self) {
        if let Some(session) = self.begun().session {
            let goodbye = self.way.send(Method::DELETE, "/mcp", Some(&session), Bytes::new());
            // The session would end by itself.
            goodbye.await.ok();
        }
    }
}

/// Writes one message on a line of its own.
fn say(message: &Value) -> Result<(), Failure> {
    let mut line = message.to_string();
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Lines of standard input, read on a thread of its own: reading it cannot be interrupted.
fn lines_of<R: io::Read + 'static>(input: fn() -> R) -> mpsc::Receiver<Line> {
    let (lines, receiver) = mpsc::channel(LINES_AHEAD);
    std::thread::spawn(move || {
        let mut input = io::BufReader::new(input());
        while let Ok(Some(line)) = next_line(&mut input) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The next line that is not empty; `None` at the end.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    loop {
        let mut line = Vec::new();
        let limit = LINE_BYTES_MAX as u64 + 1;
        io::Read::take(&mut *input, limit).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        if line.len() > LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            skip_line(input)?;
            return Ok(Some(Line::Broken));
        }
        if !line.iter().all(u8::is_ascii_whitespace) {
            let message = serde_json::from_slice(&line).map_or(Line::Broken, Line::Message);
            return Ok(Some(message));
        }
    }
}

/// Reads to the end of a line that nobody wants.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let (used, is_end) = match input.fill_buf()? {
            [] => return Ok(()),
            piece => match piece.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (piece.len(), false),
            },
        };
        input.consume(used);
        if is_end {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<Option<Value>> {
        let mut lines = Vec::new();
        while let Ok(Some(line)) = next_line(&mut input) {
            lines.push(match line {
                Line::Message(message) => Some(message),
                Line::Broken => None,
            });
        }
        lines
    }

    #[test]
    fn a_line_is_a_message_and_what_is_none_is_said() {
        let read = lines(b"{\"a\":1}\n\n  \r\nnonsense\n\xff\n[1]");
        let expected =
            [Some(serde_json::json!({ "a": 1 })), None, None, Some(serde_json::json!([1]))];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_line_without_end_is_skipped_and_the_next_is_read() {
        let mut input = vec![b'x'; 3 * LINE_BYTES_MAX];
        input.extend_from_slice(b"\n{}\n");
        assert_eq!(lines(&input), [None, Some(serde_json::json!({}))]);
    }
}
