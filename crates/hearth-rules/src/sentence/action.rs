//! Reads what is done.

use hearth_model::Severity;

use super::{cursor::Reader, writer::severity_name};
use crate::{Action, Mode};

/// How long a siren sounds that is told no time, in seconds.
const SIREN_SECONDS: u32 = 60;

/// What is held of a clip that is told no times: seconds before and after, and days.
const CLIP: (u32, u32, u16) = (10, 20, 30);

impl Reader<'_> {
    pub(super) fn action(&mut self) -> Option<Action> {
        let rules = [
            Self::notify,
            Self::record,
            Self::hold_clip,
            Self::alert,
            Self::siren,
            Self::arm,
            Self::privacy,
            Self::switch,
            Self::set,
            Self::preset,
            Self::call,
            Self::publish,
            Self::log,
        ];
        rules.into_iter().find_map(|rule| self.attempt(rule))
    }

    fn notify(&mut self) -> Option<Action> {
        self.any(&["notify", "tell"]).then_some(())?;
        let recipients = &self.known.recipients;
        let all: Vec<_> = recipients.iter().map(|(id, name)| (*id, name.as_str())).collect();
        let to = if self.any(&["everybody", "everyone"]) {
            Vec::new()
        } else {
            let to = self.list("and", |this| this.name(&all));
            (!to.is_empty()).then_some(to)?
        };
        let (mut severity, mut picture, mut text) = (Severity::Warning, false, None);
        loop {
            if let Some(named) = self.attempt(|t| t.words("as").then(|| t.severity()).flatten()) {
                severity = named;
            } else if self.words("urgently") {
                severity = Severity::Critical;
            } else if self.words("with a picture") {
                picture = true;
            } else if let Some(said) =
                self.attempt(|this| this.words("saying").then(|| this.quoted()).flatten())
            {
                text = Some(said);
            } else {
                break;
            }
        }
        Some(Action::Notify { to, severity, picture, text })
    }

    fn severity(&mut self) -> Option<Severity> {
        let word = self.word()?;
        let all = [Severity::Info, Severity::Warning, Severity::Critical];
        all.into_iter().find(|severity| severity_name(*severity) == word)
    }

    fn lasting(&mut self) -> Option<u32> {
        self.attempt(|this| this.words("for").then(|| this.duration()).flatten())
    }

    fn record(&mut self) -> Option<Action> {
        self.words("record").then_some(())?;
        let cameras = self.list("and", Self::camera);
        Some(Action::Record { cameras, seconds: self.lasting()? })
    }

    fn hold_clip(&mut self) -> Option<Action> {
        self.any(&["hold the clip", "keep the clip", "hold clip"]).then_some(())?;
        let (mut before_seconds, mut after_seconds, mut days) = CLIP;
        let told = self.attempt(|this| {
            let before = this.words("from").then(|| this.duration()).flatten()?;
            this.words("before to").then_some(())?;
            let after = this.duration()?;
            this.words("after").then_some((before, after))
        });
        if let Some(told) = told {
            (before_seconds, after_seconds) = told;
        }
        let told = self.attempt(|this| {
            this.words("for").then_some(())?;
            let days = this.whole()?;
            this.any(&["days", "day"]).then_some(days)
        });
        days = told.unwrap_or(days);
        Some(Action::HoldClip { before_seconds, after_seconds, days })
    }

    fn alert(&mut self) -> Option<Action> {
        self.any(&["raise a", "raise an"]).then_some(())?;
        let severity = self.severity()?;
        self.words("alert").then_some(())?;
        Some(Action::Alert { severity, title: self.quoted()? })
    }

    fn siren(&mut self) -> Option<Action> {
        let is_loud = self.words("sound the siren");
        (is_loud || self.words("silence the siren")).then_some(())?;
        let devices = self.list("and", Self::device);
        let seconds = if is_loud { self.lasting().unwrap_or(SIREN_SECONDS) } else { 0 };
        Some(Action::Siren { devices, seconds })
    }

    fn arm(&mut self) -> Option<Action> {
        if self.any(&["disarm the house", "disarm the alarm", "disarm"]) {
            return Some(Action::Arm { mode: Mode::Disarmed });
        }
        self.any(&["set the alarm to", "arm the house as", "arm the house", "arm"]).then_some(())?;
        Some(Action::Arm { mode: Mode::from_name(&self.word()?)? })
    }

    fn is_on(&mut self) -> Option<bool> {
        if self.words("on") { Some(true) } else { self.words("off").then_some(false) }
    }

    fn privacy(&mut self) -> Option<Action> {
        self.any(&["switch privacy", "turn privacy"]).then_some(())?;
        Some(Action::Privacy { on: self.is_on()?, for_seconds: self.lasting() })
    }

    /// `switch the hall light on`, `turn on the hall light`.
    fn switch(&mut self) -> Option<Action> {
        self.any(&["switch", "turn"]).then_some(())?;
        let first = self.is_on();
        let device = self.device()?;
        let on = match first {
            Some(on) => on,
            None => self.is_on()?,
        };
        Some(Action::Switch { device, on, for_seconds: self.lasting() })
    }

    fn set(&mut self) -> Option<Action> {
        self.words("set").then_some(())?;
        self.words("the");
        let control = self.word()?;
        let device = self.words("of").then(|| self.device()).flatten()?;
        let value = self.words("to").then(|| self.value()).flatten()?;
        Some(Action::Set { device, control, value })
    }

    fn preset(&mut self) -> Option<Action> {
        self.any(&["move", "turn"]).then_some(())?;
        let camera = self.camera()?;
        let preset = self.words("to").then(|| self.word()).flatten()?;
        Some(Action::Preset { camera, preset })
    }

    fn channel(&mut self) -> Option<hearth_model::ChannelId> {
        let channels = &self.known.channels;
        let all: Vec<_> = channels.iter().map(|(id, name)| (*id, name.as_str())).collect();
        self.name(&all)
    }

    fn call(&mut self) -> Option<Action> {
        let channel = self.words("call").then(|| self.channel()).flatten()?;
        Some(Action::Webhook { channel })
    }

    fn publish(&mut self) -> Option<Action> {
        let payload = self.words("publish").then(|| self.quoted()).flatten()?;
        let topic = self.words("under").then(|| self.quoted()).flatten()?;
        let channel = self.words("by").then(|| self.channel()).flatten()?;
        Some(Action::Mqtt { channel, topic, payload })
    }

    fn log(&mut self) -> Option<Action> {
        self.words("log").then_some(())?;
        if self.words("it") {
            return Some(Action::Log { text: None });
        }
        Some(Action::Log { text: Some(self.quoted()?) })
    }
}
